/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * provided.h - what a host gives, by how sure that is
 *
 * What may be counted on is less than what QEMU offers a guest: QEMU takes the kernel's
 * word, also where frames then come out wrong, and what a document does not know may be
 * there as well.  So a feature is required of @counted, lands by @accepted, and is
 * switched off by @offered.
 */
#ifndef TAPCOMPAT_FEATURE_PROVIDED_H
#define TAPCOMPAT_FEATURE_PROVIDED_H

#include "caps.h"
#include "ground/mask.h"

struct provided {
	struct tapcompat_mask counted;	/* native, or QEMU's own with that backend */
	struct tapcompat_mask accepted;	/* and what the kernel accepts and corrupts */
	struct tapcompat_mask possible;	/* and what is not known */
	struct tapcompat_mask offered;	/* the same, with any of several backends */
	struct tapcompat_mask emulated;	/* not counted unless provided_add_emulated() says so */
	struct tapcompat_mask kernel_only;	/* of vhost-net, and of no device in its place */
};

/**
 * provided_of() - what one backend of a host gives
 */
struct provided provided_of(const struct tapcompat_caps *caps, enum tapcompat_backend_type type);

/**
 * provided_add_emulated() - count what tapcompat's shim can carry
 * @which: of these features
 *
 * Where there is one, its device is there instead of vhost-net, and what that alone has is
 * gone.  Of one backend: a shim that is needed with one of two is needed, so they are
 * counted before provided_both().
 */
void provided_add_emulated(struct provided *g, struct tapcompat_mask which);

/**
 * provided_both() - of two backends among which a machine moves
 */
struct provided provided_both(struct provided a, struct provided b);

/* What a machine with some features has by emulation there. */
static inline struct tapcompat_mask provided_emulated(const struct provided *g,
						  struct tapcompat_mask features)
{
	return mask_and(mask_and(g->emulated, g->counted), features);
}

/* What is neither known to be there nor not to be. */
static inline struct tapcompat_mask provided_unknown(const struct provided *g)
{
	return mask_minus(g->possible, g->accepted);
}

#endif /* TAPCOMPAT_FEATURE_PROVIDED_H */
