#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# baseline.sh - a QEMU started with the output of a baseline, in each format, offers a
# guest exactly the baseline
. ../ktap.sh
. ../vm/machine.sh
. ./qemu.sh

tapcompat=$build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

qemu_inside "$@"

documents="../documents/linux-6.1.json ../documents/linux-6.12.json"
newer="csum:guest_csum:host_uso:guest_uso4:guest_uso6"

# shellcheck disable=SC2086
printed()
{
	"$tapcompat" baseline --format="$1" --qemu-version=8.2 $documents
}

# The QEMU arguments that result from a format, one per line.
arguments()
{
	case $1 in
	qemu)	printed qemu | tr ' ' '\n' ;;
	qemu-global)
		printed qemu-global | tr ' ' '\n'
		printf '%s\n' -device virtio-net-pci,netdev=net0 ;;
	proxmox)
		printed proxmox | sed -nE "s/^qm set .*p'\)(.*)\"$/\1/p" | tr ' ' '\n'
		printf '%s\n' -device virtio-net-pci,netdev=net0 ;;
	virt-xml)
		printed libvirt >"$work/domain.xml"
		sh -c "$(printed virt-xml |
			sed "s|^virt-xml 'DOMAIN'|virt-xml --connect test:///default|")" \
			<"$work/domain.xml" | sed -nE 's/.*<qemu:arg value="(.*)".*/\1/p'
		printf '%s\n' -device virtio-net-pci,netdev=net0 ;;
	libvirt)
		# libvirt adds the overrides to the -device option.
		printf '%s\n%s' -device virtio-net-pci,netdev=net0
		printed libvirt |
			sed -nE "s|.*property name='(.*)' type='bool' value='(.*)'/>|,\1=\2|p" |
			sed 's/=true$/=on/; s/=false$/=off/' | tr -d '\n'
		echo ;;
	esac
}

# Features that the guest's driver never acks are not compared: in-order rings and those
# above bit 63.
exactly()
{
	bits=$(tr -d '\r' <"$work/guest.out" | grep -m1 -E '^[01]{64}')
	[ -n "$bits" ] || { cat "$work/guest.out"; return 1; }
	printed json >"$work/baseline"
	"$tapcompat" explain -j 0xffffffffffffffff | jq -r --arg bits "$bits" \
		--slurpfile b "$work/baseline" '.explanations[0].bits[] |
		select(.name and .bit != 35) | . as $f |
		($b[0].features | index($f.name) != null) as $said |
		($bits[.bit:.bit + 1] == "1") as $got | select($said != $got) |
		"\(.name): in the baseline: \($said), in the guest: \($got)"' >"$work/differ"
	[ ! -s "$work/differ" ] || { cat "$work/differ"; return 1; }
}

boots()
{
	arguments "$1" >"$work/arguments"
	set --
	while read -r argument; do
		set -- "$@" "$argument"
	done <"$work/arguments"
	unshare -n -m "$0" --inside "$guest_kernel" "$guest_root" "$qemu" q35 \
		"tap,id=net0,helper=$helper --require=$newer" "$work/guest.out" "$@" && exactly
}

# Without the flags the guest gets more, so the test can fail.
boots_with_more()
{
	unshare -n -m "$0" --inside "$guest_kernel" "$guest_root" "$qemu" q35 \
		"tap,id=net0,helper=$helper --require=$newer" "$work/guest.out" || return 1
	! exactly && grep -q host_uso "$work/differ" && grep -q queue_reset "$work/differ"
}

echo "TAP version 13"
qemu_all
qemu=$(for one in $qemus; do "$one" --version | grep -q 'version 7' || echo "$one"; done |
	head -n1)
if [ -z "$qemu" ]; then
	ktap_skip "formats" "$no_qemu"
elif [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
	ktap_skip "formats" "needs root and /dev/net/tun"
elif ! unshare -n -m true 2>"$work/err"; then
	ktap_skip "formats" "no namespaces can be made: $(cat "$work/err")"
elif ! "$tapcompat" check --require=$newer >/dev/null 2>&1; then
	ktap_skip "formats" "this host's tap has no USO to be switched off"
elif ! guest_prepare >"$work/log" 2>&1; then
	ktap "a guest" cat "$work/log" /nonexistent
else
	ktap "without flags a guest gets more" boots_with_more
	for format in qemu qemu-global libvirt virt-xml proxmox; do
		ktap "--format=$format: the guest gets the baseline" boots $format
	done
fi
echo "1..$ktap_number"
ktap_end
