// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_stream.c - split a byte stream into messages
 *
 * A message extends from an opening bracket to the matching one and may span lines.  Only
 * strings and brackets are examined here.  Input that cannot become a message is dropped
 * up to the end of the line, or up to a byte 0xff, with which QMP clients reset the parser.
 */
#include "qmp_server.h"

#include <stdlib.h>

#define STREAM_RESET 0xff	/* never occurs in UTF-8 */
#define STREAM_KEEP 0x10000u	/* bytes of memory kept for the next message */

static bool stream_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void qmp_stream_reset(struct qmp_stream *s)
{
	char *text = s->text;
	size_t size = s->size;

	if (size > STREAM_KEEP) {
		free(text);
		text = NULL;
		size = 0;
	}
	*s = (struct qmp_stream){ .text = text, .size = size };
}

void qmp_stream_free(struct qmp_stream *s)
{
	free(s->text);
	*s = (struct qmp_stream){ .text = NULL };
}

static enum qmp_event stream_bad(struct qmp_stream *s, unsigned char c, const char *why)
{
	qmp_stream_reset(s);
	s->skip = c != '\n' && c != STREAM_RESET;
	s->why = why;
	return QMP_BAD;
}

static bool stream_grow(struct qmp_stream *s)
{
	size_t size = s->size ? 2 * s->size : 1024;
	char *text = realloc(s->text, size);

	if (!text)
		return false;
	s->text = text;
	s->size = size;
	return true;
}

/* Return: NULL, or what is wrong */
static const char *stream_string(struct qmp_stream *s, unsigned char c)
{
	if (c < ' ' || c == STREAM_RESET)
		return "a string has a control character or is not terminated";
	if (s->escape)
		s->escape = false;
	else if (c == '\\')
		s->escape = true;
	else if (c == '"')
		s->string = false;
	return NULL;
}

static const char *stream_open(struct qmp_stream *s, bool square)
{
	uint32_t bit = (uint32_t)1 << s->depth;

	if (s->depth == QMP_MESSAGE_DEPTH)
		return "it is nested deeper than 24";
	s->square = square ? s->square | bit : s->square & ~bit;
	s->depth++;
	return NULL;
}

static const char *stream_close(struct qmp_stream *s, bool square)
{
	s->depth--;
	return (s->square >> s->depth & 1) == square ? NULL : "brackets do not match";
}

static const char *stream_structure(struct qmp_stream *s, unsigned char c)
{
	if (c == ',' || c == '{' || c == '[')
		s->values++;
	if (s->values > QMP_MESSAGE_VALUES)
		return "it has more than 1048576 values";
	if (c == '"')
		s->string = true;
	else if (c == '{' || c == '[')
		return stream_open(s, c == '[');
	else if (c == '}' || c == ']')
		return stream_close(s, c == ']');
	else if ((c < ' ' && !stream_blank(c)) || c == STREAM_RESET)
		return "invalid byte outside of a string";
	return NULL;
}

enum qmp_event qmp_stream_put(struct qmp_stream *s, unsigned char c)
{
	const char *why;

	if (s->skip) {
		s->skip = c != '\n' && c != STREAM_RESET;
		return QMP_MORE;
	}
	if (!s->depth && stream_blank(c))
		return QMP_MORE;
	if (!s->depth && c != '{' && c != '[')
		return stream_bad(s, c, "a message must begin with '{'");
	why = s->string ? stream_string(s, c) : stream_structure(s, c);
	if (why)
		return stream_bad(s, c, why);
	if (s->len == QMP_MESSAGE_MAX)
		return stream_bad(s, c, "it is longer than 16 MiB");
	if (s->len == s->size && !stream_grow(s))
		return stream_bad(s, c, "out of memory");
	s->text[s->len++] = (char)c;
	return s->depth ? QMP_MORE : QMP_MESSAGE;
}
