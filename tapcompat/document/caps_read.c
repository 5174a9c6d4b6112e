// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * caps_read.c - read a capability document
 *
 * Features and backends that this version does not know are skipped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "feature/caps.h"
#include "ground/bytes.h"
#include "reader.h"

/* Return: the value of a word, or -1 if this version does not know it */
static int word_find(const char *word, const char *(*name)(unsigned int), unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(name(i), word))
			return (int)i;
	return -1;
}

static const char *state_word(unsigned int i)
{
	return i == TAPCOMPAT_UNLISTED ? "" : tapcompat_state_name((enum tapcompat_state)i);
}

static const char *verified_word(unsigned int i)
{
	return tapcompat_verified_name((enum tapcompat_verified)i);
}

/* Words that this version does not know read as "unknown" and "untested". */
static void read_states(struct reader *r, json_t *o, struct caps_feature *c)
{
	const char *state = reader_string(r, o, "state", true);
	const char *verified = reader_string(r, o, "verified", true);
	int n = word_find(state, state_word, TAPCOMPAT_UNKNOWN + 1);

	c->state = n > 0 ? (enum tapcompat_state)n : TAPCOMPAT_UNKNOWN;
	n = word_find(verified, verified_word, TAPCOMPAT_FAILED + 1);
	c->verified = n > 0 ? (enum tapcompat_verified)n : TAPCOMPAT_UNTESTED;
	if (c->verified == TAPCOMPAT_FAILED && c->state == TAPCOMPAT_NATIVE)
		reader_fail(r, "state is native, but verified is failed");
}

static void read_feature(struct reader *r, json_t *o, struct caps_backend *b)
{
	const struct tapcompat_feature *f;
	struct caps_feature *c;
	json_t *bit;

	if (!reader_object(r, o))
		return;
	f = tapcompat_feature_find(reader_string(r, o, "name", true));
	bit = reader_member(r, o, "bit", JSON_INTEGER, true);
	if (!f || !bit)
		return;
	c = &b->feature[feature_index(f)];
	if (json_integer_value(bit) != f->bit)
		reader_fail(r, "bit is %lld, but %s is bit %u", (long long)json_integer_value(bit),
			    f->name, f->bit);
	if (c->state != TAPCOMPAT_UNLISTED)
		reader_fail(r, "%s is listed twice", f->name);
	read_states(r, o, c);
	reader_text(r, o, "detail", false, c->detail, sizeof(c->detail));
	reader_string(r, o, "since-kernel", false);
}

static void read_features(struct reader *r, json_t *o, struct caps_backend *b)
{
	json_t *list = reader_member(r, o, "features", JSON_ARRAY, true), *f;
	size_t i, at;

	json_array_foreach(list, i, f) {
		at = reader_enter(r, ".features[%zu]", i);
		read_feature(r, f, b);
		reader_leave(r, at);
	}
}

/* The masks must agree with the list of features. */
static void read_masks(struct reader *r, json_t *o, const struct caps_backend *b)
{
	const struct {
		const char *key;
		enum tapcompat_state state;
	} masks[] = { { "native", TAPCOMPAT_NATIVE }, { "emulated", TAPCOMPAT_EMULATED } };
	const struct tapcompat_feature *f;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(masks); i++) {
		struct tapcompat_mask mask = reader_mask(r, o, masks[i].key, true);

		for_each_feature(f)
			if (tapcompat_mask_test(&mask, f->bit) !=
			    (caps_state(b, f) == masks[i].state))
				reader_fail(r, "%s and features contradict each other: %s",
					    masks[i].key, f->name);
	}
}

/* Members that are not used here must have their documented type all the same. */
static void read_types(struct reader *r, json_t *o)
{
	static const struct {
		const char *key;
		json_type type;
	} members[] = {
		{ "vnet-hdr-sizes", JSON_ARRAY }, { "vnet-endian", JSON_ARRAY },
		{ "features-array", JSON_TRUE }, { "management-devices", JSON_ARRAY },
		{ "devices", JSON_ARRAY }, { "unlisted", JSON_INTEGER },
		{ "unknown-offloads", JSON_STRING }, { "backend-features", JSON_STRING },
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(members); i++)
		reader_member(r, o, members[i].key, members[i].type, false);
}

