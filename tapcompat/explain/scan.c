// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * scan.c - find many texts in one pass
 *
 * The algorithm of Wu and Manber: a window of SCAN_MIN bytes moves over the log.  The
 * block at its end says how far it may move at least before it can be the beginning of one
 * of the texts: SCAN_MIN - BLOCK + 1 where no text has the block.
 *
 * Each step waits for the one before it, so long stretches are first looked through by
 * several windows at a time, which only tell whether there is anything at all.
 */
#include "scan.h"

#include <assert.h>
#include <string.h>

#define BLOCK 4
#define END (SCAN_MIN - BLOCK)	/* of the window, where its last block is */
#define LANES ((size_t)4)
#define LANE ((size_t)0x1000)			/* bytes that one of several windows moves over */

static uint32_t block_at(const char *p)
{
	uint32_t block;

	memcpy(&block, p, sizeof(block));
	return block * 0x9e3779b1u >> 19;
}

void scan_init(struct scan *s)
{
	s->texts = 0;
	memset(s->first, 0, sizeof(s->first));
	memset(s->skip, END + 1, sizeof(s->skip));
}

unsigned int scan_add(struct scan *s, const char *text)
{
	uint32_t last = block_at(text + END);
	unsigned int which = s->texts, i;

	assert(which < SCAN_TEXTS && strlen(text) >= SCAN_MIN);
	for (i = 0; i <= END; i++) {
		uint8_t *skip = &s->skip[block_at(text + i)];

		if (END - i < *skip)
			*skip = (uint8_t)(END - i);
	}
	s->text[which] = text;
	s->length[which] = strlen(text);
	s->next[which] = s->first[last];
	s->first[last] = (uint8_t)(which + 1);
	s->texts++;
	return which;
}

/* Which of the texts whose window ends in that block stands there, plus 1?  The longest. */
static unsigned int scan_at(const struct scan *s, const char *at, size_t left, uint32_t block)
{
	unsigned int i, found = 0;

	for (i = s->first[block]; i; i = s->next[i - 1]) {
		size_t n = s->length[i - 1];

		if (n <= left && !memcmp(at, s->text[i - 1], n) &&
		    (!found || n > s->length[found - 1]))
			found = i;
	}
	return found;
}

/* A step of one window; 0 where it stands on one of the texts. */
static size_t step(const struct scan *s, const char *at, const char *end)
{
	uint32_t block = block_at(at);
	size_t skip = s->skip[block];

	if (!skip && !scan_at(s, at - END, (size_t)(end - (at - END)), block))
		skip = 1;
	return skip;
}

static int clear_lane(const struct scan *s, const char *at, const char *stop, const char *end)
{
	while (at < stop) {
		size_t skip = step(s, at, end);

		if (!skip)
			return 0;
		at += skip;
	}
	return 1;
}

/* Is none of the texts in the next LANES * LANE bytes, behind which there are more? */
static int clear(const struct scan *s, const char *bytes, const char *end)
{
	const char *a = bytes + END, *b = a + LANE, *c = b + LANE, *d = c + LANE;
	const char *const lane[] = { a, b, c, d };
	size_t i, j, k, l;

	/* None gets further than the others' beginning, so that all may be read. */
	while (a < lane[1] && b < lane[2] && c < lane[3] && d < lane[3] + LANE) {
		i = s->skip[block_at(a)];
		j = s->skip[block_at(b)];
		k = s->skip[block_at(c)];
		l = s->skip[block_at(d)];
		if (!(i && j && k && l)) {
			i = i ? i : step(s, a, end);
			j = j ? j : step(s, b, end);
			k = k ? k : step(s, c, end);
			l = l ? l : step(s, d, end);
			if (!(i && j && k && l))
				return 0;
		}
		a += i;
		b += j;
		c += k;
		d += l;
	}
	return clear_lane(s, a, lane[1], end) && clear_lane(s, b, lane[2], end) &&
	       clear_lane(s, c, lane[3], end) && clear_lane(s, d, lane[3] + LANE, end);
}

const char *scan_next(const struct scan *s, const char *bytes, size_t n, unsigned int *which)
{
	const char *at, *end = bytes + n;

	while ((size_t)(end - bytes) >= LANES * LANE + SCAN_MIN && clear(s, bytes, end))
		bytes += LANES * LANE;
	for (at = bytes + END; at + BLOCK <= end;) {
		size_t skip = step(s, at, end);

		if (!skip) {
			*which = scan_at(s, at - END, (size_t)(end - (at - END)), block_at(at)) - 1;
			return at - END;
		}
		at += skip;
	}
	return NULL;
}
