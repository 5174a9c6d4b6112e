// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * version.c - version of the library
 */
#include <tapcompat.h>

#define TEXT(n) #n
#define DOTTED(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

const char *tapcompat_version(void)
{
	return DOTTED(TAPCOMPAT_VERSION_MAJOR, TAPCOMPAT_VERSION_MINOR, TAPCOMPAT_VERSION_MICRO);
}
