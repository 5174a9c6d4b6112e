#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hook.sh - the libvirt hook: what it refuses and what it never refuses
. ../ktap.sh

. ./hook_domain.sh

# ---- Operations

refused_operations()
{
	marked "require='host_uso'" "$tap"
	for operation in prepare start restore migrate; do
		hook 1 "$old" $operation && said "guest 'web1' may not" &&
			said "tap lacks host_uso:" && hook 0 "$new" $operation || return
	done
}

other_operations()
{
	marked "require='host_uso'" "$tap"
	for operation in started stopped release attach reconnect later ''; do
		hook 0 "$old" "$operation" && hook 0 /nonexistent "$operation" || return
	done
	for operation in prepare start restore migrate; do
		hook 0 "$old" $operation end || return
	done
}

ways_out()
{
	marked "require='host_uso,guest_uso4'" "$tap$vhost" &&
		hook 1 "$old" migrate &&
		head -n1 "$work/err" |
			grep -q "^tapcompat: guest 'web1' may not migrate here: tap" &&
		said "tap lacks guest_uso4, host_uso: TUNSETOFFLOAD.*; Linux 6.2 has it$" &&
		said "vhost-net lacks guest_uso4, host_uso:" &&
		said "way out: run a newer kernel: Linux 6.2" &&
		[ "$(grep -c 'run a newer kernel' "$work/err")" = 1 ] &&
		unsaid "-device" && unsaid "--model" && unsaid "virsh edit" &&
		said "emulate it: virsh migrate --xml and --persistent-xml: allow-emulated" &&
		said "shut it down, stop requiring guest_uso4,host_uso in its metadata, and" &&
		hook 1 "$old" restore && said "emulate it: virsh save-image-edit or managed" &&
		said "discard the saved state, stop requiring guest_uso4,host_uso in its" &&
		unsaid "virsh edit" && hook 1 "$old" start &&
		said "virsh edit: stop requiring guest_uso4,host_uso in its metadata" &&
		marked "" "$named_tap" "$(record true csum,host_uso)" &&
		hook 1 "$old" migrate && said "a running guest keeps its features" &&
		said "replace its record by one without host_uso" &&
		hook 1 "$old" start && unsaid "running guest" &&
		said "way out: virsh edit: replace its record by one without host_uso" &&
		unsaid "-device" && unsaid "restart it cold" &&
		marked "require='queue_reset'" "$vhost" && hook 1 "$old" start &&
		said "virsh edit: <driver name='qemu'/>: QEMU then" &&
		hook 1 "$old" migrate &&
		said "migrate --xml .*: <driver name='qemu'/> if the interface has a <driver>"
}

# A dependency that is missing is named with the feature that needs it.
completed()
{
	jq -c '(.backends[] | select(.type == "tap")) |= (.native |= sub("83$"; "82") |
		.features |= map(if .name == "csum" then .state = "absent" |
			.verified = "untested" | .detail = "EINVAL" else . end))' "$new" \
		>"$work/no-csum.json"
	marked "require='host_uso'" "$tap" && hook 1 "$work/no-csum.json" start &&
		said "tap lacks csum (which host_uso needs): EINVAL"
}

# ---- Links

linked()
{
	marked "require='host_uso'" "$tap"
	mkdir -p "$work/qemu.d"
	for name in tapcompat 50-tapcompat qemu hook check reconnect; do
		ln -sf "$tapcompat" "$work/qemu.d/$name"
		for guest in web1 check hook probe --help -j reconnect begin; do
			TAPCOMPAT_CAPS=$old as "$old" "$work/qemu.d/$name" "$guest" start begin - \
				<"$work/domain" >"$work/out" 2>"$work/err"
			came $? 1 && said "guest '$guest' may not start here" || return
			TAPCOMPAT_CAPS=$new as "$new" "$work/qemu.d/$name" "$guest" start begin - \
				<"$work/domain" >"$work/out" 2>"$work/err"
			came $? 0 || return
			TAPCOMPAT_CAPS=$old "$work/qemu.d/$name" "$guest" reconnect begin - \
				<"$work/domain" >"$work/out" 2>"$work/err"
			came $? 0 || return
		done
	done
}

