#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# header.sh - the public headers compile alone, as C and as C++
. ../ktap.sh

uapi=../../uapi
strict="-Wall -Wextra -Wpedantic -Werror -fsyntax-only -I$uapi"

alone()
{
	compiler=$1 language=$2 standard=$3
	printf '#include <%s>\n' tapcompat_shim.h tapcompat_fleet.h tapcompat_nic.h |
		$compiler -x "$language" "-std=$standard" $strict -
}

ktap_plan 8
ktap "gcc, C99" alone gcc c c99
ktap "gcc, gnu11" alone gcc c gnu11
ktap "clang, C99" alone clang c c99
ktap "clang, C17" alone clang c c17
ktap "g++, C++11" alone g++ c++ c++11
ktap "g++, C++20" alone g++ c++ c++20
ktap "clang++, C++17" alone clang++ c++ c++17
ktap_not "a fault in it would be seen" sh -c "
	{ cat $uapi/tapcompat.h; echo 'int tapcompat_probe(void);'; } |
		gcc -x c -std=c99 $strict -"
ktap_end
