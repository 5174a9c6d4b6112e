#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# probe.sh - the probe under the shim: emulated features have to pass verification
#
# The probe plays QEMU and the guest, and holds every byte that arrives against what was
# to arrive.  So it is told of the shim's offloads and of its vhost-net as of a kernel's.
. ../ktap.sh

build=../../build
shim=$(cd $build && pwd)/libtapcompat-shim.so
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# @document @variables…: the probe's document under the shim
probe()
{
	document=$work/$1
	shift
	unshare -n env LD_PRELOAD="$shim" "$@" $build/tapcompat probe -j --backend=tap \
		--backend=macvtap --backend=vhost-net >"$document" 2>"$work/err" ||
		{ cat "$work/err"; return 1; }
}

# @document @jq-condition: features, by backend, for which it does not hold
all_are()
{
	jq -r --argjson direction "$(cat "$work/direction")" ".backends[] | .type as \$type |
		if .available then .features[] |
			select((.name | in(\$direction)) and (($2) | not)) |
			\"\(\$type) \(.name): \(.state) \(.verified) \(.detail // \"\")\"
		elif \"$1\" == \"none\" then empty
		else \"\(\$type) is missing\" end" "$work/$1" >"$work/wrong"
	[ ! -s "$work/wrong" ] || { cat "$work/wrong"; return 1; }
}

# What the shim has an answer for, and whether the guest sends or receives by it.
directions()
{
	for feature in csum host_tso4 host_tso6 host_ecn host_ufo host_uso host_tunnel \
			host_tunnel_csum; do
		echo "$feature sends"
	done
	for feature in guest_csum guest_tso4 guest_tso6 guest_ecn guest_ufo guest_uso4 guest_uso6 \
			guest_tunnel guest_tunnel_csum; do
		echo "$feature receives"
	done
	for feature in mrg_rxbuf indirect_desc event_idx in_order queue_reset; do
		echo "$feature rings"
	done
}

refuses()
{
	! LD_PRELOAD="$shim" TAPCOMPAT_EMULATE=none TAPCOMPAT_MASK=csum,host_uso $build/tapcompat \
		--version >"$work/out" 2>&1 &&
		grep -q "TAPCOMPAT_MASK: cannot hide csum: QEMU assumes it" "$work/out"
}

# Hidden with another one: QEMU asks for USO as a whole, is refused, and nothing is emulated.
hidden_together()
{
	cat >"$work/asks.py" <<-'END'
		import fcntl, os, struct
		TUNSETIFF, TUNSETOFFLOAD = 0x400454ca, 0x400454d0
		TAP, NO_PI, VNET_HDR, CSUM, USO = 0x2, 0x1000, 0x4000, 0x1, 0x60
		tap = os.open("/dev/net/tun", os.O_RDWR)
		fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"tap0", TAP | NO_PI | VNET_HDR))
		try:
		    fcntl.ioctl(tap, TUNSETOFFLOAD, CSUM | USO)
		    print("USO is offered")
		except OSError:
		    print("USO is refused")
		fcntl.ioctl(tap, TUNSETOFFLOAD, CSUM)
		try:
		    os.writev(tap, [bytes(10), bytes(60)])
		except OSError:
		    pass
	END
	unshare -n env LD_PRELOAD="$shim" TAPCOMPAT_LOG=info TAPCOMPAT_EMULATE=guest_uso4 \
		TAPCOMPAT_MASK="$1" /usr/bin/python3 "$work/asks.py" >"$work/out" 2>&1
	cat "$work/out"
	grep -q "$2" "$work/out" &&
		[ "$(grep -c "emulating what the kernel lacks" "$work/out")" = "$3" ]
}

passed='(.state == "native" and (.verified == "passed" or
	($direction[.name] == "receives" and .verified == "ineffective")))'

echo "TAP version 13"
directions | jq -Rn '[inputs | split(" ") | {(.[0]): .[1]}] | add' >"$work/direction"
if [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
	ktap_skip "the shim under the probe" "needs root and /dev/net/tun"
elif ! unshare -n true 2>"$work/err"; then
	ktap_skip "the shim under the probe" "no namespaces can be made: $(cat "$work/err")"
else
	ktap "all is emulated: probed" probe all TAPCOMPAT_EMULATE=all
	ktap "all is emulated: all frames come out right" all_are all "$passed"
	ktap "USO is emulated: probed" probe uso TAPCOMPAT_MASK=host_uso,guest_uso4,guest_uso6
	ktap "USO is emulated: all frames come out right" all_are uso \
		"$passed or (.name | contains(\"tunnel\"))"
	ktap "nothing is emulated: probed" probe none TAPCOMPAT_EMULATE=none \
		TAPCOMPAT_MASK=host_uso,guest_ufo,guest_tunnel
	ktap "nothing is emulated: what is masked is not native, nor what goes with it" \
		all_are none \
		'$type == "vhost-net" or
			(.state == "native") == (.name | test("uso|ufo|tunnel") | not)'
	ktap "what QEMU assumes cannot be hidden" refuses
	ktap "what is emulated counts as that" hidden_together guest_uso4 "is offered" 1
	ktap "but not if it is hidden with another" hidden_together guest_uso4,host_uso \
		"is refused" 0
fi
echo "1..$ktap_number"
ktap_end
