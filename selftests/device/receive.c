// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * receive.c - frames into a guest's buffers, rows G19 to G21, H21 and H22 by their ids
 */
#include "kselftest_harness.h"

#include <errno.h>

#include "device/receive.h"
#include "ground/bytes.h"
#include "packet/flow.h"
#include "port_fixture.h"
#include "table/feature.h"
#include "vqueue_fixture.h"

#define HEADER VNET_MERGEABLE
#define BUFFERS (128u << 10)	/* guest memory behind BASE */
#define BASE 0x100000u

FIXTURE(receive) {
	struct port port;
	struct receive *r;
	struct stat_direction stat;
	struct guest g;
	uint8_t *buffers, *got;
	uint8_t bits[64];
	struct dirty dirty;
	uint32_t offload;
};

FIXTURE_VARIANT(receive) {
	bool uring;
};

FIXTURE_VARIANT_ADD(receive, io_uring) { .uring = true };
FIXTURE_VARIANT_ADD(receive, one_by_one) { .uring = false };

static bool start(FIXTURE_DATA(receive) *self, bool mergeable, bool uring)
{
	struct receive_port port = {
		.guest_header = HEADER, .port_header = HEADER, .mergeable = mergeable,
		.offload = &self->offload,
	};

	receive_close(self->r);
	vring_reset(&self->g.driver, self->g.rings);
	self->g.config.direction = VQUEUE_WRITES;
	return !vqueue_start(&self->g.q, &self->g.config, &self->g.memory) &&
		!receive_open(self->r, self->port.near, &port, &self->stat, uring);
}

FIXTURE_SETUP(receive)
{
	memset(&self->stat, 0, sizeof(self->stat));
	memset(self->bits, 0, sizeof(self->bits));
	self->dirty = (struct dirty){ self->bits, sizeof(self->bits) };
	self->offload = 0;
	ASSERT_TRUE(port_open(&self->port, 8 << 20));
	ASSERT_TRUE(guest_open(&self->g));
	self->r = calloc(1, sizeof(*self->r));
	self->got = malloc(BUFFERS);
	self->buffers = calloc(1, BUFFERS);
	ASSERT_EQ(MEMORY_TAKEN, memory_set(&self->g.memory, (const struct memory_region[]){
		{ 0, USER, VRING_BYTES, self->g.rings },
		{ BASE, USER + BASE, BUFFERS, self->buffers },
	}, 2));
	ASSERT_TRUE(start(self, true, variant->uring));
}

FIXTURE_TEARDOWN(receive)
{
	receive_close(self->r);
	guest_close(&self->g);
	port_close(&self->port);
	free(self->r);
	free(self->got);
	free(self->buffers);
}

/* The guest gives a buffer of @len bytes, number @i of its size. */
static void give_buffer(FIXTURE_DATA(receive) *self, uint16_t i, uint32_t len)
{
	describe(&self->g, i, BASE + i * len, len, WRITE, 0);
	vring_publish(&self->g.driver, i, false);
}

static void give_buffers(FIXTURE_DATA(receive) *self, uint16_t count, uint32_t len)
{
	uint16_t i;

	for (i = 0; i < count; i++)
		give_buffer(self, i, len);
}

/* A frame of @len bytes appears at the tap. */
static void arrive(FIXTURE_DATA(receive) *self, const struct vnet *h, uint32_t len, uint32_t seed)
{
	static uint8_t frame[HEADER + SEGMENT_FRAME_MAX];

	vnet_encode(h, frame, HEADER);
	flow_fill(frame + HEADER, seed, 0, len);
	if (write(self->port.far, frame, HEADER + len) < 0)
		perror("write");
}

static bool go(FIXTURE_DATA(receive) *self)
{
	bool more;

	vqueue_turn(&self->g.q);
	more = receive_go(self->r, &self->g.q, &self->dirty);
	vqueue_publish(&self->g.q);
	return more;
}

/* The next packet, out of buffers of @size bytes.  Return: its length, or -1 */
static int collect(FIXTURE_DATA(receive) *self, uint32_t size, struct vnet *h)
{
	uint32_t len, n = 1, i, have = 0;

	for (i = 0; i < n; i++) {
		int head = vring_collect(&self->g.driver, &len);

		if (head < 0 || len > size)
			return -1;
		memcpy(self->got + have, self->buffers + (uint32_t)head * size, len);
		have += len;
		if (!i) {
			vnet_decode(h, self->got, HEADER);
			n = h->num_buffers;
		}
	}
	return (int)have;
}

