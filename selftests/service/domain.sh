#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# domain.sh - tapcompat domain: overrides are added, and all else stays as it is
. ../ktap.sh
. ./hook_domain.sh

cards='    <interface type="bridge">
      <source bridge="br0"/>
      <model type="virtio"/>
    </interface>
    <interface type="network">
      <source network="default"/>
      <model type="virtio"/>
      <alias name="ua-second"/>
    </interface>
    <interface type="user">
      <model type="e1000"/>
    </interface>'

# whole MACHINE [MORE [INTERFACES]]: a domain as libvirt prints it
whole()
{
	cat >"$work/domain" <<-EOF
	<!-- a comment with <interface> and 'quotes" -->
	<domain type='kvm'${ns:+ xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'}>
	  <name>web1</name>
	  <description>a &amp; b <![CDATA[ <interface type='bridge'> ]]></description>
	  <memory   unit="KiB">1048576</memory>
	  <os>
	    <type arch='x86_64' machine='$1'>hvm</type>
	  </os>
	  <devices>
	    <!-- <interface/> -->
	${3:-$cards}
	  </devices>
	${2:-}</domain>
	EOF
}

# filter STATUS [OPTION...]: the result is in the file
filter()
{
	expect=$1
	shift
	"$tapcompat" domain "$@" <"$work/domain" >"$work/result" 2>"$work/err"
	got=$?
	cat "$work/err"
	[ $got = "$expect" ] || { echo "status $got instead of $expect"; return 1; }
	[ $expect = 0 ] || [ ! -s "$work/result" ] || { echo "something on stdout"; return 1; }
}

# Twice is the same, libvirt takes it, and no line is changed or lost.
good()
{
	cp "$work/result" "$work/once"
	"$tapcompat" domain "$@" <"$work/once" >"$work/twice" && cmp "$work/once" "$work/twice" ||
		return
	virt-xml-validate "$work/once" domain || { cat "$work/once"; return 1; }
	! diff "$work/domain" "$work/once" | grep '^<' | grep -vE "<domain|<(alias|qemu:)"
}

has()
{
	grep -q -- "$1" "$work/result" || { cat "$work/result"; echo "missing: $1"; return 1; }
}

adds()
{
	whole pc-q35-8.2 && filter 0 --model=tapnet-v1 && good --model=tapnet-v1 &&
		has "xmlns:qemu=" && has "^      <alias name='ua-net0'/>$" &&
		has "^    <qemu:device alias='ua-net0'>$" &&
		has "^    <qemu:device alias='ua-second'>$" &&
		has "^        <qemu:property name='host_uso' type='bool' value='false'/>$" &&
		has "queue_reset" && ! grep tunnel "$work/result" &&
		[ "$(grep -c host_uso "$work/result")" = 2 ]
}

# Machine types that are older than a feature have it off.
by_machine()
{
	whole pc-q35-7.1 && filter 0 --model=tapnet-v1 && cmp "$work/domain" "$work/result" &&
		whole pc-q35-8.1 && filter 0 --model=tapnet-v2 && good --model=tapnet-v2 &&
		has "name='host_uso' type='bool' value='true'" &&
		whole pc-q35-8.2 && filter 0 --model=tapnet-v2 &&
		cmp "$work/domain" "$work/result" &&
		whole pc-q35-10.2 && filter 0 --model=tapnet-v2 &&
		has "name='host_tunnel' type='bool' value='false'"
}

# Without the QEMU's release, a flag that is left out would be a hole.
unknown_qemu()
{
	for machine in q35 pc-q35-rhel9.6.0; do
		whole $machine && filter 3 --model=tapnet-v1 &&
			said "the domain's QEMU is unknown, and QEMU 8.2 and later also need" &&
			filter 0 --model=tapnet-v1 --qemu-version=10.0.2 &&
			good --model=tapnet-v1 --qemu-version=10.0.2 && has host_uso &&
			! grep tunnel "$work/result" &&
			filter 0 --model=tapnet-v1 --qemu-version=7.2 && has queue_reset &&
			! grep uso "$work/result" || return
	done
	whole pc-q35-7.2 && filter 1 --model=tapnet-v2 --qemu-version=7.2 &&
		said "QEMU 7.2 does not have .*host_uso"
}

# emulated EMULATOR: a domain whose machine type says nothing
emulated()
{
	whole q35 && sed -i "s|<devices>|&<emulator>$1</emulator>|" "$work/domain"
}

# The release is found in the emulator's file, wherever it is there.
emulators()
{
	emulated "$(fake_qemu 7.2.22)" && filter 0 --model=tapnet-v1 && has queue_reset &&
		! grep uso "$work/result" && emulated "$new_qemu" && filter 0 --model=tapnet-v1 &&
		good --model=tapnet-v1 && has host_uso && ! grep tunnel "$work/result" &&
		emulated "$(fake_qemu 11.1.3)" && filter 0 --model=tapnet-v1 && has host_tunnel &&
		filter 0 --model=tapnet-v1 --qemu="$new_qemu" && ! grep tunnel "$work/result" &&
		filter 0 --model=tapnet-v1 --qemu-version=8.2 && ! grep tunnel "$work/result" ||
		return
	# At each place around the end of what is read at once
	for at in 262100 262120 262130 262140 262143 262144 262145 600000; do
		{ printf '\177ELF'; head -c $at /dev/zero; echo "QEMU emulator version 9.1.2 (x)"
			} >"$work/late" && emulated "$work/late" &&
			filter 0 --model=tapnet-v1 || { echo "at $at"; return 1; }
	done
	# Not a release, no program, a script without end, and a FIFO
	printf '\177ELFQEMU emulator version %%s\nQEMU emulator version ..' >"$work/none"
	printf '#!/bin/sh\nexec %s\n' "$work/qemu-system-loop" >"$work/qemu-system-loop"
	chmod +x "$work/qemu-system-loop"
	mkfifo "$work/fifo"
	for no in none qemu-system-loop fifo . nonexistent; do
		emulated "$work/$no" && filter 3 --model=tapnet-v1 &&
			said "the domain's QEMU is unknown" &&
			filter 3 --model=tapnet-v1 --qemu="$work/$no" &&
			said "no QEMU whose release can be read" || { echo "$no"; return 1; }
	done
	filter 2 --model=tapnet-v1 --qemu="$new_qemu" --qemu-version=8.2
}

# The distribution's QEMU, and what it says of itself
real_emulator()
{
	qemu=$(command -v qemu-system-x86_64)
	emulated "$qemu" && filter 0 --model=tapnet-v1 && cp "$work/result" "$work/once" &&
		filter 0 --model=tapnet-v1 --qemu-version="$("$qemu" --version |
			sed -nE 's/.*version ([0-9.]+).*/\1/p')" &&
		cmp "$work/once" "$work/result" || return
	# A record that is updated from the domain has the emulator's release.
	net="<net xmlns='http://tapcompat.io/xmlns/libvirt/domain/1.0'>"
	printf "<domain><devices><emulator>%s</emulator></devices><metadata>$net%s</net>%s" \
		"$(fake_qemu 9.2.1)" "$("$tapcompat" record --model=tapnet-v1 --caps="$new" \
		2>/dev/null)" "</metadata></domain>" >"$work/vm"
	[ "$("$tapcompat" record --update="$work/vm" --caps="$new" | jq -r .qemu)" = 9.2.1 ]
}

