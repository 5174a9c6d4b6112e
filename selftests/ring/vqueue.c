// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vqueue.c - the device's half of a split ring: valid configurations, and a table of
 * hostile chains
 */
#include "kselftest_harness.h"

#include <pthread.h>

#include "vqueue_fixture.h"

struct piece {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

/* The queue's first descriptors, and a table of others at @table. */
static const struct row {
	const char *id, *what;
	enum vqueue_fault fault;
	uint16_t head;
	uint32_t readable, writable;	/* pieces */
	struct piece desc[4];
	uint64_t table;
	struct piece indirect[4];
	enum vqueue_direction direction;
} rows[] = {
	{ "G1", "self", VQUEUE_BAD_LOOP, .desc = { { FIRST, 1, NEXT, 0 } } },
	{ "G1", "two", VQUEUE_BAD_LOOP,
	  .desc = { { FIRST, 1, NEXT, 1 }, { FIRST, 1, NEXT, 0 } } },
	{ "G1", "self, in a table", VQUEUE_BAD_LOOP, .desc = { { FIRST, 16, INDIRECT, 0 } },
	  .table = FIRST, .indirect = { { FIRST, 1, NEXT, 0 } } },
	{ "G1", "three, in a table", VQUEUE_BAD_LOOP, .desc = { { FIRST, 64, INDIRECT, 0 } },
	  .table = FIRST, .indirect = { { FIRST, 1, NEXT, 1 }, { FIRST, 1, NEXT, 2 },
					{ FIRST, 1, NEXT, 0 } } },
	{ "G2", "first beyond", VQUEUE_BAD_NEXT, .desc = { { FIRST, 1, NEXT, VRING_SIZE } } },
	{ "G2", "far beyond", VQUEUE_BAD_NEXT, .desc = { { FIRST, 1, NEXT, 65535 } } },
	{ "G2", "ignored without the flag", .readable = 1, .desc = { { FIRST, 1, 0, 65535 } } },
	{ "G2", "beyond the table", VQUEUE_BAD_NEXT, .desc = { { FIRST, 16, INDIRECT, 0 } },
	  .table = FIRST, .indirect = { { FIRST, 1, NEXT, 1 } } },
	{ "G3", "first beyond", VQUEUE_BAD_HEAD, .head = VRING_SIZE },
	{ "G3", "far beyond", VQUEUE_BAD_HEAD, .head = 65535 },
	{ "G7", "hole", VQUEUE_BAD_ADDRESS, .desc = { { HOLE, 1, 0, 0 } } },
	{ "G7", "wraps", VQUEUE_BAD_ADDRESS, .desc = { { UINT64_MAX, 2, 0, 0 } } },
	{ "G7", "wraps to the start", VQUEUE_BAD_ADDRESS,
	  .desc = { { UINT64_MAX - 0xffff, 0x20000, WRITE, 0 } } },
	{ "G7", "second one", VQUEUE_BAD_ADDRESS,
	  .desc = { { FIRST, 1, NEXT, 1 }, { HOLE, 1, 0, 0 } } },
	{ "G8", "crossing", .readable = 2, .desc = { { SECOND - 7, 20, 0, 0 } } },
	{ "G8", "crossing, writable", .readable = 1, .writable = 2,
	  .desc = { { FIRST, 1, NEXT, 1 }, { SECOND - 7, 20, WRITE, 0 } } },
	{ "G8", "all", .readable = 2, .desc = { { FIRST, FIRST_SIZE + SECOND_SIZE, 0, 0 } } },
	{ "G8", "into the hole", VQUEUE_BAD_ADDRESS,
	  .desc = { { FIRST, FIRST_SIZE + SECOND_SIZE + 1, 0, 0 } } },
	{ "G9", "good address", VQUEUE_BAD_EMPTY, .desc = { { FIRST, 0, 0, 0 } } },
	{ "G9", "bad address", VQUEUE_BAD_EMPTY, .desc = { { HOLE, 0, WRITE, 0 } } },
	{ "G9", "at the end", VQUEUE_BAD_EMPTY,
	  .desc = { { FIRST, 1, NEXT, 1 }, { FIRST, 0, 0, 0 } } },
	{ "G10", "longest", .readable = 1, .desc = { { FAR, UINT32_MAX, 0, 0 } } },
	{ "G10", "longest, not there", VQUEUE_BAD_ADDRESS,
	  .desc = { { FIRST, UINT32_MAX, 0, 0 } } },
	{ "G10", "one more", VQUEUE_BAD_SUM,
	  .desc = { { FAR, UINT32_MAX, NEXT, 1 }, { FIRST, 1, 0, 0 } } },
	{ "G10", "one more, both writable", VQUEUE_BAD_SUM,
	  .desc = { { FAR, UINT32_MAX, WRITE | NEXT, 1 }, { FIRST, 1, WRITE, 0 } } },
	{ "G10", "one more, writable", VQUEUE_BAD_SUM,
	  .desc = { { FIRST, 1, NEXT, 1 }, { FAR, UINT32_MAX, WRITE, 0 } } },
	{ "G11", "no byte", VQUEUE_BAD_TABLE, .desc = { { FIRST, 0, INDIRECT, 0 } } },
	{ "G11", "15", VQUEUE_BAD_TABLE, .desc = { { FIRST, 15, INDIRECT, 0 } } },
	{ "G11", "17", VQUEUE_BAD_TABLE, .desc = { { FIRST, 17, INDIRECT, 0 } } },
	{ "G11", "too long", VQUEUE_BAD_TABLE,
	  .desc = { { FAR, 16 * (VQUEUE_TABLE_MAX + 1), INDIRECT, 0 } } },
	{ "G11", "far too long", VQUEUE_BAD_TABLE, .desc = { { FAR, 0xfffffff0, INDIRECT, 0 } } },
	{ "G11", "not there", VQUEUE_BAD_TABLE, .desc = { { HOLE, 16, INDIRECT, 0 } } },
	{ "G11", "end not there", VQUEUE_BAD_TABLE, .desc = { { HOLE - 16, 32, INDIRECT, 0 } },
	  .table = HOLE - 16, .indirect = { { FIRST, 1, 0, 0 } } },
	{ "G11", "wraps", VQUEUE_BAD_TABLE, .desc = { { UINT64_MAX - 15, 32, INDIRECT, 0 } } },
	{ "G12", "in a table", VQUEUE_BAD_NESTED, .desc = { { FIRST, 16, INDIRECT, 0 } },
	  .table = FIRST, .indirect = { { FIRST, 16, INDIRECT, 0 } } },
	{ "G12", "with a next", VQUEUE_BAD_INDIRECT,
	  .desc = { { FIRST, 16, INDIRECT | NEXT, 1 }, { FIRST, 1, 0, 0 } },
	  .table = FIRST, .indirect = { { FIRST, 1, 0, 0 } } },
	{ "G12", "behind others", .readable = 2, .writable = 1,
	  .desc = { { FIRST, 1, NEXT, 1 }, { FIRST + 64, 32, INDIRECT, 0 } },
	  .table = FIRST + 64, .indirect = { { FIRST, 1, NEXT, 1 }, { FIRST, 1, WRITE, 0 } } },
	{ "G13", "odd split", .readable = 3, .desc = { { SECOND - 23, 48, INDIRECT, 0 } },
	  .table = SECOND - 23, .indirect = { { FIRST, 1, NEXT, 2 }, { FIRST, 3, 0, 0 },
					      { SECOND, 2, NEXT, 1 } } },
	{ "G13", "odd address", .readable = 1, .desc = { { FIRST + 3, 16, INDIRECT, 0 } },
	  .table = FIRST + 3, .indirect = { { FIRST, 1, 0, 0 } } },
	{ "G15", "readable last", VQUEUE_BAD_ORDER,
	  .desc = { { FIRST, 1, WRITE | NEXT, 1 }, { FIRST, 1, 0, 0 } } },
	{ "G15", "readable last, in a table", VQUEUE_BAD_ORDER,
	  .desc = { { FIRST, 1, WRITE | NEXT, 1 }, { FIRST, 16, INDIRECT, 0 } },
	  .table = FIRST, .indirect = { { FIRST, 1, 0, 0 } } },
	{ "G15", "writable to read", VQUEUE_BAD_DIRECTION, .direction = VQUEUE_READS,
	  .desc = { { FIRST, 1, NEXT, 1 }, { FIRST, 1, WRITE, 0 } } },
	{ "G15", "readable to write", VQUEUE_BAD_DIRECTION, .direction = VQUEUE_WRITES,
	  .desc = { { FIRST, 1, WRITE | NEXT, 1 }, { FIRST, 1, 0, 0 } } },
	{ "G15", "to read", .readable = 1, .direction = VQUEUE_READS,
	  .desc = { { FIRST, 1, 0, 0 } } },
	{ "G15", "to write", .writable = 1, .direction = VQUEUE_WRITES,
	  .desc = { { FIRST, 1, WRITE, 0 } } },
	{ "G16", "unknown flags", .readable = 1, .desc = { { FIRST, 1, 0xfff8, 0 } } },
	{ "G16", "a table's direction", .readable = 1, .direction = VQUEUE_READS,
	  .desc = { { FIRST, 16, INDIRECT | WRITE, 9 } },
	  .table = FIRST, .indirect = { { FIRST, 1, 0, 0 } } },
	{ "G18", "rings", .readable = 1, .writable = 1,
	  .desc = { { 0, VRING_BYTES, NEXT, 1 }, { 0, VRING_BYTES, WRITE, 0 } } },
};

static void row_write(struct guest *g, const struct row *r)
{
	uint16_t i;

	for (i = 0; i < 4; i++) {
		const struct piece *p = &r->desc[i], *t = &r->indirect[i];
		struct vring_desc d;

		vring_describe(&g->driver.desc[i], p->addr, p->len, p->flags, p->next);
		vring_describe(&d, t->addr, t->len, t->flags, t->next);
		if (r->table && t->len)
			guest_write(g, r->table + 16u * i, &d, sizeof(d));
	}
}

static void check_row(struct __test_metadata *_metadata, const struct row *r)
{
	enum vqueue_outcome want = r->fault ? VQUEUE_BROKEN : VQUEUE_TAKEN, got;
	struct guest g;

	ASSERT_TRUE(guest_open(&g));
	g.q.config.direction = r->direction;
	row_write(&g, r);
	got = offer(&g, r->head);
	EXPECT_EQ(want, got) {
		TH_LOG("%s: %s", r->id, r->what);
	}
	EXPECT_EQ(r->fault, g.q.fault) {
		TH_LOG("%s: %s: %s", r->id, r->what, vqueue_fault_name(g.q.fault));
	}
	if (got == VQUEUE_TAKEN) {
		EXPECT_EQ(r->readable, g.chain.readable);
		EXPECT_EQ(r->writable, g.chain.writable);
		EXPECT_EQ(g.chain.readable_bytes + g.chain.writable_bytes, chain_bytes(&g.chain));
		EXPECT_TRUE(chain_is_mapped(&g));
	}
	/* A broken queue stays broken, whatever the driver makes available. */
	describe(&g, 9, FIRST, 1, 0, 0);
	got = offer(&g, 9);
	if (r->fault)
		EXPECT_EQ(VQUEUE_BROKEN, got);
	guest_close(&g);
}

TEST(hostile_rows)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(_metadata, &rows[i]);
}

