// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vqueue_fuzz.c - whatever a guest writes into its rings, and whenever: no byte out of
 * range, no more pieces than there is room for, no chain more often than it came
 *
 *	 0 size of the queue, as a power of two; then direction and what is negotiated
 *	 2 the available index to begin with, at the width of a message
 *	 6 actions, four bytes each, up to a zero: what, and three bytes for it
 *	   behind them the guest's memory, from its start
 */
#include <stdio.h>
#include <stdlib.h>

#include "ground/bytes.h"
#include "ring/vqueue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define USER 0x5000u
#define RINGS 0x700u
#define FIRST 0x101u		/* regions behind, odd and adjoining, then a hole */
#define SECOND 0x2ffu
#define ALL (RINGS + FIRST + SECOND)
#define ROOM 8

struct bench {
	struct memory memory;
	struct vqueue q;
	uint8_t *part[3];
	uint16_t taken[64];	/* heads that were not given back */
	uint32_t pushed;
	uint16_t used_at_start;
};

static const uint32_t part_sizes[] = { RINGS, FIRST, SECOND };

static void broken(const char *what)
{
	fprintf(stderr, "vqueue: %s\n", what);
	abort();
}

static void part_fill(uint8_t *part, size_t room, const uint8_t **data, size_t *size)
{
	size_t n = *size < room ? *size : room;

	memset(part, 0, room);
	memcpy(part, *data, n);
	*data += n;
	*size -= n;
}

static void bench_open(struct bench *b, const uint8_t *data, size_t size)
{
	struct memory_region regions[3];
	uint64_t at = 0;
	size_t i;

	memset(b, 0, sizeof(*b));
	for (i = 0; i < 3; i++) {
		b->part[i] = malloc(part_sizes[i]);
		part_fill(b->part[i], part_sizes[i], &data, &size);
		regions[i] = (struct memory_region){ at, USER + at, part_sizes[i], b->part[i] };
		at += part_sizes[i];
	}
	if (memory_set(&b->memory, regions, 3))
		broken("a good table is refused");
}

static void bench_close(struct bench *b)
{
	size_t i;

	for (i = 0; i < 3; i++)
		free(b->part[i]);
}

/* Each piece is read and, where it may be, written as a whole. */
static void use_chain(const struct bench *b, const struct vqueue_chain *c)
{
	uint64_t sum[2] = { 0, 0 };
	uint32_t i;

	for (i = 0; i < c->readable + c->writable; i++) {
		const struct iovec *v = &c->iov[i];
		bool writes = i >= c->readable;
		volatile uint8_t last = ((uint8_t *)v->iov_base)[v->iov_len - 1];

		if (memory_map(&b->memory, c->guest[i], v->iov_len) != v->iov_base)
			broken("a piece that is elsewhere");
		if (writes)
			memset(v->iov_base, last, v->iov_len);
		sum[writes] += v->iov_len;
	}
	if (sum[0] != c->readable_bytes || sum[1] != c->writable_bytes)
		broken("bytes");
	if (b->q.config.direction == VQUEUE_READS && c->writable)
		broken("writable in what is read");
	if (b->q.config.direction == VQUEUE_WRITES && c->readable)
		broken("readable in what is written");
}

static void do_pop(struct bench *b)
{
	struct iovec *iov = malloc(ROOM * sizeof(*iov));
	uint64_t *guest = malloc(ROOM * sizeof(*guest));
	struct vqueue_chain c = { .iov = iov, .guest = guest, .room = ROOM };
	uint32_t before = b->q.in_flight - b->q.staged;
	uint16_t last = b->q.last_avail;
	enum vqueue_outcome o = vqueue_pop(&b->q, &c);

	if ((o == VQUEUE_BROKEN) != (b->q.fault != VQUEUE_FINE))
		broken("a fault without a reason");
	if (o == VQUEUE_TAKEN || o == VQUEUE_UNUSABLE) {
		if (b->q.in_flight > b->q.config.size || c.head >= b->q.config.size)
			broken("more in flight than there can be");
		if ((o == VQUEUE_UNUSABLE) != (c.readable + c.writable > ROOM))
			broken("odd without a reason");
		if ((uint16_t)(last + 1) != b->q.last_avail)
			broken("a chain that was taken twice");
		b->taken[before] = c.head;
		if (o == VQUEUE_TAKEN)
			use_chain(b, &c);
	} else if (last != b->q.last_avail) {
		broken("a chain that is lost");
	}
	free(iov);
	free(guest);
}

static void do_push(struct bench *b, uint32_t len)
{
	uint32_t left = b->q.in_flight - b->q.staged;

	if (!left)
		return;
	vqueue_push(&b->q, b->taken[0], len);
	memmove(b->taken, b->taken + 1, (left - 1) * sizeof(b->taken[0]));
	b->pushed++;
}

static void do_publish(struct bench *b)
{
	vqueue_publish(&b->q);
	if (b->q.staged || b->q.used_index != (uint16_t)(b->used_at_start + b->pushed))
		broken("used index");
	if (vqueue_notify_needed(&b->q) && vqueue_notify_needed(&b->q))
		broken("a storm");
}

static void guest_writes(struct bench *b, const uint8_t *action)
{
	uint32_t at = get_le16(action) % ALL;
	struct iovec iov;

	if (memory_split(&b->memory, at, 1, &iov, 1) == 1)
		*(uint8_t *)iov.iov_base = action[2];
}

static void do_turn(struct bench *b)
{
	if (vqueue_turn(&b->q) > b->q.config.size)
		broken("more than there can be");
}

/* The memory comes back in the same place, or without its first region. */
static void do_remap(struct bench *b, bool lost)
{
	struct memory_region r = { lost ? 1 : 0, USER + lost, RINGS - lost, b->part[0] + lost };

	if (b->q.in_flight || (lost && memory_set(&b->memory, &r, 1)))
		return;
	if (!vqueue_remap(&b->q) && lost)
		broken("rings without memory");
}

static void act(struct bench *b, const uint8_t *a)
{
	switch (a[0] % 8) {
	case 0: return do_turn(b);
	case 1: return do_pop(b);
	case 2: return do_push(b, (uint32_t)a[1] << 24 | get_le16(a + 2));
	case 3: return do_publish(b);
	case 4: return a[1] & 1 ? (void)vqueue_enable_notify(&b->q) : vqueue_disable_notify(&b->q);
	case 5: return guest_writes(b, a + 1);
	case 6:
		if (b->q.in_flight > b->q.staged)
			vqueue_rewind(&b->q, 1);
		return;
	default: return do_remap(b, a[1] == 0xff);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bench b;
	struct vqueue_config c = { .desc = USER, .avail = USER + 0x400, .used = USER + 0x4c0 };
	size_t end = 6, i;

	if (size < end)
		return 0;
	c.size = 1u << (data[0] % 7);
	c.direction = data[1] % 3;
	c.event_idx = data[1] & 0x40;
	c.indirect = data[1] & 0x80;
	c.base = get_le16(data + 2) | (uint32_t)(get_le16(data + 4) & 1) << 16;
	while (end + 4 <= size && data[end])
		end += 4;
	bench_open(&b, data + end, size - end);
	if (vqueue_start(&b.q, &c, &b.memory) != (c.base >> 16 ? VQUEUE_BAD_BASE : VQUEUE_FINE))
		broken("start");
	b.used_at_start = b.q.used_index;
	for (i = 6; i < end; i += 4)
		act(&b, data + i);
	bench_close(&b);
	return 0;
}