# Calls unlike libvirt's are ordinary commands.
no_link()
{
	for arguments in "check a b c" "web1 start now -" "web1 start begin" \
			"check a begin b" "check start begin - -"; do
		# shellcheck disable=SC2086
		"$tapcompat" $arguments <"$work/domain" >"$work/out" 2>"$work/err"
		came $? 2 && unsaid "guest '" || return
	done
}

# ---- reconnect

reconnect()
{
	"$tapcompat" "$@" reconnect begin - >"$work/out" 2>"$work/err"
	came $? 0
}

reconnect_hostile()
{
	export TAPCOMPAT_CAPS=/nonexistent
	printf '<!DOCTYPE \0\377' | reconnect web1 &&
		head -c 20000000 /dev/zero | reconnect web1 &&
		reconnect web1 </dev/zero && reconnect web1 </dev/null && reconnect web1 </ &&
		reconnect web1 <&- && reconnect hook web1 <&- && reconnect '' <&- &&
		reconnect hook --caps=/nonexistent web1 </dev/null &&
		reconnect hook --nonsense web1 </dev/null && reconnect -j hook web1 </dev/null &&
		reconnect --nonsense hook a b c d </dev/null || return
	unset TAPCOMPAT_CAPS
	"$tapcompat" web1 reconnect begin - </dev/null >&- 2>&- &&
		"$tapcompat" hook web1 reconnect begin - </dev/null >/dev/full 2>/dev/full &&
		"$tapcompat" hook web1 reconnect later - </dev/null
}

# Standard input is always read to its end.
drained()
{
	marked "require='host_uso'" "$tap"
	for call in "web1 start begin -" "web1 reconnect begin -" "web1 stopped end -"; do
		# shellcheck disable=SC2086
		{ cat "$work/domain" && head -c 20000000 /dev/zero && echo >"$work/whole"; } |
			"$tapcompat" $call >"$work/out" 2>"$work/err"
		[ -e "$work/whole" ] || { echo "$call"; return 1; }
		rm "$work/whole"
	done
}

# ---- Metadata

# Without metadata nothing else is read, not even the document.
unmarked()
{
	for metadata in "" "<net model='no'/>" "<a:net xmlns:a='urn:a'/>" \
			"<tapcompat:net xmlns:tapcompat='$namespace/1'/>"; do
		domain "$metadata" "$tap" && hook 0 /nonexistent start && [ ! -s "$work/err" ] ||
			return
	done
}

other_prefix()
{
	domain "<net xmlns='$namespace' require='host_uso'/>" "$tap" && hook 1 "$old" start
}

models()
{
	marked "model='tapnet-v1'" "$tap" && hook 0 "$old" start &&
		marked "model='tapnet-v2'" "$tap" && hook 1 "$old" start && hook 0 "$new" start &&
		marked "model='tapnet-v1' require='host_uso'" "$tap" && hook 1 "$old" start &&
		said "lacks host_uso:" && marked "model='tapnet-v999'" "$tap" &&
		hook 2 "$old" start && said "unknown model 'tapnet-v999'"
}

# The alias is refused with the name to use instead, even if this host provides all of it.
aliased()
{
	stable=$("$tapcompat" models -j | jq -r '."stands-for"')
	for alias in tapnet TAPNET; do
		marked "model='$alias'" "$tap" && hook 2 "$new" start &&
			said "model='$alias' in its metadata is an alias for the newest model" &&
			said "use model='$stable'$" || return
	done
	marked "model='$stable'" "$tap" && hook 0 "$new" start
}

bad_metadata()
{
	marked "require='nonsense'" "$tap" && hook 2 "$new" start &&
		said "require in its metadata: unknown feature 'nonsense'" &&
		marked "require=''" "$tap" && hook 2 "$new" start &&
		marked "allow-emulated='1'" "$tap" && hook 2 "$new" start &&
		said "line 3: allow-emulated is '1', expected 'yes' or 'no'" &&
		domain "<t:disk xmlns:t='$namespace'/>" "$tap" && hook 2 "$new" start &&
		said "it needs a newer tapcompat" &&
		domain "<net xmlns='$namespace'/><net xmlns='$namespace'/>" "$tap" &&
		hook 2 "$new" start && said "second <net> element"
}

