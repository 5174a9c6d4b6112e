# SPDX-License-Identifier: GPL-2.0-or-later
#
# ktap.sh - test points for tests written in shell
#
#	ktap_plan N
#	ktap NAME COMMAND…	passes if the command does; its output is shown if not
#	ktap_not NAME COMMAND…	passes if the command fails
#	ktap_skip NAME REASON
#	ktap_end		the exit status of the whole test

# Debian 13's runner starts a test by stdbuf, which is for the test and not for what it tests.
case ${LD_PRELOAD:-} in
*libstdbuf.so*) unset LD_PRELOAD ;;
esac

ktap_number=0 ktap_failed=0

ktap_plan()
{
	echo "TAP version 13"
	echo "1..$1"
}

ktap_point()
{
	ktap_number=$((ktap_number + 1))
	[ "$1" = ok ] || ktap_failed=1
	echo "$1 $ktap_number $2"
}

ktap()
{
	ktap_name=$1
	shift
	if ktap_output=$("$@" 2>&1); then
		ktap_point ok "$ktap_name"
	else
		printf '%s\n' "$ktap_output" | tail -n 40 | sed 's/^/# /'
		ktap_point "not ok" "$ktap_name"
	fi
}

ktap_not()
{
	ktap_name=$1
	shift
	if ktap_output=$("$@" 2>&1); then
		printf '%s\n' "$ktap_output" | tail -n 40 | sed 's/^/# /'
		ktap_point "not ok" "$ktap_name"
	else
		ktap_point ok "$ktap_name"
	fi
}

ktap_skip()
{
	ktap_number=$((ktap_number + 1))
	echo "ok $ktap_number $1 # SKIP $2"
}

ktap_end()
{
	exit $ktap_failed
}

# For tests of a command, with a directory of their own in $work.
#
#	status WANT COMMAND…	runs it: its output is in $work/out and $work/err
#	says WORDS…		each of them is in the output
#	silent			nothing is on standard output

status()
{
	want=$1
	shift
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	[ $got = "$want" ] && return
	echo "status $got instead of $want: $*"
	cat "$work/out" "$work/err"
	return 1
}

says()
{
	for words; do
		grep -qF -- "$words" "$work/out" "$work/err" && continue
		echo "not said: $words"
		cat "$work/out" "$work/err"
		return 1
	done
}

silent()
{
	[ ! -s "$work/out" ] || { cat "$work/out"; return 1; }
}
