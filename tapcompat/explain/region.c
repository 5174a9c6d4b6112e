// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * region.c - a line of a log and the lines around it
 *
 * Lines that end in "=" go on, as in mail.  Of lines that are longer than any that
 * matters, what is around the place in question is taken, and where they begin.
 */
#include "region.h"

#include <string.h>

#include "clean.h"
#include "json.h"

#define BEFORE 2048		/* of a long line */
#define BEHIND 4096
#define RECORD 0x10000		/* the longest record that is taken apart */
#define SOFT 4			/* soft ends in a line, at most */
#define KEY "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"	/* of a member in journalctl -o export */
#define HEAD 512		/* of a long line: who it is of */

/* Does a line go on behind its end?  In mail it does, where "=" ends it. */
static bool soft(const char *begin, const char *end)
{
	if (end > begin && end[-1] == '\r')
		end--;
	return end - begin > 1 && end[-1] == '=' && end[-2] != '=';
}

static const char *line_begin(const char *log, const char *at)
{
	unsigned int i;

	for (i = 0; i < SOFT; i++) {
		const char *end = memrchr(log, '\n', (size_t)(at - log));

		if (!end)
			return log;
		if (!soft(log, end))
			return end + 1;
		at = end;
	}
	return at;
}

static const char *line_end(const char *at, const char *log_end)
{
	const char *end = at, *begin = at;
	unsigned int i;

	for (i = 0; i < SOFT; i++) {
		end = memchr(begin, '\n', (size_t)(log_end - begin));
		if (!end)
			return log_end;
		if (!soft(at, end))
			return end;
		begin = end + 1;
	}
	return end;
}

/* ---- Records ---- */

