// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vqueue_turn.c - turns of the device's half of a split ring against the driver's half:
 * wraps, budgets, interrupts and kicks
 */
#include "kselftest_harness.h"

#include "vqueue_fixture.h"

/* G6: both indices wrap, in batches, against the driver's half. */
TEST_F(vqueue, G6_round_trip_past_the_wrap_of_the_index)
{
	struct guest *g = &self->g;
	uint32_t i, k, len;

	for (i = 0; i < VRING_SIZE; i++)
		describe(g, (uint16_t)i, FIRST + i, i + 1, WRITE, 0);
	for (i = 0; i < 5000; i++) {
		uint32_t batch = 1 + i % 29;

		for (k = 0; k < batch; k++)
			vring_publish(&g->driver, (uint16_t)(i + k) % VRING_SIZE, false);
		ASSERT_EQ(batch, vqueue_turn(&g->q));
		for (k = 0; k < batch; k++) {
			ASSERT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
			ASSERT_EQ((i + k) % VRING_SIZE, g->chain.head);
			ASSERT_EQ(g->first + g->chain.head, g->iov[0].iov_base);
			ASSERT_EQ(g->chain.head + 1, g->iov[0].iov_len);
			vqueue_push(&g->q, g->chain.head, i + k);
		}
		ASSERT_EQ(VQUEUE_NONE, vqueue_pop(&g->q, &g->chain));
		ASSERT_EQ(-1, vring_collect(&g->driver, &len));
		vqueue_publish(&g->q);
		for (k = 0; k < batch; k++) {
			ASSERT_EQ((i + k) % VRING_SIZE, vring_collect(&g->driver, &len));
			ASSERT_EQ(i + k, len);
		}
	}
	EXPECT_EQ(0, g->q.in_flight);
	EXPECT_LT(65536, i * 14);
}

static void use_one(struct guest *g)
{
	offer(g, 0);
	vqueue_push(&g->q, 0, 0);
	vqueue_publish(&g->q);
}

TEST_F(vqueue, budget_of_chains)
{
	struct guest *g = &self->g;
	struct vqueue_config c = { .size = 512, .desc = USER + 0xd000, .avail = USER + VRING_AVAIL,
				   .used = USER + 3584 };
	static struct vring_desc table[512];
	struct memory_region regions[] = {
		{ 0, USER, VRING_BYTES, g->rings },
		{ 0xd000, USER + 0xd000, sizeof(table), (uint8_t *)table },
	};
	uint32_t i;

	ASSERT_EQ(MEMORY_TAKEN, memory_set(&g->memory, regions, 2));
	for (i = 0; i < 512; i++)
		vring_describe(&table[i], 0xd000, 1, 0, 0);
	for (i = 256; i < 512; i++)
		vring_describe(&table[i], 0xd000, sizeof(table), 0, 0);
	ASSERT_EQ(VQUEUE_FINE, vqueue_start(&g->q, &c, &g->memory));
	for (i = 0; i < 512; i++)
		g->driver.avail->ring[i] = htole16((uint16_t)i);
	set_available(g, 512);
	EXPECT_EQ(512, vqueue_turn(&g->q));
	for (i = 0; i < VQUEUE_TURN_CHAINS; i++)
		ASSERT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
	EXPECT_EQ(VQUEUE_SPENT, vqueue_pop(&g->q, &g->chain));
	EXPECT_EQ(256, vqueue_turn(&g->q));
	for (i = 0; vqueue_pop(&g->q, &g->chain) == VQUEUE_TAKEN; i++)
		;
	EXPECT_EQ(i, (VQUEUE_TURN_BYTES - 1) / (sizeof(table) + VQUEUE_PIECE_COST) + 1);
}

TEST_F(vqueue, budget_of_bytes_written)
{
	struct guest *g = &self->g;

	describe(g, 0, FAR, UINT32_MAX, WRITE, 0);
	vring_publish(&g->driver, 0, false);
	vring_publish(&g->driver, 0, false);
	ASSERT_EQ(2, vqueue_turn(&g->q));
	ASSERT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
	vqueue_push(&g->q, 0, UINT32_MAX);
	EXPECT_EQ(VQUEUE_SPENT, vqueue_pop(&g->q, &g->chain));
	EXPECT_EQ(1, vqueue_turn(&g->q));
	EXPECT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
}

