#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# offer.sh - a guest gets exactly the features that 'tapcompat offer' lists, on a tap made
# by the helper
. ../ktap.sh
. ../vm/machine.sh
. ./qemu.sh

tapcompat=$build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

qemu_inside "$@"

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

# @qemu @machine: with the helper's tap; USO is required if QEMU has it.
try()
{
	name="$("$1" --version | sed -nE 's/.*version ([0-9.]+).*/QEMU \1/p'), $2"
	ktap "$name: offers" "$tapcompat" offer -j --qemu="$1" --machine="$2"
	"$tapcompat" offer -j --qemu="$1" --machine="$2" >"$work/offer" 2>/dev/null
	ktap "$name: valid by its schema" ../build/schema.py offer "$work/offer"
	ktap "$name: a guest boots on the helper's tap" boots "$1" "$2" \
		"tap,id=net0,helper=$helper --require=$uso" "$work/guest.out"
	ktap "$name: the guest has the features listed" offer_agrees "$work/offer" "$work/guest.out"
	if jq -e '.features[] | select(.name == "host_uso") | .offered' "$work/offer" \
		>/dev/null; then
		ktap "$name: the guest has USO, bits 54 to 56" guest_has 55-57 111
	else
		ktap "$name: the guest has no USO" guest_has 55-57 000
	fi
}

# @qemu @machine @document @vhost: "FEATURE LAYER" for each feature removed by the host or
# QEMU, except those that are off by default.
removed()
{
	"$tapcompat" offer -j --qemu="$1" --machine="$2" --caps="../documents/$3.json" \
		--vhost="$4" >"$work/offer" || return
	jq -r '.features[] | select(.layer and .layer != "default") | "\(.name) \(.layer)"' \
		"$work/offer" | grep -v tunnel >"$work/removed"
	cat >"$work/want"
	diff "$work/want" "$work/removed"
}

# The incident A2: from Linux 6.1 to 6.12 two layers gain four features.
incident()
{
	removed "$1" q35 linux-6.1 on <<-ROWS && removed "$1" q35 linux-6.12 on </dev/null
	queue_reset vhost-net
	guest_uso4 kernel tap
	guest_uso6 kernel tap
	host_uso kernel tap
	ROWS
}

old_machine()
{
	removed "$1" pc-q35-7.1 linux-6.12 on <<-ROWS
	queue_reset machine type
	guest_uso4 machine type
	guest_uso6 machine type
	host_uso machine type
	ROWS
}

without_vhost()
{
	removed "$1" q35 linux-6.1 off <<-ROWS
	guest_uso4 kernel tap
	guest_uso6 kernel tap
	host_uso kernel tap
	ROWS
}

old_qemu()
{
	removed "$1" q35 linux-6.12 on <<-ROWS
	in_order QEMU
	guest_uso4 QEMU
	guest_uso6 QEMU
	host_uso QEMU
	ROWS
}

# Run check: exit status and words of its output.
judged()
{
	want=$1 says=$2
	shift 2
	"$tapcompat" check "$@" >"$work/out" 2>&1
	got=$?
	[ $got = "$want" ] && grep -qF -- "$says" "$work/out" && return
	echo "status $got"
	cat "$work/out"
	return 1
}

uso_of()
{
	judged "$1" "$2" --require=csum,host_uso --qemu="$qemu" --caps="../documents/$3.json" \
		--machine="$4" --vhost="$5"
}

# Each way out works.
ways_are_enough()
{
	uso_of 0 PASS linux-6.12 q35 on && uso_of 1 "Linux 6.2 has" linux-6.1 q35 on &&
		uso_of 1 "host_uso=on" linux-6.12 pc-q35-8.1 on &&
		judged 0 PASS --require=csum,host_uso --qemu="$qemu" --device=host_uso=on \
			--caps=../documents/linux-6.12.json --machine=pc-q35-8.1 --vhost=on &&
		uso_of 1 "stop requiring host_uso" linux-6.1 pc-q35-8.1 on &&
		! grep -q "host_uso=on" "$work/out" &&
		judged 1 "--model=tapnet-v1" --model=tapnet-v2 --qemu="$qemu" \
			--caps=../documents/linux-6.12.json --machine=pc-q35-7.1 &&
		! grep -q "model=tapnet-v2" "$work/out" &&
		judged 1 "disabled by the device's options" --require=csum --qemu="$qemu" \
			--device=csum=off --caps=../documents/linux-6.12.json
}

# With vhost=on and no vhost-net, QEMU does not start.
no_vhost()
{
	jq '(.backends[] | select(.type == "vhost-net")) |= {type, available: false,
		state: "absent", detail: "no vhost-net here"}' ../documents/linux-6.12.json \
		>"$work/no-vhost.json"
	judged 1 "no vhost-net here" --require=csum --qemu="$qemu" --vhost=on \
		--caps="$work/no-vhost.json" && grep -q "vhost=off" "$work/out" &&
		judged 0 PASS --require=csum --qemu="$qemu" --vhost=off --caps="$work/no-vhost.json"
}

