// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emulated.c - features that tapcompat's shim can emulate: when they are reported and counted
 */
#include "kselftest_harness.h"

#include <string.h>

#include "feature/check.h"
#include "feature/provided.h"
#include "host_fixture.h"

FIXTURE(emulated) {
	struct tapcompat_caps caps;
	struct tapcompat_check c;
};

FIXTURE_SETUP(emulated)
{
	host_full(&self->caps, "a");
}

FIXTURE_TEARDOWN(emulated)
{
}

static struct caps_feature *row(struct _test_data_emulated *self,
				enum tapcompat_backend_type type, const char *name)
{
	const struct tapcompat_feature *f = tapcompat_feature_find(name);

	return &self->caps.backend[type].feature[feature_index(f)];
}

static enum tapcompat_state state(struct _test_data_emulated *self,
				  enum tapcompat_backend_type type, const char *name)
{
	return row(self, type, name)->state;
}

/* Everything is absent: the resulting states follow the table. */
TEST_F(emulated, by_the_table)
{
	const struct tapcompat_feature *f;
	int type;

	for_each_feature(f)
		host_set_all(&self->caps, f->name, TAPCOMPAT_ABSENT);
	caps_emulate(&self->caps);
	for (type = 0; type < TAPCOMPAT_BACKENDS; type++)
		for_each_feature(f) {
			enum tapcompat_state is = state(self, (enum tapcompat_backend_type)type,
							f->name);
			enum tapcompat_state ought = TAPCOMPAT_EMULATED;

			if (type == TAPCOMPAT_VHOST_VDPA || !feature_decided_by(f, type))
				ought = TAPCOMPAT_UNLISTED;
			else if (type == TAPCOMPAT_EBPF_RSS || f->emulation == TAPCOMPAT_BY_NOTHING)
				ought = TAPCOMPAT_ABSENT;
			EXPECT_EQ(ought, is) {
				TH_LOG("%s %s", tapcompat_backend_name(type), f->name);
			}
		}
}

TEST_F(emulated, native_and_unknown_stay)
{
	host_set_all(&self->caps, "host_uso", TAPCOMPAT_UNKNOWN);
	caps_emulate(&self->caps);
	EXPECT_EQ(TAPCOMPAT_UNKNOWN, state(self, TAPCOMPAT_TAP, "host_uso"));
	EXPECT_EQ(TAPCOMPAT_NATIVE, state(self, TAPCOMPAT_TAP, "csum"));
}

/* The shim cannot use an unavailable backend either. */
TEST_F(emulated, backend_stays_away)
{
	static const enum tapcompat_availability away[] = {
		TAPCOMPAT_NOT_ASKED, TAPCOMPAT_UNAVAILABLE, TAPCOMPAT_UNDECIDED,
	};
	size_t i;

	host_set_all(&self->caps, "host_uso", TAPCOMPAT_ABSENT);
	for (i = 0; i < ARRAY_SIZE(away); i++) {
		self->caps.backend[TAPCOMPAT_MACVTAP].availability = away[i];
		caps_emulate(&self->caps);
		EXPECT_EQ(away[i], self->caps.backend[TAPCOMPAT_MACVTAP].availability);
		EXPECT_EQ(TAPCOMPAT_ABSENT, state(self, TAPCOMPAT_MACVTAP, "host_uso"));
	}
	EXPECT_EQ(TAPCOMPAT_EMULATED, state(self, TAPCOMPAT_TAP, "host_uso"));
}

/* A feature that the kernel corrupts keeps its verdict and detail. */
TEST_F(emulated, failure_is_kept)
{
	const struct tapcompat_feature *uso = tapcompat_feature_find("host_uso");

	caps_verdict(&self->caps.backend[TAPCOMPAT_TAP], uso, TAPCOMPAT_FAILED, "%s", "lost");
	EXPECT_EQ(TAPCOMPAT_ABSENT, state(self, TAPCOMPAT_TAP, "host_uso"));
	caps_emulate(&self->caps);
	EXPECT_EQ(TAPCOMPAT_EMULATED, state(self, TAPCOMPAT_TAP, "host_uso"));
	EXPECT_EQ(TAPCOMPAT_FAILED, row(self, TAPCOMPAT_TAP, "host_uso")->verified);
	EXPECT_STREQ("lost", row(self, TAPCOMPAT_TAP, "host_uso")->detail);
}

/* The detail still holds when the needed feature is emulated. */
TEST_F(emulated, with_what_it_needs)
{
	host_set(&self->caps, TAPCOMPAT_TAP, "csum", TAPCOMPAT_ABSENT);
	caps_settle(&self->caps.backend[TAPCOMPAT_TAP]);
	caps_emulate(&self->caps);
	EXPECT_EQ(TAPCOMPAT_EMULATED, state(self, TAPCOMPAT_TAP, "host_uso"));
	EXPECT_STREQ("needs csum, which the kernel does not provide",
		     row(self, TAPCOMPAT_TAP, "host_uso")->detail);
}

