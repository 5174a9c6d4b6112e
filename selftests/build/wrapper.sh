#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# wrapper.sh - qemu-tapcompat, the <emulator> of a libvirt domain
. ../ktap.sh

top=$(cd ../.. && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/prefix
wrapper=$root/bin/qemu-tapcompat
config=$root/etc/tapcompat/qemu-tapcompat.conf
caps=$work/caps.json

# A program in place of QEMU, which shows what it was started with.
stand_in()
{
	cat >"$work/qemu.c" <<-'C' && gcc "$work/qemu.c" -o "$work/qemu"
	#include <stdio.h>
	#include <stdlib.h>

	static void show(const char *name)
	{
		printf("%s=%s\n", name, getenv(name) ? getenv(name) : "");
	}

	int main(int argc, char **argv)
	{
		show("LD_PRELOAD");
		show("TAPCOMPAT_EMULATE");
		show("TAPCOMPAT_MASK");
		show("TAPCOMPAT_LOG");
		for (int i = 1; i < argc; i++)
			printf("argument %s\n", argv[i]);
		return 42;
	}
	C
}

installed()
{
	make -s -C "$top" install PREFIX="$root" >/dev/null && stand_in &&
		"$root/bin/tapcompat" probe -j --no-verify --output="$caps" &&
		mkdir -p "${config%/*}"
}

# LINE…: the configuration file
configure()
{
	printf '%s\n' "$@" >"$config"
}

# What libvirt runs to learn what an emulator can do, before there is a document.
probed()
{
	configure 'TAPCOMPAT_CAPS=/nonexistent.json'
	printf '%s\n' '{"execute": "qmp_capabilities"}' '{"execute": "query-version"}' \
		'{"execute": "quit"}' |
		status 0 timeout 60 "$wrapper" -S -no-user-config -nodefaults -nographic \
			-machine none,accel=kvm:tcg -qmp stdio && says '"major": ' || return
	status 0 "$wrapper" -version && says 'QEMU emulator version'
}

# libvirt quotes the reason.
refused_without()
{
	configure "TAPCOMPAT_QEMU=$work/qemu" "TAPCOMPAT_CAPS=/nonexistent.json"
	status 2 "$wrapper" -machine q35 -display none && silent &&
		says 'qemu-tapcompat: cannot read /nonexistent.json' \
			'systemctl enable --now tapcompat-capabilities.service' || return
	configure "TAPCOMPAT_QEMU=$work/qemu" "TAPCOMPAT_CAPS=none"
	status 42 "$wrapper" -machine q35 && says libtapcompat-shim.so
}

# The document of another kernel is refused by tapcompat run.
refused_other()
{
	sed -E 's/"kernel": ?"[^"]*"/"kernel": "5.4.0"/' "$caps" >"$work/other.json"
	configure "TAPCOMPAT_QEMU=$work/qemu" "TAPCOMPAT_CAPS=$work/other.json"
	status 2 "$wrapper" -machine q35 && says 'was probed under Linux 5.4.0'
}

# The shim, the document, the arguments as they are, and QEMU's exit status.
started()
{
	configure "TAPCOMPAT_QEMU=$work/qemu" "TAPCOMPAT_CAPS=$caps"
	status 42 "$wrapper" -name 'guest=a b' -machine q35 "" '*' &&
		says "LD_PRELOAD=$root/lib/libtapcompat-shim.so" "argument guest=a b" \
			"argument *" && [ "$(grep -c ^argument "$work/out")" = 6 ] &&
		[ ! -s "$work/err" ] && return
	cat "$work/out" "$work/err"
	return 1
}

# The file sets what is emulated for all domains, <qemu:env> for one.
settings()
{
	configure "TAPCOMPAT_QEMU=$work/qemu" "TAPCOMPAT_CAPS=$caps" \
		"TAPCOMPAT_EMULATE=host_uso" "TAPCOMPAT_MASK=queue_reset" "TAPCOMPAT_LOG=info"
	status 42 "$wrapper" && says "TAPCOMPAT_EMULATE=host_uso" "TAPCOMPAT_MASK=queue_reset" \
		"TAPCOMPAT_LOG=info" || return
	status 42 env TAPCOMPAT_EMULATE=host_uso,guest_uso4 TAPCOMPAT_MASK=host_ufo \
		TAPCOMPAT_LOG=debug "$wrapper" &&
		says "TAPCOMPAT_EMULATE=guest_uso4,host_uso" "TAPCOMPAT_MASK=host_ufo" \
			"TAPCOMPAT_LOG=debug" || return
	status 42 env TAPCOMPAT_CAPS="$caps" TAPCOMPAT_QEMU="$work/qemu" "$wrapper" || return
	configure 'TAPCOMPAT_EMULATE=nonsense' "TAPCOMPAT_CAPS=$caps" "TAPCOMPAT_QEMU=$work/qemu"
	status 2 "$wrapper" && says "TAPCOMPAT_EMULATE: unknown feature"
}

# Without the file: the architecture's QEMU, and /run.
defaults()
{
	rm -f "$config"
	grep -qF ":-/usr/bin/qemu-system-$(uname -m)}" "$wrapper" &&
		grep -qF ':-/run/tapcompat.json}' "$wrapper" &&
		status 0 "$wrapper" -version && says 'QEMU emulator version' &&
		ln -sf qemu-tapcompat "$root/bin/qemu-tapcompat-nonsense" &&
		status 2 "$root/bin/qemu-tapcompat-nonsense" -version &&
		says '/usr/bin/qemu-system-nonsense: No such file' &&
		ln -sf qemu-tapcompat "$root/bin/qemu-tapcompat-x86_64" &&
		status 0 "$root/bin/qemu-tapcompat-x86_64" -version && says 'QEMU emulator version'
}

# In a guest's profile, AppArmor permits no program but those that it starts.
builtins_only()
{
	configure "TAPCOMPAT_QEMU=$work/qemu" "TAPCOMPAT_CAPS=$caps"
	status 42 strace -f -qq -e trace=execve -o "$work/strace" "$wrapper" -machine q35 &&
		sed -n 's/.*execve("\([^"]*\)".*/\1/p' "$work/strace" >"$work/executed" &&
		printf '%s\n' "$wrapper" "$root/bin/tapcompat" "$work/qemu" |
			diff - "$work/executed"
}

# The hook knows it: with another emulator, it warns.
known_to_hook()
{
	for emulator in "$wrapper" /usr/bin/qemu-system-x86_64; do
		status 0 "$root/bin/tapcompat" hook --caps="$caps" web1 start begin - <<-X || return
		<domain type='kvm'><name>web1</name><metadata>
		<t:net xmlns:t='http://tapcompat.io/xmlns/libvirt/domain/1.0' model='tapnet-v1'
			allow-emulated='yes'/></metadata>
		<devices><emulator>$emulator</emulator><interface type='ethernet'>
		<model type='virtio'/><driver name='qemu'/></interface></devices></domain>
		X
		cp "$work/err" "$work/said"
		[ "$emulator" != "$wrapper" ] || ! grep emulator "$work/said" || return
	done
	grep -q "not a script that calls 'tapcompat run'" "$work/said"
}

ktap_plan 9
ktap "it is installed" installed
ktap "libvirt asks it for its capabilities" probed
ktap "a guest is refused without a document" refused_without
ktap "and with that of another kernel" refused_other
ktap "a guest is started with the shim" started
ktap "settings of the host and of a domain" settings
ktap "defaults" defaults
ktap "no other program is executed" builtins_only
ktap "the hook knows it" known_to_hook
ktap_end