TEST_F(vqueue, G22_interrupt_by_flag)
{
	struct guest *g = &self->g;

	describe(g, 0, FIRST, 1, 0, 0);
	EXPECT_FALSE(vqueue_notify_needed(&g->q));
	use_one(g);
	EXPECT_TRUE(vqueue_notify_needed(&g->q));
	EXPECT_FALSE(vqueue_notify_needed(&g->q));
	g->driver.avail->flags = htole16(VRING_AVAIL_F_NO_INTERRUPT);
	use_one(g);
	EXPECT_FALSE(vqueue_notify_needed(&g->q));
	g->driver.avail->flags = htole16(0xfffe);
	use_one(g);
	EXPECT_TRUE(vqueue_notify_needed(&g->q));
}

static bool restart_with_events(struct guest *g, uint16_t index)
{
	g->config.event_idx = true;
	g->config.base = index;
	g->driver.published = g->driver.collected = index;
	set_available(g, index);
	g->driver.used->idx = htole16(index);
	describe(g, 0, FIRST, 1, 0, 0);
	return !vqueue_start(&g->q, &g->config, &g->memory);
}

/* The event index wraps, too; one request, one notification. */
TEST_F(vqueue, G22_interrupt_by_event_index_past_the_wrap)
{
	struct guest *g = &self->g;
	uint32_t i, told = 0, len;

	ASSERT_TRUE(restart_with_events(g, 65500));
	vring_request_interrupt(&g->driver, 8);
	use_one(g);
	/* Nothing is known about a new driver yet. */
	EXPECT_TRUE(vqueue_notify_needed(&g->q));
	for (i = 1; i < 140000; i++) {
		use_one(g);
		if (!vqueue_notify_needed(&g->q))
			continue;
		ASSERT_EQ(7, i % 8);
		told++;
		while (vring_collect(&g->driver, &len) >= 0)
			;
		vring_request_interrupt(&g->driver, 8);
	}
	EXPECT_EQ(140000 / 8, told);
}

/* Of chains in flight, past the wrap-around of the index. */
TEST_F(vqueue, which_chain_is_waited_for)
{
	struct guest *g = &self->g;
	uint16_t i;

	ASSERT_TRUE(restart_with_events(g, 65534));
	for (i = 0; i < 3; i++) {
		describe(g, i, FIRST, 1, 0, 0);
		vring_publish(&g->driver, i, true);
	}
	vring_request_interrupt(&g->driver, 1);
	EXPECT_EQ(0, vqueue_interrupt_after(&g->q));
	ASSERT_EQ(3, vqueue_turn(&g->q));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
	EXPECT_EQ(1, vqueue_interrupt_after(&g->q));
	vring_request_interrupt(&g->driver, 3);
	EXPECT_EQ(3, vqueue_interrupt_after(&g->q));
	vring_request_interrupt(&g->driver, 4);
	EXPECT_EQ(0, vqueue_interrupt_after(&g->q));
	vring_request_interrupt(&g->driver, 2);
	vqueue_push(&g->q, 0, 0);
	EXPECT_EQ(2, vqueue_interrupt_after(&g->q));
	vqueue_publish(&g->q);
	EXPECT_EQ(1, vqueue_interrupt_after(&g->q));
	vqueue_push(&g->q, 1, 0);
	vqueue_publish(&g->q);
	EXPECT_EQ(0, vqueue_interrupt_after(&g->q));
}

TEST_F(vqueue, waited_for_by_flag)
{
	struct guest *g = &self->g;

	EXPECT_EQ(1, vqueue_interrupt_after(&g->q));
	g->driver.avail->flags = htole16(VRING_AVAIL_F_NO_INTERRUPT);
	EXPECT_EQ(0, vqueue_interrupt_after(&g->q));
}

/* G22: garbage causes at most one interrupt per publication, for one wrap-around. */
TEST_F(vqueue, G22_garbage_event_index)
{
	struct guest *g = &self->g;
	uint32_t i, told = 0;

	ASSERT_TRUE(restart_with_events(g, 0));
	g->driver.avail->ring[VRING_SIZE] = htole16(40000);
	for (i = 0; i < 65536 * 2; i++) {
		use_one(g);
		told += vqueue_notify_needed(&g->q);
		EXPECT_FALSE(vqueue_notify_needed(&g->q));
	}
	EXPECT_EQ(3, told);
}

/* After more than one wrap-around indices cannot be compared. */
TEST_F(vqueue, G22_a_round_without_asking)
{
	struct guest *g = &self->g;
	uint32_t i;

	ASSERT_TRUE(restart_with_events(g, 0));
	use_one(g);
	EXPECT_TRUE(vqueue_notify_needed(&g->q));
	g->driver.avail->ring[VRING_SIZE] = htole16(30000);
	for (i = 0; i < 65536 + 10; i++)
		use_one(g);
	EXPECT_TRUE(vqueue_notify_needed(&g->q));
}

