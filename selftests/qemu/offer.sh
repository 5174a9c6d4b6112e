#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# offer.sh - what tapcompat says that a QEMU offers is what a guest gets from it, on
# a tap that the helper made
. ../ktap.sh
. ../vm/machine.sh
. ./qemu.sh

tapcompat=$build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The part of the test that runs in a network of its own.
if [ "${1:-}" = --inside ]; then
	shift
	guest_kernel=$1 guest_root=$2
	shift 2
	qemu_world || exit
	guest_run "$@"
	exit
fi

newest=q35
oldest=pc-q35-7.1
uso=csum:guest_csum:host_uso:guest_uso4:guest_uso6

# Bits that the guest's driver does not know: in-order rings, tunnels.
offer_agrees()
{
	bits=$(tr -d '\r' <"$2" | grep -m1 -E '^[01]{64}')
	[ -n "$bits" ] || { cat "$2"; return 1; }
	jq -r --arg bits "$bits" '.features[] | select(.bit < 64 and .bit != 35) |
		select(.offered != ($bits[.bit:.bit + 1] == "1")) |
		"\(.name): offered: \(.offered), in the guest: \($bits[.bit:.bit + 1])"' \
		"$1" >"$work/differ"
	[ ! -s "$work/differ" ] || { cat "$work/differ"; return 1; }
}

guest_has()
{
	bits=$(tr -d '\r' <"$work/guest.out" | grep -m1 -E '^[01]{64}' | cut -c"$1")
	[ "$bits" = "$2" ] || { echo "bits $1 are $bits"; return 1; }
}

boots()
{
	unshare -n -m "$0" --inside "$guest_kernel" "$guest_root" "$@"
}

# @qemu @machine: with the helper's tap; USO is required where QEMU has it.
try()
{
	name="$("$1" --version | sed -nE 's/.*version ([0-9.]+).*/QEMU \1/p'), $2"
	ktap "$name: offers" "$tapcompat" offer -j --qemu="$1" --machine="$2"
	"$tapcompat" offer -j --qemu="$1" --machine="$2" >"$work/offer" 2>/dev/null
	ktap "$name: as its schema says" ../build/schema.py offer "$work/offer"
	ktap "$name: a guest boots on the helper's tap" boots "$1" "$2" \
		"tap,id=net0,helper=$helper --require=$uso" "$work/guest.out"
	ktap "$name: the guest has got what was said" offer_agrees "$work/offer" "$work/guest.out"
	if jq -e '.features[] | select(.name == "host_uso") | .offered' "$work/offer" \
		>/dev/null; then
		ktap "$name: the guest has USO, bits 54 to 56" guest_has 55-57 111
	else
		ktap "$name: the guest has no USO" guest_has 55-57 000
	fi
}

echo "TAP version 13"
qemu_all
if [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
	ktap_skip "offers" "needs root and /dev/net/tun"
elif ! "$tapcompat" check --require=$uso >/dev/null 2>&1; then
	ktap_skip "offers" "this host's tap has no USO"
elif ! guest_prepare >"$work/log" 2>&1; then
	ktap "a guest" cat "$work/log" /nonexistent
else
	for qemu in $qemus; do
		try "$qemu" $newest
		try "$qemu" $oldest
	done
	[ -z "$no_qemu" ] || ktap_skip "a newer QEMU" "$no_qemu"
fi
echo "1..$ktap_number"
ktap_end