# A card that libvirt does not know of
command_line()
{
	ns=1
	netdev="<qemu:arg value='-netdev'/><qemu:arg value='tap,id=n1'/><qemu:arg value='-device'/>"
	set -- host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off
	whole pc-q35-8.2 "<qemu:commandline>$netdev
		<qemu:arg value='virtio-net-pci,netdev=n1,id=x'/></qemu:commandline>" &&
		filter 1 --model=tapnet-v1 &&
		said "cannot correct -device virtio-net-pci,id=x of" &&
		said ": add ,$1 to its value" &&
		whole pc-q35-8.2 "<qemu:commandline>$netdev
		<qemu:arg value='virtio-net-pci,netdev=n1,id=x,$1'/></qemu:commandline>
" && filter 0 --model=tapnet-v1 && good --model=tapnet-v1 && has ua-net0
}

corrects()
{
	ns=1
	whole pc-q35-8.2 "  <qemu:override>
    <qemu:device alias='ua-second'>
      <qemu:frontend>
        <qemu:property name='host_uso' type='bool' value='true'/>
        <qemu:property name='rx_queue_size' type='unsigned' value='1024'/>
      </qemu:frontend>
    </qemu:device>
  </qemu:override>
" && filter 0 --model=tapnet-v1 && good --model=tapnet-v1 && has rx_queue_size &&
		! grep "value='true'" "$work/result" &&
		[ "$(grep -c '<qemu:override>' "$work/result")" = 1 ] &&
		[ "$(grep -c host_uso "$work/result")" = 2 ] || return
	# Also in elements that have no content.
	device="<qemu:device alias='ua-second'>"
	for empty in "<qemu:override/>" "<qemu:override></qemu:override>" \
			"<qemu:override><qemu:device alias='ua-second'/></qemu:override>" \
			"<qemu:override>$device<qemu:frontend/></qemu:device></qemu:override>"; do
		whole pc-q35-8.2 "  $empty
" && filter 0 --model=tapnet-v1 && cp "$work/result" "$work/once" &&
			"$tapcompat" domain --model=tapnet-v1 <"$work/once" |
				cmp - "$work/once" && virt-xml-validate "$work/once" domain &&
			[ "$(grep -c 'qemu:override>' "$work/once")" -le 2 ] || return
	done
}

