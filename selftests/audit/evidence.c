// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * evidence.c - what follows from evidence, and where a machine can go with it
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/against.h"
#include "audit/audit.h"

static struct tapcompat_mask bits(uint64_t low)
{
	return (struct tapcompat_mask){ { low, 0 } };
}

static struct audit_card card_with(enum audit_source source, uint64_t held, uint64_t not_held)
{
	struct audit_card card = { .virtio = true, .link = AUDIT_LINK_TAP };

	audit_evidence(&card, source, bits(held), bits(not_held), "test");
	audit_settle(&card);
	return card;
}

TEST(nothing_is_unknown)
{
	struct audit_card card = { .virtio = true };

	audit_settle(&card);
	EXPECT_EQ(AUDIT_UNKNOWN, audit_state(&card, 0));
	EXPECT_EQ(AUDIT_SOURCES, audit_rests_on(&card, 0));
}

/* A driver that is too old for it has not acked what the record has. */
TEST(the_guest_overrides_its_record)
{
	struct audit_card card = card_with(AUDIT_RECORD, 0x3, 0x80);

	EXPECT_EQ(AUDIT_HELD, audit_state(&card, 0));
	EXPECT_EQ(AUDIT_RECORD, audit_rests_on(&card, 1));
	audit_evidence(&card, AUDIT_GUEST, bits(0x1), bits(0x82), "test");
	audit_settle(&card);
	EXPECT_EQ(AUDIT_NOT_HELD, audit_state(&card, 1));
	EXPECT_EQ(AUDIT_GUEST, audit_rests_on(&card, 1));
	EXPECT_EQ(AUDIT_RECORD, audit_rests_on(&card, 0));
	EXPECT_EQ(0, card.disputed.word[0]);
}

TEST(what_disagrees_is_unknown)
{
	struct audit_card card = card_with(AUDIT_RECORD, 0, 0x80);

	audit_evidence(&card, AUDIT_KERNEL, bits(0x80), bits(0), "test");
	audit_settle(&card);
	EXPECT_EQ(AUDIT_UNKNOWN, audit_state(&card, 7));
	EXPECT_EQ(0x80, card.disputed.word[0]);
	EXPECT_EQ(AUDIT_SOURCES, audit_rests_on(&card, 7));
}

#define NET "1110011111111111111111111110110011000000110000000000000000000000"
#define BLOCK "0010011011000110000000000000110010000000000000000000000000000000"

TEST(bit_strings)
{
	struct audit_machine m = { .cards = 0 };
	struct tapcompat_error error = { "" };

	ASSERT_EQ(0, audit_guest_text(&m, BLOCK "\n" NET "\n", "f", &error));
	ASSERT_EQ(1, m.cards);
	EXPECT_TRUE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_GUEST].held, 0));
	EXPECT_TRUE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_GUEST].not_held, 56));
	/* A kernel that prints 64 digits has no more bits. */
	EXPECT_TRUE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_GUEST].not_held, 67));
	/* Of a machine with one card, two strings cannot both be. */
	EXPECT_EQ(-EINVAL, audit_guest_text(&m, NET "\n" NET "\n", "f", &error));
	free(m.card);
}

TEST(bit_strings_that_are_none)
{
	static const char *const texts[] = {
		"", "0101", BLOCK "\n", NET "0", "\x1b[31m", "0x3000ff87",
	};
	struct tapcompat_error error;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct audit_machine m = { .cards = 0 };

		error.text[0] = '\0';
		EXPECT_EQ(-EINVAL, audit_guest_text(&m, texts[i], "\033f", &error));
		EXPECT_EQ(0, strncmp(error.text, "\\x1bf: ", 7));
		EXPECT_EQ(0, m.cards);
	}
}

/* A host with some features, of a kernel. */
static struct tapcompat_caps *host(const char *name, const char *kernel, uint64_t lacks,
				   uint64_t unknown)
{
	struct tapcompat_caps *caps = calloc(1, sizeof(*caps));
	const struct tapcompat_feature *f;
	unsigned int i;

	strcpy(caps->host, name);
	strcpy(caps->kernel, kernel);
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		caps->backend[i].availability = TAPCOMPAT_AVAILABLE;
		for_each_feature(f) {
			uint64_t bit = f->bit < 64 ? 1ull << f->bit : 0;

			caps->backend[i].feature[feature_index(f)].state =
				bit & lacks ? TAPCOMPAT_ABSENT :
				bit & unknown ? TAPCOMPAT_UNKNOWN : TAPCOMPAT_NATIVE;
		}
	}
	return caps;
}

#define USO (1ull << 56)
#define RESET (1ull << 40)

TEST(verdicts)
{
	struct against g = { .places = 0 };
	struct audit_card holds = card_with(AUDIT_GUEST, USO | 1, ~(USO | 1));
	struct audit_card not = card_with(AUDIT_GUEST, 1, ~1ull);
	struct audit_card perhaps = card_with(AUDIT_KERNEL, 2, 0);
	struct audit_card ring = card_with(AUDIT_GUEST, RESET, ~RESET);
	struct audit_verdict v;

	ASSERT_EQ(0, against_host(&g, host("old1", "6.1.0-50", USO | RESET, 0)));
	ASSERT_EQ(0, against_host(&g, host("old2", "6.1.0-51", USO | RESET, 0)));
	ASSERT_EQ(0, against_host(&g, host("new", "6.12.1", 0, 0)));
	ASSERT_EQ(0, against_host(&g, host("dark", "6.12.1", 0, USO)));
	ASSERT_EQ(3, g.places);
	EXPECT_EQ(2, g.place[0].hosts);
	v = against_card(&g.place[0], &holds);
	EXPECT_EQ(AUDIT_CANNOT_GO, v.go);
	EXPECT_EQ(USO, v.lacks.word[0]);
	EXPECT_EQ(AUDIT_CAN_GO, against_card(&g.place[0], &not).go);
	v = against_card(&g.place[0], &perhaps);
	EXPECT_EQ(AUDIT_GO_UNKNOWN, v.go);
	EXPECT_EQ(USO, v.unsure.word[0]);
	EXPECT_EQ(AUDIT_CAN_GO, against_card(&g.place[1], &holds).go);
	EXPECT_EQ(AUDIT_CAN_GO, against_card(&g.place[1], &perhaps).go);
	EXPECT_EQ(AUDIT_GO_UNKNOWN, against_card(&g.place[2], &holds).go);
	/* Without vhost-net the ring is QEMU's own; and it may be without. */
	EXPECT_EQ(AUDIT_CAN_GO, against_card(&g.place[0], &ring).go);
	ring.link = AUDIT_LINK_VHOST;
	EXPECT_EQ(AUDIT_CANNOT_GO, against_card(&g.place[0], &ring).go);
	ring.link = AUDIT_LINK_UNKNOWN;
	EXPECT_EQ(AUDIT_GO_UNKNOWN, against_card(&g.place[0], &ring).go);
	ring.link = AUDIT_LINK_OTHER;
	EXPECT_EQ(AUDIT_CAN_GO, against_card(&g.place[0], &ring).go);
	against_free(&g);
}

TEST_HARNESS_MAIN
