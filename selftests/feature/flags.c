// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flags.c - features as QEMU's options, and how machines land
 */
#include "kselftest_harness.h"

#include <string.h>

#include "feature/flags.h"
#include "host_fixture.h"

#include <tapcompat_fleet.h>

static const struct flags_qemu newest = { .known = true };

TEST(order)
{
	static const struct {
		const char *on, *off, *text;
	} cases[] = {
		{ "", "", "" },
		/* A1 and A2 */
		{ "", "queue_reset,guest_uso6,guest_uso4,host_uso",
		  "host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off" },
		{ USO, "", "host_uso=on,guest_uso4=on,guest_uso6=on" },
		/* Transmit, receive, queues, rings, the rest. */
		{ "ctrl_guest_offloads,mq,host_tunnel", "packed,guest_csum,csum,rss",
		  "csum=off,host_tunnel=on,guest_csum=off,mq=on,rss=off,packed=off,"
		  "ctrl_guest_offloads=on" },
	};
	char text[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tapcompat_device_options(host_mask(cases[i].on), host_mask(cases[i].off), text,
					 sizeof(text));
		EXPECT_STREQ(cases[i].text, text);
	}
}

/* Each feature appears once; bits without a row do not. */
TEST(complete)
{
	const struct tapcompat_mask all = { { ~0ull, ~0ull } }, none = { { 0, 0 } };
	struct flag list[FEATURE_COUNT];
	unsigned int i, n = flags_list((struct flags){ .on = all }, list);
	struct tapcompat_mask seen = none;
	char text[512], small[12];

	EXPECT_EQ(FEATURE_COUNT, n);
	for (i = 0; i < n; i++) {
		EXPECT_FALSE(tapcompat_mask_test(&seen, list[i].feature->bit));
		EXPECT_TRUE(list[i].on);
		EXPECT_TRUE(!i || list[i - 1].feature->direction <= list[i].feature->direction);
		tapcompat_mask_set(&seen, list[i].feature->bit);
	}
	EXPECT_EQ(0, flags_list((struct flags){ .on = host_bit(71), .off = host_bit(5) }, list));
	/* All of them fit where they are printed. */
	flags_text((struct flags){ .off = all }, text, sizeof(text));
	EXPECT_EQ(NULL, strstr(text, "..."));
	flags_text((struct flags){ .off = all }, small, sizeof(small));
	EXPECT_STREQ("csum=off...", small);
}

/* Counted implies accepted, and accepted implies possible. */
TEST(provided)
{
	static struct tapcompat_caps caps;
	struct provided tap, vhost;
	struct caps_backend *b;

	host_full(&caps, "a");
	host_set_all(&caps, "host_uso", TAPCOMPAT_EMULATED);
	host_set_all(&caps, "guest_uso4", TAPCOMPAT_UNKNOWN);
	host_set_all(&caps, "guest_uso6", TAPCOMPAT_UNLISTED);
	host_set_all(&caps, "queue_reset", TAPCOMPAT_ABSENT);
	b = &caps.backend[TAPCOMPAT_TAP];
	caps_verdict(b, tapcompat_feature_find("guest_tso4"), TAPCOMPAT_FAILED, "%s", "lost");
	tap = provided_of(&caps, TAPCOMPAT_TAP);
	EXPECT_FALSE(tapcompat_mask_test(&tap.possible, 56));
	EXPECT_TRUE(tapcompat_mask_test(&tap.emulated, 56));
	EXPECT_FALSE(tapcompat_mask_test(&tap.accepted, 54));
	EXPECT_TRUE(tapcompat_mask_test(&tap.possible, 54));
	EXPECT_TRUE(tapcompat_mask_test(&tap.possible, 55));
	EXPECT_FALSE(tapcompat_mask_test(&tap.counted, 7));
	EXPECT_TRUE(tapcompat_mask_test(&tap.accepted, 7));	/* QEMU offers it */
	EXPECT_TRUE(tapcompat_mask_test(&tap.counted, 40));	/* implemented by QEMU there */
	provided_add_emulated(&tap, MASK_ALL);
	EXPECT_TRUE(tapcompat_mask_test(&tap.counted, 56));
	EXPECT_FALSE(tapcompat_mask_test(&tap.counted, 54));
	vhost = provided_of(&caps, TAPCOMPAT_VHOST_NET);
	EXPECT_FALSE(tapcompat_mask_test(&vhost.possible, 40));
	EXPECT_TRUE(tapcompat_mask_test(&vhost.counted, 2));
	/* With both, a feature is counted if each has it, and offered if any has it. */
	vhost = provided_both(tap, vhost);
	EXPECT_FALSE(tapcompat_mask_test(&vhost.possible, 40));
	EXPECT_TRUE(tapcompat_mask_test(&vhost.offered, 40));
	vhost = provided_of(&caps, TAPCOMPAT_VHOST_VDPA);
	EXPECT_TRUE(mask_empty(&vhost.possible));
}

