#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# qmp_socket.sh - the command tapcompat qmp and its socket
. ../ktap.sh

build=../../build${SANITIZE:+/sanitize}
tapcompat=$build/tapcompat
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null; rm -rf "$work"' EXIT
socket=$work/qmp.sock
caps='{"execute":"qmp_capabilities"}'
quit='{"execute":"quit"}'

# Start a server on $socket and wait until it listens.
start()
{
	"$tapcompat" "$@" qmp --socket="$socket" >"$work/out" 2>"$work/err" &
	server=$!
	for try in $(seq 100); do
		[ -S "$socket" ] && tell '' >/dev/null 2>&1 && return
		sleep 0.05
	done
	cat "$work/err"
	return 1
}

# Send input and print the output.
tell()
{
	python3 - "$socket" "$1" <<-PYTHON
		import socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(20)
		s.connect(sys.argv[1])
		s.sendall(sys.argv[2].encode())
		s.shutdown(socket.SHUT_WR)
		while data := s.recv(65536):
		    sys.stdout.write(data.decode())
	PYTHON
}

# @status: exit status; stdout is empty and the socket is removed.
ended()
{
	wait "$server"
	got=$?
	server=
	[ $got = "$1" ] || { echo "status $got"; cat "$work/err"; return 1; }
	[ ! -s "$work/out" ] || { cat "$work/out"; return 1; }
	[ ! -e "$socket" ] || { ls -l "$socket"; return 1; }
}

answers_quit()
{
	tell "$caps$quit" >"$work/answers"
	[ "$(grep -c '{"return":{}}' "$work/answers")" = 2 ] || { cat "$work/answers"; return 1; }
}

serves()
{
	start && answers_quit && ended 0
}

# JSON options have no effect.
serves_json()
{
	start -j -p -q && answers_quit && ended 0
}

one_after_the_other()
{
	start || return
	for n in 1 2 3; do
		tell "$caps{\"execute\":\"query-version\",\"id\":$n}" >"$work/answers"
		grep -q "\"id\":$n}" "$work/answers" || { cat "$work/answers"; return 1; }
	done
	answers_quit && ended 0
}

mode_is()
{
	(umask 0; start; echo $server >"$work/pid")
	mode=$(stat -c %a "$socket")
	kill "$(cat "$work/pid")"
	while [ -e "$socket" ]; do sleep 0.05; done
	[ "$mode" = 600 ] || { echo "mode $mode"; return 1; }
}

# Whichever signal ends it.
ends_by()
{
	start || return
	kill "-$1" "$server"
	ended 0
}

# Even with an idle client connected.
ends_with_client()
{
	start || return
	python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.recv(1)
print("here", flush=True)
time.sleep(30)' "$socket" >"$work/here" &
	client=$!
	for try in $(seq 100); do
		[ ! -s "$work/here" ] && sleep 0.05 || break
	done
	kill -TERM "$server"
	ended 0
	ret=$?
	kill $client
	wait $client 2>/dev/null
	return $ret
}

# A client that says nothing, one that reads nothing, one that sends a message slowly and one
# that sends blanks make way for the next one.
makes_way()
{
	start || return
	timeout 50 python3 - "$socket" "$1" "$caps" "$quit" <<-PYTHON
		import socket, sys, threading, time
		path, how, caps, quit = sys.argv[1:]
		def connected():
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(30)
		    s.connect(path)
		    return s
		first = connected()
		def send():
		    try:
		        if how == "deaf":
		            schema = b'{"execute":"query-qmp-schema"}'
		            first.sendall(caps.encode() + 1000 * schema)
		        while how == "slow":
		            first.sendall(b"{")
		            time.sleep(1)
		        while how == "blank":
		            first.sendall(b" " * 65536)
		    except OSError:
		        pass
		threading.Thread(target=send, daemon=True).start()
		time.sleep(0.5)
		second = connected()
		second.sendall((caps + quit).encode())
		answers = b""
		while data := second.recv(65536):
		    answers += data
		sys.exit(answers.count(b'{"return":{}}') != 2)
	PYTHON
	ret=$?
	[ $ret = 0 ] || kill "$server"
	ended 0 && grep -q "was disconnected" "$work/err" && return $ret
}

