#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# stat.sh - tapcompat stat, on processes with and without counters
. ../ktap.sh

build=$(cd ../../build && pwd)
tapcompat=$build/tapcompat
work=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT

for directory in . "$build/selftests/stat"; do
	[ ! -x "$directory/stat_page" ] || page=$directory/stat_page
done

# process KIND: start one that waits, and set $pid
process()
{
	mkfifo "$work/$1"
	$page "$1" >"$work/$1" 2>/dev/null &
	pid=$! pids="$pids $!"
	read -r _ <"$work/$1"
}

prints_table()
{
	status 0 $tapcompat stat $pid && [ ! -s "$work/err" ] &&
		grep -q "^tap0 queue 0: datapath: tapcompat's device, io_uring, running$" \
			"$work/out" &&
		grep -qE '^  native +csum$' "$work/out" &&
		grep -qE '^  emulated +host_uso$' "$work/out" &&
		grep -qE '^  packets +100 +200$' "$work/out" &&
		grep -qE '^  calls +108 +208$' "$work/out" &&
		grep -qE '^  dropped: feature +3 +0$' "$work/out" &&
		grep -q '^  the receive queue is broken: ' "$work/out" &&
		grep -q '^tap1 queue 1: datapath: kernel$' \
			"$work/out" &&
		[ "$(tail -n1 "$work/out" | cut -c1-4)" = tap1 ]
}

prints_problems()
{
	status 0 $tapcompat stat -q $pid && says "tap0 queue 0" "dropped: feature" &&
		! grep -qE 'packets|tap1|emulated' "$work/out"
}

prints_document()
{
	status 0 $tapcompat stat -j $pid && ../build/schema.py stat "$work/out" &&
		jq -e --argjson pid $pid '.pid == $pid and (.queues | length) == 2 and
			(.queues[0] | .interface == "tap0" and ."carried-by" == "device" and
			 .engine == "io_uring" and .running and
			 .emulated == "0x100000000000000" and
			 .transmit.dropped == {feature: 3} and .transmit.fault == null and
			 .receive."super-packets" == 202) and
			(.queues[1] | ."carried-by" == "kernel" and (has("engine") | not))' \
			"$work/out"
}

schema_refuses()
{
	for filter in '.queues[0]."carried-by" = "nobody"' 'del(.queues[0].engine)' \
			'.queues[0].transmit.bytes = -1' '.queues[0].transmit.dropped.chain = 0' \
			'.version = 2' '.queues[1].receive.fault = 1'; do
		$tapcompat stat -j $pid | jq "$filter" >"$work/corrupted"
		! ../build/schema.py stat "$work/corrupted" || { echo "$filter"; return 1; }
	done
}

empty()
{
	status 0 $tapcompat stat $empty && says "has no tap open" &&
		status 0 $tapcompat stat -q $empty && silent &&
		status 0 $tapcompat -j stat $empty && ../build/schema.py stat "$work/out"
}

no_counters()
{
	status 3 $tapcompat stat $none && says "it has no counters" "tapcompat run" && silent &&
		status 3 $tapcompat stat $foreign && says "use the tapcompat that started it"
}

no_process()
{
	gone=$(sh -c 'echo $$')
	status 3 $tapcompat stat $gone && says "process $gone: no such process" &&
		status 3 $tapcompat stat -j $gone && ../build/schema.py error "$work/out" &&
		jq -e '.error.exit == 3' "$work/out"
}

# Whichever allocation fails, the output is complete or empty.
out_of_memory()
{
	at=0 failed=0
	while [ $((at += at < 20 ? 1 : 17)) -lt 900 ]; do
		FAIL_AT=$at LD_PRELOAD=$(dirname "$page")/failmalloc.so $tapcompat stat -j $full \
			>"$work/out" 2>"$work/err"
		got=$?
		case $got in
		0) jq -e '.queues | length == 2' "$work/out" || return ;;
		3) failed=1; [ ! -s "$work/out" ] || jq -e .error.exit "$work/out" || return ;;
		*) echo "allocation $at: status $got"; cat "$work/err"; return 1 ;;
		esac
	done
	[ $failed = 1 ] && [ $got = 0 ]
}

usage()
{
	status 2 $tapcompat stat && says "no process: give the PID" || return
	for word in x 0 -1 1x "" 99999999999999999999 "1 2" +1 0x10; do
		status 2 $tapcompat stat -- "$word" && says "is not a process ID" || return
	done
	status 2 $tapcompat stat 1 2 && says "no further argument '2'"
}

another_user()
{
	mkdir -p "$work/bin" && chmod 755 "$work" "$work/bin" &&
		cp "$tapcompat" "$build/libtapcompat.so.0" "$work/bin/" &&
		status 3 setpriv --reuid=65534 --clear-groups "$work/bin/tapcompat" stat $pid &&
		says "permission denied" "as root"
}

ktap_plan 10
for kind in empty none foreign full; do
	process $kind
	eval $kind=$pid
done
ktap "a table" prints_table
ktap "quiet output has problems only" prints_problems
ktap "the document matches its schema" prints_document
ktap "the schema refuses others" schema_refuses
ktap "no tap yet" empty
ktap "a process without readable counters" no_counters
ktap "no process" no_process
ktap "invalid process numbers" usage
ktap "out of memory" out_of_memory
if [ "$(id -u)" = 0 ]; then
	ktap "another user's process" another_user
else
	ktap_skip "another user's process" "needs root"
fi
ktap_end
