#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lint.sh - the tree passes all checks of the project, and each check can fail
. ../ktap.sh

top=$(cd ../.. && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A copy of the tree, to be corrupted.
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

# corrupt CHECK FILE FAULT: the check passes on a copy, and fails with the fault
corrupt()
{
	copy
	ktap "$1 passes $2" judged "$1" "$2"
	printf '%s\n' "$3" >>"$work/tree/$2"
	ktap_not "$1 sees a fault in $2" judged "$1" "$2"
}

# call FLOOR CODE: an object of a floor that calls what it may not
call()
{
	rm -rf "$work/obj"
	cp -r "$top/build/obj" "$work/obj"
	printf '%s\n' "$2" | cc -x c -c - -o "$work/obj/tapcompat/$1/fault.o"
	ktap_not "lint-calls: $1 may not: $2" "$top/scripts/check-floors" --calls "$work/obj"
}

# unneeded FLOOR CODE: an object with a global symbol that no other file needs
unneeded()
{
	rm -rf "$work/obj"
	cp -r "$top/build/obj" "$work/obj"
	printf '%s\n' "$2" | cc -x c -c - -o "$work/obj/tapcompat/$1/fault.o"
	ktap_not "lint-calls: nothing needs: $2" "$top/scripts/check-globals" "$work/obj"
}

# picture FILE SED: FLOORS and design.rst do not agree
picture()
{
	copy
	sed -i "$2" "$work/tree/$1"
	ktap_not "lint-house sees that $1 is wrong" judged lint-house x
}

checks="lint-house lint-spell lint-calls lint-gcc lint-clang lint-tidy lint-cppcheck"
ktap_plan 36
for check in $checks; do
	ktap "$check" make -s -C "$top" "$check"
done
kind=G
corrupt lint-house selftests/hostile-rows "${kind}99 a row without a test"
corrupt lint-house tapcompat/ground/mask.c '#include "kernel/tap.h"'
corrupt lint-house tools/output.c '#include "packet/judge.h"'
corrupt lint-house tapcompat/packet/csum.c "int too_long(void)
{
$(yes '	return 0;' | head -n 71)
}"
corrupt lint-house tapcompat/packet/flow.c 'int blanks; '
call ground 'int mask_names(void); int fault(void) { return mask_names(); }'
call packet 'int open(const char *); int fault(void) { return open(""); }'
call ring 'void *malloc(unsigned long); void *fault(void) { return malloc(1); }'
unneeded ground 'int fault(void) { return 0; }'
unneeded ring 'int fault_table[2] = { 1, 2 };'
picture tapcompat/FLOORS 's/^fleet  *-/& probe/'
picture Documentation/design.rst 's/^``ring`` (uses nothing)/``ring`` (uses ground)/'
# In two parts, because codespell reads this file too.
corrupt lint-spell README.md 'The guest re''cieves frames.'
corrupt lint-gcc tapcompat/packet/csum.c 'static int unused(void) { return 0; }'
corrupt lint-clang tapcompat/packet/csum.c \
	'int self(int a); int self(int a) { a = a; return a; }'
corrupt lint-gcc tapcompat/ground/text.c '#include <stdlib.h>
void twice(char *p); void twice(char *p) { free(p); free(p); }'
corrupt lint-tidy tapcompat/ground/text.c \
	'int branch(int a); int branch(int a) { if (a) return 1; else return 1; }'
corrupt lint-cppcheck tapcompat/ground/text.c \
	'int beyond(void); int beyond(void) { int a[2] = { 0, 0 }; return a[2]; }'
ktap_end
