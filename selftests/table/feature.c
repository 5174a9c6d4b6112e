// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * feature.c - the table of features has what other programs rely on
 */
#include "kselftest_harness.h"

#include <ctype.h>
#include <string.h>

#include "feature/require.h"
#include "table/feature.h"

/* Names and bits of the virtio specification and QEMU. */
static const struct {
	const char *name;
	unsigned int bit;
	const char *alias;
} published[] = {
	{ "csum", 0, "CSUM" },
	{ "guest_csum", 1, "GUEST_CSUM" },
	{ "ctrl_guest_offloads", 2, "CTRL_GUEST_OFFLOADS" },
	{ "guest_tso4", 7, "GUEST_TSO4" },
	{ "guest_tso6", 8, "GUEST_TSO6" },
	{ "guest_ecn", 9, "GUEST_ECN" },
	{ "guest_ufo", 10, "GUEST_UFO" },
	{ "host_tso4", 11, "HOST_TSO4" },
	{ "host_tso6", 12, "HOST_TSO6" },
	{ "host_ecn", 13, "HOST_ECN" },
	{ "host_ufo", 14, "HOST_UFO" },
	{ "mrg_rxbuf", 15, "MRG_RXBUF" },
	{ "mq", 22, "MQ" },
	{ "indirect_desc", 28, "VIRTIO_RING_F_INDIRECT_DESC" },
	{ "event_idx", 29, "VIRTIO_RING_F_EVENT_IDX" },
	{ "iommu_platform", 33, "ACCESS_PLATFORM" },
	{ "packed", 34, "VIRTIO_F_RING_PACKED" },
	{ "in_order", 35, "IN_ORDER" },
	{ "queue_reset", 40, "RING_RESET" },
	{ "guest_uso4", 54, "GUEST_USO4" },
	{ "guest_uso6", 55, "VIRTIO_NET_F_GUEST_USO6" },
	{ "host_uso", 56, "VIRTIO_NET_F_HOST_USO" },
	{ "hash", 57, "HASH_REPORT" },
	{ "rss", 60, "RSS" },
	{ "guest_tunnel", 65, "GUEST_UDP_TUNNEL_GSO" },
	{ "guest_tunnel_csum", 66, "GUEST_UDP_TUNNEL_GSO_CSUM" },
	{ "host_tunnel", 67, "HOST_UDP_TUNNEL_GSO" },
	{ "host_tunnel_csum", 68, "HOST_UDP_TUNNEL_GSO_CSUM" },
};

/* Releases against the tags of QEMU. */
TEST(releases)
{
	static const struct {
		const char *name, *qemu;
	} tags[] = {
		{ "csum", "0.12" }, { "guest_csum", "0.12" }, { "ctrl_guest_offloads", "1.6" },
		{ "guest_tso4", "0.12" }, { "guest_tso6", "0.12" }, { "guest_ecn", "0.12" },
		{ "guest_ufo", "0.12" }, { "host_tso4", "0.12" }, { "host_tso6", "0.12" },
		{ "host_ecn", "0.12" }, { "host_ufo", "0.12" }, { "mrg_rxbuf", "0.11" },
		{ "mq", "1.4" }, { "indirect_desc", "0.11" }, { "event_idx", "0.15" },
		{ "iommu_platform", "2.9" }, { "packed", "4.2" }, { "in_order", "9.1" },
		{ "queue_reset", "7.2" }, { "host_uso", "8.2" }, { "hash", "5.1" },
		{ "rss", "5.1" }, { "host_tunnel", "10.2" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tags); i++)
		EXPECT_STREQ(tags[i].qemu, tapcompat_feature_find(tags[i].name)->qemu);
	EXPECT_STREQ("2.6.32", tapcompat_feature_find("guest_ufo")->linux_tap);
}

TEST(names_and_bits)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(published); i++) {
		const struct tapcompat_feature *f = tapcompat_feature_at(i);

		ASSERT_NE(NULL, f);
		EXPECT_STREQ(published[i].name, f->name);
		EXPECT_EQ(published[i].bit, f->bit);
	}
	EXPECT_EQ(NULL, tapcompat_feature_at(i));
	EXPECT_EQ(NULL, tapcompat_feature_at(~0u));
}

