// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * csum.c - the Internet checksum
 */
#include "kselftest_harness.h"

#include "packet/csum.h"

/* The example of RFC 1071, section 3. */
TEST(rfc1071)
{
	static const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	EXPECT_EQ(0xddf2, csum_fold(csum_add(data, sizeof(data), 0)));
}

TEST(odd_last_byte_is_the_high_half)
{
	static const uint8_t odd[] = { 0x12, 0x34, 0x56 }, even[] = { 0x12, 0x34, 0x56, 0 };

	EXPECT_EQ(csum_add(even, 4, 0), csum_add(odd, 3, 0));
}

TEST(pieces_add_up)
{
	uint8_t data[2000];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 11);
	for (i = 0; i < sizeof(data); i += 2)
		EXPECT_EQ(csum_fold(csum_add(data, sizeof(data), 0)),
			  csum_fold(csum_add(data + i, sizeof(data) - i, csum_add(data, i, 0))));
}

/* Cut at any two places, odd ones too. */
TEST(odd_pieces_add_up)
{
	uint8_t data[67], copy[67];
	size_t i, j;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 151 + 7);
	for (i = 0; i <= sizeof(data); i++)
		for (j = i; j <= sizeof(data); j++) {
			uint32_t sum = csum_piece(data, i, 0, 0);

			sum = csum_piece(data + i, j - i, i, sum);
			sum = csum_piece(data + j, sizeof(data) - j, j, sum);
			EXPECT_EQ(csum_fold(csum_add(data, sizeof(data), 0)), csum_fold(sum));
			sum = csum_copy(copy, data, i, 0, 0);
			sum = csum_copy(copy + i, data + i, j - i, i, sum);
			sum = csum_copy(copy + j, data + j, sizeof(data) - j, j, sum);
			EXPECT_EQ(csum_fold(csum_add(data, sizeof(data), 0)), csum_fold(sum));
			EXPECT_EQ(0, memcmp(copy, data, sizeof(data)));
		}
}

/* Word by word with the carry. */
static uint32_t by_hand(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i < len; i++) {
		sum += i & 1 ? p[i] : p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* At any length and any address, of source and copy. */
TEST(as_by_hand)
{
	uint8_t data[340], copy[340];
	size_t start, len, i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i * 41 + 200);
	for (start = 0; start < 33; start++)
		for (len = 0; len < 300; len++) {
			uint32_t sum = by_hand(data + start, len, 0x1234);
			size_t to = (start + len) % 33;

			EXPECT_EQ(sum, csum_add(data + start, len, 0x1234));
			memset(copy, 0xee, sizeof(copy));
			EXPECT_EQ(sum, csum_fold(csum_copy(copy + to, data + start, len, 0,
							     0x1234)));
			EXPECT_EQ(0, memcmp(copy + to, data + start, len));
			/* And nothing around it. */
			EXPECT_TRUE(copy[to + len] == 0xee && (!to || copy[to - 1] == 0xee));
		}
}

TEST(largest_piece_of_ones)
{
	static uint8_t ones[65535], copy[65535];
	size_t i;

	for (i = 0; i < sizeof(ones); i++)
		ones[i] = 0xff;
	EXPECT_EQ(0xff00, csum_fold(csum_add(ones, sizeof(ones), 0)));
	EXPECT_EQ(0xffff, csum_fold(csum_add(ones, sizeof(ones) - 1, 0xffff)));
	EXPECT_EQ(0xff00, csum_fold(csum_copy(copy, ones, sizeof(ones), 0, 0)));
}

TEST_HARNESS_MAIN