TEST(landing)
{
	static const struct {
		const char *what, *acked, *lacked, *flags, *lacks;
	} cases[] = {
		{ "as it is", "csum,guest_csum", "", "", "" },
		{ "A1: features newer than a machine type are named, as it may disable them",
		  "csum,guest_csum," USO, "", "host_uso=on,guest_uso4=on,guest_uso6=on", "" },
		{ "A2: and it lacks them", "csum,guest_csum," USO ",queue_reset",
		  USO ",queue_reset", "",
		  USO ",queue_reset" },
		{ "one of them", "csum," USO, "host_uso", "guest_uso4=on,guest_uso6=on",
		  "host_uso" },
		{ "above 64 bits", "csum,host_tunnel", "", "host_tunnel=on", "" },
		{ "what is off in QEMU is said as well", "csum,mq,packed", "",
		  "mq=on,packed=on", "" },
		{ "nothing that QEMU has off is switched off", "csum", "mq,packed", "", "" },
	};
	struct tapcompat_mask all = features_by_default(), acked, given;
	const struct tapcompat_feature *f;
	size_t i;

	for_each_feature(f)
		tapcompat_mask_set(&all, f->bit);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct landing l;
		struct tapcompat_mask gained, on, lacks = host_mask(cases[i].lacks);
		char text[512];

		acked = host_mask(cases[i].acked);
		given = mask_minus(all, host_mask(cases[i].lacked));
		l = landing_at(acked, &(struct provided){
				.counted = given, .accepted = given, .possible = given,
				.offered = given }, &newest);
		on = l.flags.on;
		flags_text((struct flags){ .on = on }, text, sizeof(text));
		EXPECT_STREQ(cases[i].flags, text) {
			TH_LOG("%s", cases[i].what);
		}
		EXPECT_TRUE(mask_equal(&lacks, &l.lacks)) {
			TH_LOG("%s", cases[i].what);
		}
		/* The machine gains no feature and loses no acked one. */
		gained = mask_minus(mask_minus(mask_or(mask_and(given, features_by_default()),
						       l.flags.on), l.flags.off), acked);
		EXPECT_TRUE(mask_empty(&gained)) {
			TH_LOG("%s: gains %llx", cases[i].what, (long long)gained.word[0]);
		}
		EXPECT_FALSE(mask_intersects(&l.flags.off, &acked));
		EXPECT_FALSE(mask_intersects(&l.flags.on, &l.flags.off));
	}
}

/* Bits implemented by QEMU land; J9: unknown bits do not. */
TEST(landing_of_other_bits)
{
	struct provided all = { MASK_ALL, MASK_ALL, MASK_ALL, MASK_ALL, MASK_NONE, MASK_NONE };
	struct tapcompat_mask unknown = host_bit(71);
	struct landing l = landing_at(mask_or(host_bit(5), host_bit(32)), &all, &newest);

	EXPECT_TRUE(mask_empty(&l.lacks));
	l = landing_at(mask_or(host_bit(5), unknown), &all, &newest);
	EXPECT_TRUE(mask_equal(&unknown, &l.lacks));
}