/* ---- check ---- */

static int judged(struct _test_data_emulated *self, enum tapcompat_backend_type type,
		  const char *list, unsigned int flags)
{
	check_start(&self->c, tapcompat_backend_name(type), type, host_mask(list));
	check_caps(&self->c, &self->caps, flags);
	return tapcompat_check_exit(&self->c);
}

static const struct tapcompat_finding *finding(struct _test_data_emulated *self, const char *name)
{
	const struct tapcompat_finding *f;
	unsigned int i;

	for (i = 0; (f = tapcompat_check_at(&self->c, i)); i++)
		if (!strcmp(f->feature->name, name))
			return f;
	return NULL;
}

static bool way(struct _test_data_emulated *self, const char *text)
{
	const char *line;
	unsigned int i;

	for (i = 0; (line = tapcompat_check_way(&self->c, i)); i++)
		if (strstr(line, text))
			return true;
	return false;
}

/* Counts if allowed, whether the feature is missing or corrupted. */
TEST_F(emulated, check)
{
	const struct tapcompat_feature *uso = tapcompat_feature_find("host_uso");
	struct tapcompat_mask mask = host_mask("host_uso");

	host_set(&self->caps, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_EMULATED);
	EXPECT_EQ(1, judged(self, TAPCOMPAT_TAP, "csum,host_uso", 0));
	EXPECT_TRUE(mask_empty(&self->c.emulated));
	EXPECT_TRUE(way(self, "start QEMU with 'tapcompat run'"));
	EXPECT_EQ(0, judged(self, TAPCOMPAT_TAP, "csum,host_uso", TAPCOMPAT_CHECK_ALLOW_EMULATED));
	EXPECT_TRUE(mask_equal(&mask, &self->c.emulated));
	EXPECT_EQ(TAPCOMPAT_PASS, finding(self, "host_uso")->verdict);
	EXPECT_STREQ("emulated: start QEMU with 'tapcompat run'",
		     finding(self, "host_uso")->detail);
	EXPECT_STREQ("", finding(self, "csum")->detail);
	caps_verdict(&self->caps.backend[TAPCOMPAT_TAP], uso, TAPCOMPAT_FAILED, "%s", "lost");
	caps_emulate(&self->caps);
	EXPECT_EQ(4, judged(self, TAPCOMPAT_TAP, "csum,host_uso", 0));
	EXPECT_STREQ("lost", finding(self, "host_uso")->detail);
	EXPECT_TRUE(way(self, "start QEMU with 'tapcompat run'"));
	EXPECT_EQ(0, judged(self, TAPCOMPAT_TAP, "csum,host_uso", TAPCOMPAT_CHECK_ALLOW_EMULATED));
}

/* With a tap and vhost-net, the row of vhost-net counts. */
TEST_F(emulated, check_of_two_layers)
{
	host_set(&self->caps, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_EMULATED);
	host_set(&self->caps, TAPCOMPAT_VHOST_NET, "host_uso", TAPCOMPAT_ABSENT);
	EXPECT_NE(0, judged(self, TAPCOMPAT_VHOST_NET, "csum,host_uso",
			    TAPCOMPAT_CHECK_ALLOW_EMULATED));
	host_set(&self->caps, TAPCOMPAT_VHOST_NET, "host_uso", TAPCOMPAT_EMULATED);
	EXPECT_EQ(0, judged(self, TAPCOMPAT_VHOST_NET, "csum,host_uso",
			    TAPCOMPAT_CHECK_ALLOW_EMULATED));
	host_set(&self->caps, TAPCOMPAT_VHOST_NET, "queue_reset", TAPCOMPAT_EMULATED);
	EXPECT_EQ(1, judged(self, TAPCOMPAT_VHOST_NET, "queue_reset", 0));
	EXPECT_EQ(0, judged(self, TAPCOMPAT_VHOST_NET, "queue_reset",
			    TAPCOMPAT_CHECK_ALLOW_EMULATED));
}

/* Features of vhost-net only, while tapcompat's device replaces it. */
TEST_F(emulated, not_together)
{
	const unsigned int allow = TAPCOMPAT_CHECK_ALLOW_EMULATED;

	host_set_all(&self->caps, "host_uso", TAPCOMPAT_EMULATED);
	EXPECT_EQ(0, judged(self, TAPCOMPAT_VHOST_NET, "csum,iommu_platform,rss,mq", allow));
	EXPECT_EQ(1, judged(self, TAPCOMPAT_VHOST_NET, "csum,host_uso,iommu_platform,rss,mq",
			    allow));
	EXPECT_EQ(TAPCOMPAT_PASS, finding(self, "host_uso")->verdict);
	EXPECT_EQ(TAPCOMPAT_PASS, finding(self, "rss")->verdict);
	EXPECT_EQ(TAPCOMPAT_PASS, finding(self, "mq")->verdict);
	EXPECT_EQ(TAPCOMPAT_FAIL, finding(self, "iommu_platform")->verdict);
	EXPECT_STREQ("tapcompat's device", finding(self, "iommu_platform")->layer);
	EXPECT_NE(NULL, strstr(finding(self, "iommu_platform")->detail, "host_uso"));
	EXPECT_TRUE(way(self, "iommu_platform=off"));
	EXPECT_FALSE(way(self, "newer kernel"));
	/* With a tap alone QEMU implements the rings. */
	EXPECT_EQ(0, judged(self, TAPCOMPAT_TAP, "csum,host_uso,iommu_platform", allow));
}

