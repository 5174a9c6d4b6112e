#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# owner.sh - in a real QEMU, the device's threads are like its main thread
#
# They start when QEMU opens vhost-net, not when a guest's driver starts the device in a vCPU
# thread.  So they are there before a vCPU has run, and those of a card that is plugged in later
# have nothing of a vCPU that is pinned.
. ../ktap.sh
. ../qemu/qemu.sh

work=$(mktemp -d)
qemu_pid=
trap '[ -z "$qemu_pid" ] || kill $qemu_pid 2>/dev/null; rm -rf "$work"' EXIT

qmp()
{
	/usr/bin/python3 ./qmp.py "$work/qmp" "$@"
}

# A QEMU whose vCPU does not run yet, in a network namespace of its own; a script starts it, and
# it starts a script for its tap.
start()
{
	printf '#!/bin/sh\n[ "$(exec true | cat)" ] || exec %s "$@"\n' "$1" >"$work/wrapper"
	printf '#!/bin/sh\nenv >%s/ifup.env\n' "$work" >"$work/ifup"
	chmod +x "$work/wrapper" "$work/ifup"
	rm -f "$work/ifup.env"
	unshare -n env LD_PRELOAD=libm.so.6 TAPCOMPAT_LOG=error "$build/tapcompat" run -q \
		--emulate=all -- "$work/wrapper" -S -nodefaults -display none \
		-machine q35 -accel tcg \
		-netdev "tap,id=net0,ifname=tap0,script=$work/ifup,downscript=no,vhost=on" \
		-device virtio-net-pci,netdev=net0 -qmp "unix:$work/qmp,server=on,wait=off" \
		>"$work/out" 2>&1 &
	qemu_pid=$!
}

is_up()
{
	for try in $(seq 100); do
		[ ! -S "$work/qmp" ] || return 0
		sleep 0.1
	done
	cat "$work/out"
	return 1
}

# Its script has neither the shim nor the shim's variables; all else it has.
script_is_free()
{
	! grep -E '^TAPCOMPAT_|libtapcompat' "$work/ifup.env" &&
		grep -qx 'LD_PRELOAD=libm.so.6' "$work/ifup.env" &&
		grep -q '^PATH=' "$work/ifup.env"
}

workers()
{
	grep -l '^tapcompat$' /proc/$qemu_pid/task/*/comm | sed 's|/comm$||'
}

cpus()
{
	grep '^Cpus_allowed:' "$1/status"
}

# threads N: so many, each with the CPUs and the policy of the main thread
threads()
{
	[ "$(workers | wc -l)" = "$1" ] || { workers; return 1; }
	for task in $(workers); do
		cpus "$task" >"$work/worker"
		cpus "/proc/$qemu_pid/task/$qemu_pid" | cmp - "$work/worker" || return
		chrt -p "${task##*/}" | grep -q 'SCHED_OTHER$' || return
	done
}

pin()
{
	vcpu=$(qmp query-cpus-fast | jq '.[0]."thread-id"') &&
		chrt -b -p 0 "$vcpu" && taskset -p 1 "$vcpu" &&
		[ "$(cpus "/proc/$vcpu")" != "$(cpus "/proc/$qemu_pid")" ] && qmp cont >"$work/cont"
}

plug()
{
	qmp netdev_add type=tap id=net1 ifname=tap1 script=no downscript=no vhost=true \
		>"$work/plug" || { cat "$work/plug" "$work/out"; return 1; }
}

stop()
{
	kill "$qemu_pid" && wait "$qemu_pid"
	qemu_pid=
}

qemu_all
ktap_plan $((5 * $(echo $qemus | wc -w)))
for qemu in $qemus; do
	name=$(basename "$qemu")
	rm -f "$work/qmp"
	start "$qemu"
	ktap "$name: starts" is_up
	ktap "$name: the script of its tap does not get the shim" script_is_free
	ktap "$name: a thread before a vCPU has run, and like the main thread" threads 1
	ktap "$name: a vCPU is pinned, and has another policy" pin
	ktap "$name: a card is plugged in: two threads like the main thread" \
		eval 'plug && threads 2'
	stop
done
ktap_end
