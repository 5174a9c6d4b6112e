#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# symbols.sh - what the library exports is what its headers and its map say
. ../ktap.sh

top=../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

version=$(sed -n 's/^.define TAPCOMPAT_VERSION_[A-Z]* //p' $top/uapi/tapcompat.h | paste -sd.)
private=TAPCOMPAT_PRIVATE_$(echo "$version" | tr . _)

# The symbols of a version node of the library.
exported()
{
	nm -D --defined-only --with-symbol-versions $top/build/libtapcompat.so |
		sed -n "s/.* T \(.*\)@@$1\$/\1/p" | sort
}

# The lines of a version node of the map.
mapped()
{
	awk -v node="$1" '$1 ~ /^TAPCOMPAT_/ { on = $1 == node }
		on && /^\t[a-z_0-9]+;/ { sub(/;/, ""); print $1 }' $top/tapcompat/libtapcompat.map |
		sort
}

# A declaration is a name in front of a parenthesis, outside of comments.
declared()
{
	gcc -E -P -I$top/uapi -x c - | grep -oE '\b[a-z_0-9]+ *\(' | tr -d ' (' | sort -u
}

nm -D --defined-only $top/build/libtapcompat-shim.so | awk '{ print $3 }' | sort >"$work/shim"
sed -n 's/[{}]//g; /local:/d; s/global://; /^#/d; s/;/\n/gp' $top/tapcompat/shim/shim.map |
	tr -d ' \t' | grep . | sort >"$work/shim-map"
exported TAPCOMPAT_0 >"$work/public"
exported "$private" >"$work/private"
mapped TAPCOMPAT_0 >"$work/public-map"
mapped "$private" >"$work/private-map"
# The installed headers, and all others.
printf '#include "%s"\n' $top/uapi/tapcompat*.h | sed 1i'#include <linux/types.h>' |
	declared >"$work/any-public"
grep '^tapcompat_' "$work/any-public" >"$work/header"
cat $top/tapcompat/*/*.h | sed '/^#/d' | declared >"$work/internal"

# All that is exported is in one of the two nodes.
two_nodes()
{
	nm -D --defined-only $top/build/libtapcompat.so | awk '$2 != "A"' | wc -l >"$work/all"
	cat "$work/public" "$work/private" | wc -l | diff - "$work/all"
}

# The public ones have the prefix, the private ones do not.
named()
{
	! grep -v '^tapcompat_' "$work/public" && ! grep '^tapcompat_' "$work/private"
}

private_declared()
{
	[ -s "$work/private" ] && ! comm -23 "$work/private" "$work/internal" | grep . &&
		! comm -12 "$work/private" "$work/any-public" | grep .
}

# A comment names each public function: what it takes, who frees what it returns, errors.
documented()
{
	while read -r name; do
		grep -qE "^ \* (.*, )?$name\(\)(,| - )" $top/uapi/*.h ||
			{ echo "$name has no comment"; false; } || return
	done <"$work/public"
}

soname()
{
	objdump -p $top/build/libtapcompat.so | grep -q 'SONAME *libtapcompat\.so\.0$'
}

one_version()
{
	[ "$($top/build/tapcompat --version)" = "tapcompat $version" ]
}

# The same program, as if it were of another version.
other_version()
{
	sed "s/$private/$(echo "$private" | tr '0-9' '1-90')/g" $top/build/tapcompat \
		>"$work/tapcompat" && chmod +x "$work/tapcompat" &&
		! cmp -s $top/build/tapcompat "$work/tapcompat" || return
	! LD_LIBRARY_PATH=$top/build "$work/tapcompat" --version 2>"$work/said" &&
		grep "version .TAPCOMPAT_PRIVATE_.* not found" "$work/said"
}

# A program that uses public functions alone needs nothing of the private node.
outside_user()
{
	printf '#include <tapcompat.h>\nint main(void) { return !tapcompat_version(); }\n' |
		gcc -x c -I$top/uapi - -L$top/build -ltapcompat -o "$work/user" &&
		LD_LIBRARY_PATH=$top/build "$work/user" &&
		! objdump -p "$work/user" | grep TAPCOMPAT_PRIVATE
}

# The program is a user like any other: it takes the library at run time.
first_user()
{
	objdump -p $top/build/tapcompat | grep -q 'NEEDED *libtapcompat\.so\.0$' &&
		! objdump -p $top/build/tapcompat | grep -E 'NEEDED' | grep -vE 'tapcompat|libc\.'
}

ktap_plan 14
ktap "public ones as in the map" diff "$work/public-map" "$work/public"
ktap "public ones as in the installed headers" diff "$work/header" "$work/public"
ktap "public ones have a comment" documented
ktap "private ones as in the map, of this version" diff "$work/private-map" "$work/private"
ktap "private ones are in internal headers and in no installed one" private_declared
ktap "nothing else is exported" two_nodes
ktap "names say which is which" named
ktap "the shim defines what its map has" diff "$work/shim-map" "$work/shim"
ktap "there are some" test -s "$work/public"
ktap "soname" soname
ktap "one version" one_version
ktap "tapcompat(1) of another version does not start" other_version
ktap "a program that is linked by the headers needs no private ones" outside_user
ktap "tapcompat(1) uses nothing but the library" first_user
ktap_end
