// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * conclude.c - a whole check: the findings (check.c), then the ways out (ways.c)
 */
#include "check.h"

#include "ground/mask.h"

void check_conclude(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		    unsigned int flags)
{
	int code;

	check_conflicts(c);
	code = tapcompat_check_exit(c);
	/* An undecided finding already says what is needed to decide it. */
	if (code && code != TAPCOMPAT_EXIT_UNDECIDED && !mask_empty(&c->lacks))
		check_ways(c, caps, flags);
}

void check_caps(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		unsigned int flags)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (tapcompat_mask_test(&c->require, f->bit))
			check_feature(c, caps, f, flags);
	check_conclude(c, caps, flags);
}