static void read_available(struct reader *r, json_t *o, struct caps_backend *b)
{
	json_t *multi_queue = reader_member(r, o, "multi-queue", JSON_TRUE, false);

	b->availability = TAPCOMPAT_AVAILABLE;
	b->multi_queue = json_is_true(multi_queue);
	b->vhost_features = reader_mask(r, o, "vhost-features", false);
	read_types(r, o);
	read_features(r, o, b);
	read_masks(r, o, b);
}

static void read_backend(struct reader *r, json_t *o, struct tapcompat_caps *caps)
{
	json_t *available = reader_member(r, o, "available", JSON_TRUE, true);
	int type = tapcompat_backend_find(reader_string(r, o, "type", true));
	struct caps_backend *b;

	if (type < 0 || !available)
		return;
	b = &caps->backend[type];
	if (b->availability != TAPCOMPAT_NOT_ASKED)
		reader_fail(r, "%s is listed twice",
			    tapcompat_backend_name((enum tapcompat_backend_type)type));
	reader_text(r, o, "detail", false, b->detail, sizeof(b->detail));
	if (json_is_true(available))
		read_available(r, o, b);
	else if (!strcmp(reader_string(r, o, "state", false),
			 tapcompat_state_name(TAPCOMPAT_UNKNOWN)))
		b->availability = TAPCOMPAT_UNDECIDED;
	else
		b->availability = TAPCOMPAT_UNAVAILABLE;
}

static void read_host(struct reader *r, json_t *o, struct tapcompat_caps *caps)
{
	json_t *host = reader_member(r, o, "host", JSON_OBJECT, true);
	size_t at = reader_enter(r, "host");

	if (host) {
		reader_text(r, host, "name", true, caps->host, sizeof(caps->host));
		reader_text(r, host, "kernel", true, caps->kernel, sizeof(caps->kernel));
		reader_text(r, host, "machine", false, caps->machine, sizeof(caps->machine));
	}
	reader_leave(r, at);
}

static void read_time(struct reader *r, json_t *o, struct tapcompat_caps *caps)
{
	const char *text = reader_string(r, o, "probed-at", false), *end;
	struct tm tm = { .tm_year = 0 };

	if (!text[0])
		return;
	end = strptime(text, DOCUMENT_TIME, &tm);
	if (!end || *end)
		reader_fail(r, "probed-at is \"%.40s\", expected a time such as "
			    "2026-11-21T08:00:00Z", text);
	caps->probed_at = timegm(&tm);
}

static void read_document(struct reader *r, json_t *o, struct tapcompat_caps *caps)
{
	json_t *list, *b;
	size_t i, at;

	reader_schema(r, o, DOCUMENT_SCHEMA);
	reader_member(r, o, "error", JSON_OBJECT, false);
	read_host(r, o, caps);
	read_time(r, o, caps);
	list = reader_member(r, o, "backends", JSON_ARRAY, true);
	json_array_foreach(list, i, b) {
		at = reader_enter(r, "backends[%zu]", i);
		if (reader_object(r, b))
			read_backend(r, b, caps);
		reader_leave(r, at);
	}
}

int document_caps_read(struct reader *r, const char *text, size_t len,
		       struct tapcompat_caps **caps)
{
	json_t *o;

	*caps = calloc(1, sizeof(**caps));
	if (!*caps) {
		reader_fail(r, "out of memory");
		return -ENOMEM;
	}
	o = reader_json(r, text, len);
	if (o)
		read_document(r, o, *caps);
	json_decref(o);
	if (!r->failed)
		return 0;
	free(*caps);
	*caps = NULL;
	return r->ret;
}

int tapcompat_caps_parse(const char *text, size_t len, const char *name,
			 struct tapcompat_caps **caps, struct tapcompat_error *error)
{
	struct reader r = { .name = name, .error = error };

	return document_caps_read(&r, text, len, caps);
}

int tapcompat_caps_load(const char *path, struct tapcompat_caps **caps,
			struct tapcompat_error *error)
{
	struct reader r = { .error = error };
	size_t len = 0;
	char *text = reader_load(&r, path, &len);
	int ret = r.ret;

	*caps = NULL;
	if (text)
		ret = document_caps_read(&r, text, len, caps);
	free(text);
	return ret;
}
