// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reader_extent.c - find a member in JSON text without parsing it
 */
#include <string.h>

#include "reader.h"

struct look {
	const char *text;
	size_t len, at;
};

static void look_past_blanks(struct look *l)
{
	while (l->at < l->len && l->text[l->at] && strchr(" \t\r\n", l->text[l->at]))
		l->at++;
}

/* Skip the string that begins here. */
static bool look_past_string(struct look *l)
{
	for (l->at++; l->at < l->len; l->at++) {
		if (l->text[l->at] == '\\')
			l->at++;
		else if (l->text[l->at] == '"')
			return l->at++ < l->len;
	}
	return false;
}

/* Skip the value that begins here, up to a comma or a closing bracket. */
static bool look_past_value(struct look *l)
{
	unsigned int depth = 0;

	while (l->at < l->len) {
		char c = l->text[l->at];

		if (c == '"') {
			if (!look_past_string(l))
				return false;
			continue;
		}
		if (!depth && (c == ',' || c == '}' || c == ']'))
			return true;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		l->at++;
	}
	return false;
}

/* Skip a name and its colon; is it the key? */
static bool look_at_name(struct look *l, const char *key, bool *same)
{
	const char *name = l->text + l->at;
	size_t from = l->at, n;

	if (l->at == l->len || *name != '"' || !look_past_string(l))
		return false;
	n = l->at - from;
	*same = n == strlen(key) + 2 && !memcmp(name + 1, key, n - 2);
	/* A name with escapes may spell the key as well. */
	if (memchr(name, '\\', n))
		return false;
	look_past_blanks(l);
	if (l->at == l->len || l->text[l->at] != ':')
		return false;
	l->at++;
	return true;
}

static bool look_at_member(struct look *l, const char *key, size_t *from, size_t *to,
			   unsigned int *found)
{
	bool same = false;
	size_t start;

	look_past_blanks(l);
	if (!look_at_name(l, key, &same))
		return false;
	look_past_blanks(l);
	start = l->at;
	if (!look_past_value(l))
		return false;
	if (!same)
		return true;
	*from = start;
	*to = l->at;
	while (*to > start && strchr(" \t\r\n", l->text[*to - 1]))
		--*to;
	++*found;
	return l->text[start] == '[' && l->text[*to - 1] == ']';
}

bool reader_extent(const char *text, size_t len, const char *key, size_t *from, size_t *to)
{
	struct look l = { .text = text, .len = len };
	unsigned int found = 0;

	look_past_blanks(&l);
	if (l.at == len || text[l.at] != '{')
		return false;
	do {
		l.at++;
		if (!look_at_member(&l, key, from, to, &found))
			return false;
	} while (text[l.at] == ',');
	return found == 1 && text[l.at] == '}';
}
