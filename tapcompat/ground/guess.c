// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * guess.c - which known word an unknown one was meant to be
 *
 * The optimal string alignment distance: the number of letters that are added, left out,
 * replaced or swapped with their neighbour, none of them twice.
 */
#include "guess.h"

#include <string.h>

#include "text.h"

#define WORD_MAX 40	/* letters; longer words have no neighbours */

static unsigned char letter(char c)
{
	if (c == '-')
		return '_';
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* @row: of the first i - 2, i - 1 and i letters of @a, against the first j of @b */
static unsigned int cell(const char *a, size_t i, const char *b, size_t j,
			 unsigned int (*row)[WORD_MAX + 1])
{
	unsigned int differ = letter(a[i - 1]) != letter(b[j - 1]);
	unsigned int distance = least(row[1][j] + 1, row[2][j - 1] + 1);

	distance = least(distance, row[1][j - 1] + differ);
	if (i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) &&
	    letter(a[i - 2]) == letter(b[j - 1]))
		distance = least(distance, row[0][j - 2] + 1);
	return distance;
}

static unsigned int distance(const char *a, size_t la, const char *b, size_t lb)
{
	unsigned int row[3][WORD_MAX + 1];
	size_t i, j;

	for (j = 0; j <= lb; j++)
		row[2][j] = (unsigned int)j;
	memcpy(row[1], row[2], sizeof(row[1]));
	for (i = 1; i <= la; i++) {
		memcpy(row[0], row[1], sizeof(row[0]));
		memcpy(row[1], row[2], sizeof(row[1]));
		row[2][0] = (unsigned int)i;
		for (j = 1; j <= lb; j++)
			row[2][j] = cell(a, i, b, j, row);
	}
	return row[2][lb];
}

void guess_consider(struct guess *g, const char *known)
{
	size_t unknown_length = strnlen(g->unknown, WORD_MAX + 1);
	size_t known_length = strnlen(known, WORD_MAX + 1);
	unsigned int d;

	if (!unknown_length || unknown_length > WORD_MAX || known_length > WORD_MAX)
		return;
	d = distance(g->unknown, unknown_length, known, known_length);
	if (d > unknown_length / 3 || (g->best && d >= g->distance))
		return;
	g->best = known;
	g->distance = d;
}

const char *guess_hint(const struct guess *g, char buf[GUESS_HINT])
{
	buf[0] = '\0';
	if (g->best)
		text_set(buf, GUESS_HINT, "did you mean '%s'? It ", g->best);
	return buf;
}
