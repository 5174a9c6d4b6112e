// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vhost.c - a frontend and driver for vhost-net
 *
 * The guest's memory is one anonymous mapping: both rings, then their buffers.  vhost
 * gets it identity-mapped or, if VIRTIO_F_ACCESS_PLATFORM is negotiated, through the
 * device IOTLB at another address, so that a device that does not translate fails.
 */
#include "vhost.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <tapcompat_linux.h>

#include "ground/answer.h"
#include "ground/bytes.h"
#include "packet/vnet.h"

#define QUEUE_BYTES ((uint64_t)VRING_BYTES + (uint64_t)VRING_SIZE * VHOST_BUFFER)
#define MEMORY_BYTES (VHOST_RINGS * QUEUE_BYTES)

/* Address of the memory in the device's IOTLB. */
#define IOVA 0x100000000ull

static int vhost_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

int vhost_open(void)
{
	int fd = open(VHOST_NODE, O_RDWR | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = vhost_ioctl(fd, VHOST_SET_OWNER, NULL);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

int vhost_features(int fd, struct tapcompat_mask *features, bool *array)
{
	struct tapcompat_vhost_features all = { .count = ARRAY_LENGTH(all.word) };
	int ret;

	*array = false;
	features->word[1] = 0;
	ret = vhost_ioctl(fd, VHOST_GET_FEATURES, &features->word[0]);
	if (ret)
		return ret;
	ret = vhost_ioctl(fd, TAPCOMPAT_VHOST_GET_FEATURES_ARRAY, &all);
	if (ret)
		return answer_of(ASKED_VHOST, ret) == ANSWER_NO ? 0 : ret;
	*array = true;
	memcpy(features->word, all.word, sizeof(features->word));
	return 0;
}

int vhost_backend_features(int fd, uint64_t *features)
{
	return vhost_ioctl(fd, VHOST_GET_BACKEND_FEATURES, features);
}

static bool vhost_has(const struct vhost *v, unsigned int bit)
{
	return tapcompat_mask_test(&v->features, bit);
}

static int vhost_set_features(struct vhost *v)
{
	struct tapcompat_vhost_features all = { .count = ARRAY_LENGTH(all.word) };

	memcpy(all.word, v->features.word, sizeof(all.word));
	if (all.word[1])
		return vhost_ioctl(v->fd, TAPCOMPAT_VHOST_SET_FEATURES_ARRAY, &all);
	return vhost_ioctl(v->fd, VHOST_SET_FEATURES, &v->features.word[0]);
}

/* The whole memory at IOVA, by one message of the device IOTLB. */
static int vhost_set_iotlb(struct vhost *v)
{
	uint64_t backend = 1ull << VHOST_BACKEND_F_IOTLB_MSG_V2;
	struct vhost_msg_v2 msg = {
		.type = VHOST_IOTLB_MSG_V2,
		.iotlb = {
			.iova = IOVA, .size = MEMORY_BYTES,
			.uaddr = (uintptr_t)v->memory,
			.perm = VHOST_ACCESS_RW, .type = VHOST_IOTLB_UPDATE,
		},
	};
	int ret = vhost_ioctl(v->fd, VHOST_SET_BACKEND_FEATURES, &backend);

	if (!ret && write(v->fd, &msg, sizeof(msg)) != sizeof(msg))
		ret = -errno;
	return ret;
}

static int vhost_set_memory(struct vhost *v)
{
	_Alignas(struct vhost_memory) uint8_t
		bytes[sizeof(struct vhost_memory) + sizeof(struct vhost_memory_region)] = { 0 };
	struct vhost_memory *table = (struct vhost_memory *)bytes;
	int ret;

	table->nregions = 1;
	table->regions[0].guest_phys_addr = (uintptr_t)v->memory;
	table->regions[0].memory_size = MEMORY_BYTES;
	table->regions[0].userspace_addr = (uintptr_t)v->memory;
	ret = vhost_ioctl(v->fd, VHOST_SET_MEM_TABLE, table);
	v->base = (uintptr_t)v->memory;
	if (ret || !vhost_has(v, VIRTIO_F_ACCESS_PLATFORM))
		return ret;
	v->base = IOVA;
	return vhost_set_iotlb(v);
}

static int vhost_attach(struct vhost *v, unsigned int ring, int tap)
{
	struct vhost_vring_file file = { .index = ring, .fd = tap };

	return vhost_ioctl(v->fd, VHOST_NET_SET_BACKEND, &file);
}

static int vhost_set_ring(struct vhost *v, unsigned int ring)
{
	struct vhost_queue *q = &v->queue[ring];
	/*
	 * With an IOTLB, what the kernel calls user addresses are I/O virtual
	 * addresses.
	 */
	uint64_t at = v->base + q->memory;
	struct vhost_vring_state num = { .index = ring, .num = VRING_SIZE };
	struct vhost_vring_state start = { .index = ring, .num = 0 };
	struct vhost_vring_addr addr = {
		.index = ring, .desc_user_addr = at, .avail_user_addr = at + VRING_AVAIL,
		.used_user_addr = at + VRING_USED,
	};
	struct vhost_vring_file kick = { .index = ring, .fd = q->kick };
	struct vhost_vring_file call = { .index = ring, .fd = q->call };
	const struct {
		unsigned long request;
		void *arg;
	} step[] = {
		{ VHOST_SET_VRING_NUM, &num }, { VHOST_SET_VRING_BASE, &start },
		{ VHOST_SET_VRING_ADDR, &addr }, { VHOST_SET_VRING_KICK, &kick },
		{ VHOST_SET_VRING_CALL, &call },
	};
	size_t i;
	int ret = 0;

	vring_reset(&q->ring, v->memory + q->memory);
	q->slot = 0;
	for (i = 0; !ret && i < ARRAY_LENGTH(step); i++)
		ret = vhost_ioctl(v->fd, step[i].request, step[i].arg);
	return ret;
}

static uint64_t buffer_address(const struct vhost *v, unsigned int ring, unsigned int slot)
{
	return v->base + v->queue[ring].buffers + (uint64_t)slot * VHOST_BUFFER;
}

static uint8_t *buffer(const struct vhost *v, unsigned int ring, unsigned int slot)
{
	return v->memory + v->queue[ring].buffers + (uint64_t)slot * VHOST_BUFFER;
}

/* Make all receive buffers available. */
static void vhost_fill(struct vhost *v)
{
	struct vring_driver *r = &v->queue[VHOST_RX].ring;
	uint16_t i;

	for (i = 0; i < VRING_SIZE; i++) {
		vring_describe(&r->desc[i], buffer_address(v, VHOST_RX, i), v->room,
			       VRING_DESC_F_WRITE, 0);
		vring_publish(r, i, vhost_has(v, VIRTIO_RING_F_EVENT_IDX));
	}
}

static int vhost_start_ring(struct vhost *v, unsigned int ring)
{
	int ret = vhost_set_ring(v, ring);

	if (ret)
		return ret;
	if (ring == VHOST_RX)
		vhost_fill(v);
	ret = vhost_attach(v, ring, v->tap);
	if (!ret)
		vhost_kick(v, ring);
	return ret;
}

static int vhost_prepare(struct vhost *v)
{
	unsigned int i;

	v->memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (v->memory == MAP_FAILED)
		return -errno;
	for (i = 0; i < VHOST_RINGS; i++) {
		struct vhost_queue *q = &v->queue[i];

		q->memory = i * QUEUE_BYTES;
		q->buffers = q->memory + VRING_BYTES;
		q->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		q->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (q->kick < 0 || q->call < 0)
			return -errno;
	}
	v->fd = vhost_open();
	return v->fd < 0 ? v->fd : 0;
}

int vhost_start(struct vhost *v, int tap, const struct tapcompat_mask *features,
		unsigned int header, uint32_t room)
{
	int ret;

	memset(v, 0, sizeof(*v));
	v->fd = -1;
	v->queue[VHOST_RX].kick = v->queue[VHOST_RX].call = -1;
	v->queue[VHOST_TX].kick = v->queue[VHOST_TX].call = -1;
	v->tap = tap;
	v->features = *features;
	v->header = header;
	v->room = room;
	ret = vhost_prepare(v);
	if (!ret)
		ret = vhost_set_features(v);
	if (!ret)
		ret = vhost_set_memory(v);
	if (!ret)
		ret = vhost_start_ring(v, VHOST_RX);
	if (!ret)
		ret = vhost_start_ring(v, VHOST_TX);
	if (ret)
		vhost_stop(v);
	return ret;
}

void vhost_stop(struct vhost *v)
{
	unsigned int i;

	/* Closing detaches the tap and waits for the worker. */
	if (v->fd >= 0)
		close(v->fd);
	for (i = 0; i < VHOST_RINGS; i++) {
		if (v->queue[i].kick >= 0)
			close(v->queue[i].kick);
		if (v->queue[i].call >= 0)
			close(v->queue[i].call);
	}
	if (v->memory && v->memory != MAP_FAILED)
		munmap(v->memory, MEMORY_BYTES);
	v->fd = -1;
	v->memory = NULL;
}

int vhost_ring_reset(struct vhost *v, enum vhost_ring ring)
{
	int ret = vhost_attach(v, ring, -1);

	return ret ? ret : vhost_start_ring(v, ring);
}

void vhost_kick(struct vhost *v, enum vhost_ring ring)
{
	eventfd_write(v->queue[ring].kick, 1);
}

bool vhost_called(struct vhost *v, enum vhost_ring ring, int timeout_ms)
{
	struct pollfd p = { .fd = v->queue[ring].call, .events = POLLIN };
	eventfd_t n;

	return poll(&p, 1, timeout_ms) == 1 && !eventfd_read(p.fd, &n);
}

/*
 * With VIRTIO_RING_F_INDIRECT_DESC the packet is sent through a table of two
 * descriptors, header and frame, at the end of its buffer.
 */
static void vhost_describe_indirect(struct vhost *v, uint16_t slot, size_t len)
{
	struct vring_desc *table = (void *)(buffer(v, VHOST_TX, slot) + VHOST_BUFFER -
					    2 * sizeof(*table));
	uint64_t at = buffer_address(v, VHOST_TX, slot);

	vring_describe(&table[0], at, v->header, VRING_DESC_F_NEXT, 1);
	vring_describe(&table[1], at + v->header, (uint32_t)len - v->header, 0, 0);
	vring_describe(&v->queue[VHOST_TX].ring.desc[slot],
		       at + VHOST_BUFFER - 2 * sizeof(*table), 2 * sizeof(*table),
		       VRING_DESC_F_INDIRECT, 0);
}

bool vhost_publish(struct vhost *v, const uint8_t *packet, size_t len)
{
	struct vhost_queue *q = &v->queue[VHOST_TX];
	uint16_t slot = q->slot++ % VRING_SIZE;

	memcpy(buffer(v, VHOST_TX, slot), packet, len);
	if (vhost_has(v, VIRTIO_RING_F_INDIRECT_DESC))
		vhost_describe_indirect(v, slot, len);
	else
		vring_describe(&q->ring.desc[slot], buffer_address(v, VHOST_TX, slot),
			       (uint32_t)len, 0, 0);
	return vring_publish(&q->ring, slot, vhost_has(v, VIRTIO_RING_F_EVENT_IDX));
}

/* The next used chain of a ring; wait for the interrupt if necessary. */
static int vhost_collect(struct vhost *v, enum vhost_ring ring, uint32_t *len, int timeout_ms)
{
	struct vring_driver *r = &v->queue[ring].ring;
	int head = vring_collect(r, len);

	if (head >= 0)
		return head;
	vring_request_interrupt(r, 1);
	head = vring_collect(r, len);
	while (head < 0 && vhost_called(v, ring, timeout_ms))
		head = vring_collect(r, len);
	return head < 0 ? -ETIMEDOUT : head;
}

int vhost_send(struct vhost *v, const uint8_t *packet, size_t len)
{
	uint32_t given;
	int ret;

	if (vhost_publish(v, packet, len))
		vhost_kick(v, VHOST_TX);
	ret = vhost_collect(v, VHOST_TX, &given, 1000);
	return ret < 0 ? ret : 0;
}

static void vhost_give_back(struct vhost *v, int head)
{
	if (vring_publish(&v->queue[VHOST_RX].ring, (uint16_t)head,
			  vhost_has(v, VIRTIO_RING_F_EVENT_IDX)))
		vhost_kick(v, VHOST_RX);
}

int vhost_receive(struct vhost *v, uint8_t *packet, size_t size, int timeout_ms)
{
	unsigned int i, want = 1;
	size_t have = 0;

	for (i = 0; i < want; i++) {
		uint32_t len;
		int head = vhost_collect(v, VHOST_RX, &len, timeout_ms);

		if (head < 0)
			return i ? -EPROTO : head;
		if (len > VHOST_BUFFER || len > size - have)
			return -EPROTO;
		memcpy(packet + have, buffer(v, VHOST_RX, (unsigned int)head), len);
		vhost_give_back(v, head);
		if (!i && vhost_has(v, VIRTIO_NET_F_MRG_RXBUF) && len >= VNET_MERGEABLE)
			want = get_le16(packet + 10);
		have += len;
	}
	if (want > v->most_buffers)
		v->most_buffers = want;
	return (int)have;
}
