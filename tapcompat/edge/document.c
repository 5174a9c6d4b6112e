// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * document.c - capabilities as a JSON document, by jansson
 *
 * jansson reports lack of memory call by call.  All building goes through put()
 * and append(), which remember it: a document is whole or is not made.
 */
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "pure/caps.h"

#define DOCUMENT_SCHEMA "tapcompat-capabilities"
#define DOCUMENT_ERROR "tapcompat-error"
#define DOCUMENT_VERSION 1

/* The exit code of programs that could not find out. */
#define DOCUMENT_UNDECIDED 3

struct document {
	const struct tapcompat_caps *caps;
	bool failed;		/* memory ran out on the way */
};

/* Add a member; @value is taken over. */
static void put(struct document *d, json_t *object, const char *key, json_t *value)
{
	d->failed |= json_object_set_new(object, key, value) != 0;
}

/* Add an element; @value is taken over. */
static void append(struct document *d, json_t *array, json_t *value)
{
	d->failed |= json_array_append_new(array, value) != 0;
}

/* Masks are wider than any JSON number. */
static json_t *json_mask(struct tapcompat_mask mask)
{
	char text[TAPCOMPAT_MASK_TEXT];

	return json_string(tapcompat_mask_format(&mask, text));
}

static json_t *json_mask64(uint64_t bits)
{
	return json_mask((struct tapcompat_mask){ { bits, 0 } });
}

static json_t *json_time(time_t when)
{
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

static json_t *document_host(struct document *d)
{
	json_t *o = json_object();

	put(d, o, "name", json_string(d->caps->host));
	put(d, o, "kernel", json_string(d->caps->kernel));
	put(d, o, "machine", json_string(d->caps->machine));
	return o;
}

/* Which release brought it, as far as this backend is concerned, or NULL. */
static const char *since_kernel(enum tapcompat_backend_type type,
				const struct tapcompat_feature *f)
{
	const char *const since[] = {
		[TAPCOMPAT_TAP] = f->linux_tap,
		[TAPCOMPAT_MACVTAP] = f->linux_macvtap,
		[TAPCOMPAT_VHOST_NET] = f->linux_vhost,
		[TAPCOMPAT_VHOST_VDPA] = "-",
		[TAPCOMPAT_EBPF_RSS] = f->linux_tap,
	};

	return since[type][0] == '-' ? NULL : since[type];
}

static json_t *document_feature(struct document *d, enum tapcompat_backend_type type,
				const struct tapcompat_feature *f)
{
	struct tapcompat_report r = tapcompat_caps_report(d->caps, type, f);
	const char *since = since_kernel(type, f);
	json_t *o = json_object();

	put(d, o, "name", json_string(f->name));
	put(d, o, "bit", json_integer(f->bit));
	put(d, o, "state", json_string(tapcompat_state_name(r.state)));
	put(d, o, "verified", json_string(tapcompat_verified_name(r.verified)));
	if (r.detail[0])
		put(d, o, "detail", json_string(r.detail));
	if (since)
		put(d, o, "since-kernel", json_string(since));
	return o;
}

static json_t *document_features(struct document *d, enum tapcompat_backend_type type)
{
	const struct tapcompat_feature *f;
	json_t *list = json_array();

	for_each_feature(f)
		if (caps_state(&d->caps->backend[type], f) != TAPCOMPAT_UNLISTED)
			append(d, list, document_feature(d, type, f));
	return list;
}

static json_t *document_sizes(struct document *d, const struct caps_backend *b)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < b->sizes; i++)
		append(d, list, json_integer(b->size[i]));
	return list;
}

static json_t *document_endian(struct document *d, const struct caps_backend *b)
{
	json_t *list = json_array();

	if (b->little_endian)
		append(d, list, json_string("little"));
	if (b->big_endian)
		append(d, list, json_string("big"));
	return list;
}

static void document_tap(struct document *d, json_t *o, const struct caps_backend *b)
{
	put(d, o, "vnet-hdr-sizes", document_sizes(d, b));
	put(d, o, "vnet-endian", document_endian(d, b));
	put(d, o, "multi-queue", json_boolean(b->multi_queue));
	if (b->more_offloads)
		put(d, o, "unknown-offloads", json_mask64(b->more_offloads));
}

static void document_vhost(struct document *d, json_t *o, const struct caps_backend *b)
{
	put(d, o, "vnet-hdr-sizes", document_sizes(d, b));
	put(d, o, "multi-queue", json_boolean(b->multi_queue));
	put(d, o, "vhost-features", json_mask(b->vhost_features));
	put(d, o, "features-array", json_boolean(b->features_array));
	put(d, o, "backend-features", json_mask64(b->backend_features));
}