/* V7, V8: invalid values of a frontend, each in an otherwise valid configuration. */
static const struct {
	const char *what;
	struct vqueue_config c;
	enum vqueue_fault fault;
} starts[] = {
#define AT(size, desc, avail, used) { size, 0, USER + (desc), USER + (avail), USER + (used), \
				      VQUEUE_BOTH, true, true, false }
	{ "good", AT(64, 0, 2048, 4096), VQUEUE_FINE },
	{ "of one", AT(1, 0, 2048, 4096), VQUEUE_FINE },
	{ "V8 none", AT(0, 0, 2048, 4096), VQUEUE_BAD_SIZE },
	{ "V8 3", AT(3, 0, 2048, 4096), VQUEUE_BAD_SIZE },
	{ "V8 largest, no room here", AT(32768, 0, 2048, 4096), VQUEUE_BAD_RINGS },
	{ "V8 twice as large", AT(65536, 0, 2048, 4096), VQUEUE_BAD_SIZE },
	{ "V8 far too large", AT(0x80000000, 0, 2048, 4096), VQUEUE_BAD_SIZE },
	{ "V7 descriptors at odd eights", AT(64, 8, 2048, 4096), VQUEUE_BAD_ALIGNMENT },
	{ "V7 odd available ring", AT(64, 0, 2049, 4096), VQUEUE_BAD_ALIGNMENT },
	{ "V7 used ring at odd twos", AT(64, 0, 2048, 4098), VQUEUE_BAD_ALIGNMENT },
	{ "V7 up to the last byte", AT(64, VRING_BYTES - 1024, 2048, 4096), VQUEUE_FINE },
	{ "V7 descriptors beyond", AT(64, VRING_BYTES - 1008, 2048, 4096), VQUEUE_BAD_RINGS },
	{ "V7 available to the last", AT(64, 0, VRING_BYTES - 134, 4096), VQUEUE_FINE },
	{ "V7 available beyond", AT(64, 0, VRING_BYTES - 132, 4096), VQUEUE_BAD_RINGS },
	{ "V7 used to the last", AT(64, 0, 2048, VRING_BYTES - 520), VQUEUE_FINE },
	{ "V7 used beyond", AT(64, 0, 2048, VRING_BYTES - 516), VQUEUE_BAD_RINGS },
	{ "V7 two regions", AT(64, SECOND - 16, 2048, 4096), VQUEUE_BAD_RINGS },
	{ "V7 hole", AT(64, HOLE + 15, 2048, 4096), VQUEUE_BAD_RINGS },
	{ "V7 wraps", AT(64, -USER - 16ull, 2048, 4096), VQUEUE_BAD_RINGS },
};

