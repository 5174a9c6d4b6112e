// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json.c - the members of an object in a line of a log, which may be cut or not quite JSON
 *
 * A parser of documents refuses what is cut, and logs are: what can be read is taken.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

static const char *blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == ',' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

/* The end of a string that begins at @at, which is its closing quote or @end. */
static const char *string_end(const char *at, const char *end)
{
	while (at < end && *at != '"')
		at += *at == '\\' && end - at > 1 ? 2 : 1;
	return at < end ? at : end;
}

/* Behind an array or an object, whose brackets need not match in kind. */
static const char *nested_end(const char *at, const char *end)
{
	unsigned int depth = 0;

	for (; at < end; at++) {
		if (*at == '"') {
			at = string_end(at + 1, end);
			if (at == end)
				break;
		} else if (*at == '[' || *at == '{') {
			depth++;
		} else if ((*at == ']' || *at == '}') && !--depth) {
			return at + 1;
		}
	}
	return end;
}

static const char *take_value(const char *at, const char *end, struct json_member *m)
{
	m->value = at;
	m->type = '0';
	if (*at == '"' || *at == '[')
		m->type = *at;
	if (*at == '"') {
		m->value = at + 1;
		at = string_end(at + 1, end);
		m->value_len = (size_t)(at - m->value);
		return at < end ? at + 1 : end;
	}
	if (*at == '[' || *at == '{') {
		at = nested_end(at, end);
	} else {
		while (at < end && *at != ',' && *at != '}' && *at != ' ')
			at++;
	}
	m->value_len = (size_t)(at - m->value);
	return at;
}

bool json_next(const char **at, const char *end, struct json_member *m)
{
	const char *p = blanks(*at, end);

	if (p == end || *p != '"')
		return false;
	m->key = p + 1;
	p = string_end(p + 1, end);
	m->key_len = (size_t)(p - m->key);
	p = p < end ? blanks(p + 1, end) : end;
	if (p == end || *p != ':')
		return false;
	p = blanks(p + 1, end);
	if (p == end)
		return false;
	*at = take_value(p, end, m);
	return true;
}

/* What four digits behind \u stand for, as far as logs go. */
static char unicode(const char *digits)
{
	char text[5] = { digits[0], digits[1], digits[2], digits[3], '\0' };
	unsigned long c = strtoul(text, NULL, 16);

	if (c == 0x2026)
		return '\x85';
	if (!c || c >= 0x80)
		return '?';
	return (char)c;
}

static size_t unescape(const char *in, const char *end, char *c)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t  ";
	const char *known;

	if (*in != '\\' || end - in < 2) {
		*c = *in;
		return 1;
	}
	if (in[1] == 'u' && end - in >= 6) {
		*c = unicode(in + 2);
		return 6;
	}
	known = in[1] ? strchr(from, in[1]) : NULL;
	*c = in[1];
	if (known)
		*c = to[known - from];
	return 2;
}

static size_t bytes_text(const struct json_member *m, char *out, size_t size)
{
	const char *at = m->value, *end = m->value + m->value_len;
	size_t used = 0;

	while (at < end && used < size - 1) {
		unsigned int c = 0, digits = 0;

		for (; at < end && *at >= '0' && *at <= '9' && digits < 3; at++, digits++)
			c = c * 10 + (unsigned int)(*at - '0');
		if (digits)
			out[used++] = (char)c;
		else
			at++;
	}
	out[used] = '\0';
	return used;
}

size_t json_text(const struct json_member *m, char *out, size_t size)
{
	const char *at = m->value, *end = m->value + m->value_len;
	size_t used = 0;

	if (m->type == '[')
		return bytes_text(m, out, size);
	while (at < end && used < size - 1)
		at += unescape(at, end, &out[used++]);
	out[used] = '\0';
	return used;
}
