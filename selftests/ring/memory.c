// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memory.c - which tables are accepted, and translation of addresses
 */
#include "kselftest_harness.h"

#include <stdlib.h>

#include "ring/memory.h"

#define LAST UINT64_MAX

/* Only the addresses matter, nothing is read. */
static uint8_t bytes[8192];

static const struct memory_region good = { 0x1000, 0x7000, 0x1000, bytes };

/* V5: each with a valid region. */
static const struct {
	const char *what;
	struct memory_region region;
	enum memory_refusal refusal;
} tables[] = {
	{ "beside", { 0x2000, 0x8000, 0x1000, bytes + 4096 }, MEMORY_TAKEN },
	{ "before", { 0, 0x6000, 0x1000, bytes + 4096 }, MEMORY_TAKEN },
	{ "no byte", { 0x4000, 0x9000, 0, bytes }, MEMORY_REFUSED_SIZE },
	{ "up to the last address", { LAST - 9, 0x9000, 10, bytes }, MEMORY_TAKEN },
	{ "one beyond it", { LAST - 9, 0x9000, 11, bytes }, MEMORY_REFUSED_WRAP },
	{ "all and one", { 1, 0x9000, LAST, bytes }, MEMORY_REFUSED_WRAP },
	{ "user wraps", { 0x4000, LAST - 9, 11, bytes }, MEMORY_REFUSED_WRAP },
	{ "no host", { 0x4000, 0x9000, 1, NULL }, MEMORY_REFUSED_HOST },
	{ "host wraps", { 0x4000, 0, LAST - 0x5000, bytes }, MEMORY_REFUSED_HOST },
	{ "same", { 0x1000, 0x9000, 0x1000, bytes }, MEMORY_REFUSED_GUEST },
	{ "one byte at the end", { 0x1fff, 0x9000, 1, bytes }, MEMORY_REFUSED_GUEST },
	{ "one byte at the start", { 0, 0x9000, 0x1001, bytes }, MEMORY_REFUSED_GUEST },
	{ "inside", { 0x1800, 0x9000, 8, bytes }, MEMORY_REFUSED_GUEST },
	{ "around", { 0, 0x9000, 0x4000, bytes }, MEMORY_REFUSED_GUEST },
	{ "an alias", { 0x4000, 0x7000, 0x1000, bytes }, MEMORY_TAKEN },
	{ "a part of it", { 0x4000, 0x7800, 0x800, bytes + 0x800 }, MEMORY_TAKEN },
	{ "one user address twice", { 0x4000, 0x7fff, 8, bytes }, MEMORY_REFUSED_USER },
};

TEST(V5_whole_or_not_at_all)
{
	struct memory_region two[2] = { good };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		struct memory m = { 0 }, before;
		enum memory_refusal r;

		ASSERT_EQ(MEMORY_TAKEN, memory_set(&m, &good, 1));
		before = m;
		two[1] = tables[i].region;
		r = memory_set(&m, two, 2);
		EXPECT_EQ(tables[i].refusal, r) {
			TH_LOG("%s", tables[i].what);
		}
		if (r)
			EXPECT_EQ(0, memcmp(&before, &m, sizeof(m)));
		two[1] = good;
		two[0] = tables[i].region;
		EXPECT_EQ(r, memory_set(&m, two, 2));
		two[0] = good;
	}
}

TEST(V5_too_many)
{
	struct memory_region many[MEMORY_REGIONS + 1];
	struct memory m = { 0 };
	uint64_t i;

	for (i = 0; i <= MEMORY_REGIONS; i++)
		many[i] = (struct memory_region){ (MEMORY_REGIONS - i) * 64, i * 64, 64,
						  bytes + i * 64 };
	EXPECT_EQ(MEMORY_TAKEN, memory_set(&m, many, MEMORY_REGIONS));
	for (i = 0; i < MEMORY_REGIONS; i++)
		EXPECT_EQ(bytes + i * 64, memory_map(&m, (MEMORY_REGIONS - i) * 64, 64));
	EXPECT_EQ(MEMORY_REFUSED_MANY, memory_set(&m, many, MEMORY_REGIONS + 1));
	EXPECT_EQ(MEMORY_REGIONS, m.count);
	EXPECT_EQ(MEMORY_TAKEN, memory_set(&m, many, 0));
	EXPECT_EQ(NULL, memory_map(&m, 64, 1));
}

/* Two adjacent ones, a hole, and one at the end of the address space. */
FIXTURE(memory) {
	struct memory m;
};

FIXTURE_SETUP(memory)
{
	const struct memory_region regions[] = {
		{ 0x2000, 0x50000, 0x100, bytes + 0x100 },
		{ LAST - 0xff, 0x70000, 0x100, bytes + 0x800 },
		{ 0, 0x90000, 0x10, bytes + 0x1000 },
		{ 0x2100, 0x30000, 0x100, bytes + 0x600 },
	};

	ASSERT_EQ(MEMORY_TAKEN, memory_set(&self->m, regions, ARRAY_SIZE(regions)));
}

FIXTURE_TEARDOWN(memory)
{
}