unknown_attributes()
{
	marked "require='csum' later='1' x:y='2' xmlns:x='urn:x'" "$tap" && hook 0 "$new" start &&
		said "a newer tapcompat may be needed: later, y$"
}

asks_for_nothing()
{
	marked "" "$tap" && hook 0 /nonexistent start && said "requires nothing"
}

emulated()
{
	marked "require='host_uso'" "$tap" && hook 1 "$old" start &&
		said "let tapcompat emulate it: virsh edit: allow-emulated='yes' in its" &&
		marked "require='host_uso' allow-emulated='no'" "$tap" && hook 1 "$old" start &&
		emulator=$work/qemu-wrapper &&
		marked "require='host_uso' allow-emulated='yes'" "$tap" && hook 0 "$old" start &&
		said "tap: host_uso: emulated: start QEMU with 'tapcompat run'" &&
		unsaid "is not a script"
}

# Nothing is emulated unless the emulator starts QEMU with the shim.
emulator()
{
	for emulator in "" "$new_qemu" /nonexistent "$work" qemu-wrapper \
			"$work/other-wrapper"; do
		marked "require='host_uso' allow-emulated='yes'" "$tap" && hook 1 "$old" start &&
			said "host_uso must be emulated, but its <emulator>.*is not a script" &&
			hook 0 "$new" start && said "nothing is emulated" &&
			marked "require='host_uso'" "$tap" && hook 0 "$new" start &&
			unsaid "nothing is emulated" || return
	done
}

# A host whose tap has host_uso in one state
with_uso()
{
	jq --arg state "$1" --arg verified "$2" '(.backends[] | select(.type == "tap")) |=
		(.native = "0x407f83" | .features |= map(if .name == "host_uso" then
			.state = $state | .verified = $verified | .detail = "why" else
			if .bit == 54 or .bit == 55 then .state = "absent" else . end end))' "$new"
}

statuses()
{
	with_uso absent failed >"$work/failed" && with_uso unknown untested >"$work/unknown"
	marked "require='host_uso'" "$tap"
	hook 4 "$work/failed" start && said "tap corrupts frames with host_uso: why" &&
		hook 3 "$work/unknown" start && said "tap could not be probed for host_uso: why" &&
		marked "require='host_uso,guest_uso4'" "$tap" &&
		hook 1 "$work/failed" start && hook 1 "$work/unknown" start || return
	# Also among several backends.
	jq '.backends |= map(if .type == "macvtap" then {type, available: false} else . end)' \
		"$work/failed" >"$work/worse"
	jq '.backends |= map(select(.type != "macvtap"))' "$work/failed" >"$work/less"
	marked "require='host_uso'" "$tap$macvtap" && hook 1 "$work/worse" start &&
		hook 4 "$work/less" start
}

# What a feature needs is required with it.
completed()
{
	jq '(.backends[] | select(.type == "tap")) |= (.native = "0x1c0000000407f82" |
		(.features[] | select(.name == "csum") | .state) = "absent")' "$new" >"$work/half"
	marked "require='host_uso'" "$tap" && hook 1 "$work/half" start && said "tap lacks csum"
}

bad_document()
{
	marked "require='csum'" "$tap" && hook 2 /nonexistent start &&
		said "/nonexistent: No such" && hook 2 hook.sh start
}

# ---- Backends

backends()
{
	require="require='queue_reset'"		# a tap alone has QEMU's rings
	marked "$require" "$tap" && hook 0 "$old" start &&
		marked "$require" "$vhost" && hook 1 "$old" start && said "vhost-net lacks" &&
		marked "$require" "$either" && hook 1 "$old" start && said "vhost-net lacks" &&
		marked "$require" "$macvtap" && hook 0 "$old" start &&
		marked "$require" "$tap$vhost" && hook 1 "$old" start &&
		marked "$require" "$tap$vhost" && hook 0 "$new" start &&
		marked "require='host_uso'" "$macvtap" && hook 1 "$old" start &&
		said "macvtap lacks"
}

