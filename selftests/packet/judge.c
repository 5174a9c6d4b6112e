// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * judge.c - the judge accepts correct frames and detects every wrong bit
 *
 * Segments are made here, from the flow, as a right kernel would make them.
 * Then every single bit of a segment and of a super-packet is flipped in turn:
 * whatever it was, the verdict must be that something is wrong.
 */
#include "kselftest_harness.h"

#include <netinet/in.h>
#include <string.h>

#include "ground/bytes.h"
#include "packet/csum.h"
#include "packet/judge.h"
#include "table/feature.h"

#define SEED 0x51
#define SEGMENTS 4

FIXTURE(flow) {
	struct tunnel tunnel;
	struct flow f;
	uint8_t datagram[FRAME_MAX];
	uint8_t frame[FRAME_MAX];
};

FIXTURE_VARIANT(flow) {
	uint8_t family, proto, outer;
	bool csum;		/* of the tunnel */
	uint8_t gso_type;
	uint16_t gso_size;
	uint32_t payload;
};

#define VARIANT(name, family_, proto_, outer_, csum_, gso_) \
	FIXTURE_VARIANT_ADD(flow, name) { \
		.family = family_, .proto = proto_, .outer = outer_, .csum = csum_, \
		.gso_type = gso_, .gso_size = 101, .payload = 3 * 101 + 50, \
	}

VARIANT(udp4, 4, IPPROTO_UDP, 0, false, VIRTIO_NET_HDR_GSO_UDP_L4);
VARIANT(udp6, 6, IPPROTO_UDP, 0, false, VIRTIO_NET_HDR_GSO_UDP_L4);
VARIANT(tcp4, 4, IPPROTO_TCP, 0, false, VIRTIO_NET_HDR_GSO_TCPV4);
VARIANT(tcp6, 6, IPPROTO_TCP, 0, false, VIRTIO_NET_HDR_GSO_TCPV6);
VARIANT(tcp4_cwr, 4, IPPROTO_TCP, 0, false, VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN);
VARIANT(udp4_in_4, 4, IPPROTO_UDP, 4, false, VIRTIO_NET_HDR_GSO_UDP_L4);
VARIANT(tcp6_in_4, 6, IPPROTO_TCP, 4, false, VIRTIO_NET_HDR_GSO_TCPV6);
VARIANT(tcp4_in_6_csum, 4, IPPROTO_TCP, 6, true, VIRTIO_NET_HDR_GSO_TCPV4);
VARIANT(udp6_in_4_csum, 6, IPPROTO_UDP, 4, true, VIRTIO_NET_HDR_GSO_UDP_L4);

FIXTURE_SETUP(flow)
{
	struct flow *f = &self->f;

	self->tunnel = (struct tunnel){
		.ether = { { 2, 1, 1, 1, 1, 1 }, { 2, 2, 2, 2, 2, 2 } },
		.ip = { .family = variant->outer, .src = { 10, 1 }, .dst = { 10, 2 },
			.ttl = 60, .id = 0xfffe },
		.sport = 5555, .vni = 77, .csum = variant->csum,
	};
	*f = (struct flow){
		.ether = { { 2, 3, 3, 3, 3, 3 }, { 2, 4, 4, 4, 4, 4 } },
		.ip = { .family = variant->family, .src = { 10, 3 }, .dst = { 10, 4 },
			.ttl = 61, .tos = 4, .id = 0xfffd },
		.proto = variant->proto, .sport = 1111, .dport = 2222,
		.seq = 0xffffff80, .ack = 0x11223344, .window = 0x5566,
		.tcp_flags = TCP_ACK | TCP_PSH, .gso_type = variant->gso_type,
		.gso_size = variant->gso_size, .payload = variant->payload, .seed = SEED,
		.partial_csum = true, .tunnel = variant->outer ? &self->tunnel : NULL,
	};
	if (variant->gso_type & VIRTIO_NET_HDR_GSO_ECN)
		f->tcp_flags |= TCP_CWR;
}

FIXTURE_TEARDOWN(flow)
{
}

static struct judge judge_of(struct _test_data_flow *self, bool open, bool whole)
{
	return (struct judge){
		.flow = &self->f, .may_partial = open, .may_whole = whole,
		.datagram = self->datagram,
	};
}

/*
 * Open the inner checksum of a finished frame.  The tunnel's own one stays: it
 * is right for what the inner one will be.
 */
