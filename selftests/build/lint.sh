#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lint.sh - the house is in order, and each check of it can fail
. ../ktap.sh

top=$(cd ../.. && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A copy of the tree, to be spoiled.
copy()
{
	rm -rf "$work/tree"
	mkdir -p "$work/tree"
	(cd "$top" && git ls-files -co --exclude-standard | tar -cf - -T -) |
		tar -xf - -C "$work/tree"
	git -C "$work/tree" init -q
	mkdir -p "$work/tree/build/obj/tapcompat"
	cp "$top/build/obj/tapcompat/steer.skel.h" "$work/tree/build/obj/tapcompat/"
	touch "$work/tree/build/obj/tapcompat/steer.skel.h"
}

# What the check says of the copy.
judged()
{
	make -s -o build/obj/tapcompat/steer.skel.h -C "$work/tree" "$1" LINT_SOURCES="$2"
}

# spoil CHECK FILE FAULT: the check passes on a copy, and fails with the fault
spoil()
{
	copy
	ktap "$1 passes $2" judged "$1" "$2"
	printf '%s\n' "$3" >>"$work/tree/$2"
	ktap_not "$1 sees a fault in $2" judged "$1" "$2"
}

checks="lint-house lint-gcc lint-clang lint-tidy lint-cppcheck"
ktap_plan 23
for check in $checks; do
	ktap "$check" make -s -C "$top" "$check"
done
spoil lint-house tapcompat/pure/mask.c '#include "edge/tap.h"'
spoil lint-house tools/output.c '#include "pure/judge.h"'
spoil lint-house tapcompat/pure/csum.c "int too_long(void)
{
$(yes '	return 0;' | head -n 71)
}"
spoil lint-house tapcompat/pure/flow.c 'int blanks; '
spoil lint-gcc tapcompat/pure/csum.c 'static int unused(void) { return 0; }'
spoil lint-clang tapcompat/pure/csum.c \
	'int self(int a); int self(int a) { a = a; return a; }'
spoil lint-gcc tapcompat/ground/text.c '#include <stdlib.h>
void twice(char *p); void twice(char *p) { free(p); free(p); }'
spoil lint-tidy tapcompat/ground/text.c \
	'int branch(int a); int branch(int a) { if (a) return 1; else return 1; }'
spoil lint-cppcheck tapcompat/ground/text.c \
	'int beyond(void); int beyond(void) { int a[2] = { 0, 0 }; return a[2]; }'
ktap_end
