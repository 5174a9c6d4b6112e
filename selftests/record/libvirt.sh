#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# libvirt.sh - a record as metadata of a libvirt domain: virsh takes it, and it is read back
. ../ktap.sh

tapcompat=$(realpath "../../build${SANITIZE:+/sanitize}/tapcompat")
documents=$(realpath ../documents)
new=$documents/linux-6.12.json
uri=http://tapcompat.io/xmlns/libvirt/domain/1.0
qemu=$(command -v qemu-system-x86_64)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# for_virsh FILE: as one word of virsh's own command language
for_virsh()
{
	printf "'%s'" "$(sed "s/'/'\\\\''/g" "$1")"
}

# set_and_get CONNECTION DOMAIN FILE [MORE]: what virsh prints of metadata that it was given
set_and_get()
{
	timeout 60 virsh -q -c "$1" "${4:-}metadata $2 --config --uri $uri --key tapcompat \
		--set $(for_virsh "$3"); metadata $2 --config --uri $uri" >"$work/metadata" &&
		grep -q '^<net' "$work/metadata" || { cat "$work/metadata"; return 1; }
}

record()
{
	"$tapcompat" record --caps="$new" "$@" >"$work/record" 2>"$work/err" ||
		{ cat "$work/err"; return 1; }
}

# What virsh takes is what virsh gives, and the record is read back.
virsh_takes()
{
	record --model=tapnet-v1 --qemu-version=10.0 && cp "$work/record" "$work/json" &&
		record --model=tapnet-v1 --qemu-version=10.0 --format=libvirt &&
		set_and_get test:///default test "$work/record" &&
		record --update="$work/metadata" --qemu-version=10.0 &&
		cmp "$work/json" "$work/record" &&
		"$tapcompat" check --vm="$work/metadata" --caps="$new" >"$work/out" &&
		"$tapcompat" compare --error "$work/metadata" "$work/json" >"$work/out" &&
		"$tapcompat" baseline --vm="$work/metadata" "$new" >"$work/out"
}

# The attributes of <net> are the administrator's.
attributes_stay()
{
	record --require=csum --qemu-version=8.2 &&
		printf "<net allow-emulated='yes' require='csum'>%s</net>" \
			"$(cat "$work/record")" >"$work/given" &&
		set_and_get test:///default test "$work/given" &&
		record --update=- --format=libvirt <"$work/metadata" &&
		grep -q "^<net require='csum' allow-emulated='yes'>{" "$work/record" &&
		set_and_get test:///default test "$work/record" &&
		grep -q '^<net require="csum" allow-emulated="yes">{' "$work/metadata"
}

# A whole domain has the namespace that virsh metadata leaves out.
whole_domain()
{
	record --model=tapnet-v1 --format=libvirt &&
		timeout 60 virsh -q -c test:///default "metadata test --config --uri $uri \
			--key tapcompat --set $(for_virsh "$work/record"); \
			dumpxml test --inactive" >"$work/domain" &&
		grep -q "<tapcompat:net xmlns:tapcompat=" "$work/domain" &&
		record --update="$work/domain" &&
		[ "$(jq -r .effective.model "$work/record")" = tapnet-v1 ]
}

# Whatever a document contains, the output is one element and a comment.
foreign_text()
{
	record --require=csum && jq -c '. + {"note": "</net><x a=\"1\"/>&amp; -- ]]>",
		"device": "host_uso=off--><x/>,csum=on"}' "$work/record" >"$work/json" &&
		printf "<net>%s</net>" "$(sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' \
			"$work/json")" >"$work/given" &&
		record --update="$work/given" --format=libvirt &&
		xmllint --noout "$work/record" && set_and_get test:///default test "$work/record" &&
		record --update="$work/metadata" &&
		[ "$(jq -r .note "$work/record")" = '</net><x a="1"/>&amp; -- ]]>' ]
}

