// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * document.c - the capability document of this host and the table are consistent, and
 * agree with what all kernels are known to do
 */
#include "kselftest_harness.h"

#include <jansson.h>
#include <sys/utsname.h>
#include <time.h>

#include "run.h"
#include "table/feature.h"

FIXTURE(document) {
	struct run r;
	json_t *root;
	const char *skip;
};

FIXTURE_SETUP(document)
{
	json_error_t e;

	memset(&self->r, 0, sizeof(self->r));
	RUN(&self->r, "probe", "-j");
	if (self->r.status == 3)
		self->skip = "nothing can be probed here";
	else
		ASSERT_EQ(0, self->r.status);
	self->root = json_loads(self->r.out, JSON_REJECT_DUPLICATES, &e);
	ASSERT_NE(NULL, self->root) {
		TH_LOG("%s", e.text);
	}
}

FIXTURE_TEARDOWN(document)
{
	json_decref(self->root);
}

#define NEEDS_PROBE() do { \
	if (self->skip) \
		SKIP(return, "%s", self->skip); \
} while (0)

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_t *backend_of(json_t *root, const char *type)
{
	json_t *b;
	size_t i;

	json_array_foreach(json_object_get(root, "backends"), i, b)
		if (!strcmp(text_of(b, "type"), type))
			return b;
	return NULL;
}

static json_t *feature_of(json_t *backend, const char *name)
{
	json_t *f;
	size_t i;

	json_array_foreach(json_object_get(backend, "features"), i, f)
		if (!strcmp(text_of(f, "name"), name))
			return f;
	return NULL;
}

TEST_F(document, head)
{
	struct utsname u;
	struct tm tm;
	json_t *host;

	NEEDS_PROBE();
	uname(&u);
	host = json_object_get(self->root, "host");
	EXPECT_STREQ("tapcompat-capabilities", text_of(self->root, "schema"));
	EXPECT_EQ(1, json_integer_value(json_object_get(self->root, "version")));
	EXPECT_STREQ(u.release, text_of(host, "kernel"));
	EXPECT_STREQ(u.machine, text_of(host, "machine"));
	EXPECT_NE(NULL, strptime(text_of(self->root, "probed-at"), "%Y-%m-%dT%H:%M:%SZ", &tm));
}

TEST_F(document, backends_in_order)
{
	static const char *const order[] = {
		"tap", "macvtap", "vhost-net", "vhost-vdpa", "ebpf-rss",
	};
	json_t *list, *b;
	size_t i;

	NEEDS_PROBE();
	list = json_object_get(self->root, "backends");
	ASSERT_EQ(ARRAY_SIZE(order), json_array_size(list));
	json_array_foreach(list, i, b) {
		bool available = json_is_true(json_object_get(b, "available"));

		EXPECT_STREQ(order[i], text_of(b, "type"));
		EXPECT_TRUE(json_is_boolean(json_object_get(b, "available")));
		EXPECT_EQ(available, json_is_array(json_object_get(b, "features")));
		/* An unavailable backend has a reason, and is known to be absent or unknown. */
		EXPECT_TRUE(available || text_of(b, "detail")[0]);
		EXPECT_TRUE(available || !strcmp(text_of(b, "state"), "absent") ||
			    !strcmp(text_of(b, "state"), "unknown"));
	}
}

static bool one_of(const char *word, const char *words)
{
	char pattern[32];

	snprintf(pattern, sizeof(pattern), " %s ", word);
	return strstr(words, pattern) != NULL;
}

/* Masks are the features of that state; a failure is never native. */
TEST_F(document, features_and_masks)
{
	json_t *b, *f;
	size_t i, n;

	NEEDS_PROBE();
	json_array_foreach(json_object_get(self->root, "backends"), i, b) {
		struct tapcompat_mask native = { { 0, 0 } }, emulated = native, said;
		/* The shim does not emulate vDPA devices and steering programs. */
		bool shim = !one_of(text_of(b, "type"), " vhost-vdpa ebpf-rss ");

		if (!json_object_get(b, "features"))
			continue;
		json_array_foreach(json_object_get(b, "features"), n, f) {
			const struct tapcompat_feature *row =
				tapcompat_feature_find(text_of(f, "name"));
			const char *state = text_of(f, "state");

			ASSERT_NE(NULL, row);
			EXPECT_STREQ(row->name, text_of(f, "name"));
			EXPECT_EQ(row->bit, json_integer_value(json_object_get(f, "bit")));
			EXPECT_TRUE(one_of(state, " native emulated absent unknown "));
			EXPECT_TRUE(one_of(text_of(f, "verified"),
					   " passed ineffective failed untested "));
			if (!strcmp(state, "native"))
				tapcompat_mask_set(&native, row->bit);
			else
				EXPECT_TRUE(text_of(f, "detail")[0]);
			if (!strcmp(text_of(f, "verified"), "failed"))
				EXPECT_STRNE("native", state);
			/* An absent feature is emulated if possible. */
			if (!strcmp(state, "emulated"))
				tapcompat_mask_set(&emulated, row->bit);
			EXPECT_FALSE(!strcmp(state, "emulated") &&
				     (!shim || row->emulation == TAPCOMPAT_BY_NOTHING));
			EXPECT_FALSE(!strcmp(state, "absent") && shim &&
				     row->emulation != TAPCOMPAT_BY_NOTHING);
		}
		ASSERT_EQ(0, tapcompat_mask_parse(text_of(b, "native"), &said));
		EXPECT_EQ(native.word[0], said.word[0]);
		EXPECT_EQ(native.word[1], said.word[1]);
		ASSERT_EQ(0, tapcompat_mask_parse(text_of(b, "emulated"), &said));
		EXPECT_EQ(emulated.word[0], said.word[0]);
		EXPECT_EQ(emulated.word[1], said.word[1]);
	}
}

