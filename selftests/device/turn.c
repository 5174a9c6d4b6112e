// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * turn.c - both rings of a device in one turn: none has to wait for the other
 *
 * Without an owner the device has no thread, so that a turn is one turn.
 */
#include "kselftest_harness.h"

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "device/device.h"
#include "port_fixture.h"
#include "ring/vring.h"

#define HEADER VNET_MERGEABLE
#define FRAME 60
#define BUFFER 2048
#define BASE 0x100000u		/* guest address of all memory */
#define USER 0x70000000u
#define MEMORY (DEVICE_RINGS * (VRING_BYTES + VRING_SIZE * BUFFER))

FIXTURE(turn) {
	struct port port;
	struct device *d;
	struct stat_port stat;
	uint32_t offload;
	uint8_t *memory;
	struct vring_driver driver[DEVICE_RINGS];
};

/* Where the buffers of a ring are, behind both rings. */
static uint32_t buffer_at(unsigned int ring, uint16_t i)
{
	return DEVICE_RINGS * VRING_BYTES + (ring * VRING_SIZE + i) * BUFFER;
}

static int set_ring(FIXTURE_DATA(turn) *self, unsigned int ring)
{
	uint64_t user = USER + ring * VRING_BYTES;
	int ret = device_set_size(self->d, ring, VRING_SIZE);

	vring_reset(&self->driver[ring], self->memory + ring * VRING_BYTES);
	if (!ret)
		ret = device_set_base(self->d, ring, 0);
	if (!ret)
		ret = device_set_rings(self->d, ring, user, user + VRING_AVAIL, user + VRING_USED,
				       false, 0);
	return ret;
}

FIXTURE_SETUP(turn)
{
	struct tapcompat_mask features = {
		{ 1ull << VIRTIO_F_VERSION_1 | 1ull << VIRTIO_NET_F_MRG_RXBUF, 0 },
	};
	struct memory_region region = { BASE, USER, MEMORY, NULL };
	struct device_port port = { .header = HEADER, .uring = true };
	unsigned int ring;

	memset(&self->stat, 0, sizeof(self->stat));
	self->offload = 0;
	ASSERT_TRUE(port_open(&self->port, 8 << 20));
	self->memory = region.host = aligned_alloc(4096, MEMORY);
	port.fd = self->port.near;
	port.offload = &self->offload;
	port.stat = &self->stat;
	ASSERT_EQ(0, device_open(&self->d));
	ASSERT_EQ(0, device_set_features(self->d, &features));
	ASSERT_EQ(0, device_set_memory(self->d, &region, 1));
	for (ring = 0; ring < DEVICE_RINGS; ring++) {
		ASSERT_EQ(0, set_ring(self, ring));
		ASSERT_EQ(0, device_attach(self->d, ring, &port));
	}
	/* One thread alone writes and reads here: nothing can be overtaken. */
	self->d->transmit.batch.never_full = true;
}

FIXTURE_TEARDOWN(turn)
{
	device_close(self->d);
	port_close(&self->port);
	free(self->memory);
}

static void give_buffers(FIXTURE_DATA(turn) *self)
{
	uint16_t i;

	for (i = 0; i < VRING_SIZE; i++) {
		vring_describe(&self->driver[DEVICE_RX].desc[i], BASE + buffer_at(DEVICE_RX, i),
			       BUFFER, VRING_DESC_F_WRITE, 0);
		vring_publish(&self->driver[DEVICE_RX], i, false);
	}
}

static void send_frames(FIXTURE_DATA(turn) *self)
{
	uint16_t i;

	for (i = 0; i < VRING_SIZE; i++) {
		memset(self->memory + buffer_at(DEVICE_TX, i), 0, HEADER + FRAME);
		vring_describe(&self->driver[DEVICE_TX].desc[i], BASE + buffer_at(DEVICE_TX, i),
			       HEADER + FRAME, 0, 0);
		vring_publish(&self->driver[DEVICE_TX], i, false);
	}
}

static void arrive(FIXTURE_DATA(turn) *self, unsigned int frames)
{
	static const uint8_t frame[HEADER + FRAME];

	while (frames--)
		if (write(self->port.far, frame, sizeof(frame)) < 0)
			perror("write");
}

static unsigned int leave(FIXTURE_DATA(turn) *self)
{
	uint8_t frame[HEADER + FRAME];
	unsigned int n = 0;

	while (read(self->port.far, frame, sizeof(frame)) > 0)
		n++;
	return n;
}

/* All that waits in either direction, at the first turn, and published. */
TEST_F(turn, both_ways)
{
	give_buffers(self);
	send_frames(self);
	arrive(self, VRING_SIZE);
	device_turn(self->d);
	EXPECT_EQ(VRING_SIZE, vring_used_index(&self->driver[DEVICE_RX]));
	EXPECT_EQ(VRING_SIZE, vring_used_index(&self->driver[DEVICE_TX]));
	EXPECT_EQ(VRING_SIZE, leave(self));
	EXPECT_EQ(VRING_SIZE, self->stat.way[STAT_RECEIVE].count[STAT_PACKETS]);
}

/* More than there are buffers: the rest stays, and comes with the next ones. */
TEST_F(turn, starved)
{
	give_buffers(self);
	arrive(self, VRING_SIZE + 10);
	EXPECT_FALSE(device_turn(self->d));
	EXPECT_EQ(VRING_SIZE, vring_used_index(&self->driver[DEVICE_RX]));
	EXPECT_FALSE(device_turn(self->d));
	give_buffers(self);
	device_turn(self->d);
	EXPECT_EQ(VRING_SIZE + 10, vring_used_index(&self->driver[DEVICE_RX]));
	EXPECT_EQ(VRING_SIZE + 10, self->stat.way[STAT_RECEIVE].count[STAT_PACKETS]);
}

TEST_HARNESS_MAIN
