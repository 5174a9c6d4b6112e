#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fallback.sh - on a kernel that really has no UDP segmentation: an unmodified QEMU by
# tapcompat run, and its guest
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh
. ../shim/guest.sh
. ./nest.sh

: "${NESTED_KERNELS:=linux-image-cloud-amd64@bookworm}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The tap is handed over as a descriptor.
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
		ktap "$title: it is said what is emulated" \
			part_has "say-$vhost" 'emulated: .*host_uso'
		ktap "$title: the guest has USO and ring reset" guest_has_uso "guest-$vhost"
		ktap "$title: every byte is right" cases_right "cases-$vhost"
		ktap "$title: it can be seen" part_has "stat-$vhost" tap0
	done
}

echo "TAP version 13"
for package in $NESTED_KERNELS; do
	kernel "$package"
done
echo "1..$ktap_number"
ktap_end
