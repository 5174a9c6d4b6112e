#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fleet.sh - the commands compare, baseline, explain, record and check --vm
. ../ktap.sh

tapcompat=$(cd ../.. && pwd)/build/tapcompat
old=../documents/linux-6.1.json new=../documents/linux-6.12.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---- The incidents

off=host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off

# Three bits, the flags with which it lands, and the remedy otherwise.
incident_a1()
{
	status 0 $tapcompat explain 0x1c0010130afffaf 0x10179bfffef &&
		says "missing: 0x1c0000000000000" VIRTIO_NET_F_HOST_USO VIRTIO_NET_F_GUEST_USO4 \
			VIRTIO_NET_F_GUEST_USO6 "kernel tap (before Linux 6.2)" \
			"host_uso=on,guest_uso4=on,guest_uso6=on" "cold restart needed" &&
		[ "$(grep -c 'removed by' "$work/out")" = 3 ]
}

# Four bits of two layers.
incident_a2()
{
	status 0 $tapcompat explain 0x1c0010130afffa7 0x179bfffe7 &&
		says "missing: 0x1c0010000000000" queue_reset "vhost-net (before Linux 6.3)" &&
		[ "$(grep -c 'removed by' "$work/out")" = 4 ] &&
		status 0 $tapcompat explain -j 0x1c0010130afffa7 0x179bfffe7 --caps=$old &&
		jq -e '.explanations[0].bits | map(.bit) == [40, 54, 55, 56] and
			(map(.layer[:9]) == ["vhost-net", "kernel ta", "kernel ta", "kernel ta"])' \
			"$work/out"
}

baseline_a2()
{
	status 0 $tapcompat baseline $old $new &&
		says "-device virtio-net-pci,...,queue_reset=off" \
			"QEMU 8.2 and later also need ${off%,queue*}: give --qemu-version" &&
		status 0 $tapcompat baseline --qemu-version=8.2 $old $new &&
		says "-device virtio-net-pci,...,$off" "host_uso: only linux-6.1 lacks it" \
			"queue_reset: only linux-6.1 lacks it" "tapnet-v1" \
			"warning: a machine started on linux-6.1" "cannot migrate back" &&
		status 0 $tapcompat baseline --qemu-version=8.2 $new $old --format=qemu &&
		[ "$(cat "$work/out")" = "-device virtio-net-pci,netdev=net0,$off" ]
}

# With vhost=off QEMU implements the rings itself.
baseline_of_taps()
{
	status 0 $tapcompat baseline --backend=tap $old $new --format=proxmox &&
		says "# no flags are needed before QEMU 8.2" &&
		status 0 $tapcompat baseline --backend=tap --qemu-version=8.2 $old $new \
			--format=qemu &&
		[ "$(cat "$work/out")" = "-device virtio-net-pci,netdev=net0,${off%,queue*}" ]
}

# Equal hosts: no flags, no warning.
baseline_of_equals()
{
	status 0 $tapcompat baseline -j $new $new &&
		jq -e '.device == "" and .warnings == [] and .costs == [] and
			.model == "tapnet-v2" and .hosts == 2 and (.groups | length) == 1 and
			.groups[0].names == ["linux-6.12", "linux-6.12 ('$new')"]' "$work/out" &&
		status 0 $tapcompat baseline $new --format=proxmox && says "# no flags are needed"
}

# Indented documents, several in one file, as jq prints them or cat joins them.
any_layout()
{
	jq . $old $new >"$work/two" && { printf %s "$(jq -c . $old)"; cat $new; } >"$work/joined" &&
		status 0 $tapcompat baseline -j $old $new && cp "$work/out" "$work/expected" &&
		for file in two joined; do
			status 0 $tapcompat baseline -j "$work/$file" &&
				cmp "$work/out" "$work/expected" &&
				status 0 $tapcompat baseline -j - <"$work/$file" &&
				cmp "$work/out" "$work/expected" || return
		done
	sed '42s/: .*/: ,/' "$work/two" >"$work/bad"
	status 2 $tapcompat baseline "$work/bad" && says "bad: line 42, column"
}

# Hosts without a name, or with the same one, are named by file and line.
named_by_place()
{
	jq -c '.host.name = ""' $new >"$work/nameless"
	jq -c . $new $new >"$work/same"
	status 0 $tapcompat baseline -j "$work/nameless" "$work/same" &&
		jq -e --arg w "$work" '.groups[0].names ==
			[$w + "/nameless", "linux-6.12", "linux-6.12 (\($w)/same: line 2)"]' \
			"$work/out"
}

# Output of other programs in front of a document is shown, and where it is.
noise()
{
	{ echo; printf "\033[1mWarning: Permanently added 'node1'\n"; cat $new; } >"$work/noise"
	for command in "baseline $work/noise" "baseline -" \
		"check --require=csum --caps=$work/noise"; do
		status 2 $tapcompat $command <"$work/noise" &&
			says "line 2" "column 1: expected a JSON object, found" \
				"'\\x1b[1mWarning: Permanently added" && silent || return
	done
}

