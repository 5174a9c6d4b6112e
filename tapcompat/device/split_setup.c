// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * split_setup.c - set up the kernel's vhost-net for a device (Linux drivers/vhost/vhost.c, net.c)
 *
 * By system calls, not by libc's functions: in the shim those are its own.
 */
#include "device.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <tapcompat_linux.h>

#include "packet/vnet.h"

/* The parts of the private ring, one after the other. */
#define AVAIL_AT (SPLIT_RING * sizeof(struct vring_desc))
#define USED_AT (AVAIL_AT + 8192u)
#define RING_BYTES (USED_AT + SPLIT_RING * sizeof(struct vring_used_elem) + 4096u)

_Static_assert(sizeof(struct vring_avail) + (SPLIT_RING + 1) * sizeof(uint16_t) <=
	       USED_AT - AVAIL_AT, "the available ring has room");

/* Where the area may be for the guest. */
#define AREA_ALIGN (2ull << 20)
#define AREA_LAST (1ull << 56)

/* QEMU's memory table and one more region. */
#define TABLE_BYTES (sizeof(struct vhost_memory) + \
		     (MEMORY_REGIONS + 1) * sizeof(struct vhost_memory_region))

/* While the ring is emptied: milliseconds in all, and without progress. */
#define DRAIN_MS 200
#define DRAIN_IDLE_MS 20

/* What the kernel need not know of: the frontend's, or what vhost-net does in any case. */
#define OWN_FEATURES (1ull << VIRTIO_F_IN_ORDER | 1ull << VIRTIO_F_RING_RESET)

static int request(const struct device *d, unsigned long number, void *arg)
{
	return syscall(SYS_ioctl, d->split.vhost, number, arg) < 0 ? -errno : 0;
}

void split_release(struct device *d)
{
	if (d->split.vhost >= 0)
		syscall(SYS_close, d->split.vhost);
	d->split.vhost = -1;
}

int device_use_vhost(struct device *d, int fd, const struct tapcompat_mask *unused)
{
	struct split *s = &d->split;
	int ret;

	split_release(d);
	s->vhost = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 0);
	if (s->vhost < 0)
		return -errno;
	ret = request(d, VHOST_SET_OWNER, NULL);
	if (!ret)
		ret = request(d, VHOST_GET_FEATURES, &s->kernel);
	s->kernel &= ~unused->word[0];
	if (ret)
		split_release(d);
	return ret;
}

/* ---- What both rings share ---------------------------------------------------------- */

int split_set_features(struct device *d)
{
	uint64_t features = d->features.word[0] & d->split.kernel;

	return request(d, VHOST_SET_FEATURES, &features);
}

int split_set_log(struct device *d)
{
	uint64_t base = (uintptr_t)d->dirty.bits;

	return request(d, VHOST_SET_LOG_BASE, &base);
}

static struct vhost_memory_region kernel_region(uint64_t guest, uint64_t size, const void *at)
{
	return (struct vhost_memory_region){
		.guest_phys_addr = guest, .memory_size = size, .userspace_addr = (uintptr_t)at,
	};
}

/* QEMU's table, and the area above it. */
int split_set_memory(struct device *d)
{
	_Alignas(struct vhost_memory) uint8_t bytes[TABLE_BYTES];
	struct vhost_memory *table = (struct vhost_memory *)bytes;
	size_t i, n = d->memory.count;
	uint64_t last = 0;

	for (i = 0; i < n; i++) {
		const struct memory_region *r = &d->memory.region[i];

		table->regions[i] = kernel_region(r->guest, r->size, r->host);
		last = r->guest + (r->size - 1);
	}
	if (last >= AREA_LAST)
		return -ERANGE;
	d->split.guest = (last | (AREA_ALIGN - 1)) + 1;
	table->regions[n] = kernel_region(d->split.guest, SPLIT_AREA, d->split.shown);
	table->nregions = (uint32_t)n + 1;
	table->padding = 0;
	return request(d, VHOST_SET_MEM_TABLE, table);
}

static void unmap(void *at, size_t size)
{
	if (at && at != MAP_FAILED)
		munmap(at, size);
}

