#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fallback.sh - an unmodified QEMU and its guest with tapcompat run, on a kernel that really
# has no UDP segmentation
. ./nest.sh

: "${NESTED_KERNELS:=linux-image-cloud-amd64@bookworm}"

# The tap is passed as a descriptor.
script()
{
	cat <<-'SCRIPT'
	start="/bin/traffic tap tap0 1 /bin/tapcompat run --no-verify --"
	for vhost in on off; do
		say say-$vhost
		qemu $vhost tap0 $vhost fd=10
		ready $vhost >/tmp/ready
		say guest-$vhost
		cat /tmp/ready
		cases >/tmp/cases
		say cases-$vhost
		cat /tmp/cases
		say stat-$vhost
		/bin/tapcompat stat $qemu
		kill $qemu
		wait $qemu
	done
	SCRIPT
}

kernel()
{
	nest_machine "$1" script || return
	for vhost in on off; do
		title="$kernel_release: vhost=$vhost"
		ktap "$title: the emulated features are reported" \
			part_has "say-$vhost" 'emulated: .*host_uso'
		ktap "$title: the guest has USO and ring reset" guest_has_uso "guest-$vhost"
		ktap "$title: every byte is right" cases_right "cases-$vhost"
		ktap "$title: stat shows the tap" part_has "stat-$vhost" tap0
	done
	ktap "$kernel_release: the kernel's vhost-net moves the frames" \
		part_has stat-on "tapcompat's device, vhost, running"
}

nest_kernels $NESTED_KERNELS
