#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh - what audit says of a running guest agrees with the guest's own bits, and the
# audit harms neither the guest nor its tap
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh

tapcompat=$build/tapcompat
inside=
if [ "${1:-}" = --inside ]; then
	inside=1 work=$2 qemu=$3 guest_kernel=$4 machine=$5 device=$6
fi

# wait_for FILE TEXT: for at most two minutes
wait_for()
{
	for second in $(seq 120); do
		! grep -q "$2" "$1" 2>/dev/null || return 0
		kill -0 "$pid" 2>/dev/null || break
		sleep 1
	done
	cat "$work/qemu.err"
	return 1
}

# The kernel may kill TCG's guest before its user space is up.
guest_start()
{
	for try in 1 2 3; do
		: >"$work/bits"
		"$qemu" -name "guest=audited,debug-threads=on" -machine "$machine" -nodefaults \
			-nographic -accel tcg -cpu Nehalem,-cx16 -m 256 -smp 1 -no-reboot \
			-kernel "$guest_kernel" -initrd "$work/guest.cpio.gz" \
			-append "console=ttyS0 quiet panic=-1 pti=off" \
			-serial "file:$work/console" -serial "file:$work/bits" \
			-qmp "unix:$work/qmp,server=on,wait=off" \
			-netdev tap,id=hostnet0,ifname=tap0,script=no,downscript=no \
			-device "virtio-net-pci,netdev=hostnet0,id=net0,romfile=,$device" \
			</dev/null >"$work/qemu.err" 2>&1 &
		pid=$!
		echo "$pid" >"$work/pid"
		wait_for "$work/bits" '^[01]\{64\}' && return 0
		kill "$pid" 2>/dev/null
	done
	tail -n 20 "$work/console"
	return 1
}

# Each bit that is held is the guest's, and none of those that are not held.
bits_agree()
{
	bits=$(tr -d '\r' <"$work/bits" | grep -m1 -E '^[01]{64}')
	jq -r --arg bits "$bits" '.machines[0].cards[0].features[] | select(.bit < 64) |
		select((.state == "held" and $bits[.bit:.bit + 1] != "1") or
			(.state == "not-held" and $bits[.bit:.bit + 1] != "0")) |
		"\(.name): \(.state) by \(.evidence), in the guest \($bits[.bit:.bit + 1])"' \
		"$1" >"$work/differ"
	[ ! -s "$work/differ" ] || { cat "$work/differ"; return 1; }
}

states()
{
	jq -r --arg state "$2" '[.machines[0].cards[0].features[] |
		select(.state == $state and (.evidence == $ARGS.positional[0] or
		$ARGS.positional[0] == "any")).name] | join(" ")' "$1" --args "$3"
}

judge()
{
	"$tapcompat" audit -j "$pid" >"$work/audit" && bits_agree "$work/audit" &&
		case $(states "$work/audit" held kernel) in
		"guest_csum guest_tso4 guest_tso6 guest_ecn"*) ;;
		*) cat "$work/audit"; return 1 ;;
		esac
	../build/schema.py audit "$work/audit" || return
	"$tapcompat" audit -j "$pid" --guest-features="$work/bits" >"$work/audit" &&
		bits_agree "$work/audit" &&
		[ -z "$(states "$work/audit" unknown any | tr ' ' '\n' | grep -v tunnel)" ] ||
		{ cat "$work/audit"; return 1; }
}

# Over QMP every feature below 64 is known; without --ask-qemu the guest is not stopped, and
# QEMUs that do not survive the question are not asked.
asked()
{
	"$tapcompat" audit -j --qmp="$work/qmp" --ask-qemu "$pid" >"$work/audit" &&
		bits_agree "$work/audit" && [ -z "$(states "$work/audit" unknown any)" ] &&
		[ -n "$(states "$work/audit" held qmp)" ] &&
		jq -e '."not-seen"[] | test("stood still for [0-9.]+ ms")' "$work/audit" &&
		"$tapcompat" audit -j --qmp="$work/qmp" --ask-qemu >"$work/audit" &&
		bits_agree "$work/audit" || { cat "$work/audit"; return 1; }
	"$tapcompat" audit -j --qmp="$work/qmp" "$pid" >"$work/audit" 2>"$work/err"
	case $? in
	0)	bits_agree "$work/audit" && [ -n "$(states "$work/audit" held qmp)" ] ;;
	3)	"$qemu" --version | grep -q 'version 11' && grep -q -- --ask-qemu "$work/err" ;;
	*)	false ;;
	esac || { cat "$work/audit" "$work/err"; return 1; }
	! grep "stood still" "$work/audit" "$work/err"
}

