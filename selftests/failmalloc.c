// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * failmalloc.c - preloaded: the allocation numbered FAIL_AT fails, once
 *
 * Counts in each process by itself, from the fork on where there is one.  With
 * FAIL_CHILD only forked processes count.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static pid_t counted;
static bool forked;
static long n;

static bool fails(void)
{
	const char *at = getenv("FAIL_AT");
	pid_t pid = getpid();

	if (!at)
		return false;
	if (pid != counted) {
		forked = counted != 0;
		counted = pid;
		n = 0;
	}
	if (getenv("FAIL_CHILD") && !forked)
		return false;
	if (++n != atol(at))
		return false;
	errno = ENOMEM;
	return true;
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}
