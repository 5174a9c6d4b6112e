// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mask.c - sets of feature bits, 128 wide
 */
#include "mask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void tapcompat_mask_set(struct tapcompat_mask *mask, unsigned int bit)
{
	if (bit < 128)
		mask->word[bit / 64] |= 1ull << (bit % 64);
}

int tapcompat_mask_test(const struct tapcompat_mask *mask, unsigned int bit)
{
	return bit < 128 && (mask->word[bit / 64] >> (bit % 64) & 1);
}

char *tapcompat_mask_format(const struct tapcompat_mask *mask, char *text)
{
	if (mask->word[1])
		snprintf(text, TAPCOMPAT_MASK_TEXT, "0x%llx%016llx",
			 (unsigned long long)mask->word[1],
			 (unsigned long long)mask->word[0]);
	else
		snprintf(text, TAPCOMPAT_MASK_TEXT, "0x%llx",
			 (unsigned long long)mask->word[0]);
	return text;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *p = c ? strchr(digits, c) : NULL;

	if (!p)
		return -1;
	return (int)(p - digits < 16 ? p - digits : p - digits - 6);
}

int tapcompat_mask_parse(const char *text, struct tapcompat_mask *mask)
{
	struct tapcompat_mask m = { { 0, 0 } };
	const char *p = text + 2;

	if (text[0] != '0' || (text[1] | 0x20) != 'x' || !*p)
		return -EINVAL;
	for (; *p; p++) {
		int digit = hex_digit(*p);

		if (digit < 0)
			return -EINVAL;
		if (m.word[1] >> 60 || p - text > 33)
			return -ERANGE;
		m.word[1] = m.word[1] << 4 | m.word[0] >> 60;
		m.word[0] = m.word[0] << 4 | (unsigned int)digit;
	}
	*mask = m;
	return 0;
}

char *mask_fingerprint(const struct tapcompat_mask *mask, char *text)
{
	uint32_t hash = 0x811c9dc5;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		hash ^= (unsigned char)(mask->word[i / 8] >> i % 8 * 8);
		hash *= 0x01000193;
	}
	snprintf(text, MASK_FINGERPRINT, "%08x", hash);
	return text;
}
