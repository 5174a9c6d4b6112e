#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# completion.sh - completion in bash, driven as bash drives it
. ../ktap.sh

top=$(cd ../.. && pwd)
PATH=$top/build:$PATH
# shellcheck source=/dev/null
. "$top/tools/tapcompat.bash-completion"

# What is offered for some words, of which the last is being typed.
offers()
{
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMP_LINE="$*"
	COMP_POINT=${#COMP_LINE}
	COMPREPLY=()
	_tapcompat
}

# is WANTED WORD…: exactly that is offered, in this order
is()
{
	local wanted=$1

	shift
	offers "$@"
	[[ ${COMPREPLY[*]} == "$wanted" ]] && return
	echo "$*: offered: ${COMPREPLY[*]}"
	echo "wanted: $wanted"
	return 1
}

# has WANTED WORD…: these are among what is offered
has()
{
	local name wanted=$1

	shift
	offers "$@"
	for name in $wanted; do
		[[ " ${COMPREPLY[*]} " == *" $name "* ]] || {
			echo "$*: no $name in: ${COMPREPLY[*]}"
			return 1
		}
	done
}

commands=$(tapcompat --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | tr '\n' ' ')
commands=${commands% }

all_commands()
{
	[[ $commands == *probe* ]] && is "$commands" tapcompat "" &&
		is "$commands" tapcompat -j "" && is probe tapcompat pro
}

# Every option of every command, and nothing that its help only speaks of.
all_options()
{
	local command options

	for command in $commands; do
		options=$(tapcompat "$command" --help | grep -oE '^ +(-[a-z], )?--[a-z-]+=?' |
			grep -oE -- '--[a-z-]+=?' | sort)
		is "${options//$'\n'/ }" tapcompat "$command" -- || return
	done
}

# As bash splits the line where '=' and ':' separate words, and where they do not.
split()
{
	is "vhost-net vhost-vdpa" tapcompat probe --backend = vhost &&
		is "--backend=vhost-net --backend=vhost-vdpa" tapcompat probe --backend=vhost &&
		is "vhost-net vhost-vdpa" tapcompat probe --backend vhost &&
		is "tap macvtap vhost-net vhost-vdpa ebpf-rss" tapcompat probe --backend =
}

lists()
{
	local all

	all=$(jq -r '.backends[].features[]?.name' ../documents/linux-6.12.json | sort -u)
	has "$all" tapcompat check --require = "" &&
		is "csum,host_ufo csum,host_uso" tapcompat check --require = csum,host_u &&
		is "host_ufo host_uso" tapcompat check --require = csum : host_u &&
		is "csum:host_ufo csum:host_uso" tapcompat check --require csum:host_u
}

no_feature_twice()
{
	is "host_uso,host_ufo" tapcompat check --require = host_uso,host_u
}

words()
{
	is "on off" tapcompat offer --vhost = o && is "nfd nova" tapcompat probe --format = n &&
		has "tapnet-v1 tapnet-v2" tapcompat check --model = "" &&
		has "tapnet-v1 tapnet-v2" tapcompat -q check --model tapnet
}

files()
{
	is completion.sh tapcompat probe --caps = completi &&
		is --caps=completion.sh tapcompat probe --caps=completi &&
		is completion.sh tapcompat probe --caps completi
}

# What a command starts: a program first, and behind it nothing of ours.
programs()
{
	printf '#!/bin/sh\n' >"$work/tapcompat-qemu" && chmod 755 "$work/tapcompat-qemu"
	PATH=$work:$PATH
	is tapcompat-qemu tapcompat run tapcompat-q &&
		is tapcompat-qemu tapcompat run -q --mask csum --emulate = all -- tapcompat-q &&
		is "$work/tapcompat-qemu" tapcompat run "$work/tapcompat-q" &&
		is completion.sh tapcompat run tapcompat-qemu -bios completi &&
		is "" tapcompat run -- tapcompat-qemu --emul &&
		is "--emulate=" tapcompat run -q --emul &&
		is "auto all" tapcompat run --emulate = a &&
		is "csum,host_ufo csum,host_uso" tapcompat run --mask csum,host_u
}

# Nothing of what is half typed is run, or ends in a message.
unknown()
{
	local said

	said=$({
		is "" tapcompat nonsense "" && is "" tapcompat 'a/b' "" &&
			is "" tapcompat probe '--b[/' = x && is "" tapcompat probe --strict = x &&
			is "" tapcompat nonsense --backend = x
	} 2>&1) && [[ ! $said ]] || { echo "$said"; return 1; }
}

# Keys on a terminal: the line that comes of them is shown by echo.
typed()
{
	{
		# shellcheck disable=SC2016
		printf 'PATH=%s:$PATH; . %s\n' "$top/build" "$top/tools/tapcompat.bash-completion"
		sleep 0.5
		printf 'tapcompat probe --strict --form\t'
		sleep 0.5
		printf 'no\t\001echo TYPED \n'
		sleep 0.5
		echo exit
	} | INPUTRC=/dev/null TERM=dumb script -qec "bash --norc -i" /dev/null >"$work/typed"
	tr -d '\r' <"$work/typed" | grep -x 'TYPED tapcompat probe --strict --format=nova' && return
	cat -v "$work/typed"
	return 1
}

# ---- zsh and fish, which ask bash

installed()
{
	make -s -C "$top" install PREFIX="$work/prefix" >/dev/null
}

# fish WANTED LINE: what fish offers at the end of a line
fish_offers()
{
	local offered

	offered=$(HOME=$work fish --no-config -c "
		source $work/prefix/share/fish/vendor_completions.d/tapcompat.fish
		complete -C '$2'" | sort | paste -sd' ')
	[[ $offered == "$1" ]] && return
	echo "$2: offered: $offered"
	echo "wanted: $1"
	return 1
}

in_fish()
{
	local all

	all=$(printf '%s\n' $commands | sort | paste -sd' ')
	fish_offers "$all" "tapcompat " && fish_offers probe "tapcompat pro" &&
		fish_offers "--format=" "tapcompat probe --strict --form" &&
		fish_offers "--format=nfd --format=nova" "tapcompat probe --format=n" &&
		fish_offers "nfd nova" "tapcompat probe --format n" &&
		fish_offers "--require=csum,host_ufo --require=csum,host_uso" \
			"tapcompat check --require=csum,host_u"
}

# Keys on a terminal.  Nothing but the line comes of a Tab, and no blank where more may follow.
typed_in_zsh()
{
	{
		printf 'fpath=(%s $fpath); autoload -Uz compinit; compinit -D -u\n' \
			"$work/prefix/share/zsh/site-functions"
		sleep 1.5
		printf 'tapcompat probe --strict --form\t'
		sleep 1.5
		printf 'no\t\001echo TYPED \n'
		sleep 1.5
		printf 'tapcompat check --require=csum,host_us\t'
		sleep 1.5
		printf ',host_uf\t\001echo LISTED \n'
		sleep 1.5
		echo exit
	} | HOME=$work TERM=dumb script -qec "zsh -f -i -o emacs" /dev/null >"$work/typed"
	tr -d '\r' <"$work/typed" | grep -x 'TYPED tapcompat probe --strict --format=nova' &&
		tr -d '\r' <"$work/typed" |
			grep -x 'LISTED tapcompat check --require=csum,host_uso,host_ufo' && return
	cat -v "$work/typed"
	return 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ktap_plan 13
ktap "every command" all_commands
ktap "every option of every command" all_options
ktap "words as bash splits them" split
ktap "lists of features" lists
ktap "no feature twice" no_feature_twice
ktap "words of the help and of messages" words
ktap "files" files
ktap "programs" programs
ktap "unknown words" unknown
ktap "on a terminal" typed
ktap "installed for zsh and fish" installed
PATH=$work/prefix/bin:$PATH
ktap "in fish" in_fish
ktap "in zsh, on a terminal" typed_in_zsh
ktap_end
