// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stat_json.c - counters of the shim as a document
 */
#include "document/document.h"

#include <limits.h>

#include "stat/stat_view.h"

/* The page is not trusted, and jansson's integers are signed. */
static json_t *json_count(uint64_t n)
{
	return json_integer(n > LLONG_MAX ? LLONG_MAX : (json_int_t)n);
}

static json_t *document_drops(struct document *d, const struct stat_view_way *way)
{
	json_t *o = json_object();
	unsigned int i;

	for (i = 0; i < STAT_DROPS; i++)
		if (way->drop[i])
			put(d, o, stat_drop_name(i), json_count(way->drop[i]));
	return o;
}

static json_t *document_way(struct document *d, const struct stat_view_way *way)
{
	json_t *o = json_object();
	unsigned int i;

	for (i = 0; i < STAT_COUNTERS; i++)
		put(d, o, stat_counter_name((enum stat_counter)i), json_count(way->count[i]));
	put(d, o, "dropped", document_drops(d, way));
	put(d, o, "fault", way->fault ? json_string(way->fault) : json_null());
	return o;
}

static json_t *document_queue(struct document *d, const struct stat_view *q)
{
	json_t *o = json_object();
	unsigned int i;

	put(d, o, "interface", json_string(q->interface));
	put(d, o, "queue", json_integer(q->queue));
	put(d, o, "carried-by", json_string(stat_datapath_name(q->datapath)));
	if (q->datapath != VIEW_KERNEL && q->datapath != VIEW_NONE)
		put(d, o, "engine", json_string(q->engine));
	/* With the QEMU datapath only QEMU knows whether the queue is running. */
	if (q->datapath == VIEW_DEVICE)
		put(d, o, "running", json_boolean(q->running));
	put(d, o, "native", json_mask(q->native));
	put(d, o, "emulated", json_mask(q->emulated));
	for (i = 0; i < STAT_WAYS; i++)
		put(d, o, stat_way_name((enum stat_way)i), document_way(d, &q->way[i]));
	return o;
}

char *tapcompat_stat_json(const struct tapcompat_stat *stat, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_new(&d, "tapcompat-stat"), *list = json_array();
	unsigned int i;

	put(&d, o, "pid", json_integer(stat->pid));
	for (i = 0; i < stat->queues; i++)
		append(&d, list, document_queue(&d, &stat->queue[i]));
	put(&d, o, "queues", list);
	put(&d, o, "unlisted", json_integer(stat->unlisted));
	return document_text(&d, o, flags);
}
