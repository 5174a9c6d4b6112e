#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# host.sh NAME - a host with libvirtd, in namespaces that libvirt.sh has created for it
#
# Nothing of the machine's own libvirt is seen or changed: all of its directories are
# empty file systems in memory, and there are no control groups.
name=$1 host=$work/$1

empty()
{
	for directory; do
		mount -t tmpfs -o mode=755 tmpfs "$directory" || exit
	done
}

# libvirtd does not start without them, even though guests run as root.
users()
{
	for list in passwd group; do
		cp "/etc/$list" "$host/" && mount --bind "$host/$list" "/etc/$list" || exit
	done
	grep -q '^libvirt-qemu:' /etc/passwd ||
		echo "libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin" >>"$host/passwd"
	grep -q '^libvirt-qemu:' /etc/group || echo "libvirt-qemu:x:64055:" >>"$host/group"
}

# QEMU ends if it finds modules of another QEMU in the directory that it was built for.
modules()
{
	directory=/usr/lib/$(uname -m)-linux-gnu/qemu
	mkdir "$host/modules" && mount --bind "$directory" "$host/modules" && empty "$directory"
}

settings()
{
	cat >/etc/libvirt/libvirtd.conf <<-EOF
	unix_sock_dir = "$host/socket"
	unix_sock_group = "root"
	auth_unix_rw = "none"
	auth_unix_ro = "none"
	host_uuid = "$(cat /proc/sys/kernel/random/uuid)"
	log_outputs = "3:file:$host/log"
	EOF
	cat >/etc/libvirt/qemu.conf <<-EOF
	user = "root"
	group = "root"
	security_driver = "none"
	dynamic_ownership = 0
	stdio_handler = "file"
	EOF
}

script()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$1" && chmod 755 "$1"
}

# The kernel of the host named old is this one, but taps have no UDP segmentation.  Its QEMU
# is started by two scripts: the first must not look to the hook like one that emulates.
emulators()
{
	newest=$qemu mask=
	if [ "$name" = old ]; then
		mask=--mask=$uso
		script "$host/qemu" "exec $tapcompat run -q --no-verify --emulate=none $mask \
-- $qemu \"\$@\""
		newest=$host/qemu
	fi
	script /usr/local/bin/qemu "exec $newest \"\$@\""
	script /usr/local/bin/qemu-distribution "QEMU_MODULE_DIR=$host/modules exec \
$(command -v qemu-system-x86_64) \"\$@\""
	script /usr/local/bin/qemu-tapcompat "exec $tapcompat run -q $mask \
--caps=/run/tapcompat.json -- $qemu \"\$@\""
}

# One host probes, the other one has a document, as tapcompat-hook(1) describes.
hook()
{
	mkdir -p /etc/libvirt/hooks/qemu.d
	cp "$work/$name.json" /run/tapcompat.json
	if [ "$name" = old ]; then
		script /etc/libvirt/hooks/qemu.d/50-tapcompat \
			"exec $tapcompat hook --caps=/run/tapcompat.json -- \"\$@\""
	else
		ln -s "$tapcompat" /etc/libvirt/hooks/qemu.d/50-tapcompat
	fi
}

mkdir "$host" "$host/socket" && hostname "$name" && mount --make-rprivate / || exit
empty /run /var/lib /var/cache /var/log /etc/libvirt /usr/local/bin
umount -R -l /sys && mount -t sysfs sysfs /sys || exit
users
modules
settings
emulators
hook
ip link set lo up && ip link add br0 type bridge && ip link set br0 up || exit
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# As the init process, the shell reaps QEMUs that libvirtd has started.
for start in 1 2; do
	echo "$start" >>"$host/starts"
	libvirtd -f /etc/libvirt/libvirtd.conf &
	wait $!
done
