#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# against.sh - where machines can go: documents, records and bit strings against hosts
. ../ktap.sh

build=$(cd ../.. && pwd)/build
tapcompat=$build/tapcompat
old=../documents/linux-6.1.json new=../documents/linux-6.12.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# bits MASK: as a guest's sysfs has them
bits()
{
	python3 -c 'import sys; m = int(sys.argv[1], 0)
print("".join(str(m >> i & 1) for i in range(64)))' "$1"
}

uso=0x01c001013867ffa7 plain=0x000000013867ffa7

# machine NAME MASK: of an audit
machine()
{
	printf '{"name":"%s","state":"running","cards":[{"backend":"vhost-net","virtio":true,' "$1"
	printf '"mask":"%s","known":"%s","evidence":[],"nic":{}}]}' "$2" \
		"${3:-0xffffffffffffffffffffffffffffffff}"
}

# audit HOST TIME MACHINES
audit()
{
	printf '{"schema":"tapcompat-audit","version":1,'
	printf '"host":{"name":"%s","kernel":"6.12.1"},' "$1"
	printf '"audited-at":"%s","not-seen":[],"machines":[%s],"taps":[]}\n' "$2" "$3"
}

guests()
{
	bits $uso >"$work/new" && bits $plain >"$work/old" || return
	status 1 "$tapcompat" audit "$work/new" --against=$old &&
		says "1 of 1 machines cannot go to" "guest_uso4 guest_uso6 host_uso" remedies \
			"land it by emulation" || return
	status 0 "$tapcompat" audit "$work/old" --against $old $new && says "all of 1 machines" &&
		status 0 "$tapcompat" audit "$work/new" --against=$new &&
		status 0 "$tapcompat" audit --allow-emulated "$work/new" --against=$old
}

# The sentence that operators ask for
summary()
{
	{
		audit node1 2026-11-01T00:00:00Z "$(machine a $uso),$(machine b $plain)"
		audit node2 2026-11-01T00:00:00Z \
			"$(machine c 0x000001013867ffa7),$(machine d $uso),$(machine e 0x0 0x0)"
	} >"$work/stream"
	status 1 "$tapcompat" audit - --against=$old <"$work/stream" &&
		says "3 of 5 machines cannot go to linux-6.1" "3 hold queue_reset" \
			"2 hold guest_uso4 guest_uso6 host_uso" "of 1 it is unknown: 1 may hold" &&
		status 1 "$tapcompat" audit -j - --against=$old <"$work/stream" || return
	../build/schema.py audit "$work/out" &&
		jq -e '.summary | .machines == 5 and (.hosts[0] | ."cannot-go" == 3 and
			.unknown == 1 and ."can-go" == 1)' "$work/out" >/dev/null
}

documents()
{
	head -n1 "$work/stream" >"$work/audit.json"
	status 1 "$tapcompat" audit -j "$work/audit.json" "$work/old" --against $old $new || return
	../build/schema.py audit "$work/out" &&
		[ "$(jq -r '[.machines[].cards[].verdicts[].verdict] | join(" ")' "$work/out")" = \
			"cannot-go can-go can-go can-go can-go can-go" ] &&
		jq -e '.machines[0].cards[0].verdicts[0] | .remedies[0] and
			(.features | index("host_uso"))' "$work/out" >/dev/null
}

# A record is kept apart, and the guest overrides it.
record()
{
	"$tapcompat" record --model=tapnet-v2 --caps=$new >"$work/vm" 2>/dev/null || return
	status 1 "$tapcompat" audit "$work/vm" --against=$old && says host_uso &&
		status 0 "$tapcompat" audit "$work/vm" && says "held (record): csum" &&
		status 0 "$tapcompat" audit "$work/vm" --guest-features="$(bits $plain)" &&
		says "not-held (guest)" &&
		status 0 "$tapcompat" audit "$work/vm" --guest-features="$(bits $plain)" \
			--against=$old
}

baseline()
{
	audit node1 2026-10-01T00:00:00Z "$(machine a $uso),$(machine b $uso)" >"$work/before"
	audit node1 2026-11-01T00:00:00Z "$(machine a $plain),$(machine b $uso)" >"$work/after"
	audit node1 2026-12-01T00:00:00Z "$(machine a $plain)" >"$work/last"
	status 0 "$tapcompat" baseline $old $new "$work/after" "$work/before" &&
		says "Running machines, 2 on 1 audited host" \
			"1 machine holds it, such as b on node1" || return
	status 0 "$tapcompat" baseline $old $new "$work/before" "$work/after" "$work/last" &&
		says "no machine holds it: switch it off for new ones; last at 2026-11-01" \
			"b on node1" || return
	status 0 "$tapcompat" baseline -j $old $new "$work/last" || return
	../build/schema.py baseline "$work/out" &&
		cat $old "$work/after" $new | jq -c . >"$work/lines" &&
		status 0 "$tapcompat" baseline - <"$work/lines" && says "1 machine holds it" &&
		status 2 "$tapcompat" baseline "$work/last" && says "no document"
}

