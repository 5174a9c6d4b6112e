#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cases.sh - what people really paste: cases/ has it, and cases.expected what is to be said
#
# A line of it is FILE STATUS ANSWERS NAMES EXPLANATIONS: the exit status, how many answers there
# are, what -q prints, and of the first three their kind, whether it is sure, count, whose it is
# (host, machine, card, PID, manager, QEMU, machine type), the error, the device and the bits.
# `cases.sh --write` writes it anew: look at every difference.
. ../ktap.sh

tapcompat=$(cd ../.. && pwd)/build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

summary='.explanations | length, (.[0:3] | map([.kind, .sure, .count,
	([.origin.host, .origin.machine, .origin.card, .origin.pid, .origin.manager, .origin.qemu,
	  .origin["machine-type"]] | map(. // "-" | tostring) | join("|")),
	.error, ."virtio-device", (.bits | map(.bit) | .[0:10])]) | tojson)'

# What is said of one file, in a line.
said()
{
	"$tapcompat" explain -j "cases/$1" >"$work/json" 2>/dev/null
	code=$?
	names=$("$tapcompat" explain -q "cases/$1" 2>/dev/null | paste -sd,)
	answers=$(jq -r "$summary" "$work/json" | paste -sd' ')
	echo "$1 $code ${answers%% *} ${names:--} ${answers#* }"
}