landing()
{
	status 0 $tapcompat baseline -q --holds=0x1c0010130afffaf $old $new &&
		says "linux-6.1: does not land, the host lacks queue_reset,guest_uso4,guest_uso6," \
			"host_uso: cold restart needed" \
			"linux-6.12: lands, with -device virtio-net-pci,...,host_uso=on,guest_uso4"
}

# An older QEMU does not know the properties and would not start with them.
older_qemu()
{
	status 0 $tapcompat baseline --qemu-version=7.2 $old $new --format=qemu &&
		[ "$(cat "$work/out")" = "-device virtio-net-pci,netdev=net0,queue_reset=off" ] &&
		status 0 $tapcompat baseline --qemu-version=7.1 $old $new --format=qemu-global &&
		[ ! -s "$work/out" ] || ! grep -q queue_reset "$work/out"
}

asked_for()
{
	status 0 $tapcompat baseline --with=mq $old $new --format=qemu && says "mq=on" &&
		status 0 $tapcompat baseline --with=packed $old $new --format=qemu &&
		! grep -q packed "$work/out"
}

deprecated()
{
	status 0 $tapcompat baseline --disable-deprecated-features $new $new -j &&
		jq -e '.flags.off == ["guest_ufo", "host_ufo"] and .model == "tapnet-v2"' \
			"$work/out" &&
		status 0 $tapcompat compare -q $new $new && says identical &&
		status 0 $tapcompat models -j tapnet-v1 &&
		jq -e '.models[0].deprecated[] | select(.name == "host_ufo") |
			."since-kernel" == "4.14" and .replacement == ["host_uso"]' "$work/out" &&
		../build/schema.py models "$work/out"
}

# The new kernel, on a host without vhost-net.
bare()
{
	jq -c '(.backends[] | select(.type == "vhost-net")) |= {type, available: false,
		state: "absent", detail: "not here"}' $new >"$work/bare.json"
}

a_backend_is_missing()
{
	bare
	status 1 $tapcompat baseline --backend=vhost-net $old "$work/bare.json" && silent &&
		says "linux-6.12 vhost-net: not available" &&
		status 0 $tapcompat baseline $old "$work/bare.json" --format=qemu &&
		! grep -q queue_reset "$work/out"
}

# A stub of Proxmox VE's qm: stores what "set" gets, and prints it as "config" does.
stub_qm()
{
	mkdir -p "$work/pve/bin"
	cat >"$work/pve/bin/qm" <<-'QM'
	#!/bin/sh
	cd "${0%/*}/.." || exit
	case "$1 $2 $3" in
	"set 101 --args") [ $# = 4 ] && printf '%s' "$4" >args ;;
	"config 101 ")
		echo "agent: 1"
		[ ! -s args ] || printf 'args: %s\n' "$(cat args)"
		echo "description: args%3A -global virtio-net-device.csum=off" ;;
	*)	exit 2 ;;
	esac
	QM
	chmod +x "$work/pve/bin/qm"
}

# merges BEFORE AFTER: arguments of the VM; what the command made of them is the same if it
# runs again
merges()
{
	printf '%s' "$1" >"$work/pve/args"
	for run in first second; do
		PATH=$work/pve/bin:$PATH sh -eu "$work/qm.sh" || return
		[ "$(cat "$work/pve/args")" = "$2" ] || {
			echo "$run: $1"
			cat "$work/pve/args"
			return 1
		}
	done
}

proxmox_merges()
{
	stub_qm
	status 0 $tapcompat baseline --qemu-version=8.2 $old $new --format=qemu-global &&
		ours=$(cat "$work/out") &&
		status 0 $tapcompat baseline --guest=101 --qemu-version=8.2 $old $new \
			--format=proxmox && cp "$work/out" "$work/qm.sh" &&
		merges "" "$ours" && merges "-no-reboot" "-no-reboot $ours" &&
		merges "-smbios 'type=0,vendor=\"A B\"' -name \$x\\y" \
			"-smbios 'type=0,vendor=\"A B\"' -name \$x\\y $ours" &&
		merges "-global virtio-net-device.host_uso=on -S -global virtio-net-device.mq=off" \
			"-S -global virtio-net-device.mq=off $ours"
}

# That a host without vhost-net leaves a tap with vhost=off is said, in every format.
fallback()
{
	bare
	warning="linux-6.12 has no vhost-net: the flags are only for a tap with vhost=off"
	for format in qemu qemu-global libvirt virt-xml proxmox; do
		status 0 $tapcompat baseline --qemu-version=8.2 $old "$work/bare.json" \
			--format=$format &&
			grep -q "^tapcompat: $warning; give --backend=vhost-net" "$work/err" &&
			! grep -q "has no vhost-net" "$work/out" &&
			status 0 $tapcompat baseline --qemu-version=8.2 $old $new \
				--format=$format &&
			[ ! -s "$work/err" ] &&
			status 0 $tapcompat baseline --qemu-version=8.2 --backend=tap $old \
				"$work/bare.json" --format=$format && [ ! -s "$work/err" ] || return
	done
	status 0 $tapcompat baseline -j $old "$work/bare.json" &&
		jq -e --arg warning "$warning" '.warnings[0] | startswith($warning)' "$work/out" &&
		status 0 $tapcompat baseline -q $old "$work/bare.json" &&
		says "warning: $warning" &&
		status 0 $tapcompat baseline -q "$work/bare.json" "$work/bare.json" &&
		says "linux-6.12 and 1 more have no vhost-net" || return
	jq -c '.backends |= map(select(.type == "tap"))' $old >"$work/tap.json"
	status 0 $tapcompat baseline --format=qemu "$work/tap.json" &&
		says "no document mentions vhost-net"
}

