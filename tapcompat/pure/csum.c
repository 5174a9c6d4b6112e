// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * csum.c - the Internet checksum
 */
#include "csum.h"

#include "ground/bytes.h"

/*
 * Eight bytes at a time, in whatever order the machine has: a one's complement sum
 * only changes its own bytes' order with that of the words (RFC 1071, 2B).
 */
uint32_t csum_add(const uint8_t *p, size_t len, uint32_t sum)
{
	uint64_t words = 0, w;
	size_t i;

	for (i = 0; len - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		words += (w & 0xffffffff) + (w >> 32);
	}
	words = (words & 0xffffffff) + (words >> 32);
	words = (words & 0xffffffff) + (words >> 32);
	sum += be16toh(csum_fold((uint32_t)words));
	for (; i + 1 < len; i += 2)
		sum += get_be16(p + i);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	return csum_fold(sum);
}

uint32_t csum_piece(const uint8_t *p, size_t len, size_t at, uint32_t sum)
{
	uint16_t piece = csum_fold(csum_add(p, len, 0));

	if (at & 1)
		piece = (uint16_t)(piece << 8 | piece >> 8);
	return csum_fold(sum + piece);
}

uint16_t csum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
