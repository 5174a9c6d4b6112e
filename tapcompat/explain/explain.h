/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * explain.h - what masks and messages mean
 */
#ifndef TAPCOMPAT_EXPLAIN_EXPLAIN_H
#define TAPCOMPAT_EXPLAIN_EXPLAIN_H

#include "feature/check.h"
#include "ground/mask.h"

#include <tapcompat_fleet.h>

#define EXPLAIN_QUOTE 240
#define EXPLAIN_SAYS 320
#define EXPLAIN_LAYER 160
#define EXPLAIN_CURES 6
#define EXPLAIN_CURE 1024	/* all flags, the name of a host, and words around them */

enum explain_kind {
	EXPLAIN_DECODED,	/* a mask alone */
	EXPLAIN_REFUSED,	/* the destination does not allow some of what is acked */
	EXPLAIN_CUT_DOWN,	/* the missing bits are not to be seen */
	EXPLAIN_BACKEND,	/* a backend came back with less */
	EXPLAIN_WORDS,		/* a message without masks */
};

/* One bit, and who is behind it. */
struct explain_row {
	unsigned int bit;
	char layer[EXPLAIN_LAYER];	/* "" where nothing is known */
};

struct tapcompat_explanation {
	enum explain_kind kind;
	char quote[EXPLAIN_QUOTE];	/* the message, escaped; "" for bare masks */
	char says[EXPLAIN_SAYS];	/* what it means, in a line */
	bool has_acked, has_allowed;
	struct tapcompat_mask acked, allowed, missing;
	unsigned int rows, cures;
	struct explain_row row[128];
	char cure[EXPLAIN_CURES][EXPLAIN_CURE];
	char device[CHECK_WAY];		/* -device options with which it lands, or "" */
};

const char *explain_kind_name(enum explain_kind kind);

/* The kinds of explanations; @host may be NULL. */
void explain_refused(struct tapcompat_explanation *e, struct tapcompat_mask acked,
		     struct tapcompat_mask allowed, const struct tapcompat_caps *host);
void explain_backend(struct tapcompat_explanation *e, struct tapcompat_mask missing,
		     const struct tapcompat_caps *host);

/* Features that a message speaks of, without masks. */
void explain_features(struct tapcompat_explanation *e, struct tapcompat_mask mask,
		      const struct tapcompat_caps *host);

void explain_cure(struct tapcompat_explanation *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TAPCOMPAT_EXPLAIN_EXPLAIN_H */