# Without vhost-net, libvirt falls back to the tap alone.
falls_back()
{
	jq '.backends |= map(if .type == "vhost-net" then {type, available: false,
		detail: "no"} else . end)' "$new" >"$work/plain"
	marked "require='queue_reset'" "$either" && hook 0 "$work/plain" start &&
		said "this host has no vhost-net" &&
		marked "require='queue_reset'" "$vhost" && hook 1 "$work/plain" start &&
		unsaid "this host has no vhost-net" || return
	# If vhost-net is unknown, so are its features.
	jq '.backends |= map(select(.type != "vhost-net"))' "$new" >"$work/silent"
	marked "require='queue_reset'" "$either" && hook 3 "$work/silent" start
}

skipped()
{
	marked "require='host_uso'" "$user$e1000$tap" && hook 1 "$old" start &&
		said "interface 1 is not checked: type 'user'" &&
		said "interface 2 is not checked: not virtio" && unsaid "interface 3" &&
		marked "require='host_uso'" "$user$e1000" && hook 0 /nonexistent start &&
		said "not checked: it has no virtio interface" &&
		marked "require='host_uso'" "" && hook 0 /nonexistent start &&
		said "not checked: it has no virtio interface"
}

quiet()
{
	marked "require='csum' later='1'" "$user$tap" &&
		as "$new" "$tapcompat" hook -q --caps="$new" web1 start begin - <"$work/domain" \
			>"$work/out" 2>"$work/err"
	came $? 0 && said later && unsaid "interface 1"
}

# ---- Records

records()
{
	marked "" "$named_tap" "$(record true csum,host_uso)" "$(others_off csum,host_uso)"
	for operation in prepare start restore migrate; do
		hook 1 "$old" $operation && said "tap lacks host_uso, by the guest's record" &&
			hook 0 "$new" $operation || return
	done
	marked "" "$named_tap$named_vhost" "$(record true csum,guest_csum)" \
		"$(others_off csum,guest_csum)" && hook 0 "$old" migrate &&
		marked "require='host_uso'" "$tap" "$(record true csum,guest_csum)" &&
		hook 1 "$old" migrate && said "tap lacks host_uso:"
}

# It may start here but not migrate here.
loose_records()
{
	marked "" "$tap" "$(record false csum,guest_csum)" && hook 0 "$new" prepare &&
		hook 0 "$new" start && hook 1 "$new" migrate && said "it is not strict" &&
		said "way out: virsh metadata --live --config: allow-non-strict='yes'" &&
		hook 1 "$new" restore && said "save-image-edit.*allow-non-strict='yes'" &&
		marked "allow-non-strict='yes'" "$tap" "$(record false csum,guest_csum)" &&
		hook 0 "$new" migrate && hook 0 "$new" restore &&
		marked "allow-non-strict='yes'" "$tap" "$(record false csum,host_uso)" &&
		hook 1 "$old" migrate
}

# Without KVM, libvirt does not use vhost-net.
without_vhost()
{
	type=qemu
	for interface in "$vhost" "$either"; do
		marked "require='queue_reset'" "$interface" && hook 0 "$old" start || return
	done
	type=kvm && marked "require='queue_reset'" "$vhost" && hook 1 "$old" start
}

# A document says nothing of another kernel.
other_kernel()
{
	marked "require='csum'" "$tap" &&
		as "$new" "$tapcompat" hook --caps="$old" web1 start begin - \
			<"$work/domain" >"$work/out" 2>"$work/err"
	came $? 2 && said "was probed under Linux $(kernel_of "$old"), and Linux" &&
		said "$(kernel_of "$new") is running: run tapcompat probe -j again"
}

many_interfaces()
{
	marked "require='host_uso'" "$(yes "$tap" | head -n 1025)" && hook 2 "$old" start &&
		said "more than 1024 interfaces"
}

bad_records()
{
	for text in garbage '{}' '{"schema": "tapcompat-vm", "version": 2}' \
			'[[[[[[[[[[[[]]]]]]]]]]]]' \
			"$(record true csum,guest_csum | sed 's/0x3/0x1/')"; do
		marked "" "$tap" "$text" && hook 2 "$new" start &&
			said "the record in its metadata" || return
	done
}