not_known()
{
	jq -c '(.backends[] | select(.type == "tap")) |= {type, available: false,
		state: "unknown", detail: "EPERM"}' $new >"$work/unknown.json"
	status 3 $tapcompat baseline -j $old "$work/unknown.json" &&
		../build/schema.py error "$work/out" && says "linux-6.12 tap" "as root"
}

# @state @verified: document of the new kernel with these for host_uso on tap and vhost-net.
corrupted()
{
	jq -c --arg state "$1" --arg verified "$2" '(.backends[] |
		select(.type == "tap" or .type == "vhost-net")) |=
		(.features |= map(if .name == "host_uso" then .state = $state |
			.verified = $verified | .detail = "seen" else . end) |
		.native |= sub("1c00"; "0c00"))' $new
}

# The kernel accepts the feature, so QEMU would offer it: it is switched off.
failed_is_switched_off()
{
	corrupted absent failed >"$work/failed.json"
	status 0 $tapcompat baseline --qemu-version=8.2 "$work/failed.json" --format=qemu &&
		says "host_uso=off" && status 0 $tapcompat record --model=tapnet-v1 \
			--qemu-version=8.2 --caps="$work/failed.json" &&
		jq -e '.device | contains("host_uso=off")' "$work/out"
}

# An unknown feature is switched off and reported as unknown, not as lacking.
unknown_is_switched_off()
{
	corrupted unknown untested >"$work/maybe.json"
	status 0 $tapcompat baseline "$work/maybe.json" $new && says "host_uso=off" \
		"Switched off, not known on every host: host_uso" &&
		status 0 $tapcompat baseline -j "$work/maybe.json" $new &&
		jq -e '.unknown == ["host_uso"]' "$work/out" &&
		status 0 $tapcompat baseline -q --holds=0x100000000000001 "$work/maybe.json" &&
		says "not known, host_uso not in its document" &&
		! grep -q "cold restart" "$work/out"
}

# vhost-net is dropped from a baseline only if it is known to be unavailable.
vhost_is_not_forgotten()
{
	jq -c '(.backends[] | select(.type == "vhost-net")) |= {type, available: false,
		state: "unknown", detail: "the module is not loaded"}' $old >"$work/undecided.json"
	status 3 $tapcompat baseline --format=qemu "$work/undecided.json" $new && silent &&
		says "linux-6.1 vhost-net" "--load-modules" "--backend=tap" &&
		status 0 $tapcompat baseline --backend=tap "$work/undecided.json" $new
}

# ---- Compare

certain()
{
	corrupted unknown untested >"$work/maybe.json"
	status 3 $tapcompat compare --error $new "$work/maybe.json" && says "not certain" &&
		jq -c '.backends |= map(select(.type == "tap"))' $old >"$work/tap.json" &&
		status 3 $tapcompat compare --error "$work/tap.json" $old &&
		says "vhost-net: not compared" &&
		status 0 $tapcompat compare --error --backend=tap "$work/tap.json" $old &&
		status 3 $tapcompat compare --backend=vhost-net "$work/tap.json" $old && silent
}

# A record is compared by the same rules as in check --vm.
records_compared()
{
	status 0 $tapcompat record --model=tapnet-v1 --optional=queue_reset --caps=$new &&
		cp "$work/out" "$work/tap-vm.json" &&
		status 0 $tapcompat compare --error $old "$work/tap-vm.json" &&
		jq -c '.requested.frobnicate = "force"' "$work/tap-vm.json" >"$work/newest.json" &&
		status 3 $tapcompat compare $old "$work/newest.json" && silent
}

# Features that are off by default land with flags; an old QEMU gets no unknown ones.
old_machines_land()
{
	jq -c '.qemu = "7.2.22"' "$work/tap-vm.json" >"$work/old-vm.json"
	status 0 $tapcompat baseline -q --vm="$work/old-vm.json" $new &&
		says "linux-6.12: lands, with -device virtio-net-pci,...,queue_reset=on" &&
		! grep -q host_uso "$work/out"
}

compared()
{
	status 0 $tapcompat compare $new $old && [ "$(head -n1 "$work/out")" = superset ] &&
		says "tap: superset" "vhost-net: superset" "queue_reset guest_uso4" &&
		status 1 $tapcompat compare --error $old $new &&
		[ "$(head -n1 "$work/out")" = subset ] &&
		status 0 $tapcompat compare -q $old $old && [ "$(cat "$work/out")" = identical ] &&
		status 0 $tapcompat compare --error $new tapnet-v2 &&
		status 1 $tapcompat compare --error $old tapnet-v2 &&
		[ "$(head -n1 "$work/out")" = subset ]
}