/* Chains with few bytes in as many pieces as possible. */
TEST_F(vqueue, budget_of_pieces)
{
	struct guest *g = &self->g;
	uint32_t i;

	for (i = 0; i < VRING_SIZE; i++)
		describe(g, (uint16_t)i, FIRST, 1, i + 1 < VRING_SIZE ? NEXT : 0,
			 (uint16_t)(i + 1));
	for (i = 0; i < 64; i++)
		vring_publish(&g->driver, 0, false);
	ASSERT_EQ(64, vqueue_turn(&g->q));
	g->chain.room = 8;
	for (i = 0; vqueue_pop(&g->q, &g->chain) == VQUEUE_UNUSABLE; i++)
		vqueue_push(&g->q, 0, 0);
	vqueue_publish(&g->q);
	/* Within it, and half of it is spent on 4096 bytes. */
	EXPECT_EQ(64, i);
	EXPECT_EQ(64 * 64 * (VQUEUE_PIECE_COST + 1), g->q.turn_bytes);
}

/* Chains that a turn has seen and left cause no notification, later ones do. */
TEST_F(vqueue, G22_kick_behind_what_was_seen)
{
	struct guest *g = &self->g;

	ASSERT_TRUE(restart_with_events(g, 65535));
	vring_publish(&g->driver, 0, true);
	vring_publish(&g->driver, 0, true);
	ASSERT_EQ(2, vqueue_turn(&g->q));
	ASSERT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
	EXPECT_FALSE(vqueue_enable_notify(&g->q));
	EXPECT_EQ(1, le16toh(*(uint16_t *)&g->driver.used->ring[VRING_SIZE]));
	EXPECT_TRUE(vring_publish(&g->driver, 0, true));
	EXPECT_TRUE(vqueue_enable_notify(&g->q));
	ASSERT_EQ(2, vqueue_turn(&g->q));
}

TEST_F(vqueue, G22_kick_by_flag)
{
	struct guest *g = &self->g;

	vqueue_disable_notify(&g->q);
	EXPECT_FALSE(vring_publish(&g->driver, 0, false));
	/* It became available without a kick. */
	EXPECT_TRUE(vqueue_enable_notify(&g->q));
	EXPECT_EQ(1, vqueue_turn(&g->q));
	describe(g, 0, FIRST, 1, 0, 0);
	EXPECT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
	EXPECT_FALSE(vqueue_enable_notify(&g->q));
	EXPECT_TRUE(vring_publish(&g->driver, 0, false));
}

TEST_F(vqueue, G22_kick_by_event_index_past_the_wrap)
{
	struct guest *g = &self->g;
	uint32_t i;

	ASSERT_TRUE(restart_with_events(g, 65530));
	for (i = 0; i < 70000; i++) {
		ASSERT_FALSE(vqueue_enable_notify(&g->q));
		ASSERT_TRUE(vring_publish(&g->driver, 0, true));
		ASSERT_FALSE(vring_publish(&g->driver, 0, true));
		ASSERT_TRUE(vqueue_enable_notify(&g->q));
		ASSERT_EQ(2, vqueue_turn(&g->q));
		while (vqueue_pop(&g->q, &g->chain) == VQUEUE_TAKEN)
			vqueue_push(&g->q, g->chain.head, 0);
		vqueue_publish(&g->q);
	}
	/* The flags are not used then. */
	EXPECT_EQ(0, g->driver.used->flags);
}

/* VIRTIO_F_NOTIFY_ON_EMPTY: the last chain is notified in any case. */
TEST_F(vqueue, notify_on_empty)
{
	struct guest *g = &self->g;

	g->config.on_empty = true;
	ASSERT_EQ(VQUEUE_FINE, vqueue_start(&g->q, &g->config, &g->memory));
	g->driver.avail->flags = htole16(VRING_AVAIL_F_NO_INTERRUPT);
	describe(g, 0, FIRST, 16, 0, 0);
	vring_publish(&g->driver, 0, false);
	ASSERT_EQ(VQUEUE_TAKEN, offer(g, 0));
	vqueue_push(&g->q, 0, 0);
	vqueue_publish(&g->q);
	EXPECT_FALSE(vqueue_notify_needed(&g->q));
	ASSERT_EQ(VQUEUE_TAKEN, vqueue_pop(&g->q, &g->chain));
	vqueue_push(&g->q, 0, 0);
	vqueue_publish(&g->q);
	EXPECT_TRUE(vqueue_notify_needed(&g->q));
	EXPECT_FALSE(vqueue_notify_needed(&g->q));
}

TEST_HARNESS_MAIN
