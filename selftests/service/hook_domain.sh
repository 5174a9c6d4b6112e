# SPDX-License-Identifier: GPL-2.0-or-later
#
# hook_domain.sh - domains for the tests of the libvirt hook, and what it says of them
#
# Sourced by the tests, after ktap.sh.

tapcompat=$(realpath "../../build${SANITIZE:+/sanitize}/tapcompat")
documents=$(realpath ../documents)
old=$documents/linux-6.1.json		# without host_uso, without vhost's ring reset
new=$documents/linux-6.12.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset TAPCOMPAT_CAPS
# Documents of other kernels are refused: pretend to run theirs.
fake_uname=$(realpath ../../build/selftests/service/uname.so)
kernel_of()
{
	jq -r .host.kernel "$1" 2>/dev/null
}
export ASAN_OPTIONS=verify_asan_link_order=0

namespace=http://tapcompat.io/xmlns/libvirt/domain/1.0
virtio="<model type='virtio'/>"
tap="<interface type='bridge'>$virtio<driver name='qemu'/></interface>"
vhost="<interface type='bridge'>$virtio<driver name='vhost'/></interface>"
either="<interface type='network'>$virtio</interface>"
macvtap="<interface type='direct'>$virtio</interface>"
user="<interface type='user'>$virtio</interface>"
e1000="<interface type='bridge'><model type='e1000'/></interface>"

# fake_qemu RELEASE: a program that looks like a QEMU, and is never run
fake_qemu()
{
	mkdir -p "$work/$1"
	printf '\177ELF    QEMU emulator version %s (Debian 1:%s)\n' "$1" "$1" \
		>"$work/$1/qemu-system-x86_64"
	chmod +x "$work/$1/qemu-system-x86_64"
	echo "$work/$1/qemu-system-x86_64"
}

new_qemu=$(fake_qemu 10.0.2)
printf '#!/bin/sh\nexec tapcompat run -q -- %s "$@"\n' "$new_qemu" >"$work/qemu-wrapper"
printf '#!/bin/sh\nexec %s "$@"\n' "$new_qemu" >"$work/other-wrapper"
type=kvm machine='' emulator=''

# domain METADATA INTERFACES [MORE]: into a file
domain()
{
	cat >"$work/domain" <<-EOF
	<domain type='${type:-kvm}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
	  <name>web1</name>
	  <metadata>$1</metadata>
	  <os><type${machine:+ machine='$machine'}>hvm</type></os>
	  <devices>${emulator:+<emulator>$emulator</emulator>}$2</devices>
	  ${3:-}
	</domain>
	EOF
}

# marked ATTRIBUTES INTERFACES [RECORD [MORE]]
marked()
{
	domain "<tapcompat:net xmlns:tapcompat='$namespace' $1>${3:-}</tapcompat:net>" "$2" \
		"${4:-}"
}

# as CAPS COMMAND...: under the kernel of that document
as()
{
	kernel=$(kernel_of "$1")
	shift
	LD_PRELOAD=$fake_uname UNAME_RELEASE=$kernel "$@"
}

# hook STATUS CAPS OPERATION [PHASE]: for the domain in the file; stdout must stay empty
hook()
{
	set -- "$1" "$2" "$3" "${4:-begin}"
	as "$2" "$tapcompat" hook --caps="$2" web1 "$3" "$4" - <"$work/domain" >"$work/out" \
		2>"$work/err"
	came "$?" "$1"
}

came()
{
	cat "$work/err"
	[ ! -s "$work/out" ] || { echo "something on stdout"; return 1; }
	! grep -E 'Sanitizer|runtime error' "$work/err" || return
	[ "$1" = "$2" ] || { echo "status $1 instead of $2"; return 1; }
}

said()
{
	grep -q -- "$1" "$work/err" || { echo "not said: $1"; return 1; }
}

unsaid()
{
	! grep -- "$1" "$work/err"
}

# record STRICT FEATURES: as tapcompat-vm(5) has it
record()
{
	jq -n --argjson strict "$1" --arg names "$2" \
		--argjson table '{"csum": 0, "guest_csum": 1, "host_uso": 56}' '
		($names | split(",")) as $names |
		{schema: "tapcompat-vm", version: 1, strict: $strict,
		 requested: ($names | map({key: ., value: "require"}) | from_entries),
		 effective: {mask: $mask, features: $names}, emulated: []}' --arg mask \
		"$(case $2 in csum,guest_csum) echo 0x3 ;; *) echo 0x100000000000001 ;; esac)" |
		sed 's/"/\&quot;/g'
}

named_tap="<interface type='bridge'>$virtio<driver name='qemu'/><alias name='ua-a'/></interface>"
named_vhost="<interface type='bridge'>$virtio<driver name='vhost'/><alias name='ua-b'/></interface>"

# property NAME VALUE [TYPE]
property()
{
	echo "<qemu:property name='$1' type='${3:-bool}' value='$2'/>"
}

# override ALIAS PROPERTIES
override()
{
	echo "<qemu:device alias='$1'><qemu:frontend>$2</qemu:frontend></qemu:device>"
}

# others_off FEATURES: the XML that has all other features off, for both interfaces
others_off()
{
	off=$("$tapcompat" models tapnet-v3 -j | jq -r '.models[0].features[]' |
		grep -vxE "$(echo "$1" | tr , '|')" | while read -r name; do
			property "$name" false
		done)
	echo "<qemu:override>$(override ua-a "$off")$(override ua-b "$off")</qemu:override>"
}