# What a trace has of opening for writing, of ioctls (a tap's and vhost's are such), of devices,
# of changes over netlink, and of other processes' memory.
changes()
{
	{
		grep -E 'open(at)?\(.*O_(WRONLY|RDWR|CREAT|TRUNC)' "$1" | grep -v '"/dev/null"'
		grep -E 'ioctl\(' "$1" | grep -vE 'TCGETS|TIOCGWINSZ'
		grep -E '/dev/(net/tun|vhost-net|tap[0-9])' "$1" | grep -v readlink
		grep -E 'RTM_(NEW|SET|DEL)LINK, .*NLM_F_ACK|ptrace\(|process_vm_' "$1"
	} >"$work/changes"
	[ -s "$work/changes" ]
}

harmless()
{
	ip -d link show tap0 >"$work/before"
	strace -f -o "$work/strace" "$tapcompat" audit "$pid" >"$work/out" || return
	ip -d link show tap0 >"$work/after"
	cmp "$work/before" "$work/after" && grep -q fdinfo "$work/strace" || return
	! changes "$work/strace" || { cat "$work/changes"; return 1; }
	# A probe does all of that.
	strace -f -o "$work/strace" "$tapcompat" probe --no-verify >"$work/out" &&
		changes "$work/strace"
}

alive()
{
	kill -0 "$pid" && printf '%s\n' '{"execute":"qmp_capabilities"}' \
		'{"execute":"query-status"}' | timeout 20 nc -N -U "$work/qmp" 2>/dev/null |
		grep -q '"running"' || ! command -v nc >/dev/null
}

# From another network namespace, as root
from_elsewhere()
{
	unshare -n "$tapcompat" audit -j "$pid" >"$work/elsewhere" &&
		jq -e '.machines[0].cards[0]["tap-state"].seen' "$work/elsewhere" >/dev/null &&
		bits_agree "$work/elsewhere"
}

unprivileged()
{
	chmod 755 "$work"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$tapcompat" audit "$pid" \
		>"$work/out" 2>&1
	[ $? = 3 ] && grep -q 'processes of other users could not be looked into' "$work/out" ||
		{ cat "$work/out"; return 1; }
}

points()
{
	name="$("$qemu" --version | sed -nE 's/.*version ([0-9.]+).*/QEMU \1/p'), $machine"
	[ -z "$device" ] || name="$name, $device"
	ktap "$name: a guest runs" guest_start
	pid=$(cat "$work/pid")
	ktap "$name: held and not held agree with the guest's bits" judge
	ktap "$name: nothing is written, set or attached" harmless
	ktap "$name: from another network namespace" from_elsewhere
	ktap "$name: without privilege it says what it does not see" unprivileged
	ktap "$name: it is asked over QMP" asked
	ktap "$name: the guest still runs" alive
	kill "$pid"
}

if [ "$inside" ]; then
	ip link set lo up
	ip tuntap add tap0 mode tap vnet_hdr
	ktap_number=$7
	points
	echo "$ktap_number $ktap_failed" >"$work/count"
	exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# try QEMU MACHINE DEVICE
try()
{
	unshare -n "$0" --inside "$work" "$1" "$guest_kernel" "$2" "$3" "$ktap_number"
	read -r ktap_number failed <"$work/count"
	[ "$failed" = 0 ] || ktap_failed=1
}

echo "TAP version 13"
guest_prepare
cat >"$guest_root/script" <<'SCRIPT'
modprobe virtio_pci
modprobe virtio_net
cat /sys/bus/virtio/devices/*/features
sleep 3600
SCRIPT
(cd "$guest_root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$work/guest.cpio.gz"
qemu_all
[ -z "$no_qemu" ] || ktap_skip "a newer QEMU" "$no_qemu"
for qemu in $qemus; do
	try "$qemu" q35 ""
done
qemu_sid
if [ -n "$no_qemu_sid" ]; then
	ktap_skip "QEMU of Debian unstable" "$no_qemu_sid"
else
	try "$qemu_sid" q35 "host_tso4=off,guest_ecn=on,packed=off"
fi
echo "1..$ktap_number"
ktap_end