TEST(found_by_any_name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(published); i++) {
		const struct tapcompat_feature *f = tapcompat_feature_at(i);
		char lower[64];
		size_t n;

		EXPECT_EQ(f, tapcompat_feature_find(published[i].name));
		EXPECT_EQ(f, tapcompat_feature_find(published[i].alias));
		EXPECT_EQ(f, tapcompat_feature_find(f->spec));
		for (n = 0; f->spec[n] && n < sizeof(lower) - 1; n++)
			lower[n] = (char)tolower(f->spec[n]);
		lower[n] = '\0';
		EXPECT_EQ(f, tapcompat_feature_find(lower));
	}
	EXPECT_EQ(NULL, tapcompat_feature_find(""));
	EXPECT_EQ(NULL, tapcompat_feature_find("uso"));
	EXPECT_EQ(NULL, tapcompat_feature_find("VIRTIO_NET_F_"));
	EXPECT_EQ(NULL, tapcompat_feature_find("host_uso "));
}

/* What a row needs is in the table, and no row needs itself. */
TEST(needs_are_features)
{
	const struct tapcompat_feature *f, *other;
	unsigned int bit;

	for_each_feature(f) {
		struct tapcompat_mask all = f->needs;

		all.word[0] |= f->needs_any.word[0];
		all.word[1] |= f->needs_any.word[1];
		EXPECT_FALSE(tapcompat_mask_test(&all, f->bit));
		for (bit = 0; bit < 128; bit++) {
			bool known = false;

			for_each_feature(other)
				known |= other->bit == bit;
			EXPECT_TRUE(known || !tapcompat_mask_test(&all, bit)) {
				TH_LOG("%s needs bit %u", f->name, bit);
			}
		}
	}
}

/* Names in an exclusion are features, and nothing that needs one of them is left on. */
TEST(exclusions)
{
	const struct tapcompat_exclusion *e;
	const struct tapcompat_feature *f;
	struct tapcompat_mask named, off, on;
	unsigned int i;

	for (i = 0; (e = tapcompat_exclusion_at(i)); i++) {
		EXPECT_EQ(e, tapcompat_exclusion_find(e->name));
		ASSERT_EQ(0, tapcompat_require_parse(e->features, &named, NULL));
		off = tapcompat_exclusion_features(e);
		EXPECT_TRUE(mask_equal(&named, &off));
		on = mask_minus(MASK_ALL, off);
		for_each_feature(f)
			EXPECT_TRUE(tapcompat_mask_test(&off, f->bit) ||
				    feature_satisfied(f, &on)) {
				TH_LOG("%s needs what %s has off", f->name, e->name);
			}
	}
	EXPECT_EQ(1, i);
	EXPECT_EQ(NULL, tapcompat_exclusion_find("xdp"));
	EXPECT_NE(NULL, tapcompat_exclusion_find("XDP-v1"));
}

/* A guest needs guest_csum for anything that it receives, and csum to send. */
TEST(checksum_is_a_precondition)
{
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		if (!f->tun_flags)
			continue;
		EXPECT_TRUE(f->tun_flags & TUN_F_CSUM) {
			TH_LOG("%s", f->name);
		}
		EXPECT_EQ(!!(f->tun_flags & TUN_F_USO4), !!(f->tun_flags & TUN_F_USO6));
	}
}

/* If a feature can be emulated, so can all that it needs. */
TEST(emulation)
{
	static const enum tapcompat_emulation of[] = {
		[TAPCOMPAT_SENDS] = TAPCOMPAT_BY_SEGMENTS,
		[TAPCOMPAT_RECEIVES] = TAPCOMPAT_BY_SPLITS,
		[TAPCOMPAT_QUEUES] = TAPCOMPAT_BY_NOTHING,
		[TAPCOMPAT_RINGS] = TAPCOMPAT_BY_DEVICE,
		[TAPCOMPAT_CONTROLS] = TAPCOMPAT_BY_NOTHING,
	};
	const struct tapcompat_feature *f, *need;

	for_each_feature(f) {
		if (f->emulation == TAPCOMPAT_BY_NOTHING)
			continue;
		EXPECT_EQ(of[f->direction], f->emulation) {
			TH_LOG("%s", f->name);
		}
		for_each_feature(need)
			EXPECT_FALSE((tapcompat_mask_test(&f->needs, need->bit) ||
				      tapcompat_mask_test(&f->needs_any, need->bit)) &&
				     need->emulation == TAPCOMPAT_BY_NOTHING);
	}
}

TEST(rows_are_complete)
{
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		bool offload = f->direction == TAPCOMPAT_SENDS ||
			       f->direction == TAPCOMPAT_RECEIVES;

		EXPECT_EQ(offload, f->tun_flags != 0);
		EXPECT_TRUE(!offload || f->families);
		EXPECT_TRUE(f->libvirt[0] && f->linux_tap[0] && f->linux_macvtap[0]);
		EXPECT_TRUE(f->linux_vhost[0] && f->qemu[0] && f->about[0]);
		EXPECT_TRUE(f == feature_table || f[-1].bit < f->bit);
	}
}

TEST_HARNESS_MAIN
