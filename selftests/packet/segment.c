// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * segment.c - what is segmented, dropped or passed, and the resulting segments
 */
#include "kselftest_harness.h"

#include <stdlib.h>

#include "segment_fixture.h"
#include "segment_rows.h"

static struct row_packet packet;
static struct segment_check check;

static const size_t vnet_sizes[] = { 0, VNET_LEGACY, VNET_MERGEABLE, VNET_HASH, VNET_TUNNEL };

/* An exact allocation, so that sanitizers detect reads past the end. */
static enum segment_drop plan_exactly(struct segment_plan *plan, const struct row_packet *p)
{
	size_t bound = p->len < SEGMENT_HEAD ? p->len : SEGMENT_HEAD;
	uint8_t *head = malloc(bound ? bound : 1);
	enum segment_drop drop;

	memcpy(head, p->frame, bound);
	drop = segment_plan(plan, &p->h, head, p->len, &p->features);
	free(head);
	return drop;
}

TEST(hostile_rows)
{
	struct segment_plan plan;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		enum segment_drop drop;

		row_packet(r, &packet);
		drop = plan_exactly(&plan, &packet);
		EXPECT_EQ(r->drop, drop) {
			TH_LOG("%s: %s: %s", r->id, r->what, segment_drop_name(drop));
		}
		if (drop)
			continue;
		EXPECT_EQ(r->kind, plan.kind) {
			TH_LOG("%s: %s", r->id, r->what);
		}
		EXPECT_LE(plan.segments * plan.header,
			  packet.len + SEGMENT_HEADERS_FREE * plan.header);
		for (j = 0; plan.kind > SEGMENT_CHECKSUM && j < ARRAY_SIZE(vnet_sizes); j++) {
			EXPECT_TRUE(check_plan(&check, &plan, packet.frame, vnet_sizes[j])) {
				TH_LOG("%s: %s: %s", r->id, r->what, check.why);
			}
		}
	}
}

/* Each row, truncated at every length: nothing is read past the end. */
TEST(hostile_rows_truncated)
{
	struct segment_plan plan;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		row_packet(&rows[i], &packet);
		if (packet.len > 300)
			packet.len = 300;
		for (; packet.len; packet.len--)
			plan_exactly(&plan, &packet);
	}
}

/* H6: the guest's hdr_len is ignored. */
TEST(a_header_of_our_own)
{
	static const struct row row = { .base = ROW_UDP4 };
	struct segment_plan plan;

	row_packet(&row, &packet);
	packet.h.hdr_len = 4711;
	packet.h.num_buffers = 4712;
	packet.h.outer_th = 4713;
	packet.h.inner_nh = 4714;
	packet.h.flags = 0xff;
	packet.features.kernel = packet.features.guest;
	ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
	EXPECT_TRUE(plan.whole);
	EXPECT_EQ(1, plan.segments);
	EXPECT_EQ(VIRTIO_NET_HDR_F_NEEDS_CSUM, plan.vnet.flags);
	EXPECT_EQ(VIRTIO_NET_HDR_GSO_UDP_L4, plan.vnet.gso_type);
	EXPECT_EQ(1000, plan.vnet.gso_size);
	EXPECT_EQ(42, plan.vnet.hdr_len);
	EXPECT_EQ(34, plan.vnet.csum_start);
	EXPECT_EQ(6, plan.vnet.csum_offset);
	EXPECT_EQ(0, plan.vnet.num_buffers);
	EXPECT_EQ(0, plan.vnet.outer_th);
	EXPECT_EQ(0, plan.vnet.inner_nh);
}

TEST(a_tunnel_passed_whole)
{
	static const struct row row = { .base = ROW_UDP4_IN6_CSUM };
	struct segment_plan plan;

	row_packet(&row, &packet);
	packet.h.hdr_len = 0;
	packet.features.kernel = packet.features.guest;
	ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
	EXPECT_TRUE(plan.whole);
	EXPECT_EQ(0x45, plan.vnet.gso_type);
	EXPECT_EQ(VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM, plan.vnet.flags);
	EXPECT_EQ(54, plan.vnet.outer_th);
	EXPECT_EQ(84, plan.vnet.inner_nh);
	EXPECT_EQ(104, plan.vnet.csum_start);
	EXPECT_EQ(112, plan.vnet.hdr_len);
	packet.features.kernel = row_features(68);
	ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
	EXPECT_FALSE(plan.whole);
	EXPECT_EQ(4, plan.segments);
}

