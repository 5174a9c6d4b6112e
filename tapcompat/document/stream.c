// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stream.c - many JSON documents in one file or pipe, in bounded memory
 *
 * Fleets have a document on each line, and a hundred thousand of them: such a line is
 * recognised by its first and last character and returned without a copy.  All other text is
 * scanned for the bracket that closes the document, and the lines of a document on many lines
 * are joined.
 *
 * A document that was cut short has no such bracket.  The next one begins with a brace in the
 * first column, which within a document is found only where nothing is indented.
 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where in a document the scan is. */
struct scan {
	unsigned long depth;
	bool string, escape;
	bool indented;		/* a line began with a blank */
};

int stream_open(struct stream *s, int fd, size_t most)
{
	memset(s, 0, sizeof(*s));
	return line_open(&s->line, fd, most + 1);
}

void stream_close(struct stream *s)
{
	free(s->joined);
	line_close(&s->line);
}

static size_t blanks(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && text[n] && strchr(" \t\r", text[n]))
		n++;
	return n;
}

/* Scan on.  Return: the length up to the end of the document, or 0: it goes on */
static size_t scan_text(struct scan *scan, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		char c = text[i];

		if (scan->escape)
			scan->escape = false;
		else if (scan->string && c == '\\')
			scan->escape = true;
		else if (c == '"')
			scan->string = !scan->string;
		else if (!scan->string && (c == '{' || c == '['))
			scan->depth++;
		else if (!scan->string && (c == '}' || c == ']') && !--scan->depth)
			return i + 1;
	}
	return 0;
}

/* A document and nothing else, as far as that is known from its braces. */
static bool whole_line(const char *text, size_t length)
{
	size_t open = 0, i;

	while (length && strchr(" \t\r", text[length - 1]))
		length--;
	if (!length || text[length - 1] != '}')
		return false;
	for (i = 0; i < length; i++)
		open += (size_t)(text[i] == '{') - (text[i] == '}');
	return !open && !memmem(text, length, "}{", 2) && !memmem(text, length, "} {", 3);
}

/* What is behind a document on its line is another one, or makes it a bad one. */
static size_t end_behind(const char *text, size_t end, size_t length)
{
	size_t at = end + blanks(text + end, length - end);

	return at < length && text[at] != '{' ? length : end;
}

/* Does the line begin another document than the one that is open? */
static bool begins_another(const struct scan *scan, const char *line)
{
	return line[0] == '{' && (line[1] == '"' || scan->indented);
}

static int join(struct stream *s, const char *text, size_t length)
{
	size_t left = s->line.most - s->used, room = s->room ? 2 * s->room : 16384;
	char *joined;

	length = length < left ? length : left;
	while (room < s->used + length)
		room *= 2;
	if (s->used + length > s->room) {
		joined = realloc(s->joined, room);
		if (!joined)
			return -ENOMEM;
		s->joined = joined;
		s->room = room;
	}
	memcpy(s->joined + s->used, text, length);
	s->used += length;
	return 0;
}

static int take(struct stream *s, char *text, size_t length)
{
	s->text = text;
	s->length = length;
	return 1;
}

static void rest_set(struct stream *s, char *text, size_t length)
{
	s->rest_length = length;
	s->rest = length ? text : NULL;
}

/* The document began on lines before: join the further ones. */
static int join_lines(struct stream *s, struct scan *scan)
{
	int ret = 0;

	while (!ret && !scan->string && s->used < s->line.most && (ret = line_next(&s->line)) > 0) {
		char *text = s->line.text;
		size_t length = s->line.length, end;

		if (begins_another(scan, text)) {
			s->pending = true;
			break;
		}
		scan->indented |= blanks(text, length) > 0;
		end = scan_text(scan, text, length);
		if (end)
			end = end_behind(text, end, length);
		ret = join(s, text, end ? end : length);
		if (!ret && !end)
			ret = join(s, "\n", 1);
		if (!ret && end) {
			rest_set(s, text + end, length - end);
			return take(s, s->joined, s->used);
		}
	}
	if (ret < 0)
		return ret;
	s->broken = true;
	return take(s, s->joined, s->used);
}

static int take_from(struct stream *s, char *text, size_t length)
{
	struct scan scan = { .depth = 0 };
	size_t end;
	int ret;

	s->number = s->line.number;
	rest_set(s, NULL, 0);
	if (*text != '{' || length >= s->line.most || whole_line(text, length))
		return take(s, text, length);
	end = scan_text(&scan, text, length);
	if (end) {
		end = end_behind(text, end, length);
		rest_set(s, text + end, length - end);
		return take(s, text, end);
	}
	s->used = 0;
	ret = join(s, text, length);
	if (!ret)
		ret = join(s, "\n", 1);
	return ret ? ret : join_lines(s, &scan);
}

/* The next text that is not blank: of this line, or of the next one. */
static int text_next(struct stream *s, char **text, size_t *length)
{
	int ret = 1;

	*text = s->rest;
	*length = s->rest_length;
	while (ret > 0 && (!*text || blanks(*text, *length) == *length)) {
		ret = s->pending ? 1 : line_next(&s->line);
		s->pending = false;
		*text = s->line.text;
		*length = s->line.length;
		/* Behind a document without an end. */
		if (ret > 0 && s->broken && **text != '{')
			*length = 0;
	}
	s->broken = false;
	return ret;
}

int stream_next(struct stream *s)
{
	char *text;
	size_t length, skip;
	int ret = text_next(s, &text, &length);

	if (ret <= 0)
		return ret;
	skip = blanks(text, length);
	return take_from(s, text + skip, length - skip);
}
