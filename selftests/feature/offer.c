// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * offer.c - what a host leaves of QEMU's properties
 */
#include "kselftest_harness.h"

#include <string.h>

#include "feature/offer.h"

FIXTURE(offer) {
	struct tapcompat_caps caps;
	struct tapcompat_offer o;
};

/* A QEMU with everything enabled, and a tap and vhost-net with everything. */
FIXTURE_SETUP(offer)
{
	static const enum tapcompat_backend_type types[] = { TAPCOMPAT_TAP, TAPCOMPAT_VHOST_NET };
	const struct tapcompat_feature *f;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		self->caps.backend[types[i]].availability = TAPCOMPAT_AVAILABLE;
		for_each_feature(f)
			if (feature_decided_by(f, types[i]))
				caps_set(&self->caps.backend[types[i]], f, TAPCOMPAT_NATIVE,
					 "%s", "");
	}
	for_each_feature(f)
		self->o.property[feature_index(f)] = (struct offer_property){
			.exists = true, .on = true, .by_default = true,
		};
	strcpy(self->o.qemu, "9.9.9");
	strcpy(self->o.machine, "pc-9.9");
}

FIXTURE_TEARDOWN(offer)
{
}

static const struct tapcompat_finding *row(struct _test_data_offer *self, const char *name)
{
	offer_conclude(&self->o, &self->caps);
	return &self->o.row[feature_index(tapcompat_feature_find(name))];
}

static struct offer_property *property(struct _test_data_offer *self, const char *name)
{
	return &self->o.property[feature_index(tapcompat_feature_find(name))];
}

static struct caps_feature *given(struct _test_data_offer *self, const char *name)
{
	return &self->caps.backend[self->o.backend]
			.feature[feature_index(tapcompat_feature_find(name))];
}

TEST_F(offer, everything)
{
	const struct tapcompat_feature *f;
	struct tapcompat_mask m;

	offer_conclude(&self->o, &self->caps);
	m = tapcompat_offer_mask(&self->o);
	for_each_feature(f)
		EXPECT_TRUE(tapcompat_mask_test(&m, f->bit)) {
			TH_LOG("%s", f->name);
		}
}

TEST_F(offer, layers_of_qemu)
{
	property(self, "host_uso")->exists = false;
	EXPECT_STREQ(CHECK_QEMU, row(self, "host_uso")->layer);
	EXPECT_STREQ("8.2", row(self, "host_uso")->since);
	property(self, "queue_reset")->on = false;
	EXPECT_STREQ(CHECK_MACHINE, row(self, "queue_reset")->layer);
	property(self, "packed")->on = property(self, "packed")->by_default = false;
	EXPECT_STREQ(CHECK_DEFAULT, row(self, "packed")->layer);
	EXPECT_NE(NULL, strstr(row(self, "packed")->detail, "packed=on"));
	property(self, "csum")->on = false;
	property(self, "csum")->named = true;
	EXPECT_STREQ(CHECK_DEFAULT, row(self, "csum")->layer);
	EXPECT_NE(NULL, strstr(row(self, "csum")->detail, "options"));
}

/* Which features depend on the host depends on vhost. */
TEST_F(offer, layers_of_the_host)
{
	given(self, "host_uso")->state = TAPCOMPAT_ABSENT;
	EXPECT_STREQ("kernel tap", row(self, "host_uso")->layer);
	EXPECT_EQ(TAPCOMPAT_PASS, row(self, "queue_reset")->verdict);
	self->o.backend = TAPCOMPAT_VHOST_NET;
	given(self, "queue_reset")->state = TAPCOMPAT_ABSENT;
	EXPECT_STREQ("vhost-net", row(self, "queue_reset")->layer);
	EXPECT_EQ(TAPCOMPAT_EXIT_LACKS, row(self, "queue_reset")->exit);
	given(self, "queue_reset")->state = TAPCOMPAT_UNKNOWN;
	EXPECT_EQ(TAPCOMPAT_EXIT_UNDECIDED, row(self, "queue_reset")->exit);
}

/* QEMU trusts the kernel: features that failed verification are offered. */
TEST_F(offer, by_the_kernels_word)
{
	struct caps_backend *b = &self->caps.backend[TAPCOMPAT_TAP];

	caps_verdict(b, tapcompat_feature_find("csum"), TAPCOMPAT_FAILED, "corrupted");
	caps_settle(b);
	ASSERT_EQ(TAPCOMPAT_ABSENT, given(self, "host_tso4")->state);
	EXPECT_EQ(TAPCOMPAT_PASS, row(self, "csum")->verdict);
	EXPECT_EQ(TAPCOMPAT_PASS, row(self, "host_tso4")->verdict);
}

TEST_F(offer, no_vhost)
{
	self->o.backend = TAPCOMPAT_VHOST_NET;
	caps_available(&self->caps.backend[TAPCOMPAT_VHOST_NET], TAPCOMPAT_UNAVAILABLE, "gone");
	EXPECT_EQ(TAPCOMPAT_FAIL, row(self, "csum")->verdict);
	EXPECT_STREQ("gone", row(self, "csum")->detail);
	EXPECT_EQ(0, tapcompat_offer_mask(&self->o).word[0]);
}

TEST_HARNESS_MAIN
