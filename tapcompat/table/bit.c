// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bit.c - names for all bits of a mask
 */
#include "bit.h"

#include "ground/bytes.h"
#include "ground/text.h"

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

const char *bit_name(unsigned int bit, char *text)
{
	const struct tapcompat_feature *f = feature_of_bit(bit);
	const char *spec = bit_spec(bit);

	if (f)
		return f->name;
	if (spec[0] != '?')
		return spec;
	text_set(text, BIT_NAME, "bit %u", bit);
	return text;
}

struct tapcompat_mask bits_named(void)
{
	struct tapcompat_mask mask = features_all();
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(others); i++)
		tapcompat_mask_set(&mask, others[i].bit);
	return mask;
}