# What is off already needs no override.
nothing_to_do()
{
	ns=1
	whole pc-q35-8.2 "  <qemu:commandline>
    <qemu:arg value='-global'/>
    <qemu:arg value='virtio-net-device.host_uso=off'/>
    <qemu:arg value='-global'/>
    <qemu:arg value='virtio-net-device.guest_uso4=off'/>
    <qemu:arg value='-global'/>
    <qemu:arg value='virtio-net-device.guest_uso6=off'/>
    <qemu:arg value='-global'/>
    <qemu:arg value='virtio-net-device.queue_reset=off'/>
  </qemu:commandline>
" && filter 0 --model=tapnet-v1 && cmp "$work/domain" "$work/result" || return
	whole pc-q35-8.2 "" "<interface type='user'><model type='virtio'/></interface>" &&
		filter 0 --model=tapnet-v1 && cmp "$work/domain" "$work/result" &&
		said "no virtio interface"
}

# Other prefixes, one line, and aliases that libvirt assigns
layouts()
{
	qemu=http://libvirt.org/schemas/domain/qemu/1.0
	os="<os><type machine='pc-q35-8.2'>hvm</type></os>"
	card="<interface type=\"bridge\" ><model type='virtio'/></interface >"
	live="<interface type='bridge'><model type='virtio'/><alias name='net0'/></interface>"
	for domain in "<domain xmlns:q='$qemu'>$os<devices>$card</devices></domain>" \
			"<domain>$os<devices>$card$card</devices></domain>" \
			"<domain>$os<devices>$card</devices ></domain >" \
			"<domain>$os<devices>$live</devices></domain>" \
			"<domain>$os<devices>$card</devices><devices>$live</devices></domain>" \
			"<domain xmlns:qemu='urn:x'>$os<devices>$card</devices></domain>" \
			"<domain>$os<devices>$card</devices><o:override xmlns:o='$qemu'
			/></domain>" \
			"<domain>$os<devices>$card</devices><override xmlns='$qemu'/></domain>"; do
		printf %s "$domain" >"$work/domain" && filter 0 --model=tapnet-v1 &&
			cp "$work/result" "$work/once" && xmllint --noout "$work/once" &&
			"$tapcompat" domain --model=tapnet-v1 <"$work/once" >"$work/twice" &&
			cmp "$work/once" "$work/twice" && has host_uso ||
			{ echo "$domain"; return 1; }
	done
	printf %s "<domain>$os<devices>$live</devices></domain>" >"$work/domain"
	filter 0 --model=tapnet-v1 && has "<alias name='ua-net0'/>" &&
		has "device alias='ua-net0'"
}

# What the hook wants is what the filter makes.
hook_agrees()
{
	v1=$("$tapcompat" record --model=tapnet-v1 --backend=vhost-net --caps="$new" \
		--qemu-version=8.2)
	machine=pc-q35-8.2
	marked "" "$either$vhost" "$(echo "$v1" | sed 's/"/\&quot;/g')" && hook 1 "$new" start &&
		filter 0 && cp "$work/result" "$work/domain" && hook 0 "$new" start &&
		hook 0 "$new" migrate && echo "$v1" >"$work/vm" && filter 0 --vm="$work/vm" &&
		cmp "$work/domain" "$work/result"
}

