// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dirty.c - exactly the pages of a range are marked
 */
#include "kselftest_harness.h"

#include "ground/bytes.h"
#include "ring/dirty.h"

static uint64_t marked(uint64_t guest, uint64_t len)
{
	uint8_t bits[8] = { 0 };
	struct dirty d = { bits, sizeof(bits) };
	uint64_t word;

	dirty_mark(&d, guest, len);
	memcpy(&word, bits, sizeof(word));
	return le64toh(word);
}

TEST(pages)
{
	static const struct {
		uint64_t guest, len, pages;
	} row[] = {
		{ 0, 0, 0 }, { 0, 1, 1 }, { 4095, 1, 1 }, { 4096, 1, 2 }, { 4095, 2, 3 },
		{ 0, 4096, 1 }, { 0, 4097, 3 }, { 7 * 4096, 4096, 0x80 },
		{ 8 * 4096, 4096, 0x100 }, { 63 * 4096, 4096, 1ull << 63 },
		{ 0, 64 * 4096, ~0ull },
		/* Past the end of the log, or of the address space. */
		{ 64 * 4096, 1, 0 }, { 63 * 4096, 1 << 20, 1ull << 63 }, { ~0ull, 1, 0 },
		{ ~0ull, 2, 0 }, { 1, ~0ull, ~0ull }, { 4096, ~0ull, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(row); i++)
		EXPECT_EQ(row[i].pages, marked(row[i].guest, row[i].len)) {
			TH_LOG("row %zu", i);
		}
}

/* Other bits are kept, and without a log nothing is written. */
TEST(adds)
{
	uint8_t bits[2] = { 0x80, 0x02 };
	struct dirty d = { bits, 1 }, none = { NULL, 0 };

	dirty_mark(&d, 0, 1);
	dirty_mark(&d, 7 * 4096, 4096 * 2);
	dirty_mark(&d, 8 * 4096, 1);
	dirty_mark(&none, 0, 1);
	EXPECT_EQ(0x81, bits[0]);
	EXPECT_EQ(0x02, bits[1]);
}

TEST_HARNESS_MAIN
