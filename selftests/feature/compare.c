// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compare.c - comparisons of hosts, models and masks
 */
#include "kselftest_harness.h"

#include <string.h>

#include "feature/compare.h"
#include "host_fixture.h"
#include "report/report.h"

FIXTURE(compare) {
	struct tapcompat_caps caps[2];
	struct tapcompat_set set[2];
	struct tapcompat_comparison c;
};

FIXTURE_SETUP(compare)
{
	host_full(&self->caps[0], "a");
	host_full(&self->caps[1], "b");
}

FIXTURE_TEARDOWN(compare)
{
}

static bool hosts(struct _test_data_compare *self, unsigned int backends)
{
	set_caps(&self->set[0], &self->caps[0], "a", false);
	set_caps(&self->set[1], &self->caps[1], "b", false);
	return compare_sets(&self->c, &self->set[0], &self->set[1], backends);
}

static const struct tapcompat_difference *of(struct _test_data_compare *self, const char *backend)
{
	const struct tapcompat_difference *d;
	unsigned int i;

	for (i = 0; (d = tapcompat_comparison_at(&self->c, i)); i++)
		if (!strcmp(d->backend, backend))
			return d;
	return NULL;
}

static bool same(struct tapcompat_mask a, struct tapcompat_mask b)
{
	return mask_equal(&a, &b);
}

