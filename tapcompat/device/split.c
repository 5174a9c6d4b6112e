// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * split.c - frames from the guest's transmit ring to a private ring of the kernel's vhost-net
 */
#include "device.h"

#include <endian.h>
#include <string.h>
#include <sys/eventfd.h>

#include "ground/bytes.h"

/* With less, payload is copied behind the headers: a descriptor costs more. */
#define COPY_MAX 128u

/* With more pieces, it is copied as well, and the frame needs one descriptor. */
#define PIECES_MAX 64u

/* Frames that are published at once. */
#define PUBLISH_EACH 64u

#define CACHE_LINE 64u

static uint16_t slot(uint16_t index)
{
	return index % SPLIT_RING;
}

static uint16_t load(const uint16_t *field)
{
	return le16toh(__atomic_load_n(field, __ATOMIC_RELAXED));
}

static void store(uint16_t *field, uint16_t value)
{
	__atomic_store_n(field, htole16(value), __ATOMIC_RELAXED);
}

/* After the available ring: the used index at which the kernel is to interrupt. */
static uint16_t *used_event(const struct split *s)
{
	return &s->avail->ring[SPLIT_RING];
}

/* After the used ring: the available index at which the kernel wants a kick. */
static const uint16_t *avail_event(const struct split *s)
{
	return (const uint16_t *)&s->used->ring[SPLIT_RING];
}

static uint16_t in_flight(const struct split *s)
{
	return (uint16_t)(s->filled - s->collected);
}

/* ---- Towards the kernel ------------------------------------------------------- */

static bool kick_needed(const struct split *s, uint16_t before)
{
	if (s->event_idx)
		return vring_need_event(load(avail_event(s)), s->published, before);
	return !(load(&s->used->flags) & VRING_USED_F_NO_NOTIFY);
}

