#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# documents.sh - the manual is well formed and says what the programs take
. ../ktap.sh

top=../..
man=$top/Documentation/man

# Every long option that --help names is in the manual, and the other way round.
options_agree()
{
	command=$1 page=$2
	"$top/build/tapcompat" "$command" --help | grep -oE '^ +(-[a-z], )?--[a-z-]+' |
		grep -oE '\-\-[a-z-]+' | sort -u >"$work/help"
	sed 's/\\//g' "$page" | grep -E '^\.(B|BR|IR|TP|BI) ' | grep -oE '\-\-[a-z-]+' |
		sort -u >"$work/manual"
	diff "$work/help" "$work/manual"
}

# tapcompat(1) names every command, and no other.
overview_agrees()
{
	echo "$commands" | tr ' ' '\n' | sort >"$work/commands"
	sed 's/\\//g' $man/tapcompat.1 | sed -n 's/^\.BR tapcompat-\([a-z]*\) (1)$/\1/p' |
		sort -u >"$work/named"
	diff "$work/commands" "$work/named"
}

# The README's commands and options exist.
readme_is_true()
{
	for target in $(grep -oE 'make [a-z][a-z-]+' $top/README.md | cut -d' ' -f2 | sort -u); do
		grep -q "^$target:" $top/Makefile || { echo "make $target"; return 1; }
	done
	for command in $commands; do
		for option in $(grep -oE "tapcompat $command[^\`|#']*" $top/README.md |
				grep -oE '\-\-[a-z-]+' | sort -u); do
			"$top/build/tapcompat" "$command" --help | grep -q -- "$option" ||
				{ echo "$command $option"; return 1; }
		done
	done
}

files_exist()
{
	directories='Documentation|uapi|tapcompat|tools|helper|selftests|scripts|packaging'
	# tools/testing is in the kernel's tree.
	for file in $(grep -ohE "\\b($directories)/[A-Za-z0-9_./-]+" $top/README.md \
			$top/Documentation/*.rst | sed 's/[.,;:]*$//; /^tools\/testing/d' |
			sort -u); do
		[ -e "$top/$file" ] || { echo "$file"; return 1; }
	done
}

# Nothing in the tree speaks of the machine that it was made on.
speaks_of_itself()
{
	! git -C $top grep -nIE '/(root|home)/[a-z]|TODO|FIXME|XXX' -- . \
		':!selftests/build/documents.sh' ':!COPYING*'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A real answer for each schema; a schema that is not listed here has none, which is detected.
answer()
{
	older=../documents/linux-6.1.json newer=../documents/linux-6.12.json
	case $1 in
	capabilities)	set -- probe --no-verify ;;
	error)		set -- nonsense ;;
	models)		set -- models ;;
	comparison)	set -- compare $older $newer ;;
	baseline)	set -- baseline --holds=0x1c0010130afffaf $older $newer ;;
	explanation)	set -- explain 0x1c0010130afffaf 0x10179bfffef ;;
	vm)		set -- record --model=tapnet-v2 --caps=$newer ;;
	check)		set -- check --vm="$work/vm" --caps=$older ;;
	audit)		set -- audit "$work/vm" --against=$older ;;
	*)		return 1 ;;
	esac
	"$top/build/tapcompat" -j "$@"
}

# The same, with one value that must not be there.
corrupt()
{
	case $1 in
	capabilities)	filter='.backends[0].available = "yes"' ;;
	error)		filter='.error.exit = 0' ;;
	models)		filter='.models[0].mask = 1' ;;
	comparison)	filter='.result = "equal"' ;;
	baseline)	filter='del(.landing[0].lands)' ;;
	explanation)	filter='.explanations[0].bits[0].bit = 128' ;;
	vm)		filter='.requested.csum = "perhaps"' ;;
	check)		filter='.device = ""' ;;
	audit)		filter='.machines[0].cards[0].verdicts[0].verdict = "perhaps"' ;;
	*)		return 1 ;;
	esac
	jq "$filter" "$work/$1"
}

schema_holds()
{
	answer "$1" >"$work/$1" 2>/dev/null
	./schema.py "$1" "$work/$1"
}

# Errors are in the document; other messages of a failing program are not read.
refused()
{
	! found=$(./schema.py "$1" "$work/corrupted") && [ -n "$found" ]
}

schema_refuses()
{
	corrupt "$1" >"$work/corrupted" && refused "$1" &&
		jq '.version = 2' "$work/$1" >"$work/corrupted" && refused "$1"
}

# Each schema has the address that others refer to it by, and refers to no file's name.
schemas_have_addresses()
{
	at=https://tapcompat.io/schema/
	for file in "$top"/uapi/*.schema.json; do
		jq -e --arg at "$at" --arg name "${file##*/}" '."$id" == $at + $name and
			([.. | objects | ."$ref"? // empty | strings] |
				all(test("^(#|" + $at + "tapcompat-[a-z]+[.]schema[.]json#)")))
			' "$file" >/dev/null || { echo "$file"; return 1; }
	done
}

# Debian's own Python, and not another one that is before it in PATH: references within a
# schema and to another one are followed.
debian_resolves()
{
	debian="/usr/bin/python3 -I schema.py"
	$debian check "$work/check" && $debian capabilities "$work/capabilities" || return
	jq '.missing = "0xZZ"' "$work/check" >"$work/corrupted" &&
		$debian check "$work/corrupted" >"$work/said"
	grep -q "^missing '0xZZ' does not match" "$work/said" || { cat "$work/said"; return 1; }
	jq '.error = {exit: 0, message: ""}' "$work/capabilities" >"$work/corrupted" &&
		$debian capabilities "$work/corrupted" >"$work/said"
	grep -q "^error/exit 0 " "$work/said" || { cat "$work/said"; return 1; }
}

commands=$("$top/build/tapcompat" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
commands=$(echo $commands)
# tapcompat-offer's needs a QEMU, and is tested in ../qemu, tapcompat-stat's a process with
# counters, in ../stat.  A record comes before its check.
schemas="vm $(cd $top/uapi && printf '%s\n' *.schema.json |
	sed 's/^tapcompat-//; s/\.schema\.json$//' | grep -vxE 'offer|stat|vm')"

# shellcheck disable=SC2086
ktap_plan $((9 + $(echo $commands | wc -w) + 2 * $(echo $schemas | wc -w)))
ktap "man pages are well formed" mandoc -Tlint -Wwarning $man/*.[1-8] $top/build/*.7
ktap "the schema of offers is tested in qemu" grep -q 'schema.py offer' ../qemu/offer.sh
ktap "the schema of counters is tested in stat" grep -q 'schema.py stat' ../stat/stat.sh
for schema in $schemas; do
	ktap "a document is as the schema $schema says" schema_holds "$schema"
	ktap "and another would not be" schema_refuses "$schema"
done
ktap "schemas refer to each other by address" schemas_have_addresses
ktap "Debian's python3-jsonschema follows the references" debian_resolves
ktap "tapcompat(1) names the commands of --help" overview_agrees
for command in $commands; do
	ktap "tapcompat-$command(1) has the options of --help" \
		options_agree "$command" "$man/tapcompat-$command.1"
done
ktap "the README names existing files and commands" readme_is_true
ktap "files that are named exist" files_exist
ktap "no names from outside the tree" speaks_of_itself
ktap_end