# The metadata has a model, and features that are required in addition.
from_model()
{
	whole pc-q35-8.2 "<metadata><net xmlns='$namespace' model='tapnet-v1'
		require='queue_reset,host_uso'/></metadata>
" && filter 0 && good && has guest_uso4 &&
		has guest_uso6 && ! grep -E "name='(host_uso|queue_reset)'" "$work/once" || return
	whole pc-q35-8.2 "<metadata><net xmlns='$namespace' model='tapnet-v1'
		require='nonsense'/></metadata>" && filter 2 && said "require in its metadata"
}

baselines()
{
	whole pc-q35-8.2 && filter 0 --baseline="$old" "$new" && good --baseline="$old" "$new" &&
		has host_uso && filter 0 --baseline="$new" && cmp "$work/domain" "$work/result"
}

errors()
{
	whole pc-q35-8.2 && filter 2 && said "neither a record nor a model" &&
		filter 2 --model=tapnet-v1 --vm=x && filter 2 x && filter 2 --vm=/nonexistent &&
		filter 2 --model=tapnet-v1 --qemu-version=x && echo "<domain>" >"$work/domain" &&
		filter 2 --model=tapnet-v1 && said "line" && : >"$work/domain" &&
		filter 2 --model=tapnet-v1 || return
	whole pc-q35-8.2 "" "<interface type='bridge'><model type='virtio'/>
		<alias name='ua-&apos;x'/></interface>" &&
		filter 2 --model=tapnet-v1 && said "does not accept"
}

# An override cannot win over -set.
impossible()
{
	ns=1
	whole pc-q35-8.2 "<qemu:commandline><qemu:arg value='-set'/>
		<qemu:arg value='device.ua-second.host_uso=on'/></qemu:commandline>" &&
		filter 1 --model=tapnet-v1 && said "an override cannot correct"
}

# The card of a record: libvirt's elements, and overrides where it has none
card()
{
	list=host-mtu=1450,queue-pairs=4,vectors=10,rx-queue-size=1024,tx-queue-size=256
	list=$list,failover=off,speed=10000,page-per-vq=off,mac=52:54:00:00:00:01
	"$tapcompat" record --model=tapnet-v1 --caps="$new" --qemu-version=8.2 --nic=$list \
		>"$work/vm" || return
	whole pc-q35-8.2 && filter 0 --vm="$work/vm" && good --vm="$work/vm" &&
		has "^      <mtu size='1450'/>$" &&
		has "^      <driver queues='4' rx_queue_size='1024'/>$" &&
		has "name='speed' type='unsigned' value='10000'" && ! grep vectors "$work/result" &&
		! grep 52:54 "$work/result" || return
	# What is there already is corrected in place, all else of it stays.
	ns=1
	whole pc-q35-8.2 "  <qemu:override>
    <qemu:device alias='ua-a'>
      <qemu:frontend>
        <qemu:property name='vectors' type='unsigned' value='32'/>
        <qemu:property name='rx_queue_size' type='unsigned' value='512'/>
      </qemu:frontend>
    </qemu:device>
  </qemu:override>
" "<interface type='bridge'><source bridge='br0'/><model type='virtio'/><driver name='vhost'
 queues='2' txmode='iothread'/><mtu size='9000'/><alias name='ua-a'/></interface>" &&
		filter 0 --vm="$work/vm" && has "<mtu size='1450'/>" &&
		has "queues='4' txmode='iothread'/>" && has "<driver name='vhost'$" &&
		has "name='vectors' type='unsigned' value='10'" &&
		has "name='rx_queue_size' type='unsigned' value='1024'" &&
		virt-xml-validate "$work/result" domain && cp "$work/result" "$work/domain" &&
		filter 0 --vm="$work/vm" && cmp "$work/domain" "$work/result" || return
	# Without an MTU, and with what no filter can decide
	ns=
	"$tapcompat" record --model=tapnet-v1 --caps="$new" --qemu-version=8.2 \
		--nic=host-mtu=0,failover=off >"$work/vm" &&
		whole pc-q35-8.2 "" "<interface type='bridge'><source bridge='br0'/>
<model type='virtio'/><mtu size='9000'/></interface>" && filter 0 --vm="$work/vm" &&
		! grep mtu "$work/result" && whole pc-q35-8.2 "" "<interface type='bridge'>
<source bridge='br0'/><model type='virtio'/><teaming type='persistent'/></interface>" &&
		filter 1 --vm="$work/vm" &&
		said "failover is off in the record and on in the domain: correct teaming/type"
}

