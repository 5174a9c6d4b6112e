/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * domain_tags.h - where the elements of a document are, in bytes
 *
 * For edits that leave all else as it is.  The document has been parsed before: it is
 * well-formed and has no document type.
 */
#ifndef TAPCOMPAT_DOCUMENT_DOMAIN_TAGS_H
#define TAPCOMPAT_DOCUMENT_DOMAIN_TAGS_H

#include <stdbool.h>
#include <stddef.h>

/* An element; offsets in the text. */
struct tag {
	size_t start, inside;	/* of its first tag, and behind that */
	size_t close, end;	/* of its end tag, and behind that; @inside if it is empty */
	size_t name;		/* length of its name, with a prefix */
	int parent;		/* index, or -1 */
	bool empty;		/* "<a/>" */
};

struct tags {
	const char *text;
	struct tag *tag;
	int count;
};

/* A piece of the text. */
struct span {
	size_t at, len;
};

/**
 * tags_read() - find all elements
 * Return: 0 or -ENOMEM
 */
int tags_read(struct tags *tags, const char *text, size_t len);

void tags_free(struct tags *tags);

/**
 * tags_child() - the next element of a name below another
 * @uri: its namespace; NULL for none
 * @after: the previous one, or -1
 * Return: index, or -1
 */
int tags_child(const struct tags *tags, int parent, const char *uri, const char *name, int after);

/* The last element below another, of any name, or -1. */
int tags_last_child(const struct tags *tags, int parent);

/**
 * tags_attribute() - the value of an attribute, without its quotes
 * Return: false if there is none
 */
bool tags_attribute(const struct tags *tags, int tag, const char *name, struct span *value);

/**
 * tags_prefix() - the prefix of a namespace at an element, with its colon: "qemu:", or ""
 * Return: false if none is declared for it there
 */
bool tags_prefix(const struct tags *tags, int tag, const char *uri, char *prefix, size_t size);

#endif /* TAPCOMPAT_DOCUMENT_DOMAIN_TAGS_H */
