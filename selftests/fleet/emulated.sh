#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# emulated.sh - emulated features count if allowed, and the output says that tapcompat run
# is needed
. ../ktap.sh

tapcompat=../../build/tapcompat
old=../documents/linux-6.1.json new=../documents/linux-6.12.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Missing without --allow-emulated, present with it.
check_counts()
{
	status 1 $tapcompat check --model=tapnet-v2 --caps=$old &&
		says "let tapcompat emulate it: start QEMU with 'tapcompat run'" &&
		status 0 $tapcompat check --model=tapnet-v2 --caps=$old --allow-emulated &&
		grep -q "host_uso .* : PASS (emulated: start QEMU with 'tapcompat run')\$" \
			"$work/out" &&
		status 0 $tapcompat check --model=tapnet-v3 --caps=$old --allow-emulated \
			--backend=vhost-net &&
		status 1 $tapcompat check --require=packed --caps=$old --allow-emulated \
			--backend=vhost-net
}

# Corrupted without --allow-emulated, correct with it: the kernel does not segment then.
corrupted_counts()
{
	jq '(.backends[] | select(.type == "tap")) |=
		(.native = "0xc0000000407f83" |
		 .emulated = "0x1e0100000000000000" |
		 .features |= map(if .name == "host_uso" then .state = "emulated" |
			.verified = "failed" | .detail = "lost" else . end))' $new \
		>"$work/corrupted" &&
		status 4 $tapcompat check --require=csum,host_uso --caps="$work/corrupted" &&
		says "kernel tap: lost" "let tapcompat emulate it" &&
		status 0 $tapcompat check --require=csum,host_uso --caps="$work/corrupted" \
			--allow-emulated &&
		status 0 $tapcompat baseline --format=qemu --backend=tap --qemu-version=8.2 \
			"$work/corrupted" && says "host_uso=off"
}

# Features of vhost-net alone are lost if the shim's device replaces it.
not_together()
{
	status 0 $tapcompat check --backend=vhost-net --require=csum,iommu_platform --caps=$old \
		--allow-emulated &&
		status 1 $tapcompat check --backend=vhost-net --caps=$old --allow-emulated \
			--require=csum,host_uso,iommu_platform &&
		says "iommu_platform       (bit 33) : FAIL (tapcompat's device: vhost-net has it"
}

# Features that the older host emulates need no flag but tapcompat run, which is reported.
baseline_counts()
{
	status 0 $tapcompat baseline --qemu-version=8.2 --format=qemu $old $new &&
		says "host_uso=off" && [ ! -s "$work/err" ] &&
		status 0 $tapcompat baseline --allow-emulated --qemu-version=8.2 --format=qemu \
			$old $new && ! grep -q off "$work/out" &&
		says "start QEMU with 'tapcompat run' on the hosts that emulate" \
			" queue_reset, guest_uso4" &&
		status 0 $tapcompat baseline -q --allow-emulated --qemu-version=8.2 $old $new &&
		says "Start it with 'tapcompat run' on hosts that emulate" \
			": queue_reset,guest_uso4,guest_uso6,host_uso" &&
		status 0 $tapcompat baseline -j --allow-emulated --qemu-version=8.2 $old $new &&
		../build/schema.py baseline "$work/out" &&
		jq -e '[.groups[].emulates | length] == [4, 0]' "$work/out" &&
		status 0 $tapcompat compare -q --allow-emulated $old tapnet-v3 && says identical
}

# A machine with forced features lands on a host that emulates them, with tapcompat run.
emulation_moves()
{
	status 1 $tapcompat record --model=tapnet-v2 --caps=$old &&
		status 0 $tapcompat record --require=csum,guest_csum \
			--force=host_uso,guest_uso4,guest_uso6 --caps=$old &&
		jq -e '.emulated == ["guest_uso4", "guest_uso6", "host_uso"]' "$work/out" &&
		cp "$work/out" "$work/forced.json" &&
		status 0 $tapcompat check --vm="$work/forced.json" --caps=$old &&
		says "Start it here with 'tapcompat run' and -device" \
			"PASS (emulated: start QEMU with 'tapcompat run')" &&
		status 0 $tapcompat check -j --vm="$work/forced.json" --caps=$old &&
		../build/schema.py check "$work/out" &&
		jq -e '.emulated == "0x1c0000000000000"' "$work/out" &&
		status 0 $tapcompat check --vm="$work/forced.json" --caps=$new &&
		says "Start it here with: -device" &&
		status 0 $tapcompat baseline -q --vm="$work/forced.json" $old $new &&
		says ": lands, with 'tapcompat run' and -device" ": lands, with -device" &&
		status 0 $tapcompat baseline -j --vm="$work/forced.json" $old $new &&
		../build/schema.py baseline "$work/out" &&
		jq -e '[.landing[].emulates | length] == [3, 0]' "$work/out" &&
		status 0 $tapcompat explain --caps=$old 0x1c0010130afffaf 0x10179bfffef &&
		says "with 'tapcompat run' and -device virtio-net-pci,...,host_uso=on"
}

# A failure is never native, emulated or not.
document_is_read()
{
	sed 's/"emulated": "0x1e01c0/"emulated": "0x1e00c0/' $old >"$work/bad" &&
		status 2 $tapcompat check --require=csum --caps="$work/bad" &&
		says "emulated and features contradict each other" &&
		../build/schema.py capabilities $old && ../build/schema.py capabilities $new
}

ktap_plan 6
ktap "check" check_counts
ktap "check: features that the kernel corrupts" corrupted_counts
ktap "conflicting options" not_together
ktap "baseline" baseline_counts
ktap "records and destinations" emulation_moves
ktap "documents" document_is_read
ktap_end
