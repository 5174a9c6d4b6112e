// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check.c - findings and ways out for hosts that lack features
 */
#include "kselftest_harness.h"

#include <string.h>

#include "feature/check.h"

FIXTURE(check) {
	struct tapcompat_caps caps;
	struct tapcompat_check c;
};

/* A host whose tap and vhost-net have everything, verified. */
FIXTURE_SETUP(check)
{
	const struct tapcompat_feature *f;
	int type;

	for (type = 0; type < TAPCOMPAT_BACKENDS; type++) {
		struct caps_backend *b = &self->caps.backend[type];

		b->availability = TAPCOMPAT_AVAILABLE;
		for_each_feature(f)
			if (feature_decided_by(f, (enum tapcompat_backend_type)type)) {
				caps_set(b, f, TAPCOMPAT_NATIVE, "%s", "");
				caps_verdict(b, f, TAPCOMPAT_PASSED, "%s", "");
				tapcompat_mask_set(&b->vhost_features, f->bit);
			}
	}
}

FIXTURE_TEARDOWN(check)
{
}

static int judged(struct _test_data_check *self, enum tapcompat_backend_type type,
		  const char *list, unsigned int flags)
{
	struct tapcompat_mask require;

	if (tapcompat_require_parse(list, &require, NULL))
		return -1;
	check_start(&self->c, tapcompat_backend_name(type), type, require);
	check_caps(&self->c, &self->caps, flags);
	return tapcompat_check_exit(&self->c);
}

static const struct tapcompat_finding *finding(struct _test_data_check *self, const char *name)
{
	const struct tapcompat_finding *f;
	unsigned int i;

	for (i = 0; (f = tapcompat_check_at(&self->c, i)); i++)
		if (!strcmp(f->feature->name, name))
			return f;
	return NULL;
}

static void set(struct _test_data_check *self, enum tapcompat_backend_type type,
		const char *name, enum tapcompat_state state, enum tapcompat_verified verified)
{
	const struct tapcompat_feature *f = tapcompat_feature_find(name);
	struct caps_backend *b = &self->caps.backend[type];

	caps_set(b, f, state, "seen so");
	b->feature[feature_index(f)].verified = verified;
}

static bool way(struct _test_data_check *self, const char *text)
{
	const char *w;
	unsigned int i;

	for (i = 0; (w = tapcompat_check_way(&self->c, i)); i++)
		if (strstr(w, text))
			return true;
	return false;
}

TEST_F(check, all_there)
{
	EXPECT_EQ(0, judged(self, TAPCOMPAT_TAP, "csum,host_uso", 0));
	EXPECT_EQ(2, self->c.findings);
	EXPECT_EQ(TAPCOMPAT_PASS, finding(self, "host_uso")->verdict);
	EXPECT_EQ(NULL, tapcompat_check_way(&self->c, 0));
}