/* One mapping for this process and one for the kernel; neither is for children. */
static int map_area(struct split *s)
{
	s->area = mmap(NULL, SPLIT_AREA, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);
	if (s->area == MAP_FAILED)
		return -errno;
	s->shown = mremap(s->area, 0, SPLIT_AREA, MREMAP_MAYMOVE);
	if (s->shown == MAP_FAILED || mprotect(s->shown, SPLIT_AREA, PROT_READ))
		return -errno;
	madvise(s->area, SPLIT_AREA, MADV_DONTFORK);
	madvise(s->shown, SPLIT_AREA, MADV_DONTFORK);
	return 0;
}

static int allocate(struct split *s)
{
	uint8_t *ring = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (ring == MAP_FAILED)
		return -errno;
	s->desc = (struct vring_desc *)ring;
	s->avail = (struct vring_avail *)(ring + AVAIL_AT);
	s->used = (struct vring_used *)(ring + USED_AT);
	s->pending = calloc(SPLIT_PACKETS, sizeof(*s->pending));
	s->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->kick < 0 || s->call < 0)
		return -errno;
	return s->pending ? map_area(s) : -ENOMEM;
}

static void close_event(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void split_close(struct device *d)
{
	struct split *s = &d->split;

	s->on = false;
	close_event(&s->kick);
	close_event(&s->call);
	unmap(s->desc, RING_BYTES);
	unmap(s->area, SPLIT_AREA);
	unmap(s->shown, SPLIT_AREA);
	free(s->pending);
	s->desc = NULL;
	s->area = s->shown = NULL;
	s->pending = NULL;
}

/*
 * The kernel removes as many bytes before a frame as it believes a vnet header to have, so it
 * must have that size.  Rings of drivers before virtio 1 are in the byte order of the machine.
 */
static const char *refusal(const struct device *d, const struct transmit_port *port)
{
	const uint64_t longer = 1ull << VIRTIO_F_VERSION_1 | 1ull << VIRTIO_NET_F_MRG_RXBUF;
	uint64_t acked = d->features.word[0];
	unsigned int header = acked & longer ? VNET_MERGEABLE : VNET_LEGACY;

	if (d->split.vhost < 0)
		return "there is none";
	if (acked & ~d->split.kernel & ~OWN_FEATURES)
		return "it lacks features of the rings";
	if (port->port_header != header)
		return "vnet headers of this size are not supported";
	if (!(acked & 1ull << VIRTIO_F_VERSION_1) && htole16(1) != 1)
		return "the guest's rings are not little-endian";
	return NULL;
}

int split_open(struct device *d, const struct transmit_port *port)
{
	struct split *s = &d->split;
	int ret;

	s->refused = refusal(d, port);
	if (s->refused)
		return -EOPNOTSUPP;
	s->port = *port;
	s->event_idx = d->features.word[0] >> VIRTIO_RING_F_EVENT_IDX & 1;
	ret = allocate(s);
	if (!ret)
		ret = split_set_memory(d);
	if (!ret)
		ret = split_set_log(d);
	if (!ret)
		ret = split_set_features(d);
	s->on = !ret;
	if (ret) {
		s->refused = strerror(-ret);
		split_close(d);
	}
	return ret;
}

/* ---- A ring ---------------------------------------------------------------------------- */

static const unsigned long event_requests[] = {
	[DEVICE_KICK] = VHOST_SET_VRING_KICK, [DEVICE_CALL] = VHOST_SET_VRING_CALL,
	[DEVICE_ERR] = VHOST_SET_VRING_ERR,
};

static int set_event(struct device *d, enum device_ring ring, enum device_event event, int fd)
{
	struct vhost_vring_file file = { .index = ring, .fd = fd };

	return request(d, event_requests[event], &file);
}

int split_set_event(struct device *d, enum device_ring ring, enum device_event event)
{
	const struct device_queue *q = &d->queue[ring];

	if (ring == DEVICE_TX && event != DEVICE_ERR)
		return 0;
	return set_event(d, ring, event, event == DEVICE_KICK ? q->kick :
			 event == DEVICE_CALL ? q->call : q->err);
}

static int set_backend(struct device *d, enum device_ring ring, int fd)
{
	struct vhost_vring_file file = { .index = ring, .fd = fd };

	return request(d, VHOST_NET_SET_BACKEND, &file);
}

static int set_address(struct device *d, enum device_ring ring, const void *desc,
		       const void *avail, const void *used)
{
	const struct device_queue *q = &d->queue[ring];
	struct vhost_vring_addr a = {
		.index = ring, .desc_user_addr = (uintptr_t)desc,
		.avail_user_addr = (uintptr_t)avail, .used_user_addr = (uintptr_t)used,
	};

	if (ring == DEVICE_RX && q->log) {
		a.flags = 1u << VHOST_VRING_F_LOG;
		a.log_guest_addr = q->log_guest;
	}
	return request(d, VHOST_SET_VRING_ADDR, &a);
}

int split_set_rings(struct device *d, enum device_ring ring)
{
	const struct vqueue *q = &d->queue[ring].q;

	return ring == DEVICE_RX ? set_address(d, ring, q->desc, q->avail, q->used) : 0;
}

static int set_size(struct device *d, enum device_ring ring, unsigned int size, unsigned int base)
{
	struct vhost_vring_state num = { .index = ring, .num = size };
	struct vhost_vring_state first = { .index = ring, .num = base };
	int ret = request(d, VHOST_SET_VRING_NUM, &num);

	return ret ? ret : request(d, VHOST_SET_VRING_BASE, &first);
}

static int start_receive(struct device *d)
{
	const struct device_queue *q = &d->queue[DEVICE_RX];
	enum device_event event;
	int ret = set_size(d, DEVICE_RX, q->config.size, q->config.base);

	if (!ret)
		ret = split_set_rings(d, DEVICE_RX);
	for (event = DEVICE_KICK; !ret && event <= DEVICE_ERR; event++)
		ret = split_set_event(d, DEVICE_RX, event);
	return ret ? ret : set_backend(d, DEVICE_RX, d->port.fd);
}

/* Empty, whatever was there before. */
static void reset_ring(struct split *s)
{
	eventfd_t value;

	memset(s->desc, 0, RING_BYTES);
	eventfd_read(s->kick, &value);
	eventfd_read(s->call, &value);
	s->filled = s->published = s->collected = s->desc_next = 0;
	s->desc_used = s->area_next = s->area_used = 0;
	s->packets = 0;
	s->packet.busy = false;
	s->broken = false;
	/* Not for the next frames: nobody sleeps yet. */
	if (s->event_idx)
		s->avail->ring[SPLIT_RING] = htole16(UINT16_MAX);
	else
		s->avail->flags = htole16(VRING_AVAIL_F_NO_INTERRUPT);
}

static int start_transmit(struct device *d)
{
	struct split *s = &d->split;
	int ret;

	reset_ring(s);
	ret = set_size(d, DEVICE_TX, SPLIT_RING, 0);
	if (!ret)
		ret = set_address(d, DEVICE_TX, s->desc, s->avail, s->used);
	if (!ret)
		ret = set_event(d, DEVICE_TX, DEVICE_KICK, s->kick);
	if (!ret)
		ret = set_event(d, DEVICE_TX, DEVICE_CALL, s->call);
	if (!ret)
		ret = split_set_event(d, DEVICE_TX, DEVICE_ERR);
	if (!ret)
		ret = set_backend(d, DEVICE_TX, d->port.fd);
	s->started = !ret;
	return ret;
}

int split_start(struct device *d, enum device_ring ring)
{
	return ring == DEVICE_RX ? start_receive(d) : start_transmit(d);
}

/* Let the kernel send what it has been given. */
static void drain(struct device *d)
{
	struct split *s = &d->split;
	unsigned int ms, idle = 0;

	for (ms = 0; ms < DRAIN_MS && idle < DRAIN_IDLE_MS && split_rest(d); ms++) {
		struct pollfd p = { .fd = s->call, .events = POLLIN };
		uint16_t before = s->collected;
		eventfd_t value;

		if (!split_enable_call(d) && poll(&p, 1, 1) > 0)
			eventfd_read(s->call, &value);
		split_collect(d);
		idle = s->collected == before ? idle + 1 : 0;
	}
}

void split_stop(struct device *d, enum device_ring ring)
{
	struct vqueue *q = &d->queue[ring].q;
	uint32_t base;

	if (ring == DEVICE_RX) {
		set_backend(d, ring, -1);
		if (!split_get_base(d, &base))
			q->last_avail = (uint16_t)base;
		return;
	}
	if (!d->split.started)
		return;
	drain(d);
	set_backend(d, ring, -1);
	split_give_up(d);
	d->split.started = false;
}

int split_get_base(struct device *d, uint32_t *base)
{
	struct vhost_vring_state s = { .index = DEVICE_RX };
	int ret = request(d, VHOST_GET_VRING_BASE, &s);

	*base = s.num;
	return ret;
}
