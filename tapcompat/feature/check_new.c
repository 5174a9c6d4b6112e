// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * check_new.c - a check in allocated memory
 */
#include <stdlib.h>

#include "check.h"

struct tapcompat_check *tapcompat_check(const struct tapcompat_caps *caps,
					enum tapcompat_backend_type backend,
					struct tapcompat_mask require, unsigned int flags)
{
	struct tapcompat_check *c = malloc(sizeof(*c));

	if (!c)
		return NULL;
	check_start(c, tapcompat_backend_name(backend), backend, require);
	check_caps(c, caps, flags);
	return c;
}

void tapcompat_check_free(struct tapcompat_check *check)
{
	free(check);
}