static bool is_frame(FIXTURE_DATA(receive) *self, uint32_t len, uint32_t seed)
{
	static uint8_t want[SEGMENT_FRAME_MAX];

	flow_fill(want, seed, 0, len);
	return !memcmp(self->got + HEADER, want, len);
}

TEST_F(receive, frames)
{
	struct vnet none = { 0 }, h;
	uint32_t i;

	give_buffers(self, 60, 2000);
	for (i = 0; i < 50; i++)
		arrive(self, &none, 60 + i, i);
	while (go(self))
		;
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(HEADER + 60 + i, collect(self, 2000, &h));
		ASSERT_EQ(1, h.num_buffers);
		ASSERT_TRUE(is_frame(self, 60 + i, i));
	}
	EXPECT_EQ(-1, collect(self, 2000, &h));
	EXPECT_EQ(50, self->stat.count[STAT_PACKETS]);
	EXPECT_EQ(50, self->stat.count[STAT_FRAMES]);
	/* Where there are many, one call brings several. */
	if (self->r->batch.uring)
		EXPECT_LT(self->stat.count[STAT_BATCHES], 20);
}

/* One super-packet fills several buffers; and its pages are dirty, others are not. */
TEST_F(receive, merged)
{
	struct vnet super = { .gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1448,
			      .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34,
			      .csum_offset = 16 }, h;
	uint32_t page;

	self->offload = TUN_F_CSUM | TUN_F_TSO4;
	give_buffers(self, 60, 1536);
	arrive(self, &super, 60000, 1);
	go(self);
	ASSERT_EQ(HEADER + 60000, collect(self, 1536, &h));
	EXPECT_EQ((HEADER + 60000 + 1535) / 1536, h.num_buffers);
	EXPECT_EQ(VIRTIO_NET_HDR_GSO_TCPV4, h.gso_type);
	EXPECT_EQ(1448, h.gso_size);
	EXPECT_TRUE(is_frame(self, 60000, 1));
	EXPECT_EQ(1, self->stat.count[STAT_SUPER]);
	for (page = 0; page < sizeof(self->bits) * 8; page++)
		EXPECT_EQ(page >= BASE / 4096 && page <= (BASE + HEADER + 59999) / 4096,
			  self->bits[page / 8] >> page % 8 & 1) {
			TH_LOG("page %u", page);
		}
}

/* Row G21: no buffers for ever; the frame waits, nothing spins, and others stay outside. */
TEST_F(receive, G21_starved)
{
	struct vnet none = { 0 }, h;
	unsigned int i;

	for (i = 0; i < 100; i++)
		arrive(self, &none, 100, i);
	EXPECT_FALSE(go(self));
	EXPECT_TRUE(self->r->starved);
	for (i = 0; i < 5; i++)
		EXPECT_FALSE(go(self));
	EXPECT_GT(3, self->stat.count[STAT_BATCHES]);
	give_buffers(self, 60, 2000);
	while (go(self))
		;
	for (i = 0; i < 60; i++) {
		ASSERT_EQ(HEADER + 100, collect(self, 2000, &h));
		ASSERT_TRUE(is_frame(self, 100, i));
	}
	EXPECT_TRUE(self->r->starved);
	give_buffers(self, 40, 2000);
	while (go(self))
		;
	for (i = 60; i < 100; i++) {
		ASSERT_EQ(HEADER + 100, collect(self, 2000, &h));
		ASSERT_TRUE(is_frame(self, 100, i));
	}
}

/* A super-packet and too few buffers so far: none is touched until there are enough. */
TEST_F(receive, waits_for_enough)
{
	struct vnet none = { 0 }, h;
	uint16_t i;

	arrive(self, &none, 9000, 5);
	for (i = 0; i < 5; i++) {
		give_buffer(self, i, 1536);
		EXPECT_FALSE(go(self));
		EXPECT_EQ(-1, collect(self, 1536, &h));
	}
	give_buffer(self, i, 1536);
	go(self);
	EXPECT_EQ(HEADER + 9000, collect(self, 1536, &h));
	EXPECT_EQ(6, h.num_buffers);
	EXPECT_TRUE(is_frame(self, 9000, 5));
}

/* Row G20: what no buffers could hold is dropped, and the next frame is not. */
TEST_F(receive, G20_too_long)
{
	struct vnet none = { 0 }, h;

	give_buffers(self, VRING_SIZE, 100);
	arrive(self, &none, 9000, 1);
	arrive(self, &none, 80, 2);
	while (go(self))
		;
	EXPECT_EQ(1, self->stat.drop[STAT_DROP_ROOM]);
	EXPECT_EQ(HEADER + 80, collect(self, 100, &h));
	EXPECT_TRUE(is_frame(self, 80, 2));
}

