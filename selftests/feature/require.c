// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * require.c - lists of features, what they need, and models
 */
#include "kselftest_harness.h"

#include <string.h>

#include "feature/require.h"
#include "ground/mask.h"
#include "table/model.h"

static struct tapcompat_mask mask_of(const char *list)
{
	struct tapcompat_mask m = { { 0, 0 } };

	if (tapcompat_require_parse(list, &m, NULL))
		m.word[0] = ~0ull;
	return m;
}

TEST(lists)
{
	static const struct {
		const char *list, *names;	/* NULL: refused */
	} cases[] = {
		{ "csum", "csum" },
		{ "host_uso,csum", "csum,host_uso" },
		{ "csum,csum", "csum" },
		{ "csum:host_uso", "csum,host_uso" }, { "csum:", NULL },
		{ "VIRTIO_NET_F_HOST_USO,Csum", "csum,host_uso" },
		{ "guest_tunnel_csum", "guest_tunnel_csum" },
		{ "", NULL }, { ",", NULL }, { "csum,", NULL }, { ",csum", NULL },
		{ "csum,,host_uso", NULL }, { "csum host_uso", NULL }, { " csum", NULL },
		{ "nonsense", NULL }, { "csum=on", NULL },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
	};
	char names[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tapcompat_mask m = { { 0, 0 } };
		struct tapcompat_error error = { "" };
		int ret = tapcompat_require_parse(cases[i].list, &m, &error);

		EXPECT_EQ(cases[i].names ? 0 : -EINVAL, ret) {
			TH_LOG("%s", cases[i].list);
		}
		EXPECT_EQ(!cases[i].names, !!error.text[0]);
		if (ret)
			continue;
		mask_names(&m, names, sizeof(names));
		EXPECT_STREQ(cases[i].names, names);
	}
}

/* All names are listed, and no other bits. */
TEST(names_are_listed)
{
	struct tapcompat_error error;
	struct tapcompat_mask mask;

	EXPECT_EQ(-EINVAL, tapcompat_require_parse("foo", &mask, &error));
	EXPECT_NE(NULL, strstr(error.text, "must be one of csum,guest_csum,ctrl_guest_offloads,"
			       "guest_tso4,")) {
		TH_LOG("%s", error.text);
	}
	EXPECT_NE(NULL, strstr(error.text, ",host_tunnel,host_tunnel_csum"));
	EXPECT_EQ(NULL, strstr(error.text, "bit "));
}

/* Names from outside are escaped. */
TEST(names_are_escaped)
{
	struct tapcompat_error error;
	struct tapcompat_mask m;

	ASSERT_EQ(-EINVAL, tapcompat_require_parse("\033[31m", &m, &error));
	EXPECT_EQ(NULL, strchr(error.text, '\033'));
	EXPECT_NE(NULL, strstr(error.text, "\\x1b[31m"));
}

TEST(needs)
{
	static const struct {
		const char *list, *says;	/* NULL: nothing is missing */
	} cases[] = {
		{ "csum", NULL },
		{ "csum,host_uso", NULL },
		{ "host_uso", "host_uso needs csum" },
		{ "guest_uso4,csum", "guest_uso4 needs guest_csum" },
		{ "host_ecn,csum", "host_ecn needs one of host_tso4,host_tso6" },
		{ "host_ecn,csum,host_tso6", NULL },
		{ "host_tunnel_csum", "host_tunnel_csum needs host_tunnel" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tapcompat_mask m = mask_of(cases[i].list);
		struct tapcompat_error error = { "" };
		int ret = require_check(&m, &error);

		EXPECT_EQ(cases[i].says ? -EINVAL : 0, ret) {
			TH_LOG("%s", cases[i].list);
		}
		EXPECT_TRUE(!cases[i].says || strstr(error.text, cases[i].says)) {
			TH_LOG("%s: %s", cases[i].list, error.text);
		}
		tapcompat_require_complete(&m);
		EXPECT_EQ(0, require_check(&m, &error)) {
			TH_LOG("%s, completed: %s", cases[i].list, error.text);
		}
	}
}

/* Every feature, completed, passes the check. */
TEST(complete)
{
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		struct tapcompat_mask m = { { 0, 0 } };

		tapcompat_mask_set(&m, f->bit);
		tapcompat_require_complete(&m);
		EXPECT_EQ(0, require_check(&m, NULL)) {
			TH_LOG("%s", f->name);
		}
	}
}

