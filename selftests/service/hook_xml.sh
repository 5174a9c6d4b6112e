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
	# If it is not known what the machine type has, only what this host offers counts.
	hook 0 "$old" start && hook 0 "$old" migrate && unsaid "its record has"
}

# The guest may come from a host that has what this one lacks.
gains_elsewhere()
{
	machine=pc-q35-8.2
	xml 1 "" || return
	for operation in prepare start restore migrate; do
		hook 1 "$old" $operation && said "$wrong$" || return
	done
	machine=pc-q35-7.1 && xml 0 "" && hook 0 "$old" migrate || return
	# The record's own machine type and QEMU are known as well.
	machine=pc-q35-noble
	for qemu in 8.2 8.1; do
		"$tapcompat" record --model=tapnet-v1 --backend=vhost-net --caps="$new" \
			--qemu-version=$qemu | jq -c --arg machine $machine \
			'.machine = $machine' | sed 's/"/\&quot;/g' >"$work/vm"
		marked "" "$named_vhost" "$(cat "$work/vm")" && hook 1 "$old" migrate || return
	done
	said "its record has queue_reset off" && hook 1 "$old" start && unsaid host_uso
}

# libvirt truncates the output: refusals come before warnings.
warns_last()
{
	machine=pc-q35-8.2
	xml 1 "" && said "guest_ufo: ineffective" && head -n1 "$work/err" | grep "its record has"
}

