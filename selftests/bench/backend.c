// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * backend.c - our device between a guest and a tap
 */
#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "bench.h"
#include "packets.h"

static void must(const char *what, int ret)
{
	if (ret)
		bench_die(what, ret);
}

/* The features of vhost-net that Linux guests negotiate. */
static struct tapcompat_mask ring_features(void)
{
	struct tapcompat_mask mask = { { 0, 0 } };

	tapcompat_mask_set(&mask, VIRTIO_F_VERSION_1);
	tapcompat_mask_set(&mask, VIRTIO_NET_F_MRG_RXBUF);
	tapcompat_mask_set(&mask, VIRTIO_RING_F_INDIRECT_DESC);
	tapcompat_mask_set(&mask, VIRTIO_RING_F_EVENT_IDX);
	return mask;
}

static void set_ring(struct device *d, unsigned int ring, const struct guest_queue *q)
{
	must("ring size", device_set_size(d, ring, q->size));
	must("ring base", device_set_base(d, ring, 0));
	must("rings", device_set_rings(d, ring, (uintptr_t)q->desc, (uintptr_t)q->avail,
				       (uintptr_t)q->used, false, 0));
	must("kick", device_set_event(d, ring, DEVICE_KICK, q->kick));
	must("call", device_set_event(d, ring, DEVICE_CALL, q->call));
}

static void use_vhost(struct device *d)
{
	const struct tapcompat_mask none = { { 0, 0 } };
	int fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		bench_die("/dev/vhost-net", errno);
	must("vhost-net", device_use_vhost(d, fd, &none));
	close(fd);
}

static void open_on(struct backend *b, struct guest *g, int tap, bool uso, bool threaded,
		    bool vhost)
{
	struct memory_region memory = {
		.guest = GUEST_BASE, .user = (uintptr_t)g->memory, .size = g->size,
		.host = g->memory,
	};
	struct tapcompat_mask features = ring_features(), kernel = packets_features(uso);
	struct device_port port = {
		.fd = tap, .header = HEADER, .offload = &b->offload, .stat = &b->stat,
		.uring = true, .vhost = vhost, .forced = vhost,
	};
	struct tapcompat_mask guest = packets_features(true);

	*b = (struct backend){ .guest = g, .offload = TUN_F_CSUM };
	port.features.guest = segment_features(&guest);
	port.features.kernel = segment_features(&kernel);
	must("device", device_open(&b->device));
	if (vhost)
		use_vhost(b->device);
	must("features", device_set_features(b->device, &features));
	must("memory", device_set_memory(b->device, &memory, 1));
	set_ring(b->device, DEVICE_RX, &g->queue[GUEST_RX]);
	set_ring(b->device, DEVICE_TX, &g->queue[GUEST_TX]);
	if (threaded)
		must("thread", device_set_owner(b->device));
	must("ring", device_attach(b->device, DEVICE_RX, &port));
	must("ring", device_attach(b->device, DEVICE_TX, &port));
}

void backend_open(struct backend *b, struct guest *g, int tap, bool uso, bool threaded)
{
	open_on(b, g, tap, uso, threaded, false);
}

void backend_open_split(struct backend *b, struct guest *g, int tap)
{
	open_on(b, g, tap, false, true, true);
}

void backend_close(struct backend *b)
{
	device_close(b->device);
}

void backend_drain(struct backend *b)
{
	while (guest_waiting(b->guest, GUEST_TX))
		device_turn(b->device);
}