/* A tap decides offloads; with vhost=off QEMU implements the rings. */
TEST_F(document, tap_lists_what_a_tap_decides)
{
	const struct tapcompat_feature *row;
	json_t *tap, *sizes;
	size_t i;

	NEEDS_PROBE();
	tap = backend_of(self->root, "tap");
	for_each_feature(row)
		EXPECT_EQ(!!(row->layers & TAPCOMPAT_LAYER_TAP),
			  feature_of(tap, row->name) != NULL);
	sizes = json_object_get(tap, "vnet-hdr-sizes");
	for (i = 0; i < 3; i++) {
		static const int want[] = { 10, 12, 20 };

		EXPECT_EQ(want[i], json_integer_value(json_array_get(sizes, i)));
	}
	EXPECT_TRUE(json_is_boolean(json_object_get(tap, "multi-queue")));
	EXPECT_STREQ("little", json_string_value(json_array_get(
				       json_object_get(tap, "vnet-endian"), 0)));
}

/*
 * All kernels of the last ten years have these, verified.  On a failure the kernel or the
 * probe is broken.
 */
TEST_F(document, what_every_tap_has)
{
	static const char *const always[] = {
		"csum", "guest_csum", "guest_tso4", "guest_tso6", "guest_ecn",
		"host_tso4", "host_tso6", "host_ecn", "host_ufo", "mq",
	};
	json_t *tap;
	size_t i;

	NEEDS_PROBE();
	tap = backend_of(self->root, "tap");
	if (strstr(self->r.out, "not tested with another device"))
		SKIP(return, "the module bridge is not loaded");
	for (i = 0; i < ARRAY_SIZE(always); i++) {
		json_t *f = feature_of(tap, always[i]);

		EXPECT_STREQ("native", text_of(f, "state"));
		EXPECT_STREQ("passed", text_of(f, "verified")) {
			TH_LOG("%s: %s", always[i], text_of(f, "detail"));
		}
	}
}

/* Kernels have USO for both families or for none. */
TEST_F(document, uso_all_or_nothing)
{
	json_t *tap;

	NEEDS_PROBE();
	tap = backend_of(self->root, "tap");
	EXPECT_STREQ(text_of(feature_of(tap, "host_uso"), "state"),
		     text_of(feature_of(tap, "guest_uso4"), "state"));
	EXPECT_STREQ(text_of(feature_of(tap, "guest_uso6"), "state"),
		     text_of(feature_of(tap, "guest_uso4"), "state"));
}

/* The table shows the same as the document. */
TEST_F(document, table_agrees)
{
	struct run *table = calloc(1, sizeof(*table));
	char *line, *rest, *copy;
	json_t *backend = NULL;
	int lines = 0;

	NEEDS_PROBE();
	RUN(table, "probe");
	EXPECT_EQ(0, table->status);
	copy = table->out;
	for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char name[64], bit[16], state[16], verified[16];
		json_t *f;

		if (line[0] != ' ') {
			char type[64];

			sscanf(line, "%63[a-z-]", type);
			backend = backend_of(self->root, type);
			continue;
		}
		if (sscanf(line, "%63s %15s %15s %15s", name, bit, state, verified) != 4)
			continue;
		f = feature_of(backend, name);
		if (!f)
			continue;
		EXPECT_STREQ(text_of(f, "state"), state);
		EXPECT_STREQ(text_of(f, "verified"), verified);
		lines++;
	}
	EXPECT_GT(lines, 17);
	free(table);
}

TEST_HARNESS_MAIN
