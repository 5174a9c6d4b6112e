#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vhost.sh - a kernel that has all features: tapcompat run leaves taps and vhost-net to it;
# and a guest migrates with traffic from the kernel's vhost-net to the shim's and back
. ./nest.sh

: "${NESTED_VHOST_KERNELS:=linux-image-cloud-amd64@bookworm-backports}"

# The last one runs without the shim.  Emulated machines are slow: the transfer after the
# guest has stopped may take seconds.
script()
{
	cat <<-'SCRIPT'
	qemu_of()
	{
		mkfifo /tmp/$1.mon.in /tmp/$1.mon.out
		cat /tmp/$1.mon.out >/tmp/$1.said &
		name=$1 tap=$2
		shift 2
		qemu $name $tap on ifname=$tap,script=no,downscript=no \
			-monitor pipe:/tmp/$name.mon "$@"
		eval "pid_$name=$qemu"
	}

	waits()
	{
		qemu_of $1 $2 -incoming unix:/tmp/$1.migrate
		tries=0
		until [ -S /tmp/$1.migrate ] || [ $((tries += 1)) -gt 60 ]; do sleep 1; done
	}

	moves()
	{
		echo "migrate_set_parameter downtime-limit 15000" >/tmp/$1.mon.in
		echo "migrate -d unix:/tmp/$2.migrate" >/tmp/$1.mon.in
		tries=0
		until grep -qE "(completed|failed)" /tmp/$1.said || [ $((tries += 1)) -gt 60 ]; do
			sleep 5
			echo "info migrate" >/tmp/$1.mon.in
		done
		grep -aE "status:|Status:|time:|downtime" /tmp/$1.said | tail -n 4
		eval "kill \$pid_$1"
	}

	# One stream at a time, both ways: 'traffic soak' would saturate these machines.
	streams()
	{
		while [ ! -e /tmp/enough ]; do
			/bin/traffic run "--only=TCP both ways" 10.9.0.2 fd00:9:0::2
		done >/tmp/streams 2>&1
	}

	ended()
	{
		grep -c '^traffic:' /tmp/streams
	}

	soak()
	{
		rm -f /tmp/enough /tmp/streams
		streams &
		soak=$! tries=0
		until [ "$(ended)" -gt 0 ] || [ $((tries += 1)) -gt 120 ]; do sleep 1; done
	}

	# Wait for the streams under way and one more.
	soaked()
	{
		before=$(ended) tries=0
		until [ "$(ended)" -gt $((before + 1)) ] || [ $((tries += 1)) -gt 120 ]; do
			sleep 1
		done
		touch /tmp/enough
		wait $soak
		echo "moved on: $(($(ended) - before))"
		cat /tmp/streams
	}

	report()
	{
		cases >/tmp/cases
		say cases-$1
		cat /tmp/cases
		say stat-$1
		/bin/tapcompat stat $qemu
	}

	hop()
	{
		say say-$2
		waits $2 $3
		soak
		moves $1 $2 >/tmp/moves
		say moves-$2
		cat /tmp/moves
		say soak-$2
		soaked
		report $2
	}

	say say-kernel
	start="/bin/tapcompat run --no-verify --"
	qemu_of kernel tap0
	ready kernel >/tmp/ready
	say guest
	cat /tmp/ready
	report kernel
	start="/bin/tapcompat run --no-verify --mask=host_uso,guest_uso4,guest_uso6,queue_reset --"
	hop kernel device tap1
	start=
	hop device again tap2
	kill $qemu
	SCRIPT
}

# At least one stream has ended, and none failed.
streams_right()
{
	part_has "$1" '^traffic: .*, 0 failed' &&
		! grep -E '^not ok|, [1-9][0-9]* failed' "$work/part"
}

hop_right()
{
	ktap "$title: the guest migrates" part_has "moves-$1" 'completed'
	ktap "$title: traffic goes on" part_has "soak-$1" '^moved on: [1-9]'
	ktap "$title: no byte was wrong during migration" streams_right "soak-$1"
	ktap "$title: every byte is right at the destination" cases_right "cases-$1"
}

kernel()
{
	nest_machine "$1" script || return
	title="$kernel_release: the kernel's vhost-net"
	ktap "$title: nothing is emulated" part_has say-kernel 'vhost-net: .*emulated: nothing'
	ktap "$title: the guest has USO and ring reset" guest_has_uso guest
	ktap "$title: every byte is right" cases_right cases-kernel
	ktap "$title: the kernel is the datapath" part_has stat-kernel 'datapath: kernel'
	title="$kernel_release: to the shim's vhost-net"
	hop_right device
	ktap "$title: the device is the datapath" part_has stat-device "tapcompat's device, vhost"
	title="$kernel_release: back to the kernel's, without the shim"
	hop_right again
}

nest_kernels $NESTED_VHOST_KERNELS