if [ "${1:-}" = --write ]; then
	for file in cases/*; do
		said "${file#cases/}"
	done >cases.expected
	exit
fi

# The same from a pipe, which may be followed, as from a file.
as_expected()
{
	want=$(grep "^$1 " cases.expected) && got=$(said "$1") || return
	[ "$got" = "$want" ] || { echo "instead of: $want"; echo "$got"; return 1; }
	../build/schema.py explanation "$work/json" || return
	"$tapcompat" explain -q "cases/$1" 2>/dev/null >"$work/file"
	cat "cases/$1" | "$tapcompat" explain -q 2>/dev/null | cmp - "$work/file"
}

# Whatever was in the log, nothing of it reaches a terminal as a control character.
no_control()
{
	for file in cases/*; do
		"$tapcompat" explain "$file" 2>&1 | LC_ALL=C grep -qa '[^[:print:][:space:]]' &&
			{ echo "$file"; return 1; }
		"$tapcompat" explain "$file" 2>&1 | grep -q "$(printf '[\r\033]')" &&
			{ echo "$file"; return 1; }
	done
	return 0
}

# What a log names the machine does not become part of a command.
no_injection()
{
	sed 's/^/UPID:pve1:000ABCDE:00012345:6928A000:qmigrate:1$(reboot):root@pam: /' \
		cases/proxmox-task.log | grep Features >"$work/hostile.log"
	status 0 $tapcompat explain "$work/hostile.log" && says "qm set VMID --args" &&
		! grep 'qm .*reboot' "$work/out"
}

# Cures are of who runs the machine, and of the QEMU that it has.
cures()
{
	status 0 $tapcompat explain cases/domain.log && says "<qemu:override>" \
		"host_uso" "newer QEMU: 7.2.22 on the destination has no" "QEMU 8.2" &&
		! grep -q "land it, where" "$work/out" &&
		status 0 $tapcompat explain cases/domain-rhel.log &&
		says "pc-q35-rhel9.6.0 is a machine type of RHEL" &&
		status 0 $tapcompat explain cases/proxmox-task.log && says \
		"qm set 101 --args \"\$(qm config 101 | sed -n 's/^args: //p') -global" &&
		status 0 $tapcompat explain cases/kubevirt.json && says "onDefineDomain" &&
		status 0 $tapcompat explain --qemu-version=7.2 0x1c0010130afffaf 0x10179bfffef &&
		says "newer QEMU" && ! grep -q "host_uso=on" "$work/out" &&
		status 0 $tapcompat explain cases/wrapped.log && says "vhost=off" &&
		status 0 $tapcompat explain 0x500020020 0x100020020 &&
		says "QEMU implements packed itself with -netdev tap,...,vhost=off"
}

# The destination's machine type leaves less of the candidates.
candidates()
{
	status 0 $tapcompat explain --machine=pc-q35-8.1 cases/qemu11-tunnel-uso.log &&
		says "enabled by an option of the source" && ! grep -q host_uso "$work/out" &&
		status 0 $tapcompat explain --machine=pc-q35-10.1 cases/qemu11-tunnel-uso.log &&
		says host_uso && ! grep -q host_tunnel "$work/out" &&
		status 0 $tapcompat explain --caps=../documents/linux-6.12.json \
			cases/qemu11-tunnel-uso.log && says host_tunnel &&
		! grep -q host_uso "$work/out"
}

operands()
{
	status 0 $tapcompat explain -q "Features 0x1c0010130afffaf unsupported. Allowed \
features: 0x10179bfffef" && cp "$work/out" "$work/line" && [ -s "$work/line" ] &&
		status 0 $tapcompat explain -q 0x1c0010130afffaf, 0x10179bfffef &&
		cmp "$work/line" "$work/out" &&
		status 0 $tapcompat explain -q 0x1c0010130afffaf,0x10179bfffef &&
		cmp "$work/line" "$work/out" &&
		status 0 $tapcompat explain -q 1c0010130afffaf 10179bfffef &&
		cmp "$work/line" "$work/out" &&
		status 0 $tapcompat explain -q $(cat cases/sysfs-features.txt) &&
		says guest_uso4 &&
		status 0 $tapcompat explain -q - <cases/qp.log && says host_uso &&
		status 3 $tapcompat explain 0x20000250 0x71000454 &&
		says "do not include the MAC address" &&
		status 3 $tapcompat explain "nothing of interest" && silent &&
		status 2 $tapcompat explain no-such-file && silent &&
		says "is not a mask" "or a file" &&
		status 2 $tapcompat explain cases/qp.log no-such-file && silent &&
		status 2 $tapcompat explain 0x1 0x2 0x3 && silent &&
		status 2 $tapcompat explain --qemu-version=new 0x1 && silent
}

# More different ones than are kept: none is lost, and memory is bounded.
many()
{
	awk 'BEGIN { for (i = 0; i < 10000; i++)
		printf "Nov 27 12:00:00 n1 libvirtd[1]: (vm='\''web%d'\''): Features " \
			"0x1c0010130afffaf unsupported. Allowed features: 0x10179bfffef\n", i }' \
		>"$work/log"
	status 0 $tapcompat explain "$work/log" && says "more than 4096" &&
		[ "$(grep -c "^whose: machine web" "$work/out")" = 10000 ] &&
		status 0 $tapcompat explain -j "$work/log" &&
		[ "$(jq '.explanations | length' "$work/out")" = 10000 ]
}

# A log that goes on: each answer comes when it is there, and is counted at the end.
followed()
{
	mkfifo "$work/fifo"
	$tapcompat explain <"$work/fifo" >"$work/out" 2>"$work/err" &
	exec 9>"$work/fifo"
	for try in 1 2 3; do
		echo "Features 0x1c0010130afffaf unsupported. Allowed features: 0x10179bfffef" >&9
		sleep 0.7
		[ "$(grep -c "remedies:" "$work/out")" = 1 ] || break
	done
	exec 9>&-
	wait $! && [ $try = 3 ] && [ "$(grep -c "remedies:" "$work/out")" = 1 ] &&
		says "again: Features 0x1c0010130afffaf" "seen: 3 times"
}

# A real QEMU asked for what it has.
asked()
{
	qemu=$(command -v qemu-system-x86_64) || { echo "no QEMU here"; return 1; }
	status 0 $tapcompat explain --qemu="$qemu" --machine=q35 0x1c0010130afffaf \
		0x10179bfffef &&
		case $("$qemu" --version | sed -n 's/.*version \([0-9]*\.[0-9]*\).*/\1/p') in
		7.*)	says "which lacks the property" "newer QEMU" ;;
		*)	says "land it" ;;
		esac
}

set -- $(cut -d' ' -f1 cases.expected)
ktap_plan $(($# + 9))
ktap "every case has an answer that is expected" [ "$*" = "$(ls cases | paste -sd' ')" ]
for file; do
	ktap "$file" as_expected "$file"
done
ktap "no control characters" no_control
ktap "cures in the words of who runs it, for its QEMU" cures
ktap "names in a log do not get into commands" no_injection
ktap "candidates by machine type and host" candidates
ktap "operands" operands
ktap "more than are kept" many
ktap "a log that is followed" followed
ktap "its QEMU is asked" asked
ktap_end