static void segment_open(uint8_t *frame, size_t len, struct vnet *h)
{
	struct packet p;
	size_t at;

	packet_parse(frame, len, 0, &p);
	packet_parse(frame, len, p.payload + VXLAN_LEN, &p);
	at = p.proto == IPPROTO_UDP ? 6 : 16;
	put_be16(frame + p.l4 + at,
		 csum_fold(packet_pseudo(frame, &p, (uint32_t)(p.end - p.l4))));
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->csum_start = (uint16_t)p.l4;
	h->csum_offset = (uint16_t)at;
}

/* Segment @i of the flow, as a correct kernel would segment it. */
static size_t segment(struct _test_data_flow *self, unsigned int i, bool open, struct vnet *h)
{
	struct flow s = self->f;
	struct tunnel t = self->tunnel;
	uint32_t from = i * s.gso_size, rest = s.payload - from;

	s.payload = rest < s.gso_size ? rest : s.gso_size;
	s.seed += from;
	s.seq += from;
	s.ip.id = (uint16_t)(s.ip.id + i);
	t.ip.id = (uint16_t)(t.ip.id + i);
	if (s.tunnel)
		s.tunnel = &t;
	if (i)
		s.tcp_flags &= (uint8_t)~TCP_CWR;
	if (i < SEGMENTS - 1)
		s.tcp_flags &= (uint8_t)~TCP_PSH;
	s.gso_type = 0;
	s.gso_size = 0;
	s.partial_csum = open && !t.csum;
	rest = (uint32_t)flow_build(&s, self->frame, h);
	if (open && t.csum)
		segment_open(self->frame, rest, h);
	return rest;
}

static void judge_segments(struct _test_data_flow *self, struct judge *j, bool open)
{
	unsigned int i;
	struct vnet h;

	for (i = 0; i < SEGMENTS; i++) {
		size_t len = segment(self, i, open, &h);

		judge_frame(j, &h, self->frame, len);
	}
}

TEST_F(flow, whole)
{
	struct judge j = judge_of(self, true, true);
	struct vnet h;
	size_t len = flow_build(&self->f, self->frame, &h);

	EXPECT_TRUE(judge_frame(&j, &h, self->frame, len));
	EXPECT_EQ(VERDICT_WHOLE, judge_verdict(&j)) {
		TH_LOG("%s", j.why);
	}
	EXPECT_EQ(1, j.supers);
	EXPECT_EQ(SEGMENTS, j.segments);
}

TEST_F(flow, whole_for_a_reader_that_takes_none)
{
	struct judge j = judge_of(self, true, false);
	struct vnet h;
	size_t len = flow_build(&self->f, self->frame, &h);

	judge_frame(&j, &h, self->frame, len);
	EXPECT_EQ(VERDICT_WRONG, judge_verdict(&j));
}

TEST_F(flow, split_with_full_checksums)
{
	struct judge j = judge_of(self, false, false);

	judge_segments(self, &j, false);
	EXPECT_EQ(VERDICT_SPLIT, judge_verdict(&j)) {
		TH_LOG("%s", j.why);
	}
	EXPECT_EQ(0, j.partial);
}

TEST_F(flow, split_with_open_checksums)
{
	struct judge j = judge_of(self, true, false);

	judge_segments(self, &j, true);
	EXPECT_EQ(VERDICT_SPLIT, judge_verdict(&j)) {
		TH_LOG("%s", j.why);
	}
	EXPECT_EQ(SEGMENTS, j.partial);
}

/* DATA_VALID does not excuse a wrong checksum. */
TEST_F(flow, looked_at_and_wrong)
{
	struct judge right = judge_of(self, true, false), wrong = right;
	unsigned int i;
	struct vnet h;

	for (i = 0; i < SEGMENTS; i++) {
		size_t len = segment(self, i, false, &h);
		struct packet p;

		h.flags = VIRTIO_NET_HDR_F_DATA_VALID;
		judge_frame(&right, &h, self->frame, len);
		packet_parse(self->frame, len, 0, &p);
		if (self->f.tunnel)
			packet_parse(self->frame, len, p.payload + VXLAN_LEN, &p);
		self->frame[p.l4 + (p.proto == IPPROTO_UDP ? 6 : 16)] ^= 0x40;
		judge_frame(&wrong, &h, self->frame, len);
	}
	EXPECT_EQ(VERDICT_SPLIT, judge_verdict(&right)) {
		TH_LOG("%s", right.why);
	}
	EXPECT_EQ(VERDICT_WRONG, judge_verdict(&wrong));
}

