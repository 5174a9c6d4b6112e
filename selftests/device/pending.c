// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pending.c - packets that wait for a full tap: when memory is replaced, when the ring is
 * stopped, when the device is closed (rows V9, F6)
 *
 * Without an owner the device has no thread, so that nothing happens between turns.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <sys/mman.h>

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "device/device.h"
#include "port_fixture.h"
#include "ring/vring.h"

#define HEADER VNET_MERGEABLE
#define FRAME 9000u		/* long enough to be sent by reference */
#define BUFFER 16384u
#define PACKETS 8
#define BASE 0x100000u		/* guest address of the ring; the packets are in another region */
#define PACKET_BASE 0x200000u
#define USER 0x70000000u
#define ROOM 20000		/* for two frames */

FIXTURE(pending) {
	struct port port;
	struct device *d;
	struct stat_port stat;
	uint32_t offload;
	uint8_t *ring, *packets;
	struct vring_driver driver;
};

static int set_memory(FIXTURE_DATA(pending) *self, uint8_t *packets)
{
	struct memory_region region[] = {
		{ BASE, USER, VRING_BYTES, self->ring },
		{ PACKET_BASE, USER + PACKET_BASE, PACKETS * BUFFER, packets },
	};

	return device_set_memory(self->d, region, 2);
}

static uint8_t *map_packets(int seed)
{
	uint8_t *p = mmap(NULL, PACKETS * BUFFER, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	memset(p, seed, PACKETS * BUFFER);
	for (i = 0; i < PACKETS; i++)
		memset(p + i * BUFFER, 0, HEADER);
	return p;
}

FIXTURE_SETUP(pending)
{
	struct tapcompat_mask features = { { 1ull << VIRTIO_F_VERSION_1, 0 } };
	struct device_port port = { .header = HEADER };

	memset(&self->stat, 0, sizeof(self->stat));
	self->offload = 0;
	ASSERT_TRUE(port_open(&self->port, ROOM));
	self->ring = aligned_alloc(4096, VRING_BYTES);
	self->packets = map_packets(1);
	port.fd = self->port.near;
	port.offload = &self->offload;
	port.stat = &self->stat;
	vring_reset(&self->driver, self->ring);
	ASSERT_EQ(0, device_open(&self->d));
	ASSERT_EQ(0, device_set_features(self->d, &features));
	ASSERT_EQ(0, set_memory(self, self->packets));
	ASSERT_EQ(0, device_set_size(self->d, DEVICE_TX, VRING_SIZE));
	ASSERT_EQ(0, device_set_rings(self->d, DEVICE_TX, USER, USER + VRING_AVAIL,
				      USER + VRING_USED, false, 0));
	ASSERT_EQ(0, device_attach(self->d, DEVICE_TX, &port));
}

FIXTURE_TEARDOWN(pending)
{
	port_close(&self->port);
	free(self->ring);
}

static void send_all(FIXTURE_DATA(pending) *self)
{
	uint16_t i;

	for (i = 0; i < PACKETS; i++) {
		vring_describe(&self->driver.desc[i], PACKET_BASE + i * BUFFER, HEADER + FRAME, 0,
			       0);
		vring_publish(&self->driver, i, false);
	}
}

/* Return: how many frames have arrived, all of @seed; -1: another one */
static int arrived(FIXTURE_DATA(pending) *self, uint8_t seed)
{
	static uint8_t frame[HEADER + FRAME];
	int n = 0;

	while (read(self->port.far, frame, sizeof(frame)) > 0) {
		if (frame[HEADER] != seed || frame[sizeof(frame) - 1] != seed)
			return -1;
		n++;
	}
	return n;
}

/* The tap is full, and some packets wait for it. */
static void block(struct __test_metadata *_metadata, FIXTURE_DATA(pending) *self)
{
	send_all(self);
	device_turn(self->d);
	ASSERT_FALSE(transmit_idle(&self->d->transmit));
	ASSERT_LT(0, vring_used_index(&self->driver));
	ASSERT_GT(PACKETS, vring_used_index(&self->driver));
}

/* All packets are returned, and those that had not left never leave. */
static void expect_given_up(struct __test_metadata *_metadata, FIXTURE_DATA(pending) *self)
{
	struct stat_direction *tx = &self->stat.way[STAT_TRANSMIT];
	int frames = arrived(self, 1);

	EXPECT_EQ(PACKETS, vring_used_index(&self->driver));
	EXPECT_LT(0, frames);
	EXPECT_EQ(PACKETS, frames + (int)tx->drop[STAT_DROP_FULL]);
	EXPECT_EQ(0, tx->drop[STAT_DROP_KERNEL]);
}

/* Row V9: what waits points to memory that goes away. */
TEST_F(pending, V9_memory_replaced)
{
	uint8_t *other = map_packets(2);

	block(_metadata, self);
	ASSERT_EQ(0, set_memory(self, other));
	munmap(self->packets, PACKETS * BUFFER);
	expect_given_up(_metadata, self);
	device_turn(self->d);
	EXPECT_EQ(0, arrived(self, 2));
	/* The ring goes on with what is in the new memory. */
	vring_describe(&self->driver.desc[0], PACKET_BASE, HEADER + FRAME, 0, 0);
	vring_publish(&self->driver, 0, false);
	device_turn(self->d);
	EXPECT_EQ(1, arrived(self, 2));
	EXPECT_EQ(PACKETS + 1, vring_used_index(&self->driver));
	device_close(self->d);
}

/* A refused table changes nothing: what waits is sent when there is room. */
TEST_F(pending, V9_memory_refused)
{
	struct memory_region wrong = { BASE, USER, 0, self->ring };
	int frames;

	block(_metadata, self);
	EXPECT_EQ(-EINVAL, device_set_memory(self->d, &wrong, 1));
	for (frames = 0; frames < PACKETS;) {
		int n = arrived(self, 1);

		ASSERT_LT(0, n);
		frames += n;
		device_turn(self->d);
	}
	EXPECT_EQ(PACKETS, vring_used_index(&self->driver));
	EXPECT_EQ(0, self->stat.way[STAT_TRANSMIT].drop[STAT_DROP_FULL]);
	device_close(self->d);
}

/* Row F6: the frontend stops the ring, or goes away, in the middle of a batch. */
TEST_F(pending, F6_stopped)
{
	uint32_t base;

	block(_metadata, self);
	ASSERT_EQ(0, device_detach(self->d, DEVICE_TX));
	munmap(self->packets, PACKETS * BUFFER);
	expect_given_up(_metadata, self);
	ASSERT_EQ(0, device_get_base(self->d, DEVICE_TX, &base));
	EXPECT_EQ(PACKETS, base);
	device_close(self->d);
}

/* A header must have one of the known sizes, for which there is room. */
TEST_F(pending, sizes_of_headers)
{
	static const unsigned int wrong[] = { 0, 9, VNET_TUNNEL + 1, 65535, ~0u };
	struct device_port port = {
		.fd = self->port.near, .offload = &self->offload, .stat = &self->stat,
	};
	size_t i;

	ASSERT_EQ(0, device_detach(self->d, DEVICE_TX));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		port.header = wrong[i];
		EXPECT_EQ(-EINVAL, device_attach(self->d, DEVICE_TX, &port));
	}
	port.header = VNET_TUNNEL;
	EXPECT_EQ(0, device_attach(self->d, DEVICE_TX, &port));
	device_close(self->d);
}

TEST_F(pending, F6_closed)
{
	block(_metadata, self);
	device_close(self->d);
	munmap(self->packets, PACKETS * BUFFER);
	expect_given_up(_metadata, self);
}

TEST_HARNESS_MAIN
