// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * environment.c - the environment of QEMU's children
 *
 * Called in a child of fork(2), where another thread may have held libc's lock of the
 * environment: nothing is locked or allocated, the child's own copy is changed in place.
 */
#include "shim.h"

#include <string.h>

#define SHIM_NAME "libtapcompat-shim.so"
#define PRELOAD "LD_PRELOAD="

/* Is it the shim's path?  Both ":" and " " separate. */
static bool is_shim(const char *entry, size_t len)
{
	const size_t n = strlen(SHIM_NAME);

	return len >= n && !memcmp(entry + len - n, SHIM_NAME, n) &&
	       (len == n || entry[len - n - 1] == '/');
}

/* Return: whether something is left of the list */
static bool leave_preload(char *list)
{
	char *entry = list;

	while (*entry) {
		size_t len = strcspn(entry, ": ");
		size_t all = len + (entry[len] != '\0');

		if (is_shim(entry, len))
			memmove(entry, entry + all, strlen(entry + all) + 1);
		else
			entry += all;
	}
	while (entry > list && strchr(": ", entry[-1]))
		*--entry = '\0';
	return *list != '\0';
}

static bool is_kept(char *variable)
{
	if (!strncmp(variable, PRELOAD, strlen(PRELOAD)))
		return leave_preload(variable + strlen(PRELOAD));
	return strncmp(variable, "TAPCOMPAT_", strlen("TAPCOMPAT_")) != 0;
}

void shim_leave_environment(char **list)
{
	char **to = list;

	for (; list && *list; list++)
		if (is_kept(*list))
			*to++ = *list;
	if (to)
		*to = NULL;
}
