#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# isolation.sh - strace sees that nothing outside the probe's own namespace is
# touched, no setting changed, and the host looks afterwards as it did before
. ../ktap.sh

tapcompat=../../build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ktap_plan 10
if [ "$(id -u)" != 0 ] || [ ! -e /dev/net/tun ]; then
	for n in 1 2 3 4 5 6 7 8 9 10; do
		ktap_skip "isolation $n" "needs root and /dev/net/tun"
	done
	ktap_end
fi

# Without what changes by itself, such as counters.
host()
{
	ip -details link | grep -v RX
	ip address
	ip neighbour | sed 's/ [A-Z]*$//'
	ls /dev /sys/class/net
	[ ! -e /proc/modules ] || cut -d' ' -f1 /proc/modules
	sysctl -a 2>/dev/null | grep -E '^(net\.ipv[46]\.conf|net\.bridge|kernel\.modprobe|user\.)'
}

host >"$work/before"
strace -ff -y -s 256 -o "$work/trace" $tapcompat probe >"$work/table" 2>"$work/err"
sleep 1
host >"$work/after"

# The traces up to the moment at which the namespace is the probe's own.
for trace in "$work"/trace.*; do
	sed '/unshare(CLONE_NEWNET) *= 0/,$d' "$trace" >>"$work/outside"
	sed -n '/unshare(CLONE_NEWNET) *= 0/,$p' "$trace" >>"$work/inside"
done
cat "$work/outside" "$work/inside" >"$work/trace"

# Outside, no tap node is opened, and the only netlink is generic, for vDPA.
outside_touches_nothing()
{
	! grep -nE 'open(at)?\(.*"/dev/(net/tun|vhost|tap)' "$work/outside" &&
		! grep -nE 'ioctl\(' "$work/outside" | grep -vE 'TCGETS|TIOCGWINSZ' &&
		! grep -nE 'socket\(' "$work/outside" | grep -vE 'NETLINK_GENERIC'
}

writes_no_file()
{
	! grep -nE 'open(at)?\(.*O_(WRONLY|CREAT)' "$work/trace" |
		grep -vE '"/proc/self/(setgroups|uid_map|gid_map)"' &&
		! grep -nE '(init_module|finit_module|delete_module|mkdir|rename|unlink)(at)?\(' \
			"$work/trace"
}

changes_no_setting()
{
	! grep -nE 'open(at)?\(.*"/proc/sys/.*O_(WRONLY|RDWR)' "$work/trace"
}

# A macvtap's node is created on a detached mount.
no_foreign_tap_node()
{
	! grep -nE '"/dev/tap' "$work/trace"
}

# Check processes, because other namespaces on this host come and go.
no_process_stays()
{
	for trace in "$work"/trace.*; do
		case ${trace##*.} in *[!0-9]*) continue ;; esac
		! kill -0 "${trace##*.}" 2>/dev/null || { echo "${trace##*.}"; return 1; }
	done
}

starts_no_program()
{
	[ "$(grep -cE 'execve\(' "$work/trace")" = 1 ]
}

ktap "the probe ran" grep -q '^tap; ' "$work/table"
ktap "strace saw the namespace" grep -q CLONE_NEWNET "$work/inside"
ktap "before it, no device is used" outside_touches_nothing
ktap "no file is written, no module loaded" writes_no_file
ktap "no sysctl is changed" changes_no_setting
ktap "no node of another macvtap is opened" no_foreign_tap_node
ktap "no program is started" starts_no_program
ktap "the host is unchanged" diff "$work/before" "$work/after"
ktap "no process remains, and so no namespace" no_process_stays
ktap "inside, taps were made" grep -q TUNSETIFF "$work/inside"
ktap_end
