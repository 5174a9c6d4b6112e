// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * receive.c - frames from a tap into a guest's buffers
 */
#include "receive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ground/mask.h"
#include "ground/pieces.h"
#include "packet/vnet.h"
#include "table/feature.h"

/* The longest frame and one byte more: a read that fills it was truncated. */
#define SLOT_BYTES (VNET_TUNNEL + SEGMENT_FRAME_MAX + 1)

/* Not a power of two, so that slots do not share cache sets. */
#define SLOT_STRIDE ((SLOT_BYTES + 63) / 64 * 64 + 128)

/* Frames that are longer on average are read few at a time: the call is a small part of them. */
#define BATCH_BYTES (128u << 10)

int receive_open(struct receive *r, int fd, const struct receive_port *port,
		 struct stat_direction *stat, bool uring)
{
	struct iovec area = { .iov_len = (size_t)RECEIVE_SLOTS * SLOT_STRIDE };

	memset(r, 0, sizeof(*r));
	r->port = *port;
	r->stat = stat;
	r->ahead = 1;
	area.iov_len = (area.iov_len + 4095) & ~(size_t)4095;
	r->slots = aligned_alloc(4096, area.iov_len);
	if (!r->slots)
		return -ENOMEM;
	area.iov_base = r->slots;
	batch_open(&r->batch, fd, area, uring);
	return 0;
}

void receive_close(struct receive *r)
{
	batch_close(&r->batch);
	free(r->slots);
	r->slots = NULL;
}

static void count(struct receive *r, enum stat_counter counter, uint64_t n)
{
	stat_count(&r->stat->count[counter], n);
}

static void count_drop(struct receive *r, unsigned int reason)
{
	stat_count(&r->stat->drop[reason], 1);
}

/* ---- From the tap ------------------------------------------------------- */

/*
 * Read ahead a third of the burst so far, or of the last one if it has just ended.  The longer
 * a burst has lasted, the longer it will last; and an empty read costs what batching two saves.
 */
static void look_ahead(struct receive *r, unsigned int got, size_t bytes)
{
	unsigned int most = RECEIVE_SLOTS;

	if (got && bytes / got > BATCH_BYTES / RECEIVE_SLOTS)
		most = (unsigned int)(BATCH_BYTES / (bytes / got));
	r->burst = r->ended ? got : r->burst + got;
	r->ended = got < r->ahead;
	r->ahead = r->burst / 3;
	if (r->ahead > most)
		r->ahead = most;
	if (!r->ahead)
		r->ahead = 1;
}

/* Move the reads that got a frame to the front, in their order, which is that of the frames. */
static size_t gather(struct receive *r)
{
	size_t bytes = 0;
	unsigned int i;

	/* A frame may arrive between two reads of which the first found none. */
	for (i = 0; i < r->batch.count; i++) {
		struct batch_op *op = &r->batch.op[i];

		if (op->result > 0) {
			bytes += (size_t)op->result;
			r->batch.op[r->count++] = *op;
		} else if (op->result != -EAGAIN) {
			r->error = op->result;
		}
	}
	return bytes;
}

/* Return: whether every read got a frame */
static bool fill(struct receive *r)
{
	unsigned int i, asked = r->ahead;
	size_t bytes;

	r->first = r->count = r->batch.count = 0;
	for (i = 0; i < asked; i++) {
		struct batch_op *op = batch_add(&r->batch, BATCH_READ);

		op->bytes = r->slots + (size_t)i * SLOT_STRIDE;
		op->len = SLOT_BYTES;
	}
	count(r, STAT_BATCHES, batch_run(&r->batch));
	bytes = gather(r);
	count(r, STAT_FRAMES, r->count);
	look_ahead(r, r->count, bytes);
	return r->count == asked;
}

/* ---- What the guest may see ---------------------------------------------- */

