// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reader.c - read JSON documents
 */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "document.h"
#include "ground/text.h"

#define READER_NAME 160		/* bytes of a file's name in messages */
#define READER_TIMEOUT 10000	/* ms to wait for a byte from a pipe */

void reader_fail(struct reader *r, const char *format, ...)
{
	char what[256], safe[sizeof(r->error->text)];
	va_list args;
	size_t n;

	if (r->failed)
		return;
	r->failed = true;
	r->ret = -EINVAL;
	if (!r->error)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* Truncate a long name at its start, so that the reason still fits. */
	n = strlen(r->name);
	text_set(r->error->text, sizeof(r->error->text), "%s%s: ", n > READER_NAME ? "..." : "",
		 r->name + (n > READER_NAME ? n - READER_NAME : 0));
	text_add(r->error->text, sizeof(r->error->text), "%s%s%s", r->place,
		 r->place[0] ? ": " : "", what);
	/* Names of files and members are not trusted either. */
	text_escape(safe, sizeof(safe), r->error->text);
	text_set(r->error->text, sizeof(r->error->text), "%s", safe);
}

size_t reader_enter(struct reader *r, const char *format, ...)
{
	size_t at = strlen(r->place);
	va_list args;

	va_start(args, format);
	vsnprintf(r->place + at, sizeof(r->place) - at, format, args);
	va_end(args);
	return at;
}

void reader_leave(struct reader *r, size_t at)
{
	r->place[at] = '\0';
}

static const char *const type_names[] = {
	[JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
	[JSON_INTEGER] = "an integer", [JSON_REAL] = "a real number", [JSON_TRUE] = "true",
	[JSON_FALSE] = "false", [JSON_NULL] = "null",
};

json_t *reader_member(struct reader *r, json_t *o, const char *key, json_type type,
		      bool needed)
{
	json_t *value = json_object_get(o, key);
	bool right = value && (json_typeof(value) == type ||
			       (type == JSON_TRUE && json_is_false(value)));

	if (right)
		return value;
	if (value)
		reader_fail(r, "%s is %s, expected %s", key, type_names[json_typeof(value)],
			    type == JSON_TRUE ? "true or false" : type_names[type]);
	else if (needed)
		reader_fail(r, "%s is missing", key);
	return NULL;
}

const char *reader_string(struct reader *r, json_t *o, const char *key, bool needed)
{
	json_t *value = reader_member(r, o, key, JSON_STRING, needed);

	return value ? json_string_value(value) : "";
}

void reader_text(struct reader *r, json_t *o, const char *key, bool needed, char *text,
		 size_t size)
{
	text_escape(text, size, reader_string(r, o, key, needed));
}

struct tapcompat_mask reader_mask(struct reader *r, json_t *o, const char *key, bool needed)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	json_t *value = reader_member(r, o, key, JSON_STRING, needed);
	const char *text = json_string_value(value);

	if (text && tapcompat_mask_parse(text, &mask))
		reader_fail(r, "%s is \"%.40s\", expected \"0x\" and up to 32 "
			    "hexadecimal digits", key, text);
	return mask;
}

bool reader_object(struct reader *r, json_t *o)
{
	if (json_is_object(o))
		return true;
	reader_fail(r, "it is %s, expected an object", type_names[json_typeof(o)]);
	return false;
}

void reader_schema(struct reader *r, json_t *o, const char *schema)
{
	json_t *version = reader_member(r, o, "version", JSON_INTEGER, true);
	const char *is = reader_string(r, o, "schema", true);

	if (!r->failed && strcmp(is, schema))
		reader_fail(r, "schema is \"%.40s\", expected \"%s\"", is, schema);
	if (!r->failed && json_integer_value(version) != DOCUMENT_VERSION)
		reader_fail(r, "version is %lld, but this tapcompat knows only %d: use a newer one",
			    (long long)json_integer_value(version), DOCUMENT_VERSION);
}

static size_t reader_most(const struct reader *r)
{
	return r->most ? r->most : READER_MAX;
}

/* Check the nesting and the number of values.  Return: NULL, or which limit is exceeded */
static const char *shape_fault(const struct reader *r, const char *text, size_t len)
{
	unsigned long most = reader_most(r) / READER_MAX * READER_VALUES;
	unsigned long values = 0;
	int depth = 0;
	bool string = false;
	size_t i;

	for (i = 0; i < len; i++) {
		char c = text[i];

		if (string && c == '\\')
			i++;
		else if (c == '"')
			string = !string;
		else if (string)
			continue;
		else if (c == '{' || c == '[')
			depth++, values++;
		else if (c == '}' || c == ']')
			depth--;
		else if (c == ',')
			values++;
		if (depth > READER_DEPTH)
			return "it is nested deeper than 8";
		if (values > most)
			return r->most ? "it has too many values" :
					 "it has more than 65536 values";
	}
	return NULL;
}

static void reader_json_fault(struct reader *r, const json_error_t *e)
{
	if (json_error_code(e) == json_error_out_of_memory) {
		reader_fail(r, "out of memory");
		r->ret = -ENOMEM;
		return;
	}
	if (r->line && e->line == 1)
		reader_fail(r, "column %d: %s", e->column, e->text);
	else
		reader_fail(r, "line %lu, column %d: %s", e->line + (r->line ? r->line - 1 : 0),
			    e->column, e->text);
}

/* Output of other programs in front of the document, as a terminal shows it. */
static void reader_json_noise(struct reader *r, const char *text, size_t len)
{
	size_t at = 0, end;
	unsigned long line = r->line ? r->line : 1;
	const char *start = text;

	for (; at < len && text[at] && strchr(" \t\r\n", text[at]); at++)
		if (text[at] == '\n') {
			line++;
			start = text + at + 1;
		}
	if (at == len || text[at] == '{' || text[at] == '[')
		return;
	for (end = at; end < len && text[end] != '\n' && end - at < 40; end++)
		;
	reader_fail(r, "line %lu, column %zu: expected a JSON object, found '%.*s'", line,
		    (size_t)(text + at - start) + 1, (int)(end - at), text + at);
}

json_t *reader_json(struct reader *r, const char *text, size_t len)
{
	const char *fault = len > reader_most(r) ? "it is too large" : shape_fault(r, text, len);
	json_error_t e;
	json_t *o;

	if (fault && len > reader_most(r))
		reader_fail(r, "it is larger than %zu MiB", reader_most(r) >> 20);
	reader_json_noise(r, text, len);
	if (fault)
		reader_fail(r, "%s", fault);
	if (r->failed)
		return NULL;
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	if (!o)
		reader_json_fault(r, &e);
	else if (!reader_object(r, o))
		json_decref(o);
	return r->failed ? NULL : o;
}

/* Read to the end, but no more than one byte above @most. */
static int read_all(int fd, char *text, size_t most, size_t *len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (*len = 0; *len <= most; *len += (size_t)n) {
		if (poll(&p, 1, READER_TIMEOUT) == 0)
			return -ETIMEDOUT;
		n = read(fd, text + *len, most + 1 - *len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			n = 0;
		else if (n < 0)
			return -errno;
		else if (n == 0)
			return 0;
	}
	return 0;
}

char *reader_load(struct reader *r, const char *path, size_t *len)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *text = malloc(reader_most(r) + 2);
	int ret = fd < 0 ? -errno : !text ? -ENOMEM : read_all(fd, text, reader_most(r), len);

	r->name = standard ? "standard input" : path;
	if (fd >= 0 && !standard)
		close(fd);
	if (!ret)
		return text;
	reader_fail(r, "%s", strerror(-ret));
	r->ret = ret;
	free(text);
	return NULL;
}
