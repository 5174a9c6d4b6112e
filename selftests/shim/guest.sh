# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh - guests that serve traffic, in a network namespace with a bridge
#
# Sourced by the tests after ktap.sh, machine.sh and qemu.sh.  A guest is Linux 6.12 in an
# emulated machine.  Its card N is identified by the last byte of its hardware address and
# has the addresses 10.9.N.2 and fd00:9:N::2.  It is controlled from the host, see
# traffic.c, and reports its features on its second serial port.
#
#	shim_test ARGUMENTS	call it first: the rest of the test runs in its own
#				namespaces, which end with it and all QEMUs and taps
#	shim_world TAP…		br0 with addresses, and taps on it: NAME or NAME/QUEUES
#	guest_start NAME ARGUMENT…
#				starts a QEMU; its files are $work/NAME.*; uses the
#				variables preload, mask, emulate, launch and cpus
#	guest_wait NAME N	waits until a card of the guest was ready N times
#	guest_boot NAME N ARGUMENT…
#				both; tries again if TCG crashed
#	guest_down NAME		shuts it down
#	card N NETDEV [DEVICE]	QEMU's arguments for a card: the netdev is netN, the device
#				nicN
#	qmp NAME COMMAND…	see qmp.py
#	features N		the feature bits of the guest's card
#	has_uso N		it has UDP segmentation, and ring reset
#	cases TITLE ADDRESS…	all traffic; each case is a test
#	all_cases ADDRESS…	the same as one test
#	split_here TAP		card 0's super-packets pass that tap split, both ways
#	whole_here TAP		card 0's super-packets pass that tap unsplit, both ways
#	soak_start ADDRESS…	traffic in the background
#	soak_moves		waits until every flow has made progress
#	soak_rests		fails if all flows make progress
#	soak_end		ends it; fails if anything was wrong
#	descriptors NAME	number of descriptors that QEMU has open
#	as_many_descriptors NAME N
#	moved_by N		fails unless N threads of the shim's vhost-net run
#	flooded ADDRESS COMMAND…
#				runs COMMAND while super-packets are sent to ADDRESS
#	frames TAP		number of frames received from it, and sent to it

: "${build:=$(cd "$(dirname "$0")/../.." && pwd)/build}"
traffic=$build/selftests/shim/traffic
shim=${SHIM:-$build/libtapcompat-shim.so}

preload='' mask='' emulate=auto launch='' cpus=1
uso=host_uso,guest_uso4,guest_uso6

