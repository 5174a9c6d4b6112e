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

# The README's commands and options exist.
readme_is_true()
{
	for target in $(grep -oE 'make [a-z][a-z-]+' $top/README.md | cut -d' ' -f2 | sort -u); do
		grep -q "^$target:" $top/Makefile || { echo "make $target"; return 1; }
	done
	for command in probe check offer qmp hook; do
		for option in $(grep -oE "tapcompat $command[^\`|#]*" $top/README.md |
				grep -oE '\-\-[a-z-]+' | sort -u); do
			"$top/build/tapcompat" $command --help | grep -q -- "$option" ||
				{ echo "$command $option"; return 1; }
		done
	done
}

files_exist()
{
	folders='Documentation|uapi|tapcompat|tools|helper|selftests|scripts'
	for file in $(grep -ohE "\\b($folders)/[A-Za-z0-9_./-]+" $top/README.md \
			$top/Documentation/*.rst | sed 's/[.,;:]*$//' | sort -u); do
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

schemas_hold()
{
	"$top/build/tapcompat" -j probe --no-verify >"$work/capabilities" 2>/dev/null
	"$top/build/tapcompat" -j nonsense >"$work/error" 2>/dev/null
	./schema.py capabilities "$work/capabilities" && ./schema.py error "$work/error"
}

# The schemas do not let everything pass.
schemas_refuse()
{
	sed 's/"version":1/"version":2/' "$work/capabilities" >"$work/spoiled"
	./schema.py capabilities "$work/spoiled"
}

ktap_plan 10
ktap "man pages are well formed" mandoc -Tlint -Wwarning $man/*.[1-8] $top/build/*.7
ktap "documents are as their schemas say" schemas_hold
ktap_not "and another would not be" schemas_refuse
for command in probe check offer qmp hook; do
	ktap "tapcompat-$command(1) has the options of --help" \
		options_agree $command $man/tapcompat-$command.1
done
ktap "the README names what there is" readme_is_true
ktap "files that are named exist" files_exist
ktap "the tree speaks of itself" speaks_of_itself
ktap_end
