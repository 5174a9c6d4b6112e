#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernels.sh - the probe, and tests of its kernel interfaces, on other kernels
#
# For each of KERNELS one machine.  In it the probe is run without modules, with
# them, as nobody and over a vDPA device; then the tests that need real kernels;
# then, if the module can be built, the probe on a kernel that misreports.  The
# results are compared with the matrix of known kernels.  The probe's
# documents are kept in the directory DOCUMENTS, if one is given.
. ../ktap.sh
. ./machine.sh
. ./expect.sh

: "${KERNELS:=linux-image-cloud-amd64@bookworm linux-image-cloud-amd64@bookworm-backports}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# More tests than most machines run.
machine_timeout=400
kernel_tests="answer tap macvtap link netns module vhost steer segment_oracle"
device_tests="batch frontend life owner table interface hostile split"
# These use a device: by vhost-net, which these kernels have, and without it.
engine_tests="frontend life owner hostile"

# The tests of lie.ko on this kernel: $work/lies/N/parameters and expected.
lies_for()
{
	rm -rf "$work/lies"
	mkdir -p "$work/lies"
	awk -v release="$1" -v directory="$work/lies" '
		BEGIN { split(release, v, /[.-]/); kernel = v[1] "." v[2] }
		/^[0-9]/ {
			told = $1 == kernel
			if (!told)
				next
			n++
			system("mkdir -p " directory "/" n)
			backend = "tap"
			parameters = ""
			for (i = 2; i <= NF; i++)
				if (sub(/^backend=/, "", $i))
					backend = $i
				else
					parameters = parameters " " $i
			print backend > (directory "/" n "/backend")
			print parameters > (directory "/" n "/parameters")
		}
		/^\t/ && told { print $1, $2, $3 > (directory "/" n "/expected") }
	' lies
}

