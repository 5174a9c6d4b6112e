#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mutants.sh - tests notice the small faults that are marked as quick in the table; and
# scripts/mutants fails where one survives, does not apply or does not build
. ../ktap.sh

top=$(cd ../.. && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# With a table of the test's own: says WORDS and fails
refused()
{
	words=$1
	printf '%s\n' "$2" >"$work/table"
	! "$top/scripts/mutants" --table="$work/table" --jobs=1 >"$work/out" 2>"$work/err" ||
		return
	says "$words"
}

# entry FROM TO: a fault in a file that one test notices
entry()
{
	printf '%s\n' "mutant one" "file tapcompat/ring/dirty.c" "test ring/dirty" "why reasons" \
		"-$1" "+$2"
}

mark='	last = (guest + len - 1) / DIRTY_PAGE;'

ktap_plan 6
ktap "all quick mutants are noticed" "$top/scripts/mutants" --quick
ktap "one that survives" refused "it survives ring/dirty" \
	"$(entry "$mark" '	last = (len + guest - 1) / DIRTY_PAGE;')"
ktap "one that does not apply" refused "its text is 0 times" "$(entry 'int nowhere;' '')"
ktap "one whose place is not unique" refused "not once" "$(entry '' '')"
ktap "one that does not build" refused "it does not build" "$(entry "$mark" '	last = ;')"
ktap "a test that is not there" refused "no test program that passes" \
	"$(entry "$mark" '	last = 0;' | sed 's,ring/dirty$,ring/nothing,')"
ktap_end
