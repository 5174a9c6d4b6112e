#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# card.sh - what of a network card must match in a migration, between real QEMUs, and what
# tapcompat says of it
. ../ktap.sh
. ./qemu.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The guest is a firmware of x86, and so the assembler must be.
firmware()
{
	as --32 -o "$work/guest.o" card_guest.S && ld -m elf_i386 -Ttext 0 --oformat binary \
		-e start -o "$work/guest.bin" "$work/guest.o"
}

qemu_all
echo "TAP version 13"
if [ -n "$no_qemu" ]; then
	ktap_skip "cards" "$no_qemu"
elif [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
	ktap_skip "cards" "needs root and /dev/net/tun"
elif ! unshare -n true 2>"$work/err"; then
	ktap_skip "cards" "no namespaces can be made: $(cat "$work/err")"
elif [ "$(uname -m)" != x86_64 ]; then
	ktap_skip "cards" "the guest is assembled for x86"
elif ! firmware >"$work/err" 2>&1; then
	ktap "the guest" cat "$work/err" /nonexistent
else
	# shellcheck disable=SC2086
	unshare -n python3 card.py "$work" "$build/tapcompat" $qemus
	exit
fi
echo "1..$ktap_number"
ktap_end
