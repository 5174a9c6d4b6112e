#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sanitizers.sh - the library under AddressSanitizer and UBSan
. ../ktap.sh

top=$(cd ../.. && pwd)
# The sanitizer must be the first library, also before those that a runner preloads.
export ASAN_OPTIONS=abort_on_error=0:detect_leaks=1:verify_asan_link_order=0
export UBSAN_OPTIONS=print_stacktrace=1

builds()
{
	make -s -j"$(nproc)" -C "$top" SANITIZE=1 all build/sanitize/libtapcompat.a
}

# The tests of the pure floor, linked against the sanitized library.
pure()
{
	make -s -C "$top/selftests" SANITIZE=1 TARGETS="ground table feature packet ring" \
		run_tests >"$work/log" 2>&1
	"$top/scripts/ktap-summary" "$work/log" | tail -n4
	"$top/scripts/ktap-summary" "$work/log" >/dev/null
}

# A report of a sanitizer, in the parent or in the child, is on stderr.
clean()
{
	"$top/build/sanitize/tapcompat" "$@" >"$work/out" 2>"$work/err"
	code=$?
	cat "$work/err"
	! grep -qE 'Sanitizer|runtime error' "$work/err" && [ $code -ne 1 ]
}

# The privileged program, as far as it gets without QEMU.
helper()
{
	for arguments in --help --nonsense "--use-vnet --fd=1 --require=host_uso" --fd=99; do
		# shellcheck disable=SC2086
		"$top/build/sanitize/tapcompat-helper" $arguments >"$work/out" 2>"$work/err"
		cat "$work/err"
		! grep -qE 'Sanitizer|runtime error' "$work/err" || return
	done
}

# Its test asks every point for reports.
hook()
{
	out=$top/build/selftests/service
	mkdir -p "$out" && make -s -C ../service OUTPUT="$out" "$out/uname.so" &&
		(cd ../service && SANITIZE=1 ./hook.sh)
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ktap_plan 17
ktap "builds" builds
ktap "table and pure floor" pure
ktap "probe" clean probe
ktap "probe -j" clean probe -j --no-verify
ktap "probe --help" clean probe --help
ktap "a usage error" clean probe -j --nonsense
ktap "check" clean check -j --model=tapnet-v2 --backend=vhost-net \
	--caps=../documents/linux-6.12.json
for format in nfd prometheus nova; do
	ktap "probe --format=$format" clean probe --format=$format --output="$work/file" \
		--caps=../documents/linux-6.12.json
done
ktap "not a document" clean check --require=csum --caps=sanitizers.sh
ktap "stat" clean stat $$
ktap "run" clean run --emulate=host_uso --mask=csum:mq /bin/true
ktap "run, not a program" clean run --no-verify "$top/Makefile"
ktap "offer" clean offer --caps=../documents/linux-6.12.json --qemu=/bin/cat
ktap "the hook" hook
ktap "the helper" helper
ktap_end
