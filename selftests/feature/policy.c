// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * policy.c - what is emulated and what is hidden: words, limits, and what follows from them
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <string.h>

#include "feature/policy.h"
#include "feature/require.h"
#include "host_fixture.h"

FIXTURE(policy) {
	struct policy p;
	struct tapcompat_error error;
	char text[448];
};

FIXTURE_SETUP(policy)
{
}

FIXTURE_TEARDOWN(policy)
{
}

static int parse(struct _test_data_policy *self, const char *emulate, const char *mask)
{
	int ret = 0;

	self->p = (struct policy){ .mode = POLICY_AUTO };
	if (emulate)
		ret = policy_parse_emulate(&self->p, emulate, &self->error);
	if (!ret && mask)
		ret = policy_parse_mask(&self->p, mask, &self->error);
	return ret ? ret : policy_check(&self->p, &self->error);
}

static const char *names(struct _test_data_policy *self, struct tapcompat_mask mask)
{
	mask_names(&mask, self->text, sizeof(self->text));
	return self->text;
}

/* What is read and written again means the same. */
TEST_F(policy, words)
{
	static const struct {
		const char *emulate, *mask, *emulate_again, *mask_again;
	} row[] = {
		{ NULL, NULL, "auto", "" },
		{ "auto", "host_uso", "auto", "host_uso" },
		{ "all", "csum", "all", "csum" },
		{ "none", "event_idx:host_ufo", "none", "host_ufo,event_idx" },
		{ "HOST_USO,VIRTIO_NET_F_CSUM", "csum", "csum,host_uso", "csum" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		ASSERT_EQ(0, parse(self, row[i].emulate, row[i].mask)) {
			TH_LOG("%s", self->error.text);
		}
		policy_format_emulate(&self->p, self->text, sizeof(self->text));
		EXPECT_STREQ(row[i].emulate_again, self->text);
		policy_format_mask(&self->p, self->text, sizeof(self->text));
		EXPECT_STREQ(row[i].mask_again, self->text);
	}
	ASSERT_EQ(0, policy_parse_mask(&self->p, "mrg_rxbuf", &self->error));
	policy_format_mask(&self->p, self->text, sizeof(self->text));
	EXPECT_STREQ("csum,mrg_rxbuf", self->text);
}

TEST_F(policy, refused)
{
	static const struct {
		const char *emulate, *mask, *says;
	} row[] = {
		{ "some", NULL, "unknown feature 'some'" },
		{ "", NULL, "empty name in the list" },
		{ "none,csum", NULL, "unknown feature 'none'" },
		{ "csum,mq,packed", NULL, "tapcompat cannot emulate mq,packed" },
		{ NULL, "nonsense", "unknown feature 'nonsense'" },
		{ NULL, "csum,rss,mq", "cannot mask mq,rss: the shim does not control it; start "
				       "QEMU with -device virtio-net-pci,...,mq=off,rss=off" },
		{ "none", "csum",
		  "cannot hide csum: QEMU assumes it with a vnet header; emulate it too, or start "
		  "QEMU with -device virtio-net-pci,...,csum=off" },
		{ "csum", "csum,host_uso,host_tso4,guest_ecn",
		  "cannot hide guest_ecn,host_tso4: QEMU assumes them" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		memset(&self->error, 0, sizeof(self->error));
		EXPECT_EQ(-EINVAL, parse(self, row[i].emulate, row[i].mask));
		EXPECT_NE(NULL, strstr(self->error.text, row[i].says)) {
			TH_LOG("%s", self->error.text);
		}
	}
}

/* One that fails changes nothing that was masked before. */
TEST_F(policy, refused_list_adds_nothing)
{
	ASSERT_EQ(0, parse(self, NULL, "csum"));
	EXPECT_EQ(-EINVAL, policy_parse_mask(&self->p, "host_uso,rss", &self->error));
	EXPECT_STREQ("csum", names(self, self->p.masked));
}

TEST_F(policy, levels)
{
	static const char *const words[] = { "error", "warning", "info", "debug" };
	enum tapcompat_shim_level level;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		EXPECT_EQ(0, policy_parse_level(words[i], &level, &self->error));
		EXPECT_EQ(i, level);
	}
	EXPECT_EQ(0, policy_parse_level(NULL, &level, &self->error));
	EXPECT_EQ(TAPCOMPAT_SHIM_WARNING, level);
	EXPECT_EQ(0, policy_parse_level("", &level, &self->error));
	EXPECT_EQ(TAPCOMPAT_SHIM_WARNING, level);
	EXPECT_EQ(-EINVAL, policy_parse_level("lo\033ud", &level, &self->error));
	EXPECT_STREQ("'lo\\x1bud' is not one of error, warning, info, debug", self->error.text);
}

TEST_F(policy, engines)
{
	static const char *const words[] = { "auto", "vhost", "uring", "plain" };
	enum tapcompat_shim_engine engine;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		EXPECT_EQ(0, policy_parse_engine(words[i], &engine, &self->error));
		EXPECT_EQ(i, engine);
	}
	EXPECT_EQ(0, policy_parse_engine(NULL, &engine, &self->error));
	EXPECT_EQ(TAPCOMPAT_SHIM_AUTO, engine);
	EXPECT_EQ(-EINVAL, policy_parse_engine("io_uring", &engine, &self->error));
	EXPECT_STREQ("'io_uring' is not one of auto, vhost, uring, plain", self->error.text);
}

