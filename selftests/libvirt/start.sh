#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# start.sh - real libvirt holds a domain to its record when it starts, and what tapcompat
# domain prints is accepted by libvirt and gives a guest exactly what the record says
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh
. ./libvirt.sh
libvirt_test "$@"

set_metadata()
{
	on new metadata web1 --config --uri "$namespace" --key tapcompat \
		--set "<net>$(escaped <"$work/record")</net>"
}

defined()
{
	domain web1 && on new define "$work/web1.xml" && recorded tapnet-v1 && set_metadata &&
		on new metadata web1 --config --uri "$namespace" | xmllint --xpath 'string(/*)' - |
			diff - "$work/record"
}

start_refused()
{
	! on new start web1 >"$work/out" 2>&1 &&
		refused "guest 'web1' may not start here: its record has queue_reset" \
			"host_uso off, but its XML does not switch that off for interface 1" &&
		[ "$(on new domstate web1)" = "shut off" ]
}

# libvirt's message has the hook's output, up to 1023 bytes of it.
in_hooks_words()
{
	! on new start web1 >"$work/out" 2>&1 &&
		! on new dumpxml --inactive web1 | "$tapcompat" hook --caps="$work/new.json" web1 \
			prepare begin - 2>"$work/hook" || return
	# In a substitution, blank lines at the end are removed.
	said=$(sed -n '/unexpected exit status/,$p' "$work/out" |
		sed '1s/.*unexpected exit status 1: //' | head -c 1000)
	wanted=$(head -c 1000 "$work/hook")
	[ "$said" = "$wanted" ] && return
	printf '%s\n---\n%s\n' "$said" "$wanted"
	return 1
}

filter_defines()
{
	on new dumpxml --inactive web1 >"$work/web1.xml" && filtered web1 &&
		virt-xml-validate "$work/web1.xml" domain &&
		on new define "$work/web1.xml" || return
	# libvirt has formatted it anew; nothing is left to do.
	on new dumpxml --inactive web1 >"$work/again.xml" &&
		"$tapcompat" domain <"$work/again.xml" | cmp - "$work/again.xml" &&
		"$tapcompat" domain --vm="$work/record" <"$work/again.xml" |
			cmp - "$work/again.xml"
}

as_recorded()
{
	alive web1 && has_recorded web1
}

saved()
{
	on new save web1 "$work/saved" && on new restore "$work/saved" && as_recorded
}

managed()
{
	on new managedsave web1 && on new start web1 && as_recorded
}

reset()
{
	on new reset web1 && ready web1 2 && as_recorded
}

# Saved XML in which a feature is no longer off
restore_refused()
{
	on new save web1 "$work/saved" && on new save-image-dumpxml "$work/saved" |
		sed "/name='host_uso'/s/false/true/" >"$work/image.xml" &&
		on new save-image-define "$work/saved" "$work/image.xml" || return
	! on new restore "$work/saved" >"$work/out" 2>&1 &&
		refused "guest 'web1' may not be restored here: its record has host_uso off" \
			"virsh save-image-edit" || return
	# That is a way out.
	sed -i "/name='host_uso'/s/true/false/" "$work/image.xml" &&
		on new save-image-define "$work/saved" "$work/image.xml" &&
		on new restore "$work/saved" && as_recorded
}

# @qemu @machine @options: whatever the filter prints can be defined.
every_output()
{
	emulator=$1 machine=$2 interfaces="$bridge
<interface type='network'><source network='default'/><model type='virtio-non-transitional'/>
<alias name='ua-second'/></interface>
<interface type='direct'><source dev='br0' mode='bridge'/><model type='virtio'/></interface>
<interface type='user'><model type='e1000'/></interface>"
	shift 2
	domain every && on new define "$work/every.xml" &&
		on new dumpxml --inactive every >"$work/every.xml" && filtered every "$@" &&
		virt-xml-validate "$work/every.xml" domain && on new define "$work/every.xml" &&
		on new dumpxml --inactive every >"$work/every.again" &&
		"$tapcompat" domain "$@" <"$work/every.again" | cmp - "$work/every.again" &&
		on new undefine every
}

every_definition()
{
	for kind in "qemu q35" "qemu pc-q35-8.1" "qemu pc-i440fx-10.0" "qemu pc-q35-7.1" \
			"qemu-distribution pc"; do
		for option in --model=tapnet-v1 "--baseline=$work/old.json $work/new.json"; do
			# shellcheck disable=SC2086
			every_output $kind $option || { echo "$kind $option"; return 1; }
		done
	done
	every_output qemu q35 --model=tapnet-v2
}

# The distribution's QEMU starts with what is printed for it.
older_qemu()
{
	emulator=qemu-distribution machine=q35 interfaces=
	recorded tapnet-v1 --qemu-version=7.2 || return
	metadata=$(record_metadata)
	domain older && on new define "$work/older.xml" &&
		on new dumpxml --inactive older >"$work/older.xml" && filtered older &&
		on new define "$work/older.xml" && starts new older && has_recorded older &&
		ends new older
}

ktap "a libvirtd" hosts new
ktap "define, and a record in the metadata" defined
ktap "a start that gives more than the record has is refused" start_refused
ktap "virsh shows what the hook says" in_hooks_words
ktap "tapcompat domain: defined, and nothing is left to do" filter_defines
ktap "it starts" starts new web1
ktap "the guest has what its record says" as_recorded
ktap "save and restore" saved
ktap "managedsave and start" managed
ktap "reset" reset
ktap "a restore with a record that needs more is refused" restore_refused
ktap "end" ends new web1
ktap "libvirt defines every output of tapcompat domain" every_definition
ktap "the distribution's QEMU" older_qemu
libvirt_end
