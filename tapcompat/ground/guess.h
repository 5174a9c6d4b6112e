/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guess.h - which known word an unknown one was meant to be
 */
#ifndef TAPCOMPAT_GROUND_GUESS_H
#define TAPCOMPAT_GROUND_GUESS_H

#include <stddef.h>

#define GUESS_HINT 64	/* bytes: the longest text of guess_hint() */

/* The nearest word so far. */
struct guess {
	const char *unknown, *best;
	unsigned int distance;
};

/* To start with; @word is foreign and of any length. */
#define GUESS(word) ((struct guess){ (word), NULL, 0 })

/**
 * guess_consider() - take a known word into account
 *
 * Words are near if few letters were left out, added, replaced or swapped, at most one in
 * three; upper case is like lower case, and '-' like '_'.  The first one of equally near words
 * is kept.
 */
void guess_consider(struct guess *g, const char *known);

/**
 * guess_hint() - "did you mean 'host_uso'? It " in front of "must be ...", or nothing
 * Return: @buf
 */
const char *guess_hint(const struct guess *g, char buf[GUESS_HINT]);

#endif /* TAPCOMPAT_GROUND_GUESS_H */