TEST_F(compare, relations)
{
	static const struct {
		const char *first, *second;	/* what they lack */
		enum tapcompat_relation is;
		const char *word;
	} cases[] = {
		{ "", "", TAPCOMPAT_IDENTICAL, "identical" },
		{ "", USO, TAPCOMPAT_SUPERSET, "superset" },
		{ USO, "", TAPCOMPAT_SUBSET, "subset" },
		{ "host_uso", "guest_uso4", TAPCOMPAT_INCOMPATIBLE, "incompatible" },
		{ USO, USO, TAPCOMPAT_IDENTICAL, "identical" },
		{ USO, "host_uso", TAPCOMPAT_SUBSET, "subset" },
		/* Above 64 bits, and of vhost-net only. */
		{ TUNNEL, "host_tunnel", TAPCOMPAT_SUBSET, "subset" },
		{ "", "queue_reset", TAPCOMPAT_SUPERSET, "superset" },
		{ "queue_reset", "host_tunnel", TAPCOMPAT_INCOMPATIBLE, "incompatible" },
		/* Deprecated features count as well. */
		{ "host_ufo,guest_ufo", "host_ufo,guest_ufo", TAPCOMPAT_IDENTICAL, "identical" },
		{ "host_ufo", "", TAPCOMPAT_SUBSET, "subset" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		host_full(&self->caps[0], "a");
		host_full(&self->caps[1], "b");
		if (*cases[i].first)
			host_set_all(&self->caps[0], cases[i].first, TAPCOMPAT_ABSENT);
		if (*cases[i].second)
			host_set_all(&self->caps[1], cases[i].second, TAPCOMPAT_ABSENT);
		EXPECT_TRUE(hosts(self, 0));
		EXPECT_EQ(cases[i].is, self->c.relation) {
			TH_LOG("case %zu", i);
		}
		EXPECT_STREQ(cases[i].word, tapcompat_relation_name(self->c.relation));
	}
	EXPECT_STREQ("?", tapcompat_relation_name((enum tapcompat_relation)4));
	EXPECT_STREQ("?", tapcompat_relation_name((enum tapcompat_relation)-1));
}

/* One has more with tap, the other with vhost-net: neither can replace the other. */
TEST_F(compare, over_backends)
{
	host_set(&self->caps[0], TAPCOMPAT_TAP, USO, TAPCOMPAT_ABSENT);
	host_set(&self->caps[1], TAPCOMPAT_VHOST_NET, "queue_reset", TAPCOMPAT_ABSENT);
	ASSERT_TRUE(hosts(self, 0));
	EXPECT_EQ(2, self->c.differences);
	EXPECT_EQ(TAPCOMPAT_INCOMPATIBLE, self->c.relation);
	ASSERT_NE(NULL, of(self, "tap"));
	EXPECT_EQ(TAPCOMPAT_SUBSET, of(self, "tap")->relation);
	EXPECT_TRUE(same(host_mask(USO), of(self, "tap")->less));
	EXPECT_TRUE(same(host_mask(""), of(self, "tap")->more));
	ASSERT_NE(NULL, of(self, "vhost-net"));
	EXPECT_EQ(TAPCOMPAT_SUPERSET, of(self, "vhost-net")->relation);
	EXPECT_TRUE(same(host_mask("queue_reset"), of(self, "vhost-net")->more));
	/* Only the requested backends; macvtap and so on only if requested. */
	ASSERT_TRUE(hosts(self, 1u << TAPCOMPAT_TAP));
	EXPECT_EQ(1, self->c.differences);
	EXPECT_EQ(TAPCOMPAT_SUBSET, self->c.relation);
	host_set(&self->caps[0], TAPCOMPAT_MACVTAP, "csum", TAPCOMPAT_ABSENT);
	ASSERT_TRUE(hosts(self, 1u << TAPCOMPAT_MACVTAP));
	EXPECT_EQ(TAPCOMPAT_SUBSET, self->c.relation);
	EXPECT_NE(NULL, of(self, "macvtap"));
	EXPECT_EQ(NULL, tapcompat_comparison_at(&self->c, 1));
}

TEST_F(compare, availability)
{
	static const struct {
		enum tapcompat_availability first, second;
		bool counts;
		enum tapcompat_relation is;
	} cases[] = {
		{ TAPCOMPAT_AVAILABLE, TAPCOMPAT_AVAILABLE, true, TAPCOMPAT_IDENTICAL },
		{ TAPCOMPAT_AVAILABLE, TAPCOMPAT_UNAVAILABLE, true, TAPCOMPAT_SUPERSET },
		{ TAPCOMPAT_UNAVAILABLE, TAPCOMPAT_AVAILABLE, true, TAPCOMPAT_SUBSET },
		{ TAPCOMPAT_UNAVAILABLE, TAPCOMPAT_UNAVAILABLE, true, TAPCOMPAT_IDENTICAL },
		{ TAPCOMPAT_AVAILABLE, TAPCOMPAT_UNDECIDED, false, TAPCOMPAT_IDENTICAL },
		{ TAPCOMPAT_UNDECIDED, TAPCOMPAT_UNDECIDED, false, TAPCOMPAT_IDENTICAL },
		{ TAPCOMPAT_AVAILABLE, TAPCOMPAT_NOT_ASKED, false, TAPCOMPAT_IDENTICAL },
		{ TAPCOMPAT_NOT_ASKED, TAPCOMPAT_NOT_ASKED, false, TAPCOMPAT_IDENTICAL },
		{ TAPCOMPAT_UNDECIDED, TAPCOMPAT_UNAVAILABLE, false, TAPCOMPAT_IDENTICAL },
	};
	struct caps_backend *a = &self->caps[0].backend[TAPCOMPAT_VHOST_NET];
	struct caps_backend *b = &self->caps[1].backend[TAPCOMPAT_VHOST_NET];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		a->availability = cases[i].first;
		b->availability = cases[i].second;
		EXPECT_TRUE(hosts(self, 0));	/* by the tap alone, if necessary */
		EXPECT_EQ(cases[i].is, self->c.relation) {
			TH_LOG("case %zu", i);
		}
		EXPECT_EQ(cases[i].counts, !!of(self, "vhost-net")) {
			TH_LOG("case %zu", i);
		}
		EXPECT_EQ(cases[i].counts, hosts(self, 1u << TAPCOMPAT_VHOST_NET)) {
			TH_LOG("case %zu", i);
		}
	}
}

/* Nothing to compare does not mean identical. */
TEST_F(compare, nothing_known)
{
	struct tapcompat_comparison *c = (void *)1;
	struct tapcompat_error error;

	self->caps[1].backend[TAPCOMPAT_TAP].availability = TAPCOMPAT_UNDECIDED;
	self->caps[1].backend[TAPCOMPAT_VHOST_NET].availability = TAPCOMPAT_NOT_ASKED;
	EXPECT_FALSE(hosts(self, 0));
	EXPECT_EQ(-ENODATA, tapcompat_compare(&self->set[0], &self->set[1], 0, &c, &error));
	EXPECT_EQ(NULL, c);
	EXPECT_NE(NULL, strstr(error.text, "probe again"));
	EXPECT_EQ(-ENODATA, tapcompat_compare(&self->set[0], &self->set[1], 0, &c, NULL));
}

