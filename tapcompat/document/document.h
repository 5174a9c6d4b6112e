/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document.h - common parts of all JSON documents
 */
#ifndef TAPCOMPAT_DOCUMENT_DOCUMENT_H
#define TAPCOMPAT_DOCUMENT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <tapcompat.h>
#include <tapcompat_fleet.h>

#include "feature/flags.h"

#define DOCUMENT_SCHEMA "tapcompat-capabilities"
#define DOCUMENT_VERSION 1	/* the same for all schemas so far */
#define DOCUMENT_TIME "%Y-%m-%dT%H:%M:%SZ"

/*
 * A document being built.  jansson reports lack of memory call by call; put() and
 * append() record it in @failed, so that it needs checking only once, at the end.
 */
struct document {
	bool failed;		/* out of memory */
};

/**
 * put() - add a member
 * @value: reference stolen
 */
void put(struct document *d, json_t *object, const char *key, json_t *value);

/**
 * append() - add an element
 * @value: reference stolen
 */
void append(struct document *d, json_t *array, json_t *value);

/**
 * json_mask() - a mask as a string: it is wider than any JSON number
 */
json_t *json_mask(struct tapcompat_mask mask);
json_t *json_mask64(uint64_t bits);
json_t *json_time(time_t when);

/**
 * json_names() - an array of the names of features; other bits as by bit_name()
 */
json_t *json_names(struct document *d, struct tapcompat_mask mask);

/**
 * put_added() - member "added": what the features of a list need, if there is any of it
 */
void put_added(struct document *d, json_t *object, struct tapcompat_mask asked);

/**
 * put_later() - member "later": flags that only newer QEMUs know, by release, if any
 */
void put_later(struct document *d, json_t *object, struct flags later);

/**
 * document_new() - begin a document with its schema and version
 */
json_t *document_new(struct document *d, const char *schema);

/**
 * document_dump() - JSON as text
 * @flags: JSON_* flags of jansson
 * @end: text to append
 * Return: to be freed with free(); NULL if out of memory or @o is NULL
 */
char *document_dump(const json_t *o, size_t flags, const char *end);

/**
 * document_text() - the text of a document; drops the reference to @o
 * @flags: TAPCOMPAT_PRETTY
 * Return: to be freed with free(); NULL if out of memory
 */
char *document_text(struct document *d, json_t *o, unsigned int flags);

/**
 * document_error() - the member "error" of documents
 */
json_t *document_error(struct document *d, int exit_code, const char *text);

/*
 * The documents of tapcompat_caps_json(), tapcompat_models_json() and
 * tapcompat_comparison_json().
 */
json_t *document_caps(struct document *d, const struct tapcompat_caps *caps);
json_t *document_models(struct document *d, const struct tapcompat_model *model,
			unsigned int flags);
json_t *document_comparison(struct document *d, const struct tapcompat_comparison *c);

#endif /* TAPCOMPAT_DOCUMENT_DOCUMENT_H */
