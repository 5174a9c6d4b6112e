/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * region.h - a line of a log and the lines around it
 */
#ifndef TAPCOMPAT_EXPLAIN_REGION_H
#define TAPCOMPAT_EXPLAIN_REGION_H

#include "origin.h"

#define REGION_AROUND 8		/* lines on each side */
#define REGION_LINES (2 * REGION_AROUND + 1)
#define REGION_TEXT 0x8000

/* A line, cleaned; of a record its message. */
struct region_line {
	const char *raw, *raw_end;	/* where it was in the log */
	size_t at, len;			/* where it is in the text, which goes on with '\n' */
	bool member;			/* it is one member of a record */
	bool placed;			/* @origin is there */
	struct origin origin;
};

struct region {
	unsigned int lines, hit;	/* @hit: the line that it is about */
	struct region_line line[REGION_LINES];
	size_t used;
	char text[REGION_TEXT];		/* NUL-terminated */
	char inner[REGION_TEXT];	/* a record within a record */
};

/**
 * region_read() - the line at some place of a log, and those around it
 * @log: @n bytes
 * @at: within
 */
void region_read(struct region *r, const char *log, size_t n, const char *at);

/**
 * region_origin() - whose is a line, by itself?
 */
const struct origin *region_origin(struct region *r, unsigned int line);

/**
 * region_around() - what is not known of the line is taken from those around it, where
 *	they agree with it and with one another
 */
void region_around(struct region *r, struct origin *o);

/**
 * region_behind() - the place in the log where the text at @at ends
 */
const char *region_behind(const struct region *r, size_t at);

#endif /* TAPCOMPAT_EXPLAIN_REGION_H */
