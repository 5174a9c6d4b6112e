#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# libvirt.sh - libvirt's domains by name and UUID, from a libvirtd of its own
. ../ktap.sh

build=$(cd ../.. && pwd)/build
tapcompat=$build/tapcompat
virsh="virsh -c qemu:///system"

if [ "${1:-}" != inside ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	if ! command -v libvirtd >/dev/null || ! command -v virsh >/dev/null; then
		ktap_plan 1
		ktap_skip "libvirt" "libvirtd or virsh is not installed"
	elif ! unshare -n -m true 2>"$work/err"; then
		ktap_plan 1
		ktap_skip "libvirt" "no namespaces can be made: $(cat "$work/err")"
	else
		# Not exec: what is mounted below is gone before the directory is removed.
		unshare -n -m --propagation private "$0" inside "$work" || ktap_failed=1
	fi
	ktap_end
fi
work=$2

# Everything that a libvirtd writes is in this mount namespace only.
world()
{
	mkdir -p "$work/etc" /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /etc/libvirt &&
		mount -t tmpfs tmpfs /run && mkdir -p /run/libvirt || return
	for directory in lib cache log; do
		mount -t tmpfs tmpfs "/var/$directory/libvirt" || return
	done
	cat >"$work/etc/qemu.conf" <<-'CONF'
	security_driver = "none"
	user = "root"
	group = "root"
	cgroup_controllers = []
	namespaces = []
	remember_owner = 0
	stdio_handler = "file"
	CONF
	printf 'auth_unix_ro = "none"\nauth_unix_rw = "none"\nunix_sock_ro_perms = "0777"\n' \
		>"$work/etc/libvirtd.conf"
	# Names that QEMU's driver looks up, whoever runs the guests.
	{ cat /etc/passwd; echo "libvirt-qemu:x:64055:64055::/:/bin/false"; } >"$work/passwd"
	{ cat /etc/group; echo "libvirt-qemu:x:64055:"; echo "kvm:x:64056:"; } >"$work/group"
	mount --bind "$work/etc" /etc/libvirt && mount --bind "$work/passwd" /etc/passwd &&
		mount --bind "$work/group" /etc/group && ip link set lo up &&
		ip link add br0 type bridge && ip link set br0 up
}

daemon_starts()
{
	libvirtd -p "$work/libvirtd.pid" >"$work/libvirtd.log" 2>&1 </dev/null &
	for try in $(seq 60); do
		timeout 10 virsh -r -c qemu:///system list >/dev/null 2>&1 && return
		sleep 0.5
	done
	cat "$work/libvirtd.log"
	return 1
}

domain_starts()
{
	"$tapcompat" record --model=tapnet-v1 --caps=../documents/linux-6.1.json \
		>"$work/record" 2>/dev/null || return
	cat >"$work/domain" <<-XML
	<domain type='qemu'>
	  <name>web1</name>
	  <metadata>
	    <tapcompat:net xmlns:tapcompat='http://tapcompat.io/xmlns/libvirt/domain/1.0'
	    >$(cat "$work/record")</tapcompat:net>
	  </metadata>
	  <memory unit='MiB'>64</memory>
	  <vcpu>1</vcpu>
	  <os><type arch='x86_64' machine='pc-q35-7.1'>hvm</type></os>
	  <devices>
	    <emulator>/usr/bin/qemu-system-x86_64</emulator>
	    <interface type='bridge'>
	      <source bridge='br0'/>
	      <model type='virtio'/>
	    </interface>
	  </devices>
	</domain>
	XML
	sed 's/web1/off\&amp;\&quot;1/; /<metadata>/,/<\/metadata>/d' "$work/domain" >"$work/off"
	$virsh define "$work/domain" && $virsh define "$work/off" && $virsh start --paused web1
}

# By each of its names; another machine may have a tap of that name in its namespace.
found()
{
	uuid=$(virsh -r -c qemu:///system domuuid web1 | head -n1)
	pid=$(cat /run/libvirt/qemu/web1.pid)
	tap=$(virsh -r -c qemu:///system domiflist web1 | grep -o 'vnet[0-9]*')
	for what in web1 "$uuid" "$pid" "$tap"; do
		status 0 "$tapcompat" audit -j "$what" && ../build/schema.py audit "$work/out" &&
			jq -e --arg uuid "$uuid" --arg tap "$tap" --argjson pid "$pid" \
				'.machines | any(.name == "web1" and
				.uuid == $uuid and .pid == $pid and .manager == "libvirt" and
				.state == "paused" and ."machine-type" == "pc-q35-7.1" and
				(.cards[0] | .tap == $tap and .alias == "net0" and
				.record == "web1" and ."tap-state".attached))' \
				"$work/out" >/dev/null ||
			{ echo "$what"; cat "$work/out"; return 1; }
	done
}

recorded()
{
	status 0 "$tapcompat" audit web1 && says "held (record): csum" "not-held (record)" &&
		status 0 "$tapcompat" audit web1 --against=../documents/linux-6.1.json
}

# Plugged in later, a card is on no command line: libvirt knows its alias.
plugged()
{
	cat >"$work/card" <<-'XML'
	<interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>
	XML
	$virsh attach-device web1 "$work/card" --live &&
		"$tapcompat" audit -j web1 >"$work/out" &&
		[ "$(jq -r '[.machines[0].cards[] | .alias] | join(" ")' "$work/out")" = \
			"net0 net1" ]
}

# Whoever may not look into the process still has libvirt's word.
unprivileged()
{
	chmod 755 "$work"
	status 0 setpriv --reuid=65534 --regid=65534 --clear-groups "$tapcompat" audit web1 &&
		says "web1: paused, libvirt" "held (record)" "could not be looked into"
}

all()
{
	status 0 "$tapcompat" audit --all && says 'off&"1: shut-off, libvirt' &&
		status 0 "$tapcompat" audit 'off&"1' --all &&
		status 3 "$tapcompat" audit 'off&"1'
}

# Over a read-only connection; nothing is opened for writing.
harmless()
{
	strace -f -o "$work/strace" "$tapcompat" audit web1 >"$work/out" || return
	grep -q 'connect(.*sock-ro"' "$work/strace" || return
	! grep -E 'connect\(.*libvirt-sock"' "$work/strace" &&
		! grep -E 'open(at)?\(.*O_(WRONLY|RDWR|CREAT|TRUNC)' "$work/strace" |
			grep -v '"/dev/null"'
}

# It costs some seconds, and is said.
hangs()
{
	kill -STOP "$(cat "$work/libvirtd.pid")"
	timeout 30 "$tapcompat" audit "$pid" >"$work/out" 2>"$work/err"
	result=$?
	kill -CONT "$(cat "$work/libvirtd.pid")"
	[ $result = 0 ] && says "libvirtd did not answer in" "web1: PID"
}

ktap_plan 10
ktap "a world of its own" world
ktap "libvirtd starts" daemon_starts
ktap "a domain starts" domain_starts
ktap "a domain is found by name, UUID, PID and tap" found
pid=$(cat /run/libvirt/qemu/web1.pid)
ktap "the record in its metadata" recorded
ktap "a card that was plugged in" plugged
ktap "without privilege" unprivileged
ktap "domains that do not run" all
ktap "over a read-only connection" harmless
ktap "a libvirtd that hangs" hangs
$virsh destroy web1 >"$work/destroy" 2>&1
kill "$(cat "$work/libvirtd.pid")"
ktap_end
