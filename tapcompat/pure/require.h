/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * require.h - lists of features, from inside the library
 */
#ifndef TAPCOMPAT_PURE_REQUIRE_H
#define TAPCOMPAT_PURE_REQUIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "table/feature.h"

/**
 * mask_intersects() - have two sets a bit in common?
 */
static inline bool mask_intersects(const struct tapcompat_mask *a, const struct tapcompat_mask *b)
{
	return a->word[0] & b->word[0] || a->word[1] & b->word[1];
}

/**
 * mask_contains() - does @a have all bits of @b?
 */
static inline bool mask_contains(const struct tapcompat_mask *a, const struct tapcompat_mask *b)
{
	return !(~a->word[0] & b->word[0]) && !(~a->word[1] & b->word[1]);
}

static inline bool mask_empty(const struct tapcompat_mask *m)
{
	return !m->word[0] && !m->word[1];
}

/**
 * feature_stands() - is what a feature needs among @mask?
 */
static inline bool feature_stands(const struct tapcompat_feature *f,
				  const struct tapcompat_mask *mask)
{
	return mask_contains(mask, &f->needs) &&
	       (mask_empty(&f->needs_any) || mask_intersects(mask, &f->needs_any));
}

/**
 * mask_names() - the features of a set, as "csum,host_uso"
 * @suffix: behind each name, such as "=off"
 */
void mask_names(const struct tapcompat_mask *mask, const char *suffix, char *text, size_t size);

#endif /* TAPCOMPAT_PURE_REQUIRE_H */
