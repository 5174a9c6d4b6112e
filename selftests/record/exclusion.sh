#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# exclusion.sh - --without: features that must be off, as for native XDP in the guest
. ../ktap.sh

tapcompat=$(realpath "../../build${SANITIZE:+/sanitize}/tapcompat")
new=$(realpath ../documents/linux-6.12.json)
newest=$(realpath ../documents/linux-6.18.json)
qemu=$(command -v qemu-system-x86_64)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
off=guest_csum=off,guest_tso4=off,guest_tso6=off,guest_ecn=off,guest_ufo=off
uso=guest_uso4=off,guest_uso6=off
tunnel=guest_tunnel=off,guest_tunnel_csum=off

record()
{
	status 0 "$tapcompat" record --caps="$new" "$@"
}

records()
{
	record --model=tapnet-v2 --without=xdp-v1 --qemu-version=10.0 &&
		says "$off,$uso" '"guest_csum":"disable"' '"host_uso":"require"' &&
		[ "$(jq -r '[.effective.features[] | select(startswith("guest"))] | length' \
			"$work/out")" = 0 ] &&
		record --without=xdp-v1 --qemu-version=7.2 && says "$off" &&
		! grep uso4=off "$work/out" &&
		status 2 "$tapcompat" record --require=guest_tso4 --without=xdp-v1 --caps="$new" &&
		says "guest_tso4 has two policies" &&
		status 2 "$tapcompat" record --model=tapnet-v1 --without=xdp --caps="$new" &&
		says "xdp-v1"
}

baselines()
{
	status 0 "$tapcompat" baseline --format=qemu --without=xdp-v1 --qemu-version=11.1 \
		"$newest" && says "$off,$uso,$tunnel" && ! grep host_ "$work/out" &&
		status 0 "$tapcompat" baseline --format=qemu --without=xdp-v1 --qemu-version=7.2 \
			"$newest" && says "$off" && ! grep uso "$work/out" &&
		status 0 "$tapcompat" baseline --format=qemu --qemu-version=11.1 "$newest" &&
		! grep off "$work/out" &&
		status 2 "$tapcompat" baseline --without=xdp-v1 --holds=0x83 "$newest" &&
		says "restart it without them first" &&
		status 0 "$tapcompat" baseline --without=xdp-v1 --holds=0x1 "$newest"
}

domain()
{
	cat >"$work/domain" <<-EOF
	<domain><os><type machine='pc-q35-8.2'/></os>
	  <metadata>$1</metadata>
	  <devices>
	    <interface type='bridge'><model type='virtio'/></interface>
	  </devices>
	</domain>
	EOF
	shift
	status "${expect:-0}" sh -c '"$@" <"$0"' "$work/domain" "$tapcompat" domain "$@"
}

domains()
{
	net="<net xmlns='http://tapcompat.io/xmlns/libvirt/domain/1.0'"
	domain "" --without=xdp-v1 && says "'guest_csum' type='bool' value='false'" \
		"'guest_uso6' type='bool' value='false'" &&
		! grep -E "host_|true|queue" "$work/out" &&
		cp "$work/out" "$work/once" && status 0 sh -c '"$0" domain --without=xdp-v1 <"$1"' \
			"$tapcompat" "$work/once" && cmp "$work/once" "$work/out" &&
		domain "" --without=xdp-v1 --model=tapnet-v1 && says guest_csum host_uso &&
		domain "$net model='tapnet-v1'/>" --without=xdp-v1 && says guest_csum host_uso ||
		return
	record --model=tapnet-v1 && v1=$(cat "$work/out") && expect=1 &&
		domain "$net>$v1</net>" --without=xdp-v1 && says "the record in its metadata has" \
			"tapcompat record --without" && silent || return
	record --model=tapnet-v1 --without=xdp-v1 && v1=$(cat "$work/out") && expect=0 &&
		domain "$net>$v1</net>" --without=xdp-v1 && says guest_csum host_uso
}

# Newer QEMUs have more to switch off.
checks()
{
	all=$off
	! "$qemu" -device virtio-net-pci,help | grep -q guest_uso4 || all=$off,$uso
	status 1 "$tapcompat" check --without=xdp-v1 --qemu="$qemu" --caps="$new" &&
		says "Checking the exclusion : FAIL" "...,$off" &&
		status 0 "$tapcompat" check --without=xdp-v1 --qemu="$qemu" --caps="$new" \
			--device="$all" &&
		status 1 "$tapcompat" check -j --require=csum --without=xdp-v1 --qemu="$qemu" \
			--caps="$new" && jq -e '.exit == 1' "$work/out" &&
		status 2 "$tapcompat" check --without=xdp-v1 --caps="$new" &&
		says "give --vm=FILE or --qemu=PATH" || return
	record --model=tapnet-v1 && cp "$work/out" "$work/vm" &&
		status 1 "$tapcompat" check --vm="$work/vm" --without=xdp-v1 --caps="$new" &&
		says "the machine has it on" && record --model=tapnet-v1 --without=xdp-v1 &&
		cp "$work/out" "$work/vm" &&
		status 0 "$tapcompat" check --vm="$work/vm" --without=xdp-v1 --caps="$new"
}

listed()
{
	status 0 "$tapcompat" models && says "xdp-v1     Linux 4.10" &&
		status 0 "$tapcompat" models -j &&
		[ "$(jq -r '.exclusions[0].features | length' "$work/out")" = 9 ]
}

ktap_plan 5
ktap "record --without" records
ktap "baseline --without" baselines
ktap "domain --without" domains
ktap "check --without" checks
ktap "models lists exclusions" listed
ktap_end