# What runs in the machine; "=== NAME" starts a part of the output.
script()
{
	cat <<-'SCRIPT'
	part() { echo "=== $1"; }
	part modules-before; cat /proc/modules
	part unloaded; /bin/tapcompat probe -j; echo; echo "status $?"
	part modules-after; cat /proc/modules
	part container
	mount -t tmpfs tmpfs /lib/modules
	/bin/tapcompat probe -j; echo; echo "status $?"
	umount /lib/modules
	part container-after; cat /proc/modules
	part probe; /bin/tapcompat probe --load-modules -j 2>/tmp/err; echo
	part probe-err; cat /tmp/err
	chmod 666 /dev/net/tun
	part nobody; /bin/setpriv --reuid=65534 --regid=65534 --clear-groups \
		/bin/tapcompat probe -j 2>&1; echo
	part vdpa
	if [ -e /bin/vdpa_device ]; then
		modprobe vduse && modprobe vhost_vdpa
		/bin/vdpa_device /bin/tapcompat probe -j --backend=vhost-vdpa 2>&1
		echo
	fi
	part vdpa-elsewhere
	if [ -e /bin/vdpa_device ]; then
		unshare -n /bin/tapcompat probe -j --backend=vhost-vdpa 2>/dev/null
		echo
	fi
	part helper
	mkdir -p /etc/qemu
	echo "allow br0" >/etc/qemu/bridge.conf
	chmod 755 / /etc /etc/qemu
	ip link add br0 type bridge
	/bin/as_qemu /bin/tapcompat-helper --require=host_uso:guest_uso4:guest_uso6 2>&1
	part helper-emulated
	/bin/as_qemu /bin/tapcompat-helper --require=host_uso:guest_uso4:guest_uso6 \
		--allow-emulated 2>&1
	ip link del br0
	part ip
	ls /sys/class/net
	part shim
	TAPCOMPAT_MASK=queue_reset LD_PRELOAD=/bin/libtapcompat-shim.so \
		/bin/tapcompat probe --load-modules -j \
		--backend=tap --backend=vhost-net 2>/tmp/err; echo
	part shim-err; cat /tmp/err
	part vhost
	tunnels=host_tunnel,host_tunnel_csum,guest_tunnel,guest_tunnel_csum
	uso=host_uso,guest_uso4,guest_uso6 rings=queue_reset,in_order
	tso=host_tso4,host_tso6,host_ecn,host_ufo
	TAPCOMPAT_ENGINE=vhost TAPCOMPAT_EMULATE=$uso,$tso,$rings \
		TAPCOMPAT_MASK=$uso,$tso,$tunnels,queue_reset \
		LD_PRELOAD=/bin/libtapcompat-shim.so /bin/tapcompat probe --load-modules -j \
		--backend=vhost-net 2>/tmp/err; echo
	part vhost-err; cat /tmp/err
	SCRIPT
	for test in $kernel_tests $device_tests; do
		echo "part test-$test; /bin/$test 2>&1"
	done
	for test in $engine_tests; do
		echo "part test-$test@uring; TAPCOMPAT_ENGINE=uring /bin/$test 2>&1"
	done
	for directory in "$work"/lies/*/; do
		[ -n "$lie" ] && [ -e "$directory/parameters" ] || continue
		echo "part lie-$(basename "$directory")"
		echo "insmod /bin/lie.ko $(cat "$directory/parameters") || echo insmod failed"
		echo "/bin/tapcompat probe -j --backend=$(cat "$directory/backend") 2>/tmp/err"
		echo "echo"
		echo "rmmod lie"
	done
	echo "part dmesg; dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace' || echo clean"
}

parts()
{
	rm -rf "$work/part"
	mkdir -p "$work/part"
	awk -v directory="$work/part" '
		/^machine: / { file = "" }
		/^=== / { file = directory "/" $2; printf "" > file; next }
		file { print > file }' "$1"
}

part_is()
{
	[ "$(cat "$work/part/$1")" = "$2" ] || { cat "$work/part/$1"; return 1; }
}

# Without permission no module is loaded, and the answer says how to change that.
nothing_loaded()
{
	diff "$work/part/modules-before" "$work/part/modules-after" &&
		head -n1 "$work/part/unloaded" | jq -e '.error.exit == 3 and
			(.error.desc | contains("modprobe tun, or pass --load-modules"))' ||
		{ cat "$work/part/unloaded"; return 1; }
}

# A container does not see its host's modules, which may exist.
container_undecided()
{
	diff "$work/part/modules-before" "$work/part/container-after" &&
		head -n1 "$work/part/container" | jq -e '.error.exit == 3 and
			(.backends[] | select(.type == "tap") | .state) == "unknown" and
			(.error.desc | contains("/lib/modules"))' ||
		{ cat "$work/part/container"; return 1; }
}

# The bus is visible and the netlink family is not: devices of another namespace.
vdpa_elsewhere()
{
	jq -e '.backends[0].state == "unknown" and
		(.backends[0].detail | contains("network namespace"))' \
		"$work/part/vdpa-elsewhere" ||
		{ cat "$work/part/vdpa-elsewhere"; return 1; }
}

# As nobody, taps are probed; backends that need privilege are unknown, not absent.
nobody_probes()
{
	[ "$(jq -r '.backends[] | select(.type == "tap") | .features[] |
		select(.name == "guest_tso4") | "\(.state) \(.verified)"' "$work/part/nobody")" = \
		"native passed" ] &&
		[ "$(jq -r '.backends[] | select(.type == "vhost-net") | .state' \
			"$work/part/nobody")" = unknown ]
}

# The device is listed with its parent, and its features are those it was given.
vdpa_device_found()
{
	jq -e '.backends[0] |
		.devices[0].name == "tapcompat-test" and
		.devices[0]["management-device"] == "vduse" and
		([.features[] | select(.state == "native") | .name] ==
			["csum", "host_tso4", "iommu_platform"])' "$work/part/vdpa" ||
		{ cat "$work/part/vdpa"; return 1; }
}

# Report the test points of a program that ran in the machine.
edge_points()
{
	if ! grep -qE '^(not )?ok ' "$work/part/test-$1"; then
		ktap "$kernel_release: $1" cat "$work/part/test-$1" /nonexistent
		return
	fi
	grep -vE '^(not )?ok |^#  +(RUN|OK) ' "$work/part/test-$1" | sed 's/^/# /' >"$work/said"
	grep -E '^(not )?ok |^#  +RUN ' "$work/part/test-$1" >"$work/points"
	running=
	while read -r first second third rest; do
		case "$first $second" in
		"# RUN") running=$third ;;
		"ok "*)
			case "$third" in
			'#') ktap_skip "$kernel_release: $1: $running" "${rest#SKIP }" ;;
			*) ktap_point ok "$kernel_release: $1: $third" ;;
			esac ;;
		"not ok")
			cat "$work/said"
			ktap_point "not ok" "$kernel_release: $1: ${rest:-$running}" ;;
		esac
	done <"$work/points"
}

# @part @but: with the shim every kernel has the features of the newest one, and frames are
# correct; receive offloads may be ineffective; @but names what is left out.  Ring reset is
# masked, so that the shim's vhost-net is used and not this kernel's, which the probe queries
# before the tap's tunnel offloads.
shim_gives()
{
	jq -r --arg but "${2:-}" '.backends[] | .type as $type | .features[] |
		select(.name | IN("iommu_platform", "packed", "hash", "rss", "mq") | not) |
		select($but == "" or (.name | contains($but) | not)) |
		select((.state == "native" and (.verified == "passed" or
			(.verified == "ineffective" and
			 (.name | startswith("guest_"))))) | not) |
		"\($type) \(.name): \(.state) \(.verified) \(.detail // "")"' \
		"$work/part/$1" >"$work/shim-lacks" && [ ! -s "$work/shim-lacks" ] ||
		{ cat "$work/shim-lacks" "$work/part/$1-err"; return 1; }
}

# The helper passes a tap with USO, or refuses and says what to do.
helper_serves()
{
	if expect_matrix_lines "$kernel_release" "$work/part/probe" |
		grep -q '^tap host_uso native'; then
		part_is helper "status 0, descriptors 1"
		return
	fi
	for words in "status 1, descriptors 0" "no tap is created" "host_uso " "guest_uso4 " \
			"guest_uso6 " "kernel tap" "Linux 6.2" "--model=tapnet-v1"; do
		grep -qF -- "$words" "$work/part/helper" ||
			{ echo "no '$words' in:"; cat "$work/part/helper"; return 1; }
	done
}

# With tapcompat run, emulated features count.
helper_counts()
{
	part_is helper-emulated "status 0, descriptors 1"
}

lie_point()
{
	name="$kernel_release lies: $(cat "$work/lies/$1/backend")$(cat "$work/lies/$1/parameters")"
	if grep -q '^insmod' "$work/part/lie-$1"; then
		ktap_skip "$name" "the module cannot be loaded: $(head -n1 "$work/part/lie-$1")"
	else
		ktap "$name" expect_lie "$kernel_release" "$work/lies/$1/expected" \
			"$work/part/lie-$1"
	fi
}

lie_points()
{
	if [ -z "$lie" ]; then
		ktap_skip "$kernel_release lies" "$no_lie"
		return
	fi
	for directory in "$work"/lies/*/; do
		[ ! -e "$directory/parameters" ] || lie_point "$(basename "$directory")"
	done
}