static void split_publish(struct device *d)
{
	struct split *s = &d->split;
	uint16_t before = s->published;

	if (s->filled == before)
		return;
	s->published = s->filled;
	__atomic_store_n(&s->avail->idx, htole16(s->published), __ATOMIC_RELEASE);
	/* The index must be visible before the kernel's event index or flag is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!kick_needed(s, before))
		return;
	stat_count(&queue_stat(d, DEVICE_TX)->count[STAT_BATCHES], 1);
	eventfd_write(s->kick, 1);
}

/* Room in the area, which must not wrap within a frame; NULL if there is too little. */
static uint8_t *area_room(struct split *s, size_t len, uint32_t *skipped)
{
	if (!s->area_used)
		s->area_next = 0;
	*skipped = len > SPLIT_AREA - s->area_next ? SPLIT_AREA - s->area_next : 0;
	if (len + *skipped > SPLIT_AREA - s->area_used)
		return NULL;
	return s->area + (*skipped ? 0 : s->area_next);
}

static uint32_t whole_lines(size_t len)
{
	return ((uint32_t)len + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
}

static uint32_t area_take(struct split *s, size_t len, uint32_t skipped)
{
	uint32_t bytes = skipped + whole_lines(len);

	/* The end of the area is a multiple of a cache line, and so of each frame's bytes. */
	s->area_next = (s->area_next + bytes) % SPLIT_AREA;
	s->area_used += bytes;
	return bytes;
}

static void add_descriptor(struct split *s, uint64_t address, size_t len, bool more)
{
	uint16_t at = s->desc_next, next = slot((uint16_t)(at + 1));

	s->desc[at] = (struct vring_desc){
		.addr = htole64(address), .len = htole32((uint32_t)len),
		.flags = htole16(more ? VRING_DESC_F_NEXT : 0), .next = htole16(next),
	};
	s->desc_next = next;
	s->desc_used++;
}

/* The pieces of the next @len bytes; counting ends where there are too many. */
static uint32_t count_pieces(struct pieces p, size_t len)
{
	uint32_t n = 0;

	while (len && n <= PIECES_MAX) {
		struct iovec run = pieces_next(&p, len);

		if (!run.iov_len)
			break;
		len -= run.iov_len;
		n++;
	}
	return n;
}

/* Where the packet's next @len bytes are for the guest, and so for the kernel. */
static void add_payload(struct device *d, struct pieces *p, size_t len)
{
	while (len) {
		uint64_t address = d->split.address[p->iov - d->iov] + p->at;
		struct iovec run = pieces_next(p, len);

		len -= run.iov_len;
		add_descriptor(&d->split, address, run.iov_len, len);
	}
}

/* How the next frame is published. */
struct split_shape {
	bool segmented;
	struct pieces *from;	/* its payload, or what follows the head that was checked */
	size_t data;		/* bytes there */
	uint32_t pieces;	/* 0: they are copied */
};

static void shape_frame(struct transmit_packet *p, struct split_shape *f)
{
	uint32_t from;

	f->segmented = outgoing_is_segmented(p);
	f->from = f->segmented ? &p->payload : &p->rest;
	f->data = f->segmented ? segment_range(&p->plan, p->next, &from) : p->len - p->head_len;
	f->pieces = 0;
	if (f->data > COPY_MAX && !p->plan.complete)
		f->pieces = count_pieces(*f->from, f->data);
	if (f->pieces > PIECES_MAX)
		f->pieces = 0;
}

/* Write what is not referred to. */
static size_t write_frame(struct split *s, const struct split_shape *f, uint8_t *out)
{
	struct transmit_packet *p = &s->packet;

	if (f->segmented)
		return f->pieces ? segment_write(&p->template, p->next++, out) :
				   outgoing_segment(p, out);
	p->next++;
	return f->pieces ? outgoing_head(p, &s->port, out) : outgoing_whole(p, &s->port, out);
}

/* Return: false if there is no room for the next frame of the packet */
static bool put_frame(struct device *d)
{
	struct split *s = &d->split;
	struct split_frame *frame = &s->frame[slot(s->filled)];
	struct split_shape f;
	uint32_t skipped;
	uint8_t *out;
	size_t len;

	shape_frame(&s->packet, &f);
	out = area_room(s, SEGMENT_WRITE_MAX + CACHE_LINE + (f.pieces ? 0 : f.data), &skipped);
	if (!out || 1 + f.pieces > SPLIT_RING - s->desc_used)
		return false;
	s->avail->ring[slot(s->filled)] = htole16(s->desc_next);
	len = write_frame(s, &f, out);
	add_descriptor(s, s->guest + (uint64_t)(out - s->area), len, f.pieces);
	if (f.pieces)
		add_payload(d, f.from, f.data);
	frame->descriptors = (uint16_t)(1 + f.pieces);
	frame->bytes = area_take(s, len, skipped);
	s->filled++;
	if ((uint16_t)(s->filled - s->published) >= PUBLISH_EACH)
		split_publish(d);
	return true;
}

/*
 * How many of the next segments are alike: not the last one, payload in one piece and by
 * reference.  So many as there is room for at @step bytes of the area for each.
 */
static uint32_t count_alike(const struct split *s, uint32_t step)
{
	const struct transmit_packet *p = &s->packet;
	const struct pieces *payload = &p->payload;
	uint32_t area = SPLIT_AREA - (s->area_next > s->area_used ? s->area_next : s->area_used);
	uint32_t n = p->plan.segments - 1 - p->next, most;

	if (p->plan.complete || p->plan.kind == SEGMENT_FRAGMENTS ||
	    p->plan.mss <= COPY_MAX || !payload->count)
		return 0;
	most = (uint32_t)((payload->iov->iov_len - payload->at) / p->plan.mss);
	n = n < most ? n : most;
	most = (SPLIT_RING - s->desc_used) / 2;
	n = n < most ? n : most;
	most = area / step;
	n = n < most ? n : most;
	return n < PUBLISH_EACH ? n : PUBLISH_EACH;
}

/* The same as put_frame() for each of them, which is most of the work of most super-packets. */
static void put_alike(struct device *d)
{
	struct split *s = &d->split;
	struct transmit_packet *p = &s->packet;
	uint32_t step = whole_lines(s->port.port_header + p->plan.header), mss = p->plan.mss, i;
	uint32_t n = count_alike(s, step);
	uint64_t head = s->guest + s->area_next, address;

	if (!n)
		return;
	address = s->address[p->payload.iov - d->iov] + p->payload.at;
	for (i = 0; i < n; i++) {
		size_t len = segment_write(&p->template, p->next++, s->area + (head - s->guest));

		s->avail->ring[slot(s->filled)] = htole16(s->desc_next);
		s->frame[slot(s->filled++)] = (struct split_frame){ 2, step };
		add_descriptor(s, head, len, true);
		add_descriptor(s, address, mss, false);
		head += step;
		address += mss;
	}
	pieces_skip(&p->payload, (size_t)n * mss);
	s->area_next = (s->area_next + n * step) % SPLIT_AREA;
	s->area_used += n * step;
	split_publish(d);
}

/* ---- The guest's packets -------------------------------------------------------- */

/* All frames of the current packet are on the private ring; a dropped one has none. */
static void add_pending(struct split *s)
{
	uint32_t at = (s->first + s->packets++) % SPLIT_PACKETS;

	s->pending[at] = (struct split_packet){ s->packet.tag, s->packet_begin, s->filled };
	s->packet.busy = false;
}

static uint32_t frames_of(const struct transmit_packet *p)
{
	return outgoing_is_segmented(p) ? p->plan.segments : 1;
}

/* Return: whether the next packet can be taken */
static bool put_packet(struct device *d)
{
	struct split *s = &d->split;

	while (s->packet.busy) {
		if (outgoing_is_segmented(&s->packet))
			put_alike(d);
		if (!put_frame(d))
			return false;
		if (s->packet.next == frames_of(&s->packet))
			add_pending(s);
	}
	return s->packets < SPLIT_PACKETS;
}

static void drop_packet(struct device *d, unsigned int reason)
{
	stat_count(&queue_stat(d, DEVICE_TX)->drop[reason], 1);
	add_pending(&d->split);
}

static void take_packet(struct device *d, const struct vqueue_chain *c)
{
	struct split *s = &d->split;
	enum segment_drop reason = outgoing_take(&s->packet, &s->port, c->iov, c->readable,
						 c->head, &s->fragment_id);

	if (reason)
		drop_packet(d, reason);
	else
		outgoing_count(&s->packet, queue_stat(d, DEVICE_TX));
}

/* Return: whether the next chain may be taken */
static bool take_chain(struct device *d, struct vqueue *q, bool *more)
{
	struct split *s = &d->split;
	struct vqueue_chain c = { .iov = d->iov, .guest = s->address,
				  .room = ARRAY_LENGTH(d->iov) };

	s->packet_begin = s->filled;
	switch (vqueue_pop(q, &c)) {
	case VQUEUE_TAKEN:
		take_packet(d, &c);
		break;
	case VQUEUE_UNUSABLE:
		s->packet.tag = c.head;
		drop_packet(d, STAT_DROP_CHAIN);
		break;
	case VQUEUE_SPENT:
		*more = true;
		return false;
	default:
		return false;
	}
	return put_packet(d);
}

/* ---- Back from the kernel --------------------------------------------------------- */

/* Acquire: the kernel has read a frame before it counts it. */
static uint16_t used_index(const struct split *s)
{
	return le16toh(__atomic_load_n(&s->used->idx, __ATOMIC_ACQUIRE));
}

/* Release frames up to @used.  That the last one is where it should be shows the order. */
static void release(struct split *s, uint16_t used)
{
	uint16_t last = slot((uint16_t)(used - 1));

	if ((uint16_t)(used - s->collected) > (uint16_t)(s->published - s->collected) ||
	    le32toh(s->used->ring[last].id) != le16toh(s->avail->ring[last])) {
		s->broken = true;
		return;
	}
	while (s->collected != used) {
		const struct split_frame *f = &s->frame[slot(s->collected++)];

		s->desc_used -= f->descriptors;
		s->area_used -= f->bytes;
	}
}

/* Is the kernel done with a packet that ends there?  At most SPLIT_RING chains are ahead. */
static bool is_done(const struct split *s, uint16_t end)
{
	return (uint16_t)(end - s->collected - 1) >= SPLIT_RING;
}

void split_collect(struct device *d)
{
	struct split *s = &d->split;
	uint16_t used = used_index(s), count = (uint16_t)(used - s->collected);

	if (count && !s->broken) {
		release(s, used);
		stat_count(&queue_stat(d, DEVICE_TX)->count[STAT_FRAMES], s->broken ? 0 : count);
	}
	while (s->packets && is_done(s, s->pending[s->first].end)) {
		vqueue_push(&d->queue[DEVICE_TX].q, s->pending[s->first].tag, 0);
		s->first = (s->first + 1) % SPLIT_PACKETS;
		s->packets--;
	}
}

bool split_blocked(const struct split *s)
{
	return s->packet.busy || s->packets == SPLIT_PACKETS;
}

/* How many frames are to be done first when the guest waits for some of its chains. */
static uint16_t guest_wants(const struct device *d)
{
	const struct split *s = &d->split;
	uint32_t chains = vqueue_interrupt_after(&d->queue[DEVICE_TX].q);

	if (!chains || chains > s->packets)
		return in_flight(s);
	return (uint16_t)(s->pending[(s->first + chains - 1) % SPLIT_PACKETS].end - s->collected);
}

/*
 * While it is blocked, half of the ring is to be free before it continues; else nothing but
 * the return of the guest's chains waits for the kernel.
 */
bool split_enable_call(struct device *d)
{
	struct split *s = &d->split;
	uint16_t want = guest_wants(d);

	if (!in_flight(s))
		return false;
	if (split_blocked(s) && want > in_flight(s) / 2)
		want = in_flight(s) / 2;
	want = want ? want : 1;
	if (s->event_idx)
		store(used_event(s), (uint16_t)(s->collected + want - 1));
	else
		store(&s->avail->flags, 0);
	/* It must be visible before the index is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return (uint16_t)(used_index(s) - s->collected) >= (s->event_idx ? want : 1);
}

void split_disable_call(struct device *d)
{
	/* With VIRTIO_RING_F_EVENT_IDX an event index that stays behind disables them. */
	if (!d->split.event_idx)
		store(&d->split.avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
}

bool split_rest(struct device *d)
{
	put_packet(d);
	split_publish(d);
	return d->split.packet.busy || in_flight(&d->split);
}

bool split_turn(struct device *d)
{
	struct vqueue *q = &d->queue[DEVICE_TX].q;
	struct split *s = &d->split;
	bool more = false;

	if (q->fault)
		return false;
	split_collect(d);
	if (put_packet(d)) {
		vqueue_turn(q);
		while (take_chain(d, q, &more))
			;
	}
	split_publish(d);
	split_collect(d);
	queue_publish(d, DEVICE_TX);
	if (s->broken)
		q->fault = VQUEUE_BAD_FLIGHT;
	if (q->fault)
		queue_break(d, DEVICE_TX);
	/* There is no kick for chains that are left; if the ring is full there is a call. */
	return (more || q->last_avail != q->seen) && !q->fault && !split_blocked(s);
}

/* ---- Empty it ------------------------------------------------------------------------ */

/* The kernel has stopped: return or put back what it has not sent.  Takes no chain. */
void split_give_up(struct device *d)
{
	struct split *s = &d->split;
	struct vqueue *q = &d->queue[DEVICE_TX].q;
	uint16_t sent;

	split_collect(d);
	sent = s->collected;
	/* At most the first packet, or the current one where it is the first, is sent in part. */
	if (s->packets && s->pending[s->first].begin != sent) {
		stat_count(&queue_stat(d, DEVICE_TX)->drop[STAT_DROP_FULL],
			   (uint16_t)(s->pending[s->first].end - sent));
		vqueue_push(q, s->pending[s->first].tag, 0);
		s->packets--;
	} else if (!s->packets && s->packet.busy && s->packet_begin != sent) {
		stat_count(&queue_stat(d, DEVICE_TX)->drop[STAT_DROP_FULL],
			   frames_of(&s->packet) - (uint16_t)(sent - s->packet_begin));
		vqueue_push(q, s->packet.tag, 0);
		s->packet.busy = false;
	}
	vqueue_rewind(q, s->packets + s->packet.busy);
	s->packets = 0;
	s->packet.busy = false;
	queue_publish(d, DEVICE_TX);
}