TEST_F(policy, nothing_to_do)
{
	ASSERT_EQ(0, parse(self, NULL, NULL));
	EXPECT_TRUE(policy_active(&self->p));
	ASSERT_EQ(0, parse(self, "none", NULL));
	EXPECT_FALSE(policy_active(&self->p));
	ASSERT_EQ(0, parse(self, "none", "guest_tunnel"));
	EXPECT_TRUE(policy_active(&self->p));
}

/* A feature is native, emulated, hidden, or QEMU does not get it. */
TEST_F(policy, results)
{
	static const struct {
		bool vhost;
		const char *emulate, *mask, *kernel;
		const char *native, *emulated, *hidden;
	} row[] = {
		{ false, "host_uso", NULL, "csum,mq", "csum,mq", "host_uso", "" },
		{ false, "host_uso", "host_uso", "csum,host_uso", "csum", "host_uso", "" },
		{ false, "host_uso", NULL, "csum,host_uso", "csum,host_uso", "", "" },
		{ false, "none", NULL, "csum", "csum", "", "" },
		/* QEMU queries USO as a whole: if one feature is hidden, all are. */
		{ false, "none", "host_uso", "csum,guest_uso4,host_uso", "csum", "",
		  "guest_uso4,guest_uso6,host_uso" },
		{ false, "guest_uso4", "host_uso", "csum", "csum", "",
		  "guest_uso4,guest_uso6,host_uso" },
		{ false, "csum", "guest_tunnel_csum", "host_tunnel", "", "csum",
		  "guest_tunnel,guest_tunnel_csum,host_tunnel,host_tunnel_csum" },
		{ false, "event_idx", NULL, "csum", "csum", "", "" },
		{ false, "all", NULL, "csum,mq,host_uso", "mq",
		  "csum,guest_csum,guest_tso4,guest_tso6,guest_ecn,guest_ufo,host_tso4,"
		  "host_tso6,host_ecn,host_ufo,guest_uso4,guest_uso6,host_uso,guest_tunnel,"
		  "guest_tunnel_csum,host_tunnel,host_tunnel_csum", "" },
		{ true, "auto", NULL, "mrg_rxbuf,iommu_platform", "mrg_rxbuf,iommu_platform",
		  "indirect_desc,event_idx,queue_reset", "" },
		/* QEMU has it off, so it is no reason by itself. */
		{ true, "auto", NULL, "mrg_rxbuf,indirect_desc,event_idx,queue_reset",
		  "mrg_rxbuf,indirect_desc,event_idx,queue_reset", "", "" },
		{ true, "in_order", NULL, "event_idx", "event_idx", "in_order", "" },
		{ true, "none", "event_idx", "mrg_rxbuf,event_idx", "mrg_rxbuf", "",
		  "event_idx" },
		{ true, "host_uso", NULL, "mrg_rxbuf", "mrg_rxbuf", "", "" },
		{ true, "all", NULL, "mrg_rxbuf,in_order", "",
		  "mrg_rxbuf,indirect_desc,event_idx,queue_reset", "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct tapcompat_mask kernel = host_mask(row[i].kernel);
		struct policy_result r;

		ASSERT_EQ(0, parse(self, row[i].emulate, row[i].mask)) {
			TH_LOG("%zu: %s", i, self->error.text);
		}
		r = row[i].vhost ? policy_vhost(&self->p, kernel) : policy_tap(&self->p, kernel);
		EXPECT_STREQ(row[i].native, names(self, r.native)) { TH_LOG("row %zu", i); }
		EXPECT_STREQ(row[i].emulated, names(self, r.emulated)) { TH_LOG("row %zu", i); }
		EXPECT_STREQ(row[i].hidden, names(self, r.hidden)) { TH_LOG("row %zu", i); }
	}
}

/* By the table: features that have an emulation may be masked, and are then emulated. */
TEST_F(policy, all_that_is_emulated_can_be_masked)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->emulation != TAPCOMPAT_BY_NOTHING) {
			EXPECT_EQ(0, parse(self, f->name, f->name)) {
				TH_LOG("%s", self->error.text);
			}
		} else {
			EXPECT_EQ(-EINVAL, parse(self, f->name, NULL));
		}
}

TEST_F(policy, corrupted)
{
	struct tapcompat_mask corrupted = host_mask("mq,event_idx,host_uso,csum");

	ASSERT_EQ(0, parse(self, NULL, "csum"));
	EXPECT_STREQ("mq", names(self, policy_mask_corrupted(&self->p, corrupted)));
	EXPECT_STREQ("csum,event_idx,host_uso", names(self, self->p.masked));
	ASSERT_EQ(0, parse(self, "event_idx", NULL));
	EXPECT_STREQ("csum,mq,host_uso", names(self, policy_mask_corrupted(&self->p, corrupted)));
	EXPECT_STREQ("event_idx", names(self, self->p.masked));
	ASSERT_EQ(0, parse(self, "none", "host_uso"));
	EXPECT_STREQ("csum,mq,event_idx",
		     names(self, policy_mask_corrupted(&self->p, corrupted)));
	EXPECT_STREQ("host_uso", names(self, self->p.masked));
}

TEST_HARNESS_MAIN
