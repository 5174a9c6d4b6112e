// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * provided.c - what a host provides, by degree of certainty
 */
#include "provided.h"

/* Absent only because a feature that it needs has failed. */
static bool dependency_failed(const struct caps_backend *b, const struct tapcompat_feature *f)
{
	struct tapcompat_mask needs = mask_or(f->needs, f->needs_any);
	const struct tapcompat_feature *need;

	for_each_feature(need)
		if (tapcompat_mask_test(&needs, need->bit) &&
		    b->feature[feature_index(need)].verified == TAPCOMPAT_FAILED)
			return true;
	return false;
}

static void provided_add(struct provided *g, const struct caps_backend *b,
			 enum tapcompat_backend_type type, const struct tapcompat_feature *f)
{
	const struct caps_feature *c = &b->feature[feature_index(f)];

	if (!feature_decided_by(f, type) || c->state == TAPCOMPAT_NATIVE)
		tapcompat_mask_set(&g->counted, f->bit);
	else if (c->verified == TAPCOMPAT_FAILED || dependency_failed(b, f))
		tapcompat_mask_set(&g->accepted, f->bit);
	else if (c->state == TAPCOMPAT_UNKNOWN || c->state == TAPCOMPAT_UNLISTED)
		tapcompat_mask_set(&g->possible, f->bit);
	/* Features that the kernel corrupts can be emulated, too. */
	if (c->state == TAPCOMPAT_EMULATED)
		tapcompat_mask_set(&g->emulated, f->bit);
	if (feature_kernel_only(f, type))
		tapcompat_mask_set(&g->kernel_only, f->bit);
}

struct provided provided_of(const struct tapcompat_caps *caps, enum tapcompat_backend_type type)
{
	const struct caps_backend *b = &caps->backend[type];
	struct provided g = { .counted = { { 0, 0 } } };
	const struct tapcompat_feature *f;

	if (b->availability != TAPCOMPAT_AVAILABLE)
		return g;
	for_each_feature(f)
		provided_add(&g, b, type, f);
	g.accepted = mask_or(g.accepted, g.counted);
	g.possible = g.offered = mask_or(g.possible, g.accepted);
	return g;
}

void provided_add_emulated(struct provided *g, struct tapcompat_mask which)
{
	struct tapcompat_mask more = mask_and(g->emulated, which);

	if (mask_empty(&more))
		return;
	g->counted = mask_minus(g->counted, g->kernel_only);
	g->accepted = mask_minus(g->accepted, g->kernel_only);
	g->possible = mask_minus(g->possible, g->kernel_only);
	g->counted = mask_or(g->counted, more);
	g->accepted = mask_or(g->accepted, more);
	g->possible = mask_or(g->possible, more);
	g->offered = mask_or(g->offered, more);
}

struct provided provided_both(struct provided a, struct provided b)
{
	return (struct provided){
		.counted = mask_and(a.counted, b.counted),
		.accepted = mask_and(a.accepted, b.accepted),
		.possible = mask_and(a.possible, b.possible),
		.offered = mask_or(a.offered, b.offered),
		.emulated = mask_or(a.emulated, b.emulated),
		.kernel_only = mask_or(a.kernel_only, b.kernel_only),
	};
}