strange_machines()
{
	judged 2 "No 'PCI' bus" --require=csum --qemu="$qemu" --machine=microvm &&
		judged 0 PASS --require=csum --qemu="$qemu" --machine=q35,accel=tcg &&
		judged 2 "not found" --require=csum --qemu="$qemu" --device=nonsense=on
}

# Programs that are not QEMU, or misbehave.
strange()
{
	want=$1 says=$2
	printf '#!/bin/sh\n%s\n' "$3" >"$work/strange"
	chmod +x "$work/strange"
	timeout 60 "$tapcompat" offer -j --caps=../documents/linux-6.12.json \
		--qemu="$work/strange" >"$work/out" 2>"$work/err"
	got=$?
	[ $got = "$want" ] && grep -qF -- "$says" "$work/err" &&
		../build/schema.py error "$work/out" && return
	echo "status $got"
	cat "$work/err"
	return 1
}

greeting='{"QMP": {"version": {"qemu": {"micro": 1, "minor": 0, "major": 9}}, "capabilities": []}}'

no_qemu_at_all()
{
	strange 3 "it ended: no such thing" "echo no such thing >&2; exit 1" &&
		strange 3 "it ended" "exit 0" &&
		strange 3 "does not speak QMP" "echo hello; sleep 5" &&
		strange 3 "does not speak QMP" "cat /dev/zero" &&
		strange 3 "it ended: " "yes 1234567890 | head -c 1000000 >&2; exit 1" &&
		strange 3 "it ended" "sleep 30 & exit 1" &&
		strange 3 "does not speak QMP" "while :; do echo '[1]'; done" &&
		strange 3 "it ended" \
			"echo '$greeting'; read a; echo '{\"return\": {}}'" &&
		strange 3 "does not speak QMP" \
			"echo '$greeting'; while read a; do echo '{\"return\": 5}'; done" &&
		strange 2 "unsupported machine type" "echo unsupported machine type >&2; exit 1"
}

# Nor a program that sends other messages for ever.
no_answer()
{
	strange 3 "it does not answer" \
		"echo '$greeting'; while :; do echo '{\"event\": \"X\"}'; sleep 1; done"
}

no_program()
{
	for path in /nonexistent "$work" /etc/hostname; do
		"$tapcompat" offer --caps=../documents/linux-6.12.json --qemu="$path" 2>"$work/err"
		[ $? = 2 ] && grep -qF -- "$path: " "$work/err" || { cat "$work/err"; return 1; }
	done
}

# However it ends, QEMU is not left running.
ends()
{
	printf '#!/bin/sh\necho $$ >%s\nexec sleep 50\n' "$work/pid" >"$work/strange"
	# In the background, a shell ignores SIGINT.
	for signal in HUP TERM KILL; do
		rm -f "$work/pid"
		"$tapcompat" offer --caps=../documents/linux-6.12.json --qemu="$work/strange" \
			>/dev/null 2>&1 &
		for try in 1 2 3 4 5 6 7 8 9 10; do
			[ ! -s "$work/pid" ] && sleep 0.2 || break
		done
		kill -$signal $!
		wait $! 2>/dev/null
		sleep 0.3
		state=/proc/$(cat "$work/pid")/status
		[ ! -e "$state" ] || grep -q '^State:.Z' "$state" ||
			{ echo "SIG$signal"; return 1; }
	done
}

echo "TAP version 13"
qemu_all
ktap "programs that are not QEMU" no_qemu_at_all
ktap "a program that never answers" no_answer
ktap "no program" no_program
ktap "QEMU is not left running" ends
for qemu in $qemus; do
	version=$("$qemu" --version | sed -nE 's/.*version ([0-9.]+).*/\1/p')
	case $version in
	7.*)	ktap "QEMU $version: an old one" old_qemu "$qemu" ;;
	10.*)	ktap "QEMU $version: from Linux 6.1 to 6.12" incident "$qemu"
		ktap "QEMU $version: an old machine type" old_machine "$qemu"
		ktap "QEMU $version: without vhost" without_vhost "$qemu"
		ktap "QEMU $version: ways out are enough" ways_are_enough
		ktap "QEMU $version: vhost=on without vhost-net" no_vhost
		ktap "QEMU $version: strange machine types and options" strange_machines ;;
	esac
done
if [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
	ktap_skip "offers" "needs root and /dev/net/tun"
elif ! unshare -n -m true 2>"$work/err"; then
	ktap_skip "offers" "no namespaces can be made: $(cat "$work/err")"
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
