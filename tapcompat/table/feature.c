// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * feature.c - the table of features
 */
#include "feature.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "ground/bytes.h"
#include "ground/text.h"

/* Each row's bit by name, for the columns needs, needs_any and replacement. */
enum {
#define FEATURE(name, spec, bit, ...) BIT_##name = (bit),
#include "feature.def"
#undef FEATURE
};

#define WORD(name, w) (BIT_##name / 64 == (w) ? 1ull << (BIT_##name % 64) : 0)
#define NONE { { 0, 0 } }
#define BITS1(a) { { WORD(a, 0), WORD(a, 1) } }
#define BITS2(a, b) { { WORD(a, 0) | WORD(b, 0), WORD(a, 1) | WORD(b, 1) } }
#define BITS3(a, b, c) \
	{ { WORD(a, 0) | WORD(b, 0) | WORD(c, 0), \
	    WORD(a, 1) | WORD(b, 1) | WORD(c, 1) } }
#define BITS4(a, b, c, d) \
	{ { WORD(a, 0) | WORD(b, 0) | WORD(c, 0) | WORD(d, 0), \
	    WORD(a, 1) | WORD(b, 1) | WORD(c, 1) | WORD(d, 1) } }

#define NO_LAYER 0
#define TAP TAPCOMPAT_LAYER_TAP
#define VHOST TAPCOMPAT_LAYER_VHOST
#define STEERING TAPCOMPAT_LAYER_STEERING
#define V4 TAPCOMPAT_V4
#define V6 TAPCOMPAT_V6
#define ON 1
#define OFF 0
#define NOTHING TAPCOMPAT_BY_NOTHING
#define SEGMENTS TAPCOMPAT_BY_SEGMENTS
#define SPLITS TAPCOMPAT_BY_SPLITS
#define DEVICE TAPCOMPAT_BY_DEVICE

const struct tapcompat_feature feature_table[FEATURE_COUNT] = {
#define FEATURE(name, spec, bit, direction, layers, tun, gso, families, needs, any, \
		libvirt, linux_tap, linux_macvtap, linux_vhost, qemu, by_default, \
		emulation, model, deprecated, replacement, about) \
	{ #name, #spec, bit, TAPCOMPAT_##direction, layers, tun, gso, families, \
	  needs, any, libvirt, linux_tap, linux_macvtap, linux_vhost, qemu, about, model, \
	  by_default, deprecated, replacement, emulation },
#include "feature.def"
#undef FEATURE
};

#define FEATURE(name, spec, bit, ...) \
	static_assert((bit) < 128, "a mask is 128 bits wide");
#include "feature.def"
#undef FEATURE

const struct tapcompat_feature *tapcompat_feature_at(unsigned int index)
{
	return index < FEATURE_COUNT ? &feature_table[index] : NULL;
}

static bool feature_has_name(const struct tapcompat_feature *f, const char *name)
{
	static const char *const prefix[] = {
		"VIRTIO_NET_F_", "VIRTIO_F_", "VIRTIO_RING_F_",
	};
	size_t i;

	if (!strcasecmp(f->name, name) || !strcasecmp(f->spec, name))
		return true;
	for (i = 0; i < ARRAY_LENGTH(prefix); i++) {
		size_t n = strlen(prefix[i]);

		if (!strncmp(f->spec, prefix[i], n) && !strcasecmp(f->spec + n, name))
			return true;
	}
	return false;
}

const struct tapcompat_feature *tapcompat_feature_find(const char *name)
{
	const struct tapcompat_feature *f;

	/* Fast path: documents use QEMU's names, and there may be many documents. */
	for_each_feature(f)
		if (!strcmp(f->name, name))
			return f;
	for_each_feature(f)
		if (feature_has_name(f, name))
			return f;
	return NULL;
}

const char *feature_since(const struct tapcompat_feature *f, enum tapcompat_backend_type type)
{
	const char *const since[] = {
		[TAPCOMPAT_TAP] = f->linux_tap,
		[TAPCOMPAT_MACVTAP] = f->linux_macvtap,
		[TAPCOMPAT_VHOST_NET] = f->linux_vhost,
		[TAPCOMPAT_VHOST_VDPA] = "-",
		[TAPCOMPAT_EBPF_RSS] = f->linux_tap,
	};

	return since[type][0] == '-' ? "" : since[type];
}

bool feature_decided_by(const struct tapcompat_feature *f, enum tapcompat_backend_type type)
{
	static const unsigned int layers[] = {
		[TAPCOMPAT_TAP] = TAPCOMPAT_LAYER_TAP,
		[TAPCOMPAT_MACVTAP] = TAPCOMPAT_LAYER_TAP,
		[TAPCOMPAT_VHOST_NET] = ~0u,
		[TAPCOMPAT_VHOST_VDPA] = ~0u,
		[TAPCOMPAT_EBPF_RSS] = TAPCOMPAT_LAYER_STEERING,
	};

	return type == TAPCOMPAT_VHOST_VDPA || f->layers & layers[type];
}

struct tapcompat_mask features_all(void)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		tapcompat_mask_set(&mask, f->bit);
	return mask;
}

struct tapcompat_mask features_deprecated(void)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->deprecated[0] != '-')
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

struct tapcompat_mask features_by_default(void)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->by_default)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

struct tapcompat_mask features_decided_by(enum tapcompat_backend_type type)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (feature_decided_by(f, type))
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

struct tapcompat_mask features_after(const char *qemu)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (qemu[0] && release_above(f->qemu, qemu))
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}
