/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line.h - the lines that a descriptor gives, in bounded memory
 */
#ifndef TAPCOMPAT_DOCUMENT_LINE_H
#define TAPCOMPAT_DOCUMENT_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct line {
	int fd;
	char *buffer;
	size_t room, start, end;	/* of the buffer; what is read and not yet taken */
	size_t most;
	bool skipping;			/* the rest of a line that was cut */
	char *text;			/* the line, NUL-terminated, without its newline */
	size_t length;
	unsigned long number;		/* from 1 */
};

/**
 * line_open() - begin
 * @most: bytes of a line; what goes beyond is cut off and passed over
 * Return: 0 or -ENOMEM; line_close() is due in either case
 */
int line_open(struct line *line, int fd, size_t most);

/**
 * line_next() - go to the next line
 * Return: 1; 0 at the end; a negative errno
 */
int line_next(struct line *line);

/* Is there nothing in it but blanks? */
bool line_blank(const struct line *line);

void line_close(struct line *line);

#endif /* TAPCOMPAT_DOCUMENT_LINE_H */
