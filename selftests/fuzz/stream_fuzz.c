// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream_fuzz.c - text of others as documents: none is longer than allowed, none has bytes
 * that the text has not; and objects behind each other are found again, whatever is between
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/stream.h"
#include "mutate.h"

#define MOST 1024
#define OBJECTS 64
#define ROOM 0x20000	/* bytes: of a buffer, whatever the text */

struct objects {
	unsigned int n;
	char *text[OBJECTS];
};

/* Keep what is an object. */
static void keep(struct objects *o, const char *text, size_t len)
{
	json_t *value;

	if (o->n == OBJECTS)
		return;
	value = json_loadb(text, len, 0, NULL);
	if (json_is_object(value))
		o->text[o->n++] = json_dumps(value, o->n % 2 ? JSON_INDENT(1) : JSON_COMPACT);
	json_decref(value);
}

static void read_raw(const uint8_t *data, size_t size, struct objects *o)
{
	unsigned long number = 0;
	struct stream s;
	size_t all = 0;

	if (stream_open(&s, file_of(data, size), MOST))
		abort();
	while (stream_next(&s) > 0) {
		/* With a newline that the last line may not have. */
		all += s.length;
		if (s.length > MOST + 1 || all > size + 1)
			broken("stream: more bytes than there are");
		if (s.number < number || !s.number)
			broken("stream: lines go back");
		if (s.room > ROOM || s.line.room > ROOM)
			broken("stream: memory");
		number = s.number;
		keep(o, s.text, s.length);
	}
	stream_close(&s);
}

/* What is between two objects: blanks only. */
static const char *const between[] = { "\n", "", " ", "\r\n", "\n\n \t\n" };

static char *join(const struct objects *o, unsigned int first, size_t *len)
{
	char *all = NULL;
	unsigned int i;
	FILE *f = open_memstream(&all, len);

	for (i = 0; i < o->n; i++)
		fprintf(f, "%s%s", o->text[i], between[(first + i) % 5]);
	fclose(f);
	return all;
}

static void read_again(const struct objects *o, unsigned int first)
{
	unsigned int i = 0;
	struct stream s;
	size_t len;
	char *all = join(o, first, &len);

	if (stream_open(&s, file_of(all, len), len + 1))
		abort();
	while (stream_next(&s) > 0) {
		size_t n = i < o->n ? strlen(o->text[i]) : 0;

		/* Blanks at the end of a line may follow. */
		if (i == o->n || s.length < n || memcmp(s.text, o->text[i], n) || s.broken ||
		    strspn(s.text + n, " \t\r") < s.length - n)
			broken("stream: objects are not found again");
		i++;
	}
	if (i != o->n)
		broken("stream: objects are lost");
	stream_close(&s);
	free(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct objects o = { .n = 0 };
	unsigned int i;

	read_raw(data, size, &o);
	read_again(&o, size ? data[0] : 0);
	for (i = 0; i < o.n; i++)
		free(o.text[i]);
	return 0;
}
