/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line.h - read lines from a descriptor in bounded memory
 */
#ifndef TAPCOMPAT_DOCUMENT_LINE_H
#define TAPCOMPAT_DOCUMENT_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct line {
	int fd;
	char *buffer;
	size_t room, start, end;	/* size of the buffer; bytes read and not yet returned */
	size_t most;			/* bytes of a line */
	bool skipping;			/* the rest of a truncated line */
	char *text;			/* the line, NUL-terminated, without its newline */
	size_t length;
	unsigned long number;		/* from 1 */
};

/**
 * line_open() - begin to read lines
 * @most: longer lines are truncated to this many bytes
 * Return: 0 or -ENOMEM; call line_close() in either case
 */
int line_open(struct line *line, int fd, size_t most);

/**
 * line_next() - read the next line
 * Return: 1; 0 at the end; a negative errno
 */
int line_next(struct line *line);

void line_close(struct line *line);

#endif /* TAPCOMPAT_DOCUMENT_LINE_H */
