// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explain_json.c - explanations as a document
 */
#include <stdlib.h>

#include "document/document.h"
#include "explain/explain.h"
#include "table/bit.h"

static json_t *json_row(struct document *d, const struct tapcompat_explanation *e,
			const struct explain_row *row)
{
	const struct tapcompat_feature *f = feature_of_bit(row->bit);
	const char *option = explain_option(e, row->bit);
	json_t *o = json_object();

	put(d, o, "bit", json_integer(row->bit));
	put(d, o, "spec", json_string(explain_spec(e, row->bit)));
	if (e->finding.kind == EXPLAIN_OTHER)
		return o;
	if (f) {
		put(d, o, "name", json_string(f->name));
		put(d, o, "about", json_string(f->about));
		put(d, o, "since-qemu", json_string(f->qemu));
	}
	if (f && f->linux_vhost[0] != '-')
		put(d, o, "since-kernel", json_string(f->linux_vhost));
	if (option[0])
		put(d, o, "option", json_string(option));
	if (row->layer[0] && e->finding.kind != EXPLAIN_DECODED)
		put(d, o, "layer", json_string(row->layer));
	return o;
}

static json_t *json_rows(struct document *d, const struct tapcompat_explanation *e)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < e->rows; i++)
		append(d, list, json_row(d, e, &e->row[i]));
	return list;
}

static json_t *json_cures(struct document *d, const struct tapcompat_explanation *e)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < e->cures; i++)
		append(d, list, json_string(e->cure[i]));
	return list;
}

static void put_text(struct document *d, json_t *o, const char *key, const char *text)
{
	if (text[0])
		put(d, o, key, json_string(text));
}

/* Whose it is; NULL where nothing is known. */
static json_t *json_origin(struct document *d, const struct origin *origin)
{
	json_t *o = json_object();

	put_text(d, o, "host", origin->host);
	put_text(d, o, "machine", origin->machine);
	put_text(d, o, "program", origin->program);
	if (origin->pid[0])
		put(d, o, "pid", json_integer(strtoll(origin->pid, NULL, 10)));
	put_text(d, o, "card", origin->card);
	put_text(d, o, "qemu", origin->qemu);
	put_text(d, o, "machine-type", origin->type);
	put_text(d, o, "manager", manager_name(origin->manager));
	if (json_object_size(o))
		return o;
	json_decref(o);
	return NULL;
}

static void put_finding(struct document *d, json_t *o, const struct finding *f)
{
	json_t *origin = json_origin(d, &f->origin);

	put_text(d, o, "message", f->quote);
	if (f->message)
		put_text(d, o, "by", f->message->by);
	if (f->error)
		put_text(d, o, "error", f->error->name);
	if (f->device)
		put_text(d, o, "virtio-device", f->device->name);
	if (origin)
		put(d, o, "origin", origin);
	put(d, o, "count", json_integer((json_int_t)f->count));
	put_text(d, o, "first-time", f->origin.time);
	put_text(d, o, "last-time", f->last);
	if (f->has_acked)
		put(d, o, "held", json_mask(f->acked));
	if (f->has_allowed)
		put(d, o, "allowed", json_mask(f->allowed));
	if (f->kind != EXPLAIN_DECODED && f->kind != EXPLAIN_UNREADABLE)
		put(d, o, "missing", json_mask(f->missing));
}

static json_t *json_explanation(struct document *d, const struct tapcompat_explanation *e)
{
	json_t *o = json_object();

	put(d, o, "kind", json_string(explain_kind_name(e->finding.kind)));
	put_text(d, o, "desc", e->says);
	put(d, o, "sure", json_boolean(e->sure));
	put_finding(d, o, &e->finding);
	put(d, o, "bits", json_rows(d, e));
	put_text(d, o, "device", e->device);
	put(d, o, "cures", json_cures(d, e));
	return o;
}

char *tapcompat_explanations_json(struct tapcompat_explanation *const list[], size_t n,
				  unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_new(&d, "tapcompat-explanation"), *all = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		append(&d, all, json_explanation(&d, list[i]));
	put(&d, o, "explanations", all);
	return document_text(&d, o, flags);
}
