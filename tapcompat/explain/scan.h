/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scan.h - find many texts in one pass
 */
#ifndef TAPCOMPAT_EXPLAIN_SCAN_H
#define TAPCOMPAT_EXPLAIN_SCAN_H

#include <stddef.h>
#include <stdint.h>

#define SCAN_TEXTS 96	/* at most */
#define SCAN_MIN 11	/* bytes in the shortest of them */
#define SCAN_HASHES 0x2000u

/* The texts, and how far the search may skip behind each block of bytes, by its hash. */
struct scan {
	unsigned int texts;
	const char *text[SCAN_TEXTS];
	size_t length[SCAN_TEXTS];
	uint8_t next[SCAN_TEXTS];	/* with the same last block, plus 1; 0: none */
	uint8_t first[SCAN_HASHES];	/* by block, plus 1; 0: none */
	uint8_t skip[SCAN_HASHES];
};

/**
 * scan_init() - no texts yet
 */
void scan_init(struct scan *s);

/**
 * scan_add() - one more text to look for
 * @text: a constant of SCAN_MIN bytes or more
 * Return: its number, counted from 0
 */
unsigned int scan_add(struct scan *s, const char *text);

/**
 * scan_next() - the first of the texts in some bytes
 * @which: set to its number
 * Return: where it begins, or NULL
 */
const char *scan_next(const struct scan *s, const char *bytes, size_t n, unsigned int *which);

#endif /* TAPCOMPAT_EXPLAIN_SCAN_H */