/* Any feature that the kernel lacks requires segmentation here. */
TEST(whole_only_where_the_kernel_can)
{
	static const struct {
		enum row_base base;
		int lacks;
		bool whole;
	} cases[] = {
		{ ROW_TCP4, 11, false }, { ROW_TCP4, 12, true }, { ROW_TCP6, 12, false },
		{ ROW_UDP4, 56, false }, { ROW_UDP6, 56, false }, { ROW_UFO4, 14, false },
		{ ROW_UDP6, 11, true }, { ROW_TCP4, 13, true }, { ROW_TCP4_IN4, 67, false },
		{ ROW_TCP4_IN4, 68, true }, { ROW_TCP6_IN4_CSUM, 68, false },
	};
	struct segment_plan plan;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct row row = { .base = cases[i].base };

		row_packet(&row, &packet);
		packet.features.kernel = row_features(cases[i].lacks);
		ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
		EXPECT_EQ(cases[i].whole, plan.whole) {
			TH_LOG("case %zu", i);
		}
	}
}

/* A packet that fits into one segment is not passed as a super-packet. */
TEST(never_whole_where_one_is_enough)
{
	static const struct row rows_of_one[] = {
		{ .base = ROW_UDP4, .edit = { { OP_SIZE, 0, 3500 } } },
		{ .base = ROW_UDP4_IN6_CSUM, .edit = { { OP_SIZE, 0, 3500 } } },
	};
	struct segment_plan plan;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows_of_one); i++) {
		row_packet(&rows_of_one[i], &packet);
		packet.features.kernel = packet.features.guest;
		ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
		EXPECT_FALSE(plan.whole);
		EXPECT_EQ(1, plan.segments);
		EXPECT_EQ(0, plan.vnet.gso_type);
		EXPECT_EQ(0, plan.vnet.gso_size);
	}
}

static const struct offsets {
	enum row_base base;
	uint16_t outer_l3, outer_l4, l3, l4, header;
} offset_cases[] = {
	{ ROW_TCP4, 0, 0, 14, 34, 54 }, { ROW_TCP6, 0, 0, 14, 54, 74 },
	{ ROW_UDP4, 0, 0, 14, 34, 42 }, { ROW_UDP6, 0, 0, 14, 54, 62 },
	{ ROW_TCP4_IN4, 14, 34, 64, 84, 104 }, { ROW_UDP6_IN6, 14, 54, 84, 124, 132 },
};

TEST(offsets_of_headers)
{
	struct segment_plan plan;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(offset_cases); i++) {
		const struct offsets *o = &offset_cases[i];
		struct row row = { .base = o->base };

		row_packet(&row, &packet);
		ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
		EXPECT_EQ(o->outer_l3, plan.outer_l3);
		EXPECT_EQ(o->outer_l4, plan.outer_l4);
		EXPECT_EQ(o->l3, plan.l3);
		EXPECT_EQ(o->l4, plan.l4);
		EXPECT_EQ(o->header, plan.header);
		EXPECT_EQ(3500, plan.payload);
		EXPECT_EQ(1000, plan.mss);
		EXPECT_EQ(4, plan.segments);
	}
}

/* Various segment and tail sizes, especially odd ones. */
TEST(every_size)
{
	struct segment_plan plan;
	unsigned int base, size;

	for (base = 0; base < ROW_BASES; base++)
		for (size = 27; base != ROW_PLAIN && size < 3600; size += size < 200 ? 1 : 97) {
			struct row row = { .base = base, .edit = { { OP_SIZE, 0, size } } };

			row_packet(&row, &packet);
			if (!packet.h.gso_type || plan_exactly(&plan, &packet) ||
			    plan.kind <= SEGMENT_CHECKSUM)
				continue;
			EXPECT_TRUE(check_plan(&check, &plan, packet.frame, VNET_MERGEABLE)) {
				TH_LOG("base %u, size %u: %s", base, size, check.why);
			}
		}
}

