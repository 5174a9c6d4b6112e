// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flow.c - super-packets as they are built, against frames computed elsewhere
 */
#include "kselftest_harness.h"

#include <netinet/in.h>
#include <string.h>

#include "ground/bytes.h"
#include "packet/csum.h"
#include "packet/flow.h"
#include "packet/packet.h"
#include "table/feature.h"

static const struct ether ether = {
	.src = { 0x02, 0x7c, 0, 0, 0, 1 }, .dst = { 0x02, 0x7c, 0, 0, 0, 2 },
};

/* Both were built, with their checksums, by another program. */
static const uint8_t golden_udp4[] = {
	0x02, 0x7c, 0x00, 0x00, 0x00, 0x02, 0x02, 0x7c, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00,
	0x45, 0x03, 0x00, 0x21, 0xbe, 0xef, 0x40, 0x00, 0x3f, 0x11, 0xf8, 0xd5, 0xc0, 0x00,
	0x02, 0x02, 0xc0, 0x00, 0x02, 0x01, 0x03, 0xe8, 0x07, 0xd0, 0x00, 0x0d, 0x9d, 0x8b,
	0x09, 0xa8, 0x46, 0xe4, 0x82,
};

static const uint8_t golden_tcp6[] = {
	0x02, 0x7c, 0x00, 0x00, 0x00, 0x02, 0x02, 0x7c, 0x00, 0x00, 0x00, 0x01, 0x86, 0xdd,
	0x60, 0x20, 0x00, 0x00, 0x00, 0x19, 0x06, 0x40, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x01,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x20, 0x01, 0x0d, 0xb8,
	0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0xe8,
	0x07, 0xd0, 0xff, 0xff, 0xff, 0xf0, 0x10, 0x20, 0x30, 0x40, 0x50, 0x98, 0x43, 0x21,
	0x5b, 0x96, 0x00, 0x00, 0x09, 0xa8, 0x46, 0xe4, 0x82,
};

TEST(golden_udp_over_ipv4)
{
	struct flow f = {
		.ether = ether, .proto = IPPROTO_UDP, .sport = 1000, .dport = 2000,
		.payload = 5, .seed = 0x1234,
		.ip = { .family = 4, .src = { 192, 0, 2, 2 }, .dst = { 192, 0, 2, 1 },
			.tos = 3, .ttl = 63, .id = 0xbeef, .df = true },
	};
	uint8_t frame[128];
	struct vnet h;

	ASSERT_EQ(sizeof(golden_udp4), flow_build(&f, frame, &h));
	EXPECT_EQ(0, memcmp(golden_udp4, frame, sizeof(golden_udp4)));
	EXPECT_EQ(0, h.flags);
	EXPECT_EQ(0, h.gso_type);
}

TEST(golden_tcp_over_ipv6_with_open_checksum)
{
	struct flow f = {
		.ether = ether, .proto = IPPROTO_TCP, .sport = 1000, .dport = 2000,
		.payload = 5, .seed = 0x1234, .seq = 0xfffffff0, .ack = 0x10203040,
		.window = 0x4321, .tcp_flags = TCP_ACK | TCP_PSH | TCP_CWR, .partial_csum = true,
		.ip = { .family = 6, .tos = 2, .ttl = 64,
			.src = { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 2 },
			.dst = { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 1 } },
	};
	uint8_t frame[128];
	struct vnet h;

	ASSERT_EQ(sizeof(golden_tcp6), flow_build(&f, frame, &h));
	EXPECT_EQ(0, memcmp(golden_tcp6, frame, sizeof(golden_tcp6)));
	EXPECT_EQ(VIRTIO_NET_HDR_F_NEEDS_CSUM, h.flags);
	EXPECT_EQ(54, h.csum_start);
	EXPECT_EQ(16, h.csum_offset);
}