TEST(reasons)
{
	static const struct {
		const char *list, *feature, *reason;	/* NULL: there is none */
	} cases[] = {
		{ "host_uso", "csum", "host_uso" },
		{ "csum,host_uso", "csum", NULL },
		{ "host_uso", "host_uso", NULL },
		{ "host_uso", "guest_csum", NULL },
		{ "host_tunnel_csum", "csum", "host_tunnel_csum" },
		{ "host_ecn", "host_tso4", "host_ecn" },
		{ "host_ecn,host_tso6", "host_tso4", NULL },
		{ "host_ecn,host_tso6", "csum", "host_tso6" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tapcompat_mask m = mask_of(cases[i].list);
		const struct tapcompat_feature *f =
			tapcompat_require_reason(&m, tapcompat_feature_find(cases[i].feature));

		EXPECT_STREQ(cases[i].reason ? cases[i].reason : "none", f ? f->name : "none") {
			TH_LOG("%s: %s", cases[i].list, cases[i].feature);
		}
	}
}

/* Published models never change: these are their masks. */
TEST(models_are_frozen)
{
	static const struct {
		const char *name, *mask;
	} published[] = {
		{ "tapnet-v1", "0x3000ff87" },
		{ "tapnet-v2", "0x1c001003000ff87" },
		{ "tapnet-v3", "0x1e01c001003000ff87" },
	};
	char text[TAPCOMPAT_MASK_TEXT];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(published); i++) {
		const struct tapcompat_model *m = tapcompat_model_at(i);
		struct tapcompat_mask has;

		ASSERT_NE(NULL, m);
		EXPECT_STREQ(published[i].name, m->name);
		EXPECT_EQ(m, tapcompat_model_find(published[i].name));
		has = tapcompat_model_features(m);
		EXPECT_STREQ(published[i].mask, tapcompat_mask_format(&has, text));
		EXPECT_EQ(0, require_check(&has, NULL));
	}
	EXPECT_EQ(NULL, tapcompat_model_at(i));
	EXPECT_EQ(NULL, tapcompat_model_find("tapnet-v0"));
	EXPECT_EQ(NULL, tapcompat_model_find(""));
}

/* Fingerprints are published as well. */
TEST(fingerprints)
{
	static const char *const published[] = { "169f3273", "2f475f7b", "28e932a5" };
	char text[MASK_FINGERPRINT];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(published); i++) {
		struct tapcompat_mask has = tapcompat_model_features(tapcompat_model_at(i));

		EXPECT_STREQ(published[i], mask_fingerprint(&has, text));
	}
}

/* The alias moves to a model two releases after its announcement. */
TEST(alias_rule)
{
	const struct tapcompat_model *v2 = tapcompat_model_find("tapnet-v2");
	const struct tapcompat_model *v3 = tapcompat_model_find("tapnet-v3");

	EXPECT_EQ(v2, model_alias(1));
	EXPECT_EQ(v2, model_alias(2));
	EXPECT_EQ(v3, model_alias(3));
	EXPECT_EQ(model_alias(TAPCOMPAT_VERSION_MINOR), tapcompat_model_find("tapnet"));
	EXPECT_STREQ("stable", model_alias(TAPCOMPAT_VERSION_MINOR)->status);
	EXPECT_STREQ(model_alias(TAPCOMPAT_VERSION_MINOR) == v3 ? "stable" : "announced",
		     v3->status);
}

/* The newest complete model; more features never yield an older one. */
TEST(best_model)
{
	static const struct {
		const char *mask, *best;
	} cases[] = {
		{ "0x0", NULL },
		{ "0x3000ff86", NULL },
		{ "0x3000ff87", "tapnet-v1" },
		{ "0x1c000003000ff87", "tapnet-v1" },
		{ "0x1c001003000ff87", "tapnet-v2" },
		{ "0xffffffffffffffffffffffffffffffff", "tapnet-v3" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct tapcompat_model *best;
		struct tapcompat_mask m;

		ASSERT_EQ(0, tapcompat_mask_parse(cases[i].mask, &m));
		best = tapcompat_model_best(&m);
		EXPECT_STREQ(cases[i].best ? cases[i].best : "-", best ? best->name : "-");
	}
}

/* Deprecated features are left out on request only: models do not change. */
TEST(deprecated_on_request)
{
	const struct tapcompat_model *v1 = tapcompat_model_at(0);
	struct tapcompat_mask all = tapcompat_model_features(v1);
	struct tapcompat_mask current = model_current(v1);
	struct tapcompat_mask gone = mask_minus(all, current);
	const struct tapcompat_feature *f;

	EXPECT_FALSE(mask_empty(&gone));
	for_each_feature(f) {
		EXPECT_FALSE(tapcompat_mask_test(&f->replacement, f->bit));
		EXPECT_TRUE(f->deprecated[0] != '-' || mask_empty(&f->replacement));
	}
	EXPECT_EQ(0, require_check(&current, NULL));
}

TEST_HARNESS_MAIN