/* After a loss the following frames look wrong: it still counts as a loss. */
TEST_F(flow, lost_is_told_from_wrong)
{
	struct judge lost = judge_of(self, false, false), wrong = lost;
	unsigned int i;
	struct vnet h;

	for (i = 0; i < SEGMENTS; i++) {
		size_t len = segment(self, i, false, &h);

		if (i)
			judge_frame(&lost, &h, self->frame, len);
		self->frame[len - 1] ^= 1;
		judge_frame(&wrong, &h, self->frame, len);
	}
	EXPECT_EQ(VERDICT_WRONG, judge_verdict(&lost));
	EXPECT_TRUE(lost.lost);
	EXPECT_EQ(VERDICT_WRONG, judge_verdict(&wrong));
	EXPECT_FALSE(wrong.lost);
}

/* A failure of the test itself yields no verdict, unless a frame was wrong before. */
TEST_F(flow, excused)
{
	struct judge j = judge_of(self, false, false), late = j;

	judge_untested(&j, "no socket");
	EXPECT_EQ(VERDICT_UNTESTED, judge_verdict(&j));
	judge_fail(&late, "wrong");
	judge_untested(&late, "no socket");
	EXPECT_EQ(VERDICT_WRONG, judge_verdict(&late));
}

TEST_F(flow, open_checksums_for_a_reader_that_completes_none)
{
	struct judge j = judge_of(self, false, false);

	judge_segments(self, &j, true);
	EXPECT_EQ(VERDICT_WRONG, judge_verdict(&j));
}

TEST_F(flow, any_segment_lost_doubled_or_out_of_place)
{
	unsigned int skip, i;
	struct vnet h;

	for (skip = 0; skip < SEGMENTS; skip++) {
		struct judge lost = judge_of(self, false, false);
		struct judge twice = judge_of(self, false, false);
		struct judge late = judge_of(self, false, false);

		for (i = 0; i < SEGMENTS; i++) {
			size_t len = segment(self, i, false, &h);

			if (i != skip)
				judge_frame(&lost, &h, self->frame, len);
			judge_frame(&twice, &h, self->frame, len);
			if (i == skip)
				judge_frame(&twice, &h, self->frame, len);
			len = segment(self, (i + skip) % SEGMENTS, false, &h);
			judge_frame(&late, &h, self->frame, len);
		}
		EXPECT_EQ(VERDICT_WRONG, judge_verdict(&lost));
		EXPECT_EQ(VERDICT_WRONG, judge_verdict(&twice));
		EXPECT_EQ(skip ? VERDICT_WRONG : VERDICT_SPLIT, judge_verdict(&late));
	}
}

/* Only one bit of the second segment is wrong. */
static enum verdict judge_flipped(struct _test_data_flow *self, bool open, size_t bit)
{
	struct judge j = judge_of(self, open, false);
	unsigned int i;
	struct vnet h;