/* Row G20 without mergeable buffers: one buffer has to do. */
TEST_F(receive, G20_not_mergeable)
{
	struct vnet none = { 0 }, h;

	ASSERT_TRUE(start(self, false, variant->uring));
	give_buffers(self, 60, 1000);
	arrive(self, &none, 1000, 1);
	arrive(self, &none, 1000 - HEADER, 2);
	while (go(self))
		;
	EXPECT_EQ(1, self->stat.drop[STAT_DROP_ROOM]);
	EXPECT_EQ(1000, collect(self, 1000, &h));
	EXPECT_EQ(1, h.num_buffers);
	EXPECT_TRUE(is_frame(self, 1000 - HEADER, 2));
}

/* Row G19: a thousand buffers of one byte; the header has no place in them. */
TEST_F(receive, G19_bytes)
{
	struct vnet none = { 0 };
	unsigned int i;

	give_buffers(self, VRING_SIZE, 1);
	for (i = 0; i < 10; i++)
		arrive(self, &none, 60, i);
	while (go(self))
		;
	EXPECT_EQ(10, self->stat.drop[STAT_DROP_ROOM]);
	EXPECT_EQ(0, self->stat.count[STAT_PACKETS]);
}

/* Row G19: the header has no place in the first buffer, whatever follows. */
TEST_F(receive, G19_short_first_buffer)
{
	struct vnet none = { 0 };
	unsigned int i;
	uint32_t len;

	for (i = 0; i < 2; i++) {
		uint32_t first = i ? HEADER : HEADER - 1;

		describe(&self->g, 0, BASE, first, WRITE, 0);
		describe(&self->g, 1, BASE + 4096, 4096, WRITE, 0);
		vring_publish(&self->g.driver, 0, false);
		vring_publish(&self->g.driver, 1, false);
		arrive(self, &none, 100, 1);
		while (go(self))
			;
		EXPECT_EQ(1, self->stat.drop[STAT_DROP_ROOM]);
		EXPECT_EQ(i, self->stat.count[STAT_PACKETS]);
		/* The buffers were not used: a driver takes them back by a reset. */
		if (!i)
			ASSERT_TRUE(start(self, true, variant->uring));
	}
	EXPECT_EQ(0, vring_collect(&self->g.driver, &len));
	EXPECT_EQ(HEADER, len);
	EXPECT_EQ(1, vring_collect(&self->g.driver, &len));
	EXPECT_EQ(100, len);
}

/* Row G19: one packet in a chain of sixty pieces of a byte and one for the rest. */
TEST_F(receive, G19_pieces)
{
	struct vnet none = { 0 };
	uint32_t len;
	uint16_t i;

	for (i = 0; i < 60; i++)
		describe(&self->g, i, BASE + 2 * i, 1, WRITE | NEXT, (uint16_t)(i + 1));
	describe(&self->g, 60, BASE + 4096, 4096, WRITE, 0);
	vring_publish(&self->g.driver, 0, false);
	arrive(self, &none, 100, 1);
	go(self);
	EXPECT_EQ(0, vring_collect(&self->g.driver, &len));
	EXPECT_EQ(HEADER + 100, len);
	for (i = 0; i < HEADER + 100; i++)
		self->got[i] = i < 60 ? self->buffers[2 * i] : self->buffers[4096 + i - 60];
	EXPECT_TRUE(is_frame(self, 100, 1));
}

