// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mask.c - convert 128-bit masks to text and back
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <string.h>

#include <tapcompat.h>

static const struct {
	const char *text;
	struct tapcompat_mask mask;
} pairs[] = {
	{ "0x0", { { 0, 0 } } },
	{ "0x1", { { 1, 0 } } },
	{ "0x33d008000", { { 0x33d008000, 0 } } },
	{ "0xffffffffffffffff", { { ~0ull, 0 } } },
	{ "0x10000000000000000", { { 0, 1 } } },
	{ "0xa0000000000000005", { { 5, 0xa } } },
	{ "0xffffffffffffffffffffffffffffffff", { { ~0ull, ~0ull } } },
};

TEST(both_ways)
{
	char text[TAPCOMPAT_MASK_TEXT];
	struct tapcompat_mask m;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		EXPECT_STREQ(pairs[i].text, tapcompat_mask_format(&pairs[i].mask, text));
		ASSERT_EQ(0, tapcompat_mask_parse(pairs[i].text, &m));
		EXPECT_EQ(pairs[i].mask.word[0], m.word[0]);
		EXPECT_EQ(pairs[i].mask.word[1], m.word[1]);
	}
}

TEST(other_forms_that_are_read)
{
	struct tapcompat_mask m;

	ASSERT_EQ(0, tapcompat_mask_parse("0X1C0010130AFFFA7", &m));
	EXPECT_EQ(0x1c0010130afffa7ull, m.word[0]);
	ASSERT_EQ(0, tapcompat_mask_parse("0x00000000000000000000000000000001", &m));
	EXPECT_EQ(1, m.word[0]);
}

TEST(what_is_refused)
{
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", -EINVAL }, { "0", -EINVAL }, { "0x", -EINVAL }, { "x1", -EINVAL },
		{ "1", -EINVAL }, { "0x1 ", -EINVAL }, { " 0x1", -EINVAL }, { "0x-1", -EINVAL },
		{ "0xg", -EINVAL }, { "0x1\n", -EINVAL }, { "0x@", -EINVAL }, { "0x`", -EINVAL },
		{ "0x100000000000000000000000000000000", -ERANGE },
		{ "0x000000000000000000000000000000001", -ERANGE },
	};
	struct tapcompat_mask m = { { 7, 8 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(bad[i].error, tapcompat_mask_parse(bad[i].text, &m)) {
			TH_LOG("'%s'", bad[i].text);
		}
		EXPECT_EQ(7, m.word[0]);
		EXPECT_EQ(8, m.word[1]);
	}
}

TEST(single_bits)
{
	unsigned int bit, other;

	for (bit = 0; bit < 128; bit++) {
		struct tapcompat_mask m = { { 0, 0 } };

		tapcompat_mask_set(&m, bit);
		for (other = 0; other < 300; other++)
			EXPECT_EQ(bit == other, tapcompat_mask_test(&m, other));
	}
	struct tapcompat_mask m = { { 0, 0 } };

	tapcompat_mask_set(&m, 128);
	tapcompat_mask_set(&m, ~0u);
	EXPECT_EQ(0, m.word[0] | m.word[1]);
}

TEST_HARNESS_MAIN