/* ---- provided ---- */

TEST_F(emulated, provided)
{
	const struct tapcompat_feature *uso = tapcompat_feature_find("host_uso");
	struct tapcompat_mask one = host_mask("host_uso"), none;
	struct provided g;

	/* QEMU accepts it; without the shim it is not counted. */
	caps_verdict(&self->caps.backend[TAPCOMPAT_TAP], uso, TAPCOMPAT_FAILED, "%s", "lost");
	caps_emulate(&self->caps);
	g = provided_of(&self->caps, TAPCOMPAT_TAP);
	EXPECT_TRUE(tapcompat_mask_test(&g.accepted, 56));
	EXPECT_FALSE(tapcompat_mask_test(&g.counted, 56));
	EXPECT_TRUE(mask_equal(&one, &g.emulated));
	none = provided_emulated(&g, MASK_ALL);
	EXPECT_TRUE(mask_empty(&none));
	provided_add_emulated(&g, MASK_ALL);
	EXPECT_TRUE(tapcompat_mask_test(&g.counted, 56));
	EXPECT_TRUE(tapcompat_mask_test(&g.counted, 33));
	one = provided_emulated(&g, MASK_ALL);
	EXPECT_TRUE(tapcompat_mask_test(&one, 56));
}

/* With one of two backends QEMU implements it, with the other one the shim is needed. */
TEST_F(emulated, provided_with_both)
{
	struct tapcompat_mask carried;
	struct provided tap, vhost, both;

	host_set_all(&self->caps, "queue_reset", TAPCOMPAT_EMULATED);
	tap = provided_of(&self->caps, TAPCOMPAT_TAP);
	vhost = provided_of(&self->caps, TAPCOMPAT_VHOST_NET);
	both = provided_both(tap, vhost);
	EXPECT_FALSE(tapcompat_mask_test(&both.counted, 40));
	EXPECT_TRUE(tapcompat_mask_test(&both.counted, 33));
	provided_add_emulated(&tap, host_mask("queue_reset"));
	provided_add_emulated(&vhost, host_mask("queue_reset"));
	both = provided_both(tap, vhost);
	EXPECT_TRUE(tapcompat_mask_test(&both.counted, 40));
	carried = provided_emulated(&both, MASK_ALL);
	EXPECT_TRUE(tapcompat_mask_test(&carried, 40));
	/* The shim replaces vhost-net, so features of vhost-net only are lost. */
	EXPECT_FALSE(tapcompat_mask_test(&both.possible, 33));
	EXPECT_TRUE(tapcompat_mask_test(&both.counted, 60));
	provided_add_emulated(&vhost, MASK_NONE);
	EXPECT_FALSE(tapcompat_mask_test(&vhost.counted, 33));
}

/* tapcompat's device needs a tap, but no vhost-net. */
TEST_F(emulated, without_vhost_net)
{
	const enum tapcompat_backend_type vhost = TAPCOMPAT_VHOST_NET;
	const unsigned int allow = TAPCOMPAT_CHECK_ALLOW_EMULATED;

	host_set(&self->caps, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_ABSENT);
	caps_emulate(&self->caps);
	self->caps.backend[vhost].availability = TAPCOMPAT_UNAVAILABLE;
	EXPECT_EQ(1, judged(self, vhost, "csum,host_uso,event_idx", 0));
	EXPECT_TRUE(way(self, "tapcompat run"));
	EXPECT_EQ(0, judged(self, vhost, "csum,host_uso,event_idx,ctrl_guest_offloads", allow));
	EXPECT_EQ(1, judged(self, vhost, "csum,packed", allow));
	caps_verdict(&self->caps.backend[TAPCOMPAT_TAP], tapcompat_feature_find("mq"),
		     TAPCOMPAT_FAILED, "%s", "lost");
	EXPECT_NE(0, judged(self, vhost, "mq", allow));
	self->caps.backend[TAPCOMPAT_TAP].availability = TAPCOMPAT_UNAVAILABLE;
	EXPECT_EQ(1, judged(self, vhost, "csum", allow));
}

TEST_HARNESS_MAIN