refuse()
{
	printf '%s' "$2" >"$work/given"
	"$tapcompat" record --caps="$new" --update="$work/given" >"$work/out" 2>"$work/err"
	[ $? = "$1" ] && grep -q -- "$3" "$work/err" || { cat "$work/err"; return 1; }
}

refusals()
{
	good=$("$tapcompat" record --require=csum --caps="$new" 2>/dev/null)
	refuse 2 "<net model='tapnet-v1'/>" "it has no record: run tapcompat record" &&
		refuse 2 "<net>x" "line 1" && refuse 2 "<other/>" "root element is <other>" &&
		refuse 2 "<net>{}</net>" "version is missing" &&
		refuse 3 "<net later='1'>$good</net>" "the attribute 'later'" &&
		refuse 2 "<!DOCTYPE net><net>$good</net>" "DOCTYPE" &&
		refuse 2 "<net>&lt;net>$good&lt;/net></net>" "given" &&
		refuse 2 "<net xmlns='urn:other'>$good</net>" "root element" || return
	"$tapcompat" record -j --format=libvirt --require=csum --caps="$new" >"$work/out" 2>&1
	[ $? = 2 ] && "$tapcompat" record --format=xml --require=csum >"$work/out" 2>&1
	[ $? = 2 ]
}

# libvirt's QEMU driver inside virsh, as a user: it refuses to start as root without the
# user that Debian's libvirtd creates.
embedded()
{
	mkdir -p "$work/root" && chown 65534:65534 "$work/root" &&
		HOME=$work/root timeout 120 setpriv --reuid=65534 --regid=65534 --clear-groups \
			virsh -q -c "qemu:///embed?root=$work/root" "$@"
}

# The XML behind the record makes a domain that libvirt defines and the filter leaves alone.
libvirt_defines()
{
	rm -rf "$work/root"
	record --model=tapnet-v1 --qemu-version=7.2 --format=libvirt "$@" || return
	sed -n '/<qemu:override>/,/<\/qemu:override>/p' "$work/record" >"$work/override"
	cat >"$work/domain" <<-EOF
	<domain type='qemu' $(grep -o "xmlns:qemu='[^']*'" "$work/record")>
	  <name>web1</name>
	  <memory unit='MiB'>64</memory>
	  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
	  <devices>
	    <emulator>$qemu</emulator>
	    <interface type='bridge'>
	      <source bridge='br0'/><model type='virtio'/>
	      $(grep -E "^<(alias|mtu|driver)" "$work/record")
	    </interface>
	  </devices>
	$(cat "$work/override")
	</domain>
	EOF
	embedded "define $work/domain; metadata web1 --config --uri $uri --key tapcompat \
		--set $(for_virsh "$work/record"); dumpxml web1 --inactive" >"$work/defined" ||
		return
	grep -q "<qemu:property name='queue_reset' type='bool' value='false'/>" \
		"$work/defined" && "$tapcompat" domain <"$work/defined" >"$work/held" &&
		cmp "$work/defined" "$work/held" || { cat "$work/defined"; return 1; }
}

card=host-mtu=1450,queue-pairs=4,vectors=12,rx-queue-size=1024,speed=10000,duplex=full

ktap_plan 8
ktap "virsh takes a record, and prints what is read back" virsh_takes
ktap "an update keeps the attributes of the metadata" attributes_stay
ktap "a record in a whole domain" whole_domain
ktap "foreign text in a record" foreign_text
ktap "what is no record" refusals
if [ "$(id -u)" != 0 ] || ! embedded list >"$work/out" 2>&1; then
	for name in "libvirt defines the XML that goes with it" "with a network card"; do
		ktap_skip "$name" "no embedded QEMU driver: $(tail -n1 "$work/out" 2>/dev/null)"
	done
else
	ktap "libvirt defines the XML that goes with it" libvirt_defines
	ktap "with a network card" libvirt_defines --nic=$card
fi
ktap_not "a change of the record is detected" refuse 2 "<net>$(record --require=csum &&
	cat "$work/record")</net>" "error"
ktap_end
