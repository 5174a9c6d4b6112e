#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# migrate.sh - a guest with traffic migrates from a kernel that has UDP segmentation to one
# that emulates it, and back: no byte of its traffic or memory is wrong
#
# The other kernel is this one with UDP segmentation masked.  SHIM=none checks the test
# itself: both sides use the kernel's own, without vhost.
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh
. ./guest.sh
shim_test "$@"

# QEMU's arguments for the card, the same on both sides except for the name of the tap
card_on()
{
	card 0 "ifname=$1,script=no,downscript=no,vhost=$vhost"
}

# Start a QEMU that waits for an incoming migration.
waits()
{
	guest_start "$1" $(card_on "$2") -incoming "unix:$work/$1.migrate" && qmp_up "$1"
}

qmp_up()
{
	for try in $(seq 100); do
		[ ! -S "$work/$1.migrate" ] || return 0
		lives "$1" || break
		sleep 0.1
	done
	cat "$work/$1.err"
	return 1
}

# @from @to: migrate; traffic continues at the destination, and the source can be ended
moves()
{
	qmp "$1" migrate-to "unix:$work/$2.migrate" >"$work/migration" || {
		cat "$work/migration" "$work/$2.err"
		return 1
	}
	cat "$work/migration"
	qmp "$2" until running && soak_moves && guest_down "$1"
}

# The destination reports why and exits, and the guest keeps running at the source.
refused()
{
	if qmp "$1" migrate-to "unix:$work/$2.migrate"; then
		echo "it was not refused"
		return 1
	fi
	grep -E 'Features 0x[0-9a-f]+ unsupported\. Allowed features: 0x[0-9a-f]+' \
		"$work/$2.err" || { cat "$work/$2.err"; return 1; }
	qmp "$1" until running && soak_moves
}

kernels_own()
{
	mask='' emulate=auto preload=$1
}

emulated()
{
	mask=$uso emulate=auto preload=$shim
	[ -z "$plain" ] || preload=
}

# @from @to @tap: migrate with traffic
hop()
{
	ktap "$title: QEMU on $3 waits for the guest" waits "$2" "$3"
	ktap "$title: continuous traffic" soak_start 10.9.0.2 fd00:9:0::2
	ktap "$title: the guest migrates to $3" moves "$1" "$2"
	ktap "$title: no byte was wrong during migration to $3" soak_end
}

# @title @preload: of the QEMUs that use the kernel's own
there_and_back()
{
	title=$1 own=$2
	kernels_own "$own"
	ktap "$title: a guest with the kernel's own" guest_boot first 1 $(card_on tap0)
	ktap "$title: it has USO and ring reset" has_uso 0
	ktap "$title: super-packets are whole at tap0" whole_here tap0
	[ -n "$plain" ] || [ "$vhost" = on ] || refuses
	emulated
	hop first second tap1
	[ -n "$plain" ] || ktap "$title: super-packets are split before tap1" split_here tap1
	kernels_own "$own"
	hop second third tap2
	ktap "$title: super-packets are whole at tap2" whole_here tap2
	ktap "$title: all traffic" all_cases 10.9.0.2 fd00:9:0::2
	ktap "$title: shutdown" guest_down third
}

refuses()
{
	emulated
	emulate=none
	ktap "$title: a QEMU without USO and without emulation" waits lacking tap3
	ktap "$title: continuous traffic" soak_start 10.9.0.2
	ktap "$title: it refuses the guest, which keeps running" refused first lacking
	ktap "$title: no byte was wrong" soak_end
}

shim_world tap0 tap1 tap2 tap3 || exit
plain=''
[ "$shim" != none ] || plain=1
if ! "$build/tapcompat" check --require="csum,guest_csum,$uso" >/dev/null 2>&1; then
	ktap_skip "migration" "this kernel's tap has no USO"
elif [ -z "$plain" ] && [ ! -e "$shim" ]; then
	ktap_skip "migration" "$shim is not built"
else
	vhost=off
	there_and_back "vhost=off" ''
	vhost=on
	[ -n "$plain" ] || there_and_back "vhost=on" "$shim"
fi
echo "1..$ktap_number"
ktap_end
