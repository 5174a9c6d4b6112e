/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * parse.h - what one message says
 */
#ifndef TAPCOMPAT_EXPLAIN_PARSE_H
#define TAPCOMPAT_EXPLAIN_PARSE_H

#include "finding.h"
#include "region.h"

/**
 * parse_message() - the message whose anchor was found in a region
 * @from, @at: of its text: where the message before it ended, where the anchor is
 * @f: set to what it says, and whose it is
 * Return: where it ends in the text; 0 where it only looked like one
 */
size_t parse_message(struct region *r, const struct message *m, size_t from, size_t at,
		     struct finding *f);

#endif /* TAPCOMPAT_EXPLAIN_PARSE_H */
