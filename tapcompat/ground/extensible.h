/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * extensible.h - structs with a size, from programs of another version
 *
 * The rule is that of openat2(2); tapcompat.h has it for callers.  To add a member:
 * put it at the end, behind any padding; 0 must mean what was done before it existed.
 */
#ifndef TAPCOMPAT_GROUND_EXTENSIBLE_H
#define TAPCOMPAT_GROUND_EXTENSIBLE_H

#include <stddef.h>

#define STRUCT_MAX 4096		/* bytes: a larger size is one that was not set */

/* Size of a struct that ends with @member: of its first version, for struct_copy(). */
#define STRUCT_END(type, member) \
	(offsetof(type, member) + sizeof(__typeof__(((type *)0)->member)))

/**
 * struct_copy() - take a caller's struct in the form that this version has
 * @to: @size bytes
 * @first: size of the first version that was published
 * @from: @given bytes, as the caller says
 * Return: 0; -EINVAL: smaller than the first version; -E2BIG: it sets something beyond
 *	@size, which this version does not know, or is larger than any version will be
 */
int struct_copy(void *to, size_t size, size_t first, const void *from, size_t given);

/**
 * struct_copy_fault() - what an error of struct_copy() means, in words
 */
const char *struct_copy_fault(int ret);

#endif /* TAPCOMPAT_GROUND_EXTENSIBLE_H */
