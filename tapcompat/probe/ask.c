// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ask.c - query the kernel by ioctl
 */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "kernel/tap.h"
#include "kernel/vhost.h"
#include "packet/vnet.h"

/* Names of the flags, for messages. */
static const struct {
	unsigned int flag;
	const char *name;
} tun_flags[] = {
	{ TUN_F_CSUM, "TUN_F_CSUM" },
	{ TUN_F_TSO4, "TUN_F_TSO4" },
	{ TUN_F_TSO6, "TUN_F_TSO6" },
	{ TUN_F_TSO_ECN, "TUN_F_TSO_ECN" },
	{ TUN_F_UFO, "TUN_F_UFO" },
	{ TUN_F_USO4, "TUN_F_USO4" },
	{ TUN_F_USO6, "TUN_F_USO6" },
	{ TUN_F_UDP_TUNNEL_GSO, "TUN_F_UDP_TUNNEL_GSO" },
	{ TUN_F_UDP_TUNNEL_GSO_CSUM, "TUN_F_UDP_TUNNEL_GSO_CSUM" },
};

static void flags_describe(unsigned int flags, char *text, size_t size)
{
	size_t i;

	text[0] = '\0';
	for (i = 0; i < ARRAY_LENGTH(tun_flags); i++)
		if (flags & tun_flags[i].flag)
			text_add(text, size, "%s%s", *text ? "|" : "", tun_flags[i].name);
}

static unsigned int row_header(const struct tapcompat_feature *f)
{
	return f->gso_type == GSO_TUNNEL ? VNET_TUNNEL : VNET_MERGEABLE;
}

/*
 * Set the row's mask.  The header's size comes first: with tunnel offload and a small
 * header, a tap silently drops frames.
 */
static void ask_offload(int fd, struct caps_backend *b, const struct tapcompat_feature *f,
			unsigned int *accepted)
{
	char flags[CAPS_DETAIL];
	int ret;

	ret = tap_header(fd, row_header(f));
	if (ret) {
		caps_set(b, f, answer_of(ASKED_TUN, ret) == ANSWER_NO ? TAPCOMPAT_ABSENT :
									TAPCOMPAT_UNKNOWN,
			 "TUNSETVNETHDRSZ refuses %u bytes: %s", row_header(f),
			 answer_errno(ret));
		return;
	}
	ret = tap_offload(fd, f->tun_flags);
	/* Name the flags that were not accepted before, if any. */
	flags_describe(f->tun_flags & ~*accepted ? f->tun_flags & ~*accepted : f->tun_flags,
		       flags, sizeof(flags));
	switch (answer_of(ASKED_TUN, ret)) {
	case ANSWER_YES:
		*accepted |= f->tun_flags;
		caps_set(b, f, TAPCOMPAT_NATIVE, "%s", "");
		break;
	case ANSWER_NO:
		caps_set(b, f, TAPCOMPAT_ABSENT, "TUNSETOFFLOAD refuses %s: %s", flags,
			 answer_errno(ret));
		break;
	case ANSWER_UNKNOWN:
		caps_set(b, f, TAPCOMPAT_UNKNOWN, "TUNSETOFFLOAD %s: %s", flags,
			 answer_errno(ret));
		break;
	}
}

static void ask_offloads(int fd, struct caps_backend *b)
{
	const struct tapcompat_feature *f;
	unsigned int accepted = 0;
	/* If even 0 fails, a failure does not concern a feature. */
	int none = tap_offload(fd, 0);

	for_each_feature(f) {
		if (!f->tun_flags)
			continue;
		if (none)
			caps_set(b, f, answer_of(ASKED_TUN, none) == ANSWER_NO ?
					       TAPCOMPAT_ABSENT : TAPCOMPAT_UNKNOWN,
				 "TUNSETOFFLOAD 0: %s", answer_errno(none));
		else
			ask_offload(fd, b, f, &accepted);
	}
	tap_offload(fd, 0);
}

/* Offloads of newer kernels that are not in the table. */
static void ask_more(int fd, struct caps_backend *b)
{
	const struct tapcompat_feature *f;
	unsigned int known = 0, bit;

	for_each_feature(f)
		known |= f->tun_flags;
	for (bit = 1; bit; bit <<= 1)
		if (!(bit & known) &&
		    !tap_offload(fd, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | bit))
			b->more_offloads |= bit;
	tap_offload(fd, 0);
}

static void ask_header(int fd, struct caps_backend *b)
{
	static const unsigned int sizes[] = {
		VNET_LEGACY, VNET_MERGEABLE, VNET_HASH, VNET_TUNNEL,
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(sizes); i++)
		if (!tap_header(fd, sizes[i]))
			b->size[b->sizes++] = sizes[i];
	b->little_endian = !tap_endian(fd, true, true);
	b->big_endian = !tap_endian(fd, false, true);
	if (b->big_endian)
		tap_endian(fd, false, false);
	tap_endian(fd, true, true);
}

