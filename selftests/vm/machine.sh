# SPDX-License-Identifier: GPL-2.0-or-later
#
# machine.sh - test machines: a Debian kernel under QEMU without hardware help
#
# Sourced by the tests.  A machine is a kernel package, unpacked, and an
# initramfs: busybox, kmod, the modules that taps need, and what the test
# brings along.  Its second serial port has the test's output, without the messages
# of the kernel.
#
#	machine_kernel PACKAGE@SUITE	sets kernel_dir, kernel_image, kernel_release
#	machine_root DIRECTORY		an empty root, with busybox and modules
#	machine_add ROOT FILE…		programs, with the libraries that they need
#	machine_run ROOT SCRIPT OUTPUT	boots, runs SCRIPT there, waits
#	machine_lie PACKAGE@SUITE	builds the module lie.ko: sets lie to its
#					path, or to nothing and no_lie to the reason

: "${build:=$(cd "$(dirname "$0")/../.." && pwd)/build}"
scripts=$build/../scripts

# Modules that the tests load; their dependencies are added.
machine_modules="tun tap macvtap macvlan veth bridge vxlan dummy vhost_net vhost_iotlb
	vdpa vduse vhost_vdpa virtio_vdpa sch_fq_codel kheaders"

machine_fail()
{
	echo "# $*" >&2
	return 1
}

machine_kernel()
{
	case $1 in
	[!@]*@[!@]*) ;;
	*) machine_fail "$1 is not PACKAGE@SUITE, such as linux-image-cloud-amd64@sid"; return ;;
	esac
	kernel_dir=$build/kernels/$1
	"$scripts/debian-fetch" "${1#*@}" "${1%@*}" "$kernel_dir" \
		'linux-(image|binary|modules)-.*' || return 1
	kernel_image=$(find "$kernel_dir" -name 'vmlinuz*' | head -n1)
	modules=$(find "$kernel_dir" -path '*/lib/modules/*' -name kernel -type d | head -n1)
	[ -n "$kernel_image" ] && [ -n "$modules" ] ||
		machine_fail "$1: no kernel in the package" || return 1
	modules=${modules%/kernel}
	kernel_release=${modules##*/}
}

# The files of some modules and of all that those need, from modinfo.
machine_module_files()
{
	find "$modules/kernel" -name '*.ko*' >"$root.modules"
	todo=$machine_modules done=
	while set -- $todo && [ $# -gt 0 ]; do
		name=$1
		shift
		todo=$*
		case " $done " in *" $name "*) continue ;; esac
		done="$done $name"
		pattern=$(echo "$name" | sed 's/_/[-_]/g')
		file=$(grep -E "/$pattern\.ko(\.[a-z]+)?$" "$root.modules") || continue
		echo "$file"
		todo="$todo $(/sbin/modinfo -F depends "$file" | tr ',' ' ')"
	done
}

machine_add()
{
	root=$1
	shift
	for file; do
		for lib in $(ldd "$file" 2>/dev/null | grep -oE '/[^ )]+'); do
			mkdir -p "$root$(dirname "$lib")"
			[ -e "$root$lib" ] || cp -L "$lib" "$root$lib"
		done
		mkdir -p "$root/bin"
		cp -L "$file" "$root/bin/"
	done
}

