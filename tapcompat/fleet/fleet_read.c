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
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "document/reader.h"
#include "document/stream.h"
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

/* ---- Cache ---- */

/* The text of "backends" in a document. */
struct extent {
	const char *text;
	size_t length;
};

static bool extent_find(struct extent *e, const struct stream *doc)
{
	size_t from, to;

	if (!reader_extent(doc->text, doc->length, "backends", &from, &to))
		return false;
	*e = (struct extent){ doc->text + from, to - from };
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
static struct tapcompat_caps *read_rest(const struct stream *doc, const struct extent *e)
{
	size_t head = (size_t)(e->text - doc->text), tail = doc->length - head - e->length;
	struct reader r = { .name = "" };
	struct tapcompat_caps *caps = NULL;
	char *text = malloc(head + 2 + tail);

	if (!text)
		return NULL;
	memcpy(text, doc->text, head);
	text[head] = '[';
	text[head + 1] = ']';
	memcpy(text + head + 2, e->text + e->length, tail);
	document_caps_read(&r, text, head + 2 + tail, &caps);
	free(text);
	return caps;
}

/* ---- Documents ---- */

/* @lines: messages name the line of each document */
struct source {
	int fd;
	const char *name;
	bool lines;
};

/* Return: 1: added from the cache; 0: must be parsed in full; -ENOMEM */
static int document_cached(struct tapcompat_fleet *fleet, const struct stream *doc,
			   const struct extent *e, const char *place)
{
	const struct fleet_cache *cache = cache_find(fleet, e);
	struct tapcompat_caps *caps = cache ? read_rest(doc, e) : NULL;
	int ret;

	if (!caps)
		return 0;
	ret = fleet_host(fleet, cache->group, caps->host, place);
	tapcompat_caps_free(caps);
	return ret ? ret : 1;
}

static int document_whole(struct tapcompat_fleet *fleet, const struct stream *doc,
			  const struct extent *e, struct reader *r)
{
	struct tapcompat_caps *caps;
	size_t group;
	int ret = document_caps_read(r, doc->text, doc->length, &caps);

	if (ret)
		return ret;
	ret = fleet_group(fleet, caps, &group);
	if (!ret && e)
		cache_add(fleet, e, group);
	if (!ret)
		ret = fleet_host(fleet, group, caps->host, r->name);
	tapcompat_caps_free(caps);
	return ret;
}

/* Most files have one document: its line is named only if it is not the first one. */
static void place_of(const struct stream *doc, const struct source *from, char *place, size_t size)
{
	size_t n = strlen(from->name);

	text_set(place, size, "%s%s", n > 120 ? "..." : "", from->name + (n > 120 ? n - 120 : 0));
	if (from->lines || doc->number > 1)
		text_add(place, size, ": line %lu", doc->number);
}

/* An audit: of its machines only numbers are kept. */
static int fleet_audit(struct tapcompat_fleet *fleet, const struct stream *doc,
		       const struct reader *r)
{
	struct audit a;
	int ret;

	audit_init(&a, false);
	ret = audit_parse(&a, doc->text, doc->length, r->name, r->line, r->error);
	if (!ret)
		ret = machines_add(&fleet->machines, &a);
	audit_free(&a);
	return ret;
}

static int fleet_document(struct tapcompat_fleet *fleet, const struct stream *doc,
			  const struct source *from, struct tapcompat_error *error)
{
	struct tapcompat_error why = { "out of memory" };
	char place[160];
	struct reader r = {
		.name = place, .error = &why,
		.line = from->lines || doc->number > 1 ? doc->number : 0,
	};
	struct extent e;
	bool audit = audit_is(doc->text, doc->length);
	bool found = !audit && doc->length <= READER_MAX && extent_find(&e, doc);
	int ret = 0;

	place_of(doc, from, place, sizeof(place));
	if (audit)
		return fleet_fault(fleet, &why, fleet_audit(fleet, doc, &r), error);
	if (found)
		ret = document_cached(fleet, doc, &e, place);
	if (!ret)
		ret = document_whole(fleet, doc, found ? &e : NULL, &r);
	return fleet_fault(fleet, &why, ret < 0 ? ret : 0, error);
}

/* Return: as tapcompat_fleet_read(); @documents: counted */
static int fleet_documents(struct tapcompat_fleet *fleet, const struct source *from,
			   unsigned long *documents, struct tapcompat_error *error)
{
	struct stream doc;
	int ret = stream_open(&doc, from->fd, AUDIT_MOST), fault = 0;

	while (!ret && !fault && (ret = stream_next(&doc)) > 0) {
		ret = 0;
		++*documents;
		fault = fleet_document(fleet, &doc, from, error);
	}
	if (ret && error)
		text_set(error->text, sizeof(error->text), "%.120s: %s", from->name,
			 strerror(-ret));
	stream_close(&doc);
	return ret ? ret : fault;
}

int tapcompat_fleet_read(struct tapcompat_fleet *fleet, int fd, const char *name,
			 struct tapcompat_error *error)
{
	const struct source from = { .fd = fd, .name = name, .lines = true };
	unsigned long documents = 0;

	return fleet_documents(fleet, &from, &documents, error);
}

/* A file that cannot be read, or that is empty, is a bad document. */
static int fleet_unread(struct tapcompat_fleet *fleet, const char *path, int err,
			struct tapcompat_error *error)
{
	struct tapcompat_error why;
	struct reader r = { .name = path, .error = &why };

	reader_fail(&r, "%s", err ? strerror(err) : "it has no document");
	return fleet_fault(fleet, &why, err ? -err : -EINVAL, error);
}

int tapcompat_fleet_load(struct tapcompat_fleet *fleet, const char *path,
			 struct tapcompat_error *error)
{
	struct source from = { .name = path };
	unsigned long documents = 0;
	int ret;

	from.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (from.fd < 0)
		return fleet_unread(fleet, path, errno, error);
	ret = fleet_documents(fleet, &from, &documents, error);
	close(from.fd);
	return ret || documents ? ret : fleet_unread(fleet, path, 0, error);
}
