#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tap.sh - audit of taps: what it says of them is what QEMU meets, and the way out of them
. ../ktap.sh

build=$(cd ../.. && pwd)/build
tapcompat=$build/tapcompat
[ "${1:-}" ] || exec unshare -n "$0" inside
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# opens TAP OPTIONS: does QEMU get as far as its monitor?
opens()
{
	echo quit | timeout 60 qemu-system-x86_64 -machine q35 -accel tcg -nodefaults \
		-display none -S -monitor stdio \
		-netdev "tap,id=n,ifname=$1,script=no,downscript=no$2" >"$work/qemu" 2>&1
}

told()
{
	status 0 "$tapcompat" audit "$1" && shift && says "$@"
}

single()
{
	ip tuntap add single mode tap && told single "tap, single-queue, without vnet header, \
persistent, not attached" "queues=2 and more will fail: this tap is single-queue" &&
		! opens single ,queues=4 && grep -q 'could not configure' "$work/qemu" &&
		opens single ""
}

multi()
{
	ip tuntap add several mode tap multi_queue vnet_hdr && told several \
		"tap, multi-queue, with vnet header, persistent, not attached" \
		"queues=1 will fail" && ! opens several "" &&
		grep -q 'could not configure' "$work/qemu" && opens several ,queues=4
}

tun()
{
	ip tuntap add tun7 mode tun && told tun7 "tun, single-queue" "this is a tun" &&
		! opens tun7 ""
}

owned()
{
	ip tuntap add owned mode tap user 12345 group 54321 && told owned "UID 12345 or GID 54321"
}

# Attached, and by whom; a second QEMU gets EBUSY.
attached()
{
	qemu-system-x86_64 -machine q35 -accel tcg -nodefaults -display none -S \
		-name holder -pidfile "$work/pid" \
		-netdev tap,id=n,ifname=single,script=no,downscript=no \
		-device virtio-net-pci,netdev=n,id=net0,romfile= </dev/null >"$work/holder" 2>&1 &
	for try in $(seq 40); do
		[ -s "$work/pid" ] && "$tapcompat" audit single | grep -q holder && break
		sleep 0.5
	done
	told single "holder: PID $(cat "$work/pid"), running" "net0: virtio-net-pci, tap single" \
		"attached: 1 queue" "will fail with EBUSY" && told "$(cat "$work/pid")" holder &&
		told holder "tap single" && ! opens single "" && grep -qi 'busy' "$work/qemu" &&
		"$tapcompat" audit -j single >"$work/json" && ../build/schema.py audit "$work/json"
	result=$?
	kill "$(cat "$work/pid")"
	return $result
}

# What a program leaves on a persistent tap
left()
{
	ip tuntap add left mode tap vnet_hdr && python3 - <<-'PY' || return
	import fcntl, struct
	fd = open("/dev/net/tun", "r+b", buffering=0)
	fcntl.ioctl(fd, 0x400454ca, struct.pack("16sH22x", b"left", 0x5002))
	fcntl.ioctl(fd, 0x400454d0, 0x1 | 0x2 | 0x4)
	PY
	told left "receive offloads on: guest_csum guest_tso4 guest_tso6" \
		"its last owner left them" "not attached"
}

no_tap()
{
	status 3 "$tapcompat" audit lo && says "it is no tap, but hardware" &&
		status 3 "$tapcompat" audit nowhere && says "nowhere: no machine or process of \
that name was seen, and no tap: there is no such link" &&
		status 3 "$tapcompat" audit -j nowhere && says '"exit":3'
}

# A bridge with a VLAN on a bond, where there are those; else the bridge and a pair.
way_out()
{
	ip link add br0 type bridge && ip link set single master br0 || return
	told single "way out: none: br0 has no other port" || return
	if ip link add bond0 type bond 2>/dev/null && ip link add d0 type dummy 2>/dev/null &&
			ip link set d0 master bond0 && ip link add link bond0 name v9 type vlan \
			id 9 2>/dev/null; then
		ip link set v9 master br0
		told single "way out: single > br0 (bridge) > v9 (vlan) > bond0 (bond) > d0" &&
			ethtool -K v9 tx-udp-segmentation off >"$work/ethtool" 2>&1 || return
		told single "udp    segmented by the kernel at v9" "tcp4   whole up to d0"
	else
		wire
	fi
}

# A macvlan on a link of its own counts as a wire.
wire()
{
	if ! ip link add wire type vcan 2>/dev/null && ! ip link add name wire type ifb; then
		echo "no link to stand for the wire"
		return 1
	fi
	ip link set wire master br0 && told single "way out: single > br0 (bridge) > wire"
}

hostile_name()
{
	name=$(printf 'a\033[31m')
	ip tuntap add "$name" mode tap 2>"$work/out" || return 0
	"$tapcompat" audit "$name" >"$work/out" && ! grep -q "$(printf '\033')" "$work/out" &&
		says 'a\x1b[31m: tap'
}

ip link set lo up
ktap_plan 9
ktap "a single-queue tap" single
ktap "a multi-queue tap" multi
ktap "a tun" tun
ktap "a tap with an owner" owned
ktap "an attached tap" attached
ktap "offloads that were left behind" left
ktap "what is no tap" no_tap
ktap "the way out" way_out
ktap "a name with control sequences" hostile_name
ktap_end
