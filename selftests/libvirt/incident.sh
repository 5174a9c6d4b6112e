#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# incident.sh - a guest with a record is never refused by QEMU, and never has more than its
# record after a start or a migration, in whatever order record, metadata, start, reboot and
# migration come
#
# The record has UDP segmentation off, the host that the guest starts on has it, and the
# other one does not.
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh
. ./libvirt.sh
libvirt_test "$@"

# The persistent domain, and the guest if it runs
set_record()
{
	live=
	[ "$(on new domstate "$1")" = "shut off" ] || live=--live
	on new metadata "$1" --config $live --uri "$namespace" --key tapcompat \
		--set "<net>$(escaped <"$work/record")</net>"
}

define_filtered()
{
	on "$1" dumpxml --inactive "$2" >"$work/$2.xml" && filtered "$2" &&
		on "$1" define "$work/$2.xml"
}

exact()
{
	alive "$1" && has_recorded "$1"
}

# The XML to add is not truncated.
move_refused()
{
	! migrates "$1" "$2" "$3" && refused "guest '$3' may not migrate here: its record has" \
		"host_uso off, but its XML does not switch that off for interface ${4:-1}" \
		"virsh migrate --xml" "</qemu:override>" && alive "$3"
}

# ---- Record and metadata come after the start

started_before()
{
	domain late && on new define "$work/late.xml" && starts new late && has_uso late &&
		recorded tapnet-v1 --require=queue_reset &&
		set_record late && move_refused new old late
}

rebooted()
{
	on new reset late && ready late 2 && has_uso late && move_refused new old late
}

# Then the hook would refuse the guest, but libvirt would kill it.
reconnected()
{
	restarts new && alive late && [ "$(on new domstate late)" = running ] &&
		move_refused new old late
}

# The guest that runs is not changed by this, so it is refused still.
redefined()
{
	define_filtered new late && move_refused new old late
}

# Saved and restored, on either host
saved()
{
	on new save late "$work/late.saved" &&
		! on old restore "$work/late.saved" >"$work/out" 2>&1 &&
		refused "guest 'late' may not be restored here: its record has" &&
		! on new restore "$work/late.saved" >"$work/out" 2>&1 &&
		refused "guest 'late' may not be restored here: its record has"
}

restarted()
{
	starts new late && exact late && migrates new old late --persistent && exact late
}

rebooted_there()
{
	on old reset late && ready late 2 && exact late && migrates old new late && exact late
}

restarted_there()
{
	ends new late && starts old late && exact late && migrates old new late && exact late
}

# libvirt calls no hook for this.
attached()
{
	echo "$bridge" >"$work/card.xml"
	on new attach-device late "$work/card.xml" --live && move_refused new old late 2 &&
		on new destroy late && on old undefine late
}

# ---- Interfaces that are replaced while the guest runs

globals_off()
{
	echo "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
	for feature in host_uso guest_uso4 guest_uso6; do
		echo "<qemu:arg value='-global'/>"
		echo "<qemu:arg value='virtio-net-pci.$feature=off'/>"
	done
	echo "</qemu:commandline>"
}

# libvirt's overrides are not for an interface that is attached later, QEMU's -global is.
replugged()
{
	recorded tapnet-v1 --require=queue_reset || return
	metadata=$(record_metadata)
	domain plug && globals_off >"$work/globals" &&
		sed -i "/<.devices>/r $work/globals" "$work/plug.xml" &&
		on new define "$work/plug.xml" && define_filtered new plug &&
		! grep override "$work/plug.xml" && starts new plug && exact plug ||
		return
	on new dumpxml plug | xmllint --xpath '//interface' - >"$work/card.xml"
	on new detach-device plug "$work/card.xml" --live && gone plug &&
		on new attach-device plug "$work/card.xml" --live && exact plug &&
		migrates new old plug && exact plug && ends new plug
}

# libvirt only asks the guest to release it.
gone()
{
	for try in $(seq 100); do
		on new dumpxml "$1" | grep -q "<interface" || return 0
		sleep 0.1
	done
	return 1
}

# ---- They come before

start_refused()
{
	metadata= && domain early && on "$1" define "$work/early.xml" &&
		recorded tapnet-v1 --require=queue_reset &&
		on "$1" metadata early --config --uri "$namespace" --key tapcompat \
			--set "<net>$(escaped <"$work/record")</net>" || return
	! on "$1" start early >"$work/out" 2>&1 && refused "guest 'early' may not start here" \
		"host_uso off, but its XML does not switch that off for interface 1" &&
		on "$1" undefine early
}

# ---- The way out that the refusal names, for a guest that does not have the feature

way_out()
{
	metadata= && domain bare && on old define "$work/bare.xml" && starts old bare &&
		recorded tapnet-v1 --require=queue_reset && has_recorded bare &&
		on old metadata bare --live --config --uri "$namespace" --key tapcompat \
			--set "<net>$(escaped <"$work/record")</net>" &&
		move_refused old new bare || return
	on old dumpxml --migratable bare | "$tapcompat" domain >"$work/there.xml" &&
		migrates old new bare --xml "$work/there.xml" && exact bare &&
		migrates new old bare && exact bare && ends old bare
}

ktap "two libvirtds" hosts new old
ktap "start, then record and metadata: migration is refused" started_before
ktap "after a reboot it is refused still" rebooted
ktap "libvirtd is restarted: the guest runs on" reconnected
ktap "after the domain is corrected it is refused until the next start" redefined
ktap "the state that was saved is refused on both hosts" saved
ktap "started again, the guest has what its record says, and migrates" restarted
ktap "rebooted there, it migrates back" rebooted_there
ktap "started there, it migrates back" restarted_there
ktap "an interface that was attached since: migration is refused" attached
ktap "an interface is replaced: QEMU's -global holds it, too" replugged
ktap "record and metadata, then a start: refused" start_refused new
ktap "the same on the host that lacks the feature" start_refused old
ktap "virsh migrate --xml, the way out for a guest that lacks the feature" way_out
libvirt_end