machine_root()
{
	root=$1
	rm -rf "$root"
	mkdir -p "$root"/bin "$root"/sbin "$root"/proc "$root"/sys "$root"/dev/net "$root"/tmp \
		"$root"/etc "$root"/run "$root/lib/modules/$kernel_release"
	cp /bin/busybox "$root/bin/"
	machine_add "$root" /bin/kmod
	ln -sf ../bin/kmod "$root/sbin/modprobe"
	for tool in sh mount umount unshare cat echo mkdir poweroff sleep ls id chmod mknod rm \
			grep sed ip; do
		ln -sf busybox "$root/bin/$tool"
	done
	for file in $(machine_module_files); do
		place=$root/lib/modules/$kernel_release/${file#"$modules"/}
		mkdir -p "$(dirname "$place")"
		cp "$file" "$place"
	done
	for list in modules.builtin modules.builtin.modinfo modules.order; do
		[ ! -e "$modules/$list" ] ||
			cp "$modules/$list" "$root/lib/modules/$kernel_release/"
	done
	/sbin/depmod -b "$root" "$kernel_release" 2>/dev/null
	rm -f "$root.modules"
	cat >"$root/init" <<-'INIT'
	#!/bin/sh
	export PATH=/bin:/sbin
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	mkdir -p /dev/net /sys/fs/bpf
	mount -t bpf bpf /sys/fs/bpf 2>/dev/null
	echo "machine: up" >/dev/ttyS0
	# Through a pipe: the serial port is a terminal.
	{ /bin/sh /script 2>&1; echo "machine: script ended $?"; } | cat >/dev/ttyS1
	poweroff -f
	INIT
	chmod +x "$root/init"
}

# A kernel may crash because of the emulation; a crash before user space is retried.
machine_run()
{
	root=$1 output=$3
	cp "$2" "$root/script"
	(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$root.cpio.gz"
	for try in 1 2 3; do
		: >"$output"
		timeout "${machine_timeout:-180}" "${machine_qemu:-qemu-system-x86_64}" \
			-nodefaults -nographic \
			${machine_accel:--accel tcg,thread=multi -smp 2} \
			-cpu "${machine_cpu:-Nehalem,-cx16}" \
			-m "${machine_memory:-640}" -no-reboot \
			-kernel "$kernel_image" -initrd "$root.cpio.gz" \
			-append "console=ttyS0 quiet oops=panic panic=-1 pti=off mitigations=off" \
			-serial "file:$root.console" -serial "file:$output" </dev/null
		tr -d '\r' <"$output" >"$output.text" && mv "$output.text" "$output"
		grep -q '^machine: script ended' "$output" && return 0
		! grep -q '^machine: up' "$root.console" || break
	done
	tail -n 25 "$root.console" | sed 's/^/# console: /' >&2
	machine_fail "$kernel_release: the machine died or took too long"
}

machine_no_lie()
{
	lie= no_lie=$*
}

# The module is built in a copy, because a build writes next to the source.
machine_lie()
{
	headers=$build/kernels/headers-$kernel_release
	config=$(find "$kernel_dir" '(' -name config -o -name 'config-*' ')' -type f | head -n1)
	if [ -n "$config" ] && ! grep -q '^CONFIG_KRETPROBES=y' "$config"; then
		machine_no_lie "kernel $kernel_release has no kprobes"
		return
	fi
	if ! "$scripts/debian-fetch" "${1#*@}" "linux-headers-$kernel_release" "$headers" \
		'linux-(headers|kbuild)-.*' >/dev/null 2>&1; then
		machine_no_lie "there are no headers for $kernel_release"
		return
	fi
	tree=$headers/usr/src/linux-headers-$kernel_release
	# The package believes that it is installed.
	sed -i -E "s#^(include |KBUILD_OUTPUT=)/usr/src#\1$headers/usr/src#" "$tree/Makefile"
	rm -rf "$build/modules/$kernel_release"
	mkdir -p "$build/modules/$kernel_release/selftests"
	cp "$scripts/../Kbuild" "$build/modules/$kernel_release/"
	cp -r "$scripts/../selftests/modules" "$build/modules/$kernel_release/selftests/"
	compiler=$(sed -nE 's/^CC *=.*(gcc-[0-9]+).*/\1/p' "$tree/.kernelvariables")
	command -v "x86_64-linux-gnu-$compiler" >/dev/null || compiler=gcc
	if make -s -C "$tree" M="$build/modules/$kernel_release" CC="$compiler" \
		CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$build/modules/log" 2>&1; then
		lie=$build/modules/$kernel_release/selftests/modules/lie.ko
	else
		why=$(grep -m1 -ioE '(error:|error |[^ /]+: not found|\*\*\*).*' \
			"$build/modules/log" | cut -c-100)
		machine_no_lie "the module does not build with $compiler: $why"
	fi
}
