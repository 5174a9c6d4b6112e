#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# abi.sh - the library's interface is that of its baseline, and changes are noticed
. ../ktap.sh

top=../..
abi=$top/tapcompat/libtapcompat.abi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# against SCRIPT: the library with a baseline that was edited
against()
{
	sed "$1" "$abi" >"$work/abi"
	! cmp -s "$abi" "$work/abi" && "$top/scripts/check-abi" "$work/abi"
}

# noticed SCRIPT PATTERN: that is an incompatible change, named in the report
noticed()
{
	! against "$1" >"$work/said" 2>&1 && grep -qE "$2" "$work/said" ||
		{ cat "$work/said"; return 1; }
}

within()
{
	echo "/class-decl name='$1'/,/<.class-decl>/"
}

# In the baseline, the last member is not there yet.
last=$(within tapcompat_explain_options)
grown="$last { s/size-in-bits='448'/size-in-bits='384'/
	/layout-offset-in-bits='384'/,/<.data-member>/d }"

ktap_plan 6
"$top/scripts/check-abi" >"$work/out" 2>&1
if [ $? = 4 ]; then
	echo "ok 1 # SKIP $(cat "$work/out")"
	exit
fi
ktap "the interface is that of the baseline" "$top/scripts/check-abi"
ktap "a function that is gone" noticed s/tapcompat_version/tapcompat_gone/g \
	"1 Removed|tapcompat_gone"
ktap "a member that moved" noticed \
	"$(within tapcompat_finding)s/offset-in-bits='64'/offset-in-bits='96'/" "tapcompat_finding"
ktap "an enumerator with another value" noticed \
	"s/name='TAPCOMPAT_FAIL' value='2'/name='TAPCOMPAT_FAIL' value='3'/" "TAPCOMPAT_FAIL"
ktap "a function may be added" against "/elf-symbol name='tapcompat_version'/d
	/function-decl name='tapcompat_version'/,/<.function-decl>/d"
ktap "options that grow are to be reviewed" noticed "$grown" "tapcompat_explain_options"
ktap_end
