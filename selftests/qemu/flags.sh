#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# flags.sh - every QEMU starts with the flags that are printed for it
#
# QEMU 7.2, 10.0 and the newest; documents of Linux 6.1, 6.12 and 6.18.
. ../ktap.sh
. ./qemu.sh

tapcompat=$build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# starts QEMU DEVICE [ARGUMENT...]: does it get as far as its monitor?  The same again is not
# tried again.
starts()
{
	grep -qxF -- "$*" "$work/started" 2>/dev/null && return
	tried="$*" qemu=$1 device=$2
	shift 2
	echo quit | timeout 60 "$qemu" -machine q35 -accel tcg -nodefaults -display none -S \
		-monitor stdio -netdev user,id=net0 \
		-device "virtio-net-pci,netdev=net0,romfile=${device:+,$device}" "$@" \
		>"$work/qemu" 2>&1 || { cat "$work/qemu"; return 1; }
	echo "$tried" >>"$work/started"
}

version()
{
	"$1" --version | sed -nE 's/.*version ([0-9]+\.[0-9]+).*/\1/p'
}

# Flags in a file, as one word
flags_of()
{
	sed -nE 's/.*virtio-net-pci,(netdev=net0|\.\.\.),?([a-z0-9_,=]*)$/\2/p' "$1"
}

# baseline, with OPTIONS, of pairs of hosts
baseline_starts()
{
	qemu=$1
	shift
	for hosts in "$old $new" "$old $newest" "$new $newest" "$newest $newest" \
			"$old $new $newest"; do
		# shellcheck disable=SC2086
		"$tapcompat" baseline -q "$@" $hosts >"$work/out" &&
			starts "$qemu" "$(flags_of "$work/out")" &&
			"$tapcompat" baseline --format=qemu "$@" $hosts >"$work/out" \
				2>"$work/err" && starts "$qemu" "$(flags_of "$work/out")" &&
			"$tapcompat" baseline --format=qemu-global "$@" $hosts >"$work/out" \
				2>"$work/err" &&
			starts "$qemu" "" $(cat "$work/out") || { echo "$hosts"; return 1; }
	done
}

record_starts()
{
	qemu=$1
	shift
	for host in "$old" "$new" "$newest"; do
		"$tapcompat" record --model=tapnet-v1 --caps="$host" "$@" >"$work/vm" \
			2>"$work/err" && starts "$qemu" "$(jq -r '.device // ""' "$work/vm")" ||
			return
		for there in "$old" "$new" "$newest"; do
			"$tapcompat" check --vm="$work/vm" --caps="$there" "$@" >"$work/out" &&
				starts "$qemu" "$(flags_of "$work/out")" ||
				{ echo "$host to $there"; return 1; }
		done
	done
}

# Where the QEMU is known, all of its flags are printed.
all_of_them()
{
	"$tapcompat" baseline --format=qemu --qemu-version="$2" "$old" "$newest" >"$work/out" &&
		starts "$1" "$(flags_of "$work/out")" || return
	case $2 in
	7.*)	! grep uso "$work/out" && ! grep tunnel "$work/out" ;;
	10.*)	grep -q host_uso=off "$work/out" && ! grep tunnel "$work/out" ;;
	*)	grep -q host_uso=off "$work/out" && grep -q host_tunnel=off "$work/out" ;;
	esac
}

# Where it is not, it is said which flags newer ones need.
said_for_newer()
{
	later="QEMU 8.2 and later also need host_uso=off,guest_uso4=off,guest_uso6=off; "
	later="${later}QEMU 10.2 and later also need host_tunnel=off,host_tunnel_csum=off,"
	later="${later}guest_tunnel=off,guest_tunnel_csum=off"
	"$tapcompat" baseline --format=qemu "$old" "$newest" 2>&1 >"$work/out" |
		grep -q "$later" && "$tapcompat" baseline "$old" "$newest" | grep -q "$later" &&
		"$tapcompat" record --model=tapnet-v1 --caps="$newest" 2>&1 >"$work/vm" |
			grep -q "$later" &&
		[ "$(jq -r '[.later[].qemu] | join(" ")' "$work/vm")" = "8.2 10.2" ] &&
		"$tapcompat" check --vm="$work/vm" --caps="$newest" | grep -q "$later" &&
		[ "$("$tapcompat" -j baseline "$old" "$newest" |
			jq -r '[.later[].qemu] | join(" ")')" = "8.2 10.2" ]
}

