/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json.h - the members of an object in a line of a log, which may be cut or not quite JSON
 */
#ifndef TAPCOMPAT_EXPLAIN_JSON_H
#define TAPCOMPAT_EXPLAIN_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* One member: key and value as they stand in the line. */
struct json_member {
	const char *key, *value;
	size_t key_len, value_len;
	char type;	/* '"' a string, without its quotes; '[' an array; '0' anything else */
};

/**
 * json_next() - the next member of an object
 * @at: where to go on, at first behind the brace; moved behind the member
 * Return: false at the end, or where it is no JSON
 */
bool json_next(const char **at, const char *end, struct json_member *m);

/**
 * json_text() - a string, or an array of bytes as journald writes them, in plain
 * @out: @size bytes, NUL-terminated afterwards
 * Return: length
 */
size_t json_text(const struct json_member *m, char *out, size_t size);

#endif /* TAPCOMPAT_EXPLAIN_JSON_H */