/* Every missing feature is named with its layer and release. */
TEST_F(check, missing)
{
	set(self, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	set(self, TAPCOMPAT_TAP, "host_tunnel", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(1, judged(self, TAPCOMPAT_TAP, "csum,host_tso4,host_uso,host_tunnel", 0));
	EXPECT_EQ(TAPCOMPAT_FAIL, finding(self, "host_uso")->verdict);
	EXPECT_STREQ("kernel tap", finding(self, "host_uso")->layer);
	EXPECT_STREQ("6.2", finding(self, "host_uso")->since);
	EXPECT_STREQ("seen so", finding(self, "host_uso")->detail);
	EXPECT_EQ(TAPCOMPAT_FAIL, finding(self, "host_tunnel")->verdict);
	EXPECT_TRUE(way(self, "Linux 6.17"));
	EXPECT_TRUE(way(self, "host_uso=off,host_tunnel=off"));
	EXPECT_TRUE(way(self, "--model=tapnet-v1"));
}

/* Features that depend on the missing one are disabled as well. */
TEST_F(check, dropped_together)
{
	set(self, TAPCOMPAT_TAP, "csum", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(1, judged(self, TAPCOMPAT_TAP, "csum,guest_csum,host_tso4,host_uso", 0));
	EXPECT_TRUE(way(self, "csum=off,host_tso4=off,host_uso=off"));
	EXPECT_FALSE(way(self, "guest_csum=off"));
	EXPECT_FALSE(way(self, "--model"));
}

TEST_F(check, broken)
{
	set(self, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_ABSENT, TAPCOMPAT_FAILED);
	EXPECT_EQ(4, judged(self, TAPCOMPAT_TAP, "csum,host_uso", 0));
	EXPECT_TRUE(way(self, "accepts host_uso and corrupts"));
	/* A missing feature takes precedence. */
	set(self, TAPCOMPAT_TAP, "host_ufo", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(1, judged(self, TAPCOMPAT_TAP, "csum,host_uso,host_ufo", 0));
}

TEST_F(check, ineffective_or_unproven_warns)
{
	set(self, TAPCOMPAT_TAP, "guest_ufo", TAPCOMPAT_NATIVE, TAPCOMPAT_INEFFECTIVE);
	set(self, TAPCOMPAT_TAP, "mq", TAPCOMPAT_NATIVE, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(0, judged(self, TAPCOMPAT_TAP, "guest_csum,guest_ufo,mq", 0));
	EXPECT_EQ(TAPCOMPAT_WARN, finding(self, "guest_ufo")->verdict);
	EXPECT_EQ(TAPCOMPAT_WARN, finding(self, "mq")->verdict);
}

TEST_F(check, unknown)
{
	set(self, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_UNKNOWN, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(3, judged(self, TAPCOMPAT_TAP, "csum,host_uso", 0));
	set(self, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_UNLISTED, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(3, judged(self, TAPCOMPAT_TAP, "csum,host_uso", 0));
}

TEST_F(check, emulated)
{
	set(self, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_EMULATED, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(1, judged(self, TAPCOMPAT_TAP, "csum,host_uso", 0));
	EXPECT_TRUE(way(self, "--allow-emulated"));
	EXPECT_EQ(0, judged(self, TAPCOMPAT_TAP, "csum,host_uso",
			    TAPCOMPAT_CHECK_ALLOW_EMULATED));
}

/* With vhost=off QEMU implements the rings, with vhost=on it does not. */
TEST_F(check, rings)
{
	set(self, TAPCOMPAT_VHOST_NET, "queue_reset", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(0, judged(self, TAPCOMPAT_TAP, "queue_reset", 0));
	EXPECT_EQ(1, judged(self, TAPCOMPAT_VHOST_NET, "queue_reset", 0));
	EXPECT_STREQ("vhost-net", finding(self, "queue_reset")->layer);
	EXPECT_TRUE(way(self, "vhost=off"));
}

/* Of the two layers used by vhost=on, the one that lacks it is named. */
TEST_F(check, layers_of_vhost)
{
	set(self, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	set(self, TAPCOMPAT_VHOST_NET, "host_uso", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	set(self, TAPCOMPAT_VHOST_NET, "host_tunnel", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	set(self, TAPCOMPAT_VHOST_NET, "rss", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	EXPECT_EQ(1, judged(self, TAPCOMPAT_VHOST_NET,
			    "csum,host_uso,host_tso4,host_tunnel,rss", 0));
	EXPECT_STREQ("kernel tap", finding(self, "host_uso")->layer);
	EXPECT_STREQ("vhost-net", finding(self, "host_tunnel")->layer);
	EXPECT_STREQ("eBPF steering", finding(self, "rss")->layer);
}

/* A backend known to be unavailable lacks everything. */
TEST_F(check, no_backend)
{
	caps_available(&self->caps.backend[TAPCOMPAT_MACVTAP], TAPCOMPAT_UNAVAILABLE, "gone");
	EXPECT_EQ(1, judged(self, TAPCOMPAT_MACVTAP, "csum,mrg_rxbuf", 0));
	EXPECT_STREQ("gone", finding(self, "csum")->detail);
	EXPECT_TRUE(way(self, "a tap on a bridge"));
	caps_available(&self->caps.backend[TAPCOMPAT_MACVTAP], TAPCOMPAT_UNDECIDED, "hidden");
	EXPECT_EQ(3, judged(self, TAPCOMPAT_MACVTAP, "csum", 0));
	caps_available(&self->caps.backend[TAPCOMPAT_MACVTAP], TAPCOMPAT_NOT_ASKED, "%s", "");
	EXPECT_EQ(3, judged(self, TAPCOMPAT_MACVTAP, "csum", 0));
}

/* A newer kernel and a newer QEMU, if both are needed, are one way out. */
TEST_F(check, qemu_and_kernel)
{
	const struct tapcompat_feature *uso = tapcompat_feature_find("host_uso");
	struct tapcompat_mask require;

	tapcompat_require_parse("csum,host_uso", &require, NULL);
	check_start(&self->c, "pc", TAPCOMPAT_TAP, require);
	check_add(&self->c, uso, TAPCOMPAT_FAIL, 1, CHECK_QEMU, uso->qemu, "%s", "");
	check_conclude(&self->c, &self->caps, 0);
	EXPECT_TRUE(way(self, "a newer QEMU: 8.2"));
	EXPECT_TRUE(way(self, "stop requiring host_uso"));
	set(self, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	check_start(&self->c, "pc", TAPCOMPAT_TAP, require);
	check_add(&self->c, uso, TAPCOMPAT_FAIL, 1, CHECK_QEMU, uso->qemu, "%s", "");
	check_conclude(&self->c, &self->caps, 0);
	EXPECT_TRUE(way(self, "Linux 6.2 and QEMU 8.2"));
	/* No newer kernel is suggested if this one should have it. */
	strcpy(self->caps.kernel, "6.18.1-generic");
	check_start(&self->c, "pc", TAPCOMPAT_TAP, require);
	check_add(&self->c, uso, TAPCOMPAT_FAIL, 1, CHECK_QEMU, uso->qemu, "%s", "");
	check_conclude(&self->c, &self->caps, 0);
	EXPECT_FALSE(way(self, "Linux 6."));
	EXPECT_EQ(1, judged(self, TAPCOMPAT_TAP, "csum,host_uso", 0));
	EXPECT_TRUE(way(self, "security module that refuses it"));
	EXPECT_FALSE(way(self, "run a newer kernel"));
}

/* Enabling a property is suggested only if the host has the feature. */
TEST_F(check, machine_type)
{
	const struct tapcompat_feature *uso = tapcompat_feature_find("host_uso");
	struct tapcompat_mask require;

	tapcompat_require_parse("csum,host_uso", &require, NULL);
	check_start(&self->c, "pc", TAPCOMPAT_TAP, require);
	check_add(&self->c, uso, TAPCOMPAT_FAIL, 1, CHECK_MACHINE, "", "%s", "");
	check_conclude(&self->c, &self->caps, 0);
	EXPECT_TRUE(way(self, "host_uso=on"));
	EXPECT_FALSE(way(self, "=off"));
	set(self, TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	check_start(&self->c, "pc", TAPCOMPAT_TAP, require);
	check_add(&self->c, uso, TAPCOMPAT_FAIL, 1, CHECK_MACHINE, "", "%s", "");
	check_conclude(&self->c, &self->caps, 0);
	EXPECT_FALSE(way(self, "=on"));
}

/* All features at once: every finding fits. */
TEST_F(check, everything)
{
	const struct tapcompat_feature *f;
	char list[1024] = "";

	for_each_feature(f)
		sprintf(list + strlen(list), "%s%s", *list ? "," : "", f->name);
	EXPECT_EQ(0, judged(self, TAPCOMPAT_VHOST_VDPA, list, 0));
	EXPECT_EQ(FEATURE_COUNT, self->c.findings);
	memset(&self->caps.backend[TAPCOMPAT_VHOST_VDPA], 0, sizeof(struct caps_backend));
	caps_available(&self->caps.backend[TAPCOMPAT_VHOST_VDPA], TAPCOMPAT_UNAVAILABLE, "gone");
	EXPECT_EQ(1, judged(self, TAPCOMPAT_VHOST_VDPA, list, 0));
}

/* A machine with everything on a host with nothing: the flags are not truncated. */
TEST_F(check, everything_fits)
{
	const struct tapcompat_feature *f;

	check_start(&self->c, "", TAPCOMPAT_VHOST_VDPA, features_all());
	self->c.running = true;
	for_each_feature(f)
		set(self, TAPCOMPAT_VHOST_VDPA, f->name, TAPCOMPAT_ABSENT, TAPCOMPAT_UNTESTED);
	check_caps(&self->c, &self->caps, 0);
	EXPECT_TRUE(way(self, "ctrl_guest_offloads=off: a running guest keeps its features")) {
		TH_LOG("%s", tapcompat_check_way(&self->c, 0));
	}
}

TEST_HARNESS_MAIN
