// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transmit.c - packets in pieces to frames, rows H by their ids
 *
 * What a segment has to look like is for selftests/packet/segment.c; here it is whether all
 * of them arrive, behind the right headers, in their order, and what happens where they
 * cannot.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <stdlib.h>

#include "device/transmit.h"
#include "packet/csum.h"
#include "port_fixture.h"
#include "segment_fixture.h"
#include "segment_rows.h"

#define HEADER VNET_TUNNEL
#define FRAME_ROOM (HEADER + ROW_FRAME)

FIXTURE(transmit) {
	struct port port;
	struct transmit t;
	struct stat_direction stat;
	struct row_packet p;
	uint8_t *packet, *got, *want;
	struct iovec iov[TRANSMIT_PIECES];
};

FIXTURE_VARIANT(transmit) {
	bool uring;
};

FIXTURE_VARIANT_ADD(transmit, io_uring) { .uring = true };
FIXTURE_VARIANT_ADD(transmit, one_by_one) { .uring = false };

static void start(FIXTURE_DATA(transmit) *self, uint32_t guest, uint32_t kernel, bool uring)
{
	struct transmit_port port = {
		.features = { guest, kernel }, .guest_header = HEADER, .port_header = HEADER,
	};

	transmit_close(&self->t);
	memset(&self->stat, 0, sizeof(self->stat));
	transmit_open(&self->t, self->port.near, &port, &self->stat, uring);
	/* One thread alone writes and reads here: nothing can be overtaken. */
	self->t.batch.never_full = true;
}

FIXTURE_SETUP(transmit)
{
	ASSERT_TRUE(port_open(&self->port, 8 << 20));
	self->packet = malloc(FRAME_ROOM);
	self->got = malloc(FRAME_ROOM);
	self->want = malloc(FRAME_ROOM);
	memset(&self->t, 0, sizeof(self->t));
	start(self, row_features(-1), 0, variant->uring);
}

FIXTURE_TEARDOWN(transmit)
{
	transmit_close(&self->t);
	port_close(&self->port);
	free(self->packet);
	free(self->got);
	free(self->want);
}

/* A packet in pieces of a size, the header included.  Return: how many */
static size_t cut(FIXTURE_DATA(transmit) *self, size_t piece)
{
	size_t len = HEADER + self->p.len, at, n = 0;

	vnet_encode(&self->p.h, self->packet, HEADER);
	memcpy(self->packet + HEADER, self->p.frame, self->p.len);
	for (at = 0; at < len && n < TRANSMIT_PIECES; at += piece)
		self->iov[n++] = (struct iovec){ self->packet + at,
						 len - at < piece ? len - at : piece };
	return n;
}

static ssize_t take_frame(FIXTURE_DATA(transmit) *self)
{
	return read(self->port.far, self->got, FRAME_ROOM);
}

/* What the segments of the packet at hand have to be. */
static void expect_segments(FIXTURE_DATA(transmit) *self, const struct segment_plan *plan,
			    uint32_t id, struct segment_template *t)
{
	const uint8_t *payload = self->p.frame + plan->header;

	segment_begin(t, plan, self->p.frame, HEADER, id,
		      csum_piece(payload, plan->payload, 0, 0));
}

/* Return: the frame's length if it is that segment, else what read(2) said, or 0 */
static ssize_t take_segment(FIXTURE_DATA(transmit) *self, const struct segment_plan *plan,
			    const struct segment_template *t, uint32_t n)
{
	const uint8_t *payload = self->p.frame + plan->header;
	size_t len = segment_write(t, n, self->want);
	uint32_t from, data = segment_range(plan, n, &from);
	ssize_t got = take_frame(self);

	memcpy(self->want + len, payload + from, data);
	if (plan->complete)
		segment_complete_csum(t, self->want, csum_add(payload + from, data, 0));
	if (got > 0 && (got != (ssize_t)(len + data) || memcmp(self->got, self->want, len + data)))
		return 0;
	return got;
}

/* All of them.  Return: how many are right, -1 for a wrong one */
static int segments_arrive(FIXTURE_DATA(transmit) *self, const struct segment_plan *plan,
			   uint32_t id)
{
	struct segment_template t;
	uint32_t n;

	expect_segments(self, plan, id, &t);
	for (n = 0; n < plan->segments; n++)
		if (take_segment(self, plan, &t, n) <= 0)
			return -1;
	return (int)n;
}

