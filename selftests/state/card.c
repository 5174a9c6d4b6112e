// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * card.c - the section of a network card: parts, shapes, and versions to come
 */
#include "kselftest_harness.h"

#include "state_fixture.h"
#include "state/card.h"

static struct bytes real, b;

/* The first card's own bytes. */
static void card_bytes(const char *name)
{
	size_t start, end;

	load(&real, name);
	start = find(&real, "0000:00:02.0/virtio-net", 0) + 23 + 8;
	end = find(&real, "0000:00:01.0:00.0/virtio-net", start) - 6 - 5;
	b.len = 0;
	add(&b, real.data + start, end - start);
}

/* Read from memory that ends where the bytes do. */
static struct state_card card(void)
{
	struct state_card c = { .instance = 3 };
	uint8_t *own = malloc(b.len + !b.len);

	memcpy(own, b.data, b.len);
	card_read(&c, own, b.len);
	free(own);
	return c;
}

static void insert_part(const char *before, const char *name, const void *data, size_t len)
{
	static struct bytes part;

	part.len = 0;
	add_be(&part, 5, 1);
	add_text(&part, name);
	add_be(&part, 1, 4);
	add(&part, data, len);
	insert(&b, before ? find(&b, before, 0) - 2 : b.len, part.data, part.len);
}

TEST(high_features)
{
	struct state_card c;

	card_bytes("11.1");
	put_be32(b.data + find(&b, "virtio/128bit_features", 0) + 22 + 8, 6);
	c = card();
	EXPECT_TRUE(c.known);
	EXPECT_EQ(6, c.acked.word[1]);
	/* 7.2 has none: they are not held. */
	card_bytes("7.2");
	c = card();
	EXPECT_TRUE(c.known);
	EXPECT_EQ(0, c.acked.word[1]);
}

/* Offloads of tunnels have numbers of their own. */
TEST(tunnel_offloads)
{
	struct state_card c;
	size_t at;

	card_bytes("11.1");
	at = find(&b, "virtio/128bit_features", 0) - 2 - 8;
	b.data[at + 2] |= 0xc0;
	c = card();
	EXPECT_TRUE(c.known);
	EXPECT_EQ(0xc0000000000782, c.offloads.word[0]);
	EXPECT_EQ(6, c.offloads.word[1]);
}

TEST(without_driver)
{
	struct state_card c;
	size_t status;

	card_bytes("10.0");
	status = find(&b, "\x0f\x01", 0x160);
	b.data[status] = 0x0b;
	c = card();
	EXPECT_TRUE(c.known);
	EXPECT_FALSE(c.driver);
	EXPECT_EQ(0x0b, c.status);
}

TEST(rss_and_backend)
{
	uint8_t rss[3 + 4 + 2 + 2 + 40 + 8] = { 1, 1, 0, 0, 0, 0, 63, 0, 4 };
	uint8_t backend[4 + 5 + 4] = { 0, 0, 0, 5, 5, 4, 3, 2, 1 };
	struct state_card c;

	card_bytes("10.0");
	insert_part("virtio/64bit_features", "virtio-net-device/rss", rss, sizeof(rss));
	insert_part("virtio/64bit_features", "virtio-net-device/backend", backend,
		    sizeof(backend));
	c = card();
	EXPECT_TRUE(c.known);
	EXPECT_TRUE(c.backend_state);
	EXPECT_EQ(2, c.queue_pairs_max);
	put_be32(backend, 0xffffffff);
	insert_part("virtio/64bit_features", "virtio-net-device/backend", backend,
		    sizeof(backend));
	EXPECT_FALSE(card().known);
}

TEST(default_rings)
{
	static uint8_t rings[4096];
	struct state_card c;

	put_be32(rings, 1024);
	put_be32(rings + 4, 512);
	card_bytes("10.0");
	insert_part("virtio/extra_state", "virtio/ringsize", rings, sizeof(rings));
	c = card();
	EXPECT_TRUE(c.known);
	EXPECT_EQ(256, c.rx_ring);
	EXPECT_EQ(1024, c.rx_ring_default);
	EXPECT_EQ(512, c.tx_ring_default);
}

/* What a newer QEMU adds does no harm after the features, and is named before them. */
TEST(newer)
{
	struct state_card c;

	card_bytes("11.1");
	insert_part("virtio/virtqueues", "virtio/\033new", "12345", 5);
	c = card();
	EXPECT_TRUE(c.known);
	EXPECT_TRUE(tapcompat_mask_test(&c.acked, 32));
	card_bytes("11.1");
	insert_part("virtio/128bit_features", "virtio/\033new", "12345", 5);
	c = card();
	EXPECT_FALSE(c.known);
	EXPECT_TRUE(mask_empty(&c.acked));
	EXPECT_EQ(3, c.instance);
	EXPECT_NE(NULL, strstr(c.why, "\"virtio/\\x1bnew\""));
}

/* Cut between parts it has fewer parts, and cut anywhere else it is not to be read. */
TEST(cut_and_grown)
{
	unsigned int known = 0;
	size_t whole;

	card_bytes("7.2");
	whole = b.len;
	for (b.len = 0; b.len < whole; b.len += b.len < 1500 ? 1 : 13)
		known += card().known;
	EXPECT_LE(known, 6);
	b.len = whole;
	EXPECT_TRUE(card().known);
	add_be(&b, 0, 1);
	EXPECT_FALSE(card().known);
}

/* No value makes it read out of bounds, or take for ever. */
TEST(damaged)
{
	size_t i;

	card_bytes("11.1");
	for (i = 0; i < b.len; i += i < 1300 ? 1 : 61) {
		uint8_t was = b.data[i];

		b.data[i] = 0xff;
		card();
		b.data[i] = was;
	}
	EXPECT_TRUE(card().known);
}

TEST_HARNESS_MAIN
