// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log.c - a dirty log has a bit for each page of memory, whichever of the two comes first
 *
 * While rings run, QEMU's order is: a larger log, then more memory; less memory, then a smaller
 * log.  After a migration QEMU frees the log and does not tell the device.  A device that starts
 * during the next migration gets VHOST_F_LOG_ALL and memory first and the new log last.
 */
#include "kselftest_harness.h"

#include <errno.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>

#include "device/device.h"
#include "port_fixture.h"
#include "ring/vring.h"

#define SMALL (1u << 20)	/* bytes of guest memory */
#define LARGE (2u << 20)
#define USER 0x70000000u
#define LOG(memory) ((memory) / DIRTY_PAGE / 8)

FIXTURE(log) {
	struct device *d;
	uint8_t *memory, *bits;
	struct port port;
	struct stat_port stat;
	uint32_t offload;
	struct device_port device_port;
	struct vring_driver driver;
};

FIXTURE_SETUP(log)
{
	ASSERT_EQ(0, device_open(&self->d));
	self->memory = aligned_alloc(4096, LARGE);
	self->bits = calloc(1, LOG(LARGE));
	self->offload = 0;
	memset(&self->stat, 0, sizeof(self->stat));
	ASSERT_TRUE(port_open(&self->port, 1 << 20));
	self->device_port = (struct device_port){
		.fd = self->port.near, .header = VNET_MERGEABLE, .offload = &self->offload,
		.stat = &self->stat,
	};
}

FIXTURE_TEARDOWN(log)
{
	device_close(self->d);
	port_close(&self->port);
	free(self->memory);
	free(self->bits);
}

/* Its used ring is logged at this guest address. */
#define USED_LOGGED (3 * DIRTY_PAGE)

static int start(FIXTURE_DATA(log) *self)
{
	int ret = device_set_size(self->d, DEVICE_TX, VRING_SIZE);

	vring_reset(&self->driver, self->memory);
	if (!ret)
		ret = device_set_base(self->d, DEVICE_TX, 0);
	if (!ret)
		ret = device_set_rings(self->d, DEVICE_TX, USER, USER + VRING_AVAIL,
				       USER + VRING_USED, true, USED_LOGGED);
	return ret ? ret : device_attach(self->d, DEVICE_TX, &self->device_port);
}

static int set_memory(FIXTURE_DATA(log) *self, uint64_t size)
{
	struct memory_region region = { 0, USER, size, self->memory };

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
	ASSERT_EQ(0, start(self));
	EXPECT_EQ(-EINVAL, set_memory(self, LARGE));
	EXPECT_EQ(SMALL, self->d->memory.region[0].size);
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(LARGE)));
	EXPECT_EQ(0, set_memory(self, LARGE));
	EXPECT_EQ(-EINVAL, device_set_log(self->d, self->bits, LOG(SMALL)));
	EXPECT_EQ(0, set_memory(self, SMALL));
	EXPECT_EQ(0, device_set_log(self->d, self->bits, LOG(SMALL)));
}

/* The log of a migration that has ended is not used by the next one. */
TEST_F(log, not_in_use)
{
	ASSERT_EQ(0, set_memory(self, SMALL));
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(SMALL)));
	ASSERT_EQ(0, set_features(self, true));
	ASSERT_EQ(0, set_features(self, false));
	EXPECT_EQ(0, set_memory(self, LARGE));
	EXPECT_EQ(0, set_features(self, true));
	EXPECT_EQ(-EINVAL, start(self));
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(LARGE)));
	EXPECT_EQ(0, start(self));
}

/* The used ring is marked with each publication, and not only when kicks are enabled. */
TEST_F(log, used_ring)
{
	unsigned int i;

	ASSERT_EQ(0, set_memory(self, SMALL));
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(SMALL)));
	ASSERT_EQ(0, set_features(self, true));
	ASSERT_EQ(0, start(self));
	for (i = 1; i < 3; i++) {
		memset(self->bits, 0, LOG(SMALL));
		vring_describe(&self->driver.desc[0], 8192, VNET_MERGEABLE + 60, 0, 0);
		vring_publish(&self->driver, 0, false);
		device_turn(self->d);
		ASSERT_EQ(i, vring_used_index(&self->driver));
		EXPECT_EQ(1u << USED_LOGGED / DIRTY_PAGE, self->bits[0]);
	}
}

/* Logging cannot begin in a log that is too small. */
TEST_F(log, begins)
{
	ASSERT_EQ(0, set_features(self, false));
	ASSERT_EQ(0, set_memory(self, SMALL));
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(SMALL)));
	ASSERT_EQ(0, set_memory(self, LARGE));
	ASSERT_EQ(0, start(self));
	EXPECT_EQ(-EINVAL, set_features(self, true));
	ASSERT_EQ(0, device_set_log(self->d, self->bits, LOG(LARGE)));
	EXPECT_EQ(0, set_features(self, true));
}

TEST_HARNESS_MAIN
