/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * provided.h - what a host provides, by degree of certainty
 *
 * QEMU may offer a guest more than can be relied on: it trusts the kernel even where
 * frames are then corrupted, and features that a document does not list may exist as
 * well.  So requirements are checked against @counted, landing against @accepted, and
 * flags disable features in @offered.
 */
#ifndef TAPCOMPAT_FEATURE_PROVIDED_H
#define TAPCOMPAT_FEATURE_PROVIDED_H

#include "caps.h"
#include "ground/mask.h"

struct provided {
	struct tapcompat_mask counted;	/* native, or implemented by QEMU itself */
	struct tapcompat_mask accepted;	/* plus what the kernel accepts and corrupts */
	struct tapcompat_mask possible;	/* plus what is unknown */
	struct tapcompat_mask offered;	/* likewise, with any of several backends */
	struct tapcompat_mask emulated;	/* not counted unless provided_add_emulated() says so */
	struct tapcompat_mask kernel_only;	/* only vhost-net has it, not tapcompat's device */
};

/**
 * provided_of() - what one backend of a host provides
 */
struct provided provided_of(const struct tapcompat_caps *caps, enum tapcompat_backend_type type);

/**
 * provided_add_emulated() - count what tapcompat's shim can emulate
 * @which: the features to consider
 *
 * If any is emulated, the shim's device replaces vhost-net, and features that only
 * vhost-net has are removed.  Call it for each backend before provided_both(): a shim
 * that one of two backends needs is used with both.
 */
void provided_add_emulated(struct provided *g, struct tapcompat_mask which);

/**
 * provided_both() - what a machine can use with either of two backends
 */
struct provided provided_both(struct provided a, struct provided b);

/* Those of @features that are emulated there. */
static inline struct tapcompat_mask provided_emulated(const struct provided *g,
						  struct tapcompat_mask features)
{
	return mask_and(mask_and(g->emulated, g->counted), features);
}

/* Features whose presence is unknown. */
static inline struct tapcompat_mask provided_unknown(const struct provided *g)
{
	return mask_minus(g->possible, g->accepted);
}

#endif /* TAPCOMPAT_FEATURE_PROVIDED_H */
