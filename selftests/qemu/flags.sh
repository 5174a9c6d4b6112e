#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# flags.sh - every QEMU starts with the flags that are printed for it
#
# Each of the hosts' documents, and one of a kernel with tunnel offloads.
. ../ktap.sh
. ./qemu.sh

tapcompat=$build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A host whose kernel has the offloads of Linux 6.17
tunnels()
{
	jq -c '.host.name = "linux-6.18" | .host.kernel = "6.18.0" |
		.backends |= map(if .type == "tap" or .type == "vhost-net" then
			# The mask of 6.12, with bits 65 to 68
			.native |= "0x1e" + ("000000000000000" + .[2:])[-16:] |
			.emulated = "0x0" | .features |= map(if .state != "emulated" then .
				elif .bit > 64 then .state = "native" | .verified = "passed"
				else .state = "absent" end) else . end)' \
		../documents/linux-6.12.json
}

# starts QEMU DEVICE [ARGUMENT...]: does it get as far as its monitor?
starts()
{
	qemu=$1 device=$2
	shift 2
	echo quit | timeout 60 "$qemu" -machine q35 -accel tcg -nodefaults -display none -S \
		-monitor stdio -netdev user,id=net0 \
		-device "virtio-net-pci,netdev=net0,romfile=${device:+,$device}" "$@" \
		>"$work/qemu" 2>&1 || { cat "$work/qemu"; return 1; }
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
	for hosts in "$old $new" "$old $tunnels" "$new $tunnels" "$tunnels $tunnels" \
			"$old $new $tunnels"; do
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
	for host in "$old" "$new" "$tunnels"; do
		"$tapcompat" record --model=tapnet-v1 --caps="$host" "$@" >"$work/vm" \
			2>"$work/err" && starts "$qemu" "$(jq -r '.device // ""' "$work/vm")" ||
			return
		for there in "$old" "$new" "$tunnels"; do
			"$tapcompat" check --vm="$work/vm" --caps="$there" "$@" >"$work/out" &&
				starts "$qemu" "$(flags_of "$work/out")" ||
				{ echo "$host to $there"; return 1; }
		done
	done
}

# Where the QEMU is known, all of its flags are printed.
all_of_them()
{
	"$tapcompat" baseline --format=qemu --qemu-version="$2" "$old" "$tunnels" >"$work/out" &&
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
	"$tapcompat" baseline --format=qemu "$old" "$tunnels" 2>&1 >"$work/out" |
		grep -q "$later" && "$tapcompat" baseline "$old" "$tunnels" | grep -q "$later" &&
		"$tapcompat" record --model=tapnet-v1 --caps="$tunnels" 2>&1 >"$work/vm" |
			grep -q "$later" &&
		[ "$(jq -r '[.later[].qemu] | join(" ")' "$work/vm")" = "8.2 10.2" ] &&
		"$tapcompat" check --vm="$work/vm" --caps="$tunnels" | grep -q "$later" &&
		[ "$("$tapcompat" -j baseline "$old" "$tunnels" |
			jq -r '[.later[].qemu] | join(" ")')" = "8.2 10.2" ]
}

# A machine that has a feature runs on a QEMU that knows it.
known_by_features()
{
	"$tapcompat" baseline -q --holds=0x1000000300fff87 "$old" "$tunnels" >"$work/out" &&
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

# check --vm --qemu and record --qemu find the version out.
asked()
{
	"$tapcompat" record --model=tapnet-v1 --caps="$tunnels" --qemu="$1" >"$work/vm" \
		2>"$work/err" && starts "$1" "$(jq -r '.device // ""' "$work/vm")" &&
		"$tapcompat" record --model=tapnet-v1 --caps="$old" >"$work/vm" 2>"$work/err" &&
		"$tapcompat" check --vm="$work/vm" --caps="$tunnels" --qemu="$1" >"$work/out" &&
		! grep "and later" "$work/out" && starts "$1" "$(flags_of "$work/out")"
}

old=../documents/linux-6.1.json new=../documents/linux-6.12.json tunnels=$work/linux-6.18.json
echo "TAP version 13"
tunnels >"$tunnels"
ktap "a document of a kernel with tunnel offloads" "$tapcompat" check --caps="$tunnels" \
	--require=host_tunnel,guest_tunnel_csum,host_uso
qemu_all
[ -z "$no_qemu" ] || ktap_skip "a newer QEMU" "$no_qemu"
for qemu in $qemus; do
	v=$(version "$qemu")
	ktap "QEMU $v starts with the flags of a baseline" baseline_starts "$qemu"
	ktap "QEMU $v: and where its version is given" baseline_starts "$qemu" --qemu-version="$v"
	ktap "QEMU $v: and they are all of them" all_of_them "$qemu" "$v"
	ktap "QEMU $v starts with the flags of a record and a check" record_starts "$qemu"
	ktap "QEMU $v: and where its version is given" record_starts "$qemu" --qemu-version="$v"
	ktap "QEMU $v: and where it is asked" asked "$qemu"
	ktap_not "QEMU $v does not start with an unknown flag" starts "$qemu" host_later=off
done
ktap "flags that only newer QEMUs know are named" said_for_newer
ktap "a feature that a machine has says how old its QEMU can be" known_by_features
ktap "a QEMU without a required feature" too_old
echo "1..$ktap_number"
ktap_end
