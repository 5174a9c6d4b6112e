// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vqueue.c - the device's half of a split ring
 */
#include "vqueue.h"

#include <endian.h>
#include <string.h>

#define EVENT_SIZE 2u		/* the event index after a ring */

static const char *const fault_names[VQUEUE_FAULTS] = {
	[VQUEUE_FINE] = "fine",
	[VQUEUE_BAD_SIZE] = "size",
	[VQUEUE_BAD_BASE] = "base",
	[VQUEUE_BAD_ALIGNMENT] = "alignment",
	[VQUEUE_BAD_RINGS] = "rings",
	[VQUEUE_BAD_INDEX] = "index",
	[VQUEUE_BAD_FLIGHT] = "flight",
	[VQUEUE_BAD_HEAD] = "head",
	[VQUEUE_BAD_NEXT] = "next",
	[VQUEUE_BAD_LOOP] = "loop",
	[VQUEUE_BAD_EMPTY] = "empty",
	[VQUEUE_BAD_SUM] = "sum",
	[VQUEUE_BAD_ADDRESS] = "address",
	[VQUEUE_BAD_ORDER] = "order",
	[VQUEUE_BAD_DIRECTION] = "direction",
	[VQUEUE_BAD_INDIRECT] = "indirect",
	[VQUEUE_BAD_NESTED] = "nested",
	[VQUEUE_BAD_TABLE] = "table",
};

/* Which pieces a queue's chains may have. */
static const struct {
	bool readable, writable;
} directions[] = {
	[VQUEUE_BOTH] = { .readable = true, .writable = true },
	[VQUEUE_READS] = { .readable = true },
	[VQUEUE_WRITES] = { .writable = true },
};

const char *vqueue_fault_name(enum vqueue_fault fault)
{
	return fault_names[fault];
}

/* The guest's fields: read once and written once; atomics keep the compiler from more. */
static uint16_t load(const uint16_t *field)
{
	return le16toh(__atomic_load_n(field, __ATOMIC_RELAXED));
}

static void store(uint16_t *field, uint16_t value)
{
	__atomic_store_n(field, htole16(value), __ATOMIC_RELAXED);
}

/* After the available ring: the used index at which the driver wants an interrupt. */
static const uint16_t *used_event(const struct vqueue *q)
{
	return &q->avail->ring[q->config.size];
}

/* After the used ring: the available index at which the device wants a kick. */
static uint16_t *avail_event(const struct vqueue *q)
{
	return (uint16_t *)&q->used->ring[q->config.size];
}

static uint16_t slot(const struct vqueue *q, uint32_t index)
{
	return (uint16_t)(index & (q->config.size - 1));
}

static enum vqueue_fault map_ring(const struct vqueue *q, uint64_t user, uint64_t len,
				  uint64_t alignment, void **ring)
{
	void *p = memory_map_user(q->memory, user, len);

	if ((user | (uintptr_t)p) & (alignment - 1))
		return VQUEUE_BAD_ALIGNMENT;
	if (!p)
		return VQUEUE_BAD_RINGS;
	*ring = p;
	return VQUEUE_FINE;
}

static enum vqueue_fault map_rings(struct vqueue *q)
{
	const struct vqueue_config *c = &q->config;
	uint64_t event = c->event_idx ? EVENT_SIZE : 0;
	void *desc = NULL, *avail = NULL, *used = NULL;
	enum vqueue_fault fault;

	fault = map_ring(q, c->desc, sizeof(*q->desc) * (uint64_t)c->size, 16, &desc);
	if (!fault)
		fault = map_ring(q, c->avail, offsetof(struct vring_avail, ring) + event +
				 sizeof(uint16_t) * (uint64_t)c->size, 2, &avail);
	if (!fault)
		fault = map_ring(q, c->used, offsetof(struct vring_used, ring) + event +
				 sizeof(struct vring_used_elem) * (uint64_t)c->size, 4, &used);
	q->desc = desc;
	q->avail = avail;
	q->used = used;
	return fault;
}

enum vqueue_fault vqueue_start(struct vqueue *q, const struct vqueue_config *config,
			       const struct memory *memory)
{
	memset(q, 0, sizeof(*q));
	q->config = *config;
	q->memory = memory;
	if (!config->size || config->size > VQUEUE_SIZE_MAX ||
	    (config->size & (config->size - 1)))
		return q->fault = VQUEUE_BAD_SIZE;
	if (config->base > UINT16_MAX)
		return q->fault = VQUEUE_BAD_BASE;
	q->fault = map_rings(q);
	if (q->fault)
		return q->fault;
	q->last_avail = q->seen = (uint16_t)config->base;
	q->used_index = load(&q->used->idx);
	store(&q->used->flags, 0);
	return VQUEUE_FINE;
}

