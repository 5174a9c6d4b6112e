#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - tapcompat run: what it makes of its words, which programs it takes, and what the
# program then gets
. ../ktap.sh

build=$(cd ../../build && pwd)
tapcompat=$build/tapcompat
shim=$build/libtapcompat-shim.so
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LD_PRELOAD TAPCOMPAT_EMULATE TAPCOMPAT_MASK TAPCOMPAT_LOG

# Where the harness puts what it builds; a bare ./run.sh builds here.
for directory in . "$build/selftests/probe"; do
	[ ! -x "$directory/fake_qemu" ] || qemu=$(cd "$directory" && pwd)/fake_qemu
done
static=$(dirname "$qemu")/fake_static
ld=$(readelf -lW "$qemu" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
# Descriptors that a runner has left open.
strays=$("$qemu" | sed -n 's/^strays //p')

# What the program prints about one item.
is()
{
	[ "$(sed -n "s/^$1 //p" "$work/out")" = "$2" ] && return
	echo "$1: not $2"
	cat "$work/out" "$work/err"
	return 1
}

starts()
{
	status 42 $tapcompat run -q -- "$qemu" "$@"
}

words()
{
	starts && is preload "$shim" && is emulate auto && is mask "(none)" && is log "(none)" &&
		status 42 $tapcompat run -q --emulate=all "$qemu" && is emulate all &&
		status 42 $tapcompat run -q --emulate=HOST_USO:csum --mask=event_idx,host_uso \
			"$qemu" &&
		is emulate csum,host_uso && is mask event_idx,host_uso &&
		status 42 env TAPCOMPAT_LOG=debug $tapcompat run -q "$qemu" && is log debug &&
		status 42 $tapcompat run -q --mask=csum --emulate=csum --mask=host_uso \
			--emulate=host_uso "$qemu" &&
		is mask csum,host_uso && is emulate csum,host_uso
}

wrong_words()
{
	status 2 $tapcompat run --emulate=some "$qemu" &&
		says "--emulate: unknown feature 'some'" &&
		status 2 $tapcompat run --emulate= "$qemu" && says "empty name" &&
		status 2 $tapcompat run --emulate=auto,csum "$qemu" &&
		says "unknown feature 'auto'" &&
		status 2 $tapcompat run --emulate=csum,mq "$qemu" &&
		says "--emulate: tapcompat cannot emulate mq" &&
		status 2 $tapcompat run --mask=rss "$qemu" &&
		says "--mask: cannot mask rss: the shim does not control it" "rss=off" &&
		status 2 $tapcompat run --mask=nonsense "$qemu" &&
		says "unknown feature 'nonsense'" &&
		status 2 $tapcompat run --nonsense "$qemu" && says "'--nonsense' is not known" &&
		status 2 $tapcompat run && says "which QEMU?" && silent
}

# The environment has the defaults of options.
environment()
{
	status 42 env TAPCOMPAT_EMULATE=all TAPCOMPAT_MASK=csum $tapcompat run -q "$qemu" &&
		is emulate all && is mask csum &&
		status 42 env TAPCOMPAT_EMULATE=all TAPCOMPAT_MASK=csum $tapcompat run -q \
			--emulate=auto --mask=packed "$qemu" &&
		is emulate auto && is mask packed &&
		status 2 env TAPCOMPAT_EMULATE=nonsense $tapcompat run "$qemu" &&
		says "TAPCOMPAT_EMULATE: unknown feature" &&
		status 2 env TAPCOMPAT_MASK=mq $tapcompat run "$qemu" &&
		says "TAPCOMPAT_MASK: cannot mask mq" &&
		status 2 env TAPCOMPAT_LOG=loud $tapcompat run "$qemu" &&
		says "TAPCOMPAT_LOG: 'loud' is not one of" &&
		status 2 env TAPCOMPAT_ENGINE=fast $tapcompat run "$qemu" &&
		says "TAPCOMPAT_ENGINE: 'fast' is not one of auto, vhost, uring, plain"
}

# What is to be loaded already comes behind, and the shim comes once.
preloads()
{
	status 42 env LD_PRELOAD=/lib/none.so $tapcompat run -q "$qemu" &&
		is preload "$shim:/lib/none.so" &&
		status 42 $tapcompat run -q $tapcompat run -q "$qemu" && is preload "$shim"
}

none()
{
	status 42 $tapcompat run --emulate=none "$qemu" && is preload "(none)" &&
		is emulate "(none)" && [ ! -s "$work/err" ] &&
		status 42 $tapcompat run --emulate=none --mask=host_uso "$qemu" &&
		is preload "$shim" && is emulate none && is mask host_uso &&
		says "nothing is emulated" "hidden from QEMU: guest_uso4,guest_uso6,host_uso"
}

# What QEMU assumes is either emulated or stays.
hides()
{
	status 2 $tapcompat run --emulate=none --mask=csum "$qemu" &&
		says "cannot hide csum: QEMU assumes it with a vnet header" "csum=off" && silent &&
		status 2 $tapcompat run --emulate=host_uso --mask=host_uso,host_tso4 "$qemu" &&
		says "cannot hide host_tso4:" &&
		status 42 $tapcompat run --no-verify --emulate=guest_uso4 \
			--mask=host_uso,event_idx "$qemu" &&
		says "hidden from QEMU: guest_uso4,guest_uso6,host_uso" \
			"hidden from QEMU with vhost=on: event_idx" &&
		! grep -q 'emulated: .*guest_uso4' "$work/err" &&
		status 42 $tapcompat run -q --mask=csum "$qemu" && is mask csum
}

# The process, its arguments, its end and its signals are the program's.
in_place()
{
	$tapcompat run -q "$qemu" -device x,y=z -- -j >"$work/out" 2>"$work/err" &
	pid=$!
	wait $pid
	[ $? = 42 ] && is pid $pid && is arguments "[$qemu] [-device] [x,y=z] [--] [-j]" &&
		is pipe default && is strays $strays && [ ! -s "$work/err" ]
}

# The status of a shell for signal 15.
by_signal()
{
	status 143 $tapcompat run -q "$qemu" -signal 15
}

inherits()
{
	status 42 sh -c "trap '' PIPE; exec $tapcompat run -q $qemu 9</dev/null" &&
		is pipe ignored && is strays $((strays + 1))
}

# Its name is looked for as a shell does.
by_name()
{
	mkdir -p "$work/path/fake_qemu" "$work/other" &&
		printf '#!/bin/sh\n' >"$work/other/fake_qemu" &&
		status 42 env PATH="$work/path:$work/other:$(dirname "$qemu"):$PATH" \
			$tapcompat run -q fake_qemu && is arguments "[fake_qemu]"
}

not_there()
{
	status 2 $tapcompat run no_such_qemu && says "no_such_qemu: No such file" "not in PATH" &&
		status 2 $tapcompat run /nonexistent/qemu && says "/nonexistent/qemu: No such" &&
		status 2 $tapcompat run "$work" && says "Permission denied" &&
		status 2 $tapcompat run "$work/other/fake_qemu" && says "Permission denied" &&
		status 2 $tapcompat run "" && says "run: '': No such file" && silent &&
		status 2 $tapcompat -j run /nonexistent/qemu &&
		jq -e '.error.exit == 2' "$work/out"
}

# Options behind the program are no wish for JSON.
no_json()
{
	status 2 $tapcompat run /nonexistent/qemu -object -pj --json && silent
}

script()
{
	printf '#!/bin/sh\nexec %s "$@"\n' "$qemu" >"$work/script" && chmod 755 "$work/script" &&
		status 42 $tapcompat run -q "$work/script" -name x && is preload "$shim" &&
		is arguments "[$qemu] [-name] [x]" &&
		printf '#!/nonexistent\n' >"$work/script" &&
		status 2 $tapcompat run -q "$work/script" && says "its first line" &&
		printf 'nothing\n' >"$work/script" &&
		status 2 $tapcompat run -q "$work/script" && says "neither ELF nor a script"
}

statically()
{
	status 2 $tapcompat run "$static" && says "statically linked" && silent &&
		status 2 $tapcompat run "$static" -name sh && says "statically linked" &&
		status 42 $tapcompat run --emulate=none "$static"
}

# A static program that executes another one passes the shim on.
static_launcher()
{
	status 42 $tapcompat run -q /bin/busybox env A=1 "$qemu" -name x && is preload "$shim" &&
		status 42 $tapcompat run -q env B=1 /bin/busybox setsid "$qemu" &&
		is preload "$shim"
}

# One in the other, of which the inner one emulates nothing.
nested()
{
	status 42 $tapcompat run -q --emulate=all "$tapcompat" run --emulate=none "$qemu" &&
		is emulate none
}

another_machine()
{
	cp "$qemu" "$work/foreign" && printf '\377\376' |
		dd of="$work/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null &&
		status 2 $tapcompat run "$work/foreign" && says "another architecture" &&
		head -c 70 "$qemu" >"$work/cut" && chmod 755 "$work/cut" &&
		status 2 $tapcompat run "$work/cut" && says "is cut off"
}

# A program that the dynamic linker starts: the linker reads no set-uid bits and needs no x bit.
linker()
{
	[ -x "$ld" ] && status 42 $tapcompat run -q -- "$ld" "$qemu" -name x &&
		is preload "$shim" &&
		is arguments "[$qemu] [-name] [x]" &&
		cp "$ld" "$work/loader" && cp "$qemu" "$work/plain" && chmod 644 "$work/plain" &&
		(cd "$work" && status 42 $tapcompat run -q ./loader --inhibit-cache \
			--library-path /lib:/usr/lib --preload "$build/libtapcompat.so.0" \
			--argv0 name --inhibit-rpath "" ./plain --list) &&
		is preload "$shim" && is arguments "[name] [--list]" &&
		status 0 $tapcompat run -q "$ld" --list "$qemu" && says "$shim" &&
		status 127 $tapcompat run -q "$ld" no_such_library
}

behind_linker()
{
	status 2 $tapcompat run "$ld" --argv0 x "$static" &&
		says "run: $static is statically linked" &&
		printf '#!/bin/sh\n' >"$work/plain" &&
		status 2 $tapcompat run "$ld" "$work/plain" && says "is a script, which ld.so" &&
		status 2 $tapcompat run "$ld" "$work/none" && says "$work/none: No such file" &&
		cp "$qemu" "$work/foreign" && printf '\377\376' |
		dd of="$work/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null &&
		status 2 $tapcompat run "$ld" "$work/foreign" && says "another architecture" &&
		printf '#!%s %s\n' "$ld" "$static" >"$work/script" && chmod 755 "$work/script" &&
		status 2 $tapcompat run "$work/script" && says "$static is statically linked" &&
		printf '#!%s %s\n' "$ld" "$qemu" >"$work/script" &&
		status 42 $tapcompat run -q "$work/script" && is preload "$shim" &&
		is arguments "[$qemu] [$work/script]"
}

# @first line of a script...
lines()
{
	printf '#!%s\n' "$1" >"$work/script" && chmod 755 "$work/script"
}

# A static interpreter is loaded nothing into, but passes its environment on.
interpreters()
{
	mkdir -p "$work/in" && ln -sf "$qemu" "$work/in/link" && ln -sf in/link "$work/again" &&
		status 42 $tapcompat run -q "$work/again" && is preload "$shim" &&
		lines "./in/link -x  y " &&
		(cd "$work" && status 42 $tapcompat run -q ./script) && is preload "$shim" &&
		is arguments "[./in/link] [-x  y] [./script]" &&
		lines "$static" && status 42 $tapcompat run -q "$work/script" z &&
		is preload "$shim" && lines "$work/none" &&
		status 2 $tapcompat run "$work/script" && says "'$work/none': No such file" &&
		lines "" && status 2 $tapcompat run "$work/script" && says "the interpreter ''" &&
		lines "$work" && status 2 $tapcompat run "$work/script" && says "Permission denied"
}

# Linux follows five of them.
nested()
{
	lines "$qemu" && mv "$work/script" "$work/script1" &&
		for i in 1 2 3 4 5; do
			lines "$work/script$i" &&
				mv "$work/script" "$work/script$((i + 1))" || return
		done
	status 42 $tapcompat run -q "$work/script5" && is preload "$shim" &&
		status 2 $tapcompat run "$work/script6" && says "nested too deeply" &&
		! "$work/script6" 2>/dev/null
}

by_env()
{
	lines "/usr/bin/env -S A=1 $qemu -x" && status 42 $tapcompat run -q "$work/script" y &&
		is preload "$shim" && is arguments "[$qemu] [-x] [$work/script] [y]" &&
		status 42 $tapcompat run -q env -u A B=c "$qemu" -i && is preload "$shim" &&
		status 2 $tapcompat run env A=1 "$static" && says "run: $static is statically" &&
		status 2 $tapcompat run env no_such_qemu && says "not in PATH" &&
		status 42 $tapcompat run -q env PATH="$(dirname "$qemu")" fake_qemu &&
		status 42 $tapcompat run -q env -C "$(dirname "$qemu")" ./fake_qemu &&
		for way in "-i $qemu" "-S-vi $qemu" "-u LD_PRELOAD $qemu" "- $qemu" \
				"--unset=LD_PRELOAD $qemu" "LD_PRELOAD= $qemu" \
				"-S--ignore-environment $qemu"; do
			status 2 $tapcompat run env $way && says "env removes LD_PRELOAD" &&
				silent || return
		done
	lines "/usr/bin/env -S -uLD_PRELOAD sh" && status 2 $tapcompat run "$work/script" &&
		says "$work/script: env removes LD_PRELOAD, so sh would start without the shim" &&
		lines "/usr/bin/env -S \"$qemu\"" && status 42 $tapcompat run -q "$work/script" &&
		is preload "$shim"
}

# The dynamic linker preloads nothing if the program gains privileges; set-uid to the same user
# gains none.
gains_rights()
{
	cp "$qemu" "$work/set" && chown 65534 "$work/set" && chmod 4755 "$work/set" &&
		status 2 $tapcompat run "$work/set" && says "is set-uid" &&
		status 42 setpriv --no-new-privs $tapcompat run -q "$work/set" &&
		is preload "$shim" &&
		chown 0:65534 "$work/set" && chmod 2755 "$work/set" &&
		status 2 $tapcompat run "$work/set" && says "is set-gid" &&
		chmod 4755 "$work/set" && status 42 $tapcompat run -q "$work/set" &&
		is preload "$shim"
}

# Nor does it into what such an interpreter starts; ld.so itself gains none.
interpreter_gains_rights()
{
	cp "$qemu" "$work/set" && chown 65534 "$work/set" && chmod 4755 "$work/set" &&
		lines "$work/set" && status 2 $tapcompat run "$work/script" &&
		says "$work/script: its interpreter $work/set is set-uid" && silent &&
		lines "/usr/bin/env $work/set" && status 2 $tapcompat run "$work/script" &&
		says "its interpreter $work/set is set-uid" &&
		status 42 $tapcompat run -q "$ld" "$work/set" && is preload "$shim"
}

# Whether it gains rights is not to be seen.
unreadable()
{
	place user && cp "$shim" "$work/user/" && chmod 711 "$work/user/fake_qemu" &&
		status 2 setpriv --reuid=65534 --clear-groups "$work/user/tapcompat" run \
			--no-verify "$work/user/fake_qemu" &&
		says "Permission denied" "make it readable for this user" &&
		status 42 setpriv --reuid=65534 --clear-groups "$work/user/tapcompat" run \
			--emulate=none "$work/user/fake_qemu" &&
		printf '#!%s\n' "$work/user/fake_qemu" >"$work/user/script" &&
		chmod 755 "$work/user/script" &&
		status 42 setpriv --reuid=65534 --clear-groups "$work/user/tapcompat" run -q \
			--no-verify "$work/user/script" &&
		is preload "$work/user/libtapcompat-shim.so"
}

# In a directory of its own that anybody may enter.
place()
{
	rm -rf "${work:?}/$1"
	mkdir -p "$work/$1" && chmod 755 "$work" "$work/$1" &&
		cp "$tapcompat" "$build/libtapcompat.so.0" "$qemu" "$work/$1/"
}

with_capabilities()
{
	place user && cp "$shim" "$work/user/" && setcap cap_net_admin+ep "$work/user/fake_qemu" &&
		status 2 setpriv --reuid=65534 --clear-groups "$work/user/tapcompat" run \
			"$work/user/fake_qemu" && says "a program with file capabilities" &&
		status 42 "$work/user/tapcompat" run -q "$work/user/fake_qemu"
}

# Without permissions QEMU is started nevertheless, and this is reported.
without_permission()
{
	place user && cp "$shim" "$work/user/" &&
		status 42 setpriv --reuid=65534 --clear-groups unshare -r \
			"$work/user/tapcompat" run "$work/user/fake_qemu" || return
	[ "$(wc -l <"$work/err")" -le 2 ] && is preload "$work/user/libtapcompat-shim.so" &&
		mkdir -p "$work/empty" && status 42 unshare -m sh -c \
			"mount --bind $work/empty /dev/net && exec $tapcompat run $qemu" &&
		says "cannot probe a tap on this host: /dev/net/tun" && is emulate auto
}

no_shim()
{
	place alone && status 3 "$work/alone/tapcompat" run "$qemu" &&
		says "cannot find the shim: $work/alone/libtapcompat-shim.so: No such file" &&
		silent &&
		status 42 "$work/alone/tapcompat" run --emulate=none "$qemu" &&
		place "a blank" && cp "$shim" "$work/a blank/" &&
		status 3 "$work/a blank/tapcompat" run "$qemu" && says "a colon, a space" &&
		place '$LIB' && cp "$shim" "$work/\$LIB/" &&
		status 3 "$work/\$LIB/tapcompat" run "$qemu" && says "or a dollar" &&
		place alone && echo nothing >"$work/alone/libtapcompat-shim.so" &&
		status 3 "$work/alone/tapcompat" run "$qemu" && says "is not a library"
}

# Once, one line for each of the two; with -q none.
says_what()
{
	status 42 $tapcompat run "$qemu" &&
		grep -q '^tapcompat: tap: native: .*; emulated: ' "$work/err" &&
		grep -q '^tapcompat: vhost-net: ' "$work/err" && [ "$(wc -l <"$work/err")" = 2 ] &&
		status 42 $tapcompat run --no-verify --mask=host_uso "$qemu" &&
		grep -q '^tapcompat: tap: native: .*; emulated: .*host_uso' "$work/err" &&
		! grep -q 'native: .*host_uso.*; emul' "$work/err" &&
		grep -qE '^tapcompat: tap: .*; engine: (vhost, with vhost=off )?(uring|plain)$' \
			"$work/err" &&
		status 42 env TAPCOMPAT_ENGINE=plain $tapcompat run --no-verify --mask=host_uso \
			"$qemu" && grep -q '^tapcompat: tap: .*; engine: plain$' "$work/err" &&
		status 42 $tapcompat run --emulate=all "$qemu" &&
		grep -q '^tapcompat: tap: native: mq; emulated: csum,' "$work/err" &&
		status 42 $tapcompat run -q "$qemu" && [ ! -s "$work/err" ]
}

# A document of this kernel, in which frames of some features came out wrong.
corrupted()
{
	jq -n --arg kernel "$(uname -r)" '
		def row($name; $bit; $state; $verified):
			{name: $name, bit: $bit, state: $state, verified: $verified};
		{schema: "tapcompat-capabilities", version: 1,
		 host: {name: "here", kernel: $kernel, machine: "x86_64"},
		 "probed-at": "2026-11-21T08:00:00Z",
		 backends: [
			{type: "tap", available: true, native: "0x1", emulated: "0x100000000000000",
			 features: [row("csum"; 0; "native"; "passed"),
				    row("mq"; 22; "absent"; "failed"),
				    row("host_uso"; 56; "emulated"; "failed")]},
			{type: "vhost-net", available: true, native: "0x8000",
			 emulated: "0x20000000",
			 features: [row("mrg_rxbuf"; 15; "native"; "passed"),
				    row("event_idx"; 29; "emulated"; "failed")]}]}' >"$work/bad"
}

# What the kernel corrupts is kept from it, if anything else can do the work.
masks_what_is_corrupted()
{
	corrupted && status 42 $tapcompat run --caps="$work/bad" --mask=packed "$qemu" &&
		is mask event_idx,packed,host_uso &&
		says "tap: native: csum; emulated: host_uso" \
			"vhost-net: native: mrg_rxbuf; emulated: event_idx" \
			"corrupts frames of mq, not emulated here: consider" ",mq=off" &&
		status 42 $tapcompat run -q --caps="$work/bad" --emulate=csum "$qemu" &&
		is mask "(none)" &&
		says "corrupts frames of mq,event_idx,host_uso, not emulated"
}

another_kernel()
{
	corrupted && sed -i "s/$(uname -r)/5.10.0/" "$work/bad" &&
		status 2 $tapcompat run --caps="$work/bad" "$qemu" &&
		says "was probed under Linux 5.10.0, and Linux $(uname -r) is running" &&
		status 2 $tapcompat run --caps=/nonexistent "$qemu" && says "No such file" &&
		status 2 $tapcompat run --caps="$work/bad" --no-verify "$qemu" &&
		says "which --caps replaces"
}

root_point()
{
	if [ "$(id -u)" = 0 ]; then
		ktap "$@"
	else
		ktap_skip "$1" "needs root"
	fi
}

probed()
{
	if $tapcompat probe --no-verify --backend=tap >/dev/null 2>&1; then
		ktap "$@"
	else
		ktap_skip "$1" "nothing can be probed here"
	fi
}

ktap_plan 31
ktap "options are passed to the shim" words
ktap "invalid values are refused" wrong_words
ktap "the environment has defaults" environment
ktap "LD_PRELOAD" preloads
ktap "nothing to emulate" none
ktap "what cannot be hidden" hides
ktap "the program takes the place of tapcompat" in_place
ktap "it may end by a signal" by_signal
ktap "descriptors and environment are inherited" inherits
ktap "by its name" by_name
ktap "a program that does not exist" not_there
ktap "options behind it are its own" no_json
ktap "a script" script
ktap "a static program" statically
ktap "a static program that executes QEMU" static_launcher
ktap "run by another run" nested
ktap "a program of another machine" another_machine
ktap "by ld.so" linker
ktap "what ld.so cannot load with the shim" behind_linker
ktap "interpreters of scripts, links and relative paths" interpreters
ktap "scripts of scripts" nested
ktap "by env" by_env
root_point "a program that gains rights" gains_rights
root_point "an interpreter that gains rights" interpreter_gains_rights
root_point "a program with capabilities" with_capabilities
root_point "a program that cannot be read" unreadable
root_point "without permission" without_permission
ktap "without a shim" no_shim
probed "it says once what is native" says_what
ktap "what the kernel corrupts is masked" masks_what_is_corrupted
ktap "a document of another kernel" another_kernel
ktap_end
