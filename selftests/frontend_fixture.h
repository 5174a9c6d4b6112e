/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frontend_fixture.h - a tap, the shim's vhost-net, and a driver of its rings
 *
 * The test program defines ioctl(2) and the like as the preloaded shim does, and the library's
 * driver of vhost-net takes the part of QEMU and the guest.  Ring reset is masked, so the
 * shim's device is used on every host; UDP segmentation is masked, so the tap is emulated.
 */
#ifndef FRONTEND_FIXTURE_H
#define FRONTEND_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include <tapcompat_linux.h>

#include "kernel/link.h"
#include "kernel/tap.h"
#include "kernel/vhost.h"
#include "netns_fixture.h"
#include "packet/vnet.h"
#include "shim/shim.h"

#define SHIM_ENVIRONMENT "queue_reset,host_uso,guest_uso4,guest_uso6"

/* Before the shim reads it. */
__attribute__((constructor(101))) static void shim_environment(void)
{
	setenv("TAPCOMPAT_MASK", SHIM_ENVIRONMENT, 1);
	setenv("TAPCOMPAT_EMULATE", "auto", 1);
	unsetenv("TAPCOMPAT_LOG");
}

#define MOST_FEATURES \
	(1ull << VIRTIO_F_VERSION_1 | 1ull << VIRTIO_NET_F_MRG_RXBUF | \
	 1ull << VIRTIO_RING_F_INDIRECT_DESC | 1ull << VIRTIO_RING_F_EVENT_IDX)

struct frontend {
	int tap;
	struct nl_sock *nl;
	struct vhost v;
	int err[VHOST_RINGS];
};

/* The library's driver does not set the descriptors for errors. */
static inline int frontend_watch_errors(struct frontend *d)
{
	unsigned int i;

	for (i = 0; i < VHOST_RINGS; i++) {
		struct vhost_vring_file file = { .index = i };

		d->err[i] = file.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (ioctl(d->v.fd, VHOST_SET_VRING_ERR, &file))
			return -errno;
	}
	return 0;
}

static inline int tap0_link(bool up)
{
	struct ifreq ifr = { .ifr_name = "tap0", .ifr_flags = up ? IFF_UP : 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = ioctl(fd, SIOCSIFFLAGS, &ifr);

	close(fd);
	return ret ? -errno : 0;
}

/* A tap that is up, with offloads set as QEMU sets them. */
static inline int frontend_tap(struct frontend *d)
{
	int ret;

	d->tap = tap_open("tap0", false);
	if (d->tap < 0)
		return d->tap;
	ret = tap_header(d->tap, VNET_MERGEABLE);
	if (!ret)
		ret = tap_offload(d->tap, TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6);
	if (!ret)
		ret = links_open(&d->nl);
	return ret ? ret : tap0_link(true);
}

static inline int frontend_start(struct frontend *d, uint64_t features)
{
	struct tapcompat_mask mask = { { features, 0 } };
	int ret = vhost_start(&d->v, d->tap, &mask, VNET_MERGEABLE, VHOST_BUFFER);

	return ret ? ret : frontend_watch_errors(d);
}

static inline void frontend_stop(struct frontend *d)
{
	vhost_stop(&d->v);
	close(d->err[0]);
	close(d->err[1]);
}

static inline struct stat_port *frontend_stat(const struct frontend *d)
{
	return shim_tap(d->tap)->stat;
}

/* As TAPCOMPAT_ENGINE says. */
static inline const char *frontend_engine(void)
{
	const char *engine = getenv("TAPCOMPAT_ENGINE");

	return engine ? engine : "auto";
}

/* Does the kernel's vhost-net move the frames, and receive by itself? */
static inline bool frontend_is_split(const struct frontend *d)
{
	return frontend_stat(d)->engine == STAT_VHOST;
}

/* Does a ring report within the time that it is broken? */
static inline bool frontend_broke(const struct frontend *d, enum vhost_ring ring, int timeout_ms)
{
	struct pollfd p = { .fd = d->err[ring], .events = POLLIN };
	eventfd_t value;

	return poll(&p, 1, timeout_ms) == 1 && !eventfd_read(d->err[ring], &value);
}

/* A plain frame of sixty bytes of a protocol that nobody answers. */
static inline int frontend_send(struct frontend *d)
{
	static const uint8_t packet[VNET_MERGEABLE + 60] = { [12] = 2, [24] = 0x88, [25] = 0xb5 };

	return vhost_send(&d->v, packet, sizeof(packet));
}

/* CPU time of the process, in microseconds. */
static inline int64_t cpu_time(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000ll + u.ru_utime.tv_usec +
		u.ru_stime.tv_usec;
}

static inline unsigned int count_fds(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

FIXTURE(frontend) {
	FIXTURE_SKIP;
	struct frontend d;
	struct vhost *v;
};

FIXTURE_SETUP(frontend)
{
	memset(&self->d, 0, sizeof(self->d));
	NETNS_OR_SKIP();
	if (access("/dev/net/tun", R_OK | W_OK))
		SKIP_TEST("there is no /dev/net/tun");
	if (!strcmp(frontend_engine(), "vhost") && access(VHOST_NODE, R_OK | W_OK))
		SKIP_TEST("there is no " VHOST_NODE);
	self->v = &self->d.v;
	ASSERT_EQ(0, frontend_tap(&self->d));
	ASSERT_EQ(0, frontend_start(&self->d, MOST_FEATURES));
}

FIXTURE_TEARDOWN(frontend)
{
	if (self->skip)
		return;
	frontend_stop(&self->d);
	links_close(self->d.nl);
	close(self->d.tap);
}

#endif /* FRONTEND_FIXTURE_H */