# What is said is enough.
as_said()
{
	emulator=$new_qemu
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

# The same of a card that libvirt does not know of
card_arguments()
{
	off=
	for name in $later; do
		off=$off,$name=off
	done
	list=host-mtu=1450,queue-pairs=4
	nic()
	{
		marked "" "$user" "$(v1 --nic=$list)" \
			"$(arguments -netdev "tap,id=n1,vhost=on,$2" -device \
				"virtio-net-pci,netdev=n1$off,$3")" && hook "$1" "$new" start
	}
	nic 0 queues=4 mq=on,host_mtu=1450 && unsaid "in its XML" &&
		nic 1 queues=4 mq=on,host_mtu=0 &&
		said "host-mtu is 1450 in its record and 0 in its XML for -device virtio-net-pci" &&
		said "for -device virtio-net-pci of <qemu:commandline>: add ,host_mtu=1450 to" &&
		unsaid "in interface" && nic 1 queues=2 mq=on,host_mtu=1450 &&
		said "queue-pairs is 4 in its record and 2 in its XML for -device" &&
		said "; add ,queues=4 to the value of its -netdev" &&
		nic 0 queues=4 mq=on,host_mtu=9000 && said "1450 in its record and 9000 in"
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

# The QEMU is the domain's emulator: what it does not know, no guest gains.
emulators()
{
	emulator=$(fake_qemu 7.1.0)
	xml 0 "" && emulator=$(fake_qemu 7.2.22) && xml 1 "" &&
		said "has queue_reset off, but" && unsaid uso && said "'queue_reset' type" &&
		emulator=$(fake_qemu 8.2.0) && xml 1 "" && said "has queue_reset,guest_uso4" &&
		said "<qemu:property name='host_uso' type='bool' value='false'/>" || return
	# A script that names it, and one that names two
	emulator=$work/script
	printf '#!/bin/sh\n# %s\nexec "%s" "$@"\n' "$new_qemu" "$(fake_qemu 7.1.0)" >"$emulator"
	xml 0 "" && echo "$new_qemu" >>"$emulator" && xml 1 "" && said "has queue_reset,guest" ||
		return
	# Neither is known, so that none of them may be started by what is printed.
	emulator=/nonexistent/qemu
	xml 1 "" && said "tapcompat: <qemu:override>.*'queue_reset'" &&
		unsaid "tapcompat: <qemu:override>.*host_uso" &&
		said "or, if its QEMU is 8.2 or later: <qemu:override>.*host_uso.*'queue_reset'" &&
		machine=pc-q35-8.2 && xml 1 "" && unsaid "or later" &&
		said "tapcompat: <qemu:override>.*host_uso"
}

# What is required and the QEMU does not have
too_old()
{
	emulator=$(fake_qemu 7.2.22)
	marked "require='host_uso'" "$named_vhost" && hook 1 "$new" start &&
		said "its <emulator> .*/7.2.22/qemu-system-x86_64 is QEMU 7.2.22" &&
		said "which does not have host_uso; QEMU 8.2 has it" &&
		emulator=$(fake_qemu 8.2.1) && marked "require='host_uso'" "$named_vhost" &&
		hook 0 "$new" start || return
	record=$("$tapcompat" record --model=tapnet-v2 --backend=tap --caps="$new" 2>/dev/null |
		sed 's/"/\&quot;/g')
	emulator=$(fake_qemu 7.2.22)
	marked "" "$named_tap" "$record" && hook 1 "$new" migrate &&
		said "QEMU 7.2.22 does not have guest_uso4,guest_uso6,host_uso"
}

# Cards that libvirt does not know of
devices()
{
	netdev="-netdev tap,id=n1,vhost=on"
	off=
	for name in $later; do
		off=$off,$name=off
	done
	emulator=$new_qemu
	for device in virtio-net-pci,netdev=n1 virtio-net,netdev=n1,id=x \
			netdev=n1,driver=virtio-net-pci virtio-net-pci,netdev=other \
			virtio-net-pci-non-transitional,netdev=n1; do
		xml 1 "$(arguments $netdev -device $device)" "$user" &&
			said "for -device virtio-net-pci.* of <qemu:commandline>" &&
			said "append to the value of -device virtio-net-pci.*: ,host_uso=off," &&
			xml 0 "$(arguments $netdev --device $device$off)" "$user" &&
			xml 1 "$(arguments -device "$device$off,host_uso" $netdev)" "$user" ||
			{ echo "$device"; return 1; }
	done
	xml 1 "$(arguments $netdev -device virtio-net-pci,netdev=n1,id=x,csum=off$off)" "$user" &&
		said "has csum on, but its XML or machine type switches that off for -device" &&
		xml 0 "$(arguments -netdev user,id=n1 -device virtio-net-pci,netdev=n1)" "$user" &&
		said "its netdev is not a tap" &&
		xml 0 "$(arguments $netdev -device e1000,netdev=n1)" "$user" &&
		xml 0 "$(arguments -netdev user,id=n1 -device virtio-net-pci,netdev=n1)" "$user" ||
		return
	# vhost=off, and JSON
	json=$(printf '{"driver": "virtio-net-pci", "netdev": "n1"%s}' \
		"$(for name in $later; do printf ', "%s": false' "$name"; done)" |
		sed 's/"/\&quot;/g')
	tap=$(echo '{"type":"tap","id":"n1","vhost":false}' | sed 's/"/\&quot;/g')
	xml 0 "$(arguments -netdev "$tap" -device "$json")" "$user" && unsaid "its netdev" &&
		xml 1 "$(arguments -netdev "$tap" -device "$(echo "$json" | sed s/host_uso/x/)")" \
			"$user" && said "has host_uso off" || return
	# A value with commas, and an argument that is too long to be read
	comma=$(echo '{"driver": "virtio-net-pci", "netdev": "n1", "x": "y,host_uso=off"}' |
		sed 's/"/\&quot;/g')
	xml 0 "$(arguments $netdev -device "virtio-net-pci,netdev=n1$off,x=,,host_uso=on")" \
		"$user" && xml 1 "$(arguments $netdev -device "$comma")" "$user" &&
		said "has queue_reset,guest_uso4,guest_uso6,host_uso off" &&
		xml 1 "$(arguments $netdev -device \
			"virtio-net-pci,netdev=n1$off,x=,,,host_uso=on")" "$user" &&
		said "has host_uso off" &&
		xml 2 "$(arguments $netdev -device \
			"virtio-net-pci,netdev=n1,x=$(printf '%5000d' 1)")" "$user" &&
		said "longer than" && xml 0 "$(arguments -object "$(printf '%5000d' 1)")" "$user"
}

# -global as libvirt's users write it
globals()
{
	for driver in virtio-net-device virtio-net-pci; do
		set --
		for name in $later; do
			set -- "$@" -global "driver=$driver,property=$name,value=off"
		done
		xml 0 "$(arguments "$@")" &&
			xml 1 "$(arguments "$@" -global \
				"property=host_uso,value=on,driver=$driver")" || return
	done
	variant=$(echo "$named_vhost" | sed "s/'virtio'/'virtio-non-transitional'/")
	xml 1 "$(arguments "$@")" "$variant" && xml 0 "$(arguments "$@" |
		sed s/virtio-net-pci/virtio-net-pci-non-transitional/g)" "$variant" &&
		xml 1 "$(arguments "$@" | sed s/property=/x=/g)"
}

# Options of tapcompat's own programs; virsh has options as well.
no_options()
{
	! grep -v virsh "$work/err" | grep -- ' --[a-z]'
}

# In the words of XML, not of a command line
words()
{
	for operation in start migrate restore; do
		marked "" "$named_vhost" "$(v1 --no-strict --require=host_tunnel)" &&
			hook "$([ $operation = start ] && echo 0 || echo 1)" "$new" $operation &&
			no_options || return
	done
	said "allow-non-strict='yes' in its metadata" || return
	record=$("$tapcompat" record --require=csum --disable=host_uso --caps="$new" 2>/dev/null |
		sed 's/"host_uso":"disable"/"host_uso":"forbid"/; s/"/\&quot;/g')
	marked "" "$named_vhost" "$record" && hook 1 "$new" start &&
		said "host_uso is forbidden, but would be offered" && unsaid "-device" ||
		return
	emulator=
	marked "require='host_uso'" "$named_tap" && hook 1 "$old" start &&
		said "allow-emulated='yes'" && no_options
}

ktap_plan 17
ktap "a record and XML that gives the guest more" gains
ktap "the same, on a host that cannot give it" gains_elsewhere
ktap "refusals come before warnings" warns_last
ktap "the XML that is suggested is enough" as_said
ktap "overrides" overrides
ktap "QEMU's command line" command_line
ktap "attributes of the driver" drivers
ktap "machine types" machine_types
ktap "a record and XML that gives the guest less" misses
ktap "the release of the emulator" emulators
ktap "an emulator that is too old" too_old
ktap "network cards on QEMU's command line" devices
ktap "-global with keys" globals
ktap "messages in the words of libvirt" words
ktap "the network card" cards
ktap "the network card on QEMU's command line" card_arguments
# Inverted, to show that it can fail.
ktap_not "XML without overrides is not accepted" xml 0 ""
ktap_end
