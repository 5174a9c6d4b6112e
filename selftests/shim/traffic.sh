#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# traffic.sh - a guest has UDP segmentation on a kernel without it, every byte arrives, and
# traffic continues whatever happens to the guest's card
#
# The kernel's own is masked, so that the test runs on any kernel.  SHIM=none checks the test
# itself, with the kernel's own offloads and without vhost.
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh
. ./guest.sh
shim_test "$@"

sandbox="-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

# Errors of a guest are detected: on the loopback, without a guest.
corrupted()
{
	"$traffic" serve --corrupt="$1" >"$work/corrupted" 2>&1 &
	server=$!
	for try in 1 2 3 4 5 6 7 8 9 10; do
		"$traffic" read 127.0.0.1 /proc/uptime >/dev/null && break
		sleep 0.1
	done
	"$traffic" run --only="from the guest: a burst" 127.0.0.1
	status=$?
	kill $server
	return $status
}

stop_and_cont()
{
	qmp guest stop && qmp guest until paused && soak_rests && qmp guest cont && soak_moves
}

link_off_and_on()
{
	qmp guest set_link name=nic0 up=false && soak_rests &&
		qmp guest set_link name=nic0 up=true && soak_moves
}

# Twice, to detect leftovers of the first time.
disturbed()
{
	open=$(descriptors guest)
	ktap "$1: continuous traffic" soak_start 10.9.0.2 fd00:9:0::2
	ktap "$1: stop and cont" stop_and_cont
	ktap "$1: the link goes off and on" link_off_and_on
	ktap "$1: stop and cont again" stop_and_cont
	ktap "$1: all traffic was right" soak_end
	ktap "$1: QEMU has as many descriptors as before" as_many_descriptors guest "$open"
}

same_features()
{
	features 0 >"$work/features.now" && diff "$work/features.first" "$work/features.now"
}

# @title @threads: a guest that is up again
still_all_right()
{
	ktap "$1: the same features" same_features
	[ -n "$plain" ] || ktap "$1: number of threads" moved_by "$2"
	ktap "$1: all traffic" all_cases 10.9.0.2 fd00:9:0::2
}

reset()
{
	qmp guest system_reset && guest_wait guest "$1"
}

plug()
{
	qmp guest unplug nic0 && qmp guest netdev_del id=net0 &&
		qmp guest netdev_add type=tap id=net0 ifname=tap0 script=no downscript=no \
			vhost=$([ $vhost = on ] && echo true || echo false) &&
		qmp guest device_add driver=virtio-net-pci id=nic0 netdev=net0 bus=port0 \
			mac=52:54:00:09:00:00 romfile= && guest_wait guest "$1"
}

# @title @threads: a running guest
whole()
{
	ktap "$1: the guest has USO and ring reset" has_uso 0
	[ -n "$plain" ] || ktap "$1: number of threads" moved_by "$2"
	features 0 >"$work/features.first"
	if [ -z "$plain" ]; then
		ktap "$1: super-packets are split before the tap" split_here tap0
	else
		ktap "$1: super-packets are whole at the tap" whole_here tap0
	fi
	cases "$1" 10.9.0.2 fd00:9:0::2
	disturbed "$1"
}

# A new tap and a new guest.
without_vhost()
{
	vhost=off
	ktap "vhost=off: a guest" guest_boot guest 1 \
		$(card 0 ifname=tap0,script=no,downscript=no,vhost=$vhost)
	whole vhost=off 0
	ktap "vhost=off: a reset" flooded 10.9.0.2 reset 2
	still_all_right "vhost=off, reset" 0
	ktap "vhost=off: shutdown" guest_down guest
}

# In a sandbox as libvirt's; the tap is first given as a descriptor and then by name.
with_vhost()
{
	vhost=$on launch="$traffic tap tap0 1"
	ktap "vhost=on: a guest" guest_boot guest 1 $sandbox -device pcie-root-port,id=port0 \
		$(card 0 fd=10,vhost=$vhost bus=port0)
	launch=
	whole vhost=on 1
	ktap "vhost=on: another card" flooded 10.9.0.2 plug 2
	still_all_right "vhost=on, another card" 1
	ktap "vhost=on: a reset" flooded 10.9.0.2 reset 3
	still_all_right "vhost=on, reset" 1
	ktap "vhost=on: shutdown" guest_down guest
}

both_at_once()
{
	"$traffic" run 10.9.1.2 fd00:9:1::2 >"$work/other" 2>&1 &
	other=$!
	all_cases 10.9.0.2 fd00:9:0::2
	status=$?
	wait $other
	nothing_lost "$work/other" && return $status
}

# Both cards had interrupts on the rings of both queue pairs.
all_queues()
{
	"$traffic" read 10.9.0.2 /proc/interrupts >"$work/interrupts" || return
	used=$(awk '/virtio[0-9]+-(input|output)\.[01]$/ && $2 + $3 > 0' "$work/interrupts" |
		wc -l)
	[ "$used" = 8 ] || { cat "$work/interrupts"; return 1; }
}

two_cards()
{
	cpus=2 preloaded=$preload launch="$traffic tap tap2 2 $run"
	[ -z "$run" ] || preload=
	ktap "two cards: a guest" guest_boot guest 2 $sandbox \
		$(card 0 ifname=tap1,script=no,downscript=no,queues=2,vhost=$on mq=on,vectors=6) \
		$(card 1 fds=10:11,vhost=off mq=on,vectors=6)
	launch='' preload=$preloaded
	ktap "two cards: one has USO and ring reset" has_uso 0
	ktap "two cards: so has the other" has_uso 1
	[ -n "$plain" ] || ktap "two cards: number of threads" moved_by 2
	ktap "two cards: all traffic, at once" both_at_once
	ktap "two cards: all queues were used" all_queues
	ktap "two cards: continuous traffic" soak_start 10.9.0.2 fd00:9:1::2
	ktap "two cards: stop and cont" stop_and_cont
	ktap "two cards: all traffic was right" soak_end
	ktap "two cards: shutdown" guest_down guest
}

shim_world tap0 tap1/2 tap2/2 || exit
ktap "nothing corrupted" corrupted nothing
for how in bit order size twice lost; do
	ktap_not "corrupted on purpose: $how" corrupted $how
done
plain='' on=on run="$build/tapcompat run --"
[ -z "${SHIM:-}" ] || run=
if [ "$shim" = none ]; then
	plain=1 on=off
elif [ -e "$shim" ]; then
	preload=$shim mask=$uso emulate=auto
fi
if [ -z "$preload$plain" ]; then
	ktap_skip "emulation" "$shim is not built"
else
	without_vhost
	with_vhost
	two_cards
fi
echo "1..$ktap_number"
ktap_end