/* Features that the kernel corrupts land, unknown ones may not. */
TEST(landing_in_doubt)
{
	struct tapcompat_mask uso = host_mask("host_uso"), rest = mask_minus(MASK_ALL, uso);
	struct provided corrupted = { rest, MASK_ALL, MASK_ALL, MASK_ALL, MASK_NONE, MASK_NONE };
	struct provided doubt = { rest, rest, MASK_ALL, MASK_ALL, MASK_NONE, MASK_NONE };
	struct flags_qemu old = flags_qemu("7.2");
	struct landing l = landing_at(uso, &corrupted, &newest);

	EXPECT_TRUE(mask_empty(&l.lacks) && mask_empty(&l.unknown));
	EXPECT_TRUE(mask_equal(&uso, &l.flags.on));
	l = landing_at(uso, &doubt, &newest);
	EXPECT_TRUE(mask_empty(&l.lacks));
	EXPECT_TRUE(mask_equal(&uso, &l.unknown));
	/* A machine must not gain it, but an old QEMU has no such property. */
	l = landing_at(MASK_NONE, &doubt, &newest);
	EXPECT_TRUE(mask_contains(&l.flags.off, &uso));
	l = landing_at(MASK_NONE, &doubt, &old);
	EXPECT_FALSE(mask_intersects(&l.flags.off, &uso));
}

/* Which flags remain for which QEMU, and which are for newer ones. */
TEST(known)
{
	static const struct {
		const char *qemu, *acked, *on, *off, *flags, *later;
	} cases[] = {
		{ "", "", "", "queue_reset," USO, "queue_reset=off",
		  "QEMU 8.2 and later also need host_uso=off,guest_uso4=off,guest_uso6=off" },
		{ "", "", "", USO "," TUNNEL, "",
		  "QEMU 8.2 and later also need host_uso=off,guest_uso4=off,guest_uso6=off; "
		  "QEMU 10.2 and later also need host_tunnel=off,host_tunnel_csum=off,"
		  "guest_tunnel=off,guest_tunnel_csum=off" },
		/* A QEMU that has one feature has all that are older. */
		{ "", "guest_uso4", "", "host_uso,host_tunnel", "host_uso=off",
		  "QEMU 10.2 and later also need host_tunnel=off" },
		{ "", "", "in_order", "host_uso,host_tunnel", "host_uso=off,in_order=on",
		  "QEMU 10.2 and later also need host_tunnel=off" },
		{ "", "host_tunnel", "", "host_uso,host_tunnel_csum",
		  "host_uso=off,host_tunnel_csum=off", "" },
		{ "7.2", "", "", "queue_reset,host_uso", "queue_reset=off", "" },
		{ "7.1.9", "", "mq,host_uso", "queue_reset", "mq=on", "" },
		{ "10.0.2", "", "host_uso", "guest_uso4,host_tunnel",
		  "host_uso=on,guest_uso4=off", "" },
		{ "10.2", "", "", "host_uso,host_tunnel", "host_uso=off,host_tunnel=off", "" },
	};
	char text[FLAGS_TEXT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct flags flags = { host_mask(cases[i].on), host_mask(cases[i].off) }, later;
		struct flags_qemu qemu = flags_qemu(cases[i].qemu);

		flags = flags_known(flags, &qemu, host_mask(cases[i].acked), &later);
		flags_text(flags, text, sizeof(text));
		EXPECT_STREQ(cases[i].flags, text);
		flags_later_text(later, text, sizeof(text));
		EXPECT_STREQ(cases[i].later, text);
	}
}

/* A machine's feature that its QEMU does not have. */
TEST(landing_on_an_old_qemu)
{
	struct provided all = { MASK_ALL, MASK_ALL, MASK_ALL, MASK_ALL, MASK_NONE, MASK_NONE };
	struct tapcompat_mask uso = host_mask("host_uso");
	struct flags_qemu old = flags_qemu("8.1");
	struct landing l = landing_at(mask_or(uso, host_mask("csum")), &all, &old);

	EXPECT_TRUE(mask_equal(&uso, &l.lacks));
	EXPECT_TRUE(mask_empty(&l.flags.on));
}

TEST_HARNESS_MAIN