TEST_F(memory, one_piece)
{
	EXPECT_EQ(bytes + 0x100, memory_map(&self->m, 0x2000, 0x100));
	EXPECT_EQ(bytes + 0x1ff, memory_map(&self->m, 0x20ff, 1));
	EXPECT_EQ(bytes + 0x600, memory_map(&self->m, 0x2100, 0x100));
	EXPECT_EQ(bytes + 0x8ff, memory_map(&self->m, LAST, 1));
	EXPECT_EQ(NULL, memory_map(&self->m, 0x2000, 0));
	EXPECT_EQ(NULL, memory_map(&self->m, 0x2000, 0x101));
	EXPECT_EQ(NULL, memory_map(&self->m, 0x1fff, 1));
	EXPECT_EQ(NULL, memory_map(&self->m, 0x2200, 1));
	EXPECT_EQ(NULL, memory_map(&self->m, 0x2001, LAST));
	EXPECT_EQ(NULL, memory_map(&self->m, LAST, 2));
}

TEST_F(memory, by_user_address)
{
	EXPECT_EQ(bytes + 0x600, memory_map_user(&self->m, 0x30000, 0x100));
	EXPECT_EQ(bytes + 0x6ff, memory_map_user(&self->m, 0x300ff, 1));
	EXPECT_EQ(NULL, memory_map_user(&self->m, 0x30000, 0x101));
	EXPECT_EQ(NULL, memory_map_user(&self->m, 0x30000, 0));
	EXPECT_EQ(NULL, memory_map_user(&self->m, 0x30100, 1));
	EXPECT_EQ(NULL, memory_map_user(&self->m, 0x2ffff, 1));
	EXPECT_EQ(NULL, memory_map_user(&self->m, 0x300ff, LAST));
	EXPECT_EQ(NULL, memory_map_user(&self->m, 0x2000, 1));
}

TEST_F(memory, G7_outside_or_wrapping)
{
	struct iovec iov[4];

	EXPECT_EQ(0, memory_split(&self->m, 0x1fff, 1, iov, 4));
	EXPECT_EQ(0, memory_split(&self->m, 0x2000, LAST, iov, 4));
	EXPECT_EQ(0, memory_split(&self->m, 0x2000, 0, iov, 4));
	EXPECT_EQ(0, memory_split(&self->m, 0x1fff, 0, iov, 4));
	EXPECT_EQ(1, memory_split(&self->m, LAST - 7, 8, iov, 4));
	/* Ranges do not wrap to the region at 0. */
	EXPECT_EQ(0, memory_split(&self->m, LAST - 7, 9, iov, 4));
	EXPECT_EQ(0, memory_split(&self->m, LAST - 7, LAST, iov, 4));
}

TEST_F(memory, G8_split_over_regions)
{
	struct iovec iov[2];

	ASSERT_EQ(2, memory_split(&self->m, 0x20f0, 0x20, iov, 2));
	EXPECT_EQ(bytes + 0x1f0, iov[0].iov_base);
	EXPECT_EQ(0x10, iov[0].iov_len);
	EXPECT_EQ(bytes + 0x600, iov[1].iov_base);
	EXPECT_EQ(0x10, iov[1].iov_len);
	EXPECT_EQ(2, memory_split(&self->m, 0x2000, 0x200, iov, 2));
	/* Into the hole after them. */
	EXPECT_EQ(0, memory_split(&self->m, 0x2000, 0x201, iov, 2));
	EXPECT_EQ(0, memory_split(&self->m, 0x21ff, 2, iov, 2));
}

TEST_F(memory, no_more_than_there_is_room_for)
{
	struct iovec *iov = malloc(sizeof(*iov));

	EXPECT_EQ(2, memory_split(&self->m, 0x20f0, 0x20, iov, 1));
	EXPECT_EQ(0x10, iov->iov_len);
	EXPECT_EQ(2, memory_split(&self->m, 0x20f0, 0x20, NULL, 0));
	free(iov);
}

TEST_F(memory, read_over_regions)
{
	uint8_t out[16];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i ^ (i >> 8));
	for (i = 0; i <= 16; i++) {
		ASSERT_TRUE(memory_read(&self->m, 0x20f0 + i, out, 16));
		EXPECT_EQ(0, memcmp(out, bytes + 0x1f0 + i, 16 - i));
		EXPECT_EQ(0, memcmp(out + 16 - i, bytes + 0x600, i));
	}
	EXPECT_FALSE(memory_read(&self->m, 0x21f8, out, 16));
	EXPECT_FALSE(memory_read(&self->m, 0x1ff8, out, 16));
	EXPECT_FALSE(memory_read(&self->m, LAST - 7, out, 16));
	EXPECT_FALSE(memory_read(&self->m, 0x2000, out, 0));
}

/* V14: the required size of a log. */
TEST_F(memory, V14_size_of_a_log)
{
	struct memory m = { 0 };
	struct memory_region r = good;

	EXPECT_EQ(LAST / 4096 / 8 + 1, memory_log_size(&self->m));
	EXPECT_EQ(0, memory_log_size(&m));
	r.guest = 0;
	r.size = 8 * 4096;
	memory_set(&m, &r, 1);
	EXPECT_EQ(1, memory_log_size(&m));
	r.size++;
	memory_set(&m, &r, 1);
	EXPECT_EQ(2, memory_log_size(&m));
}

TEST_HARNESS_MAIN
