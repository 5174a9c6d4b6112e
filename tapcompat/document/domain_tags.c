// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_tags.c - where the elements of a document are, in bytes
 */
#include "domain_tags.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "domain_scan.h"
#include "ground/text.h"

#define SPACES " \t\r\n"

static int tags_add(struct tags *tags, const struct tag *tag)
{
	struct tag *more;

	if (!(tags->count & (tags->count - 1))) {
		more = realloc(tags->tag, (2 * (size_t)tags->count + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		tags->tag = more;
	}
	tags->tag[tags->count++] = *tag;
	return 0;
}

/* One tag; @open is the element that it is in, and is changed. */
static int tags_take(struct tags *tags, const char *p, const char *end, int *open)
{
	size_t start = (size_t)(p - tags->text), behind = (size_t)(end - tags->text);
	struct tag tag = {
		.start = start, .inside = behind, .close = behind, .end = behind,
		.name = strcspn(p + 1, SPACES "/>"), .parent = *open, .empty = end[-2] == '/',
	};
	int ret;

	/* libxml2 has read it: an end without a beginning does not come here. */
	if (p[1] == '/') {
		if (!tags->tag || *open < 0)
			return -EINVAL;
		tags->tag[*open].close = start;
		tags->tag[*open].end = behind;
		*open = tags->tag[*open].parent;
		return 0;
	}
	ret = tags_add(tags, &tag);
	if (!ret && !tag.empty)
		*open = tags->count - 1;
	return ret;
}

int tags_read(struct tags *tags, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *next;
	unsigned int attributes;
	int open = -1, ret = 0;

	*tags = (struct tags){ .text = text };
	while (!ret && p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		next = scan_section(p, end);
		if (next == p) {
			next = scan_tag(p, end, &attributes);
			ret = tags_take(tags, p, next, &open);
		}
		p = next;
	}
	return ret;
}

void tags_free(struct tags *tags)
{
	free(tags->tag);
	tags->tag = NULL;
	tags->count = 0;
}

/* The next attribute behind @at in a tag; @at moves behind it. */
static bool attribute_next(const struct tags *tags, int tag, size_t *at, struct span *name,
			   struct span *value)
{
	const char *text = tags->text;
	size_t end = tags->tag[tag].inside - 1 - tags->tag[tag].empty, quote;

	name->at = *at + strspn(text + *at, SPACES);
	if (name->at >= end)
		return false;
	name->len = strcspn(text + name->at, SPACES "=");
	quote = name->at + name->len + strcspn(text + name->at + name->len, "'\"");
	value->at = quote + 1;
	value->len = strcspn(text + value->at, text[quote] == '"' ? "\"" : "'");
	*at = value->at + value->len + 1;
	return true;
}

static bool span_is(const struct tags *tags, struct span s, const char *word)
{
	return s.len == strlen(word) && !memcmp(tags->text + s.at, word, s.len);
}

static size_t attributes_of(const struct tags *tags, int tag)
{
	return tags->tag[tag].start + 1 + tags->tag[tag].name;
}

bool tags_attribute(const struct tags *tags, int tag, const char *name, struct span *value)
{
	size_t at = attributes_of(tags, tag);
	struct span key;

	while (attribute_next(tags, tag, &at, &key, value))
		if (span_is(tags, key, name))
			return true;
	return false;
}

bool tags_prefix(const struct tags *tags, int tag, const char *uri, char *prefix, size_t size)
{
	struct span key, value;
	size_t at;

	for (; tag >= 0; tag = tags->tag[tag].parent) {
		at = attributes_of(tags, tag);
		while (attribute_next(tags, tag, &at, &key, &value)) {
			if (strncmp(tags->text + key.at, "xmlns:", 6) || key.len >= size ||
			    !span_is(tags, value, uri))
				continue;
			text_set(prefix, size, "%.*s:", (int)key.len - 6, tags->text + key.at + 6);
			return true;
		}
	}
	return false;
}

/* Is the namespace of an element this one?  It has the prefix that its name has. */
static bool namespace_is(const struct tags *tags, int tag, const char *uri)
{
	const char *name = tags->text + tags->tag[tag].start + 1;
	const char *colon = memchr(name, ':', tags->tag[tag].name);
	char attribute[64] = "xmlns";
	struct span value;

	if (!uri && !colon)
		return true;
	if (!uri)
		return false;
	if (colon)
		text_set(attribute, sizeof(attribute), "xmlns:%.*s", (int)(colon - name), name);
	for (; tag >= 0; tag = tags->tag[tag].parent)
		if (tags_attribute(tags, tag, attribute, &value))
			return span_is(tags, value, uri);
	return false;
}

static bool name_is(const struct tags *tags, int tag, const char *name)
{
	const char *full = tags->text + tags->tag[tag].start + 1;
	const char *colon = memchr(full, ':', tags->tag[tag].name);
	size_t skip = colon ? (size_t)(colon - full) + 1 : 0;

	return tags->tag[tag].name - skip == strlen(name) &&
	       !memcmp(full + skip, name, strlen(name));
}

int tags_child(const struct tags *tags, int parent, const char *uri, const char *name, int after)
{
	int i;

	for (i = (after < parent ? parent : after) + 1; i < tags->count; i++) {
		if (parent >= 0 && tags->tag[i].start >= tags->tag[parent].end)
			break;
		if (tags->tag[i].parent == parent && name_is(tags, i, name) &&
		    namespace_is(tags, i, uri))
			return i;
	}
	return -1;
}

int tags_last_child(const struct tags *tags, int parent)
{
	int i, last = -1;

	for (i = parent + 1; i < tags->count && tags->tag[i].start < tags->tag[parent].end; i++)
		if (tags->tag[i].parent == parent)
			last = i;
	return last;
}