# A socket left by a killed server.
stale()
{
	start || return
	kill -KILL "$server"
	wait "$server" 2>/dev/null
	[ -S "$socket" ] || { echo "no socket is left"; return 1; }
	start && answers_quit && ended 0
}

# @status @words @path: it refuses to serve there.
refused()
{
	timeout 20 "$tapcompat" qmp --socket="$3" >"$work/out2" 2>"$work/err2"
	got=$?
	[ $got = "$1" ] && grep -qF -- "$2" "$work/err2" && [ ! -s "$work/out2" ] && return
	echo "status $got"
	cat "$work/err2" "$work/out2"
	return 1
}

busy()
{
	start && refused 3 "another server listens on it" "$socket" && [ -S "$socket" ] &&
		answers_quit && ended 0
}

no_socket()
{
	echo precious >"$work/file"
	ln -sf "$socket" "$work/link"
	mkdir -p "$work/directory"
	refused 3 "is not a socket" "$work/file" && refused 3 "is not a socket" "$work/link" &&
		refused 3 "is not a socket" "$work/directory" &&
		[ "$(cat "$work/file")" = precious ] &&
		[ -L "$work/link" ]
}

datagrams()
{
	python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
time.sleep(30)' "$work/dgram" &
	other=$!
	for try in $(seq 100); do
		[ ! -S "$work/dgram" ] && sleep 0.05 || break
	done
	refused 3 "another server listens on it" "$work/dgram" && [ -S "$work/dgram" ]
	ret=$?
	kill $other
	wait $other 2>/dev/null
	return $ret
}

bad_paths()
{
	refused 2 "socket has 107 at most" "$work/$(printf %0108d 0)" &&
		refused 2 "the path is empty" "" &&
		refused 3 "$work/nowhere/sock: No such file" "$work/nowhere/sock"
}

# A file that replaced the socket is not removed.
foreign_stays()
{
	start || return
	rm "$socket"
	echo precious >"$socket"
	kill -TERM "$server"
	wait "$server"
	server=
	[ "$(cat "$socket")" = precious ] && rm "$socket"
}

# ---- Standard input and output

said()
{
	printf '%s' "$caps$quit" | "$tapcompat" "$@" >"$work/out" 2>"$work/err" || return
	[ "$(wc -l <"$work/out")" = 3 ] && [ ! -s "$work/err" ] &&
		! tr -d '\r' <"$work/out" | jq -e . 2>&1 >/dev/null | grep .
}

standard()
{
	said qmp && cp "$work/out" "$work/plain" && said -j -p qmp -q &&
		diff "$work/plain" "$work/out"
}

# It ends silently with its client.
hangs_up()
{
	"$tapcompat" qmp </dev/null >"$work/out" 2>"$work/err" && [ ! -s "$work/err" ] &&
		{ yes "$caps" | "$tapcompat" qmp 2>"$work/err"; echo $? >"$work/status"; } |
			head -n 5 >/dev/null
	[ "$(cat "$work/status")" = 0 ] && [ ! -s "$work/err" ] ||
		{ cat "$work/status" "$work/err"; return 1; }
}

closed()
{
	"$tapcompat" qmp -j >&- 2>"$work/err"
	[ $? = 3 ] && grep -q "cannot be served: Bad file" "$work/err"
}

ktap_plan 21
ktap "one client, and quit" serves
ktap "-j, -p and -q change nothing" serves_json
ktap "one client after the other" one_after_the_other
ktap "the socket is its owner's alone" mode_is
ktap "it ends by SIGTERM" ends_by TERM
ktap "it ends by SIGHUP" ends_by HUP
ktap "it ends while a client is silent" ends_with_client
for how in silent deaf slow blank; do
	ktap "a client that is $how makes way for the next one" makes_way $how
done
ktap "a stale socket is replaced" stale
ktap "a served socket is not replaced" busy
ktap "another file is not replaced" no_socket
ktap "a datagram socket is not replaced" datagrams
ktap "invalid paths" bad_paths
ktap "a file in its place is not removed" foreign_stays
ktap "standard input and output" standard
ktap "it ends silently with its client" hangs_up
ktap "no standard output" closed
ktap_not "without a server there is no answer" tell "$caps"
ktap_end