static void ask_queues(int fd, struct caps_backend *b)
{
	const struct tapcompat_feature *f;
	unsigned int flags = 0;
	int ret = tap_features(fd, &flags);

	b->multi_queue = flags & IFF_MULTI_QUEUE;
	for_each_feature(f) {
		if (!(f->layers & TAPCOMPAT_LAYER_TAP) || f->tun_flags)
			continue;
		if (ret)
			caps_set(b, f, TAPCOMPAT_UNKNOWN, "TUNGETFEATURES: %s", answer_errno(ret));
		else if (b->multi_queue)
			caps_set(b, f, TAPCOMPAT_NATIVE, "%s", "");
		else
			caps_set(b, f, TAPCOMPAT_ABSENT, "TUNGETFEATURES lacks IFF_MULTI_QUEUE");
	}
}

void ask_tap(int fd, struct caps_backend *b)
{
	ask_header(fd, b);
	ask_queues(fd, b);
	ask_offloads(fd, b);
	ask_more(fd, b);
	tap_header(fd, VNET_MERGEABLE);
}

/* A layer below vhost-net decides as well: take over its result. */
static void ask_below(const struct caps_backend *below, const char *name,
		      const struct tapcompat_feature *f, struct caps_backend *b)
{
	const struct caps_feature *c = &below->feature[feature_index(f)];

	if (below->availability != TAPCOMPAT_AVAILABLE)
		caps_set(b, f, below->availability == TAPCOMPAT_UNAVAILABLE ? TAPCOMPAT_ABSENT :
									     TAPCOMPAT_UNKNOWN,
			 "%s: %s", name, below->detail);
	else if (c->state == TAPCOMPAT_NATIVE)
		caps_set(b, f, TAPCOMPAT_NATIVE, "%s", "");
	else if (c->verified == TAPCOMPAT_FAILED)
		caps_verdict(b, f, c->verified, "%s: %s", name, c->detail);
	else
		caps_set(b, f, c->state, "%s: %s", name, c->detail);
}

static void ask_vhost_row(struct caps_backend *b, const struct tapcompat_feature *f,
			  const struct caps_backend *tap, const struct caps_backend *steering,
			  int array)
{
	caps_set(b, f, TAPCOMPAT_NATIVE, "%s", "");
	if (f->layers & TAPCOMPAT_LAYER_TAP)
		ask_below(tap, "tap", f, b);
	if (f->layers & TAPCOMPAT_LAYER_STEERING)
		ask_below(steering, "ebpf-rss", f, b);
	if (caps_state(b, f) != TAPCOMPAT_NATIVE || !(f->layers & TAPCOMPAT_LAYER_VHOST) ||
	    tapcompat_mask_test(&b->vhost_features, f->bit))
		return;
	if (f->bit >= 64 && array)
		caps_set(b, f, TAPCOMPAT_UNKNOWN, "VHOST_GET_FEATURES_ARRAY: %s",
			 answer_errno(array));
	else if (f->bit >= 64 && !b->features_array)
		caps_set(b, f, TAPCOMPAT_ABSENT, "vhost-net has no features beyond bit 63");
	else
		caps_set(b, f, TAPCOMPAT_ABSENT, "vhost-net does not offer it");
}

void ask_vhost(int fd, const struct caps_backend *tap, const struct caps_backend *steering,
	       struct caps_backend *b)
{
	const struct tapcompat_feature *f;
	int ret = vhost_features(fd, &b->vhost_features, &b->features_array);

	vhost_backend_features(fd, &b->backend_features);
	b->multi_queue = tap->multi_queue;
	b->sizes = tap->sizes;
	memcpy(b->size, tap->size, sizeof(b->size));
	if (ret && !b->vhost_features.word[0]) {
		caps_available(b, TAPCOMPAT_UNDECIDED, "VHOST_GET_FEATURES: %s",
			       answer_errno(ret));
		return;
	}
	for_each_feature(f)
		if (f->layers)
			ask_vhost_row(b, f, tap, steering, ret);
}

/* The first device that does not report its features or lacks this one. */
static const struct caps_vdpa *vdpa_without(const struct caps_backend *b, unsigned int bit)
{
	unsigned int i;

	for (i = 0; i < b->devices; i++)
		if (!b->device[i].has_features)
			return &b->device[i];
	for (i = 0; i < b->devices; i++)
		if (bit >= 64 || !(b->device[i].features >> bit & 1))
			return &b->device[i];
	return NULL;
}

void ask_vdpa(struct caps_backend *b)
{
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		const struct caps_vdpa *lacks = vdpa_without(b, f->bit);

		if (!lacks && b->unlisted)
			caps_set(b, f, TAPCOMPAT_UNKNOWN,
				 "offered by %u devices; %u more were not asked for lack of room",
				 b->devices, b->unlisted);
		else if (!lacks)
			caps_set(b, f, TAPCOMPAT_NATIVE,
				 "offered; not verified, because a guest may be using the device");
		else if (lacks->has_features)
			caps_set(b, f, TAPCOMPAT_ABSENT, "%s does not offer it", lacks->name);
		else
			caps_set(b, f, TAPCOMPAT_UNKNOWN, "%s does not report its features",
				 lacks->name);
	}
}
