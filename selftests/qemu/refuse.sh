#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# refuse.sh - a refusal is shown on QEMU's stderr and leaves no device behind
. ../ktap.sh
. ./qemu.sh

tapcompat=$build/tapcompat
refuse_uso=$build/selftests/qemu/refuse_uso

# Run QEMU with a network backend; it fails, or quits at once.
start()
{
	echo '{"execute":"qmp_capabilities"} {"execute":"quit"}' |
		timeout 20 $wrap "$qemu" -nodefaults -display none -S -qmp stdio -netdev "$1" \
			-device virtio-net-pci,netdev=net0,romfile= >"$work/out" 2>"$work/err"
}

links()
{
	ip -o link | wc -l
}

# NETDEV WORDS…: QEMU does not start, prints these words, and no device is left.
refused()
{
	netdev=$1
	shift
	if start "$netdev"; then
		echo "QEMU started"
		return 1
	fi
	for words; do
		grep -qF -- "$words" "$work/err" ||
			{ echo "no '$words' in:"; cat "$work/err"; return 1; }
	done
	[ "$(links)" = 2 ] || { ip link; return 1; }
}

started()
{
	start "$1" && [ ! -s "$work/err" ] && [ "$(links)" = 2 ] || { cat "$work/err"; return 1; }
}

uso=csum:guest_csum:host_uso:guest_uso4:guest_uso6

if [ "${1:-}" = --inside ]; then
	qemu=$2 work=$3 wrap=
	qemu_world || exit
	name=$("$qemu" --version | sed -nE 's/.*version ([0-9.]+).*/QEMU \1/p')
	ktap_number=$4
	ktap "$name: tap,helper=" started "tap,id=net0,helper=$helper"
	ktap "$name: bridge,helper=" started "bridge,id=net0,br=br0,helper=$helper"
	ktap "$name: with a requirement" started "tap,id=net0,helper=$helper --require=$uso"
	ktap "$name: the same with QEMU's own commas" started \
		"tap,id=net0,helper=$helper --require=host_uso,,guest_uso4,,guest_uso6"
	wrap=$refuse_uso
	ktap "$name: a requirement that cannot be met" refused \
		"tap,id=net0,helper=$helper --require=$uso" "host_uso " "guest_uso4 " \
		"guest_uso6 " "kernel tap" "Linux 6.2" "host_uso=off" "bridge helper failed"
	ktap "$name: without it" started "tap,id=net0,helper=$helper --model=tapnet-v1"
	wrap=
	ktap "$name: a wrong name" refused "tap,id=net0,helper=$helper --require=hots_uso" \
		"unknown feature 'hots_uso'" "bridge helper failed"
	ktap "$name: a bridge that is not allowed" refused \
		"bridge,id=net0,br=br1,helper=$helper" "does not allow" "allow br1"
	echo "allow br1" >>/etc/qemu/bridge.conf
	ktap "$name: a missing bridge" refused \
		"bridge,id=net0,br=br1,helper=$helper" "ip link add br1 type bridge"
	rm /etc/qemu/bridge.conf
	ktap "$name: no bridge.conf" refused "tap,id=net0,helper=$helper" \
		"/etc/qemu/bridge.conf does not exist"
	exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "TAP version 13"
qemu_all
if [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
	ktap_skip "refusals" "needs root and /dev/net/tun"
elif ! unshare -n -m true 2>"$work/err"; then
	ktap_skip "refusals" "no namespaces can be made: $(cat "$work/err")"
elif ! "$tapcompat" check --require=$uso >/dev/null 2>&1; then
	ktap_skip "refusals" "this host's tap has no USO to refuse"
else
	for qemu in $qemus; do
		unshare -n -m "$0" --inside "$qemu" "$work" "$ktap_number" >"$work/points"
		cat "$work/points"
		ktap_number=$((ktap_number + $(grep -cE '^(not )?ok ' "$work/points")))
		ktap_failed=$((ktap_failed + $(grep -c '^not ok ' "$work/points")))
		ktap "$qemu: all tests ran" grep -q '^ok .*no bridge.conf$' "$work/points"
	done
	[ -z "$no_qemu" ] || ktap_skip "a newer QEMU" "$no_qemu"
fi
echo "1..$ktap_number"
ktap_end
