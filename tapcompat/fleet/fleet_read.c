// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fleet_read.c - read the documents of many hosts
 *
 * Most of the text of a document is its "backends", and it is identical on hosts with the
 * same kernel.  The text is therefore cached with the group that it led to, and if a
 * document has the same text, only the rest of it is parsed.  Texts are compared in full,
 * and only text that was parsed without error is cached.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "document/line.h"
#include "document/reader.h"
#include "fleet.h"
#include "ground/bytes.h"
#include "ground/text.h"

/* Handle an invalid document: skip it with TAPCOMPAT_FLEET_SKIP_BAD, else fail. */
static int fleet_fault(struct tapcompat_fleet *fleet, const struct tapcompat_error *why, int ret,
		       struct tapcompat_error *error)
{
	if (ret && ret != -ENOMEM && fleet->options.flags & TAPCOMPAT_FLEET_SKIP_BAD) {
		fleet->skipped++;
		if (fleet->options.complain)
			fleet->options.complain(fleet->options.arg, why->text);
		return 0;
	}
	if (ret && error)
		*error = *why;
	return ret;
}

/* Frees @caps. */
static int fleet_take(struct tapcompat_fleet *fleet, struct tapcompat_caps *caps,
		      struct tapcompat_error *why)
{
	int ret = tapcompat_fleet_add(fleet, caps);

	if (ret)
		text_set(why->text, sizeof(why->text), "out of memory");
	tapcompat_caps_free(caps);
	return ret;
}

/* An audit: of its machines only numbers are kept. */
static int fleet_audit(struct tapcompat_fleet *fleet, const char *text, size_t len,
		       const struct reader *r)
{
	struct audit a;
	int ret;

	audit_init(&a, false);
	ret = audit_parse(&a, text, len, r->name, r->one_of_many, r->error);
	if (!ret)
		ret = machines_add(&fleet->machines, &a);
	audit_free(&a);
	return ret;
}

static int fleet_text(struct tapcompat_fleet *fleet, const char *text, size_t len,
		      struct reader *r)
{
	struct tapcompat_caps *caps;
	int ret;

	if (audit_is(text, len))
		return fleet_audit(fleet, text, len, r);
	r->most = 0;
	ret = document_caps_read(r, text, len, &caps);
	return ret ? ret : fleet_take(fleet, caps, r->error);
}

int tapcompat_fleet_load(struct tapcompat_fleet *fleet, const char *path,
			 struct tapcompat_error *error)
{
	struct tapcompat_error why = { "out of memory" };
	struct reader r = { .error = &why, .most = AUDIT_MOST };
	size_t len = 0;
	char *text = reader_load(&r, path, &len);
	int ret = r.ret;

	if (text)
		ret = fleet_text(fleet, text, len, &r);
	free(text);
	return fleet_fault(fleet, &why, ret, error);
}

/* ---- Cache ---- */

/* The text of "backends" in a document. */
struct extent {
	const char *text;
	size_t length;
};

static bool extent_find(struct extent *e, const struct line *line)
{
	size_t from, to;

	if (!reader_extent(line->text, line->length, "backends", &from, &to))
		return false;
	*e = (struct extent){ line->text + from, to - from };
	return e->length <= CACHE_LONGEST;
}

static const struct fleet_cache *cache_find(const struct tapcompat_fleet *fleet,
					    const struct extent *e)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(fleet->cache); i++)
		if (fleet->cache[i].length == e->length && fleet->cache[i].text &&
		    !memcmp(fleet->cache[i].text, e->text, e->length))
			return &fleet->cache[i];
	return NULL;
}

/* Replace the oldest entry.  Without memory the text is just not cached. */
static void cache_add(struct tapcompat_fleet *fleet, const struct extent *e, size_t group)
{
	struct fleet_cache *cache = &fleet->cache[fleet->cache_next];
	char *text = malloc(e->length);

	if (!text)
		return;
	memcpy(text, e->text, e->length);
	free(cache->text);
	cache->text = text;
	cache->length = e->length;
	cache->group = group;
	fleet->cache_next = (fleet->cache_next + 1) % ARRAY_LENGTH(fleet->cache);
}

void fleet_cache_free(struct tapcompat_fleet *fleet)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(fleet->cache); i++)
		free(fleet->cache[i].text);
}

/* Parse the document with an empty list as "backends".  Return: NULL on any error */
static struct tapcompat_caps *read_rest(const struct line *line, const struct extent *e)
{
	size_t head = (size_t)(e->text - line->text), tail = line->length - head - e->length;
	struct reader r = { .name = "" };
	struct tapcompat_caps *caps = NULL;
	char *text = malloc(head + 2 + tail);

	if (!text)
		return NULL;
	memcpy(text, line->text, head);
	text[head] = '[';
	text[head + 1] = ']';
	memcpy(text + head + 2, e->text + e->length, tail);
	document_caps_read(&r, text, head + 2 + tail, &caps);
	free(text);
	return caps;
}

/* ---- Lines ---- */

/* Return: 1: added from the cache; 0: must be parsed in full; -ENOMEM */
static int line_cached(struct tapcompat_fleet *fleet, const struct line *line,
		       const struct extent *e)
{
	const struct fleet_cache *cache = cache_find(fleet, e);
	struct tapcompat_caps *caps = cache ? read_rest(line, e) : NULL;
	int ret;

	if (!caps)
		return 0;
	ret = fleet_host(fleet, cache->group, caps->host);
	tapcompat_caps_free(caps);
	return ret ? ret : 1;
}

static int line_whole(struct tapcompat_fleet *fleet, const struct line *line,
		      const struct extent *e, struct reader *r)
{
	struct tapcompat_caps *caps;
	size_t group;
	int ret = document_caps_read(r, line->text, line->length, &caps);

	if (ret)
		return ret;
	ret = fleet_group(fleet, caps, &group);
	if (!ret && e)
		cache_add(fleet, e, group);
	if (!ret)
		ret = fleet_host(fleet, group, caps->host);
	tapcompat_caps_free(caps);
	return ret;
}

static int fleet_line(struct tapcompat_fleet *fleet, struct line *line, const char *name,
		      struct tapcompat_error *error)
{
	struct tapcompat_error why = { "out of memory" };
	char place[160];
	struct reader r = { .name = place, .error = &why, .one_of_many = true };
	struct extent e;
	bool found;
	int ret = 0;

	if (line_blank(line))
		return 0;
	text_set(place, sizeof(place), "%.120s: line %lu", name, line->number);
	if (audit_is(line->text, line->length))
		return fleet_fault(fleet, &why, fleet_audit(fleet, line->text, line->length, &r),
				   error);
	found = line->length <= READER_MAX && extent_find(&e, line);
	if (found)
		ret = line_cached(fleet, line, &e);
	if (!ret)
		ret = line_whole(fleet, line, found ? &e : NULL, &r);
	return fleet_fault(fleet, &why, ret < 0 ? ret : 0, error);
}

int tapcompat_fleet_read(struct tapcompat_fleet *fleet, int fd, const char *name,
			 struct tapcompat_error *error)
{
	struct line line;
	int ret = line_open(&line, fd, AUDIT_MOST + 1);

	while (!ret) {
		ret = line_next(&line);
		if (ret <= 0)
			break;
		ret = fleet_line(fleet, &line, name, error);
		if (ret) {
			line_close(&line);
			return ret;
		}
	}
	if (ret && error)
		text_set(error->text, sizeof(error->text), "%.120s: %s", name, strerror(-ret));
	line_close(&line);
	return ret;
}
