#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh - check, on documents of hosts and on this one
. ../ktap.sh

tapcompat=../../build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A document of a host that has all of a list, and lacks another list.
document()
{
	jq -n --arg has "$1" --arg lacks "$2" --argjson table "$table" '
		($has | split(",")) as $has | ($lacks | split(",")) as $lacks |
		{schema: "tapcompat-capabilities", version: 1,
		 host: {name: "node1", kernel: "6.1.0", machine: "x86_64"},
		 "probed-at": "2026-11-21T08:00:00Z",
		 backends: [{type: "tap", available: true, "multi-queue": true,
			native: $native, emulated: "0x0",
			features: [
				($has[] | {name: ., bit: $table[.], state: "native",
					verified: "passed"}),
				($lacks[] | {name: ., bit: $table[.], state: "absent",
					verified: "untested", detail: "EINVAL"})]}]}' \
		--arg native "$(mask "$1")"
}

table='{"csum": 0, "guest_csum": 1, "host_tso4": 11, "host_uso": 56}'

mask()
{
	sum=0
	for name in $(echo "$1" | tr ',' ' '); do
		sum=$((sum + (1 << $(echo "$table" | jq ".$name"))))
	done
	printf '0x%x' $sum
}

passes()
{
	status 0 $tapcompat check --require=csum,host_tso4 --caps="$work/node1" &&
		grep -q '^  tap: Checking for csum  *(bit  0) : PASS$' "$work/out" &&
		[ "$(grep -c PASS "$work/out")" = 2 ] && [ ! -s "$work/err" ]
}

passes_quietly()
{
	status 0 $tapcompat check -q --require=csum,host_tso4 --caps="$work/node1" &&
		[ ! -s "$work/out" ]
}

# A reason that many features have in a row is printed once.
fails_alike()
{
	jq -c '.backends[0] |= {type, available: false, detail: "/dev/net/tun: No such file"}' \
		"$work/node1" >"$work/none" &&
		status 1 $tapcompat check --require=csum,host_tso4,host_uso --caps="$work/none" &&
		[ "$(grep -c 'No such file' "$work/out")" = 1 ] &&
		sed -n 2,3p "$work/out" | grep -c 'FAIL (as above)$' | grep -qx 2
}

# All missing features at once, with the solutions.
fails()
{
	status 1 $tapcompat check --require=csum,host_tso4,host_uso --caps="$work/node1" &&
		grep -q 'host_uso .*: FAIL (kernel tap: EINVAL; Linux 6.2 has it)$' "$work/out" &&
		grep -q '  - run a newer kernel: Linux 6.2' "$work/out" &&
		grep -q '  - run without what is missing: .*,host_uso=off' "$work/out" &&
		grep -q 'tapcompat: missing: host_uso$' "$work/err"
}

fails_in_json()
{
	status 1 $tapcompat check -j --require=csum,host_uso --caps="$work/node1" &&
		../build/schema.py check "$work/out" &&
		jq -e '.exit == 1 and .missing == "0x100000000000000" and
			(.features[] | select(.name == "host_uso") | .verdict == "fail" and
				.layer == "kernel tap" and .since == "6.2") and
			(."ways-out" | length) >= 2' "$work/out"
}

# Dependencies of a feature are required as well, and the output says so.
completed()
{
	status 0 $tapcompat check --require=host_tso4 --caps="$work/node1" &&
		grep -q '^  tap: Checking for csum  *(bit  0) : PASS (host_tso4 needs it)$' \
			"$work/out" && [ ! -s "$work/err" ] &&
		status 0 $tapcompat check -j --require=host_tso4 --caps="$work/node1" &&
		../build/schema.py check "$work/out" &&
		jq -e '.required == "0x801" and .added == [{name: "csum", for: "host_tso4"}]' \
			"$work/out" &&
		status 0 $tapcompat check -j --require=csum,host_tso4 --caps="$work/node1" &&
		jq -e '.added == null' "$work/out" &&
		status 1 $tapcompat check -q --require=host_tso4 --caps="$work/node2" &&
		grep -q 'csum .*: FAIL (kernel tap: EINVAL; .*; host_tso4 needs it)$' "$work/out"
}

not_in_the_document()
{
	status 3 $tapcompat check --require=csum --backend=macvtap --caps="$work/node1"
}

from_standard_input()
{
	status 0 sh -c "$tapcompat check --require=csum --caps=- <$work/node1"
}

bad_document()
{
	sed 's/"bit": 56/"bit": 57/' "$work/node1" >"$work/bad" &&
		status 2 $tapcompat check -j --require=csum --caps="$work/bad" &&
		grep -q 'bad: backends\[0\].features\[3\]: bit is 57, but host_uso is bit 56' \
			"$work/err" && ../build/schema.py error "$work/out"
}

same_answer_from_here()
{
	"$tapcompat" check -j --require=csum,host_uso >"$work/live" 2>/dev/null
	live=$?
	"$tapcompat" probe -j --backend=tap >"$work/here" 2>/dev/null
	"$tapcompat" check -j --require=csum,host_uso --caps="$work/here" >"$work/saved" 2>/dev/null
	[ $? = $live ] && diff "$work/live" "$work/saved"
}

document csum,guest_csum,host_tso4 host_uso >"$work/node1"
document guest_csum,host_tso4 csum >"$work/node2"

ktap_plan 11
ktap "provided features pass" passes
ktap "and are not printed with -q" passes_quietly
ktap "missing features fail, with the solutions" fails
ktap "many features, one reason" fails_alike
ktap "missing features in JSON" fails_in_json
ktap "a list is completed" completed
ktap "a backend that the document lacks is undecided" not_in_the_document
ktap "a document on standard input" from_standard_input
ktap "a bad document is refused, with the place" bad_document
if "$tapcompat" probe --no-verify --backend=tap >/dev/null 2>&1; then
	ktap "this host and its document give the same answer" same_answer_from_here
else
	ktap_skip "this host and its document give the same answer" "it cannot be probed"
fi
ktap "a document conforms to its schema" ../build/schema.py capabilities "$work/node1"
ktap_end