# Records with network cards
cards_compared()
{
	for card in host-mtu=1450,rx-queue-size=256,disable-legacy=on \
			host-mtu=0,rx-queue-size=256,disable-legacy=on rx-queue-size=512; do
		status 0 $tapcompat record --model=tapnet-v1 --caps=$new --nic=$card &&
			cp "$work/out" "$work/card-$card.json" || return
	done
	with=$work/card-host-mtu=1450,rx-queue-size=256,disable-legacy=on.json
	without=$work/card-host-mtu=0,rx-queue-size=256,disable-legacy=on.json
	status 0 $tapcompat compare --error "$with" "$with" && says identical &&
		status 0 $tapcompat compare --error "$with" "$without" &&
		[ "$(head -n1 "$work/out")" = superset ] && says "host-mtu: 1450 in" &&
		status 1 $tapcompat compare --error "$without" "$with" &&
		[ "$(head -n1 "$work/out")" = subset ] &&
		status 1 $tapcompat compare --error -j "$with" \
			"$work/card-rx-queue-size=512.json" &&
		../build/schema.py comparison "$work/out" &&
		jq -e '.result == "incompatible" and
			."responsible-properties" == ["rx-queue-size"] and
			.nic == [{name: "rx-queue-size", first: "256", second: "512"}]' "$work/out"
}

# check --vm compares the card that a domain or a command line has.
cards_checked()
{
	domain="<domain><devices><interface type='bridge'><model type='virtio'/>
		<driver queues='2'/></interface></devices></domain>"
	status 0 $tapcompat record --model=tapnet-v1 --caps=$new --nic=queue-pairs=4 &&
		says "added: mq" && cp "$work/out" "$work/card.json" &&
		../build/schema.py vm "$work/card.json" && echo "$domain" >"$work/domain" &&
		status 1 $tapcompat check --vm="$work/card.json" --caps=$new \
			--domain="$work/domain" && says "queue-pairs" "4 in the record, 2 here" &&
		status 1 $tapcompat check -j --vm="$work/card.json" --caps=$new \
			--domain="$work/domain" && ../build/schema.py check "$work/out" &&
		jq -e '.nic[0].name == "queue-pairs" and .queues == 4' "$work/out" &&
		status 0 $tapcompat check --vm="$work/card.json" --caps=$new \
			--domain="$work/domain" --nic=queue-pairs=4 || return
	# What cannot be read, or is of no use
	status 2 $tapcompat check --require=csum --caps=$new --nic=queue-pairs=4 &&
		says "give --vm" && status 2 $tapcompat check --vm="$work/card.json" --caps=$new \
			--nic=queues=4 && says "'queues=4' is no property" &&
		status 2 $tapcompat check --vm=- --domain=- --caps=$new && says "already" &&
		status 2 $tapcompat record --model=tapnet-v1 --caps=$new --domain=/nonexistent &&
		status 3 $tapcompat record --model=tapnet-v1 --caps=$new --qmp=/nonexistent &&
		status 2 $tapcompat record --model=tapnet-v1 --caps=$new --interface=a &&
		status 2 $tapcompat record --model=tapnet-v1 --caps=$new --qmp=a --domain=b &&
		status 2 $tapcompat record --model=tapnet-v1 --caps=$new --qemu-args="-S" &&
		says "no virtio network card" || return
	printf '%s\0' qemu -name "it's a card" -device virtio-net-pci,id=c >"$work/cmdline" &&
		status 0 $tapcompat record --model=tapnet-v1 --caps=$new \
			--qemu-args="@$work/cmdline" --interface=c &&
		jq -e '.nic."queue-pairs" == 1' "$work/out"
}

# A baseline for the machine of a record has its card.
cards_in_baselines()
{
	list=host-mtu=1450,queue-pairs=4,rx-queue-size=1024,vectors=12
	status 0 $tapcompat record --model=tapnet-v1 --qemu-version=7.2 --caps=$new --nic=$list &&
		cp "$work/out" "$work/card.json" || return
	all=mq=on,queue_reset=off,host_mtu=1450,vectors=12,rx_queue_size=1024
	status 0 $tapcompat baseline --vm="$work/card.json" $new &&
		says "-netdev ...,queues=4" "-device virtio-net-pci,...,mq=on,host_mtu=1450" \
			"lands, with -device virtio-net-pci,...,$all" &&
		status 0 $tapcompat baseline --vm="$work/card.json" --format=qemu $new &&
		says "netdev=net0,mq=on,host_mtu=1450,vectors=12,rx_queue_size=1024" \
			"give the netdev queues=4" &&
		status 0 $tapcompat baseline --vm="$work/card.json" --format=proxmox $new &&
		says "mq=on -global virtio-net-pci.host_mtu=1450" "virtio-net-pci.vectors=12" &&
		status 0 $tapcompat baseline --vm="$work/card.json" --format=libvirt $new &&
		says "<mtu size='1450'/>" " queues='4'" "rx_queue_size='1024'" \
			"<qemu:property name='vectors' type='unsigned' value='12'/>" &&
		virt-xml-validate "$work/out" domain || return
	status 0 $tapcompat baseline --vm="$work/card.json" -j $new &&
		../build/schema.py baseline "$work/out" &&
		jq -e --arg all $all '.queues == 4 and .landing[0].device == $all' "$work/out"
}

