/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mask.h - operations on sets of features
 */
#ifndef TAPCOMPAT_GROUND_MASK_H
#define TAPCOMPAT_GROUND_MASK_H

#include <stdbool.h>

#include <tapcompat.h>

#define MASK_NONE ((struct tapcompat_mask){ { 0, 0 } })
#define MASK_ALL ((struct tapcompat_mask){ { ~0ull, ~0ull } })

#define MASK_FINGERPRINT 9	/* bytes: 8 digits and the final NUL */

/**
 * mask_fingerprint() - a mask in short, for labels
 * @text: MASK_FINGERPRINT bytes
 *
 * The FNV-1a hash of 32 bits, over the mask's 16 bytes, lowest first.
 *
 * Return: @text
 */
char *mask_fingerprint(const struct tapcompat_mask *mask, char *text);

static inline void mask_clear(struct tapcompat_mask *mask, unsigned int bit)
{
	mask->word[bit / 64] &= ~(1ull << bit % 64);
}

/* Do the sets have a bit in common? */
static inline bool mask_intersects(const struct tapcompat_mask *a, const struct tapcompat_mask *b)
{
	return a->word[0] & b->word[0] || a->word[1] & b->word[1];
}

/* Does @a have all bits of @b? */
static inline bool mask_contains(const struct tapcompat_mask *a, const struct tapcompat_mask *b)
{
	return !(~a->word[0] & b->word[0]) && !(~a->word[1] & b->word[1]);
}

static inline bool mask_empty(const struct tapcompat_mask *m)
{
	return !m->word[0] && !m->word[1];
}

static inline bool mask_equal(const struct tapcompat_mask *a, const struct tapcompat_mask *b)
{
	return a->word[0] == b->word[0] && a->word[1] == b->word[1];
}

static inline struct tapcompat_mask mask_and(struct tapcompat_mask a, struct tapcompat_mask b)
{
	return (struct tapcompat_mask){ { a.word[0] & b.word[0], a.word[1] & b.word[1] } };
}

static inline struct tapcompat_mask mask_or(struct tapcompat_mask a, struct tapcompat_mask b)
{
	return (struct tapcompat_mask){ { a.word[0] | b.word[0], a.word[1] | b.word[1] } };
}

/* The bits of @a that are not in @b. */
static inline struct tapcompat_mask mask_minus(struct tapcompat_mask a, struct tapcompat_mask b)
{
	return (struct tapcompat_mask){ { a.word[0] & ~b.word[0], a.word[1] & ~b.word[1] } };
}

#endif /* TAPCOMPAT_GROUND_MASK_H */
