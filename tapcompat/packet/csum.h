/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * csum.h - the Internet checksum, RFC 1071
 */
#ifndef TAPCOMPAT_PACKET_CSUM_H
#define TAPCOMPAT_PACKET_CSUM_H

#include <stddef.h>
#include <stdint.h>

/**
 * csum_add() - add bytes to a running sum
 * @len: an odd last byte counts as the high half of a word, so only the last
 *	piece may be odd
 * @sum: a sum so far, 0 at first
 */
uint32_t csum_add(const uint8_t *p, size_t len, uint32_t sum);

/**
 * csum_piece() - add a piece of any length
 * @at: offset of the piece; bytes are swapped if it is odd
 * @sum: of all previous pieces
 */
uint32_t csum_piece(const uint8_t *p, size_t len, size_t at, uint32_t sum);

/**
 * csum_copy() - likewise, and copy the piece, reading each byte once
 * @out: @len bytes, not overlapping
 */
uint32_t csum_copy(uint8_t *out, const uint8_t *p, size_t len, size_t at, uint32_t sum);

/**
 * csum_fold() - a running sum as 16 bits, not inverted, in host order
 */
static inline uint16_t csum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

#endif /* TAPCOMPAT_PACKET_CSUM_H */
