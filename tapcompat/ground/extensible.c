// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * extensible.c - structs with a size, from programs of another version
 */
#include "extensible.h"

#include <errno.h>
#include <string.h>

int struct_copy(void *to, size_t size, size_t first, const void *from, size_t given)
{
	const unsigned char *bytes = from;
	size_t i;

	if (given < first)
		return -EINVAL;
	if (given > STRUCT_MAX)
		return -E2BIG;
	for (i = size; i < given; i++)
		if (bytes[i])
			return -E2BIG;
	memset(to, 0, size);
	memcpy(to, from, given < size ? given : size);
	return 0;
}

const char *struct_copy_fault(int ret)
{
	return ret == -E2BIG ? "the options set something that this version of libtapcompat does "
			       "not know: install the version that the program was built for" :
			       "the member 'size' of the options is too small: set it to sizeof(), "
			       "and all other members to 0 or a value";
}