/* Row H21: forms that the guest was not offered, and words that make no sense. */
TEST_F(receive, H21_headers)
{
	static const struct {
		struct vnet h;
		uint32_t offload, len;
		int drop;		/* or -1 */
	} row[] = {
		{ { .gso_type = 1, .gso_size = 1000 }, 0, 3000, STAT_DROP_OFFER },
		{ { .gso_type = 1, .gso_size = 1000 }, TUN_F_CSUM | TUN_F_TSO6, 3000,
		  STAT_DROP_OFFER },
		{ { .gso_type = 1, .gso_size = 1000 }, TUN_F_CSUM | TUN_F_TSO4, 3000, -1 },
		{ { .gso_type = 0x81, .gso_size = 1000 }, TUN_F_CSUM | TUN_F_TSO4, 3000,
		  STAT_DROP_OFFER },
		{ { .gso_type = 0x81, .gso_size = 1000 },
		  TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN, 3000, -1 },
		{ { .gso_type = 5, .gso_size = 1000 }, TUN_F_CSUM | TUN_F_TSO4, 3000,
		  STAT_DROP_OFFER },
		{ { .gso_type = 5, .gso_size = 1000 }, TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6,
		  3000, -1 },
		{ { .gso_type = 5, .gso_size = 1000 },
		  TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | TUN_F_UFO, 3000,
		  STAT_DROP_OFFER },
		{ { .gso_type = 1, .gso_size = 1000 }, TUN_F_CSUM | TUN_F_UFO, 3000,
		  STAT_DROP_OFFER },
		{ { .gso_type = 5 }, TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6, 3000,
		  SEGMENT_DROP_SIZE },
		{ { .gso_type = 0x7f, .gso_size = 1 }, ~0u, 3000, STAT_DROP_OFFER },
		{ { .flags = 1, .csum_start = 2990, .csum_offset = 16 }, 0, 3000,
		  SEGMENT_DROP_CSUM },
		{ { .flags = 1, .csum_start = 2982, .csum_offset = 16 }, 0, 3000, -1 },
		{ { .flags = 1, .csum_start = 2983, .csum_offset = 16 }, 0, 3000,
		  SEGMENT_DROP_CSUM },
		{ { .flags = 1, .csum_start = 65535, .csum_offset = 65535 }, 0, 3000,
		  SEGMENT_DROP_CSUM },
		{ { .flags = 0xff, .hdr_len = 65535, .num_buffers = 0, .csum_start = 34,
		    .csum_offset = 6 }, 0, 3000, -1 },
		{ { 0 }, 0, 13, SEGMENT_DROP_SHORT },
		{ { 0 }, 0, 14, -1 },
	};
	struct vnet h;
	size_t i;

	give_buffers(self, VRING_SIZE, 2000);
	for (i = 0; i < ARRAY_LENGTH(row); i++) {
		uint64_t before = row[i].drop < 0 ? 0 : self->stat.drop[row[i].drop];

		self->offload = row[i].offload;
		arrive(self, &row[i].h, row[i].len, 3);
		while (go(self))
			;
		if (row[i].drop >= 0) {
			EXPECT_EQ(before + 1, self->stat.drop[row[i].drop]) {
				TH_LOG("row %zu", i);
			}
			EXPECT_EQ(-1, collect(self, 2000, &h));
			continue;
		}
		EXPECT_EQ(HEADER + row[i].len, collect(self, 2000, &h)) {
			TH_LOG("row %zu", i);
		}
		EXPECT_EQ((HEADER + row[i].len + 1999) / 2000, h.num_buffers);
		EXPECT_EQ(0, h.flags & ~11u);
		EXPECT_GE(row[i].len, h.hdr_len);
	}
}

/* Row H22: longer than any frame is, so it may have been cut. */
TEST_F(receive, H22_cut)
{
	static uint8_t frame[VNET_TUNNEL + SEGMENT_FRAME_MAX + 2];

	give_buffers(self, VRING_SIZE, 1536);
	ASSERT_EQ(sizeof(frame), write(self->port.far, frame, sizeof(frame)));
	while (go(self))
		;
	EXPECT_EQ(1, self->stat.drop[SEGMENT_DROP_LONG]);
	EXPECT_EQ(0, self->stat.count[STAT_PACKETS]);
}

/* A ring that breaks meanwhile ends it. */
TEST_F(receive, broken_ring)
{
	struct vnet none = { 0 };

	arrive(self, &none, 100, 1);
	describe(&self->g, 0, HOLE + 0x10000000ull, 100, WRITE, 0);
	vring_publish(&self->g.driver, 0, false);
	go(self);
	EXPECT_EQ(VQUEUE_BAD_ADDRESS, self->g.q.fault);
}

/* The turn's budget ends it, and the next one goes on. */
TEST_F(receive, budget)
{
	struct vnet none = { 0 }, h;
	unsigned int i, turns = 0, got = 0, given = 0;

	for (i = 0; i < 40; i++)
		arrive(self, &none, 60000, i);
	give_buffers(self, VRING_SIZE, 2000);
	while (got < 40 && turns++ < 400) {
		go(self);
		while (collect(self, 2000, &h) > 0) {
			ASSERT_TRUE(is_frame(self, 60000, got));
			got++;
		}
		given = self->g.driver.collected;
		while ((uint16_t)(self->g.driver.published - given) < VRING_SIZE)
			give_buffer(self, (uint16_t)(self->g.driver.published % VRING_SIZE),
				    2000);
	}
	EXPECT_EQ(40, got);
	EXPECT_LT(4, turns);
}

TEST_HARNESS_MAIN
