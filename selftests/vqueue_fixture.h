/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vqueue_fixture.h - guest memory with a ring, a driver and a device
 */
#ifndef VQUEUE_FIXTURE_H
#define VQUEUE_FIXTURE_H

#include <endian.h>
#include <stdlib.h>

#include "ring/vqueue.h"
#include "ring/vring.h"

/* Guest addresses: rings; two adjacent regions, the second of odd size; then a hole. */
#define FIRST 0x10000u
#define FIRST_SIZE 0x1000u
#define SECOND (FIRST + FIRST_SIZE)
#define SECOND_SIZE 0x801u
#define HOLE (SECOND + SECOND_SIZE)
#define FAR 0x200000000u	/* larger than a chain may be, and never touched */
#define FAR_SIZE 0x200000000u
#define USER 0x70000000u

#define ROOM 64

#define NEXT VRING_DESC_F_NEXT
#define WRITE VRING_DESC_F_WRITE
#define INDIRECT VRING_DESC_F_INDIRECT

struct guest {
	struct memory memory;
	struct vring_driver driver;
	struct vqueue_config config;
	struct vqueue q;
	struct vqueue_chain chain;
	struct iovec *iov;
	uint64_t *at;
	uint8_t *rings, *first, *second;
};

/* Each region is allocated so that a sanitizer detects an access beyond it. */
static inline bool guest_open(struct guest *g)
{
	void *rings = NULL;

	if (posix_memalign(&rings, 4096, VRING_BYTES))
		return false;
	g->rings = rings;
	g->first = calloc(1, FIRST_SIZE);
	g->second = calloc(1, SECOND_SIZE);
	g->iov = calloc(ROOM, sizeof(*g->iov));
	g->at = calloc(ROOM, sizeof(*g->at));
	g->chain = (struct vqueue_chain){ .iov = g->iov, .guest = g->at, .room = ROOM };
	vring_reset(&g->driver, rings);
	g->config = (struct vqueue_config){
		.size = VRING_SIZE, .desc = USER, .avail = USER + VRING_AVAIL,
		.used = USER + VRING_USED, .direction = VQUEUE_BOTH, .indirect = true,
	};
	return memory_set(&g->memory, (const struct memory_region[]){
		{ 0, USER, VRING_BYTES, g->rings },
		{ FIRST, USER + FIRST, FIRST_SIZE, g->first },
		{ SECOND, USER + SECOND, SECOND_SIZE, g->second },
		{ FAR, FAR, FAR_SIZE, g->first },
	}, 4) == MEMORY_TAKEN && !vqueue_start(&g->q, &g->config, &g->memory);
}

static inline void guest_close(struct guest *g)
{
	free(g->rings);
	free(g->first);
	free(g->second);
	free(g->iov);
	free(g->at);
}

static inline enum vqueue_outcome offer(struct guest *g, uint16_t head)
{
	vring_publish(&g->driver, head, false);
	vqueue_turn(&g->q);
	return vqueue_pop(&g->q, &g->chain);
}

static inline void describe(struct guest *g, uint16_t i, uint64_t addr, uint32_t len,
			    uint16_t flags, uint16_t next)
{
	vring_describe(&g->driver.desc[i], addr, len, flags, next);
}

/* Copy to guest memory, across regions if needed. */
static inline void guest_write(struct guest *g, uint64_t at, const void *from, size_t len)
{
	struct iovec iov[2] = { 0 };
	size_t n = memory_split(&g->memory, at, len, iov, 2);

	if (n)
		memcpy(iov[0].iov_base, from, iov[0].iov_len);
	if (n > 1)
		memcpy(iov[1].iov_base, (const char *)from + iov[0].iov_len, iov[1].iov_len);
}

static inline size_t chain_bytes(const struct vqueue_chain *c)
{
	size_t i, sum = 0;

	for (i = 0; i < c->readable + c->writable && i < c->room; i++)
		sum += c->iov[i].iov_len;
	return sum;
}

/* All guest memory at the addresses of the chain's pieces. */
static inline bool chain_is_mapped(const struct guest *g)
{
	const struct vqueue_chain *c = &g->chain;
	size_t i;

	for (i = 0; i < c->readable + c->writable; i++)
		if (memory_map(&g->memory, c->guest[i], c->iov[i].iov_len) != c->iov[i].iov_base)
			return false;
	return true;
}

static inline void set_available(struct guest *g, uint16_t index)
{
	g->driver.avail->idx = htole16(index);
}

FIXTURE(vqueue) {
	struct guest g;
};

FIXTURE_SETUP(vqueue)
{
	ASSERT_TRUE(guest_open(&self->g));
}

FIXTURE_TEARDOWN(vqueue)
{
	guest_close(&self->g);
}

#endif /* VQUEUE_FIXTURE_H */
