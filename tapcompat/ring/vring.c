// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vring.c - the driver's half of a split ring
 */
#include "vring.h"

#include <endian.h>
#include <string.h>

/* After the available ring: the used index at which to interrupt. */
static uint16_t *used_event(struct vring_driver *r)
{
	return &r->avail->ring[VRING_SIZE];
}

/* After the used ring: the available index at which to kick. */
static uint16_t *avail_event(struct vring_driver *r)
{
	return (uint16_t *)&r->used->ring[VRING_SIZE];
}

void vring_reset(struct vring_driver *r, void *memory)
{
	memset(memory, 0, VRING_BYTES);
	r->desc = memory;
	r->avail = (struct vring_avail *)((char *)memory + VRING_AVAIL);
	r->used = (struct vring_used *)((char *)memory + VRING_USED);
	r->published = 0;
	r->collected = 0;
}

void vring_describe(struct vring_desc *d, uint64_t address, uint32_t len, uint16_t flags,
		    uint16_t next)
{
	d->addr = htole64(address);
	d->len = htole32(len);
	d->flags = htole16(flags);
	d->next = htole16(next);
}

bool vring_publish(struct vring_driver *r, uint16_t head, bool event_idx)
{
	uint16_t old = r->published++;

	r->avail->ring[old % VRING_SIZE] = htole16(head);
	__atomic_store_n(&r->avail->idx, htole16(r->published), __ATOMIC_RELEASE);
	/* The index must be visible before the device's event index or flag is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (event_idx)
		return le16toh(__atomic_load_n(avail_event(r), __ATOMIC_RELAXED)) == old;
	return !(le16toh(__atomic_load_n(&r->used->flags, __ATOMIC_RELAXED)) &
		 VRING_USED_F_NO_NOTIFY);
}

uint16_t vring_used_index(const struct vring_driver *r)
{
	return le16toh(__atomic_load_n(&r->used->idx, __ATOMIC_ACQUIRE));
}

uint32_t vring_used_id(const struct vring_driver *r, uint16_t index)
{
	return le32toh(r->used->ring[index % VRING_SIZE].id);
}

int vring_collect(struct vring_driver *r, uint32_t *len)
{
	const struct vring_used_elem *e;

	if (vring_used_index(r) == r->collected)
		return -1;
	e = &r->used->ring[r->collected++ % VRING_SIZE];
	*len = le32toh(e->len);
	return (int)(le32toh(e->id) % VRING_SIZE);
}

void vring_request_interrupt(struct vring_driver *r, uint16_t ahead)
{
	__atomic_store_n(used_event(r), htole16((uint16_t)(r->collected + ahead - 1)),
			 __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
