#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hook_xml.sh - the libvirt hook holds a domain's XML against its record
. ../ktap.sh
. ./hook_domain.sh

# v1 [OPTION...]: the record of tapnet-v1 on a host of Linux 6.12, for the metadata
v1()
{
	"$tapcompat" record --model=tapnet-v1 --backend=vhost-net --caps="$new" "$@" \
		2>/dev/null | sed 's/"/\&quot;/g'
}

# xml STATUS MORE [INTERFACES]: with that record
xml()
{
	marked "" "${3:-$named_vhost}" "$(v1)" "$2" && hook "$1" "$new" start
}

later="queue_reset host_uso guest_uso4 guest_uso6"

# A start that gives the guest what its record does not have: then it could not come back.
gains()
{
	wrong="its record has queue_reset,guest_uso4,guest_uso6,host_uso off, but its XML"
	wrong="$wrong does not switch that off for interface 1"
	for operation in prepare start restore migrate; do
		xml 1 "" && hook 1 "$new" $operation && said "may not .* here: $wrong$" &&
			said "<qemu:override><qemu:device alias='ua-b'><qemu:frontend>" &&
			said "<qemu:property name='host_uso' type='bool' value='false'/>" || return
	done
	hook 1 "$new" prepare && said "virsh edit" && unsaid "migrate --xml" &&
		hook 1 "$new" restore && said "virsh save-image-edit" &&
		said "virsh managedsave-remove" && hook 1 "$new" migrate &&
		said "virsh migrate --xml" && said "shut it down" || return
	# A kernel without these features cannot give them.
	hook 0 "$old" start && hook 0 "$old" migrate && unsaid "its record has"
}

# What is said is enough.
as_said()
{
	xml 1 "" && xml 0 "$(sed -n 's/^tapcompat: \(<qemu:override>.*\)/\1/p' "$work/err")" &&
		xml 1 "" "$either" && said "and in interface 1: <alias name='ua-net0'/>" &&
		xml 0 "$(sed -n 's/^tapcompat: \(<qemu:override>.*\)/\1/p' "$work/err")" \
			"<interface type='network'>$virtio<alias name='ua-net0'/></interface>"
}

overrides()
{
	off=$(for name in $later; do property "$name" false; done)
	xml 0 "<qemu:override>$(override ua-b "$off")</qemu:override>" &&
		xml 1 "<qemu:override>$(override ua-a "$off")</qemu:override>" &&
		xml 1 "<override>$(override ua-b "$off")</override>" || return
	# The last one wins.
	for more in "$(property host_uso true)" "$(property host_uso '' remove)" \
			"$(property host_uso later string)"; do
		xml 1 "<qemu:override>$(override ua-b "$off$more")</qemu:override>" &&
			said "has host_uso off" || return
	done
	more=$off$(property host_uso off string)
	xml 0 "<qemu:override>$(override ua-b "$more")</qemu:override>" &&
		more=$off$(property csum false) &&
		xml 1 "<qemu:override>$(override ua-b "$more")</qemu:override>" &&
		said "has csum on, but its XML or machine type switches that off" &&
		xml 1 "<qemu:override>$(override ua-b "$off")</qemu:override>" \
			"$named_vhost$named_tap" && said "for interface 2" &&
		unsaid "for interface 1" && said "alias='ua-a'"
}

# What else of the card must match in a migration
cards()
{
	off=$(for name in $later; do property "$name" false; done)
	off="<qemu:override>$(override ua-b "$off")</qemu:override>"
	list=host-mtu=1450,queue-pairs=4,vectors=10,rx-queue-size=1024,mac=52:54:00:00:00:01
	nic()
	{
		marked "" "<interface type='bridge'>$virtio<driver name='vhost' $2/>$3
			<alias name='ua-b'/></interface>" "$(v1 --nic=$list)" "$off" &&
			hook "$1" "$new" start
	}
	good="queues='4' rx_queue_size='1024'"
	nic 0 "$good" "<mtu size='1450'/>" && unsaid "in its XML" &&
		nic 0 "$good" "<mtu size='9000'/><mac address='52:54:00:00:00:02'/>" &&
		said "guest 'web1': host-mtu is 1450 in its record and 9000 in its XML" &&
		nic 0 "queues='4'" "<mtu size='1450'/>" && said "rx-queue-size is 1024" || return
	nic 1 "$good" "" &&
		said "may not start here: host-mtu is 1450 in its record and 0 in its XML for" &&
		said "in interface 1: <mtu size='1450'/>" && nic 1 "queues='2'" "" &&
		said "queue-pairs is 4 in its record and 2 in its XML for interface 1: QEMU" &&
		said "in interface 1: <mtu size='1450'/> <driver queues='4'/>" &&
		hook 1 "$new" migrate && said "virsh migrate --xml" && hook 1 "$new" restore &&
		said "virsh save-image-edit" || return
	list=queue-pairs=1,failover=on,page-per-vq=off,vectors=4,speed=1000
	nic 1 "page_per_vq='on'" "" && said "in interface 1: <driver page_per_vq='off'/>" &&
		said "in interface 1 correct: teaming/type <qemu:property name='speed'/>" || return
	# The metadata of older versions, and a record that is not strict
	list= && nic 0 "rx_queue_size='512'" "" && unsaid "in its XML" &&
		marked "" "$named_vhost" "$(v1 --nic=host-mtu=1450)" "$off" &&
		hook 1 "$new" start &&
		marked "" "$named_vhost" "$(v1 --nic=host-mtu=1450 --no-strict)" "$off" &&
		hook 0 "$new" start
}