compared_by_backend()
{
	status 0 $tapcompat compare -j --backend=macvtap $new $old &&
		jq -e '.result == "superset" and (.backends | map(.type) == ["macvtap"]) or
			.result == "identical"' "$work/out"
}

# A and B each have features that the other lacks.
incompatible()
{
	status 0 $tapcompat compare -j 0x100000000000001 0x3 &&
		jq -e '.result == "incompatible" and
			."responsible-properties" == ["guest_csum", "host_uso"]' "$work/out"
}

# ---- Records

recorded()
{
	status 0 $tapcompat record --model=tapnet-v2 --backend=vhost-net --caps=$new &&
		cp "$work/out" "$work/vm.json" && ../build/schema.py vm "$work/vm.json" &&
		[ "$(wc -c <"$work/vm.json")" -lt 2048 ] &&
		jq -e '.strict and .requested.host_uso == "require" and
			.effective.model == "tapnet-v2" and .emulated == []' "$work/vm.json"
}

moves()
{
	status 0 $tapcompat check --vm="$work/vm.json" --caps=$new &&
		says "Start it here with: -device virtio-net-pci,...,host_uso=on" &&
		status 1 $tapcompat check --vm="$work/vm.json" --caps=$old &&
		says "Linux 6.3 has what is missing" "restart it cold" &&
		status 1 $tapcompat check -j --vm="$work/vm.json" --caps=$old &&
		../build/schema.py check "$work/out"
}

# On a host with more features the machine must not gain any.
no_gain()
{
	status 2 $tapcompat record --model=tapnet-v1 --qemu-version=later --caps=$old &&
		says "release of a QEMU" || return
	status 0 $tapcompat record --model=tapnet-v1 --backend=vhost-net --caps=$old &&
		cp "$work/out" "$work/v1.json" &&
		status 0 $tapcompat check --vm="$work/v1.json" --caps=$new --qemu-version=8.2 &&
		says "virtio-net-pci,...,$off"
}

not_recorded()
{
	status 1 $tapcompat record --model=tapnet-v2 --caps=$old && silent &&
		says "host_uso" "no record was made" &&
		status 2 $tapcompat record --require=host_uso --disable=csum --caps=$new &&
		silent && says "host_uso needs csum"
}

# Dependencies of a feature are added, and the output lists them.
completed()
{
	added='.added == [{name: "csum", for: "host_uso"}]'
	status 0 $tapcompat record --require=host_uso --caps=$new &&
		../build/schema.py vm "$work/out" &&
		jq -e "$added and .requested.csum == \"require\"" "$work/out" &&
		says "added: csum (host_uso needs it)" &&
		status 0 $tapcompat record --require=host_tunnel --optional=host_uso --no-strict \
			--caps=$new &&
		jq -e '.requested.host_tso4 == "require"' "$work/out" &&
		status 0 $tapcompat record -q --require=host_uso --caps=$new &&
		[ ! -s "$work/err" ] &&
		status 0 $tapcompat baseline -j --holds=0x100000000000000 $new &&
		../build/schema.py baseline "$work/out" && jq -e "$added" "$work/out" &&
		says "added: csum (host_uso needs it)" &&
		status 0 $tapcompat baseline -j --holds=0x100000000000001 $new &&
		jq -e '.added == null' "$work/out" && [ ! -s "$work/err" ]
}

not_strict()
{
	status 0 $tapcompat record --no-strict --model=tapnet-v2 --caps=$old &&
		cp "$work/out" "$work/loose.json" &&
		jq -e '.strict == false and .requested.host_uso == "require" and
			(.effective.features | index("host_uso") | not)' "$work/loose.json" &&
		status 1 $tapcompat check --vm="$work/loose.json" --caps=$old &&
		says "it is not strict" "--allow-non-strict" &&
		status 0 $tapcompat check --vm="$work/loose.json" --allow-non-strict --caps=$old
}

# Unknown members survive; a record with unknown features is not checked.
carried_through()
{
	jq -c '. + {future: {deep: [1, 2]}} | .effective.more = "x" |
		.requested.frobnicate = "optional"' "$work/vm.json" >"$work/newer.json"
	status 0 $tapcompat record --update="$work/newer.json" --caps=$new &&
		jq -e '.future.deep == [1, 2] and .effective.more == "x" and
			.requested.frobnicate == "optional" and .requested.host_uso == "require"' \
			"$work/out" &&
		jq -c '.requested.frobnicate = "require"' "$work/vm.json" >"$work/newest.json" &&
		status 3 $tapcompat check --vm="$work/newest.json" --caps=$new &&
		says "the feature 'frobnicate'" "use a newer one"
}

