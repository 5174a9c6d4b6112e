// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * level.c - how much the shim says
 */
#include "level.h"

#include <errno.h>
#include <string.h>

#include "ground/bytes.h"

static const char *const words[] = {
	[TAPCOMPAT_SHIM_ERROR] = "error", [TAPCOMPAT_SHIM_WARNING] = "warning",
	[TAPCOMPAT_SHIM_INFO] = "info", [TAPCOMPAT_SHIM_DEBUG] = "debug",
};

int shim_level(const char *word)
{
	size_t i;

	if (!word || !*word)
		return TAPCOMPAT_SHIM_WARNING;
	for (i = 0; i < ARRAY_LENGTH(words); i++)
		if (!strcmp(word, words[i]))
			return (int)i;
	return -EINVAL;
}
