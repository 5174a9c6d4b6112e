// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * csum.c - the Internet checksum
 */
#include "csum.h"

#include "ground/bytes.h"

uint32_t csum_add(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
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