# Impossible masks, and records that violate the schema.
no_such_record()
{
	jq -c '.effective = {mask: "0x100000000000000", features: ["host_uso"]}' "$work/vm.json" \
		>"$work/uso.json"
	status 2 $tapcompat check --vm="$work/uso.json" --caps=$new && silent &&
		says "uso.json: effective: mask is impossible: host_uso needs csum" || return
	for wrong in '.machine = 7' '.device = {}' '.effective.model = 7' \
			'.emulated = ["guest_tunnel"]' '.strict = 1' '.requested = []' \
			'.requested.HOST_USO = "require"'; do
		jq -c "$wrong" "$work/vm.json" >"$work/wrong.json"
		status 2 $tapcompat check --vm="$work/wrong.json" --caps=$new && silent &&
			says "wrong.json: " || return
	done
}

# ---- Logs

unreadable()
{
	status 3 sh -c "$tapcompat explain <$work" && silent && says "Is a directory" &&
		status 3 sh -c "$tapcompat explain <&-" && silent &&
		{ echo "Features 0x1c0010130afffaf unsupported. Allowed features: 0x179bfffe7" |
			$tapcompat explain >/dev/full 2>"$work/err"; [ $? = 3 ]; }
}

logged()
{
	cat >"$work/log" <<-LOG
	node7 libvirtd[1]: nothing to see here
	node7 libvirtd[1]: internal error: qemu-kvm: Features 0x1c0010130afffaf unsupported. \
Allowed features: 0x10179bfffef
	qemu-kvm: vhost lacks feature mask 0x100000000000000 for backend
	qemu-kvm: virtio-net: saved image requires TUN_F_UFO support
	LOG
	status 0 sh -c "$tapcompat explain -j <$work/log" &&
		../build/schema.py explanation "$work/out" &&
		jq -e '.explanations | map(.kind) == ["refused", "backend", "message"]' \
			"$work/out" &&
		status 3 sh -c "echo nothing | $tapcompat explain" && silent &&
		says "no line of this log is about features"
}

# Output appears as soon as a line is read, as needed for journalctl -f.
followed()
{
	mkfifo "$work/fifo"
	$tapcompat explain <"$work/fifo" >"$work/out" &
	exec 9>"$work/fifo"
	echo "Features 0x1c0010130afffaf unsupported. Allowed features: 0x179bfffe7" >&9
	for try in 1 2 3 4 5 6 7 8 9 10; do
		grep -q 'cold restart' "$work/out" && break
		sleep 0.2
	done
	grep -q 'cold restart' "$work/out"
	followed=$?
	exec 9>&-
	wait $! && return $followed
}

# A pipe that QEMU 10.2 feeds: what may be missing is said, and that it is not sure.
cut_down()
{
	line="Features 0x10130bfffa7 unsupported. Allowed features: 0x10179bfffe7"
	status 0 sh -c "echo '$line' | $tapcompat explain" &&
		says "QEMU 10.2" "at least one of the following" "--caps=FILE" host_uso &&
		status 0 sh -c "echo '$line' | $tapcompat explain -q" && silent &&
		status 0 sh -c "echo '$line' | $tapcompat explain --caps=$old" &&
		says "host_uso" "linux-6.1 lacks these" && ! grep -q "mrg_rxbuf" "$work/out"
}

# ---- Many documents, some of them invalid: hostile inputs J1 to J12

# @n documents, every third of the old kernel.
many()
{
	jq -c . $old >"$work/a"
	jq -c . $new >"$work/b"
	awk -v n="$1" -v a="$work/a" -v b="$work/b" 'BEGIN {
		getline old <a; getline new <b
		for (i = 1; i <= n; i++) {
			line = i % 3 ? new : old
			sub(/"name":"[^"]*"/, "\"name\":\"node" i "\"", line)
			print line
		}
	}'
}

thousands()
{
	many 5000 >"$work/fleet"
	status 0 env time -f %M -o "$work/memory" $tapcompat baseline -j \
		--qemu-version=8.2 - <"$work/fleet" &&
		jq -e '.hosts == 5000 and (.groups | map(.hosts) | sort) == [1666, 3334] and
			.device == "'$off'" and (.costs[] | select(.name == "host_uso") |
			.hosts == 1666 and .lacks == "node3")' "$work/out" || return
	[ "$(cat "$work/memory")" -lt 65536 ] || { cat "$work/memory"; return 1; }
}

# Progress is shown on a terminal only.
progress()
{
	many 3000 >"$work/fleet"
	TERM=xterm script -qec "$tapcompat baseline -q - <$work/fleet >$work/answer" /dev/null \
		</dev/null >"$work/terminal" &&
		grep -q '2048 documents' "$work/terminal" && grep -q '^3000 hosts' "$work/answer" &&
		status 0 $tapcompat baseline -q - <"$work/fleet" && [ ! -s "$work/err" ]
}

# With -j, stdout is JSON alone, also where stderr is the same terminal.
no_progress_beside_json()
{
	many 3000 >"$work/fleet"
	TERM=xterm script -qec "$tapcompat baseline -j - <$work/fleet" /dev/null \
		</dev/null >"$work/terminal" && jq -e '.hosts == 3000' "$work/terminal"
}

