#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bindings.sh - the Python bindings, and the examples, against an installed tree
. ../ktap.sh

top=$(cd ../.. && pwd)
old=$top/selftests/documents/linux-6.1.json
new=$top/selftests/documents/linux-6.12.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/usr
export PYTHONPATH="$prefix/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1
unset LD_LIBRARY_PATH

installed()
{
	make -s -C "$top" install PREFIX="$prefix" && [ -e "$PYTHONPATH/tapcompat.py" ]
}

# One point for each test; those that skip say why.
bindings()
{
	timeout 120 /usr/bin/python3 bindings.py -v
}

# That library is loaded which was installed with the module.
own_library()
{
	/usr/bin/python3 -c 'import tapcompat
print(*(line for line in open("/proc/self/maps") if "libtapcompat" in line))' |
		grep -qF "$prefix/lib/libtapcompat.so.0"
}

documented()
{
	/usr/bin/python3 -c 'import tapcompat
missing = [n for n in tapcompat.__all__ if not getattr(tapcompat, n).__doc__]
assert not missing, missing' && /usr/bin/python3 -m pydoc tapcompat | grep -qF 'baseline(hosts, '
}

cat >"$work/expected" <<'E2'
linux-6.1 lacks host_uso
linux-6.12 has host_uso
-device virtio-net-pci,netdev=net0,host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off
E2

# answers COMMAND…: what both examples print, and how they fail
answers()
{
	timeout 60 "$@" host_uso "$old" "$new" >"$work/out" && diff "$work/expected" "$work/out" &&
		! timeout 60 "$@" host_uso "$work/none" 2>"$work/err" &&
		grep -q "$work/none" "$work/err" && ! timeout 60 "$@" 2>"$work/err" &&
		grep -q FEATURE "$work/err" && ! timeout 60 "$@" usb "$old" 2>"$work/err" &&
		grep -q usb "$work/err"
}

c_example()
{
	# shellcheck disable=SC2046
	cc -Wall -Wextra -Werror "$top/examples/fleet.c" -o "$work/fleet" $(PKG_CONFIG_PATH=\
$prefix/lib/pkgconfig pkg-config --cflags --libs libtapcompat) -Wl,-rpath,"$prefix/lib" &&
		answers "$work/fleet"
}

ktap_plan 6
ktap "make install" installed
ktap "the bindings give the program's answers" bindings
ktap "they load the library of their installation" own_library
ktap "each function has a docstring" documented
ktap "the C example" c_example
ktap "the Python example" answers /usr/bin/python3 "$top/examples/fleet.py"
ktap_end
