// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tap.c - the ioctls of a tap's descriptor
 */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

static int tap_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

int tap_attach(int fd, const char *name, bool multi_queue)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int ret;

	if (multi_queue)
		ifr.ifr_flags |= IFF_MULTI_QUEUE;
	strncpy(ifr.ifr_name, name, sizeof(ifr.ifr_name) - 1);
	ret = tap_ioctl(fd, TUNSETIFF, &ifr);
	if (!ret)
		ret = tap_endian(fd, true, true);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

int tap_open(const char *name, bool multi_queue)
{
	int fd = open(TAP_NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : tap_attach(fd, name, multi_queue);
}

int tap_features(int fd, unsigned int *flags)
{
	return tap_ioctl(fd, TUNGETFEATURES, flags);
}

int tap_offload(int fd, unsigned int flags)
{
	return ioctl(fd, TUNSETOFFLOAD, (unsigned long)flags) < 0 ? -errno : 0;
}

int tap_header(int fd, unsigned int size)
{
	int set = (int)size, got = 0;
	int ret = tap_ioctl(fd, TUNSETVNETHDRSZ, &set);

	if (!ret)
		ret = tap_ioctl(fd, TUNGETVNETHDRSZ, &got);
	return ret ? ret : got == set ? 0 : -ERANGE;
}

int tap_endian(int fd, bool little, bool on)
{
	int set = on, got = 0;
	int ret = tap_ioctl(fd, little ? TUNSETVNETLE : TUNSETVNETBE, &set);

	if (!ret)
		ret = tap_ioctl(fd, little ? TUNGETVNETLE : TUNGETVNETBE, &got);
	return ret ? ret : !got == !on ? 0 : -ERANGE;
}

int tap_steer(int fd, int program)
{
	return tap_ioctl(fd, TUNSETSTEERINGEBPF, &program);
}
