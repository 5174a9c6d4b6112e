/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reader.h - read JSON documents
 *
 * Documents are not trusted.  An error is reported with its place, such as
 * "node1.json: backends[0].features[3].bit: ...", and the whole document is
 * rejected.  Only the first error is reported.
 */
#ifndef TAPCOMPAT_DOCUMENT_READER_H
#define TAPCOMPAT_DOCUMENT_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include <tapcompat.h>

#define READER_MAX 0x100000ul	/* bytes of a document, unless struct reader has another number */
#define READER_DEPTH 8
#define READER_VALUES 0x10000	/* in each READER_MAX bytes; bounds the memory */

/* A reader and its current place in the document. */
struct reader {
	const char *name;	/* of the file */
	char place[128];	/* such as "backends[0]" */
	struct tapcompat_error *error;	/* may be NULL */
	unsigned long line;	/* in which the document begins, if @name has it; or 0 */
	size_t most;		/* bytes, a multiple of READER_MAX; 0: READER_MAX */
	bool failed;
	int ret;		/* negative errno once it has failed */
};

/**
 * reader_fail() - report an error in the document; the first one counts
 */
void reader_fail(struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * reader_enter() - descend to a member or an element
 * @format: added to the place, such as ".features[%zu]"
 * Return: to be passed to reader_leave()
 */
size_t reader_enter(struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void reader_leave(struct reader *r, size_t at);

/**
 * reader_member() - get a member and check its type
 * @type: JSON_TRUE stands for either boolean
 * @needed: fail if it is missing
 * Return: a borrowed reference; NULL if it is missing or of another type
 */
json_t *reader_member(struct reader *r, json_t *o, const char *key, json_type type,
		      bool needed);

/* The same as a string, "" if it is missing; as escaped text; as a mask. */
const char *reader_string(struct reader *r, json_t *o, const char *key, bool needed);
void reader_text(struct reader *r, json_t *o, const char *key, bool needed, char *text,
		 size_t size);
struct tapcompat_mask reader_mask(struct reader *r, json_t *o, const char *key, bool needed);

/**
 * reader_object() - check that a value is an object
 */
bool reader_object(struct reader *r, json_t *o);

/**
 * reader_schema() - check the schema and the version of a document
 */
void reader_schema(struct reader *r, json_t *o, const char *schema);

/**
 * reader_json() - parse text as a JSON object
 * Return: a new reference; NULL on error
 */
json_t *reader_json(struct reader *r, const char *text, size_t len);

/**
 * reader_extent() - find the text of a member of the outermost object that is an array
 * @from, @to: set to the offsets of its first byte and of its end
 *
 * Does not parse: the text that it finds need not be valid JSON.
 *
 * Return: true if there is exactly one such member, and no name with escapes
 */
bool reader_extent(const char *text, size_t len, const char *key, size_t *from, size_t *to);

/**
 * reader_load() - read a file, "-" being standard input
 * Return: to be freed with free(), with room for one more byte; NULL on error
 */
char *reader_load(struct reader *r, const char *path, size_t *len);

/**
 * document_caps_read() - read a capability document
 * @caps: set on success; free it with tapcompat_caps_free()
 * Return: 0, -EINVAL or -ENOMEM
 */
int document_caps_read(struct reader *r, const char *text, size_t len,
		       struct tapcompat_caps **caps);

#endif /* TAPCOMPAT_DOCUMENT_READER_H */
