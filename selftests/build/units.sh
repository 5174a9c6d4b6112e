#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# units.sh - the systemd units and AppArmor rules that are installed
. ../ktap.sh

top=$(cd ../.. && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---- systemd

# With paths that exist here, so that systemd-analyze finds the programs and pages.
installed()
{
	make -s -C "$top" install PREFIX="$work/prefix" >/dev/null
}

verified()
{
	MANPATH=$work/prefix/share/man systemd-analyze verify "$@" >"$work/verify" 2>&1 &&
		[ ! -s "$work/verify" ] && return
	cat "$work/verify"
	return 1
}

units_are_valid()
{
	verified "$work"/prefix/lib/systemd/system/*
}

units_can_be_invalid()
{
	mkdir -p "$work/invalid"
	sed 's/^RemainAfterExit/RemainsAfterExit/' \
		"$work/prefix/lib/systemd/system/tapcompat-nfd.service" \
		>"$work/invalid/tapcompat-nfd.service"
	! verified "$work/invalid/tapcompat-nfd.service" >"$work/said" &&
		grep -q RemainsAfterExit "$work/said"
}

# A service that records what exists when it starts.
consumer()
{
	cat >"$work/units/$1.service" <<-U
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=/bin/sh -c "ls $2 >/run/$1.saw"
	U
}

# The units as installed, except that this is a user's manager, and the directories.
prepare()
{
	mkdir "$work/units"
	cp "$work"/prefix/lib/systemd/system/* "$work/units/"
	for target in basic multi-user paths shutdown sockets sysinit timers; do
		printf '[Unit]\nDescription=%s\n' $target >"$work/units/$target.target"
	done
	sed -i 's/systemctl/& --user/' "$work/units/tapcompat-refresh.service"
	for unit in nfd nova prometheus; do
		mkdir "$work/units/tapcompat-$unit.service.d"
		printf '[Service]\nEnvironment=DIRECTORY=/run/a/%s\n' $unit \
			>"$work/units/tapcompat-$unit.service.d/directory.conf"
	done
	consumer libvirtd /run/tapcompat.json
	consumer virtqemud /run/tapcompat.json
	consumer nova-compute /run/a/nova/tapcompat.yaml
	consumer openstack-nova-compute /run/a/nova/tapcompat.yaml
}

# COMMANDS: with a systemd that runs these units, in namespaces of its own; /run is new.
managed()
{
	cat >"$work/managed" <<-S
	set -e
	mount -t tmpfs run /run
	mkdir -p /run/systemd/system /run/user /run/config/systemd/user
	export XDG_RUNTIME_DIR=/run/user XDG_CONFIG_HOME=/run/config
	export SYSTEMD_UNIT_PATH=/run/config/systemd/user:$work/units
	/lib/systemd/systemd --user --unit=basic.target &
	until systemctl --user is-active -q basic.target 2>/dev/null; do sleep 0.1; done
	$1
	S
	timeout 60 unshare --mount --pid --fork --mount-proc --kill-child \
		sh "$work/managed" 2>&1
}

# Started by systemd as at boot, or by libvirtd's socket: libvirtd comes after the document.
before_libvirtd()
{
	for daemon in libvirtd virtqemud; do
		managed "systemctl --user -q enable tapcompat-capabilities
			systemctl --user start $daemon
			cat /run/$daemon.saw" >"$work/managed.out" &&
			grep -qx /run/tapcompat.json "$work/managed.out" && continue
		cat "$work/managed.out"
		return 1
	done
}

# Not enabled: nothing is written.
only_if_enabled()
{
	managed "systemctl --user start libvirtd || :
		[ ! -e /run/tapcompat.json ]"
}

before_nova()
{
	for daemon in nova-compute openstack-nova-compute; do
		managed "systemctl --user -q enable tapcompat-nova
			systemctl --user start $daemon
			grep CUSTOM_NET_ /run/a/nova/tapcompat.yaml
			cat /run/$daemon.saw" || return
	done
}

# At boot, and again when the document is renewed; a document is of this boot.
all_written()
{
	managed "systemctl --user -q enable tapcompat-nfd tapcompat-prometheus tapcompat-nova
		files='/run/a/nfd/tapcompat /run/a/prometheus/tapcompat.prom
			/run/a/nova/tapcompat.yaml'
		systemctl --user start multi-user.target
		for i in 1 2 3 4 5 6 7 8 9; do cat \$files >/dev/null && break; sleep 0.5; done
		grep -q ^tapcompat.io/net /run/a/nfd/tapcompat
		grep -q ^tapcompat_info /run/a/prometheus/tapcompat.prom
		rm \$files
		systemctl --user start tapcompat-refresh.service
		for i in 1 2 3 4 5 6 7 8 9; do cat \$files >/dev/null && exit; sleep 0.5; done
		exit 1"
}

# Each unit that can be enabled is described.
described()
{
	for unit in "$work"/prefix/lib/systemd/system/*; do
		grep -q '^\[Install\]' "$unit" || continue
		man -l --ascii "$top/Documentation/man/tapcompat-libvirt.7" | col -b |
			grep -qF "${unit##*/}" || { echo "${unit##*/}"; return 1; }
	done
}

# ---- AppArmor

# PROFILE: Debian's, with what is installed, compiled: the rules that result are in $work/rules
compiled()
{
	apparmor_parser -Q -K --debug --base "$work/aa" -I "$work/aa" "$work/aa/$1" \
		>"$work/rules" 2>"$work/err" && grep -q Name: "$work/rules" && return
	cat "$work/err"
	return 1
}

# MODE PATH: is that a rule?
rule()
{
	grep -E "^Mode:[[:space:]]*$1[[:space:]:]" "$work/rules" | grep -qF "($2)" && return
	echo "no rule $1 $2"
	grep tapcompat "$work/rules"
	return 1
}

# DIRECTORY… : AppArmor's rules as these packages have them, and ours for PREFIX=$prefix
layout()
{
	rm -rf "$work/aa" "$work/dest"
	mkdir "$work/aa"
	for directory in /etc/apparmor.d "$@"; do
		cp -r "$directory/." "$work/aa/" || return
	done
	make -s -C "$top" install DESTDIR="$work/dest" PREFIX=$prefix >/dev/null &&
		cp -r "$work/dest/etc/apparmor.d/." "$work/aa/" &&
		mkdir -p "$work/aa/local/abstractions"
}

guest_is_allowed()
{
	compiled libvirt/TEMPLATE.qemu && rule rmx "$prefix/bin/{qemu-tapcompat,tapcompat}" &&
		rule rmx '/{usr/,}bin/{sh,dash,bash}' && rule rm "$prefix/lib/libtapcompat*" &&
		rule r /etc/tapcompat/qemu-tapcompat.conf &&
		rule r '{/run,/var/run}/tapcompat.json'
}

# tapcompat-libvirt(7): one line for libvirtd, none with PREFIX=/usr
daemon_is_allowed()
{
	if [ $prefix = /usr ]; then
		compiled usr.sbin.libvirtd && rule '[^ ]*x' '/usr/bin/*'
		return
	fi
	compiled usr.sbin.libvirtd && ! grep -q tapcompat "$work/rules" &&
		echo 'include <abstractions/tapcompat-libvirtd>' \
			>>"$work/aa/local/usr.sbin.libvirtd" &&
		compiled usr.sbin.libvirtd &&
		rule '[^ ]*x' "$prefix/bin/{qemu-tapcompat,tapcompat}"
}

# Debian 12: one line for guests.
bookworm()
{
	packages=$top/build/apparmor
	"$top/scripts/debian-fetch" bookworm libvirt-daemon-system "$packages/bookworm" || return
	for prefix in /usr /usr/local; do
		layout "$packages/bookworm/etc/apparmor.d" &&
			touch "$work/aa/local/abstractions/libvirt-qemu" \
				"$work/aa/local/usr.sbin.libvirtd" &&
			compiled libvirt/TEMPLATE.qemu && ! grep -q tapcompat "$work/rules" &&
			echo 'include <abstractions/libvirt-qemu.d/tapcompat>' \
				>>"$work/aa/local/abstractions/libvirt-qemu" &&
			guest_is_allowed && daemon_is_allowed || return
	done
}

# Debian 13: a directory.
trixie()
{
	packages=$top/build/apparmor
	"$top/scripts/debian-fetch" trixie libvirt-daemon-driver-qemu "$packages/trixie" &&
		"$top/scripts/debian-fetch" trixie libvirt-daemon "$packages/trixie-libvirtd" ||
		return
	for prefix in /usr /usr/local; do
		layout "$packages/trixie/etc/apparmor.d" \
			"$packages/trixie-libvirtd/etc/apparmor.d" &&
			guest_is_allowed && daemon_is_allowed || return
	done
}

ktap_plan 10
ktap "they are installed" installed
ktap "the units are valid" units_are_valid
ktap "and could be invalid" units_can_be_invalid
prepare
ktap "libvirtd starts after the document is written" before_libvirtd
ktap "which is written only if that is enabled" only_if_enabled
ktap "nova-compute starts after its file is written" before_nova
ktap "all files are written, and renewed" all_written
ktap "each unit is in the manual" described
ktap "AppArmor: Debian 12" bookworm
ktap "AppArmor: Debian 13" trixie
ktap_end