# Each of these in line 3 of 5: the error names the line, and there is no output.
bad_line()
{
	name=$1 line=$2
	shift 2
	{ many 2; printf '%b\n' "$line"; many 2; } >"$work/fleet"
	status 2 $tapcompat baseline -j - <"$work/fleet" || return
	../build/schema.py error "$work/out" || return
	for words in "standard input: line 3: " "$@"; do
		grep -qF -- "$words" "$work/err" || { echo "$name:"; cat "$work/err"; return 1; }
	done
	status 0 $tapcompat baseline -j --skip-bad - <"$work/fleet" || return
	jq -e '.hosts == 4 and .skipped == 1' "$work/out" >/dev/null &&
		grep -qF "skipped: standard input: line 3: " "$work/err" ||
		{ echo "$name, skipped:"; cat "$work/out" "$work/err"; return 1; }
}

good()
{
	sed "$1" "$work/a"
}

J1_depth()
{
	bad_line depth "$(awk 'BEGIN { while (i++ < 2049) printf "[" }')" "nested deeper" &&
		bad_line million "$(head -c 1000000 /dev/zero | tr '\0' '[')" "nested deeper" &&
		bad_line values "[$(yes 1, | head -n 70000 | tr -d '\n')1]" "65536 values"
}

J2_duplicates()
{
	bad_line plain "$(good 's/"version":1/"version":1,"version":1/')" "column" "uplicate" &&
		bad_line escaped "$(good 's/"version":1/"version":1,"versio\\\\u006e":1/')" \
			"uplicate"
}

J3_numbers()
{
	for number in 9223372036854775808 18446744073709551616 -1 1e400 1.0; do
		bad_line $number "$(good "s/\"bit\":0,/\"bit\":$number,/")" || return
	done
	says "backends[0].features[0]" "bit is"
}

J4_versions()
{
	bad_line unknown "$(good 's/"version":1/"version":2/')" "version is 2" "newer" &&
		bad_line missing "$(good 's/"version":1,//')" "version is missing" &&
		bad_line string "$(good 's/"version":1/"version":"1"/')" "version is a string"
}

J5_nul()
{
	bad_line escaped "$(good 's/linux-6.1"/a\\\\u0000b"/')" &&
		bad_line raw "$(good 's/linux-6.1"/a\\0000b"/')" &&
		bad_line end "$(good 's/$/\\0000/')"
}

J6_encoding()
{
	bad_line utf8 "$(good 's/linux-6.1"/a\\0377b"/')" &&
		bad_line surrogate "$(good 's/linux-6.1"/a\\\\ud800b"/')" &&
		bad_line bom "\\0357\\0273\\0277$(good '')"
}

J7_escapes()
{
	sed 's/linux-6.1"/\\u001b[31mred\\u202e"/' "$work/a" >"$work/red.json"
	status 0 $tapcompat baseline "$work/red.json" $new &&
		! grep -q "$(printf '\033')" "$work/out" && says '\x1b[31mred' &&
		! LC_ALL=C grep -q "$(printf '\342\200\256')" "$work/out"
}

J8_files()
{
	status 2 timeout 60 $tapcompat baseline /dev/zero && silent && says "1 MiB" &&
		status 2 $tapcompat baseline "$work" && says "$work: Is a directory" &&
		truncate -s 1G "$work/huge" &&
		status 2 timeout 60 $tapcompat baseline "$work/huge" && says "1 MiB" &&
		status 2 timeout 60 sh -c "{ cat $work/a; head -c 1100000 /dev/zero | tr '\\0' x;
			echo; cat $work/b; } | $tapcompat baseline -" &&
		says "standard input: line 2: it is larger than 1 MiB" || return
	rm -f "$work/huge"
}

J9_unknown()
{
	sed 's/"name":"csum"/"name":"frobnicate"/; s/"version":1/"version":1,"more":{}/' "$work/a" \
		>"$work/newer.json"
	jq -c '(.backends[] | select(.type == "tap") | .features) |= map(select(.name != "csum") |
		if .name == "host_tso4" then .state = "better" else . end) |
		(.backends[] | select(.type == "tap") | .native) = "0x407782"' "$work/a" \
		>"$work/newer.json"
	status 0 $tapcompat baseline -j --backend=tap "$work/newer.json" &&
		jq -e '.features | (index("csum") or index("host_tso4")) | not' "$work/out"
}

# As many keys as fit in a document, in few buckets if the hash were not seeded.
J10_keys()
{
	awk 'BEGIN { printf "{"; for (i = 0; i < 60000; i++) printf "\"k%d\":1,", i
		print "\"schema\":\"x\"}" }' >"$work/keys.json"
	status 2 timeout 20 $tapcompat baseline "$work/keys.json" && says "keys.json: "
}

J11_contradiction()
{
	bad_line contradiction "$(good 's/"native":"0x407f83"/"native":"0x407f82"/')" \
		"backends[0]" "contradict"
}