# card_by NETDEV DEVICE [WORD...]: a card in <qemu:commandline>
card_by()
{
	netdev=$1
	device=$2
	shift 2
	set -- -netdev "$netdev" -device "$device" "$@"
	whole pc-q35-8.2 "  <qemu:commandline>$(printf "<qemu:arg value='%s'/>" "$@")
</qemu:commandline>
" "<controller type='usb' model='none'/>"
}

# The card of a record, and one that the domain adds to QEMU's command line
card_argument()
{
	ns=1
	"$tapcompat" record --model=tapnet-v1 --caps="$new" --qemu-version=8.2 \
		--nic=host-mtu=1450,queue-pairs=4,vectors=10,rx-queue-size=1024,speed=0 \
		>"$work/vm" || return
	off=host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off
	x=virtio-net-pci,netdev=n1,id=x,$off
	y=mq=on,host_mtu=1450,rx_queue_size=1024
	card_by tap,id=n1 $x,speed=100 && filter 1 --vm="$work/vm" &&
		said "correct -device virtio-net-pci,id=x of <qemu:commandline>: add ,mq=on," &&
		said ": add ,mq=on,host_mtu=1450,vectors=10,rx_queue_size=1024 to its value; " &&
		said "; add ,queues=4 to the value of its -netdev; remove speed from its" || return
	card_by tap,id=n1,queues=2 "$x,$y" && filter 1 --vm="$work/vm" &&
		said "add ,mq=on,vectors=10 to its value; add ,queues=4 to" &&
		card_by tap,id=n1,queues=4 "$x,$y" && filter 0 --vm="$work/vm" &&
		card_by tap,id=n1,fds=3:4:5:6 "$x,$y" && filter 0 --vm="$work/vm" || return
	# JSON, -global, -set, and a netdev that is not found
	json='{"driver": "virtio-net-pci", "netdev": "n1", "id": "x", "host_uso": false'
	json=$json', "guest_uso4": false, "guest_uso6": false, "queue_reset": false, "mq": true'
	json=$(echo "$json"', "host_mtu": 1450, "rx_queue_size": 1024}' | sed 's/"/\&quot;/g')
	card_by tap,id=n1,queues=4 "$json" && filter 0 --vm="$work/vm" &&
		card_by tap,id=n1,queues=4 "$(echo "$json" | sed s/1450/1451/)" &&
		filter 1 --vm="$work/vm" && said ": add ,host_mtu=1450 to its value$" &&
		card_by tap,id=n1,queues=4 $x,mq=on -global virtio-net-pci.host_mtu=1450 \
			-set device.x.rx_queue_size=1024 && filter 0 --vm="$work/vm" &&
		card_by tap,id=n1,queues=4 $x,mq=on -global virtio-net-device.host_mtu=1450 \
			-global virtio-net-pci-transitional.rx_queue_size=1024 &&
		filter 1 --vm="$work/vm" && said ": add ,rx_queue_size=1024 to its value$" &&
		card_by tap,id=other "$x,$y" && filter 0 --vm="$work/vm"
}

ns=''
ktap_plan 17
ktap "overrides and aliases are added" adds
ktap "machine types" by_machine
ktap "an unknown QEMU" unknown_qemu
ktap "the release of the emulator" emulators
ktap "the distribution's QEMU" real_emulator
ktap "network cards on QEMU's command line" command_line
ktap "overrides are corrected" corrects
ktap "nothing to do" nothing_to_do
ktap "layouts" layouts
ktap "the hook accepts the result" hook_agrees
ktap "the model in the metadata" from_model
ktap "baselines" baselines
ktap "errors" errors
ktap "what an override cannot do" impossible
ktap "the network card of a record" card
ktap "the same on QEMU's command line" card_argument
ktap_not "a change is detected" sh -c "printf x | cmp - /dev/null"
ktap_end
