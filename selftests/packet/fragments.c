// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fragments.c - the judge on large datagrams that come as IP fragments
 */
#include "kselftest_harness.h"

#include <netinet/in.h>
#include <string.h>

#include "ground/bytes.h"
#include "packet/csum.h"
#include "packet/judge.h"
#include "table/feature.h"

#define PIECE 1448
#define PIECES 3

FIXTURE(fragments) {
	struct flow f;
	uint8_t frame[PIECES][1600];
	size_t len[PIECES];
	uint8_t whole[FRAME_MAX], datagram[FRAME_MAX];
};

FIXTURE_VARIANT(fragments) {
	uint8_t family;
};

FIXTURE_VARIANT_ADD(fragments, v4) { .family = 4 };
FIXTURE_VARIANT_ADD(fragments, v6) { .family = 6 };

static void cut4(uint8_t *ip, size_t at, size_t n, bool more)
{
	put_be16(ip + 2, (uint16_t)(20 + n));
	put_be16(ip + 6, (uint16_t)(at / 8 | (more ? 0x2000 : 0)));
	put_be16(ip + 10, 0);
	put_be16(ip + 10, (uint16_t)~csum_fold(csum_add(ip, 20, 0)));
}

static void cut6(uint8_t *ip, size_t at, size_t n, bool more)
{
	put_be16(ip + 4, (uint16_t)(8 + n));
	ip[6] = IPPROTO_FRAGMENT;
	memset(ip + 40, 0, 8);
	ip[40] = IPPROTO_UDP;
	put_be16(ip + 42, (uint16_t)(at | more));
	put_be32(ip + 44, 0x12345678);
}

FIXTURE_SETUP(fragments)
{
	size_t ip = 14, hdr = variant->family == 4 ? 20 : 48, at, i;
	struct packet p;
	struct vnet h;

	self->f = (struct flow){
		.ether = { { 2, 3, 3, 3, 3, 3 }, { 2, 4, 4, 4, 4, 4 } },
		.ip = { .family = variant->family, .src = { 10, 3 }, .dst = { 10, 4 },
			.ttl = 61, .id = 0xfffd },
		.proto = IPPROTO_UDP, .sport = 1111, .dport = 2222, .seed = 5,
		.payload = 4000,
	};
	at = flow_build(&self->f, self->whole, &h);
	ASSERT_EQ(0, packet_parse(self->whole, at, 0, &p));
	self->f.gso_type = VIRTIO_NET_HDR_GSO_UDP;
	self->f.gso_size = PIECE;
	self->f.partial_csum = true;
	for (i = 0; i < PIECES; i++) {
		size_t n = p.end - p.l4 - i * PIECE;
		bool more = n > PIECE;

		n = more ? PIECE : n;
		memcpy(self->frame[i], self->whole, p.l4);
		memcpy(self->frame[i] + ip + hdr, self->whole + p.l4 + i * PIECE, n);
		(variant->family == 4 ? cut4 : cut6)(self->frame[i] + ip, i * PIECE, n, more);
		self->len[i] = ip + hdr + n;
	}
}

FIXTURE_TEARDOWN(fragments)
{
}

static enum verdict judged(struct _test_data_fragments *self, const int *order, char *why)
{
	struct judge j = { .flow = &self->f, .datagram = self->datagram };
	const struct vnet none = { 0 };
	enum verdict v;

	for (; *order >= 0; order++)
		judge_frame(&j, &none, self->frame[*order], self->len[*order]);
	v = judge_verdict(&j);
	strcpy(why, j.why);
	return v;
}

static const int in_order[] = { 0, 1, 2, -1 };

TEST_F(fragments, put_together)
{
	char why[160];

	EXPECT_EQ(VERDICT_SPLIT, judged(self, in_order, why)) {
		TH_LOG("%s", why);
	}
}

TEST_F(fragments, lost_doubled_or_out_of_place)
{
	static const int bad[][5] = {
		{ -1 }, { 0, -1 }, { 1, 2, -1 }, { 0, 2, -1 }, { 0, 1, -1 },
		{ 0, 0, 1, 2, -1 }, { 0, 1, 1, 2 , -1 }, { 2, 1, 0, -1 }, { 0, 1, 2, 2, -1 },
	};
	char why[160];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(VERDICT_WRONG, judged(self, bad[i], why)) {
			TH_LOG("order %zu", i);
		}
	}
}

/*
 * Any bit of the second fragment.  What a fragment does not say again, and
 * what nobody reads, is left out: TTL and the like of IPv6 have no checksum.
 */
TEST_F(fragments, any_bit)
{
	size_t bit;
	char why[160];

	for (bit = 0; bit < self->len[1] * 8; bit++) {
		size_t byte = bit / 8;

		if (variant->family == 6 && ((byte >= 14 && byte < 18) || byte == 21 ||
					     byte == 55 || (byte == 57 && bit % 8 > 0 &&
							    bit % 8 < 3)))
			continue;
		self->frame[1][byte] ^= (uint8_t)(1u << (bit % 8));
		EXPECT_EQ(VERDICT_WRONG, judged(self, in_order, why)) {
			TH_LOG("bit %zu of byte %zu", bit % 8, byte);
		}
		self->frame[1][byte] ^= (uint8_t)(1u << (bit % 8));
	}
}

/* Fragments of a flow that is to be segmented are wrong, whatever they say. */
TEST_F(fragments, of_another_kind_of_flow)
{
	char why[160];

	self->f.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4;
	EXPECT_EQ(VERDICT_WRONG, judged(self, in_order, why));
}

TEST_HARNESS_MAIN