TEST_F(vqueue, V7_V8_where_rings_may_be)
{
	struct guest *g = &self->g;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		struct vqueue q;

		EXPECT_EQ(starts[i].fault, vqueue_start(&q, &starts[i].c, &g->memory)) {
			TH_LOG("%s: %s", starts[i].what, vqueue_fault_name(q.fault));
		}
		EXPECT_EQ(starts[i].fault, q.fault);
		if (!q.fault)
			continue;
		EXPECT_EQ(0, vqueue_turn(&q));
		EXPECT_EQ(VQUEUE_BROKEN, vqueue_pop(&q, &g->chain));
		EXPECT_FALSE(vqueue_enable_notify(&q));
		vqueue_push(&q, 0, 0);
		vqueue_publish(&q);
		EXPECT_FALSE(vqueue_notify_needed(&q));
	}
}

/* Only one of the two addresses may be aligned. */
TEST_F(vqueue, V7_alignment_here_and_there)
{
	struct guest *g = &self->g;
	struct memory_region r = { 0, USER, VRING_BYTES - 8, g->rings + 8 };

	ASSERT_EQ(MEMORY_TAKEN, memory_set(&g->memory, &r, 1));
	g->config.used -= 8;
	EXPECT_EQ(VQUEUE_BAD_ALIGNMENT, vqueue_start(&g->q, &g->config, &g->memory));
	g->config.desc += 8;
	EXPECT_EQ(VQUEUE_BAD_ALIGNMENT, vqueue_start(&g->q, &g->config, &g->memory));
}