/* One frame, whole, behind a fresh header. */
static bool whole_arrives(FIXTURE_DATA(transmit) *self, const struct segment_plan *plan)
{
	size_t len = HEADER + self->p.len;

	vnet_encode(&plan->vnet, self->want, HEADER);
	memcpy(self->want + HEADER, self->p.frame, self->p.len);
	if (plan->kind == SEGMENT_CHECKSUM && plan->complete) {
		segment_checksum(plan, self->want + HEADER, self->p.len);
		memset(self->want, 0, HEADER);
	}
	return take_frame(self) == (ssize_t)len && !memcmp(self->got, self->want, len);
}

static bool row_comes_right(FIXTURE_DATA(transmit) *self, const struct row *row, size_t piece)
{
	struct segment_features features;
	struct segment_plan plan;
	enum segment_drop drop;
	uint32_t id = self->t.fragment_id;
	bool right;

	row_packet(row, &self->p);
	features = (struct segment_features){ self->p.features.guest,
					      self->t.port.features.kernel };
	drop = segment_plan(&plan, &self->p.h, self->p.frame, self->p.len, &features);
	self->t.port.features.guest = features.guest;
	transmit_take(&self->t, self->iov, cut(self, piece), 7);
	right = transmit_go(&self->t) && transmit_flush(&self->t);
	if (drop)
		right &= self->stat.drop[drop] == 1;
	else if (plan.kind > SEGMENT_CHECKSUM && !plan.whole)
		right &= segments_arrive(self, &plan, id) == (int)plan.segments;
	else
		right &= whole_arrives(self, &plan);
	right &= self->t.finished_count == 1 && self->t.finished[0] == 7;
	right &= take_frame(self) < 0 && transmit_idle(&self->t);
	self->t.finished_count = 0;
	memset(&self->stat, 0, sizeof(self->stat));
	return right;
}

static void try_rows(struct __test_metadata *_metadata, FIXTURE_DATA(transmit) *self,
		     size_t piece)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(rows); i++) {
		bool right = row_comes_right(self, &rows[i], piece);

		EXPECT_TRUE(right) {
			TH_LOG("%s: %s, pieces of %zu", rows[i].id, rows[i].what, piece);
		}
	}
}

/* Rows H1 to H20: segments, or dropped and counted; the header in pieces too. */
TEST_F(transmit, rows_segmented)
{
	try_rows(_metadata, self, ROW_FRAME);
	try_rows(_metadata, self, 1448);
	try_rows(_metadata, self, 77);
}

/* What the kernel can do is left to it. */
TEST_F(transmit, rows_whole)
{
	uint32_t all = row_features(-1);

	start(self, all, all, variant->uring);
	try_rows(_metadata, self, ROW_FRAME);
	try_rows(_metadata, self, 1448);
	try_rows(_metadata, self, 77);
}

/* Segments by us, checksums by the kernel. */
TEST_F(transmit, rows_with_open_checksums)
{
	struct tapcompat_mask csum = { { 1, 0 } };

	start(self, row_features(-1), segment_features(&csum), variant->uring);
	try_rows(_metadata, self, 1448);
}

/* Row H1: the header in twelve pieces of a byte, and shorter than it has to be. */
TEST_F(transmit, split_header)
{
	size_t i, n;

	row_packet(&rows[0], &self->p);
	self->p.len = 100;
	memset(&self->p.h, 0, sizeof(self->p.h));
	n = cut(self, 1);
	transmit_take(&self->t, self->iov, n, 1);
	EXPECT_TRUE(transmit_go(&self->t) && transmit_flush(&self->t));
	EXPECT_EQ(HEADER + 100, take_frame(self));
	for (i = 0; i < HEADER; i++) {
		uint64_t drops = self->stat.drop[SEGMENT_DROP_SHORT];

		transmit_take(&self->t, self->iov, i, 2);
		EXPECT_TRUE(transmit_go(&self->t) && transmit_flush(&self->t));
		EXPECT_EQ(drops + 1, self->stat.drop[SEGMENT_DROP_SHORT]);
		EXPECT_GT(0, take_frame(self));
	}
}