enum vqueue_fault vqueue_remap(struct vqueue *q)
{
	if (!q->fault)
		q->fault = map_rings(q);
	return q->fault;
}

/* Acquire: the ring's entries are read after the index. */
static uint16_t available(const struct vqueue *q)
{
	return le16toh(__atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE));
}

uint32_t vqueue_turn(struct vqueue *q)
{
	uint16_t waiting, index;

	if (q->fault)
		return 0;
	q->turn_chains = q->turn_bytes = 0;
	index = available(q);
	waiting = (uint16_t)(index - q->last_avail);
	if (waiting > q->config.size) {
		q->fault = VQUEUE_BAD_INDEX;
		return 0;
	}
	q->seen = index;
	return waiting;
}

/* Where descriptors are: the queue's own, or an indirect table. */
struct table {
	const uint8_t *whole;	/* NULL if it spans several regions */
	uint64_t guest;
	uint32_t count;
	uint32_t left;		/* how many more a chain without a loop can have */
	bool indirect;
};

/* Everything below works on this copy only. */
static bool copy_desc(const struct memory *memory, const struct table *t, uint32_t i,
		      struct vring_desc *d)
{
	size_t at = sizeof(*d) * (size_t)i;

	if (t->whole)
		memcpy(d, t->whole + at, sizeof(*d));
	else if (!memory_read(memory, t->guest + at, d, sizeof(*d)))
		return false;
	/* Keep the compiler from reading the original again. */
	__asm__ volatile("" : "+m"(*d) : : "memory");
	d->addr = le64toh(d->addr);
	d->len = le32toh(d->len);
	d->flags = le16toh(d->flags);
	d->next = le16toh(d->next);
	return true;
}

static enum vqueue_fault enter_table(const struct vqueue *q, struct table *t,
				     const struct vring_desc *d)
{
	if (t->indirect)
		return VQUEUE_BAD_NESTED;
	if (!q->config.indirect || d->flags & VRING_DESC_F_NEXT)
		return VQUEUE_BAD_INDIRECT;
	if (d->len % sizeof(*d) || d->len / sizeof(*d) > VQUEUE_TABLE_MAX)
		return VQUEUE_BAD_TABLE;
	t->whole = memory_map(q->memory, d->addr, d->len);
	/* Also refuses an empty table. */
	if (!t->whole && !memory_split(q->memory, d->addr, d->len, NULL, 0))
		return VQUEUE_BAD_TABLE;
	t->guest = d->addr;
	t->count = t->left = d->len / (uint32_t)sizeof(*d);
	t->indirect = true;
	return VQUEUE_FINE;
}

/* Pieces are counted even without room for them: the chain is unusable then. */
static bool add_pieces(const struct vqueue *q, struct vqueue_chain *c, const struct vring_desc *d,
		       uint32_t *pieces)
{
	uint32_t have = c->readable + c->writable;
	uint32_t room = have < c->room ? c->room - have : 0;
	struct iovec *iov = room ? c->iov + have : NULL;
	size_t i, n = memory_split(q->memory, d->addr, d->len, iov, room);
	uint64_t guest = d->addr;

	for (i = 0; c->guest && i < n && i < room; i++) {
		c->guest[have + i] = guest;
		guest += iov[i].iov_len;
	}
	*pieces += (uint32_t)n;
	return n;
}

static enum vqueue_fault add_buffer(const struct vqueue *q, struct vqueue_chain *c,
				    const struct vring_desc *d)
{
	bool writes = d->flags & VRING_DESC_F_WRITE;
	enum vqueue_direction direction = q->config.direction;

	if (!d->len)
		return VQUEUE_BAD_EMPTY;
	if (writes ? !directions[direction].writable : !directions[direction].readable)
		return VQUEUE_BAD_DIRECTION;
	if (!writes && c->writable)
		return VQUEUE_BAD_ORDER;
	if (d->len > UINT32_MAX - c->readable_bytes - c->writable_bytes)
		return VQUEUE_BAD_SUM;
	if (!add_pieces(q, c, d, writes ? &c->writable : &c->readable))
		return VQUEUE_BAD_ADDRESS;
	*(writes ? &c->writable_bytes : &c->readable_bytes) += d->len;
	return VQUEUE_FINE;
}

static enum vqueue_fault walk(const struct vqueue *q, struct vqueue_chain *c)
{
	struct table t = { (const uint8_t *)q->desc, 0, q->config.size, q->config.size, false };
	enum vqueue_fault fault;
	struct vring_desc d;
	uint16_t at = c->head;

