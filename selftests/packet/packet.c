// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet.c - find headers, without reading past the end
 */
#include "kselftest_harness.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"
#include "packet/flow.h"
#include "packet/packet.h"

static struct flow flow_of(uint8_t family, uint8_t proto)
{
	struct flow f = { .proto = proto, .payload = 40, .sport = 1, .dport = 2 };

	f.ip.family = family;
	f.ip.ttl = 64;
	return f;
}

TEST(offsets)
{
	static const struct {
		uint8_t family, proto;
		size_t l4, payload;
	} cases[] = {
		{ 4, IPPROTO_UDP, 34, 42 }, { 4, IPPROTO_TCP, 34, 54 },
		{ 6, IPPROTO_UDP, 54, 62 }, { 6, IPPROTO_TCP, 54, 74 },
	};
	uint8_t frame[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct flow f = flow_of(cases[i].family, cases[i].proto);
		struct packet p;
		struct vnet h;
		size_t len = flow_build(&f, frame, &h);

		ASSERT_EQ(0, packet_parse(frame, len, 0, &p));
		EXPECT_EQ(cases[i].family, p.family);
		EXPECT_EQ(cases[i].proto, p.proto);
		EXPECT_EQ(14, p.l3);
		EXPECT_EQ(cases[i].l4, p.l4);
		EXPECT_EQ(cases[i].payload, p.payload);
		EXPECT_EQ(len, p.end);
		EXPECT_FALSE(p.fragment);
	}
}

/* Cut at every length: an exact allocation lets a sanitizer see any overrun. */
TEST(truncated_everywhere)
{
	static const uint8_t families[] = { 4, 6 };
	uint8_t frame[256];
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		struct flow f = flow_of(families[i], IPPROTO_TCP);
		struct vnet h;
		size_t len = flow_build(&f, frame, &h);

		for (n = 0; n < len; n++) {
			uint8_t *cut = malloc(n ? n : 1);
			struct packet p;

			ASSERT_NE(NULL, cut);
			memcpy(cut, frame, n);
			EXPECT_NE(0, packet_parse(cut, n, 0, &p));
			free(cut);
		}
	}
}

/* Every value of every byte of the headers: offsets stay in the frame. */
TEST(any_byte_of_the_headers)
{
	static const uint8_t families[] = { 4, 6 }, protos[] = { IPPROTO_UDP, IPPROTO_TCP };
	uint8_t frame[256];
	size_t a, b, at;
	int value;

	for (a = 0; a < ARRAY_SIZE(families); a++)
		for (b = 0; b < ARRAY_SIZE(protos); b++) {
			struct flow f = flow_of(families[a], protos[b]);
			struct vnet h;
			size_t len = flow_build(&f, frame, &h);
			uint8_t *copy = malloc(len);

			ASSERT_NE(NULL, copy);
			for (at = 0; at < 80; at++)
				for (value = 0; value < 256; value++) {
					struct packet p;

					memcpy(copy, frame, len);
					copy[at] = (uint8_t)value;
					if (packet_parse(copy, len, 0, &p))
						continue;
					ASSERT_LE(p.l4, p.payload);
					ASSERT_LE(p.payload, p.end);
					ASSERT_LE(p.end, len);
					packet_pseudo(copy, &p, 1);
				}
			free(copy);
		}
}

TEST(fragments)
{
	struct flow f = flow_of(4, IPPROTO_UDP);
	uint8_t frame[256];
	struct packet p;
	struct vnet h;
	size_t len = flow_build(&f, frame, &h);

	put_be16(frame + 20, 0x2000 | 185);
	ASSERT_EQ(0, packet_parse(frame, len, 0, &p));
	EXPECT_TRUE(p.fragment);
	EXPECT_TRUE(p.more);
	EXPECT_EQ(1480, p.fragment_offset);
	EXPECT_EQ(p.l4, p.payload);

	f = flow_of(6, IPPROTO_UDP);
	len = flow_build(&f, frame, &h);
	memmove(frame + 62, frame + 54, len - 54);
	frame[20] = IPPROTO_FRAGMENT;
	put_be16(frame + 18, (uint16_t)(len - 54 + 8));
	frame[54] = IPPROTO_UDP;
	put_be16(frame + 56, 1448 | 1);
	put_be32(frame + 58, 0x12345678);
	ASSERT_EQ(0, packet_parse(frame, len + 8, 0, &p));
	EXPECT_TRUE(p.fragment && p.more);
	EXPECT_EQ(1448, p.fragment_offset);
	EXPECT_EQ(0x12345678, p.fragment_id);
	EXPECT_EQ(62, p.l4);
}

TEST(what_it_does_not_know)
{
	struct flow f = flow_of(4, IPPROTO_UDP);
	uint8_t frame[256];
	struct packet p;
	struct vnet h;
	size_t len = flow_build(&f, frame, &h);

	frame[12] = 0x08, frame[13] = 0x06;	/* ARP */
	EXPECT_NE(0, packet_parse(frame, len, 0, &p));
	flow_build(&f, frame, &h);
	frame[23] = IPPROTO_ICMP;
	EXPECT_NE(0, packet_parse(frame, len, 0, &p));
	flow_build(&f, frame, &h);
	frame[14] = 0x46;			/* options */
	EXPECT_NE(0, packet_parse(frame, len, 0, &p));
	EXPECT_NE(0, packet_parse(frame, len, len + 1, &p));
}

TEST_HARNESS_MAIN
