/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document.h - what the documents have in common
 */
#ifndef TAPCOMPAT_DOCUMENT_DOCUMENT_H
#define TAPCOMPAT_DOCUMENT_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <jansson.h>

#include <tapcompat.h>
#include <tapcompat_fleet.h>

#define DOCUMENT_SCHEMA "tapcompat-capabilities"
#define DOCUMENT_VERSION 1	/* of every schema so far */
#define DOCUMENT_TIME "%Y-%m-%dT%H:%M:%SZ"

/*
 * A document in the making.  jansson reports lack of memory call by call.  All
 * building goes through put() and append(), which remember it: a document is
 * whole or is not made.
 */
struct document {
	bool failed;		/* memory ran out on the way */
};

/**
 * put() - add a member
 * @value: taken over
 */
void put(struct document *d, json_t *object, const char *key, json_t *value);

/**
 * append() - add an element
 * @value: taken over
 */
void append(struct document *d, json_t *array, json_t *value);

/**
 * json_mask() - masks are wider than any JSON number
 */
json_t *json_mask(struct tapcompat_mask mask);
json_t *json_mask64(uint64_t bits);
json_t *json_time(time_t when);

/**
 * json_names() - the features of a set, by name; other bits as bit_name() has them
 */
json_t *json_names(struct document *d, struct tapcompat_mask mask);

/**
 * put_added() - member "added": what the features of a list need, if there is any of it
 */
void put_added(struct document *d, json_t *object, struct tapcompat_mask asked);

/**
 * document_new() - begin a document of a schema
 */
json_t *document_new(struct document *d, const char *schema);

/**
 * document_dump() - JSON as text
 * @flags: of jansson
 * @end: what follows it
 * Return: to be freed with free(); NULL where memory ran out, or @o is NULL
 */
char *document_dump(const json_t *o, size_t flags, const char *end);

/**
 * document_text() - the text of a document, which is released
 * @flags: TAPCOMPAT_PRETTY
 * Return: to be freed with free(); NULL where memory ran out
 */
char *document_text(struct document *d, json_t *o, unsigned int flags);

/**
 * document_error() - the member "error" of documents
 */
json_t *document_error(struct document *d, int exit_code, const char *text);

/*
 * What tapcompat_caps_json(), tapcompat_models_json() and tapcompat_comparison_json()
 * write.
 */
json_t *document_caps(struct document *d, const struct tapcompat_caps *caps);
json_t *document_models(struct document *d, const struct tapcompat_model *model,
			unsigned int flags);
json_t *document_comparison(struct document *d, const struct tapcompat_comparison *c);

#endif /* TAPCOMPAT_DOCUMENT_DOCUMENT_H */
