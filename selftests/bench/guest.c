// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest.c - the driver's half: memory and two rings
 */
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "bench.h"
#include "ring/vring.h"

static void open_queue(struct guest *g, struct guest_queue *q, uint16_t size)
{
	uint16_t i;

	q->size = size;
	q->desc = guest_take(g, sizeof(*q->desc) * size);
	q->avail = guest_take(g, sizeof(*q->avail) + sizeof(uint16_t) * (size + 1u));
	q->used = guest_take(g, sizeof(*q->used) + sizeof(struct vring_used_elem) * size + 2);
	for (i = 0; i < size; i++)
		q->avail->ring[i] = i;
	q->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	q->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void guest_open(struct guest *g, size_t size, uint16_t tx, uint16_t rx)
{
	*g = (struct guest){ .size = size };
	g->memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (g->memory == MAP_FAILED)
		bench_die("memory", errno);
	open_queue(g, &g->queue[GUEST_RX], rx);
	open_queue(g, &g->queue[GUEST_TX], tx);
}

void *guest_take(struct guest *g, size_t size)
{
	size_t at = (g->taken + 63) & ~(size_t)63;

	g->taken = at + size;
	if (g->taken > g->size)
		bench_die("guest memory", ENOMEM);
	return g->memory + at;
}

static uint64_t address(const struct guest *g, const void *p)
{
	return GUEST_BASE + (uint64_t)((const uint8_t *)p - g->memory);
}

void guest_chain(struct guest *g, enum guest_way way, uint16_t head, const struct iovec *pieces,
		 uint16_t count, uint16_t flags)
{
	struct guest_queue *q = &g->queue[way];
	struct vring_desc *d = &q->desc[head], *table = q->table[head];
	uint32_t len = (uint32_t)sizeof(*table) * count;
	uint16_t i;

	if (count == 1) {
		vring_describe(d, address(g, pieces->iov_base), (uint32_t)pieces->iov_len, flags,
			       0);
		return;
	}
	if (!table)
		table = q->table[head] = guest_take(g, len);
	for (i = 0; i < count; i++)
		vring_describe(&table[i], address(g, pieces[i].iov_base),
			       (uint32_t)pieces[i].iov_len,
			       flags | (i + 1 < count ? VRING_DESC_F_NEXT : 0), i + 1);
	vring_describe(d, address(g, table), len, VRING_DESC_F_INDIRECT, 0);
}

bool guest_publish(struct guest *g, enum guest_way way, uint16_t count)
{
	struct guest_queue *q = &g->queue[way];
	uint16_t *used_event = &q->avail->ring[q->size], old = q->published;
	uint16_t *avail_event = (uint16_t *)&q->used->ring[q->size];
	uint16_t rest = count ? (uint16_t)(guest_waiting(g, way) + count) / 4 : 0;

	q->published = (uint16_t)(old + count);
	q->event = (uint16_t)(q->published - 1 - rest);
	__atomic_store_n(used_event, q->event, __ATOMIC_RELAXED);
	__atomic_store_n(&q->avail->idx, q->published, __ATOMIC_RELEASE);
	/* The index must be visible before the device's event index is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return vring_need_event(__atomic_load_n(avail_event, __ATOMIC_RELAXED), q->published, old);
}

bool guest_late(const struct guest *g, enum guest_way way)
{
	const struct guest_queue *q = &g->queue[way];

	return guest_waiting(g, way) < (uint16_t)(q->published - q->event);
}

uint16_t guest_waiting(const struct guest *g, enum guest_way way)
{
	const struct guest_queue *q = &g->queue[way];

	return (uint16_t)(q->published - __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE));
}
