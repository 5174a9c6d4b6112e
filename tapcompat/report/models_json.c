// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * models_json.c - models as a document
 */
#include "document/document.h"

#include "ground/mask.h"
#include "table/feature.h"
#include "table/model.h"

/* Deprecated features, since when, and their replacement. */
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
	char text[MASK_FINGERPRINT];
	json_t *o = json_object();

	if (flags & TAPCOMPAT_NO_DEPRECATED)
		mask = model_current(m);
	put(d, o, "name", json_string(m->name));
	put(d, o, "status", json_string(m->status));
	put(d, o, "linux", json_string(m->linux_release));
	put(d, o, "qemu", json_string(m->qemu));
	put(d, o, "about", json_string(m->about));
	put(d, o, "fingerprint", json_string(mask_fingerprint(&all, text)));
	put(d, o, "mask", json_mask(mask));
	put(d, o, "features", json_names(d, mask));
	put(d, o, "deprecated", document_deprecated(d, all));
	return o;
}

static json_t *document_exclusions(struct document *d)
{
	const struct tapcompat_exclusion *e;
	json_t *list = json_array(), *o;
	struct tapcompat_mask mask;
	unsigned int i;

	for (i = 0; (e = tapcompat_exclusion_at(i)); i++) {
		mask = tapcompat_exclusion_features(e);
		o = json_object();
		put(d, o, "name", json_string(e->name));
		put(d, o, "linux", json_string(e->linux_release));
		put(d, o, "about", json_string(e->about));
		put(d, o, "mask", json_mask(mask));
		put(d, o, "features", json_names(d, mask));
		append(d, list, o);
	}
	return list;
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
	if (!model)
		put(d, o, "exclusions", document_exclusions(d));
	return o;
}

char *tapcompat_models_json(const struct tapcompat_model *model, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_models(&d, model, flags);

	return document_text(&d, o, flags);
}