/* The bits of a row's gso type that are flags, without the type number. */
static uint8_t flags_of(const struct tapcompat_feature *f)
{
	return f->gso_type & (VIRTIO_NET_HDR_GSO_ECN | GSO_TUNNEL);
}

/* Has the guest enabled frames of this form?  It may have changed that meanwhile. */
static bool is_offered(const struct receive *r, uint8_t gso_type)
{
	uint32_t offload = __atomic_load_n(r->port.offload, __ATOMIC_RELAXED);
	uint8_t flags = gso_type & (VIRTIO_NET_HDR_GSO_ECN | GSO_TUNNEL);
	uint8_t number = gso_type & (uint8_t)~flags;
	const struct tapcompat_feature *f;
	bool known = false;

	for_each_feature(f) {
		uint32_t lacks = f->tun_flags & ~offload;

		/* Where one of several features is enough, their flags are no condition. */
		if (!mask_empty(&f->needs_any))
			lacks &= ~(uint32_t)(TUN_F_TSO4 | TUN_F_TSO6);
		if (f->direction != TAPCOMPAT_RECEIVES || lacks)
			continue;
		known |= f->gso_type == number;
		flags &= (uint8_t)~flags_of(f);
	}
	return known && !flags;
}

/* Check the kernel's vnet header.  Return: STAT_DROPS if it is valid, else the reason */
static unsigned int judge(const struct receive *r, struct vnet *h, size_t len)
{
	size_t start = h->csum_start;

	if (len < ETH_LEN)
		return SEGMENT_DROP_SHORT;
	if (len > SEGMENT_FRAME_MAX)
		return SEGMENT_DROP_LONG;
	if (h->gso_type && !is_offered(r, h->gso_type))
		return STAT_DROP_OFFER;
	if (h->gso_type && !h->gso_size)
		return SEGMENT_DROP_SIZE;
	h->flags &= VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID |
		VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM;
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM &&
	    (start >= len || len - start < (size_t)h->csum_offset + 2))
		return SEGMENT_DROP_CSUM;
	if (h->hdr_len > len)
		h->hdr_len = 0;
	return STAT_DROPS;
}

/* ---- Into the guest's buffers --------------------------------------------- */

enum taking { TAKEN, TAKE_WAIT, TAKE_DROP, TAKE_STOP };

/* Return the buffers that were taken to the ring; they are taken again when there are more. */
static enum taking wait_for_buffers(struct receive *r, struct vqueue *q)
{
	/* The guest has made all its buffers available. */
	if (r->buffers >= q->config.size)
		return TAKE_DROP;
	vqueue_rewind(q, r->buffers);
	r->buffers = 0;
	return TAKE_WAIT;
}

/* A buffer with too many pieces, alone or with those before it: those are returned untouched. */
static void take_odd(struct receive *r, struct vqueue *q, uint16_t head)
{
	if (r->buffers) {
		vqueue_rewind(q, 1);
		return;
	}
	count_drop(r, STAT_DROP_CHAIN);
	vqueue_push(q, head, 0);
}

static enum taking take_buffer(struct receive *r, struct vqueue *q)
{
	struct vqueue_chain c = {
		.iov = r->iov + r->pieces, .guest = r->guest + r->pieces,
		.room = RECEIVE_PIECES - r->pieces,
	};

	switch (vqueue_pop(q, &c)) {
	case VQUEUE_TAKEN:
		break;
	case VQUEUE_UNUSABLE:
		take_odd(r, q, c.head);
		return TAKE_DROP;
	case VQUEUE_NONE:
		return wait_for_buffers(r, q);
	case VQUEUE_SPENT:
		vqueue_rewind(q, r->buffers);
		r->buffers = 0;
		return TAKE_STOP;
	default:
		return TAKE_STOP;
	}
	r->head[r->buffers] = c.head;
	r->len[r->buffers++] = c.writable_bytes;
	r->pieces += c.writable;
	r->room += c.writable_bytes;
	return TAKEN;
}

