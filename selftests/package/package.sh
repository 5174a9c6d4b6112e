#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# package.sh - the Debian packages: what is in them, and what becomes of a system that has them
. ../ktap.sh

unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL TARGETS OUTPUT

top=$(cd ../.. && pwd)
store=$top/build/package
first=$store/debian
second=$store/in/another/directory
older=$store/older
root=$store/root
here=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

packages="tapcompat tapcompat-shim tapcompat-helper libtapcompat0 libtapcompat-dev
	python3-tapcompat tapcompat-selftests"

# ---- Builds

built()
{
	"$top/scripts/package" "$first"
}

# Nothing of the directory, the time, the locale or the umask is in them.
reproducible()
{
	(umask 002 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$top/scripts/package" "$second") || return
	for file in "$first"/*.deb "$first"/*.tar.xz "$first"/*.dsc; do
		cmp "$file" "$second/${file##*/}" || return
	done
}

# The same, but older: what has been compiled is used again.
older_built()
{
	tree=$(echo "$second"/tapcompat-*/)
	rm -rf "$older" "$work/keep"
	mkdir "$older" "$work/keep"
	mv "$second"/*.deb "$work/keep/"
	(cd "$tree" && sed -i '1s/([^)]*)/(0.0.9-1)/' debian/changelog &&
		dpkg-buildpackage -us -uc -b -nc >"$store/older.log" 2>&1) ||
		{ tail -n 20 "$store/older.log"; return 1; }
	mv "$second"/*.deb "$older/"
	for package in $packages; do
		[ -e "$older/${package}"_0.0.9-1_*.deb ] || return
	done
}

lintian_finds_nothing()
{
	lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs \
		"$first"/*.changes
}

deb()
{
	echo "$first/$1"_*.deb
}

# Mode, owner and path of each file, of each package.
contents()
{
	for package in $packages; do
		dpkg-deb -c "$(deb "$package")" | grep -v '/$' |
			sed -E "s/^(\S+) (\S+) .* [0-9:]+ \.(\/\S+)( -> .*)?$/$package \1 \2 \3\4/"
	done | sed "s|/$(dpkg-architecture -q DEB_HOST_MULTIARCH)/|/MULTIARCH/|" | LC_ALL=C sort
}

files_are_listed()
{
	contents >"$work/contents" && diff "$here/files" "$work/contents"
}

# Public functions are added to it by hand, with the version that has them first.
symbols_are_listed()
{
	sed -n '/^TAPCOMPAT_0 {/,/^local:/s/^\t\([a-z0-9_]*\);$/\1/p' \
		"$top/tapcompat/libtapcompat.map" | sort >"$work/map"
	sed -n 's/^ \([a-z0-9_]*\)@TAPCOMPAT_0 .*/\1/p' "$top/debian/libtapcompat0.symbols" |
		sort | diff "$work/map" -
}

# A program that links the library depends on the release that had its symbols first.
dependencies()
{
	dpkg-deb -f "$(deb tapcompat)" Depends | grep -F "libtapcompat0 (= $(version))" &&
		dpkg-deb -f "$(deb tapcompat-shim)" Depends | grep -F "tapcompat (= $(version))" &&
		! dpkg-deb -f "$(deb tapcompat-helper)" Depends | grep tapcompat
}

version()
{
	dpkg-parsechangelog -l "$top/debian/changelog" -S Version
}

# ---- A clean system

# What the packages need is in the tree, so that no test needs the network.
needed()
{
	for package in $packages; do
		dpkg-deb -f "$(deb "$package")" Depends
	done | tr ',' '\n' | sed -E 's/^ *//; s/[ |(].*//' | grep -v tapcompat | sort -u
}

# Made once; each test works on a layer above it, which goes away with the test.
system()
{
	# shellcheck disable=SC2046
	"$top/scripts/debian-tree" own "$root" $(needed)
}

# TEST: a function of inside.sh, in that system, without network, and with the packages.
inside()
{
	rm -rf "$work/new" "$work/old"
	mkdir "$work/new" "$work/old"
	cp "$first"/*.deb "$work/new/"
	cp "$older"/*.deb "$work/old/"
	rm -f "$work"/*/*dbgsym*
	timeout 300 "$top/scripts/debian-enter" -b "$work/new:/new" -b "$work/old:/old" \
		-b "$here:/package" "$root" sh /package/inside.sh "$1"
}

ktap_plan 15
ktap "they are built" built
ktap "and the same in another directory" reproducible
ktap "and as an older version" older_built
ktap "lintian" lintian_finds_nothing
ktap "files, their modes and owners" files_are_listed
ktap "symbols of the library" symbols_are_listed
ktap "dependencies" dependencies
ktap "a clean system" system
ktap "they are installed, and enable nothing" inside installed
ktap "the programs find their libraries" inside programs
ktap "the library is found by pkg-config's file" inside library
ktap "the selftests run" inside selftests
ktap "an upgrade keeps what the administrator has changed" inside upgraded
ktap "a library of another version is refused" inside mixed
ktap "purged, they leave nothing" inside purged
ktap_end