static json_t *document_vdpa_list(struct document *d, const struct caps_vdpa *v, unsigned int n)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < n; i++) {
		json_t *o = json_object();

		put(d, o, "name", json_string(v[i].name));
		if (v[i].parent[0])
			put(d, o, "management-device", json_string(v[i].parent));
		if (v[i].has_features)
			put(d, o, "features", json_mask64(v[i].features));
		append(d, list, o);
	}
	return list;
}

static void document_vdpa(struct document *d, json_t *o, const struct caps_backend *b)
{
	put(d, o, "management-devices", document_vdpa_list(d, b->manager, b->managers));
	put(d, o, "devices", document_vdpa_list(d, b->device, b->devices));
	if (b->unlisted)
		put(d, o, "unlisted", json_integer(b->unlisted));
}

/* What only some kinds of backends have. */
static void (*const document_extras[])(struct document *d, json_t *o,
				       const struct caps_backend *b) = {
	[TAPCOMPAT_TAP] = document_tap,
	[TAPCOMPAT_MACVTAP] = document_tap,
	[TAPCOMPAT_VHOST_NET] = document_vhost,
	[TAPCOMPAT_VHOST_VDPA] = document_vdpa,
	[TAPCOMPAT_EBPF_RSS] = NULL,
};

static json_t *document_backend(struct document *d, enum tapcompat_backend_type type)
{
	const struct caps_backend *b = &d->caps->backend[type];
	bool available = b->availability == TAPCOMPAT_AVAILABLE;
	json_t *o = json_object();

	put(d, o, "type", json_string(tapcompat_backend_name(type)));
	put(d, o, "available", json_boolean(available));
	if (!available) {
		put(d, o, "state", json_string(tapcompat_state_name(
			b->availability == TAPCOMPAT_UNDECIDED ? TAPCOMPAT_UNKNOWN
							       : TAPCOMPAT_ABSENT)));
		put(d, o, "detail", json_string(b->detail));
	}
	if (document_extras[type] && (available || b->managers))
		document_extras[type](d, o, b);
	if (!available)
		return o;
	put(d, o, "native", json_mask(tapcompat_caps_mask(d->caps, type, TAPCOMPAT_NATIVE)));
	put(d, o, "emulated", json_mask(tapcompat_caps_mask(d->caps, type, TAPCOMPAT_EMULATED)));
	put(d, o, "features", document_features(d, type));
	return o;
}

static json_t *document_backends(struct document *d)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;

		if (d->caps->backend[type].availability != TAPCOMPAT_NOT_ASKED)
			append(d, list, document_backend(d, type));
	}
	return list;
}

/* The text of a document, which is released; NULL where memory ran out. */
static char *document_text(struct document *d, json_t *o, unsigned int flags)
{
	char *text = NULL;

	if (!d->failed)
		text = json_dumps(o, flags & TAPCOMPAT_PRETTY ? JSON_INDENT(2) : JSON_COMPACT);
	json_decref(o);
	return text;
}

static json_t *document_error(struct document *d, int exit_code, const char *text)
{
	json_t *o = json_object();

	put(d, o, "exit", json_integer(exit_code));
	put(d, o, "desc", json_string(text));
	return o;
}

char *tapcompat_caps_json(const struct tapcompat_caps *caps, unsigned int flags)
{
	struct document d = { .caps = caps };
	const char *undecided = tapcompat_caps_undecided(caps);
	json_t *o = json_object();

	put(&d, o, "schema", json_string(DOCUMENT_SCHEMA));
	put(&d, o, "version", json_integer(DOCUMENT_VERSION));
	put(&d, o, "host", document_host(&d));
	put(&d, o, "probed-at", json_time(caps->probed_at));
	put(&d, o, "backends", document_backends(&d));
	if (undecided)
		put(&d, o, "error", document_error(&d, DOCUMENT_UNDECIDED, undecided));
	return document_text(&d, o, flags);
}

char *tapcompat_error_json(int exit_code, const char *text, unsigned int flags)
{
	struct document d = { .caps = NULL };
	json_t *o = json_object();

	put(&d, o, "schema", json_string(DOCUMENT_ERROR));
	put(&d, o, "version", json_integer(DOCUMENT_VERSION));
	put(&d, o, "error", document_error(&d, exit_code, text));
	return document_text(&d, o, flags);
}
