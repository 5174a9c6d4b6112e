#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# saved.sh - what audit says of saved states agrees with the guests' own bits
. ../ktap.sh

tapcompat=../../build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The sample has an address and a bit string for each card, as its guest has seen them.
agrees()
{
	zcat "../state/samples/$1.state.gz" >"$work/web1" &&
		"$tapcompat" audit -j "$work/web1" >"$work/audit" || return
	[ "$(jq -r '.machines[0] | "\(.name) \(.state) \(.cards | length)"' "$work/audit")" = \
		"web1 saved 4" ] || { cat "$work/audit"; return 1; }
	while read -r mac bits; do
		jq -r --arg mac "$mac" --arg bits "$bits" '.machines[0].cards[] |
			select(.mac == $mac) | .features[] | select(.bit < 64) |
			select((.state == "held") != ($bits[.bit:.bit + 1] == "1") or
				.evidence != "saved-state") | .name' "$work/audit" >"$work/differ"
		! grep . "$work/differ" || return
	done <"../state/samples/$1.features"
	../build/schema.py audit "$work/audit"
}

# The domain's XML is in front of the state: its name, its backend and its record are known.
save_image()
{
	record=$("$tapcompat" record --model=tapnet-v2 --caps=../documents/linux-6.12.json \
		--qemu-version=10.0 | sed 's/"/\&quot;/g')
	uuid=c2d7bd5c-0bbf-44d2-8f3b-d6a4a6b3e7b1
	cat >"$work/xml" <<-EOF
	<domain type='kvm'><name>web2</name><uuid>$uuid</uuid><metadata>
	<t:net xmlns:t='http://tapcompat.io/xmlns/libvirt/domain/1.0'>$record</t:net></metadata>
	<os><type machine='pc-q35-10.0'>hvm</type></os><devices>
	<interface type='bridge'><model type='virtio'/><driver name='$1'/></interface>
	</devices></domain>
	EOF
	zcat ../state/samples/10.0.state.gz | /usr/bin/python3 -c 'import struct, sys
xml = open(sys.argv[1], "rb").read() + b"\0"
sys.stdout.buffer.write(struct.pack("<16s19I", b"LibvirtQemudSave", 2, len(xml), 1, *[0] * 16) +
			xml + sys.stdin.buffer.read())' "$work/xml" >"$work/image" || return
	"$tapcompat" audit -j "$work/image" >"$work/audit" &&
		jq -e --arg uuid $uuid --arg backend "$2" '.machines[0] | .name == "web2" and
			.uuid == $uuid and .state == "saved" and
			."machine-type" == "pc-q35-10.0" and
			(.cards | length) == 4 and all(.cards[]; .backend == $backend) and
			(.cards[0] | any(.evidence[]; .source == "record") and
				any(.features[]; .name == "host_uso" and .state == "held" and
					.evidence == "record"))' "$work/audit" ||
		{ head -c 500 "$work/audit"; return 1; }
}

refused()
{
	zcat ../state/samples/7.2.state.gz | head -c 9000 >"$work/cut"
	"$tapcompat" audit "$work/cut" >"$work/out" 2>&1
	[ $? = 2 ] && grep -q "cut: at offset [0-9]*: section .* has no end" "$work/out" ||
		{ cat "$work/out"; return 1; }
}

judged()
{
	zcat ../state/samples/10.0.state.gz >"$work/web1"
	"$tapcompat" audit "$work/web1" --against ../documents/linux-6.1.json >"$work/out"
	[ $? = 1 ] && grep -q "^1 of 1 machines cannot go to linux-6.1.*host_uso" "$work/out" ||
		{ cat "$work/out"; return 1; }
}

# One that listens and says nothing costs its time limit; one that is not there, nothing.
silent()
{
	python3=/usr/bin/python3
	"$python3" -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1); time.sleep(60)' \
		"$work/qmp" &
	silent=$!
	for try in $(seq 50); do
		[ ! -S "$work/qmp" ] || break
		sleep 0.1
	done
	timeout 10 "$tapcompat" audit --qmp="$work/qmp" >"$work/out" 2>&1
	ret=$?
	kill "$silent"
	[ $ret = 3 ] || { cat "$work/out"; return 1; }
	"$tapcompat" audit --qmp="$work/none" >"$work/out" 2>&1
	[ $? = 3 ] && grep -q "none" "$work/out" || { cat "$work/out"; return 1; }
	"$tapcompat" audit --ask-qemu >"$work/out" 2>&1
	[ $? = 2 ] && grep -q "give the QEMU's --qmp=SOCKET" "$work/out"
}

ktap_plan 8
for release in 7.2 10.0 11.1; do
	ktap "a state of QEMU $release" agrees $release
done
ktap "libvirt's save image" save_image vhost vhost-net
ktap "libvirt's save image, without vhost" save_image qemu tap
ktap "a state that is cut" refused
ktap "where a saved machine can go" judged
ktap "a QEMU that does not answer" silent
ktap_end
