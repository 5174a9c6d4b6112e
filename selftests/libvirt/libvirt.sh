# SPDX-License-Identifier: GPL-2.0-or-later
#
# libvirt.sh - two hosts with real libvirtds, and guests that migrate between them
#
# Sourced by the tests, after ktap.sh, machine.sh and qemu.sh.  The host "new" has this
# machine's kernel, the host "old" has one whose taps have no UDP segmentation.  Both have
# the hook, and these emulators in /usr/local/bin:
#
#	qemu			the newest QEMU
#	qemu-distribution	the distribution's, QEMU 7.2
#	qemu-tapcompat		the newest one with the shim, as in tapcompat-shim(7)
#
# A guest is Linux 6.12 in an emulated machine; twice a second it writes the features of
# its network device.
#
#	libvirt_test ARGUMENTS	call it first: the rest of the test runs in namespaces of its
#				own
#	hosts NAME...		starts libvirtds
#	restarts HOST		ends its libvirtd and starts another one, once
#	on HOST COMMAND...	virsh
#	domain NAME [OVERRIDE]	a domain into $work/NAME.xml; uses the variables emulator,
#				machine, metadata and interfaces
#	filtered NAME [OPTION...]
#				$work/NAME.xml held to features by tapcompat domain
#	recorded MODEL [OPTION...]
#				the record of a guest on the host "new", in $work/record
#	record_metadata [ATTRIBUTES]
#				the element for the metadata, with $work/record
#	starts HOST NAME	starts the guest and waits until it is up
#	alive NAME		the guest makes progress
#	ready NAME N		the guest has booted N times since "starts"
#	features_of NAME	what it has now, as 64 bits, lowest first
#	has_recorded NAME	these are those of $work/record, and no others
#	ends HOST NAME		destroys and undefines it
#	migrates FROM TO NAME [OPTION...]
#				with virsh's output in $work/out
#	refused TEXT...		virsh's output in $work/out is a refusal by the hook with
#				these words
#	says_hook HOST NAME OPERATION
#				virsh's output is what the hook says of the domain

: "${build:=$(cd "$(dirname "$0")/../.." && pwd)/build}"
tapcompat=$build/tapcompat
namespace=http://tapcompat.io/xmlns/libvirt/domain/1.0
uso=host_uso,guest_uso4,guest_uso6
emulator=qemu machine=q35 metadata='' interfaces=''

# ---- Namespaces

