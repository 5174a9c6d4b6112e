// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pieces.c - sequential access to pieces of any length
 */
#include "kselftest_harness.h"

#include "ground/bytes.h"
#include "ground/pieces.h"

#define BYTES 12

/* Twelve bytes in pieces of these lengths. */
static size_t cut(struct iovec *iov, uint8_t *bytes, const uint8_t *lengths, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		iov[i] = (struct iovec){ bytes, lengths[i] };
		bytes += lengths[i];
	}
	return n;
}

static const uint8_t cuts[][6] = {
	{ 12 }, { 1, 11 }, { 11, 1 }, { 0, 12 }, { 4, 4, 4 }, { 1, 0, 0, 1, 10, 0 },
	{ 2, 2, 2, 2, 2, 2 }, { 0, 0, 0, 0, 0, 12 },
};

/* Read, skip and read past the end, with all lengths. */
TEST(read_skip_read)
{
	uint8_t bytes[BYTES], out[BYTES + 4];
	struct iovec iov[6];
	size_t c, a, b, i;

	for (i = 0; i < BYTES; i++)
		bytes[i] = (uint8_t)(i + 1);
	for (c = 0; c < ARRAY_LENGTH(cuts); c++)
		for (a = 0; a <= BYTES; a++)
			for (b = 0; b <= BYTES - a; b++) {
				struct pieces p = { iov, cut(iov, bytes, cuts[c], 6), 0 };

				ASSERT_EQ(a, pieces_read(&p, out, a));
				ASSERT_EQ(0, memcmp(out, bytes, a));
				ASSERT_EQ(b, pieces_skip(&p, b));
				ASSERT_EQ(BYTES - a - b, pieces_read(&p, out, sizeof(out)));
				ASSERT_EQ(0, memcmp(out, bytes + a + b, BYTES - a - b));
				ASSERT_EQ(0, pieces_read(&p, out, 1));
			}
}

TEST(written)
{
	uint8_t bytes[BYTES], in[BYTES + 4];
	struct iovec iov[6];
	size_t c, i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(100 + i);
	for (c = 0; c < ARRAY_LENGTH(cuts); c++) {
		struct pieces p = { iov, cut(iov, bytes, cuts[c], 6), 0 };

		memset(bytes, 0, sizeof(bytes));
		EXPECT_EQ(5, pieces_write(&p, in, 5));
		EXPECT_EQ(BYTES - 5, pieces_write(&p, in + 5, sizeof(in) - 5));
		EXPECT_EQ(0, memcmp(bytes, in, BYTES));
	}
}

/* Runs are as long as their pieces, but not longer than requested. */
TEST(runs)
{
	uint8_t bytes[BYTES];
	struct iovec iov[6], run;
	struct pieces p = { iov, cut(iov, bytes, cuts[5], 6), 0 };

	run = pieces_next(&p, 100);
	EXPECT_EQ((void *)bytes, run.iov_base);
	EXPECT_EQ(1, run.iov_len);
	run = pieces_next(&p, 100);
	EXPECT_EQ((void *)(bytes + 1), run.iov_base);
	EXPECT_EQ(1, run.iov_len);
	run = pieces_next(&p, 4);
	EXPECT_EQ(bytes + 2, run.iov_base);
	EXPECT_EQ(4, run.iov_len);
	EXPECT_EQ(6, pieces_next(&p, 100).iov_len);
	EXPECT_EQ(0, pieces_next(&p, 100).iov_len);
	EXPECT_EQ(0, pieces_next(&p, 0).iov_len);
}

TEST_HARNESS_MAIN
