// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bit.c - names for all bits of a mask
 */
#include "bit.h"

#include "ground/bytes.h"

static const struct {
	const char *spec;
	unsigned int bit;
} others[] = {
#define BIT(spec, bit) { #spec, bit },
#include "bit.def"
#undef BIT
};

const struct tapcompat_feature *feature_of_bit(unsigned int bit)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->bit == bit)
			return f;
	return NULL;
}

const char *bit_spec(unsigned int bit)
{
	const struct tapcompat_feature *f = feature_of_bit(bit);
	size_t i;

	if (f)
		return f->spec;
	for (i = 0; i < ARRAY_LENGTH(others); i++)
		if (others[i].bit == bit)
			return others[i].spec;
	return "?";
}
