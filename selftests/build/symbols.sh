#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# symbols.sh - what the library exports is what its header and its map say
. ../ktap.sh

top=../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm -D --defined-only $top/build/libtapcompat.so |
	awk '$2 != "A" && !/@TAPCOMPAT_PRIVATE/ { sub(/@.*/, "", $3); print $3 }' |
	sort >"$work/exported"
grep -oE 'tapcompat_[a-z_0-9]+' $top/tapcompat/libtapcompat.map | sort >"$work/map"
nm -D --defined-only $top/build/libtapcompat-shim.so | awk '{ print $3 }' | sort >"$work/shim"
sed -n 's/[{}]//g; /local:/d; s/global://; /^#/d; s/;/\n/gp' $top/tapcompat/shim/shim.map |
	tr -d ' \t' | grep . | sort >"$work/shim-map"
# A declaration is a name in front of a parenthesis, outside of comments.
gcc -E -P -I$top/uapi -include tapcompat_fleet.h -include tapcompat_shim.h -x c /dev/null |
	grep -oE '\btapcompat_[a-z_0-9]+ *\(' | tr -d ' (' | sort -u >"$work/header"

soname()
{
	objdump -p $top/build/libtapcompat.so | grep -q 'SONAME *libtapcompat\.so\.0$'
}

version()
{
	said=$($top/build/tapcompat --version)
	header=$(sed -n 's/^.define TAPCOMPAT_VERSION_[A-Z]* //p' $top/uapi/tapcompat.h |
		paste -sd.)
	[ "$said" = "tapcompat $header" ]
}

# The program is a user like any other: it takes the library at run time.
first_user()
{
	objdump -p $top/build/tapcompat | grep -q 'NEEDED *libtapcompat\.so\.0$' &&
		! objdump -p $top/build/tapcompat | grep -E 'NEEDED' | grep -vE 'tapcompat|libc\.'
}

ktap_plan 7
ktap "exported as in the map" diff "$work/map" "$work/exported"
ktap "exported as in the header" diff "$work/header" "$work/exported"
ktap "the shim defines what its map has" diff "$work/shim-map" "$work/shim"
ktap "there are some" test -s "$work/exported"
ktap "soname" soname
ktap "one version" version
ktap "tapcompat(1) uses nothing but the library" first_user
ktap_end