/* Virtio 1.3, 5.1.6: sizes, and bytes in little-endian order. */
TEST(vnet_header)
{
	const struct vnet h = {
		.flags = 9, .gso_type = 0x25, .hdr_len = 0x0102, .gso_size = 0x0304,
		.csum_start = 0x0506, .csum_offset = 0x0708, .num_buffers = 0x090a,
		.outer_th = 0x0b0c, .inner_nh = 0x0d0e,
	};
	static const uint8_t want[VNET_TUNNEL] = {
		9, 0x25, 2, 1, 4, 3, 6, 5, 8, 7, 0x0a, 9, [20] = 0x0c, 0x0b, 0x0e, 0x0d,
	};
	static const size_t sizes[] = { VNET_LEGACY, VNET_MERGEABLE, VNET_HASH, VNET_TUNNEL };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint8_t bytes[VNET_TUNNEL + 1];
		struct vnet back;

		memset(bytes, 0xee, sizeof(bytes));
		vnet_encode(&h, bytes, sizes[i]);
		EXPECT_EQ(0, memcmp(want, bytes, sizes[i]));
		EXPECT_EQ(0xee, bytes[sizes[i]]);
		vnet_decode(&back, bytes, sizes[i]);
		EXPECT_EQ(h.csum_offset, back.csum_offset);
		EXPECT_EQ(sizes[i] >= VNET_MERGEABLE ? h.num_buffers : 0, back.num_buffers);
		EXPECT_EQ(sizes[i] >= VNET_TUNNEL ? h.inner_nh : 0, back.inner_nh);
	}
}

TEST(tunnel_headers)
{
	struct tunnel t = { .ether = ether, .sport = 77, .vni = 0x123456,
			    .ip = { .family = 6, .ttl = 9 } };
	struct flow f = { .ether = ether, .proto = IPPROTO_UDP, .tunnel = &t, .payload = 4000,
			  .gso_type = VIRTIO_NET_HDR_GSO_UDP_L4, .gso_size = 1000,
			  .partial_csum = true, .ip = { .family = 4 } };
	static uint8_t frame[FRAME_MAX];
	struct packet outer, inner;
	struct vnet h;
	size_t len = flow_build(&f, frame, &h);

	ASSERT_EQ(0, packet_parse(frame, len, 0, &outer));
	EXPECT_EQ(VXLAN_PORT, get_be16(frame + outer.l4 + 2));
	EXPECT_EQ(0x12345600, get_be32(frame + outer.payload + 4));
	ASSERT_EQ(0, packet_parse(frame, len, outer.payload + VXLAN_LEN, &inner));
	EXPECT_EQ(outer.l4, h.outer_th);
	EXPECT_EQ(inner.l3, h.inner_nh);
	EXPECT_EQ(inner.l4, h.csum_start);
	EXPECT_EQ(VIRTIO_NET_HDR_GSO_UDP_L4 | VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6, h.gso_type);
	EXPECT_EQ(len, inner.end);
	EXPECT_EQ(len, outer.end);
}

/* The outer checksum of a single frame is not completed later. */
TEST(outer_checksum_of_a_plain_frame)
{
	static const uint8_t families[] = { 4, 6 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		struct tunnel t = { .ether = ether, .csum = true,
				    .ip = { .family = families[i], .ttl = 9 } };
		struct flow f = { .ether = ether, .proto = IPPROTO_TCP, .tunnel = &t,
				  .payload = 33, .ip = { .family = 4 } };
		uint8_t frame[256];
		struct packet p;
		struct vnet h;
		size_t len = flow_build(&f, frame, &h);
		uint32_t sum;

		ASSERT_EQ(0, packet_parse(frame, len, 0, &p));
		EXPECT_NE(0, get_be16(frame + p.l4 + 6));
		sum = packet_pseudo(frame, &p, (uint32_t)(len - p.l4));
		EXPECT_EQ(0xffff, csum_fold(csum_add(frame + p.l4, len - p.l4, sum)));
	}
}

TEST(reversed)
{
	struct tunnel t = { .ether = ether, .ip = { .family = 4, .src = { 1 }, .dst = { 2 } } };
	struct flow f = { .ether = ether, .sport = 1, .dport = 2, .tunnel = &t, .payload = 9,
			  .ip = { .family = 6, .src = { 3 }, .dst = { 4 } } };
	struct tunnel back;
	struct flow b = flow_reverse(&f, &back);

	EXPECT_EQ(2, b.sport);
	EXPECT_EQ(1, b.dport);
	EXPECT_EQ(4, b.ip.src[0]);
	EXPECT_EQ(2, b.tunnel->ip.src[0]);
	EXPECT_EQ(0, memcmp(ether.dst, b.ether.src, 6));
	EXPECT_EQ(0, b.payload);
	b = flow_reverse(&b, &back);
	EXPECT_EQ(1, b.tunnel->ip.src[0]);
	EXPECT_EQ(3, b.ip.src[0]);
}

TEST_HARNESS_MAIN
