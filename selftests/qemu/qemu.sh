# SPDX-License-Identifier: GPL-2.0-or-later
#
# qemu.sh - QEMUs for tests, and a guest to run in them
#
# Sourced by the tests.  Uses the distribution's QEMU and a newer one, unpacked.
#
#	qemu_all		sets qemus to the paths of the programs, and no_qemu to the
#				reason if one of them is missing
#	qemu_sid		sets qemu_sid to Debian unstable's QEMU, which brings the C
#				library that it needs, and no_qemu_sid to the reason if it is
#				missing; qemu_all leaves it out
#	qemu_world		a network namespace with the bridge br0 and an /etc
#				that allows it; call it in a subshell
#	qemu_inside ARGUMENTS	the part of a test that runs in such a namespace, where the
#				ARGUMENTS begin with --inside: then it does not return
#	guest_prepare		a guest of Linux 6.12: sets guest_kernel, guest_root
#	guest_run QEMU MACHINE NETDEV OUTPUT [ARGUMENT…]
#				boots it and writes the features that it acked to OUTPUT;
#				the ARGUMENTs define the device, by default a plain
#				virtio-net-pci

: "${build:=$(cd "$(dirname "$0")/../.." && pwd)/build}"
helper=$build/tapcompat-helper

# Options tell it where its modules and the distribution's firmware are.
qemu_wrap()
{
	mkdir -p "$build/qemu/bin"
	cat >"$build/qemu/bin/qemu-$2" <<-WRAP
	#!/bin/sh
	QEMU_MODULE_DIR=$1/usr/lib/$(uname -m)-linux-gnu/qemu
	export QEMU_MODULE_DIR
	exec $1/usr/bin/qemu-system-x86_64 -L $1/usr/share/qemu -L /usr/share/seabios \\
		-L /usr/lib/ipxe/qemu "\$@"
	WRAP
	chmod +x "$build/qemu/bin/qemu-$2"
	qemus="$qemus $build/qemu/bin/qemu-$2"
}

qemu_all()
{
	qemus=$(command -v qemu-system-x86_64) no_qemu=
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")-backports
	if ! "$build/../scripts/debian-fetch" "$suite" qemu-system-x86 "$build/qemu/$suite" \
		'qemu-system-(common|data)' >"$work/fetch" 2>&1; then
		no_qemu="$suite has no QEMU: $(tail -n1 "$work/fetch")"
	elif ldd "$build/qemu/$suite/usr/bin/qemu-system-x86_64" | grep -q 'not found'; then
		no_qemu="the QEMU of $suite needs libraries that are not here"
	else
		qemu_wrap "$build/qemu/$suite" "$suite"
	fi
}

qemu_sid()
{
	root=$build/qemu/sid qemu_sid=$build/qemu/bin/qemu-sid no_qemu_sid=
	libraries=$root/usr/lib/$(uname -m)-linux-gnu
	if ! "$build/../scripts/debian-fetch" sid qemu-system-x86 "$root" \
		'qemu-system-(common|data)|lib.*|gcc-[0-9]+-base|seabios|ipxe-qemu' \
		>"$work/fetch" 2>&1; then
		no_qemu_sid="sid has no QEMU: $(tail -n1 "$work/fetch")"
		return
	fi
	mkdir -p "$build/qemu/bin"
	cat >"$qemu_sid" <<-WRAP
	#!/bin/sh
	QEMU_MODULE_DIR=$libraries/qemu
	export QEMU_MODULE_DIR
	exec $(echo "$libraries"/ld-linux-*.so.*) --library-path $libraries \\
		$root/usr/bin/qemu-system-x86_64 -L $root/usr/share/qemu \\
		-L $root/usr/share/seabios "\$@"
	WRAP
	chmod +x "$qemu_sid"
	"$qemu_sid" --version >"$work/version" 2>&1 ||
		no_qemu_sid="the QEMU of sid does not run: $(tail -n1 "$work/version")"
}

qemu_world()
{
	mount -t tmpfs -o mode=755 tmpfs /etc && mkdir /etc/qemu &&
		echo "allow br0" >/etc/qemu/bridge.conf && ip link set lo up &&
		ip link add br0 type bridge && ip link set br0 up
}

qemu_inside()
{
	[ "${1:-}" = --inside ] || return 0
	shift
	guest_kernel=$1 guest_root=$2
	shift 2
	qemu_world && guest_run "$@"
	exit
}

guest_prepare()
{
	machine_modules="virtio_pci virtio_net"
	machine_kernel linux-image-cloud-amd64@bookworm-backports || return
	guest_kernel=$kernel_image guest_root=$work/guest
	machine_root "$guest_root"
	cat >"$guest_root/script" <<-'SCRIPT'
	modprobe virtio_pci
	modprobe virtio_net
	cat /sys/bus/virtio/devices/*/features
	SCRIPT
	(cd "$guest_root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$guest_root.cpio.gz"
}

# TCG may crash a guest before its user space is up: try again.
guest_run()
{
	qemu=$1 machine=$2 netdev=$3 output=$4
	shift 4
	[ $# -gt 0 ] || set -- -device virtio-net-pci,netdev=net0,romfile=
	for try in 1 2 3; do
		: >"$output"
		timeout 120 "$qemu" -machine "$machine" -nodefaults -nographic \
			-accel tcg,thread=multi -cpu Nehalem,-cx16 -m 256 -smp 1 -no-reboot \
			-kernel "$guest_kernel" -initrd "$guest_root.cpio.gz" \
			-append "console=ttyS0 quiet panic=-1 pti=off" \
			-serial "file:$guest_root.console" -serial "file:$output" \
			-netdev "$netdev" "$@" \
			</dev/null 2>"$output.err"
		grep -q '^machine: script ended' "$output" && return 0
		! grep -q '^machine: up' "$guest_root.console" || break
	done
	cat "$output.err"
	tail -n 20 "$guest_root.console"
	return 1
}
