#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# nest.sh - a machine with a given kernel that runs QEMU 10 with a Linux 6.12 guest
#
# Sourced by the tests.  This is emulation within emulation: a guest takes minutes to boot,
# so these tests are not part of every run.
#
#	nest_kernels PACKAGE@SUITE…
#				the whole test: calls the caller's kernel() for each
#				of them
#	nest_machine PACKAGE@SUITE FUNCTION
#				boots one and runs nest_script followed by the output of
#				FUNCTION in it; sets kernel_release
#	part NAME		the part of its output after "=== NAME"
#	part_has NAME REGEX
#	guest_has_uso NAME	bits 54 to 56, and 40, of the guest's card
#	cases_right NAME	the output of nest_script's cases is right
#
# In the machine:
#
#	say NAME		begins a part
#	qemu NAME TAP VHOST NETDEV [ARGUMENT…]
#				runs $start /bin/qemu-… with that tap, pid in $qemu; NETDEV
#				is the netdev's option for the tap
#	ready NAME		waits for its guest
#	cases			traffic in each of its forms

. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh
. ../shim/guest.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# This QEMU needs a processor with cmpxchg16b, which older QEMUs do not emulate well.
machine_timeout=2400 machine_memory=2048 machine_cpu=Nehalem

# Uncompressed if possible, because the kernel's own decompressor takes long.
nest_kernel()
{
	LC_ALL=C grep -obUaP '\x28\xb5\x2f\xfd' "$guest_kernel" | while IFS=: read -r at magic; do
		tail -c "+$((at + 1))" "$guest_kernel" | zstd -dcq >"$1" 2>/dev/null
		[ "$(head -c 4 "$1" | tail -c 3)" != ELF ] || break
	done
	[ "$(head -c 4 "$1" | tail -c 3)" = ELF ] || cp "$guest_kernel" "$1"
}

# QEMU with its libraries and firmware, tapcompat, and the guest.
nest_prepare()
{
	guest_image || return
	machine_qemu=$(echo "$qemus" | tr ' ' '\n' | tail -n1)
	machine_modules="tun bridge vhost_net"
	machine_kernel "$1" || return
	root=$work/root qemu_dir=$(ls -d "$build"/qemu/*-backports)
	machine_root "$root"
	machine_add "$root" "$qemu_dir/usr/bin/qemu-system-x86_64" "$build/tapcompat" \
		"$build/libtapcompat.so.0" "$build/libtapcompat-shim.so" "$traffic"
	mkdir -p "$root/share" &&
		cp -rL "$qemu_dir/usr/share/qemu" /usr/share/seabios "$root/share/" &&
		nest_kernel "$root/guest-kernel" &&
		gzip -dc "$guest_root.cpio.gz" >"$root/guest-root"
}

nest_script()
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

	# QEMU's messages have their newlines late.
	say()
	{
		printf '\n=== %s\n' "$1"
	}

	qemu()
	{
		name=$1 tap=$2 vhost=$3 netdev=$4
		shift 4
		$start /bin/qemu-system-x86_64 \
			-L /share/qemu -L /share/seabios -machine q35 -nodefaults -nographic \
			-accel tcg,thread=single -cpu Nehalem -m 256 \
			-kernel /guest-kernel -initrd /guest-root \
			-append "console=ttyS0 quiet panic=-1 pti=off mitigations=off \
				init_on_alloc=0 tsc=reliable no_timer_check" \
			-serial file:/tmp/$name.console -serial file:/tmp/$name.out \
			-netdev tap,id=net0,$netdev,vhost=$vhost \
			-device virtio-net-pci,netdev=net0,mac=52:54:00:09:00:00,romfile= \
			"$@" </dev/null 2>&1 &
		qemu=$!
		tries=0
		until [ -e /sys/class/net/$tap ] || [ $((tries += 1)) -gt 600 ]; do
			sleep 0.1
		done
		ip link set $tap master br0
		ip link set $tap up
	}

	ready()
	{
		tries=0
		until grep -q "is ready" /tmp/$1.out || [ $((tries += 1)) -gt 900 ]; do
			sleep 1
		done 2>/dev/null
		cat /tmp/$1.out
		tail -n 5 /tmp/$1.console
	}

	cases()
	{
		for cases in "equal segments" "a short tail" "TCP both ways"; do
			/bin/traffic run "--only=$cases" 10.9.0.2 fd00:9:0::2
		done 2>&1
	}
	SCRIPT
}

nest_run()
{
	{ nest_script && "$1"; } >"$work/script"
	machine_run "$root" "$work/script" "$work/output"
}

nest_machine()
{
	if ! nest_prepare "$1" >"$work/log" 2>&1; then
		sed 's/^/# /' "$work/log"
		ktap_point "not ok" "$1: its packages"
		return 1
	fi
	ktap_point ok "$1: its packages"
	ktap "$kernel_release: boots and runs QEMU" nest_run "$2"
}

part()
{
	awk -v want="=== $1" '/^=== / { on = $0 == want; next } on' "$work/output"
}

part_has()
{
	part "$1" >"$work/part"
	grep -qE -- "$2" "$work/part" || { cat "$work/part"; return 1; }
}

guest_has_uso()
{
	part_has "$1" '^.{40}1.{13}111'
}

# Each family, each direction, each of the three cases: "ok" only.
cases_right()
{
	part "$1" >"$work/part"
	[ "$(grep -c '^ok ' "$work/part")" -ge 10 ] && ! grep -q '^not ok' "$work/part" &&
		[ "$(grep -c '^traffic: .* 0 failed' "$work/part")" = 3 ] ||
		{ cat "$work/part"; return 1; }
}

nest_kernels()
{
	echo "TAP version 13"
	for package; do
		kernel "$package"
	done
	echo "1..$ktap_number"
	ktap_end
}
