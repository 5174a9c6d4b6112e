// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * shim_path.c - where the shim is: beside the library, wherever that was put
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tapcompat_shim.h>

#define SHIM_FILE "libtapcompat-shim.so"

int tapcompat_shim_path(char *path, size_t size)
{
	/* An object of this library: a function's address may be the program's own. */
	static const char here = 0;
	char library[PATH_MAX];
	Dl_info info;
	int n;

	path[0] = '\0';
	if (!dladdr(&here, &info) || !info.dli_fname)
		return -ENOENT;
	if (!realpath(info.dli_fname, library))
		return -errno;
	n = snprintf(path, size, "%.*s/%s", (int)(strrchr(library, '/') - library), library,
		     SHIM_FILE);
	if (n < 0 || (size_t)n >= size) {
		path[0] = '\0';
		return -ENAMETOOLONG;
	}
	return access(path, R_OK) ? -errno : 0;
}
