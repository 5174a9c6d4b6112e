#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guests.sh - the states of real guests: what is read from them is what the guest shows in
# its own sysfs, bit for bit, of each QEMU; and the guest goes on
. ../ktap.sh
. ../vm/machine.sh
. ../qemu/qemu.sh

look=${look:-$build/selftests/state/look}

# A guest that has in its memory, many times, what ends a section and begins a card's.
guest_state()
{
	guest_prepare || return
	cat >"$guest_root/script" <<-'SCRIPT'
	modprobe virtio_pci
	modprobe virtio_net
	lie='\176\000\000\000\002\003\000\000\000\002\000\000\000\000\000\000\000\020'
	lie="$lie"'\176\000\000\000\002\004\000\000\000\143\0270000:00:09.0/virtio-net'
	lie="$lie"'\000\000\000\000\000\000\000\013guest-lies\176\000\000\000\143\000\006'
	for i in 1 2 3 4 5 6 7 8; do
		echo -ne "$lie$lie$lie$lie$lie$lie$lie$lie" >>/tmp/lie
	done
	for card in /sys/class/net/eth*; do
		echo "card $(cat $card/address) $(cat $card/device/features)"
	done
	echo "guest is ready"
	sleep 600
	SCRIPT
	(cd "$guest_root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$guest_root.cpio.gz"
}

card()
{
	echo "-netdev tap,id=n$1,ifname=tap$1,script=no,downscript=no$2"
	echo "-device virtio-net-pci,netdev=n$1,romfile=,mac=52:54:00:09:00:0$1$3"
}

# Cards of all layouts: queue pairs, below a port, without virtio 1, packed without MSI-X,
# and one that no driver takes.
guest_start()
{
	rm -f "$work/qmp" "$work/pid"
	: >"$work/out"
	# shellcheck disable=SC2046
	timeout -k 5 200 "$1" -pidfile "$work/pid" -machine q35 -nodefaults -nographic \
		-accel tcg,thread=multi -cpu Nehalem,-cx16 -m 160 -smp 1 -kernel "$guest_kernel" \
		-initrd "$guest_root.cpio.gz" -append "console=ttyS0 quiet panic=-1 pti=off" \
		-serial "file:$work/console" -serial "file:$work/out" \
		-qmp "unix:$work/qmp,server=on,wait=off" -device pcie-root-port,id=rp,chassis=1 \
		$(card 0 ,queues=2 ,mq=on,host_tso4=off) $(card 1 "" ,bus=rp,rx_queue_size=1024) \
		$(card 2 "" ,disable-modern=on) $(card 3 ,vnet_hdr=off ,packed=on,vectors=0) \
		</dev/null >"$work/err" 2>&1 &
	guest=$!
	for try in $(seq 300); do
		! grep -q "guest is ready" "$work/out" || return 0
		kill -0 "$guest" 2>/dev/null || break
		sleep 0.2
	done
	guest_end
	return 1
}

guest_end()
{
	pid=$(cat "$work/pid" 2>/dev/null) && kill "$pid" 2>/dev/null
	for try in $(seq 100); do
		[ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
}

# TCG may crash a guest before its user space is up: try again.
boots()
{
	for attempt in 1 2 3; do
		: >"$work/console"
		guest_start "$1" && return
		! grep -q "^machine: up" "$work/console" || break
	done
	cat "$work/err" "$work/out"
	tail -n 20 "$work/console"
	return 1
}

qmp()
{
	../shim/qmp.py "$work/qmp" "$@"
}

# @file has look's lines: the four cards, and the features that the guest has shown.
agrees()
{
	tr -d '\r' <"$work/out" | sed -n 's/^card //p' | sort >"$work/shown"
	sed -nE 's/^([0-9a-f:]{17}) driver ([01]{64})0{64} .*/\1 \2/p' "$1" | sort >"$work/read"
	[ "$(wc -l <"$work/shown")" = 4 ] && diff "$work/shown" "$work/read" && return
	cat "$1"
	return 1
}

looks()
{
	"$look" "$@" >"$work/look" 2>&1 || { cat "$work/look"; return 1; }
	agrees "$work/look"
}

# Milliseconds at most, and it goes on: its clock is QEMU's.
asked()
{
	looks --ask "$work/qmp" || return
	grep -qE '^QEMU [0-9.]+, stopped 1, for [0-9]+ us' "$work/look" || {
		cat "$work/look"
		return 1
	}
	running
}

running()
{
	qmp query-status >"$work/status" && grep -q '"running": true' "$work/status" && return
	cat "$work/status"
	return 1
}

# A guest that was not running is not resumed, and can be.
asked_paused()
{
	qmp stop && looks --ask "$work/qmp" || return
	grep -q 'stopped 1, for -1 us' "$work/look" || { cat "$work/look"; return 1; }
	qmp query-status | grep -q '"status": "paused"' && qmp cont && running
}

# Without being stopped; releases that would abort are not asked.
queried()
{
	case $version in
	7.2.*|10.0.*)
		looks --query "$work/qmp" ;;
	*)
		! "$look" --query "$work/qmp" >"$work/look" &&
			grep -q "is not asked" "$work/look" && running ;;
	esac
}