/* A previous device may have left a flag there. */
TEST_F(vqueue, start_wants_kicks)
{
	struct guest *g = &self->g;

	vqueue_disable_notify(&g->q);
	EXPECT_FALSE(vring_publish(&g->driver, 0, false));
	ASSERT_EQ(VQUEUE_FINE, vqueue_start(&g->q, &g->config, &g->memory));
	EXPECT_TRUE(vring_publish(&g->driver, 0, false));
}

/* It is not written to any more, and remapping does not repair it. */
TEST_F(vqueue, broken_stays_broken)
{
	struct guest *g = &self->g;
	uint8_t before[VRING_BYTES];

	describe(g, 0, FIRST, 1, 0, 0);
	ASSERT_EQ(VQUEUE_TAKEN, offer(g, 0));
	ASSERT_EQ(VQUEUE_BROKEN, offer(g, VRING_SIZE));
	memcpy(before, g->rings, VRING_BYTES);
	vqueue_push(&g->q, 0, 77);
	vqueue_publish(&g->q);
	EXPECT_FALSE(vqueue_notify_needed(&g->q));
	vqueue_disable_notify(&g->q);
	EXPECT_EQ(0, memcmp(before, g->rings, VRING_BYTES));
	EXPECT_EQ(0, g->q.in_flight);
	EXPECT_EQ(VQUEUE_BAD_HEAD, vqueue_remap(&g->q));
	EXPECT_EQ(VQUEUE_BAD_HEAD, g->q.fault);
}