/* J9: unknown counts as absent. */
TEST_F(compare, unknown_counts_as_missing)
{
	host_set(&self->caps[1], TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_UNKNOWN);
	ASSERT_TRUE(hosts(self, 1u << TAPCOMPAT_TAP));
	EXPECT_EQ(TAPCOMPAT_SUPERSET, self->c.relation);
	EXPECT_TRUE(same(host_mask("host_uso"), of(self, "tap")->more));
	EXPECT_TRUE(same(host_mask("host_uso"), of(self, "tap")->unknown));
	host_set(&self->caps[0], TAPCOMPAT_TAP, "host_uso", TAPCOMPAT_UNKNOWN);
	ASSERT_TRUE(hosts(self, 1u << TAPCOMPAT_TAP));
	EXPECT_EQ(TAPCOMPAT_IDENTICAL, self->c.relation);
	EXPECT_TRUE(same(host_mask("host_uso"), of(self, "tap")->unknown));
}

TEST_F(compare, emulated_counts_if_asked)
{
	unsigned int tap = 1u << TAPCOMPAT_TAP;

	host_set(&self->caps[1], TAPCOMPAT_TAP, USO, TAPCOMPAT_EMULATED);
	ASSERT_TRUE(hosts(self, tap));
	EXPECT_EQ(TAPCOMPAT_SUPERSET, self->c.relation);
	set_caps(&self->set[1], &self->caps[1], "b", true);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], tap));
	EXPECT_EQ(TAPCOMPAT_IDENTICAL, self->c.relation);
}

static void bare(struct _test_data_compare *self, int i, const char *model)
{
	set_bare(&self->set[i], tapcompat_model_features(tapcompat_model_find(model)), model, true);
}

TEST_F(compare, models)
{
	bare(self, 0, "tapnet-v1");
	bare(self, 1, "tapnet-v2");
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_EQ(TAPCOMPAT_SUBSET, self->c.relation);
	EXPECT_EQ(1, self->c.differences);
	EXPECT_STREQ("", self->c.difference[0].backend);
	EXPECT_TRUE(same(host_mask(USO ",queue_reset"), self->c.difference[0].less));
}

/* Features in no model, such as mq, rss and packed, are not missing in a model. */
TEST_F(compare, scope_of_models)
{
	bare(self, 0, "tapnet-v3");
	set_caps(&self->set[1], &self->caps[1], "b", false);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_EQ(TAPCOMPAT_IDENTICAL, self->c.relation);
	EXPECT_EQ(2, self->c.differences);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[1], &self->set[0], 0));
	EXPECT_EQ(TAPCOMPAT_IDENTICAL, self->c.relation);
	/* Those of a newer model are. */
	bare(self, 0, "tapnet-v1");
	ASSERT_TRUE(compare_sets(&self->c, &self->set[1], &self->set[0], 0));
	EXPECT_EQ(TAPCOMPAT_SUPERSET, self->c.relation);
	EXPECT_TRUE(same(host_mask(USO "," TUNNEL), of(self, "tap")->more));
	EXPECT_TRUE(same(host_mask(USO ",queue_reset," TUNNEL), of(self, "vhost-net")->more));
	/* A machine with mq has it in its scope; a mask has all bits in its scope. */
	set_bare(&self->set[0], host_mask("csum,mq"), "vm", true);
	host_set_all(&self->caps[1], "mq", TAPCOMPAT_ABSENT);
	set_caps(&self->set[1], &self->caps[1], "b", false);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_TRUE(same(host_mask("mq"), of(self, "tap")->more));
	set_bare(&self->set[0], host_mask("csum"), "0x1", false);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_TRUE(tapcompat_mask_test(&of(self, "vhost-net")->less, 34));
}

/* With a tap alone QEMU implements the ring features: no host lacks them. */
TEST_F(compare, qemus_own)
{
	set_bare(&self->set[0], host_mask("csum,queue_reset,event_idx"), "vm", true);
	host_set_all(&self->caps[1], "queue_reset", TAPCOMPAT_ABSENT);
	set_caps(&self->set[1], &self->caps[1], "b", false);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_TRUE(same(host_mask(""), of(self, "tap")->more));
	EXPECT_TRUE(same(host_mask("queue_reset"), of(self, "vhost-net")->more));
}

