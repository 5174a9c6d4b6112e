// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * document.c - build JSON documents with jansson
 */
#include "document.h"

#include <stdlib.h>
#include <string.h>

#include "table/bit.h"

void put(struct document *d, json_t *object, const char *key, json_t *value)
{
	d->failed |= json_object_set_new(object, key, value) != 0;
}

void append(struct document *d, json_t *array, json_t *value)
{
	d->failed |= json_array_append_new(array, value) != 0;
}

json_t *json_mask(struct tapcompat_mask mask)
{
	char text[TAPCOMPAT_MASK_TEXT];

	return json_string(tapcompat_mask_format(&mask, text));
}

json_t *json_mask64(uint64_t bits)
{
	return json_mask((struct tapcompat_mask){ { bits, 0 } });
}

json_t *json_time(time_t when)
{
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(text, sizeof(text), DOCUMENT_TIME, &tm);
	return json_string(text);
}

json_t *json_names(struct document *d, struct tapcompat_mask mask)
{
	json_t *list = json_array();
	char text[BIT_NAME];
	unsigned int bit;

	for (bit = 0; bit < 128; bit++)
		if (tapcompat_mask_test(&mask, bit))
			append(d, list, json_string(bit_name(bit, text)));
	return list;
}

void put_added(struct document *d, json_t *object, struct tapcompat_mask asked)
{
	const struct tapcompat_feature *f, *reason;
	json_t *list = json_array(), *o;
	unsigned int i;

	for (i = 0; (f = tapcompat_feature_at(i)); i++) {
		reason = tapcompat_require_reason(&asked, f);
		if (!reason)
			continue;
		o = json_object();
		put(d, o, "name", json_string(f->name));
		put(d, o, "for", json_string(reason->name));
		append(d, list, o);
	}
	if (json_array_size(list))
		put(d, object, "added", list);
	else
		json_decref(list);
}

void put_later(struct document *d, json_t *object, struct flags later)
{
	char device[FLAGS_TEXT];
	const char *release;
	struct flags next;
	json_t *list = json_array(), *o;

	while ((release = flags_next(&later, &next))) {
		o = json_object();
		flags_text(next, device, sizeof(device));
		put(d, o, "qemu", json_string(release));
		put(d, o, "device", json_string(device));
		append(d, list, o);
	}
	if (json_array_size(list))
		put(d, object, "later", list);
	else
		json_decref(list);
}

json_t *document_new(struct document *d, const char *schema)
{
	json_t *o = json_object();

	put(d, o, "schema", json_string(schema));
	put(d, o, "version", json_integer(DOCUMENT_VERSION));
	return o;
}

/* Growing text.  On lack of memory it is discarded as a whole. */
struct dump {
	char *text;
	size_t len, size;
	bool failed;
};

static bool dump_grow(struct dump *dump, size_t size)
{
	char *text = realloc(dump->text, size);

	if (text) {
		dump->text = text;
		dump->size = size;
	}
	return text;
}

static int dump_take(const char *bytes, size_t n, void *arg)
{
	struct dump *dump = arg;
	size_t size = dump->size;

	/* Leave room for the NUL. */
	while (size <= dump->len + n)
		size = size ? 2 * size : 1024;
	if (dump->failed || (size != dump->size && !dump_grow(dump, size))) {
		dump->failed = true;
		return -1;
	}
	memcpy(dump->text + dump->len, bytes, n);
	dump->len += n;
	dump->text[dump->len] = '\0';
	return 0;
}

/*
 * json_dumps() of jansson 2.14 ignores a failed allocation for the name of a member and
 * returns the document without it, so dump with a callback of our own.
 */
char *document_dump(const json_t *o, size_t flags, const char *end)
{
	struct dump dump = { .failed = false };
	int ret = json_dump_callback(o, dump_take, &dump, flags);

	if (!ret)
		ret = dump_take(end, strlen(end), &dump);
	if (!ret)
		return dump.text;
	free(dump.text);
	return NULL;
}

char *document_text(struct document *d, json_t *o, unsigned int flags)
{
	const size_t form = flags & TAPCOMPAT_PRETTY ? JSON_INDENT(2) : JSON_COMPACT;
	char *text = NULL;

	/* Strings from other documents may contain control sequences of terminals. */
	if (!d->failed)
		text = document_dump(o, form | JSON_ENSURE_ASCII, "");
	json_decref(o);
	return text;
}

json_t *document_error(struct document *d, int exit_code, const char *text)
{
	json_t *o = json_object();

	put(d, o, "exit", json_integer(exit_code));
	put(d, o, "desc", json_string(text));
	return o;
}