/* IPv6 extension headers in front of what is fragmented stay in front. */
TEST(fragments_behind_extension_headers)
{
	static const struct row row = {
		.base = ROW_UFO6,
		.edit = { { OP_INSERT, 54, 16 }, { OP_BYTE, 20, 0 }, { OP_WORD, 54, 17 << 8 | 1 },
			  { OP_WORD, 18, 3524 } },
	};
	struct segment_template t;
	struct segment_plan plan;

	row_packet(&row, &packet);
	ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
	EXPECT_TRUE(check_plan(&check, &plan, packet.frame, VNET_MERGEABLE)) {
		TH_LOG("%s", check.why);
	}
	segment_begin(&t, &plan, packet.frame, 0, 0xa1b2c3d4, 0);
	EXPECT_EQ(70 + 8 + 8, segment_write(&t, 0, check.out));
	EXPECT_EQ(0, check.out[20]);
	EXPECT_EQ(IPPROTO_FRAGMENT, check.out[54]);
	EXPECT_EQ(IPPROTO_UDP, check.out[70]);
	EXPECT_EQ(0xa1b2c3d4, get_be32(check.out + 74));
}

/* RFC 9293: the pointer counts from the segment's own sequence number. */
TEST(urgent_pointer)
{
	static const struct row row = {
		.base = ROW_TCP4, .edit = { { OP_BYTE, 47, 0x38 }, { OP_WORD, 52, 1500 } },
	};
	static const uint16_t want[] = { 1500, 500, 0, 0 };
	struct segment_template t;
	struct segment_plan plan;
	uint32_t n;

	row_packet(&row, &packet);
	ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
	segment_begin(&t, &plan, packet.frame, 0, 0, 0);
	for (n = 0; n < 4; n++) {
		segment_write(&t, n, check.out);
		EXPECT_EQ(want[n], get_be16(check.out + 52));
		EXPECT_EQ(n < 2 ? 0x20 : 0, check.out[47] & 0x20);
	}
}

/* H17: of a UDP checksum, 0 is written as its other form. */
TEST(udp_checksum_of_zero)
{
	static const struct row row = { .base = ROW_UDP4 };
	struct segment_template t;
	struct segment_plan plan;
	uint32_t from, len;

	row_packet(&row, &packet);
	ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
	segment_begin(&t, &plan, packet.frame, VNET_LEGACY, 0, 0);
	segment_write(&t, 0, check.out);
	len = segment_range(&plan, 0, &from);
	segment_complete_csum(&t, check.out, csum_add(packet.frame + plan.header, len, 0));
	/* Choose the payload so that the sum is all ones. */
	put_be16(packet.frame + 42, slow_add(get_be16(packet.frame + 42),
					     get_be16(check.out + VNET_LEGACY + 40)));
	segment_write(&t, 0, check.out);
	segment_complete_csum(&t, check.out, csum_add(packet.frame + plan.header, len, 0));
	EXPECT_EQ(0xffff, get_be16(check.out + VNET_LEGACY + 40));
	EXPECT_EQ(0, check.out[0]);
}

TEST(checksum_of_one_frame)
{
	static const struct row open4 = { .base = ROW_OPEN4 }, open6 = { .base = ROW_OPEN6 };
	static const struct row one = { .base = ROW_TCP6, .edit = { { OP_SIZE, 0, 4000 } } };
	const struct row *list[] = { &open4, &open6, &one };
	struct segment_plan plan;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		uint8_t proto = i == 2 ? IPPROTO_TCP : IPPROTO_UDP;

		row_packet(list[i], &packet);
		ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
		ASSERT_EQ(SEGMENT_CHECKSUM, plan.kind);
		EXPECT_EQ(0, plan.vnet.gso_type);
		segment_checksum(&plan, packet.frame, packet.len);
		EXPECT_EQ(0xffff, slow_transport(packet.frame, plan.family, plan.l3, plan.l4,
						 packet.len, proto));
	}
}

TEST(checksum_of_one_frame_is_zero)
{
	static const struct row row = { .base = ROW_OPEN4 };
	struct segment_plan plan;

	row_packet(&row, &packet);
	ASSERT_EQ(SEGMENT_TAKEN, plan_exactly(&plan, &packet));
	segment_checksum(&plan, packet.frame, packet.len);
	put_be16(packet.frame + 42, slow_add(get_be16(packet.frame + 42),
					     get_be16(packet.frame + 40)));
	put_be16(packet.frame + 40, (uint16_t)(slow_transport(packet.frame, 4, 14, 34, 34, 17)));
	put_be16(packet.frame + 40, slow_add(get_be16(packet.frame + 40), 3508));
	segment_checksum(&plan, packet.frame, packet.len);
	EXPECT_EQ(0xffff, get_be16(packet.frame + 40));
}

TEST(names)
{
	int i;

	for (i = 0; i < SEGMENT_DROPS; i++)
		EXPECT_NE(NULL, segment_drop_name(i));
}

TEST_HARNESS_MAIN