	do {
		if (at >= t.count)
			return VQUEUE_BAD_NEXT;
		if (!t.left--)
			return VQUEUE_BAD_LOOP;
		if (!copy_desc(q->memory, &t, at, &d))
			return VQUEUE_BAD_TABLE;
		if (d.flags & VRING_DESC_F_INDIRECT) {
			fault = enter_table(q, &t, &d);
			d.flags = VRING_DESC_F_NEXT;
			d.next = 0;
		} else {
			fault = add_buffer(q, c, &d);
		}
		at = d.next;
	} while (!fault && d.flags & VRING_DESC_F_NEXT);
	return fault;
}

static enum vqueue_fault take(const struct vqueue *q, struct vqueue_chain *c)
{
	if (q->in_flight >= q->config.size)
		return VQUEUE_BAD_FLIGHT;
	c->head = load(&q->avail->ring[slot(q, q->last_avail)]);
	if (c->head >= q->config.size)
		return VQUEUE_BAD_HEAD;
	return walk(q, c);
}

static void spend(struct vqueue *q, uint64_t bytes)
{
	uint32_t left = VQUEUE_TURN_BYTES - q->turn_bytes;

	q->turn_bytes += bytes < left ? (uint32_t)bytes : left;
}

enum vqueue_outcome vqueue_pop(struct vqueue *q, struct vqueue_chain *chain)
{
	chain->head = 0;
	chain->readable = chain->writable = 0;
	chain->readable_bytes = chain->writable_bytes = 0;
	if (q->fault)
		return VQUEUE_BROKEN;
	if (q->last_avail == q->seen)
		return VQUEUE_NONE;
	if (vqueue_spent(q))
		return VQUEUE_SPENT;
	q->fault = take(q, chain);
	if (q->fault)
		return VQUEUE_BROKEN;
	q->last_avail++;
	q->in_flight++;
	q->turn_chains++;
	spend(q, (uint64_t)VQUEUE_PIECE_COST * (chain->readable + chain->writable));
	spend(q, chain->readable_bytes);
	return chain->readable + chain->writable > chain->room ? VQUEUE_UNUSABLE : VQUEUE_TAKEN;
}

void vqueue_rewind(struct vqueue *q, uint32_t count)
{
	q->last_avail = (uint16_t)(q->last_avail - count);
	q->in_flight -= count;
}

void vqueue_push(struct vqueue *q, uint16_t head, uint32_t len)
{
	struct vring_used_elem e = { htole32(head), htole32(len) };

	if (!q->fault)
		q->used->ring[slot(q, q->used_index + q->staged)] = e;
	q->staged++;
	/* Writes count by bytes written, not by buffer size. */
	spend(q, len);
}

void vqueue_publish(struct vqueue *q)
{
	uint16_t index = (uint16_t)(q->used_index + q->staged);

	if (!q->staged)
		return;
	/* Indices can only be compared within one wrap-around. */
	if ((uint16_t)(index - q->signalled) < q->staged)
		q->signalled_known = false;
	q->in_flight -= q->staged;
	q->used_index = index;
	q->staged = 0;
	q->unsignalled = true;
	if (!q->fault)
		__atomic_store_n(&q->used->idx, htole16(index), __ATOMIC_RELEASE);
}

bool vqueue_notify_needed(struct vqueue *q)
{
	bool known = q->signalled_known;
	uint16_t old = q->signalled;

	if (q->fault || !q->unsignalled)
		return false;
	q->unsignalled = false;
	q->signalled = q->used_index;
	q->signalled_known = true;
	/* The index must be visible before the driver's event index or flag is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (q->config.on_empty && available(q) == q->last_avail)
		return true;
	if (!q->config.event_idx)
		return !(load(&q->avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);
	return !known || vring_need_event(load(used_event(q)), q->used_index, old);
}

uint32_t vqueue_interrupt_after(const struct vqueue *q)
{
	uint16_t ahead;

	if (q->fault)
		return 0;
	if (!q->config.event_idx)
		return load(&q->avail->flags) & VRING_AVAIL_F_NO_INTERRUPT ? 0 : 1;
	ahead = (uint16_t)(load(used_event(q)) - q->used_index);
	return ahead < q->in_flight ? ahead + 1u : 0;
}

void vqueue_disable_notify(struct vqueue *q)
{
	/* With VIRTIO_RING_F_EVENT_IDX, not updating the event index disables them. */
	if (!q->fault && !q->config.event_idx)
		store(&q->used->flags, VRING_USED_F_NO_NOTIFY);
}

bool vqueue_enable_notify(struct vqueue *q)
{
	if (q->fault)
		return false;
	if (q->config.event_idx)
		store(avail_event(q), q->seen);
	else
		store(&q->used->flags, 0);
	/* It must be visible before the index is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return available(q) != q->seen;
}
