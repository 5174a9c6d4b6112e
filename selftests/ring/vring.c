// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vring.c - the driver's half of a split ring, against a device implemented here
 */
#include "kselftest_harness.h"

#include <endian.h>
#include <stdlib.h>

#include "ring/vring.h"

FIXTURE(ring) {
	struct vring_driver r;
	void *memory;
};

FIXTURE_SETUP(ring)
{
	ASSERT_EQ(0, posix_memalign(&self->memory, 4096, VRING_BYTES));
	vring_reset(&self->r, self->memory);
}

FIXTURE_TEARDOWN(ring)
{
	free(self->memory);
}

/* The device returns a chain. */
static void device_use(struct vring_driver *r, uint32_t id, uint32_t len)
{
	uint16_t idx = le16toh(r->used->idx);

	r->used->ring[idx % VRING_SIZE].id = htole32(id);
	r->used->ring[idx % VRING_SIZE].len = htole32(len);
	r->used->idx = htole16((uint16_t)(idx + 1));
}

/* Virtio 1.3, 2.7: alignment of the parts, and no overlap. */
TEST_F(ring, layout)
{
	char *base = self->memory;

	EXPECT_EQ(0, ((char *)self->r.desc - base) % 16);
	EXPECT_EQ(0, ((char *)self->r.avail - base) % 2);
	EXPECT_EQ(0, ((char *)self->r.used - base) % 4);
	EXPECT_LE(16 * VRING_SIZE, VRING_AVAIL);
	EXPECT_LE(VRING_AVAIL + 6 + 2 * VRING_SIZE, VRING_USED);
	EXPECT_LE(VRING_USED + 6 + 8 * VRING_SIZE, VRING_BYTES);
}

TEST_F(ring, descriptor_is_little_endian)
{
	const uint8_t *p = self->memory;

	vring_describe(&self->r.desc[0], 0x0102030405060708, 0x0a0b0c0d, VRING_DESC_F_WRITE, 9);
	EXPECT_EQ(0x08, p[0]);
	EXPECT_EQ(0x01, p[7]);
	EXPECT_EQ(0x0d, p[8]);
	EXPECT_EQ(VRING_DESC_F_WRITE, p[12]);
	EXPECT_EQ(9, p[14]);
}

TEST_F(ring, round_trip_past_the_wrap_of_the_index)
{
	uint32_t i, len;

	for (i = 0; i < 70000; i++) {
		uint16_t head = (uint16_t)(i % VRING_SIZE);

		EXPECT_EQ(-1, vring_collect(&self->r, &len));
		vring_publish(&self->r, head, false);
		ASSERT_EQ((uint16_t)(i + 1), le16toh(self->r.avail->idx));
		ASSERT_EQ(head, le16toh(self->r.avail->ring[i % VRING_SIZE]));
		device_use(&self->r, head, i);
		ASSERT_EQ(head, vring_collect(&self->r, &len));
		ASSERT_EQ(i, len);
	}
}

TEST_F(ring, kick_only_where_wanted)
{
	uint16_t *avail_event = (uint16_t *)&self->r.used->ring[VRING_SIZE];

	EXPECT_TRUE(vring_publish(&self->r, 0, false));
	self->r.used->flags = htole16(VRING_USED_F_NO_NOTIFY);
	EXPECT_FALSE(vring_publish(&self->r, 1, false));
	*avail_event = htole16(2);
	EXPECT_TRUE(vring_publish(&self->r, 2, true));
	EXPECT_FALSE(vring_publish(&self->r, 3, true));
}

TEST_F(ring, interrupt_asked_for)
{
	uint16_t *used_event = &self->r.avail->ring[VRING_SIZE];

	vring_request_interrupt(&self->r, 1);
	EXPECT_EQ(0, le16toh(*used_event));
	self->r.collected = 65535;
	vring_request_interrupt(&self->r, 8);
	EXPECT_EQ(6, le16toh(*used_event));
}

/* An invalid head from the device stays inside the ring. */
TEST_F(ring, foreign_head_is_bounded)
{
	uint32_t len;

	device_use(&self->r, 0xfffffff7, 1);
	EXPECT_LT(vring_collect(&self->r, &len), VRING_SIZE);
}

TEST_HARNESS_MAIN
