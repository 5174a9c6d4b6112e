// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * document_fleet.c - models and comparisons as documents
 */
#include "document.h"

#include "ground/mask.h"
#include "pure/compare.h"
#include "table/bit.h"
#include "table/model.h"

json_t *json_names(struct document *d, struct tapcompat_mask mask)
{
	json_t *list = json_array();
	char text[BIT_NAME];
	unsigned int bit;

	for (bit = 0; bit < 128; bit++)
		if (tapcompat_mask_test(&mask, bit))
			append(d, list, json_string(bit_name(bit, text)));
	return list;
}

/* What should not be relied on any more, since when, and what to use instead. */
static json_t *document_deprecated(struct document *d, struct tapcompat_mask mask)
{
	const struct tapcompat_feature *f;
	json_t *list = json_array(), *o;

	for_each_feature(f) {
		if (!tapcompat_mask_test(&mask, f->bit) || f->deprecated[0] == '-')
			continue;
		o = json_object();
		put(d, o, "name", json_string(f->name));
		put(d, o, "since-kernel", json_string(f->deprecated));
		put(d, o, "replacement", json_names(d, f->replacement));
		append(d, list, o);
	}
	return list;
}

static json_t *document_model(struct document *d, const struct tapcompat_model *m,
			      unsigned int flags)
{
	struct tapcompat_mask all = tapcompat_model_features(m), mask = all;
	char text[TAPCOMPAT_FINGERPRINT_TEXT];
	json_t *o = json_object();

	if (flags & TAPCOMPAT_NO_DEPRECATED)
		mask = tapcompat_model_current(m);
	put(d, o, "name", json_string(m->name));
	put(d, o, "status", json_string(m->status));
	put(d, o, "linux", json_string(m->linux_release));
	put(d, o, "qemu", json_string(m->qemu));
	put(d, o, "about", json_string(m->about));
	put(d, o, "fingerprint", json_string(tapcompat_mask_fingerprint(&all, text)));
	put(d, o, "mask", json_mask(mask));
	put(d, o, "features", json_names(d, mask));
	put(d, o, "deprecated", document_deprecated(d, all));
	return o;
}

json_t *document_models(struct document *d, const struct tapcompat_model *model,
			unsigned int flags)
{
	json_t *o = document_new(d, "tapcompat-models"), *list = json_array();
	const struct tapcompat_model *m;
	unsigned int i;

	put(d, o, "alias", json_string(MODEL_ALIAS));
	put(d, o, "stands-for", json_string(tapcompat_model_find(MODEL_ALIAS)->name));
	for (i = 0; (m = tapcompat_model_at(i)); i++)
		if (!model || m == model)
			append(d, list, document_model(d, m, flags));
	put(d, o, "models", list);
	return o;
}

char *tapcompat_models_json(const struct tapcompat_model *model, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_models(&d, model, flags);

	return document_text(&d, o, flags);
}

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

json_t *document_comparison(struct document *d, const struct tapcompat_comparison *c)
{
	json_t *o = document_new(d, "tapcompat-comparison"), *list = json_array();
	struct tapcompat_mask responsible = { { 0, 0 } };
	unsigned int i;

	for (i = 0; i < c->differences; i++) {
		const struct tapcompat_difference *x = &c->difference[i];

		responsible = mask_or(responsible, mask_or(x->more, x->less));
		append(d, list, document_difference(d, x));
	}
	put(d, o, "first", json_string(c->a));
	put(d, o, "second", json_string(c->b));
	put(d, o, "result", json_string(tapcompat_relation_name(c->relation)));
	put(d, o, "responsible-properties", json_names(d, responsible));
	put(d, o, "backends", list);
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