# A machine that has a feature runs on a QEMU that knows it.
known_by_features()
{
	"$tapcompat" baseline -q --holds=0x1000000300fff87 "$old" "$newest" >"$work/out" &&
		grep -q "lands, with.*host_uso=on,guest_uso4=off,guest_uso6=off,queue_reset=off; " \
			"$work/out" &&
		grep -q "QEMU 10.2 and later also need host_tunnel=off" "$work/out" &&
		! grep "QEMU 8.2 and later" "$work/out"
}

# A QEMU without a feature cannot take a machine that has it.
too_old()
{
	"$tapcompat" record --model=tapnet-v2 --caps="$new" --qemu-version=7.2 2>"$work/err"
	[ $? = 1 ] && grep -q "QEMU: QEMU 7.2 has no such property; QEMU 8.2 has it" \
		"$work/err" || { cat "$work/err"; return 1; }
	"$tapcompat" record --model=tapnet-v2 --caps="$new" >"$work/vm" 2>"$work/err" &&
		! "$tapcompat" check --vm="$work/vm" --caps="$new" --qemu-version=7.2 \
			>"$work/out" 2>&1 &&
		grep -q "QEMU 7.2 does not have guest_uso4,guest_uso6,host_uso" "$work/out" &&
		"$tapcompat" baseline -q --holds=0x100000000000001 --qemu-version=7.2 "$new" |
			grep -q "the host or its QEMU lacks host_uso"
}

# domain and record --format=libvirt: the properties are the device's.
properties()
{
	sed -nE "s/.*property name='([a-z0-9_]*)' type='bool' value='(true|false)'.*/\1=\2/p" "$1" |
		sed 's/true/on/; s/false/off/' | paste -sd,
}

domain_starts()
{
	for machine in q35 pc-q35-7.2; do
		echo "<domain><os><type machine='$machine'>hvm</type></os><devices>
			<emulator>$1</emulator><interface type='bridge'><model type='virtio'/>
			</interface></devices></domain>" >"$work/domain"
		for host in "$old" "$new" "$newest"; do
			"$tapcompat" domain --baseline="$host" <"$work/domain" >"$work/out" &&
				starts "$1" "$(properties "$work/out")" &&
				"$tapcompat" domain --model=tapnet-v1 <"$work/domain" \
					>"$work/out" && starts "$1" "$(properties "$work/out")" ||
				{ echo "$machine, $host"; return 1; }
		done
	done
	for host in "$old" "$new" "$newest"; do
		"$tapcompat" record --model=tapnet-v1 --caps="$host" --format=libvirt \
			>"$work/out" 2>"$work/err" && starts "$1" "$(properties "$work/out")" ||
			return
	done
}

# check --vm --qemu and record --qemu find the version out.
asked()
{
	"$tapcompat" record --model=tapnet-v1 --caps="$newest" --qemu="$1" >"$work/vm" \
		2>"$work/err" && starts "$1" "$(jq -r '.device // ""' "$work/vm")" &&
		"$tapcompat" record --model=tapnet-v1 --caps="$old" >"$work/vm" 2>"$work/err" &&
		"$tapcompat" check --vm="$work/vm" --caps="$newest" --qemu="$1" >"$work/out" &&
		! grep "and later" "$work/out" && starts "$1" "$(flags_of "$work/out")"
}

old=../documents/linux-6.1.json new=../documents/linux-6.12.json newest=../documents/linux-6.18.json
echo "TAP version 13"
qemu_all
qemu_sid
[ -z "$no_qemu" ] || ktap_skip "a newer QEMU" "$no_qemu"
if [ -n "$no_qemu_sid" ]; then
	ktap_skip "the newest QEMU" "$no_qemu_sid"
else
	qemus="$qemus $qemu_sid"
fi
for qemu in $qemus; do
	v=$(version "$qemu")
	ktap "QEMU $v starts with the flags of a baseline" baseline_starts "$qemu"
	ktap "QEMU $v: and where its version is given" baseline_starts "$qemu" --qemu-version="$v"
	ktap "QEMU $v: and they are all of them" all_of_them "$qemu" "$v"
	ktap "QEMU $v starts with the flags of a record and a check" record_starts "$qemu"
	ktap "QEMU $v: and where its version is given" record_starts "$qemu" --qemu-version="$v"
	ktap "QEMU $v: and where it is asked" asked "$qemu"
	ktap "QEMU $v starts with what domain and record print for libvirt" domain_starts "$qemu"
	ktap_not "QEMU $v does not start with an unknown flag" starts "$qemu" host_later=off
done
ktap "flags that only newer QEMUs know are named" said_for_newer
ktap "a feature that a machine has says how old its QEMU can be" known_by_features
ktap "a QEMU without a required feature" too_old
echo "1..$ktap_number"
ktap_end
