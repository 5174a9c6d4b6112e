// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * compare_json.c - a comparison as a document
 */
#include "document/document.h"

#include "feature/compare.h"
#include "ground/mask.h"

static json_t *document_difference(struct document *d, const struct tapcompat_difference *from)
{
	json_t *o = json_object();

	if (from->backend[0])
		put(d, o, "type", json_string(from->backend));
	put(d, o, "result", json_string(tapcompat_relation_name(from->relation)));
	put(d, o, "only-first", json_names(d, from->more));
	put(d, o, "only-second", json_names(d, from->less));
	put(d, o, "unknown", json_names(d, from->unknown));
	return o;
}

/* The properties of network cards that differ. */
static json_t *document_cards(struct document *d, const struct tapcompat_comparison *c)
{
	json_t *list = json_array(), *o;
	unsigned int i;

	for (i = 0; i < c->nics; i++) {
		o = json_object();
		put(d, o, "name", json_string(c->nic[i].row->name));
		put(d, o, "first", json_string(c->nic[i].from));
		put(d, o, "second", json_string(c->nic[i].to));
		append(d, list, o);
	}
	return list;
}

json_t *document_comparison(struct document *d, const struct tapcompat_comparison *c)
{
	json_t *o = document_new(d, "tapcompat-comparison"), *list = json_array();
	struct tapcompat_mask responsible = { { 0, 0 } };
	json_t *names;
	unsigned int i;

	for (i = 0; i < c->differences; i++) {
		const struct tapcompat_difference *x = &c->difference[i];

		responsible = mask_or(responsible, mask_or(x->more, x->less));
		append(d, list, document_difference(d, x));
	}
	names = json_names(d, responsible);
	for (i = 0; i < c->nics; i++)
		append(d, names, json_string(c->nic[i].row->name));
	put(d, o, "first", json_string(c->a));
	put(d, o, "second", json_string(c->b));
	put(d, o, "result", json_string(tapcompat_relation_name(c->relation)));
	put(d, o, "responsible-properties", names);
	put(d, o, "backends", list);
	if (c->nics)
		put(d, o, "nic", document_cards(d, c));
	list = json_array();
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (c->left_out >> i & 1)
			append(d, list, json_string(tapcompat_backend_name(
				(enum tapcompat_backend_type)i)));
	put(d, o, "left-out", list);
	return o;
}

char *tapcompat_comparison_json(const struct tapcompat_comparison *c, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_comparison(&d, c);

	return document_text(&d, o, flags);
}