# A file that changes meanwhile is read only once.
J12_replaced()
{
	cp "$work/a" "$work/moving.json"
	status 0 strace -e trace=openat -o "$work/trace" \
		$tapcompat baseline "$work/moving.json" &&
		[ "$(grep -c 'moving.json' "$work/trace")" = 1 ]
}

bad_file()
{
	sed 's/"bit":56/"bit":57/' "$work/a" >"$work/bad.json"
	status 2 $tapcompat baseline $old "$work/bad.json" $new && silent &&
		says "$work/bad.json: backends[0].features[" "bit is 57" &&
		status 0 $tapcompat baseline --skip-bad $old "$work/bad.json" $new -j &&
		jq -e '.hosts == 2 and .skipped == 1' "$work/out"
}

# ---- The formats

libvirt_takes_it()
{
	status 0 $tapcompat baseline --format=libvirt --guest="a&b<c" "$@" &&
		cp "$work/out" "$work/domain.xml" && virt-xml-validate "$work/domain.xml" domain
}


# Features that libvirt has attributes for use these.
without_ufo()
{
	jq -c 'def without: ["host_ufo", "guest_ufo"];
		(.backends[] | select(.type == "tap")) |= (.native = "0x403b83" |
			.features |= map(if (.name | IN("host_ufo", "guest_ufo")) then
				.state = "absent" | .verified = "untested" else . end)) |
		.backends |= map(select(.type == "tap"))' "$work/a" >"$work/no-ufo.json"
	jq -c '.backends |= map(select(.type == "tap"))' "$work/a" >"$work/tap.json"
	libvirt_takes_it "$work/no-ufo.json" "$work/tap.json" &&
		says "<driver name='qemu'>" "<host ufo='off'/>" "<guest ufo='off'/>" &&
		! grep -q override "$work/out"
}

virt_xml_takes_it()
{
	status 0 $tapcompat baseline --format=libvirt $old $new && cp "$work/out" "$work/domain.xml"
	status 0 $tapcompat baseline --format=virt-xml $old $new || return
	command=$(sed "s|^virt-xml 'DOMAIN'|virt-xml --connect test:///default|" "$work/out")
	sh -c "$command" <"$work/domain.xml" >"$work/edited.xml" 2>"$work/err" ||
		{ cat "$work/err"; return 1; }
	grep -q 'value="virtio-net-device.queue_reset=off"' "$work/edited.xml"
}

echo "TAP version 13"
jq -c . $old >"$work/a"
ktap "A1: three bits, the flags to land, a cold restart" incident_a1
ktap "A2: four bits of two layers" incident_a2
ktap "A2: the baseline of 6.1 and 6.12" baseline_a2
ktap "taps alone" baseline_of_taps
ktap "equals need no flags" baseline_of_equals
ktap "documents on many lines, and several in one file" any_layout
ktap "hosts without a name, or with the same one" named_by_place
ktap "output of other programs in front of a document" noise
ktap "a running machine lands or does not" landing
ktap "an older QEMU" older_qemu
ktap "features that are off by default, with --with" asked_for
ktap "--disable-deprecated-features" deprecated
ktap "a backend that a host lacks" a_backend_is_missing
ktap "a fallback to vhost=off is reported" fallback
ktap "a backend that was not probed" not_known
ktap "failed features are switched off" failed_is_switched_off
ktap "unknown features are switched off" unknown_is_switched_off
ktap "an unknown vhost-net" vhost_is_not_forgotten
ktap "hosts and models are compared" compared
ktap "an uncertain comparison" certain
ktap "records are compared" records_compared
ktap "a machine of an old QEMU" old_machines_land
ktap "records with network cards are compared" cards_compared
ktap "and are checked" cards_checked
ktap "and are in a baseline" cards_in_baselines
ktap "by one backend" compared_by_backend
ktap "incompatible sets" incompatible
ktap "a record is made" recorded
ktap "check --vm" moves
ktap "no gain on a newer host" no_gain
ktap "no record without required features" not_recorded
ktap "lists are completed" completed
ktap "a record that is not strict blocks migration" not_strict
ktap "a record of a newer version" carried_through
ktap "an impossible record" no_such_record
ktap "a log" logged
ktap "a log that cannot be read" unreadable
ktap "a log that is followed" followed
ktap "a mask that QEMU cut down" cut_down
ktap "thousands of hosts in bounded memory" thousands
ktap "progress on a terminal" progress
ktap "and none beside JSON" no_progress_beside_json
for row in J1_depth J2_duplicates J3_numbers J4_versions J5_nul J6_encoding J7_escapes J8_files \
	J9_unknown J10_keys J11_contradiction J12_replaced; do
	ktap "$row" $row
done
ktap "a bad file is named" bad_file
ktap "libvirt's schema takes the domain" libvirt_takes_it $old $new
ktap "libvirt's own attributes" without_ufo
ktap "the command for Proxmox VE keeps other arguments" proxmox_merges
if command -v virt-xml >/dev/null; then
	ktap "virt-xml takes the command" virt_xml_takes_it
else
	ktap_skip "virt-xml takes the command" "there is no virt-xml"
fi
echo "1..$ktap_number"
ktap_end