libvirt_test()
{
	[ "${1:-}" != --inside ] || return 0
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	echo "TAP version 13"
	if [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
		ktap_skip "libvirt" "needs root and /dev/net/tun"
	elif ! command -v libvirtd >/dev/null || ! command -v virsh >/dev/null; then
		ktap_skip "libvirt" "libvirtd or virsh is not installed"
	elif ! unshare -n -m -p -u -i -f true 2>"$work/err"; then
		ktap_skip "libvirt" "no namespaces can be made: $(cat "$work/err")"
	elif ! "$tapcompat" check --require=$uso >/dev/null 2>&1; then
		ktap_skip "libvirt" "this kernel's tap has no USO"
	elif ! libvirt_prepare >"$work/prepare" 2>&1; then
		ktap "guest and documents" cat "$work/prepare" /nonexistent
	elif [ -n "$no_qemu" ]; then
		ktap_skip "libvirt" "$no_qemu"
	else
		libvirt_enter
	fi
	echo "1..$ktap_number"
	ktap_end
}

# The points of the inner script are counted, and one for what it leaves behind is added.
libvirt_enter()
{
	qemu=$(echo "$qemus" | tr ' ' '\n' | tail -n1)
	export work qemu tapcompat uso guest_kernel guest_root
	touched >"$work/before"
	unshare -n -m -p -u -i -f --kill-child --mount-proc "$0" --inside &
	trap 'kill -KILL $! 2>/dev/null; rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	wait $!
	ktap_failed=$?
	ktap_number=$(cat "$work/points" 2>/dev/null || echo 0)
	ktap "nothing is left behind" clean
	ktap_not "what is left behind is detected" left_behind
}

libvirt_prepare()
{
	qemu_all
	guest_prepare || return
	cat >"$guest_root/script" <<-'SCRIPT'
	modprobe virtio_pci
	modprobe virtio_net
	while :; do
		for card in /sys/bus/virtio/devices/*/features; do
			echo "has $(cat $card)"
		done
		sleep 0.4
	done
	SCRIPT
	(cd "$guest_root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$guest_root.cpio.gz"
	"$tapcompat" probe -j --backend=tap >"$work/new.json" || return
	# The same without UDP segmentation
	LD_PRELOAD=$build/libtapcompat-shim.so TAPCOMPAT_EMULATE=none TAPCOMPAT_MASK=$uso \
		"$tapcompat" probe -j --backend=tap >"$work/old.json" &&
		"$tapcompat" check --caps="$work/new.json" --require=$uso &&
		! "$tapcompat" check --caps="$work/old.json" --require=$uso
}

# What the test has in common with the machine's own libvirt, which may run meanwhile:
# domains, logs and states have paths in $work
touched()
{
	state="/etc/libvirt /run/libvirt* /var/lib/libvirt /var/cache/libvirt /var/log/libvirt"
	# shellcheck disable=SC2086
	grep -rlF "$work" $state 2>/dev/null
	# shellcheck disable=SC2086
	find $state -lname "$tapcompat" 2>/dev/null
	find /sys/fs/cgroup -maxdepth 4 -name 'machine*qemu*' 2>/dev/null
	ls /usr/local/bin/qemu /usr/local/bin/qemu-distribution 2>/dev/null
	grep -F "$work" /proc/self/mounts
	ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -E '^(vnet|br0)'
}

# Processes of the test, or in its mount namespaces, except for this shell
users_of_work()
{
	for process in /proc/[0-9]*; do
		pid=${process#/proc/}
		[ "$pid" != $$ ] || continue
		if { tr '\0' ' ' <"$process/cmdline"; cat "$process/mounts"; } 2>/dev/null |
			grep -qF "$work"; then
			echo "$pid: $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)"
		fi
	done
}

clean()
{
	for try in $(seq 50); do
		users_of_work >"$work/users"
		[ -s "$work/users" ] || break
		sleep 0.1
	done
	! grep . "$work/users" || return
	touched >"$work/after"
	diff "$work/before" "$work/after"
}

left_behind()
{
	tail -f "$work/after" >"$work/tail" &
	leaves=$!
	users_of_work >"$work/users"
	kill $leaves
	! grep -F "$leaves:" "$work/users"
}

# At the end of the inner script
libvirt_end()
{
	echo "$ktap_number" >"$work/points"
	ktap_end
}

# ---- Hosts

# The sockets of libvirtds are in $work, which all hosts share.
hosts()
{
	for host; do
		unshare -n -m -p -u -i -f --kill-child --mount-proc ./host.sh "$host" \
			>"$work/$host.out" 2>&1 &
	done
	for host; do
		host_up "$host" || return
	done
}

host_up()
{
	for try in $(seq 300); do
		[ ! -S "$work/$1/socket/libvirt-sock" ] || ! on "$1" list >"$work/out" 2>&1 ||
			return 0
		sleep 0.1
	done
	cat "$work/$1.out" "$work/out"
	tail -n 20 "$work/$1/log"
	return 1
}

# Ends a host's libvirtd, and waits until host.sh has started the next one
restarts()
{
	for process in /proc/[0-9]*; do
		if [ "$(cat "$process/comm" 2>/dev/null)" = libvirtd ] &&
			grep -q "$work/$1/passwd" "$process/mountinfo"; then
			kill "${process#/proc/}"
		fi
	done
	for try in $(seq 100); do
		[ "$(wc -l <"$work/$1/starts")" -lt 2 ] || break
		sleep 0.1
	done
	[ "$(wc -l <"$work/$1/starts")" = 2 ] && host_up "$1"
}

uri()
{
	echo "qemu+unix:///system?socket=$work/$1/socket/libvirt-sock"
}

on()
{
	where=$(uri "$1")
	shift
	timeout 120 virsh -q -c "$where" "$@"
}

# ---- Domains

bridge="<interface type='bridge'><source bridge='br0'/><model type='virtio'/>
      <rom enabled='no'/></interface>"

domain()
{
	cat >"$work/$1.xml" <<-EOF
	<domain type='qemu'>
	  <name>$1</name>
	  <metadata>$metadata</metadata>
	  <memory unit='MiB'>160</memory>
	  <vcpu>1</vcpu>
	  <os>
	    <type arch='x86_64' machine='$machine'>hvm</type>
	    <kernel>$guest_kernel</kernel>
	    <initrd>$guest_root.cpio.gz</initrd>
	    <cmdline>console=ttyS0 quiet panic=-1 pti=off mitigations=off</cmdline>
	  </os>
	  <features><acpi/></features>
	  <cpu mode='custom' match='exact' check='none'>
	    <model fallback='forbid'>Nehalem</model>
	    <feature policy='disable' name='cx16'/>
	  </cpu>
	  <devices>
	    <emulator>/usr/local/bin/$emulator</emulator>
	    <controller type='usb' model='none'/>
	    ${interfaces:-$bridge}
	    <serial type='file'>
	      <source path='$work/$1.console' append='on'/>
	      <target port='0'/>
	    </serial>
	    <serial type='file'>
	      <source path='$work/$1.out' append='on'/>
	      <target port='1'/>
	    </serial>
	    <memballoon model='none'/>
	  </devices>
	</domain>
	EOF
}

filtered()
{
	file=$work/$1.xml
	shift
	"$tapcompat" domain "$@" <"$file" >"$file.new" && mv "$file.new" "$file"
}

recorded()
{
	model=$1
	shift
	"$tapcompat" record --model="$model" --backend=tap --qemu-version=10.0 \
		--caps="$work/new.json" "$@" >"$work/record"
}

escaped()
{
	sed 's/&/\&amp;/g; s/</\&lt;/g; s/"/\&quot;/g'
}

record_metadata()
{
	echo "<tapcompat:net xmlns:tapcompat='$namespace' ${1:-}>$(escaped \
		<"$work/record")</tapcompat:net>"
}

# ---- Guests

# How often this kernel was started
boots_of()
{
	grep -c '^machine: up' "$work/$1.console" 2>/dev/null
}

ready()
{
	for try in $(seq 900); do
		[ "$(boots_of "$1")" -lt "$2" ] || break
		sleep 0.1
	done
	[ "$(boots_of "$1")" -ge "$2" ] && alive "$1" && return
	tail -n 20 "$work/$1.console"
	return 1
}

# A file that is written to while a guest migrates may have half a line.
lines_of()
{
	tr -d '\r' <"$work/$1.out" 2>/dev/null | grep -cE '^has [01]{64}$'
}

alive()
{
	lines=$(lines_of "$1")
	for step in $(seq 300); do
		[ "$(lines_of "$1")" -le $((lines + 1)) ] || return 0
		sleep 0.2
	done
	echo "the guest does not make progress"
	tail -n 5 "$work/$1.out"
	return 1
}

# TCG may crash a guest before its user space is up: try again.
starts()
{
	for boot in 1 2 3; do
		rm -f "$work/$2.console" "$work/$2.out"
		on "$1" start "$2" >"$work/out" 2>&1 || { cat "$work/out"; return 1; }
		! ready "$2" 1 || return 0
		[ "$(boots_of "$2")" = 0 ] || return 1
		on "$1" destroy "$2"
	done
	return 1
}

features_of()
{
	tr -d '\r' <"$work/$1.out" | sed -nE 's/^has ([01]{64})$/\1/p' | tail -n1
}

# The feature bits that tapcompat knows and that a Linux guest acks, as the record has them
has_recorded()
{
	"$tapcompat" explain -j 0xffffffffffffffff | jq -r --arg bits "$(features_of "$1")" \
		--slurpfile record "$work/record" '.explanations[0].bits[] |
		select(.name and .bit != 35) | . as $f |
		($record[0].effective.features | index($f.name) != null) as $said |
		($bits[.bit:.bit + 1] == "1") as $got | select($said != $got) |
		"\(.name): in the record: \($said), in the guest: \($got)"' >"$work/differ" &&
		[ -n "$(features_of "$1")" ] || return
	! grep . "$work/differ"
}

has_uso()
{
	features_of "$1" | grep -qE '^.{54}111'
}

ends()
{
	on "$1" destroy "$2" >"$work/end" 2>&1
	on "$1" undefine "$2" --managed-save >>"$work/end" 2>&1 || { cat "$work/end"; return 1; }
}

# ---- Migration and refusals

migrates()
{
	from=$1 to=$2 name=$3
	shift 3
	rm -f "$work/migrate.sock"
	on "$from" migrate --live "$name" "$(uri "$to")" \
		--migrateuri "unix://$work/migrate.sock" "$@" >"$work/out" 2>&1 && return
	cat "$work/out"
	return 1
}

refused()
{
	grep -q "Hook script execution failed" "$work/out" ||
		{ echo "not refused by the hook"; cat "$work/out"; return 1; }
	for words; do
		grep -qF -- "$words" "$work/out" ||
			{ echo "not said: $words"; cat "$work/out"; return 1; }
	done
}