TEST_F(vqueue, V8_index_of_more_than_16_bits)
{
	struct guest *g = &self->g;

	g->config.base = 0xffff0000;
	EXPECT_EQ(VQUEUE_BAD_BASE, vqueue_start(&g->q, &g->config, &g->memory));
	g->config.base = 0xffff;
	EXPECT_EQ(VQUEUE_FINE, vqueue_start(&g->q, &g->config, &g->memory));
}

TEST_F(vqueue, V9_other_memory)
{
	struct guest *g = &self->g;
	struct memory_region moved = { 0, USER, VRING_BYTES, calloc(1, VRING_BYTES) };
	struct memory_region shorter = { 0, USER, VRING_USED, g->rings };
	uint8_t *rings = g->rings;

	ASSERT_EQ(MEMORY_TAKEN, memory_set(&g->memory, &moved, 1));
	ASSERT_EQ(VQUEUE_FINE, vqueue_remap(&g->q));
	EXPECT_EQ(moved.host, (uint8_t *)g->q.desc);
	free(moved.host);
	shorter.host = rings;
	ASSERT_EQ(MEMORY_TAKEN, memory_set(&g->memory, &shorter, 1));
	EXPECT_EQ(VQUEUE_BAD_RINGS, vqueue_remap(&g->q));
	EXPECT_EQ(0, vqueue_turn(&g->q));
	EXPECT_EQ(VQUEUE_BROKEN, vqueue_pop(&g->q, &g->chain));
}

TEST_F(vqueue, G4_G5_index_jumps)
{
	struct guest *g = &self->g;
	uint32_t base, i;

	for (base = 0; base < 65536; base += 13107) {
		static const uint16_t jumps[] = { 65, 32767, 32768, 65534, 65535 };

		g->config.base = base;
		for (i = 0; i < ARRAY_SIZE(jumps); i++) {
			ASSERT_EQ(VQUEUE_FINE, vqueue_start(&g->q, &g->config, &g->memory));
			set_available(g, (uint16_t)(base + jumps[i]));
			EXPECT_EQ(0, vqueue_turn(&g->q));
			EXPECT_EQ(VQUEUE_BAD_INDEX, g->q.fault);
			EXPECT_EQ(VQUEUE_BROKEN, vqueue_pop(&g->q, &g->chain));
			EXPECT_EQ(base, g->q.last_avail);
		}
		ASSERT_EQ(VQUEUE_FINE, vqueue_start(&g->q, &g->config, &g->memory));
		set_available(g, (uint16_t)(base + 64));
		EXPECT_EQ(64, vqueue_turn(&g->q));
	}
}

/* Chains that become available during a turn wait for the next one. */
TEST_F(vqueue, index_is_read_once_a_turn)
{
	struct guest *g = &self->g;

	describe(g, 0, FIRST, 1, 0, 0);
	ASSERT_EQ(VQUEUE_TAKEN, offer(g, 0));
	set_available(g, 60000);
	EXPECT_EQ(VQUEUE_NONE, vqueue_pop(&g->q, &g->chain));
	EXPECT_EQ(VQUEUE_FINE, g->q.fault);
}

TEST_F(vqueue, indirect_not_negotiated)
{
	struct guest *g = &self->g;

	g->q.config.indirect = false;
	describe(g, 0, FIRST, 16, INDIRECT, 0);
	EXPECT_EQ(VQUEUE_BROKEN, offer(g, 0));
	EXPECT_EQ(VQUEUE_BAD_INDIRECT, g->q.fault);
}

