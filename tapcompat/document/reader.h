/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reader.h - documents of others
 *
 * A document may come from anywhere.  What is wrong with it is said with its
 * place, as "node1.json: backends[0].features[3].bit: ...", and nothing of it is
 * used.  A reader that has failed stays so; only its first fault is told.
 */
#ifndef TAPCOMPAT_DOCUMENT_READER_H
#define TAPCOMPAT_DOCUMENT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include <tapcompat.h>

#define READER_MAX 0x100000ul	/* bytes of a document */
#define READER_DEPTH 8
#define READER_VALUES 0x10000	/* so that memory is bounded as well */

/* A reader, and the place that it is at. */
struct reader {
	const char *name;	/* of the file */
	char place[128];	/* as "backends[0]" */
	struct tapcompat_error *error;	/* may be NULL */
	bool one_of_many;	/* on a line of its own, and the name says on which */
	bool failed;
	int ret;		/* why, once it has failed */
};

/**
 * reader_fail() - it is not as it should be
 */
void reader_fail(struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * reader_enter() - go to a member or an element
 * @format: of what is added to the place, such as ".features[%zu]"
 * Return: what reader_leave() leads back with
 */
size_t reader_enter(struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void reader_leave(struct reader *r, size_t at);

/**
 * reader_member() - a member of the type that it must have
 * @type: JSON_TRUE stands for both truth values
 * Return: borrowed; NULL where it is not there
 */
json_t *reader_member(struct reader *r, json_t *o, const char *key, json_type type,
		      bool needed);

/* The same, as a string, "" where it is not there; escaped; as a mask. */
const char *reader_string(struct reader *r, json_t *o, const char *key, bool needed);
void reader_text(struct reader *r, json_t *o, const char *key, bool needed, char *text,
		 size_t size);
struct tapcompat_mask reader_mask(struct reader *r, json_t *o, const char *key, bool needed);

/**
 * reader_object() - is it an object?
 */
bool reader_object(struct reader *r, json_t *o);

/**
 * reader_schema() - is it a document of this schema, of a version that is known?
 */
void reader_schema(struct reader *r, json_t *o, const char *schema);

/**
 * reader_json() - the object that a text is
 * Return: to be released; NULL where it is none
 */
json_t *reader_json(struct reader *r, const char *text, size_t len);

/**
 * reader_extent() - where a member of the outermost object stands, if it is a list
 * @from, @to: set to its first byte and the one behind it
 *
 * A look without parsing: what it finds may be no JSON at all.
 *
 * Return: whether there is one such member, and none whose name cannot be compared
 */
bool reader_extent(const char *text, size_t len, const char *key, size_t *from, size_t *to);

/**
 * reader_load() - the text of a file, "-" being standard input
 * Return: to be freed; NULL where it cannot be read
 */
char *reader_load(struct reader *r, const char *path, size_t *len);

/**
 * document_caps_read() - a capability document
 * @caps: set on success; release it with tapcompat_caps_free()
 * Return: 0, -EINVAL or -ENOMEM
 */
int document_caps_read(struct reader *r, const char *text, size_t len,
		       struct tapcompat_caps **caps);

#endif /* TAPCOMPAT_DOCUMENT_READER_H */
