#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kselftest.sh - the tests as a kernel CI uses them: installed, packed, on a machine that
# has a shell and the C library and nothing else, and counted
. ../ktap.sh

top=$(cd ../.. && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
there=$work/system/somewhere/else

# Twice, for a directory may be used again.
installed()
{
	for target in install gen_tar; do
		make -s -C .. $target INSTALL_PATH="$work/installed" >"$work/out" 2>&1 ||
			{ cat "$work/out"; return 1; }
	done
	[ "$(tail -n1 "$work/out")" = "$work/installed/kselftest-packages/kselftest.tar.gz" ]
}

listed()
{
	sed 's,:,/,' "$work/installed/kselftest-list.txt" >"$work/list"
	[ -s "$work/list" ] || return
	while read -r program; do
		[ -x "$work/installed/$program" ] || { echo "$program"; return 1; }
	done <"$work/list"
}

explained()
{
	make -s -C .. help >"$work/out"
	for topic in $(cut -d: -f1 "$work/installed/kselftest-list.txt" | sort -u); do
		grep -q "installed are:.* $topic" "$work/out" || { echo "$topic"; return 1; }
	done
	grep -q '^INSTALL_PATH= */' "$work/out"
}

# A system of busybox and the C library, and in it what was packed.
unpacked()
{
	for directory in bin usr/bin lib64 proc sys dev run mnt etc tmp; do
		mkdir -p "$work/system/$directory"
	done
	cp /bin/busybox "$work/system/bin/"
	for name in $(/bin/busybox --list); do
		ln -s /bin/busybox "$work/system/bin/$name"
		ln -s /bin/busybox "$work/system/usr/bin/$name"
	done
	# The kernel's runner takes it for that of coreutils, with --foreground, where it is.
	rm "$work/system/usr/bin/timeout"
	ldd /bin/ls /usr/bin/gawk /usr/bin/python3 2>/dev/null |
		grep -oE '/\S*/(ld-linux\S*|libc|libm|libdl|libpthread|librt)\.so\.[0-9]+' |
		sort -u | while read -r library; do
		mkdir -p "$work/system$(dirname "$library")"
		cp -L "$library" "$work/system$library"
	done
	mkdir -p "$there"
	tar -xzf "$work/installed/kselftest-packages/kselftest.tar.gz" -C "$there"
}

# From another directory, by the path of the script.  The kernel's runner opens its
# standard output again: a file would be overwritten.
runs()
{
	timeout 300 "$top/scripts/debian-enter" "$work/system" \
		/somewhere/else/run_kselftest.sh 2>&1 | cat >"$work/log"
	[ "$(grep -cE '^ok [0-9]+ selftests: ' "$work/log")" = "$(wc -l <"$work/list")" ] &&
		"$top/scripts/ktap-summary" "$work/log" >"$work/out" && return
	grep '^not ok' "$work/log" || tail -n 30 "$work/log"
	return 1
}

counts_there()
{
	timeout 60 "$top/scripts/debian-enter" "$work/system" sh -c 'cd /somewhere/else &&
		./run_kselftest.sh -c table | ./ktap-summary' >"$work/out" 2>&1 &&
		tail -n1 "$work/out" | grep -qE '^# [1-9][0-9]* passed, 0 failed, ' &&
		! "$top/scripts/debian-enter" "$work/system" sh -c 'cd /somewhere/else &&
			rm table/feature && ./run_kselftest.sh -c table | ./ktap-summary' \
			>"$work/out" 2>&1 &&
		grep -q '^# FAILED: table: feature' "$work/out"
}

# Perl's own reader of TAP, for the stream of each program and of each collection.
tap_is_valid()
{
	(cd "$work/installed" && prove -Q --exec env $(grep -E '^(table|offload|ring)/' \
		"$work/list")) || return
	awk -v work="$work" '/^TAP version/ { n++ } n { print >(work "/stream." n) }' "$work/log"
	[ "$(find "$work" -name 'stream.*' | wc -l)" = \
		"$(cut -d/ -f1 "$work/list" | sort -u | wc -l)" ] &&
		prove -Q --exec cat "$work"/stream.*
}

# summary STATUS LINES: the status of ktap-summary, from a file and from a pipe
summary()
{
	printf '%b' "$2" >"$work/stream"
	"$top/scripts/ktap-summary" "$work/stream" >"$work/out"
	[ $? = "$1" ] || { cat "$work/out"; return 1; }
	"$top/scripts/ktap-summary" <"$work/stream" >"$work/out"
	[ $? = "$1" ] && ! diff "$work/stream" "$work/out" | grep '^<'
}

one="TAP version 13\n1..2\n# TAP version 13\n# 1..1\n# ok 1 a\nok 1 selftests: t: one\n"

ktap_plan 13
ktap "installed and packed" installed
ktap "each program of the list is there" listed
ktap "help" explained
ktap "unpacked where there is no compiler and no package manager" unpacked
ktap "all run there" runs
ktap "and are counted there" counts_there
ktap "perl reads the streams" tap_is_valid
ktap "success" summary 0 "$one# 1..1\n# ok 1 b\nok 2 selftests: t: two\n"
ktap "a failure" summary 1 "$one# 1..1\n# not ok 1 b\nnot ok 2 selftests: t: two # exit=1\n"
ktap "a program that did not end" summary 1 "$one# 1..1\n# ok 1 b\n"
ktap "a program that was not started" summary 1 "$one"
ktap "a program that ends before its last test" \
	summary 1 "$one# 1..2\n# ok 1 b\nok 2 selftests: t: two\n"
ktap "no test at all" summary 1 "TAP version 13\n"
ktap_end
