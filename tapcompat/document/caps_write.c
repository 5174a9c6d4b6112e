// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * caps_write.c - write a capability document, tapcompat-capabilities(5)
 */
#include "document.h"

#include "feature/caps.h"

static json_t *document_host(struct document *d, const struct tapcompat_caps *caps)
{
	json_t *o = json_object();

	put(d, o, "name", json_string(caps->host));
	put(d, o, "kernel", json_string(caps->kernel));
	put(d, o, "machine", json_string(caps->machine));
	return o;
}

static json_t *document_feature(struct document *d, const struct caps_backend *b,
				enum tapcompat_backend_type type,
				const struct tapcompat_feature *f)
{
	const struct caps_feature *c = &b->feature[feature_index(f)];
	const char *since = feature_since(f, type);
	json_t *o = json_object();

	put(d, o, "name", json_string(f->name));
	put(d, o, "bit", json_integer(f->bit));
	put(d, o, "state", json_string(tapcompat_state_name(c->state)));
	put(d, o, "verified", json_string(tapcompat_verified_name(c->verified)));
	if (c->detail[0])
		put(d, o, "detail", json_string(c->detail));
	if (since[0])
		put(d, o, "since-kernel", json_string(since));
	return o;
}

static json_t *document_features(struct document *d, const struct caps_backend *b,
				 enum tapcompat_backend_type type)
{
	const struct tapcompat_feature *f;
	json_t *list = json_array();

	for_each_feature(f)
		if (caps_state(b, f) != TAPCOMPAT_UNLISTED)
			append(d, list, document_feature(d, b, type, f));
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

/* Members that only some types of backend have. */
static void (*const document_extras[])(struct document *d, json_t *o,
				       const struct caps_backend *b) = {
	[TAPCOMPAT_TAP] = document_tap,
	[TAPCOMPAT_MACVTAP] = document_tap,
	[TAPCOMPAT_VHOST_NET] = document_vhost,
	[TAPCOMPAT_VHOST_VDPA] = document_vdpa,
	[TAPCOMPAT_EBPF_RSS] = NULL,
};

static json_t *document_backend(struct document *d, const struct tapcompat_caps *caps,
				enum tapcompat_backend_type type)
{
	const struct caps_backend *b = &caps->backend[type];
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
	put(d, o, "native", json_mask(tapcompat_caps_mask(caps, type, TAPCOMPAT_NATIVE)));
	put(d, o, "emulated", json_mask(tapcompat_caps_mask(caps, type, TAPCOMPAT_EMULATED)));
	put(d, o, "features", document_features(d, b, type));
	return o;
}

static json_t *document_backends(struct document *d, const struct tapcompat_caps *caps)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;

		if (caps->backend[type].availability != TAPCOMPAT_NOT_ASKED)
			append(d, list, document_backend(d, caps, type));
	}
	return list;
}

json_t *document_caps(struct document *d, const struct tapcompat_caps *caps)
{
	const char *undecided = tapcompat_caps_undecided(caps);
	json_t *o = document_new(d, DOCUMENT_SCHEMA);

	put(d, o, "host", document_host(d, caps));
	put(d, o, "probed-at", json_time(caps->probed_at));
	put(d, o, "backends", document_backends(d, caps));
	if (undecided)
		put(d, o, "error", document_error(d, TAPCOMPAT_EXIT_UNDECIDED, undecided));
	return o;
}

char *tapcompat_caps_json(const struct tapcompat_caps *caps, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_caps(&d, caps);

	return document_text(&d, o, flags);
}
