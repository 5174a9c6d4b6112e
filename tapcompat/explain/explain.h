/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * explain.h - explain feature masks and log messages, internal
 */
#ifndef TAPCOMPAT_EXPLAIN_EXPLAIN_H
#define TAPCOMPAT_EXPLAIN_EXPLAIN_H

#include <tapcompat_fleet.h>

#include "feature/check.h"
#include "ground/mask.h"

#define EXPLAIN_QUOTE 240
#define EXPLAIN_SAYS 320
#define EXPLAIN_LAYER 160
#define EXPLAIN_CURES 6
#define EXPLAIN_CURE 1024	/* room for all flags and the name of a host */

enum explain_kind {
	EXPLAIN_DECODED,	/* a single mask */
	EXPLAIN_REFUSED,	/* the destination does not offer some acked features */
	EXPLAIN_CUT_DOWN,	/* the missing bits are not in the message */
	EXPLAIN_BACKEND,	/* a backend lost features */
	EXPLAIN_MESSAGE,	/* a message without masks */
};

/* A bit and the layer that lacks it. */
struct explain_row {
	unsigned int bit;
	char layer[EXPLAIN_LAYER];	/* "" if not known */
};

struct tapcompat_explanation {
	enum explain_kind kind;
	char quote[EXPLAIN_QUOTE];	/* the message, escaped; "" for a mask on its own */
	char says[EXPLAIN_SAYS];	/* what it means, in one line */
	bool has_acked, has_allowed;
	struct tapcompat_mask acked, allowed, missing;
	unsigned int rows, cures;
	struct explain_row row[128];
	char cure[EXPLAIN_CURES][EXPLAIN_CURE];
	char device[CHECK_WAY];		/* -device options for the destination, or "" */
};

const char *explain_kind_name(enum explain_kind kind);

/* Fill in an explanation, by kind; @host may be NULL. */
void explain_refused(struct tapcompat_explanation *e, struct tapcompat_mask acked,
		     struct tapcompat_mask allowed, const struct tapcompat_caps *host);
void explain_backend(struct tapcompat_explanation *e, struct tapcompat_mask missing,
		     const struct tapcompat_caps *host);

/* Features that a message is about although it has no mask. */
void explain_features(struct tapcompat_explanation *e, struct tapcompat_mask mask,
		      const struct tapcompat_caps *host);

void explain_cure(struct tapcompat_explanation *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TAPCOMPAT_EXPLAIN_EXPLAIN_H */
