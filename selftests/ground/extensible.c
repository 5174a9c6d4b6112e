// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extensible.c - structs of callers that were built for another version
 */
#include "kselftest_harness.h"

#include <errno.h>

#include "ground/extensible.h"

/* The third version: the first one ended with @first, the second one with @second. */
struct options {
	size_t size;
	int first;
	int second;
	uint64_t third;
};

#define FIRST STRUCT_END(struct options, first)

FIXTURE(extensible)
{
	struct options to;
	struct {
		struct options options;
		uint8_t tail[STRUCT_MAX];
	} from;
};

FIXTURE_SETUP(extensible)
{
	memset(&self->to, 0xee, sizeof(self->to));
	memset(&self->from, 0, sizeof(self->from));
	self->from.options = (struct options){ .first = 1, .second = 2, .third = 3 };
}

FIXTURE_TEARDOWN(extensible)
{
}

static int copy(struct options *to, void *from, size_t given)
{
	return struct_copy(to, sizeof(*to), FIRST, from, given);
}

TEST_F(extensible, same)
{
	EXPECT_EQ(0, copy(&self->to, &self->from, sizeof(self->to)));
	EXPECT_EQ(0, memcmp(&self->to, &self->from, sizeof(self->to)));
}

/* Members that an older program does not know are 0, whatever follows its struct. */
TEST_F(extensible, older)
{
	EXPECT_EQ(0, copy(&self->to, &self->from, FIRST));
	EXPECT_EQ(1, self->to.first);
	EXPECT_EQ(0, self->to.second);
	EXPECT_EQ(0, self->to.third);
	EXPECT_EQ(0, copy(&self->to, &self->from, STRUCT_END(struct options, second)));
	EXPECT_EQ(2, self->to.second);
	EXPECT_EQ(0, self->to.third);
}

TEST_F(extensible, too_small)
{
	size_t size;

	for (size = 0; size < FIRST; size++)
		EXPECT_EQ(-EINVAL, copy(&self->to, &self->from, size));
	EXPECT_EQ(0xee, *(uint8_t *)&self->to);
}

/* Each byte beyond what is known counts, up to the size and not further. */
TEST_F(extensible, newer)
{
	size_t i;

	for (i = 0; i < 16; i++) {
		self->from.tail[i] = 1;
		EXPECT_EQ(0, copy(&self->to, &self->from, sizeof(self->to) + i));
		EXPECT_EQ(3, self->to.third);
		EXPECT_EQ(-E2BIG, copy(&self->to, &self->from, sizeof(self->to) + i + 1));
		self->from.tail[i] = 0;
	}
	EXPECT_EQ(0, copy(&self->to, &self->from, STRUCT_MAX));
	EXPECT_EQ(-E2BIG, copy(&self->to, &self->from, STRUCT_MAX + 1));
}

TEST_HARNESS_MAIN
