#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# nested.sh - on a kernel that really has no UDP segmentation: an unmodified QEMU by
# tapcompat run, and its guest
#
# A machine with such a kernel, in it QEMU 10, and in that Linux 6.12: emulation in
# emulation, so it takes minutes and is not for every day.
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh
. ./guest.sh

: "${NESTED_KERNELS:=linux-image-cloud-amd64@bookworm}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# This QEMU wants a processor with cmpxchg16b.
machine_timeout=1800 machine_memory=2048 machine_cpu=Nehalem

# QEMU with its libraries and firmware, tapcompat, and the guest that it is to run.
prepare()
{
	guest_image || return
	machine_modules="tun bridge vhost_net"
	machine_kernel "$1" || return
	root=$work/root qemu_dir=$(ls -d "$build"/qemu/*-backports)
	machine_root "$root"
	machine_add "$root" "$qemu_dir/usr/bin/qemu-system-x86_64" "$build/tapcompat" \
		"$build/libtapcompat.so.0" "$build/libtapcompat-shim.so" "$traffic"
	mkdir -p "$root/share" &&
		cp -rL "$qemu_dir/usr/share/qemu" /usr/share/seabios "$root/share/" &&
		cp "$guest_kernel" "$root/guest-kernel" &&
		cp "$guest_root.cpio.gz" "$root/guest-root"
}

# What runs in the machine; "=== NAME" starts a part of the output.
script()
{
	cat <<-'SCRIPT'
	/bin/busybox --install -s /bin
	modprobe -a tun bridge vhost_net
	ip link set lo up
	ip link add br0 type bridge
	ip link set br0 up
	ip addr add 10.9.0.1/24 dev br0
	echo 0 >/proc/sys/net/ipv6/conf/br0/accept_dad
	ip addr add fd00:9:0::1/64 dev br0
	for vhost in on off; do
		echo "=== say-$vhost"
		/bin/traffic tap tap0 1 /bin/tapcompat run --no-verify -- /bin/qemu-system-x86_64 \
			-L /share/qemu -L /share/seabios -machine q35 -nodefaults -nographic \
			-accel tcg,thread=single -cpu Nehalem -m 256 \
			-kernel /guest-kernel -initrd /guest-root \
			-append "console=ttyS0 panic=-1 pti=off mitigations=off" \
			-serial file:/tmp/console -serial file:/tmp/out \
			-netdev tap,id=net0,fd=10,vhost=$vhost \
			-device virtio-net-pci,netdev=net0,mac=52:54:00:09:00:00,romfile= \
			</dev/null 2>&1 &
		qemu=$!
		until [ -e /sys/class/net/tap0 ]; do sleep 0.1; done
		ip link set tap0 master br0
		ip link set tap0 up
		tries=0
		until grep -q "is ready" /tmp/out || [ $((tries += 1)) -gt 600 ] ||
			! kill -0 $qemu; do sleep 1; done 2>/dev/null
		echo "=== guest-$vhost"
		cat /tmp/out
		tail -n 5 /tmp/console
		for cases in "equal segments" "a short tail" "TCP both ways"; do
			/bin/traffic run "--only=$cases" 10.9.0.2 fd00:9:0::2
		done >/tmp/cases 2>&1
		echo "=== cases-$vhost"
		cat /tmp/cases
		echo "=== stat-$vhost"
		/bin/tapcompat stat $qemu
		kill $qemu
		wait $qemu
		rm -f /tmp/out /tmp/console
	done
	SCRIPT
}

part()
{
	awk -v want="=== $1" '/^=== / { on = $0 == want; next } on' "$work/output"
}

boot()
{
	script >"$work/script"
	machine_run "$root" "$work/script" "$work/output"
}

part_has()
{
	part "$1" >"$work/part"
	grep -qE -- "$2" "$work/part" || { cat "$work/part"; return 1; }
}

# The bits 54 to 56, and 40, in a guest on a kernel without the first three.
guest_has_uso()
{
	part_has "guest-$1" '^.{40}1.{13}111'
}

# Each family, each direction, each of the three cases; nothing else than "ok".
cases_right()
{
	part "cases-$1" >"$work/part"
	[ "$(grep -c '^ok ' "$work/part")" -ge 10 ] && ! grep -q '^not ok' "$work/part" &&
		[ "$(grep -c '^traffic: .* 0 failed' "$work/part")" = 3 ] ||
		{ cat "$work/part"; return 1; }
}

kernel()
{
	if prepare "$1" >"$work/log" 2>&1; then
		ktap_point ok "$1: its packages"
	else
		sed 's/^/# /' "$work/log"
		ktap_point "not ok" "$1: its packages"
		return
	fi
	ktap "$kernel_release: boots and runs QEMU" boot
	for vhost in on off; do
		title="$kernel_release: vhost=$vhost"
		ktap "$title: it is said what is emulated" \
			part_has "say-$vhost" 'emulated: .*host_uso'
		ktap "$title: the guest has USO and ring reset" guest_has_uso $vhost
		ktap "$title: every byte is right" cases_right $vhost
		ktap "$title: it can be seen" part_has "stat-$vhost" tap0
	done
}

echo "TAP version 13"
for package in $NESTED_KERNELS; do
	kernel "$package"
done
echo "1..$ktap_number"
ktap_end