TEST_F(vqueue, G14_table_changes_behind)
{
	struct guest *g = &self->g;
	struct vring_desc d;

	vring_describe(&d, SECOND, 5, 0, 0);
	guest_write(g, FIRST, &d, sizeof(d));
	describe(g, 0, FIRST, 16, INDIRECT, 0);
	ASSERT_EQ(VQUEUE_TAKEN, offer(g, 0));
	memset(g->first, 0xff, FIRST_SIZE);
	memset(g->driver.desc, 0xff, 16 * VRING_SIZE);
	EXPECT_EQ(5, g->chain.readable_bytes);
	EXPECT_TRUE(chain_is_mapped(g));
}

TEST_F(vqueue, G17_same_head_again_and_again)
{
	struct guest *g = &self->g;
	int i;

	describe(g, 7, FIRST, 1, 0, 0);
	for (i = 0; i < VRING_SIZE; i++)
		ASSERT_EQ(VQUEUE_TAKEN, offer(g, 7));
	EXPECT_EQ(VRING_SIZE, g->q.in_flight);
	EXPECT_EQ(VQUEUE_BROKEN, offer(g, 7));
	EXPECT_EQ(VQUEUE_BAD_FLIGHT, g->q.fault);
}

/* Pushed chains count as in flight until they are published. */
TEST_F(vqueue, G17_pushed_is_in_flight)
{
	struct guest *g = &self->g;
	int i;

	describe(g, 7, FIRST, 1, 0, 0);
	for (i = 0; i < VRING_SIZE; i++) {
		ASSERT_EQ(VQUEUE_TAKEN, offer(g, 7));
		vqueue_push(&g->q, 7, 0);
	}
	vqueue_publish(&g->q);
	EXPECT_EQ(0, g->q.in_flight);
	EXPECT_EQ(VRING_SIZE, vring_used_index(&g->driver));
	EXPECT_EQ(VQUEUE_TAKEN, offer(g, 7));
}

static void write_table(struct guest *g, uint32_t n, uint32_t len, uint16_t flags)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		vring_describe((struct vring_desc *)(void *)g->first + i, SECOND, len,
			       (uint16_t)(flags | (i + 1 < n ? NEXT : 0)), (uint16_t)(i + 1));
	describe(g, 0, FIRST, 16 * n, INDIRECT, 0);
}

TEST_F(vqueue, G19_more_pieces_than_room)
{
	struct guest *g = &self->g;
	uint32_t len;

	write_table(g, ROOM, 1, WRITE);
	EXPECT_EQ(VQUEUE_TAKEN, offer(g, 0));
	vqueue_push(&g->q, g->chain.head, 0);
	write_table(g, FIRST_SIZE / 16, 1, WRITE);
	EXPECT_EQ(VQUEUE_UNUSABLE, offer(g, 0));
	EXPECT_EQ(FIRST_SIZE / 16, g->chain.writable);
	EXPECT_EQ(FIRST_SIZE / 16, g->chain.writable_bytes);
	vqueue_push(&g->q, g->chain.head, 0);
	vqueue_publish(&g->q);
	EXPECT_EQ(0, vring_collect(&g->driver, &len));
	EXPECT_EQ(0, vring_collect(&g->driver, &len));
	EXPECT_EQ(0, len);
	EXPECT_EQ(VQUEUE_FINE, g->q.fault);
	g->chain.room = 0;
	g->chain.iov = NULL;
	g->chain.guest = NULL;
	EXPECT_EQ(VQUEUE_UNUSABLE, offer(g, 0));
}

/* A packet that three chains cannot hold: they stay available. */
TEST_F(vqueue, G20_too_little_room_for_a_frame)
{
	struct guest *g = &self->g;
	uint16_t i;

	for (i = 0; i < 3; i++) {
		describe(g, i, FIRST, 100, WRITE, 0);
		ASSERT_EQ(VQUEUE_TAKEN, offer(g, i));
		EXPECT_EQ(100, g->chain.writable_bytes);
	}
	EXPECT_EQ(VQUEUE_NONE, vqueue_pop(&g->q, &g->chain));
	vqueue_rewind(&g->q, 3);
	EXPECT_EQ(0, g->q.in_flight);
	EXPECT_EQ(3, vqueue_turn(&g->q));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
		EXPECT_EQ(i, g->chain.head);
	}
}

