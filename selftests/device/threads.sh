#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# threads.sh - no data race in the device: threads.c under ThreadSanitizer
. ../ktap.sh

# Where the harness puts what it builds.
for dir in . ../../build/selftests/device; do
	[ ! -x "$dir/threads" ] || threads=$dir/threads
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# ThreadSanitizer's shadow memory needs addresses at which a library may be loaded at random.
race_free()
{
	setarch -R "$threads" >"$log" 2>&1 && ! grep -q 'WARNING: ThreadSanitizer' "$log" && return
	cat "$log"
	return 1
}

ktap_plan 1
ktap "two drivers and control calls, without a data race" race_free
ktap_end