/* Take as many buffers as a packet needs. */
static enum taking take_buffers(struct receive *r, struct vqueue *q, size_t need)
{
	enum taking taking = TAKEN;

	r->pieces = r->buffers = 0;
	r->room = 0;
	while (taking == TAKEN && r->room < need) {
		if (r->buffers == (r->port.mergeable ? RECEIVE_BUFFERS : 1))
			taking = TAKE_DROP;
		else
			taking = take_buffer(r, q);
	}
	/* A vnet header must not continue in another buffer. */
	if (taking == TAKEN && r->len[0] < r->port.guest_header)
		taking = TAKE_DROP;
	return taking;
}

static void mark_dirty(const struct receive *r, const struct dirty *dirty, size_t len)
{
	uint32_t i;

	for (i = 0; dirty->bits && len && i < r->pieces; i++) {
		size_t part = r->iov[i].iov_len < len ? r->iov[i].iov_len : len;

		dirty_mark(dirty, r->guest[i], part);
		len -= part;
	}
}

/* Return: bytes of the packet with its header */
static size_t write_packet(struct receive *r, const struct vnet *h, const uint8_t *frame,
			   size_t len)
{
	struct pieces to = { .iov = r->iov, .count = r->pieces };
	uint8_t header[VNET_TUNNEL];

	if (r->port.guest_header) {
		vnet_encode(h, header, r->port.guest_header);
		pieces_write(&to, header, r->port.guest_header);
	}
	pieces_write(&to, frame, len);
	return r->port.guest_header + len;
}

static void give(struct receive *r, struct vqueue *q, size_t len)
{
	uint32_t i;

	for (i = 0; i < r->buffers; i++) {
		uint32_t part = r->len[i] < len ? r->len[i] : (uint32_t)len;

		vqueue_push(q, r->head[i], part);
		len -= part;
	}
}

/* Return: whether the frame was delivered or dropped; else it has to wait */
static bool deliver(struct receive *r, struct vqueue *q, const struct dirty *dirty,
		    const uint8_t *slot, size_t bytes)
{
	size_t len = bytes > r->port.port_header ? bytes - r->port.port_header : 0;
	struct vnet h = { 0 };
	enum taking taking;
	unsigned int reason;

	if (r->port.port_header)
		vnet_decode(&h, slot, r->port.port_header);
	reason = judge(r, &h, len);
	if (reason < STAT_DROPS) {
		count_drop(r, reason);
		return true;
	}
	taking = take_buffers(r, q, r->port.guest_header + len);
	r->starved = taking == TAKE_WAIT;
	if (taking == TAKE_WAIT || taking == TAKE_STOP)
		return false;
	if (taking == TAKE_DROP) {
		vqueue_rewind(q, r->buffers);
		count_drop(r, STAT_DROP_ROOM);
		return true;
	}
	h.num_buffers = (uint16_t)r->buffers;
	len = write_packet(r, &h, slot + r->port.port_header, len);
	mark_dirty(r, dirty, len);
	give(r, q, len);
	count(r, STAT_PACKETS, 1);
	count(r, STAT_BYTES, len - r->port.guest_header);
	count(r, STAT_SUPER, h.gso_type != 0);
	return true;
}

/* Return: whether no frame is left */
static bool deliver_all(struct receive *r, struct vqueue *q, const struct dirty *dirty)
{
	for (; r->first < r->count; r->first++)
		if (!deliver(r, q, dirty, r->batch.op[r->first].bytes,
			     (size_t)r->batch.op[r->first].result))
			return false;
	return true;
}

bool receive_go(struct receive *r, struct vqueue *q, const struct dirty *dirty)
{
	bool more;

	if (!deliver_all(r, q, dirty))
		return !r->starved;
	more = fill(r);
	return (deliver_all(r, q, dirty) && more) || (r->first < r->count && !r->starved);
}
