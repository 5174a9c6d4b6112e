/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fold.h - the same message of the same machine is one finding
 */
#ifndef TAPCOMPAT_EXPLAIN_FOLD_H
#define TAPCOMPAT_EXPLAIN_FOLD_H

#include "finding.h"

#define FOLD_MOST 4096u		/* different ones that are kept */
#define FOLD_SLOTS 0x4000u

/* In the order in which they were found. */
struct fold {
	struct finding *list;
	unsigned int n, room;
	unsigned int next;		/* to hand out */
	unsigned short slot[FOLD_SLOTS];	/* number in the list, plus 1 */
};

/**
 * fold_add() - one more finding
 * Return: the one that it is now, with its count; NULL: no memory
 */
struct finding *fold_add(struct fold *fold, const struct finding *f);

static inline bool fold_full(const struct fold *fold)
{
	return fold->n == FOLD_MOST;
}

/* Forget all. */
void fold_clear(struct fold *fold);
void fold_free(struct fold *fold);

#endif /* TAPCOMPAT_EXPLAIN_FOLD_H */