# @uri @capabilities: a file with the guest's RAM, and in that the guest's lie.
saved()
{
	rm -f "$work/saved"
	qmp migrate-set-capabilities "capabilities=$2" && qmp migrate "uri=$1" &&
		qmp until postmigrate && looks "$work/saved" || return
	grep -q 'machine "pc-q35-' "$work/look" || { cat "$work/look"; return 1; }
	[ "$(grep -aoc guest-lies "$work/saved")" -gt 0 ] || { echo "no lie in it"; return 1; }
	qmp cont && running
}

mapped()
{
	saved "file:$work/saved" '[{"capability":"mapped-ram","state":true}]' || return
	# Sparse: pages are where RAM is.
	[ "$(stat -c %s "$work/saved")" -gt 167772160 ]
}

# A program that is connected keeps others out; one that hangs costs a second.
hangs()
{
	kill -STOP "$(cat "$work/pid")"
	start=$(date +%s%N)
	"$look" --ask "$work/qmp" >"$work/look"
	status=$?
	took=$((($(date +%s%N) - start) / 1000000))
	kill -CONT "$(cat "$work/pid")"
	[ $status != 0 ] && [ $took -lt 4000 ] && grep -q "does not greet" "$work/look" && return
	cat "$work/look"
	echo "after $took ms"
	return 1
}

try()
{
	version=$("$1" --version | sed -nE 's/.*version ([0-9.]+).*/\1/p')
	name="QEMU $version"
	ktap "$name: a guest boots" boots "$1"
	ktap "$name: its device state has the guest's features, and it goes on" asked
	ktap "$name: also of a paused guest, which stays paused" asked_paused
	ktap "$name: asked without being stopped" queried
	ktap "$name: saved with RAM" saved "exec:cat >$work/saved" '[]'
	case $version in
	7.*|8.*)	;;
	*)	ktap "$name: saved with mapped RAM" mapped ;;
	esac
	ktap "$name: it hangs" hangs
	ktap "$name: asked again" asked
	guest_end
}

world()
{
	ip link set lo up && ip tuntap add tap0 mode tap vnet_hdr multi_queue &&
		ip tuntap add tap1 mode tap vnet_hdr && ip tuntap add tap2 mode tap vnet_hdr &&
		ip tuntap add tap3 mode tap
}

if [ "${1:-}" != --inside ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	echo "TAP version 13"
	qemu_all
	qemu_sid
	if [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
		ktap_skip "guests" "needs root and /dev/net/tun"
	elif ! guest_state >"$work/image" 2>&1; then
		ktap "a guest" cat "$work/image" /nonexistent
	else
		export work look qemus qemu_sid no_qemu no_qemu_sid guest_kernel guest_root
		unshare -n -m -p -f --kill-child --mount-proc "$0" --inside &
		trap 'kill -KILL $! 2>/dev/null; rm -rf "$work"' EXIT
		trap 'exit 1' HUP INT TERM
		wait $!
		exit
	fi
	echo "1..$ktap_number"
	ktap_end
	exit
fi

ktap "taps" world
for qemu in $qemus; do
	try "$qemu"
done
[ -z "$no_qemu" ] || ktap_skip "a newer QEMU" "$no_qemu"
if [ -n "$no_qemu_sid" ]; then
	ktap_skip "QEMU of Debian unstable" "$no_qemu_sid"
else
	try "$qemu_sid"
fi
echo "1..$ktap_number"
ktap_end