	for (i = 0; i < SEGMENTS; i++) {
		size_t len = segment(self, i, open, &h);

		if (i == 1)
			self->frame[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		judge_frame(&j, &h, self->frame, len);
	}
	return judge_verdict(&j);
}

TEST_F(flow, any_bit_of_a_segment)
{
	struct vnet h;
	size_t bits = segment(self, 1, false, &h) * 8, bit;

	for (bit = 0; bit < bits; bit++) {
		EXPECT_EQ(VERDICT_WRONG, judge_flipped(self, false, bit)) {
			TH_LOG("bit %zu of byte %zu", bit % 8, bit / 8);
		}
	}
}

TEST_F(flow, any_bit_of_a_segment_with_open_checksum)
{
	struct vnet h;
	size_t bits = segment(self, 1, true, &h) * 8, bit;

	for (bit = 0; bit < bits; bit++) {
		EXPECT_EQ(VERDICT_WRONG, judge_flipped(self, true, bit)) {
			TH_LOG("bit %zu of byte %zu", bit % 8, bit / 8);
		}
	}
}

/* Open the tunnel's own checksum of a finished frame; the inner one is complete. */
static void outer_open(uint8_t *frame, size_t len, struct vnet *h)
{
	struct packet p;

	packet_parse(frame, len, 0, &p);
	put_be16(frame + p.l4 + 6,
		 csum_fold(packet_pseudo(frame, &p, (uint32_t)(p.end - p.l4))));
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->csum_start = (uint16_t)p.l4;
	h->csum_offset = 6;
}

TEST_F(flow, any_bit_of_a_segment_with_open_outer_checksum)
{
	size_t bits, bit;
	struct vnet h;
	unsigned int i;

	if (!variant->outer || !variant->csum)
		return;
	bits = segment(self, 1, false, &h) * 8;
	for (bit = 0; bit <= bits; bit++) {
		struct judge j = judge_of(self, true, false);

		for (i = 0; i < SEGMENTS; i++) {
			size_t len = segment(self, i, false, &h);

			outer_open(self->frame, len, &h);
			if (i == 1 && bit < bits)
				self->frame[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			judge_frame(&j, &h, self->frame, len);
		}
		/* After the last bit, none is flipped. */
		EXPECT_EQ(bit < bits ? VERDICT_WRONG : VERDICT_SPLIT, judge_verdict(&j)) {
			TH_LOG("bit %zu of byte %zu: %s", bit % 8, bit / 8, j.why);
		}
	}
}

TEST_F(flow, any_bit_of_a_super_packet)
{
	struct vnet h;
	size_t len = flow_build(&self->f, self->frame, &h), bit;

	for (bit = 0; bit < len * 8; bit++) {
		struct judge j = judge_of(self, true, true);

		self->frame[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		judge_frame(&j, &h, self->frame, len);
		self->frame[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		EXPECT_EQ(VERDICT_WRONG, judge_verdict(&j)) {
			TH_LOG("bit %zu of byte %zu", bit % 8, bit / 8);
		}
	}
}

/* The vnet header too, but for hints: hdr_len, num_buffers and the hash. */
TEST_F(flow, any_bit_of_the_vnet_header)
{
	size_t len, bit;
	struct vnet h;

	len = flow_build(&self->f, self->frame, &h);
	for (bit = 0; bit < VNET_TUNNEL * 8; bit++) {
		struct judge j = judge_of(self, true, true);
		size_t byte = bit / 8;
		uint8_t bytes[VNET_TUNNEL];
		struct vnet flipped;

		if (byte == 2 || byte == 3 || (byte >= 10 && byte < 20) ||
		    (byte >= 20 && !variant->outer))
			continue;
		vnet_encode(&h, bytes, sizeof(bytes));
		bytes[byte] ^= (uint8_t)(1u << (bit % 8));
		vnet_decode(&flipped, bytes, sizeof(bytes));
		judge_frame(&j, &flipped, self->frame, len);
		EXPECT_EQ(VERDICT_WRONG, judge_verdict(&j)) {
			TH_LOG("bit %zu of byte %zu", bit % 8, byte);
		}
	}
}

TEST_F(flow, frames_of_others_are_no_business)
{
	struct judge j = judge_of(self, false, false);
	struct flow other = self->f;
	struct vnet h;
	size_t len;

	other.sport++;
	len = flow_build(&other, self->frame, &h);
	EXPECT_FALSE(judge_frame(&j, &h, self->frame, len));
	EXPECT_FALSE(judge_frame(&j, &h, self->frame, 13));
	judge_segments(self, &j, false);
	EXPECT_EQ(VERDICT_SPLIT, judge_verdict(&j));
}

TEST_F(flow, nothing_arrives)
{
	struct judge j = judge_of(self, false, false);

	EXPECT_EQ(VERDICT_WRONG, judge_verdict(&j));
	EXPECT_STREQ("nothing arrived", j.why);
}

/*
 * The host's stack chooses ids, TTL and where to cut a stream.
 */
TEST_F(flow, sent_by_the_stack)
{
	struct judge j = judge_of(self, false, false);
	struct flow sent = self->f;

	sent.by_stack = true;
	sent.ip.ttl = 7;
	sent.ip.id = 0x1234;
	j.flow = &sent;
	judge_segments(self, &j, false);
	EXPECT_EQ(VERDICT_SPLIT, judge_verdict(&j)) {
		TH_LOG("%s", j.why);
	}
}

/* RFC 6864: ids may be constant with DF only. */
TEST(constant_id)
{
	static struct _test_data_flow data;
	unsigned int df, i;
	struct vnet h;

	data.f = (struct flow){
		.ip = { .family = 4, .id = 0x4321 }, .proto = IPPROTO_UDP, .gso_size = 101,
		.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4, .payload = 3 * 101 + 50,
	};
	for (df = 0; df < 2; df++) {
		struct judge j = judge_of(&data, false, false);

		data.f.ip.df = df;
		for (i = 0; i < SEGMENTS; i++) {
			size_t len;

			data.f.ip.id = (uint16_t)(0x4321 - i);
			len = segment(&data, i, false, &h);
			data.f.ip.id = 0x4321;
			judge_frame(&j, &h, data.frame, len);
		}
		EXPECT_EQ(df ? VERDICT_SPLIT : VERDICT_WRONG, judge_verdict(&j));
	}
}

TEST_HARNESS_MAIN