# ---- Hostile domains

hostile()
{
	"$tapcompat" hook --caps="$new" web1 migrate begin - >"$work/out" 2>"$work/err"
	came $? 2 && said "guest 'web1' may not migrate here: the domain's XML" && unsaid root:
}

hostile_domains()
{
	marked "require='csum'" "$tap"
	{
		echo '<!DOCTYPE d [<!ENTITY a "laugh">'
		for i in b:a c:b d:c e:d f:e g:f h:g i:h; do
			yes "&${i#*:};" | head -n 10 | tr -d '\n' |
				sed "s/.*/<!ENTITY ${i%:*} \"&\">/;"' s/\\//g'
		done
		echo ']><domain>&i;</domain>'
	} | hostile && said "document type" &&
	echo '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><domain>&a;</domain>' |
		hostile && said "document type" &&
	{ echo '<!DOCTYPE domain>'; cat "$work/domain"; } | hostile && said "document type" &&
	{ cat "$work/domain"; head -c 9437184 /dev/zero | tr '\0' ' '; } | hostile &&
		said "larger than" &&
	{ cat "$work/domain"; printf '\0'; } | hostile && said "NUL" &&
	sed 's/web1/\xff\xfe/' "$work/domain" | hostile && said "UTF-8" &&
	sed '$d' "$work/domain" | hostile && said "line" &&
	sed 's/domain/machine/' "$work/domain" | hostile && said "expected libvirt's <domain>" &&
	{ echo '<domain>'; yes '<a>' | head -n 100000; } | hostile &&
	{ echo '<domain>'; yes '<a>' | head -n 100000; yes '</a>' | head -n 100000
	  echo '</domain>'; } | hostile &&
	hostile </dev/null && said "it is empty" && hostile <&- && hostile </ &&
	hostile </dev/zero && echo garbage | hostile
}

# Control sequences are escaped.
escaped()
{
	marked "require='host_uso'" "$user$tap" &&
		as "$old" "$tapcompat" hook --caps="$old" "$(printf 'a\033[31m\nb')" start begin - \
			<"$work/domain" >"$work/out" 2>"$work/err"
	came $? 1 && said "guest 'a\\\\x1b\[31m\\\\x0ab' may not" || return
	marked "require='&#x202e;csum'" "$tap" && hook 2 "$old" start &&
		! LC_ALL=C grep -n "[^ -~]" "$work/err"
}

# ---- Environment

usage()
{
	marked "require='csum'" "$tap"
	for arguments in "hook" "hook a" "hook a start begin" "hook a start begin - b" \
			"hook --nonsense a start begin -" "-j hook a" "hook -j --caps"; do
		# shellcheck disable=SC2086
		"$tapcompat" $arguments <"$work/domain" >"$work/out" 2>"$work/err"
		came $? 2 || return
	done
	as "$new" "$tapcompat" -j hook --caps="$new" -- -j start begin - <"$work/domain" \
		>"$work/out" 2>"$work/err"
	came $? 0
}

# This host, verified with frames.
probes()
{
	marked "require='csum,host_tso4'" "$tap"
	"$tapcompat" web1 start begin - <"$work/domain" >"$work/out" 2>"$work/err"
	got=$?
	"$tapcompat" check --require=csum,host_tso4 >/dev/null 2>&1
	came $got $?
}

# Whichever allocation fails, it never accepts a domain that it has not parsed.
starved()
{
	marked "model='tapnet-v1' require='host_uso'" "$tap" "$(record true csum,host_uso)"
	at=0
	while [ $((at += 1)) -lt 200 ]; do
		FAIL_AT=$at LD_PRELOAD=$failmalloc TAPCOMPAT_CAPS=$old \
			"$tapcompat" web1 start begin - <"$work/domain" >"$work/out" 2>"$work/err"
		case $? in
		1|2|3) ;;
		*) echo "allocation $at"; cat "$work/err"; return 1 ;;
		esac
		[ ! -s "$work/out" ] || return
		grep -q "out of memory" "$work/err" && hungry=1
	done
	[ -n "$hungry" ] || { echo "no allocation failed"; return 1; }
	FAIL_AT=1 LD_PRELOAD=$failmalloc "$tapcompat" web1 reconnect begin - <"$work/domain"
}

