#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# migrate.sh - guests migrate between two libvirtds, to a kernel without UDP segmentation
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh
. ./libvirt.sh
libvirt_test "$@"

# Without metadata the hook permits what fails: this is what records prevent.
incident()
{
	interfaces=$(echo "$bridge" | sed "s,<rom,<driver name='vhost'/>&,")
	metadata= && domain plain && on new define "$work/plain.xml" && starts new plain &&
		has_uso plain || return
	! migrates new old plain && grep -E "Features 0x[0-9a-f]+ unsupported" "$work/out" &&
		alive plain
}

# libvirt refuses this, so it is no way out.
driver_added()
{
	interfaces= && domain bare && on new define "$work/bare.xml" &&
		on new start bare --paused && on new dumpxml --migratable bare |
		sed "s,<model type='virtio'/>,&<driver name='qemu'/>," >"$work/there.xml" || return
	! migrates new old bare --xml "$work/there.xml" &&
		grep "virtio options don't match" "$work/out" && ends new bare
}

# The guest still runs on the new host, and requires what the other one lacks.
lacks()
{
	on new metadata plain --live --uri "$namespace" --key tapcompat \
		--set "<net require='host_uso'/>" || return
	! migrates new old plain && refused "guest 'plain' may not migrate here: tap lacks" \
		"host_uso: TUNSETOFFLOAD refuses" "Linux 6.2 has it" \
		"way out: let tapcompat emulate it: virsh migrate --xml" &&
		! grep "virsh edit" "$work/out" && alive plain
}

# virsh migrate --xml onto the emulator that emulates
onto_shim()
{
	on new dumpxml --migratable plain >"$work/there.xml" || return
	# A driver is replaced as well, which is a way out if vhost-net lacks a feature.
	sed -i "s,/usr/local/bin/qemu<,/usr/local/bin/qemu-tapcompat<,
		s,<driver name='vhost'/>,<driver name='qemu'/>,
		s,require=.host_uso.,& allow-emulated='yes'," "$work/there.xml"
	migrates new old plain --xml "$work/there.xml" && alive plain && has_uso plain &&
		[ "$(on new domstate plain)" = "shut off" ] &&
		on old dumpxml plain >"$work/plain.xml" &&
		grep -F "<emulator>/usr/local/bin/qemu-tapcompat<" "$work/plain.xml" &&
		grep -F "<driver name='qemu'/>" "$work/plain.xml"
}

# Without that emulator nothing is emulated.
without_shim()
{
	on new dumpxml --migratable plain >"$work/there.xml" || return
	sed -i "s,require=.host_uso.,& allow-emulated='yes'," "$work/there.xml"
	! migrates new old plain --xml "$work/there.xml" &&
		refused "guest 'plain' may not migrate here: " host_uso "must be emulated" \
			/usr/local/bin/qemu && alive plain
}

# And back to the kernel's own
off_shim()
{
	on old dumpxml --migratable plain | sed \
		"s,/usr/local/bin/qemu-tapcompat<,/usr/local/bin/qemu<," >"$work/there.xml"
	migrates old new plain --xml "$work/there.xml" && alive plain && has_uso plain &&
		ends new plain
}

# The same emulator on both hosts
emulates()
{
	recorded tapnet-v2 || return
	emulator=qemu-tapcompat metadata=$(record_metadata "allow-emulated='yes'")
	domain shim && filtered shim --qemu-version=10.0 && on new define "$work/shim.xml" &&
		starts new shim && has_recorded shim && has_uso shim
}

there_and_back()
{
	migrates new old "$1" --persistent && alive "$1" && has_recorded "$1" &&
		migrates old new "$1" && alive "$1" && has_recorded "$1"
}

held()
{
	recorded tapnet-v1 || return
	emulator=qemu metadata=$(record_metadata)
	domain held && filtered held && on new define "$work/held.xml" && starts new held &&
		has_recorded held
}

# Saved on one host, restored on the other
moved_while_saved()
{
	on new save held "$work/held.saved" && on old restore "$work/held.saved" && alive held &&
		has_recorded held && migrates old new held && has_recorded held
}

# A record that is not strict: the guest may start but not migrate.
loose()
{
	recorded tapnet-v1 --no-strict || return
	on new metadata held --live --uri "$namespace" --key tapcompat \
		--set "<net>$(escaped <"$work/record")</net>" || return
	! migrates new old held && refused "may not migrate here" "not strict" \
		"virsh metadata --live --config: allow-non-strict='yes'" && alive held || return
	# Which is a way out.
	on new metadata held --live --config --uri "$namespace" --key tapcompat \
		--set "<net allow-non-strict='yes'>$(escaped <"$work/record")</net>" &&
		migrates new old held && alive held && migrates old new held && alive held
}

saved_elsewhere()
{
	on new metadata held --live --uri "$namespace" --key tapcompat \
		--set "<net require='host_uso'/>" && on new save held "$work/held.saved" &&
		! on old restore "$work/held.saved" >"$work/out" 2>&1 &&
		refused "guest 'held' may not be restored here: tap lacks host_uso" \
			"way out: let tapcompat emulate it: virsh save-image-edit" || return
	# Which is a way out.
	on new save-image-dumpxml "$work/held.saved" | sed \
		"s,/usr/local/bin/qemu<,/usr/local/bin/qemu-tapcompat<,
		s,require=.host_uso.,& allow-emulated='yes'," >"$work/image.xml" &&
		on old save-image-define "$work/held.saved" "$work/image.xml" &&
		on old restore "$work/held.saved" && alive held &&
		on old destroy held && on old undefine held && on new undefine held
}

# The commands of README, as written there: node1 is the new host, node2 the old one.
ssh()
{
	cat "$work/$(echo "$1" | sed 's/node1/new/; s/node2/old/').json"
}

virsh()
{
	case $1 in
	start)	starts new "$2" ;;
	migrate) migrates new old "$3" ;;
	*)	on new "$@" ;;
	esac
}

# The emulator is only visible on the hosts.
tapcompat()
{
	[ "$1" != domain ] || set -- "$@" --qemu="$qemu"
	"$tapcompat" "$@"
}

readme()
{
	sed -n '/^## A guest that can migrate/,/^## /s/^    //p' ../../README.md >"$work/commands"
	[ "$(wc -l <"$work/commands")" = 5 ] || { cat "$work/commands"; return 1; }
	metadata='' interfaces='' emulator=qemu
	domain web1 && on new define "$work/web1.xml" || return
	while read -r command <&4; do
		(cd "$work" && eval "$command") || { echo "failed: $command"; return 1; }
	done 4<"$work/commands"
	alive web1 && ! has_uso web1 && migrates old new web1 && alive web1 && ends new web1
}

ktap "two libvirtds" hosts new old
ktap "README's five commands" readme
ktap "without metadata a guest has USO, and QEMU refuses it" incident
ktap "virsh migrate --xml cannot add a <driver>" driver_added
ktap "required features: the hook refuses, and the guest runs on" lacks
ktap "allow-emulated='yes' with an emulator that does not emulate" without_shim
ktap "virsh migrate --xml to the emulator that emulates" onto_shim
ktap "virsh migrate --xml back to the kernel's own" off_shim
ktap "a guest with the shim on both hosts" emulates
ktap "it migrates there and back" there_and_back shim
ktap "end" ends new shim
ktap "a guest that is held to a record" held
ktap "it migrates there and back" there_and_back held
ktap "it is restored on the other host" moved_while_saved
ktap "a record that is not strict" loose
ktap "a saved guest that needs more than the other host has" saved_elsewhere
libvirt_end
