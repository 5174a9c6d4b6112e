/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * text.h - text of bounded length
 */
#ifndef TAPCOMPAT_GROUND_TEXT_H
#define TAPCOMPAT_GROUND_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * text_set() - print into a buffer, as snprintf(3) does
 * @buf: @size bytes, always NUL-terminated afterwards
 *
 * Text that does not fit is truncated and ends in "...".
 */
void text_set(char *buf, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * text_add() - append to what the buffer holds
 */
void text_add(char *buf, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * text_escape() - make a foreign string safe to show
 * @buf: @size bytes, at least 1, always NUL-terminated afterwards
 * @foreign: from a user, a document or a device
 *
 * Bytes outside printable ASCII become \xHH: neither control sequences nor bidirectional
 * overrides reach a terminal.  What does not fit is left out.
 *
 * Return: @buf
 */
char *text_escape(char *buf, size_t size, const char *foreign);

/**
 * text_option() - is an option set among others, such as "b" in "a=on,b=off"?
 */
bool text_option(const char *options, const char *name);

/**
 * release_above() - is release @a newer than @b?  "6.17" is newer than "6.2".
 */
bool release_above(const char *a, const char *b);

/**
 * release_valid() - is it a release, numbers separated by dots, such as "8.2"?
 */
bool release_valid(const char *release);

#endif /* TAPCOMPAT_GROUND_TEXT_H */