/* Where an object begins in a line, behind what loggers put in front of it. */
static const char *object_in(const char *text, size_t n)
{
	const char *brace = memchr(text, '{', n < 160 ? n : 160), *end = text + n, *p;

	if (!brace)
		return NULL;
	for (p = brace + 1; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	return p < end && *p == '"' ? brace + 1 : NULL;
}

/* The message of an object; others of its members say whose it is. */
static size_t object_message(const char *at, const char *end, struct record *r, char *out,
			     size_t size)
{
	struct json_member m;
	size_t used = 0;
	char value[192];

	while (json_next(&at, end, &m)) {
		size_t n = m.type == '[' ? 0 : json_text(&m, value, sizeof(value));

		if (record_member(r, m.key, m.key_len, value, n))
			used = json_text(&m, out, size);
	}
	return used;
}

/* Programs within containers within runtimes: each one's record may have the next one's. */
static bool take_record(struct region *r, struct region_line *line, char *out, size_t size)
{
	size_t n = (size_t)(line->raw_end - line->raw), used;
	const char *object = object_in(line->raw, n);
	struct record record = { .name = "" };

	if (!object || n > RECORD)
		return false;
	used = object_message(object, line->raw_end, &record, r->inner, sizeof(r->inner));
	if (!used)
		return false;
	line->len = clean_text(out, size, r->inner, used, true);
	object = out[0] == '{' ? object_in(out, line->len) : NULL;
	if (object) {
		memcpy(r->inner, out, line->len);
		object = r->inner + (object - out);
		used = object_message(object, r->inner + line->len, &record, out, size);
		line->len = used ? used : line->len;
	}
	origin_prefix(line->raw, (size_t)(object_in(line->raw, n) - 1 - line->raw),
		      &record.origin);
	line->origin = *record_origin(&record);
	return true;
}

/* "MESSAGE" : "..." of journalctl -o json-pretty, MESSAGE=... of -o export and verbose. */
static bool take_member(struct region_line *line, const char *raw, size_t n, char *out,
			size_t size)
{
	const char *at = raw, *equals;
	struct record r = { .name = "" };
	struct json_member m;
	char value[192];

	while (at < raw + n && (*at == ' ' || *at == '\t'))
		at++;
	n -= (size_t)(at - raw);
	if (n && *at == '"') {
		if (!json_next(&at, at + n, &m))
			return false;
		json_text(&m, value, sizeof(value));
	} else {
		equals = n ? memchr(at, '=', n) : NULL;
		if (!equals || equals == at || strspn(at, KEY) != (size_t)(equals - at))
			return false;
		m = (struct json_member){ at, equals + 1, (size_t)(equals - at),
					  n - (size_t)(equals - at) - 1, '0' };
		clean_text(value, sizeof(value), m.value, m.value_len, false);
	}
	line->member = true;
	if (record_member(&r, m.key, m.key_len, value, strlen(value)))
		line->len = m.type == '0' ? clean_text(out, size, m.value, m.value_len, false) :
					    json_text(&m, out, size);
	line->origin = *record_origin(&r);
	return true;
}

/* ---- Lines ---- */

/* What a long line begins with, and what is around the place in question. */
static void take_long(struct region_line *line, const char *at, char *out, size_t size)
{
	const char *from = at && at - line->raw > BEFORE ? at - BEFORE : line->raw;
	char head[HEAD];
	size_t len = clean_text(head, sizeof(head), line->raw, HEAD, true);

	origin_prefix(head, len, &line->origin);
	if (line->raw_end - from > BEFORE + BEHIND)
		line->raw_end = from + BEFORE + BEHIND;
	line->len = clean_text(out, size, from, (size_t)(line->raw_end - from), false);
	origin_within(out, line->len, &line->origin);
	line->placed = true;
}

/* @at: the place in question, where it is in this line, else NULL */
static void take_line(struct region *r, const char *begin, const char *end, const char *at)
{
	struct region_line *line = &r->line[r->lines];
	char *out = r->text + r->used;
	size_t n = (size_t)(end - begin), size = REGION_TEXT - 1 - r->used;

	*line = (struct region_line){ .raw = begin, .raw_end = end, .at = r->used };
	r->lines++;
	if (size > BEFORE + BEHIND)
		size = BEFORE + BEHIND;
	if (take_record(r, line, out, size) || take_member(line, begin, n, out, size)) {
		/* Whoever wrote the record knows less than who wrote the message. */
		struct origin outer = line->origin;

		memset(&line->origin, 0, sizeof(line->origin));
		origin_prefix(out, line->len, &line->origin);
		origin_within(out, line->len, &line->origin);
		origin_add(&line->origin, &outer);
		line->placed = true;
	} else if (n > BEFORE + BEHIND) {
		take_long(line, at, out, size);
	} else {
		line->len = clean_text(out, size, begin, n, true);
	}
	r->used += line->len;
	r->text[r->used++] = '\n';
	r->text[r->used] = '\0';
}

void region_read(struct region *r, const char *log, size_t n, const char *at)
{
	const char *begin[REGION_AROUND + 1], *end = log + n, *hit = at;
	unsigned int before = 0, i;

	r->lines = 0;
	r->used = 0;
	r->text[0] = '\0';
	begin[0] = line_begin(log, at);
	while (before < REGION_AROUND && begin[before] > log && at - begin[before] < BEHIND) {
		begin[before + 1] = line_begin(log, begin[before] - 1);
		before++;
	}
	r->hit = before;
	for (i = before; i; i--)
		if (r->used < REGION_TEXT / 2 - BEHIND)
			take_line(r, begin[i], begin[i - 1] - 1, NULL);
		else
			r->hit--;
	at = line_end(at, end);
	take_line(r, begin[0], at, hit);
	for (i = 0; i < REGION_AROUND && at < end && r->used < REGION_TEXT - 2 * BEHIND; i++) {
		const char *next = at + 1;

		at = line_end(next, end);
		take_line(r, next, at, NULL);
	}
}

const struct origin *region_origin(struct region *r, unsigned int i)
{
	struct region_line *line = &r->line[i];
	const char *text = r->text + line->at;

	if (!line->placed) {
		origin_prefix(text, line->len, &line->origin);
		origin_within(text, line->len, &line->origin);
		line->placed = true;
	}
	return &line->origin;
}

/* Between the members of one record and those of the next. */
static bool boundary(const struct region *r, unsigned int i)
{
	const struct region_line *line = &r->line[i];

	return !line->member && line->len < 2;
}

/* What one line adds; of two machines, neither is this one. */
static void add_agreeing(struct region *r, unsigned int i, struct origin *o, struct origin *more,
			 bool *doubtful)
{
	const struct origin *there = region_origin(r, i);

	if (!origin_agree(o, there))
		return;
	if (!origin_agree(more, there))
		*doubtful = true;
	origin_add(more, there);
}

void region_around(struct region *r, struct origin *o)
{
	struct origin more = { .time = "" };
	bool doubtful = false, member = r->line[r->hit].member;
	unsigned int i;

	for (i = r->hit; i > 0 && !(member && boundary(r, i - 1)); i--)
		add_agreeing(r, i - 1, o, &more, &doubtful);
	for (i = r->hit + 1; i < r->lines && !(member && boundary(r, i)); i++)
		add_agreeing(r, i, o, &more, &doubtful);
	/* A line before it that has the time has it for this one, too. */
	if (doubtful) {
		more.machine[0] = more.host[0] = '\0';
		more.manager = MANAGER_NONE;
	}
	if (!member)
		more.pid[0] = more.program[0] = '\0';
	more.card[0] = '\0';
	origin_add(o, &more);
}

const char *region_behind(const struct region *r, size_t at)
{
	unsigned int i;

	for (i = r->hit; i + 1 < r->lines && r->line[i].at + r->line[i].len < at; i++)
		;
	return r->line[i].raw_end;
}