boot()
{
	script >"$work/script"
	machine_run "$root" "$work/script" "$work/output"
}

prepare()
{
	machine_kernel "$1" || return 1
	root=$work/root
	machine_root "$root"
	machine_add "$root" "$build/tapcompat" "$build/libtapcompat.so.0" /usr/bin/setpriv \
		"$build/tapcompat-helper" "$build/selftests/helper/as_qemu"
	for test in $kernel_tests; do
		machine_add "$root" "$build/selftests/kernel/$test"
	done
	for test in $device_tests; do
		machine_add "$root" "$build/selftests/device/$test"
	done
	machine_add "$root" "$build/libtapcompat-shim.so"
	[ -z "$(find "$root" -name 'vduse.ko*')" ] ||
		machine_add "$root" "$build/selftests/vm/vdpa_device"
	lies_for "$kernel_release"
	machine_lie "$1"
	[ -z "$lie" ] || cp "$lie" "$root/bin/"
}

kernel()
{
	lie=
	# Not by ktap: it sets variables.
	if prepare "$1" >"$work/log" 2>&1; then
		ktap_point ok "$1: its packages"
	else
		sed 's/^/# /' "$work/log"
		ktap_point "not ok" "$1: its packages"
		return
	fi
	ktap "$kernel_release: boots and runs the tests" boot
	grep -q '^machine: script ended 0' "$work/output" || return
	parts "$work/output"
	ktap "$kernel_release: loads no module without permission" nothing_loaded
	ktap "$kernel_release: undecided in a container" container_undecided
	ktap "$kernel_release: probes with permission" jq -e .schema "$work/part/probe"
	ktap "$kernel_release: has all backends of taps" \
		expect_backends "$work/part/probe" tap macvtap vhost-net ebpf-rss
	ktap "$kernel_release: the document matches its schema" \
		../build/schema.py capabilities "$work/part/probe"
	if expect_known "$kernel_release"; then
		ktap "$kernel_release: matches the matrix" \
			expect_matrix "$kernel_release" "$work/part/probe"
	else
		ktap_skip "$kernel_release: matches the matrix" "it is not in the matrix"
		expect_said "$work/part/probe" | sed 's/^/# /'
	fi
	ktap "$kernel_release: probes as nobody" nobody_probes
	if [ -e "$root/bin/vdpa_device" ]; then
		ktap "$kernel_release: finds a vDPA device" vdpa_device_found
		ktap "$kernel_release: vDPA in another namespace is undecided" vdpa_elsewhere
	else
		ktap_skip "$kernel_release: finds a vDPA device" "the kernel has no vduse"
	fi
	if expect_known "$kernel_release"; then
		ktap "$kernel_release: the helper agrees" helper_serves
		ktap "$kernel_release: the helper counts what is emulated" helper_counts
	fi
	[ -z "${DOCUMENTS:-}" ] || jq . "$work/part/probe" >"$DOCUMENTS/linux-$kernel_release.json"
	ktap "$kernel_release: leaves no device" part_is ip lo
	ktap "$kernel_release: the shim emulates all of the rest" shim_gives shim
	ktap "$kernel_release: so it does by vhost-net" shim_gives vhost tunnel
	for test in $kernel_tests $device_tests; do
		edge_points "$test"
	done
	for test in $engine_tests; do
		edge_points "$test@uring"
	done
	lie_points
	ktap "$kernel_release: the kernel log is clean" part_is dmesg clean
}

echo "TAP version 13"
for package in $KERNELS; do
	kernel_release=
	kernel "$package"
done
echo "1..$ktap_number"
ktap_end