# A complete domain, valid by libvirt's schema.
valid()
{
	cat >"$work/valid" <<-EOF
	<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
	  <name>web1</name>
	  <metadata>
	    <tapcompat:net xmlns:tapcompat='$namespace' model='tapnet-v1' require='host_uso,csum'
	      allow-emulated='yes' allow-non-strict='no'
	      >$(record true csum,host_uso)</tapcompat:net>
	  </metadata>
	  <memory>1048576</memory>
	  <os><type>hvm</type>$1</os>
	  <devices>
	    <emulator>$work/qemu-wrapper</emulator>
	    <interface type='bridge'><source bridge='br0'/>$virtio
	      <driver name='vhost'/><alias name='ua-b'/></interface>
	  </devices>
	  $(others_off csum,host_uso)
	</domain>
	EOF
	virt-xml-validate "$work/valid" domain && cp "$work/valid" "$work/domain"
}

valid_and_judged()
{
	valid && hook 0 "$old" start && hook 0 "$new" start &&
		sed -i "s/allow-emulated='yes'/allow-emulated='no'/" "$work/domain" &&
		hook 1 "$old" start && hook 0 "$new" start
}

ktap_plan 42
ktap "prepare, start, restore and migrate are refused" refused_operations
ktap "other operations and phases are accepted" other_operations
ktap "missing features and ways out, each once" ways_out
ktap "missing dependencies, with the features that need them" completed
ktap "a link of any name, a guest of any name" linked
ktap "other calls are commands" no_link
ktap "reconnect is never refused" reconnect_hostile
ktap "standard input is read to its end" drained
ktap "a domain without metadata: nothing else is read" unmarked
ktap "the namespace counts, not its prefix" other_prefix
ktap "models and features" models
ktap "the alias of a model is refused" aliased
ktap "invalid metadata is refused" bad_metadata
ktap "unknown attributes are reported" unknown_attributes
ktap "metadata without requirements" asks_for_nothing
ktap "allow-emulated" emulated
ktap "allow-emulated with an emulator that does not emulate" emulator
ktap "the worst status wins" statuses
ktap "dependencies are required, too" completed
ktap "a bad document of this host" bad_document
ktap "backends by driver and type" backends
ktap "no vhost-net: a tap alone" falls_back
ktap "other interfaces are skipped" skipped
ktap "--quiet" quiet
ktap "a strict record" records
ktap "a record that is not strict" loose_records
ktap "domains without KVM" without_vhost
ktap "a document of another kernel" other_kernel
ktap "many interfaces" many_interfaces
ktap "bad records" bad_records
ktap "hostile domains" hostile_domains
ktap "escaping" escaped
ktap "usage errors leave stdout empty" usage
if "$tapcompat" probe --no-verify --backend=tap >/dev/null 2>&1; then
	ktap "this host is probed as by check" probes
else
	ktap_skip "this host is probed as by check" "it cannot be probed"
fi
failmalloc=$(realpath ../../build/selftests/service/failmalloc.so)
if [ -z "${SANITIZE:-}" ] && [ -e "$failmalloc" ]; then
	ktap "out of memory" starved
else
	ktap_skip "out of memory" \
		"malloc is the sanitizer's, or failmalloc is not built"
fi
ktap "a domain valid by libvirt's schema is checked" valid_and_judged
ktap_not "the schema takes anything" valid "<nonsense/>"
# Each of these inverts a test above, to show that it can fail.
marked "require='host_uso'" "$tap"
ktap_not "a refusal is not a success" hook 0 "$old" start
ktap_not "a success is not a refusal" hook 1 "$new" start
ktap_not "output on stdout is detected" came 0 0 "$(echo x >"$work/out")"
ktap_not "a missing message is detected" said "no such word"
ktap_not "the same is refused without reconnect" sh -c \
	"TAPCOMPAT_CAPS=$old $tapcompat web1 start begin - <$work/domain"
ktap_end