# arguments WORD...
arguments()
{
	echo "<qemu:commandline>"
	printf "<qemu:arg value='%s'/>" "$@"
	echo "</qemu:commandline>"
}

command_line()
{
	for prefix in "-global virtio-net-device." "--global virtio-net-pci." \
			"-set device.ua-b."; do
		set --
		for name in $later; do
			set -- "$@" ${prefix% *} "${prefix#* }$name=off"
		done
		xml 0 "$(arguments "$@")" && xml 1 "$(arguments "$@" "${prefix% *}" \
			"${prefix#* }host_uso=on")" || return
		# An override wins over -global, -set over an override.
		case $prefix in -set*) expect=0 ;; *) expect=1 ;; esac
		xml $expect "$(arguments "$@")<qemu:override>$(override ua-b \
			"$(property host_uso true)")</qemu:override>" || return
	done
	# Not for the variants of the device, and not what only looks like it.
	set --
	for name in $later; do
		set -- "$@" -global "virtio-net-pci.$name=off"
	done
	variant=$(echo "$named_vhost" | sed "s/'virtio'/'virtio-transitional'/")
	xml 1 "$(arguments "$@")" "$variant" &&
		xml 1 "$(arguments "$@" | sed s/-global/-name/g)" &&
		xml 1 "$(arguments "$@" | sed s/virtio-net/virtio-blk/g)"
}

drivers()
{
	off=$(for name in $later; do property "$name" false; done)
	off="<qemu:override>$(override ua-b "$off")</qemu:override>"
	for driver in "queues='4'" "packed='on'" "rss='on'"; do
		# Rings are the kernel's: this one has no packed ones.
		case $driver in packed*) expect=0 ;; *) expect=1 ;; esac
		xml $expect "$off" "<interface type='bridge'>$virtio<alias name='ua-b'/>
			<driver name='vhost' $driver/></interface>" || return
	done
	xml 0 "$off" "<interface type='bridge'>$virtio<alias name='ua-b'/>
		<driver name='vhost' queues='1' packed='off'/></interface>" &&
		xml 1 "$off" "<interface type='bridge'>$virtio<alias name='ua-b'/>
			<driver name='vhost'><host csum='off'/></driver></interface>" &&
		said "has csum on" || return
	# A record without them, and libvirt's own switches
	"$tapcompat" record --require=csum,guest_csum --backend=tap --caps="$old" 2>/dev/null |
		sed 's/"/\&quot;/g' >"$work/vm"
	libvirt="<interface type='bridge'>$virtio<driver name='qemu' event_idx='off'>
		<host tso4='off' tso6='off' ecn='off' ufo='off' mrg_rxbuf='off'/>
		<guest tso4='off' tso6='off' ecn='off' ufo='off'/></driver>
		<alias name='ua-a'/></interface>"
	marked "" "$libvirt" "$(cat "$work/vm")" "<qemu:override>$(override ua-a "$(
		for name in indirect_desc ctrl_guest_offloads queue_reset; do
			property $name false
		done)")</qemu:override>" && hook 0 "$old" start
}

# Machine types have off what is younger than they are.
machine_types()
{
	machine=pc-q35-7.1 && xml 0 "" && machine=pc-i440fx-7.0 && xml 0 "" &&
		machine=pc-q35-8.1 && xml 1 "" && said "has queue_reset off" &&
		machine=pc-q35-8.2 && xml 1 "" && said "has queue_reset,guest_uso4" || return
	for machine in q35 pc-q35-rhel7.1.0 pc-q35-7 pc-q35-noble x-7.1 pc-q35-7.1x; do
		xml 1 "" && said "has queue_reset,guest_uso4" || return
	done
	# but on where the XML says so.
	machine=pc-q35-7.1 && xml 1 "<qemu:override>$(override ua-b \
		"$(property host_uso true)")</qemu:override>" && said "has host_uso off" || return
	# A distribution's type has off what its QEMU did not know when the record was made.
	machine=pc-q35-rhel7.1.0
	"$tapcompat" record --model=tapnet-v1 --backend=vhost-net --caps="$new" \
		--qemu-version=7.1 | jq -c --arg machine $machine '.machine = $machine' |
		sed 's/"/\&quot;/g' >"$work/vm"
	marked "" "$named_vhost" "$(cat "$work/vm")" && hook 0 "$new" start &&
		machine=pc-q35-rhel9.0.0 && marked "" "$named_vhost" "$(cat "$work/vm")" &&
		hook 1 "$new" start
}

# Features that a record has and the machine type does not
misses()
{
	record=$("$tapcompat" record --model=tapnet-v2 --backend=tap --caps="$new" 2>/dev/null |
		sed 's/"/\&quot;/g')
	machine=pc-q35-8.1 && marked "" "$named_tap" "$record" && hook 1 "$new" start &&
		said "record has guest_uso4,guest_uso6,host_uso on, but its XML or machine type" &&
		said "<qemu:property name='host_uso' type='bool' value='true'/>" &&
		machine=pc-q35-8.2 && marked "" "$named_tap" "$record" && hook 0 "$new" start &&
		machine= && marked "" "$named_tap" "$record" && hook 0 "$new" start
}

ktap_plan 9
ktap "a record and XML that gives the guest more" gains
ktap "the XML that is suggested is enough" as_said
ktap "overrides" overrides
ktap "QEMU's command line" command_line
ktap "attributes of the driver" drivers
ktap "machine types" machine_types
ktap "a record and XML that gives the guest less" misses
# Inverted, to show that it can fail.
ktap "the network card" cards
ktap_not "XML without overrides is not accepted" xml 0 ""
ktap_end
