/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clean.h - what terminals, mail and loggers have added to a text
 */
#ifndef TAPCOMPAT_EXPLAIN_CLEAN_H
#define TAPCOMPAT_EXPLAIN_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

/**
 * clean_text() - a text without colour codes, NULs, marks of quoted mail and soft ends
 * @out: @size bytes, NUL-terminated afterwards
 * @start: does the text begin where a line does?
 * Return: length of what is in @out
 */
size_t clean_text(char *out, size_t size, const char *in, size_t n, bool start);

/* How the bytes of a log are to be read. */
enum encoding {
	ENCODING_UNKNOWN,
	ENCODING_BYTES,		/* ASCII, UTF-8 or anything alike */
	ENCODING_UTF16_LE,
	ENCODING_UTF16_BE,
};

/**
 * encoding_of() - what do the first bytes of a log look like?
 */
enum encoding encoding_of(const char *bytes, size_t n);

/**
 * encoding_narrow() - UTF-16 as bytes, in place
 * @n: set to what is left of an odd number of bytes: 0 or 1, at the end
 * Return: length of the result; what is not ASCII is '?', but for the ellipsis
 */
size_t encoding_narrow(enum encoding encoding, char *bytes, size_t *n);

#endif /* TAPCOMPAT_EXPLAIN_CLEAN_H */
