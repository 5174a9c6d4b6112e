// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explain_json.c - explanations as a document
 */
#include "document/document.h"

#include "explain/explain.h"
#include "table/bit.h"

static json_t *json_row(struct document *d, const struct tapcompat_explanation *e,
			const struct explain_row *row)
{
	const struct tapcompat_feature *f = feature_of_bit(row->bit);
	json_t *o = json_object();

	put(d, o, "bit", json_integer(row->bit));
	put(d, o, "spec", json_string(bit_spec(row->bit)));
	if (f) {
		put(d, o, "name", json_string(f->name));
		put(d, o, "about", json_string(f->about));
		put(d, o, "since-qemu", json_string(f->qemu));
	}
	if (f && f->linux_vhost[0] != '-')
		put(d, o, "since-kernel", json_string(f->linux_vhost));
	if (row->layer[0] && e->kind != EXPLAIN_DECODED)
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

static json_t *json_explanation(struct document *d, const struct tapcompat_explanation *e)
{
	json_t *o = json_object();

	put(d, o, "kind", json_string(explain_kind_name(e->kind)));
	if (e->quote[0])
		put(d, o, "message", json_string(e->quote));
	if (e->says[0])
		put(d, o, "desc", json_string(e->says));
	if (e->has_acked)
		put(d, o, "held", json_mask(e->acked));
	if (e->has_allowed)
		put(d, o, "allowed", json_mask(e->allowed));
	if (e->kind != EXPLAIN_DECODED)
		put(d, o, "missing", json_mask(e->missing));
	put(d, o, "bits", json_rows(d, e));
	if (e->device[0])
		put(d, o, "device", json_string(e->device));
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
