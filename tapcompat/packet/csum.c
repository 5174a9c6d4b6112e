// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * csum.c - the Internet checksum
 *
 * Several bytes at a time in host byte order: swapping the bytes of the words only swaps
 * the bytes of the one's complement sum (RFC 1071, 2B).
 */
#include "csum.h"

#include <stdbool.h>

#include "ground/bytes.h"

#define BLOCK 64		/* bytes added at a time */

/*
 * Each lane has two sums: of the 64-bit words modulo 2^64, and of their high halves.  Their
 * difference is the sum of the low halves.  The compiler's vector types work on any machine,
 * but are slow if wider than its registers.  Division instead of a shift, which compilers
 * generate anyway, because static analysers mistake the number of lanes for their width.
 *
 * @out: NULL to copy nothing
 * @len: a multiple of BLOCK
 */
#define DEFINE_ADD_BLOCKS(name, lanes, attributes)					\
static attributes uint64_t name(uint8_t *out, const uint8_t *p, size_t len)		\
{											\
	typedef uint64_t vector __attribute__((vector_size(8 * (lanes))));		\
	vector all = { 0 }, high = { 0 }, v, w;						\
	uint64_t sum = 0, high_sum = 0;							\
	size_t i;									\
											\
	for (i = 0; i < len; i += 2 * sizeof(v)) {					\
		memcpy(&v, p + i, sizeof(v));						\
		memcpy(&w, p + i + sizeof(v), sizeof(w));				\
		if (out) {								\
			memcpy(out + i, &v, sizeof(v));					\
			memcpy(out + i + sizeof(v), &w, sizeof(w));			\
		}									\
		all += v + w;								\
		high += v / (1ull << 32) + w / (1ull << 32);				\
	}										\
	for (i = 0; i < (lanes); i++) {							\
		sum += all[i];								\
		high_sum += high[i];							\
	}										\
	return sum - (high_sum << 32) + high_sum;					\
}

DEFINE_ADD_BLOCKS(add_blocks, 2, )
#ifdef __x86_64__
DEFINE_ADD_BLOCKS(add_blocks_avx2, 4, __attribute__((target("avx2"))))

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}
#else
#define add_blocks_avx2 add_blocks
#define has_avx2() false
#endif

/* Return: the sum of all 32-bit words, the last one zero-padded */
static inline __attribute__((always_inline))
uint64_t add_words(uint8_t *out, const uint8_t *p, size_t len)
{
	size_t i = len & ~(size_t)(BLOCK - 1);
	uint64_t sum = 0, w;

	if (i)
		sum = has_avx2() ? add_blocks_avx2(out, p, i) : add_blocks(out, p, i);
	for (; len - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		if (out)
			memcpy(out + i, &w, sizeof(w));
		sum += (w & 0xffffffff) + (w >> 32);
	}
	if (i == len)
		return sum;
	w = 0;
	memcpy(&w, p + i, len - i);
	if (out)
		memcpy(out + i, &w, len - i);
	return sum + (w & 0xffffffff) + (w >> 32);
}

/* In host order. */
static uint16_t fold_words(uint64_t words)
{
	const uint64_t mask = 0x0000ffff0000ffff;

	words = (words & mask) + (words >> 16 & mask);
	return be16toh(csum_fold((uint32_t)words + (uint32_t)(words >> 32)));
}

uint32_t csum_add(const uint8_t *p, size_t len, uint32_t sum)
{
	return csum_fold(sum + fold_words(add_words(NULL, p, len)));
}

/* In a piece at an odd offset, high and low bytes are swapped. */
static uint32_t join(uint16_t piece, size_t at, uint32_t sum)
{
	if (at & 1)
		piece = (uint16_t)(piece << 8 | piece >> 8);
	return sum + piece;
}

uint32_t csum_piece(const uint8_t *p, size_t len, size_t at, uint32_t sum)
{
	return join(fold_words(add_words(NULL, p, len)), at, sum);
}

uint32_t csum_copy(uint8_t *out, const uint8_t *p, size_t len, size_t at, uint32_t sum)
{
	return join(fold_words(add_words(out, p, len)), at, sum);
}