/* The guest changes its headers after they were validated: the validated ones are sent. */
TEST_F(transmit, head_is_a_copy)
{
	struct tapcompat_mask csum = { { 1, 0 } };
	size_t n;

	start(self, row_features(-1), segment_features(&csum), variant->uring);
	row_packet(&rows[2], &self->p);
	self->p.len = 60;
	n = cut(self, 30);
	transmit_take(&self->t, self->iov, n, 1);
	memset(self->packet, 0xff, HEADER + 60);
	EXPECT_TRUE(transmit_go(&self->t) && transmit_flush(&self->t));
	EXPECT_EQ(HEADER + 60, take_frame(self));
	EXPECT_EQ(0, memcmp(self->got + HEADER, self->p.frame, 60));
	EXPECT_EQ(0, self->got[0]);
}

/*
 * A port with room for a few frames: all arrive in the end, in order, and no packet is
 * finished before its last frame is out.
 */
TEST_F(transmit, back_pressure)
{
	unsigned int packets = 0, finished = 0, frames = 0, blocked = 0, i;
	int room = 8192;

	self->t.batch.never_full = false;
	setsockopt(self->port.near, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	row_packet(&(struct row){ .base = ROW_UDP4, .edit = { { OP_SIZE, 0, 28 } } }, &self->p);
	while (finished < 20) {
		bool room_left = transmit_idle(&self->t) ||
			(transmit_flush(&self->t) && transmit_go(&self->t));

		while (room_left && packets < 20) {
			transmit_take(&self->t, self->iov, cut(self, 500), (uint16_t)packets++);
			room_left = transmit_go(&self->t);
		}
		if (room_left)
			room_left = transmit_flush(&self->t);
		blocked += !room_left;
		for (i = 0; i < self->t.finished_count; i++)
			ASSERT_EQ(finished++, self->t.finished[i]);
		self->t.finished_count = 0;
		while (take_frame(self) > 0)
			frames++;
	}
	EXPECT_GT(blocked, 10);
	EXPECT_EQ(20 * 125, frames);
	EXPECT_EQ(20, self->stat.count[STAT_PACKETS]);
	EXPECT_EQ(20 * 125, self->stat.count[STAT_SEGMENTS]);
	EXPECT_EQ(20 * 125, self->stat.count[STAT_FRAMES]);
	EXPECT_EQ(0, self->stat.drop[STAT_DROP_FULL]);
}

/* A packet of @pieces that is sent by reference, and waits.  Return: references used by then */
static size_t refer(FIXTURE_DATA(transmit) *self, size_t pieces)
{
	size_t i, piece = 50000 / pieces;

	/* All headers are in the first one. */
	self->iov[0] = (struct iovec){ self->packet, 1000 };
	for (i = 1; i < pieces; i++)
		self->iov[i] = (struct iovec){ self->packet + 1000 + i * piece, piece };
	transmit_take(&self->t, self->iov, pieces, 1);
	transmit_go(&self->t);
	return self->t.pieces_used;
}

/* References are bounded: what has no room is sent first. */
TEST_F(transmit, pool_of_references)
{
	size_t pieces, used, most = 0;
	unsigned int n;

	row_packet(&(struct row){ .base = ROW_PLAIN }, &self->p);
	cut(self, ROW_FRAME);
	/* Two or three packets use all references, or would need one more. */
	for (pieces = 600; pieces < TRANSMIT_PIECES; pieces++) {
		for (n = 0; n < 4; n++) {
			used = refer(self, pieces);
			ASSERT_GE(2 * TRANSMIT_PIECES, used);
			most = used > most ? used : most;
		}
		transmit_flush(&self->t);
		while (take_frame(self) > 0)
			;
		self->t.finished_count = 0;
	}
	EXPECT_EQ(2 * TRANSMIT_PIECES, most);
}

/* Pending packets are dropped: none is left, all chains are returned, and counted. */
TEST_F(transmit, abandoned)
{
	int room = 4096;

	self->t.batch.never_full = false;
	setsockopt(self->port.near, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	row_packet(&(struct row){ .base = ROW_UDP4, .edit = { { OP_SIZE, 0, 28 } } }, &self->p);
	transmit_take(&self->t, self->iov, cut(self, 500), 3);
	EXPECT_FALSE(transmit_go(&self->t) && transmit_flush(&self->t));
	transmit_abandon(&self->t);
	EXPECT_TRUE(transmit_idle(&self->t));
	ASSERT_EQ(1, self->t.finished_count);
	EXPECT_EQ(3, self->t.finished[0]);
	EXPECT_EQ(125, self->stat.drop[STAT_DROP_FULL] + self->stat.count[STAT_FRAMES]);
	while (take_frame(self) > 0)
		;
	self->t.finished_count = 0;
	self->p.len = 60;
	memset(&self->p.h, 0, sizeof(self->p.h));
	transmit_take(&self->t, self->iov, cut(self, 500), 4);
	EXPECT_TRUE(transmit_go(&self->t) && transmit_flush(&self->t));
	EXPECT_EQ(HEADER + 60, take_frame(self));
}

/* Return: whether the port was full before the packet's end */
static bool halts(FIXTURE_DATA(transmit) *self, size_t piece)
{
	transmit_take(&self->t, self->iov, cut(self, piece), 5);
	if (transmit_go(&self->t) && transmit_flush(&self->t)) {
		self->t.finished_count = 0;
		return false;
	}
	transmit_halt(&self->t);
	return true;
}

static void fill_soon(FIXTURE_DATA(transmit) *self)
{
	int room = 8192;

	self->t.batch.never_full = false;
	setsockopt(self->port.near, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

/*
 * Whose packet it is comes with it again, in other pieces: each segment arrives once, with
 * the ids of the first time.
 */
TEST_F(transmit, halted)
{
	static const struct row all[] = {
		{ .base = ROW_UDP4, .edit = { { OP_SIZE, 0, 28 } } },
		{ .base = ROW_TCP6, .edit = { { OP_SIZE, 0, 100 } } },
		{ .base = ROW_UFO4, .edit = { { OP_SIZE, 0, 40 } } },
		{ .base = ROW_UDP4_IN6_CSUM, .edit = { { OP_SIZE, 0, 40 } } },
	};
	const struct segment_plan *plan = &self->t.packet.plan;
	unsigned int i, n, halted;
	struct segment_template t;

	fill_soon(self);
	for (i = 0; i < ARRAY_LENGTH(all); i++) {
		bool again = true;

		row_packet(&all[i], &self->p);
		for (n = halted = 0; again && halted < 20; halted += again) {
			uint32_t id = self->t.fragment_id;

			again = halts(self, halted % 2 ? ROW_FRAME : 1448);
			if (!halted)
				expect_segments(self, plan, id, &t);
			while (n < plan->segments && take_segment(self, plan, &t, n) > 0)
				n++;
		}
		EXPECT_GT(halted, 1);
		EXPECT_EQ(plan->segments, n);
		EXPECT_LT(take_frame(self), 0);
		EXPECT_EQ(i + 1, self->stat.count[STAT_PACKETS]);
	}
	EXPECT_EQ(self->stat.count[STAT_SEGMENTS], self->stat.count[STAT_FRAMES]);
	EXPECT_EQ(0, self->stat.drop[STAT_DROP_FULL]);
	EXPECT_TRUE(transmit_idle(&self->t));
}

/* Return: segments of the packet at hand that did not go out before it was halted */
static uint32_t halt_midway(FIXTURE_DATA(transmit) *self)
{
	uint32_t sent = 0;

	if (!halts(self, 500))
		return 0;
	while (take_frame(self) > 0)
		sent++;
	return sent ? self->t.packet.plan.segments - sent : 0;
}

/* Another one comes instead: it has all of its segments, and the others are missed. */
TEST_F(transmit, halted_for_ever)
{
	uint32_t rest, id;
	int i;

	fill_soon(self);
	row_packet(&(struct row){ .base = ROW_UDP4, .edit = { { OP_SIZE, 0, 28 } } }, &self->p);
	rest = halt_midway(self);
	ASSERT_GT(rest, 0);
	row_packet(&(struct row){ .base = ROW_UDP4, .edit = { { OP_SIZE, 0, 1000 } } }, &self->p);
	id = self->t.fragment_id;
	for (i = 0; i < 2; i++) {
		EXPECT_FALSE(halts(self, 500));
		EXPECT_EQ(4, segments_arrive(self, &self->t.packet.plan, id));
		EXPECT_EQ(rest, self->stat.drop[STAT_DROP_FULL]);
	}
	EXPECT_EQ(3, self->stat.count[STAT_PACKETS]);
}

/* The same bytes, and a vnet header that describes them differently. */
TEST_F(transmit, halted_and_disguised)
{
	const struct row tunnel = { .base = ROW_UDP4_IN6_CSUM, .edit = { { OP_SIZE, 0, 40 } } };
	struct vnet valid;
	uint32_t rest, segments;

	fill_soon(self);
	row_packet(&tunnel, &self->p);
	valid = self->p.h;
	self->p.h = (struct vnet){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_type = VIRTIO_NET_HDR_GSO_UDP_L4,
		.gso_size = 32, .csum_start = valid.outer_th, .csum_offset = 6,
	};
	rest = halt_midway(self);
	ASSERT_GT(rest, 0);
	self->p.h = valid;
	halts(self, 500);
	segments = self->t.packet.plan.segments;
	EXPECT_EQ(rest, self->stat.drop[STAT_DROP_FULL]);
	EXPECT_GT(segments, self->t.halted.next);
	EXPECT_EQ(2, self->stat.count[STAT_PACKETS]);
}

/* A frame that is dropped is another one too, and so is any under a new header's size. */
TEST_F(transmit, halted_and_forgotten)
{
	const struct row row = { .base = ROW_UDP4, .edit = { { OP_SIZE, 0, 28 } } };
	struct transmit_port port = self->t.port;
	uint32_t rest;

	fill_soon(self);
	row_packet(&row, &self->p);
	rest = halt_midway(self);
	ASSERT_GT(rest, 0);
	self->p.len = 10;
	EXPECT_FALSE(halts(self, 500));
	EXPECT_EQ(rest, self->stat.drop[STAT_DROP_FULL]);
	EXPECT_EQ(1, self->stat.drop[SEGMENT_DROP_SHORT]);
	row_packet(&row, &self->p);
	rest += halt_midway(self);
	port.port_header = VNET_LEGACY;
	transmit_set_port(&self->t, &port);
	EXPECT_EQ(rest, self->stat.drop[STAT_DROP_FULL]);
	EXPECT_FALSE(self->t.halted.busy);
}

/* Many packets of each kind in one batch: dropped ones keep their place. */
TEST_F(transmit, finished_in_order)
{
	uint16_t tag = 0, finished = 0;
	unsigned int i;
	size_t row;

	for (row = 0; row < ARRAY_LENGTH(rows); row++) {
		row_packet(&rows[row], &self->p);
		self->t.port.features.guest = self->p.features.guest;
		transmit_take(&self->t, self->iov, cut(self, 1448), tag++);
		ASSERT_TRUE(transmit_go(&self->t));
		while (take_frame(self) > 0)
			;
		transmit_skip(&self->t, tag++);
		ASSERT_TRUE(transmit_go(&self->t));
		for (i = 0; i < self->t.finished_count; i++)
			ASSERT_EQ(finished++, self->t.finished[i]);
		self->t.finished_count = 0;
	}
	EXPECT_TRUE(transmit_flush(&self->t));
	for (i = 0; i < self->t.finished_count; i++)
		ASSERT_EQ(finished++, self->t.finished[i]);
	EXPECT_EQ(tag, finished);
	EXPECT_EQ(ARRAY_LENGTH(rows), self->stat.drop[STAT_DROP_CHAIN]);
}

/* The kernel refuses: counted, and no reason to stop. */
TEST_F(transmit, refused)
{
	signal(SIGPIPE, SIG_IGN);
	close(self->port.far);
	self->port.far = dup(self->port.near);
	row_packet(&(struct row){ .base = ROW_UDP4 }, &self->p);
	transmit_take(&self->t, self->iov, cut(self, 500), 9);
	EXPECT_TRUE(transmit_go(&self->t) && transmit_flush(&self->t));
	EXPECT_EQ(4, self->stat.drop[STAT_DROP_KERNEL]);
	EXPECT_EQ(-EPIPE, self->t.error);
	EXPECT_EQ(1, self->t.finished_count);
}

TEST_HARNESS_MAIN
