// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bit.c - names for all bits of a mask
 */
#include "bit.h"

#include "ground/bytes.h"
#include "ground/mask.h"
#include "ground/text.h"

#define QEMU_ON BIT_QEMU_ON
#define QEMU_OFF BIT_QEMU_OFF
#define SPEC BIT_SPEC

static const struct bit others[] = {
#define BIT(spec, bit, owner, has, lacks) { #spec, bit, owner, has, lacks },
#define BACKEND_BIT(spec, bit)
#include "bit.def"
#undef BIT
#undef BACKEND_BIT
};

static const struct {
	const char *spec;
	unsigned int bit;
} backend_bits[] = {
#define BIT(spec, bit, owner, has, lacks)
#define BACKEND_BIT(spec, bit) { #spec, bit },
#include "bit.def"
#undef BIT
#undef BACKEND_BIT
};

const struct tapcompat_feature *feature_of_bit(unsigned int bit)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->bit == bit)
			return f;
	return NULL;
}

const struct bit *bit_other(unsigned int bit)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(others); i++)
		if (others[i].bit == bit)
			return &others[i];
	return NULL;
}

const char *bit_spec(unsigned int bit)
{
	const struct tapcompat_feature *f = feature_of_bit(bit);
	const struct bit *other = bit_other(bit);

	if (f)
		return f->spec;
	return other ? other->spec : "?";
}

const char *bit_spec_in(unsigned int bit, enum bit_mask mask)
{
	size_t i;

	for (i = 0; mask == BIT_OF_BACKEND && i < ARRAY_LENGTH(backend_bits); i++)
		if (backend_bits[i].bit == bit)
			return backend_bits[i].spec;
	return bit_spec(bit);
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

static struct tapcompat_mask bits_of(unsigned int owners)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(others); i++)
		if (owners & 1u << others[i].owner)
			tapcompat_mask_set(&mask, others[i].bit);
	return mask;
}

struct tapcompat_mask bits_named(void)
{
	return mask_or(features_all(), bits_of(1u << BIT_QEMU_ON | 1u << BIT_QEMU_OFF));
}

struct tapcompat_mask bits_by_default(void)
{
	return mask_or(features_by_default(), bits_of(1u << BIT_QEMU_ON));
}

struct tapcompat_mask bits_by_option(void)
{
	struct tapcompat_mask mask = mask_minus(features_all(), features_by_default());
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(others); i++)
		if (others[i].owner == BIT_QEMU_OFF && others[i].has[0])
			tapcompat_mask_set(&mask, others[i].bit);
	return mask;
}
