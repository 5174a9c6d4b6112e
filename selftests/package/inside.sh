#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# inside.sh TEST - one test of package.sh, in a system of its own
set -e

add()
{
	apt-get -q -y --no-install-recommends install "$@" >/tmp/apt.log 2>&1 ||
		{ cat /tmp/apt.log; exit 1; }
}

# All files, except those that belong to the package manager or change by themselves.
tree()
{
	find / -xdev \( -path /proc -o -path /dev -o -path /run -o -path /tmp -o -path /var/log \
		-o -path /var/lib/dpkg -o -path /var/cache -o -path /var/lib/apt \
		-o -path /etc/ld.so.cache \) -prune -o -printf '%M %u %p\n' | sort
}

triplet()
{
	dpkg --print-architecture | sed 's/amd64/x86_64/; s/arm64/aarch64/; s/$/-linux-gnu/'
}

installed()
{
	add /new/*.deb
	[ "$(dpkg -l '*tapcompat*' | grep -c '^ii')" = 6 ]
	[ "$(find /etc/systemd /usr/lib/systemd -type l -name '*tapcompat*' | wc -l)" = 0 ]
	[ ! -e /run/tapcompat.json ]
	[ "$(stat -c %a%U /usr/libexec/tapcompat-helper)" = 755root ]
	verified=$(dpkg --verify $(dpkg-query -W -f '${Package} ' '*tapcompat*'))
	[ -z "$verified" ] || { echo "$verified"; exit 1; }
}

programs()
{
	add /new/*.deb
	tapcompat --version
	tapcompat probe --no-verify -j | grep -q '"schema": *"tapcompat-capabilities"'
	/usr/libexec/tapcompat-helper --version
	[ "$(tapcompat run -q --no-verify /usr/bin/printenv LD_PRELOAD)" = \
		"/usr/lib/$(triplet)/libtapcompat-shim.so" ]
	! ldd "$(command -v tapcompat)" | grep 'not found'
	# No QEMU is here: it says so.
	qemu-tapcompat -version 2>&1 | grep '/usr/bin/qemu-system-.*: No such file'
}

library()
{
	add /new/lib*.deb
	file=/usr/lib/$(triplet)/pkgconfig/libtapcompat.pc
	grep -x "libdir=\${prefix}/lib/$(triplet)" "$file"
	# Each library that it needs can be linked statically by that file.
	for name in $(sed -n 's/^Requires.private: //p' "$file"); do
		ls /usr/lib/*/pkgconfig/"$name".pc
	done
}

selftests()
{
	add /new/tapcompat-selftests*.deb
	cd /
	/usr/libexec/tapcompat/selftests/run_kselftest.sh 2>&1 |
		cat >/tmp/selftests.log
	[ "$(grep -c '^ok' /tmp/selftests.log)" = \
		"$(wc -l </usr/libexec/tapcompat/selftests/kselftest-list.txt)" ] &&
		! grep -q '^not ok' /tmp/selftests.log && return
	grep '^not ok' /tmp/selftests.log || tail -n 30 /tmp/selftests.log
	return 1
}

# As README.Debian of the helper says; and a conffile.
upgraded()
{
	wants=/etc/systemd/system/libvirtd.service.wants
	add /old/*.deb
	[ "$(dpkg-query -W -f '${Version}' tapcompat)" = 0.0.9-1 ]
	getent group kvm >/dev/null || groupadd -r kvm
	dpkg-statoverride --update --add root kvm 4750 /usr/libexec/tapcompat-helper
	echo '# changed' >>/etc/apparmor.d/abstractions/tapcompat-libvirtd
	mkdir -p /etc/tapcompat
	echo TAPCOMPAT_LOG=info >/etc/tapcompat/qemu-tapcompat.conf
	# As systemctl enable does.
	mkdir -p "$wants"
	ln -s /usr/lib/systemd/system/tapcompat-capabilities.service "$wants/"
	echo '{}' >/run/tapcompat.json
	add /new/*.deb
	! dpkg-query -W -f '${Version}\n' '*tapcompat*' | grep -x 0.0.9-1
	[ "$(stat -c %a%G /usr/libexec/tapcompat-helper)" = 4750kvm ]
	grep -qx '# changed' /etc/apparmor.d/abstractions/tapcompat-libvirtd
	[ -e /etc/tapcompat/qemu-tapcompat.conf ]
	[ -e /run/tapcompat.json ]
	[ -L "$wants/tapcompat-capabilities.service" ]
	tapcompat --version
}

mixed()
{
	add /old/*.deb
	! apt-get -q -y --no-remove install /new/libtapcompat0_*.deb
	[ "$(dpkg-query -W -f '${Version}' libtapcompat0)" = 0.0.9-1 ]
}

purged()
{
	tree >/tmp/before
	add /new/*.deb
	echo '{}' >/run/tapcompat.json
	apt-get -q -y remove '*tapcompat*' >/dev/null 2>&1
	[ ! -e /run/tapcompat.json ]
	[ -e /etc/apparmor.d/abstractions/tapcompat-libvirtd ]
	apt-get -q -y purge '*tapcompat*' >/dev/null 2>&1
	tree | diff /tmp/before -
}

"$1"
