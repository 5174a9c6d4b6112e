/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream.h - many JSON documents in one file or pipe, in bounded memory
 */
#ifndef TAPCOMPAT_DOCUMENT_STREAM_H
#define TAPCOMPAT_DOCUMENT_STREAM_H

#include "line.h"

/*
 * A document is a JSON object on one line or on many, and is followed by another one on the same
 * line or a later one.  The text is split where an object ends; whether it is a valid one is
 * for the reader of the document to find out.
 */
struct stream {
	struct line line;
	char *text;		/* the document, not NUL-terminated */
	size_t length;
	unsigned long number;	/* of its first line, from 1 */
	char *rest;		/* of the line, behind the document, or NULL */
	size_t rest_length;
	char *joined;		/* the lines of a document on many, or NULL */
	size_t used, room;
	bool broken;		/* the last document has no end */
	bool pending;		/* the line was read and belongs to the next document */
};

/**
 * stream_open() - begin to read documents
 * @most: bytes of a document; of a longer one, one byte more is returned
 * Return: 0 or -ENOMEM; call stream_close() in either case
 */
int stream_open(struct stream *s, int fd, size_t most);

/**
 * stream_next() - read the next document
 *
 * Text that is not in an object is returned by lines.  An object without an end extends to the
 * first line that begins another one, or to its longest length; what follows up to
 * that line is left out.
 *
 * Return: 1; 0 at the end; a negative errno
 */
int stream_next(struct stream *s);

void stream_close(struct stream *s);

#endif /* TAPCOMPAT_DOCUMENT_STREAM_H */
