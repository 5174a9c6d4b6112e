/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * finding.h - a message that was found, before it is explained
 *
 * A log may have many: this is kept of each, and nothing else.
 */
#ifndef TAPCOMPAT_EXPLAIN_FINDING_H
#define TAPCOMPAT_EXPLAIN_FINDING_H

#include <stdbool.h>

#include "device.h"
#include "ground/mask.h"
#include "message.h"
#include "origin.h"

#define FINDING_QUOTE 240

/* What a log or an operand says. */
enum explain_kind {
	EXPLAIN_DECODED,	/* a mask alone */
	EXPLAIN_REFUSED,	/* the destination does not allow some of what is acked */
	EXPLAIN_CUT_DOWN,	/* the missing bits are not in the message */
	EXPLAIN_BACKEND,	/* a backend came back with less */
	EXPLAIN_WORDS,		/* a message without masks */
	EXPLAIN_PROPERTY,	/* a QEMU that does not know a property */
	EXPLAIN_OTHER,		/* it is of another device */
	EXPLAIN_UNREADABLE,	/* its masks are cut, or of nobody knows which device */
};

struct finding {
	enum explain_kind kind;
	const struct message *message;		/* NULL for bare masks */
	const struct message_error *error;	/* NULL where there is none */
	const struct device *device;		/* NULL where nothing says it */
	const char *why;			/* it cannot be read; a constant */
	bool cut;				/* because something is missing of it */
	struct tapcompat_mask acked, allowed, missing;
	bool has_acked, has_allowed;
	char property[32];
	char quote[FINDING_QUOTE];		/* escaped */
	struct origin origin;
	char last[sizeof(((struct origin *)0)->time)];
	unsigned long count;
	bool said;				/* and how often it was so far */
	unsigned long said_count;
};

/**
 * finding_refused() - two masks: what are they together?
 */
void finding_refused(struct finding *f, struct tapcompat_mask acked,
		     struct tapcompat_mask allowed);

/**
 * finding_informs() - does it say anything of a network card's features?
 */
static inline bool finding_informs(const struct finding *f)
{
	return f->kind != EXPLAIN_OTHER && f->kind != EXPLAIN_UNREADABLE;
}

#endif /* TAPCOMPAT_EXPLAIN_FINDING_H */