/* A model is not compared with an unavailable backend. */
TEST_F(compare, model_and_absent_backend)
{
	bare(self, 0, "tapnet-v2");
	self->caps[1].backend[TAPCOMPAT_VHOST_NET].availability = TAPCOMPAT_UNAVAILABLE;
	set_caps(&self->set[1], &self->caps[1], "b", false);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_EQ(1, self->c.differences);
	EXPECT_NE(NULL, of(self, "tap"));
}

/* Bits without a row are compared and named, too. */
TEST_F(compare, bits_without_a_row)
{
	char *text = NULL, *json;
	size_t size;
	FILE *out;

	set_bare(&self->set[0], host_mask("csum"), "a", false);
	set_bare(&self->set[1], mask_or(host_bit(5), mask_or(host_bit(71), host_mask("csum"))),
		 "b", false);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_EQ(TAPCOMPAT_SUBSET, self->c.relation);
	json = tapcompat_comparison_json(&self->c, 0);
	EXPECT_NE(NULL, strstr(json, "\"responsible-properties\":[\"VIRTIO_NET_F_MAC\","
			       "\"bit 71\"]")) {
		TH_LOG("%s", json);
	}
	EXPECT_NE(NULL, strstr(json, "\"only-second\":[\"VIRTIO_NET_F_MAC\",\"bit 71\"]"));
	free(json);
	out = open_memstream(&text, &size);
	comparison_print(&self->c, out, 0);
	fclose(out);
	EXPECT_NE(NULL, strstr(text, "only b: VIRTIO_NET_F_MAC bit 71\n")) {
		TH_LOG("%s", text);
	}
	free(text);
}

/* J9: no host has an unknown bit. */
TEST_F(compare, bits_without_a_name_and_hosts)
{
	set_bare(&self->set[0], mask_or(host_bit(5), host_bit(71)), "vm", true);
	set_caps(&self->set[1], &self->caps[1], "b", false);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_TRUE(same(host_bit(71), of(self, "tap")->more));
	EXPECT_TRUE(same(host_bit(71), of(self, "vhost-net")->more));
}

/* J7 */
TEST_F(compare, names_are_escaped)
{
	char *json;

	set_bare(&self->set[0], host_mask("csum"), "\033[31m\n", false);
	set_caps(&self->set[1], &self->caps[1], "\xe2\x80\xae", false);
	ASSERT_TRUE(compare_sets(&self->c, &self->set[0], &self->set[1], 0));
	EXPECT_STREQ("\\x1b[31m\\x0a", self->c.a);
	EXPECT_STREQ("\\xe2\\x80\\xae", self->c.b);
	json = tapcompat_comparison_json(&self->c, 0);
	EXPECT_NE(NULL, json);
	free(json);
}

TEST(sets_from_words)
{
	static const struct {
		const char *what;
		int ret;
		const char *says;
	} cases[] = {
		{ "tapnet", 0, "" },
		{ "TAPNET-V2", 0, "" },
		{ "0x0", 0, "" },
		{ "0XfF", 0, "" },
		{ "0xffffffffffffffffffffffffffffffff", 0, "" },
		{ "0x", -EINVAL, "a mask is" },
		{ "0xg", -EINVAL, "0xg: a mask is" },
		{ "0x1 ", -EINVAL, "a mask is" },
		{ "0x1ffffffffffffffffffffffffffffffff", -ERANGE, "a mask is" },
		{ "0x000000000000000000000000000000001", -ERANGE, "a mask is" },
		{ "", -ENOENT, "No such file" },
		{ "tapnet-v99", -ENOENT, "tapnet-v99: No such file" },
		{ "/", -EISDIR, "/: Is a directory" },
		{ "/dev/null", -EINVAL, "/dev/null: " },
		{ "/dev/zero", -EINVAL, "/dev/zero: it is larger than 1 MiB" },
		{ "/nonexistent\n\033", -ENOENT, "\\x0a\\x1b" },
	};
	struct tapcompat_error error;
	struct tapcompat_set *set;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		error.text[0] = '\0';
		EXPECT_EQ(cases[i].ret, tapcompat_set_load(cases[i].what, 0, &set, &error)) {
			TH_LOG("%s: %s", cases[i].what, error.text);
		}
		EXPECT_EQ(!cases[i].ret, !!set);
		EXPECT_NE(NULL, strstr(error.text, cases[i].says)) {
			TH_LOG("%s: %s", cases[i].what, error.text);
		}
		tapcompat_set_free(set);
	}
}

TEST_HARNESS_MAIN