compares()
{
	status 0 "$tapcompat" compare --error $new "$work/audit.json" && says identical &&
		status 1 "$tapcompat" compare --error $old "$work/audit.json" && says subset \
			"only $work/audit.json: queue_reset guest_uso4 guest_uso6 host_uso"
}

refused()
{
	for bad in '.version = 2' '.machines[0].cards[0].mask = 1' \
			'.machines[0].cards[0].known = "0x0"' \
			'.machines = {}' '.["audited-at"] = "now"' 'del(.host)' \
			'.machines[0].cards[0].evidence = [1]' '.machines[0].name = 5'; do
		jq -c "$bad" "$work/audit.json" >"$work/bad"
		status 2 "$tapcompat" audit "$work/bad" && silent && says "$work/bad: " &&
			status 2 "$tapcompat" audit - --against=$old <"$work/bad" &&
			says "standard input: line 1: " || { echo "$bad"; return 1; }
	done
	cat "$work/audit.json" "$work/bad" "$work/audit.json" >"$work/stream"
	status 1 "$tapcompat" audit --skip-bad - --against=$old <"$work/stream" &&
		says "of 4 machines" "skipped: standard input: line 2" &&
		status 2 "$tapcompat" audit $old && status 2 "$tapcompat" audit - <"$work/none" &&
		status 2 "$tapcompat" audit - "$work/new" </dev/null
}

# Control sequences and bidirectional overrides do not reach a terminal.
hostile()
{
	audit "$(printf 'h\\u001b[31m')" 2026-11-01T00:00:00Z \
		"$(machine "$(printf 'a\\u001b[31m\\u202e')" $uso)" >"$work/hostile"
	for command in "audit $work/hostile" "audit $work/hostile --against=$old" \
			"audit -j $work/hostile" "baseline $old $new $work/hostile"; do
		# shellcheck disable=SC2086
		"$tapcompat" $command >"$work/out" 2>&1
		! LC_ALL=C grep -n "$(printf '[\033\342]')" "$work/out" ||
			{ echo "$command"; return 1; }
	done
	"$tapcompat" audit "$work/hostile" | grep -qF 'a\x1b[31m\xe2\x80\xae'
}

# 100,000 machines: memory does not grow with them.
fleet()
{
	awk -v line="$(audit NODE 2026-11-01T00:00:00Z "$(
		machine m1 $uso),$(machine m2 $plain),$(machine m3 $plain),$(
		machine m4 0x0 0x0),$(machine m5 $plain)")" 'BEGIN {
		for (i = 0; i < 20000; i++) { text = line; sub(/NODE/, "node" i, text); print text }
	}' >"$work/fleet"
	head -n 10000 "$work/fleet" >"$work/few"
	for file in few fleet; do
		python3 - "$work/$file" "$tapcompat" $old <<-'PY' >"$work/$file.kb" || return
		import resource, subprocess, sys
		with open(sys.argv[1]) as f:
		    r = subprocess.run([sys.argv[2], "audit", "-", "--against=" + sys.argv[3]],
		                       stdin=f, stdout=sys.stderr)
		print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
		sys.exit(r.returncode != 1)
		PY
	done
	few=$(cat "$work/few.kb") many=$(cat "$work/fleet.kb")
	[ "$many" -lt $((few + 1024)) ] || { echo "$few KiB, $many KiB"; return 1; }
	"$tapcompat" audit - --against=$old <"$work/fleet" |
		grep -q "^20,000 of 100,000 machines cannot go to linux-6.1"
}

: >"$work/none"
ktap_plan 10
ktap "guests' bit strings" guests
ktap "the summary of a stream" summary
ktap "documents" documents
ktap "a record, and the guest against it" record
ktap "baseline names who holds what, and when the last one did" baseline
ktap "compare reads audits" compares
ktap "bad documents are refused, with the place" refused
ktap "hostile names" hostile
ktap "a fleet of 100,000 machines in bounded memory" fleet
ktap "help" "$tapcompat" audit --help
ktap_end
