// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log.c - a dirty log has a bit for each page of memory, whichever of the two comes first
 *
 * QEMU's order is: a larger log, then more memory; less memory, then a smaller log; and after a
 * migration the log is freed without a word, so it counts only with VHOST_F_LOG_ALL.
 */
#include "kselftest_harness.h"

#include <errno.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>

#include "device/device.h"

#define SMALL (1u << 20)	/* bytes of guest memory */
#define LARGE (2u << 20)
#define LOG(memory) ((memory) / DIRTY_PAGE / 8)

FIXTURE(log) {
	struct device *d;
	uint8_t *memory, *bits;
};

FIXTURE_SETUP(log)
{
	ASSERT_EQ(0, device_open(&self->d));
	self->memory = calloc(1, LARGE);
	self->bits = calloc(1, LOG(LARGE));
}

FIXTURE_TEARDOWN(log)
{
	device_close(self->d);
	free(self->memory);
	free(self->bits);
}

static int set_memory(FIXTURE_DATA(log) *self, uint64_t size)
{
	struct memory_region region = { 0, 0x70000000, size, self->memory };

	return device_set_memory(self->d, &region, 1);
}

static int set_features(FIXTURE_DATA(log) *self, bool log)
{
	struct tapcompat_mask features = {
		{ 1ull << VIRTIO_F_VERSION_1 | (log ? 1ull << VHOST_F_LOG_ALL : 0), 0 },
	};

	return device_set_features(self->d, &features);
}

TEST_F(log, memory_grows)
{
	ASSERT_EQ(0, set_memory(self, SMALL));
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(SMALL)));
	ASSERT_EQ(0, set_features(self, true));
	EXPECT_EQ(-EINVAL, set_memory(self, LARGE));
	EXPECT_EQ(SMALL, self->d->memory.region[0].size);
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(LARGE)));
	EXPECT_EQ(0, set_memory(self, LARGE));
	EXPECT_EQ(-EINVAL, device_set_log(self->d, self->bits, LOG(SMALL)));
	EXPECT_EQ(0, set_memory(self, SMALL));
	EXPECT_EQ(0, device_set_log(self->d, self->bits, LOG(SMALL)));
}

/* The log of a migration that has ended is not written. */
TEST_F(log, not_in_use)
{
	ASSERT_EQ(0, set_memory(self, SMALL));
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(SMALL)));
	ASSERT_EQ(0, set_features(self, true));
	ASSERT_EQ(0, set_features(self, false));
	EXPECT_EQ(0, set_memory(self, LARGE));
	EXPECT_EQ(-EINVAL, set_features(self, true));
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(LARGE)));
	EXPECT_EQ(0, set_features(self, true));
}

TEST_HARNESS_MAIN