/* How many descriptors a chain of the small queue has; 0 if it is none. */
static uint32_t model(const uint8_t *next, uint32_t size, uint32_t head)
{
	uint32_t n;

	for (n = 1; head < size; n++, head = next[head] - 1u) {
		if (n > size)
			return 0;
		if (!next[head])
			return n;
	}
	return 0;
}

/* All graphs of four descriptors, from each head and an invalid one. */
TEST_F(vqueue, every_small_graph)
{
	struct guest *g = &self->g;
	uint32_t graph, i, head;

	g->config.size = 4;
	for (graph = 0; graph < 6 * 6 * 6 * 6; graph++) {
		uint8_t next[4];

		for (i = 0, head = graph; i < 4; i++, head /= 6) {
			next[i] = head % 6;
			describe(g, (uint16_t)i, FIRST, 1, next[i] ? NEXT : 0,
				 (uint16_t)(next[i] - 1));
		}
		for (head = 0; head <= 4; head++) {
			uint32_t n = model(next, 4, head);

			set_available(g, 1);
			g->driver.avail->ring[0] = htole16((uint16_t)head);
			ASSERT_EQ(VQUEUE_FINE, vqueue_start(&g->q, &g->config, &g->memory));
			ASSERT_EQ(1, vqueue_turn(&g->q));
			ASSERT_EQ(n ? VQUEUE_TAKEN : VQUEUE_BROKEN,
				  vqueue_pop(&g->q, &g->chain));
			if (n)
				ASSERT_EQ(n, g->chain.readable);
		}
	}
}

/* G25: another CPU turns bits while chains are taken. */
struct flipper {
	struct guest *g;
	bool stop;
};

static void *flip(void *arg)
{
	struct flipper *f = arg;
	uint32_t x = 1;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		x = x * 1664525 + 1013904223;
		__atomic_fetch_xor(&f->g->rings[(x >> 20) % 64], (uint8_t)(1u << (x >> 16) % 8),
				   __ATOMIC_RELAXED);
		__atomic_fetch_xor(&f->g->first[(x >> 8) % 64], (uint8_t)(1u << (x >> 13) % 8),
				   __ATOMIC_RELAXED);
	}
	return NULL;
}

static void plain_chain(struct guest *g)
{
	struct vring_desc d;

	describe(g, 0, FIRST + 64, 100, NEXT, 1);
	describe(g, 1, FIRST, 64, INDIRECT, 0);
	vring_describe(&d, SECOND - 50, 100, NEXT, 1);
	guest_write(g, FIRST, &d, sizeof(d));
	vring_describe(&d, SECOND, 100, 0, 0);
	guest_write(g, FIRST + 16, &d, sizeof(d));
}

TEST_F(vqueue, G25_bits_turn)
{
	struct flipper f = { .g = &self->g };
	struct guest *g = &self->g;
	struct memory_region regions[3];
	uint32_t i, taken = 0, broken = 0;
	pthread_t thread;

	/* Without the missing region. */
	memcpy(regions, g->memory.region, sizeof(regions));
	ASSERT_EQ(MEMORY_TAKEN, memory_set(&g->memory, regions, 3));
	ASSERT_EQ(0, pthread_create(&thread, NULL, flip, &f));
	for (i = 0; i < 300000; i++) {
		if (i % 8 == 0)
			plain_chain(g);
		if (offer(g, 0) == VQUEUE_TAKEN) {
			taken++;
			EXPECT_EQ(g->chain.readable_bytes + g->chain.writable_bytes,
				  chain_bytes(&g->chain));
			EXPECT_TRUE(chain_is_mapped(g));
		} else {
			broken++;
		}
		g->driver.published = 0;
		set_available(g, 0);
		vqueue_start(&g->q, &g->config, &g->memory);
	}
	__atomic_store_n(&f.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_EQ(300000, taken + broken);
	EXPECT_LT(0, taken);
}

TEST(names)
{
	int i;

	for (i = 0; i < VQUEUE_FAULTS; i++)
		EXPECT_NE(NULL, vqueue_fault_name(i));
}

TEST_HARNESS_MAIN
