#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# install.sh - what is installed works where it was put, for those who link it
. ../ktap.sh

top=../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=/opt/tapcompat

cat >"$work/user.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <tapcompat.h>

/* Has the name of a private function, which the library must not take it for. */
char *text_escape(void)
{
	abort();
}

int main(void)
{
	struct tapcompat_probe_options o = {
		.size = sizeof(o), .flags = TAPCOMPAT_PROBE_NO_VERIFY,
	};
	struct tapcompat_caps *caps;
	struct tapcompat_error error;
	char text[TAPCOMPAT_MASK_TEXT];
	struct tapcompat_mask mask;

	if (tapcompat_probe(&o, &caps, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	mask = tapcompat_caps_mask(caps, TAPCOMPAT_TAP, TAPCOMPAT_NATIVE);
	printf("tap %s\n", tapcompat_mask_format(&mask, text));
	tapcompat_caps_free(caps);
	return 0;
}
C

installed()
{
	make -s -C $top install DESTDIR="$work/root" PREFIX=$prefix &&
		make -s -C $top install DESTDIR="$work/with a blank" PREFIX=$prefix &&
		[ -x "$work/with a blank$prefix/bin/tapcompat" ]
}

flags()
{
	PKG_CONFIG_SYSROOT_DIR=$work/root PKG_CONFIG_PATH=$work/root$prefix/lib/pkgconfig \
		pkg-config "$@" libtapcompat
}

# Another place, with the library in a directory as Debian has it.
elsewhere()
{
	make -s -C $top install DESTDIR="$work/else" PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu &&
		[ "$(PKG_CONFIG_PATH=$work/else/usr/lib/x86_64-linux-gnu/pkgconfig \
			pkg-config --variable=libdir libtapcompat)" = /usr/lib/x86_64-linux-gnu ] &&
		env -u LD_LIBRARY_PATH "$work/else/usr/bin/tapcompat" --version
}

links()
{
	# shellcheck disable=SC2046
	gcc -Wall -Wextra -Werror "$work/user.c" $(flags --cflags --libs) -o "$work/user"
}

# What only the programs of this project may use has no header there.
public_headers()
{
	(cd "$work/root$prefix/include" && find . -type f | sort) >"$work/headers"
	printf './%s.h\n' tapcompat tapcompat_feature tapcompat_fleet tapcompat_nic tapcompat_shim |
		diff - "$work/headers"
}

runs()
{
	LD_LIBRARY_PATH=$work/root$prefix/lib "$work/user" | grep -qE '^tap 0x[0-9a-f]+$'
}

same_version()
{
	[ "tapcompat $(flags --modversion)" = "$($top/build/tapcompat --version)" ]
}

# With --static, all libraries that the library needs; the headers need none.
static_flags()
{
	flags --libs | grep -qx -- "-L$work/root$prefix/lib -ltapcompat *" || return
	for library in $(objdump -p "$work/root$prefix/lib/libtapcompat.so" |
			sed -n 's/^ *NEEDED *lib\(.*\)\.so.*/\1/p' | grep -vx c); do
		flags --static --libs | tr ' ' '\n' | grep -qx -- "-l$library" ||
			{ echo "-l$library is missing"; return 1; }
	done
}

# The privileged program has no library of ours, and few of others.
helper_alone()
{
	objdump -p "$work/root$prefix/libexec/tapcompat-helper" | grep NEEDED >"$work/needed"
	[ -s "$work/needed" ] &&
		! grep -vE 'libnl-(route-)?3\.so|libcap-ng\.so|libc\.so|ld-linux' "$work/needed" &&
		"$work/root$prefix/libexec/tapcompat-helper" --version
}

# The installed program finds the library beside it, with nothing set.
program_runs()
{
	env -u LD_LIBRARY_PATH "$work/root$prefix/bin/tapcompat" --version &&
		ldd "$work/root$prefix/bin/tapcompat" | grep -q "$work/root$prefix/bin/../lib/"
}

# It is in the library's directory, wherever that is, and the program finds it there.
shim_is_loaded()
{
	cat >"$work/qemu.c" <<-'C' && gcc "$work/qemu.c" -o "$work/qemu" || return
	#include <stdio.h>
	#include <stdlib.h>
	int main(void) { return puts(getenv("LD_PRELOAD")) < 0; }
	C
	for place in "$work/root$prefix/bin $work/root$prefix/lib" \
			"$work/else/usr/bin $work/else/usr/lib/x86_64-linux-gnu"; do
		[ -x "${place#* }/libtapcompat-shim.so" ] &&
			[ "$("${place% *}/tapcompat" run -q --no-verify "$work/qemu" 2>&1)" = \
				"${place#* }/libtapcompat-shim.so" ] || return
	done
}

manual()
{
	for page in man1/tapcompat.1 man1/tapcompat-probe.1 man1/tapcompat-baseline.1 \
			man5/tapcompat-capabilities.5 man5/tapcompat-vm.5 \
			man7/tapcompat-features.7 man7/tapcompat-shim.7 \
			man8/tapcompat-helper.8; do
		mandoc -Tutf8 "$work/root$prefix/share/man/$page" >/dev/null || return
	done
}

# Bash looks for it there when tapcompat is completed for the first time.
completion()
{
	bash -c '. "$1" && complete -p tapcompat' bash \
		"$work/root$prefix/share/bash-completion/completions/tapcompat"
}

ktap_plan 12
ktap "make install with DESTDIR and PREFIX" installed
ktap "a program links by pkg-config" links
ktap "and runs, with a function named as a private one" runs
ktap "only public headers are installed" public_headers
ktap "pkg-config knows the version" same_version
ktap "pkg-config knows what the library needs" static_flags
ktap "tapcompat(1) finds its library" program_runs
ktap "tapcompat-helper(8) needs few libraries" helper_alone
ktap "another PREFIX and LIBDIR" elsewhere
ktap "tapcompat run finds the shim" shim_is_loaded
ktap "the manual is installed" manual
ktap "completion is installed" completion
ktap_end
