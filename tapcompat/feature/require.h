/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * require.h - lists of features, from inside the library
 */
#ifndef TAPCOMPAT_FEATURE_REQUIRE_H
#define TAPCOMPAT_FEATURE_REQUIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "ground/mask.h"
#include "table/feature.h"

/**
 * feature_satisfied() - does @mask contain everything a feature needs?
 */
static inline bool feature_satisfied(const struct tapcompat_feature *f,
				  const struct tapcompat_mask *mask)
{
	return mask_contains(mask, &f->needs) &&
	       (mask_empty(&f->needs_any) || mask_intersects(mask, &f->needs_any));
}

/**
 * require_check() - is all that the features need required as well?
 * @error: set on failure: the first one that lacks something; may be NULL
 * Return: 0 or -EINVAL
 */
int require_check(const struct tapcompat_mask *mask, struct tapcompat_error *error);

/**
 * mask_names() - the features of a set, as "csum,host_uso"; other bits as bit_name()
 */
void mask_names(const struct tapcompat_mask *mask, char *text, size_t size);

#endif /* TAPCOMPAT_FEATURE_REQUIRE_H */