# The guest is prepared outside of the namespaces: it needs the host's network.
shim_test()
{
	[ "${1:-}" != --inside ] || return 0
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	echo "TAP version 13"
	if [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
		ktap_skip "guests" "needs root and /dev/net/tun"
	elif ! unshare -n -m -p -f true 2>"$work/err"; then
		ktap_skip "guests" "no namespaces can be made: $(cat "$work/err")"
	elif ! guest_image >"$work/image" 2>&1; then
		ktap "a guest" cat "$work/image" /nonexistent
	elif [ -n "$no_qemu" ]; then
		ktap_skip "guests" "$no_qemu"
	else
		shim_enter
	fi
	echo "1..$ktap_number"
	ktap_end
}

# A signal interrupts wait at once, but not a program in the foreground.
shim_enter()
{
	qemu=$(echo "$qemus" | tr ' ' '\n' | tail -n1)
	export work qemu guest_kernel guest_root
	unshare -n -m -p -f --kill-child --mount-proc "$0" --inside &
	trap 'kill -KILL $! 2>/dev/null; rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	wait $!
	exit
}

guest_image()
{
	qemu_all
	guest_prepare || return
	mkdir -p "$work/extra/bin"
	cp "$traffic" "$work/extra/bin/" && guest_script >"$work/extra/script" || return
	# Of two archives the later one takes precedence.
	(cd "$work/extra" && find . | cpio -o -H newc --quiet) | gzip -1 >>"$guest_root.cpio.gz"
}

# Cards are plugged and unplugged; new ones take the defaults.  Linux leaves UDP segmentation
# off until it is switched on.  Received data stays unread for long, so TCP gets much memory.
guest_script()
{
	cat <<-'SCRIPT'
	cd /proc/sys/net
	echo 1 >ipv4/conf/all/arp_ignore
	echo 2 >ipv4/conf/all/arp_announce
	echo 0 >ipv6/conf/default/accept_dad
	echo 0 >ipv6/conf/default/accept_ra
	echo 200000 200000 200000 >ipv4/tcp_mem
	modprobe virtio_pci
	modprobe virtio_net
	ip link set lo up
	# A card may be being unplugged.
	ready()
	{
		mac=$(cat $card/address 2>/dev/null) || return
		n=$((0x${mac##*:}))
		traffic switch-on $name tx-udp-segmentation && ip link set $name up &&
			ip addr add 10.9.$n.2/24 dev $name &&
			ip addr add fd00:9:$n::2/64 dev $name || return
		{ cat $card/device/features; traffic offloads $name; } >/tmp/card$n
		cat /tmp/card$n
		echo "card $n is ready"
	}
	traffic serve &
	while :; do
		for card in /sys/class/net/eth*; do
			name=${card##*/}
			flags=$(cat $card/flags 2>/dev/null) || continue
			[ $((flags & 1)) = 1 ] || ready
		done
		sleep 0.2
	done
	SCRIPT
}

shim_world()
{
	ip link set lo up && ip link add br0 type bridge && ip link set br0 up || return
	for n in 0 1; do
		ip addr add "10.9.$n.1/24" dev br0 &&
			ip addr add "fd00:9:$n::1/64" dev br0 nodad || return
	done
	for tap; do
		ip tuntap add "${tap%/*}" mode tap vnet_hdr $(
			[ "${tap#*/}" = "$tap" ] || echo multi_queue) || return
		ip link set "${tap%/*}" master br0 up || return
	done
}

card()
{
	echo "-netdev tap,id=net$1,$2"
	echo "-device virtio-net-pci,id=nic$1,netdev=net$1,mac=52:54:00:09:00:0$1,romfile=${3:+,$3}"
}

# A guest that clears pages on allocation dirties them itself, which would hide a device
# that forgets to log dirty pages: this one does not clear them.
guest_start()
{
	name=$1
	shift
	: >"$work/$name.out"
	: >"$work/$name.console"
	# shellcheck disable=SC2086
	timeout -k 5 400 env ${preload:+LD_PRELOAD="$preload"} TAPCOMPAT_MASK="$mask" \
		TAPCOMPAT_EMULATE="$emulate" $launch "$qemu" \
		-machine q35 -nodefaults -nographic -accel tcg,thread=multi -cpu Nehalem,-cx16 \
		-m 384 -smp "$cpus" -kernel "$guest_kernel" -initrd "$guest_root.cpio.gz" \
		-append "console=ttyS0 quiet panic=-1 pti=off mitigations=off init_on_alloc=0" \
		-serial "file:$work/$name.console" -serial "file:$work/$name.out" \
		-qmp "unix:$work/$name.qmp,server=on,wait=off" -pidfile "$work/$name.qemu" "$@" \
		</dev/null >"$work/$name.err" 2>&1 &
	echo $! >"$work/$name.pid"
}

# A zombie is not alive.
lives()
{
	pid=$(cat "$work/$1.pid")
	kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$pid/status"
}

guest_wait()
{
	for try in $(seq 600); do
		[ "$(grep -c 'is ready' "$work/$1.out")" -lt "$2" ] || return 0
		lives "$1" || break
		sleep 0.1
	done
	echo "$1: no card is ready"
	tail -n 20 "$work/$1.out" "$work/$1.console" "$work/$1.err"
	return 1
}

guest_boot()
{
	boot=$1 ready=$2
	shift 2
	for attempt in 1 2 3; do
		guest_start "$boot" "$@"
		guest_wait "$boot" "$ready" && return
		! grep -q '^machine: up' "$work/$boot.console" || return
		guest_down "$boot"
	done
	return 1
}

guest_down()
{
	kill "$(cat "$work/$1.pid")" 2>/dev/null
	for try in $(seq 100); do
		lives "$1" || return 0
		sleep 0.1
	done
	echo "$1 does not end"
	return 1
}

qmp()
{
	name=$1
	shift
	./qmp.py "$work/$name.qmp" "$@"
}

features()
{
	"$traffic" read "10.9.$1.2" "/tmp/card$1"
}

has_uso()
{
	features "$1" >"$work/features" || { cat "$work/features"; return 1; }
	grep -qE '^.{40}1.{13}111' "$work/features" &&
		grep -qx tx-udp-segmentation "$work/features" && return
	cat "$work/features"
	return 1
}

cases()
{
	title=$1
	shift
	"$traffic" run "$@" >"$work/cases" 2>&1
	status=$?
	while read -r line; do
		case $line in
		"ok "*)	ktap_point ok "$title: ${line#ok }" ;;
		"not ok "*)
			ktap_point "not ok" "$title: ${line#not ok }" ;;
		*)	echo "# $line" ;;
		esac
	done <"$work/cases"
	[ $status = 0 ] || grep -q '^not ok' "$work/cases" ||
		ktap_point "not ok" "$title: the traffic ended with $status"
	ktap "$title: nothing was lost" nothing_lost "$work/cases"
}

# All queues on the path are long enough for what the cases send at once, so nothing may be
# lost, even though lost data is sent again.
nothing_lost()
{
	grep -q '^traffic: .* 0 failed, 0 datagrams lost' "$1" && return
	grep -E 'not ok|lost' "$1"
	return 1
}

all_cases()
{
	"$traffic" run "$@" >"$work/all" 2>&1
	nothing_lost "$work/all"
}

# Count the frames of a burst of super-packets that goes to card 0 and back.
burst()
{
	set -- "$1" $(frames "$1")
	"$traffic" run --only="guest: a burst" 10.9.0.2 || return
	set -- "$2" "$3" $(frames "$1")
	from=$(($3 - $1)) to=$(($4 - $2))
	echo "$from frames from the guest, $to frames to it"
}

# The burst is sent twice, 8 super-packets of 43 segments; a few frames are control messages.
split_here()
{
	burst "$1" && [ $from -gt 688 ] && [ $to -gt 688 ]
}

whole_here()
{
	burst "$1" && [ $from -lt 344 ] && [ $to -lt 344 ]
}

soak_start()
{
	"$traffic" soak "$@" >"$work/soak" 2>&1 &
	echo $! >"$work/soak.pid"
	soak_moves
}

soak_count()
{
	grep -c '^moved' "$work/soak"
}

# The first turn from now on may have begun before: wait for the second.
soak_moves()
{
	moved=$(soak_count)
	for try in $(seq 400); do
		[ "$(soak_count)" -lt $((moved + 2)) ] || return 0
		lives soak || break
		sleep 0.1
	done
	echo "traffic has stopped"
	cat "$work/soak"
	return 1
}

# Up to two turns may have been under way.
soak_rests()
{
	moved=$(soak_count)
	sleep 1
	[ "$(soak_count)" -le $((moved + 1)) ] && lives soak && return
	echo "traffic continues"
	return 1
}

# The last line is the verdict.  With one queue a flow cannot be reordered.
soak_end()
{
	kill "$(cat "$work/soak.pid")" 2>/dev/null
	for try in $(seq 700); do
		lives soak || break
		sleep 0.1
	done
	grep -v '^moved' "$work/soak"
	tail -n 1 "$work/soak" | grep -q '^traffic: .* 0 failed$' || return
	[ "$cpus" -gt 1 ] || ! grep ' late' "$work/soak" | grep -v ' 0 late'
}

frames()
{
	awk -v tap="$1:" '$1 == tap { print $3, $11 }' /proc/net/dev
}

# A monitor connection just closed may still be counted.
descriptors()
{
	for try in 1 2 3 4 5 6 7 8 9 10; do
		count=$(find "/proc/$(cat "$work/$1.qemu")/fd" -type l 2>/dev/null | wc -l)
		[ "$count" = "${2:-}" ] && break
		sleep 0.1
	done
	echo "$count"
}

as_many_descriptors()
{
	now=$(descriptors "$1" "$2")
	[ "$now" = "$2" ] || { echo "$now instead of $2"; return 1; }
}

# Threads of the shim's vhost-net have this name.
mover_threads()
{
	cat /proc/[0-9]*/task/*/comm 2>/dev/null | grep -cx tapcompat
}

moved_by()
{
	[ "$(mover_threads)" = "$1" ] ||
		{ echo "$(mover_threads) threads instead of $1"; return 1; }
}

# Run a command under traffic.
flooded()
{
	"$traffic" flood "$1" &
	flood=$!
	shift
	"$@"
	status=$?
	kill $flood
	wait $flood 2>/dev/null
	return $status
}
