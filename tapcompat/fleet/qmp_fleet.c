// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_fleet.c - the QMP commands that look at no host: models
 */
#include "qmp_fleet.h"

#include "ground/mask.h"
#include "table/feature.h"
#include "table/model.h"

/* Names in the order of the bits; bits that no row has are named by number. */
static json_t *names_of(struct document *d, struct tapcompat_mask mask)
{
	struct tapcompat_mask known = { { 0, 0 } }, rest;
	const struct tapcompat_feature *f;
	json_t *list = json_array();
	unsigned int bit;

	for_each_feature(f) {
		tapcompat_mask_set(&known, f->bit);
		if (tapcompat_mask_test(&mask, f->bit))
			append(d, list, json_string(f->name));
	}
	rest = mask_minus(mask, known);
	for (bit = 0; bit < 128; bit++)
		if (tapcompat_mask_test(&rest, bit))
			append(d, list, json_sprintf("bit-%u", bit));
	return list;
}

/* ---- query-tap-models --------------------------------------------------- */

static json_t *model_info(struct document *d, const struct tapcompat_model *m)
{
	struct tapcompat_mask all = tapcompat_model_features(m);
	struct tapcompat_mask current = tapcompat_model_current(m);
	json_t *o = json_object();

	put(d, o, "name", json_string(m->name));
	put(d, o, "version", json_integer(m->version));
	put(d, o, "status", json_string(m->status));
	if (m == tapcompat_model_find(MODEL_ALIAS))
		put(d, o, "alias", json_string(MODEL_ALIAS));
	put(d, o, "linux", json_string(m->linux_release));
	put(d, o, "qemu", json_string(m->qemu));
	put(d, o, "about", json_string(m->about));
	put(d, o, "mask", json_mask(all));
	put(d, o, "features", names_of(d, all));
	put(d, o, "deprecated", names_of(d, mask_minus(all, current)));
	return o;
}

json_t *qmp_handle_models(struct qmp_call *call)
{
	const char *name = json_string_value(json_object_get(call->arguments, "name"));
	const struct tapcompat_model *m = name ? tapcompat_model_find(name) : NULL;
	json_t *list;
	unsigned int i;

	if (name && !m)
		return qmp_fail(call, QMP_GENERIC, "Parameter 'name': there is no model '%.64s': "
				"ask without a name for all", name);
	list = json_array();
	if (name)
		append(&call->d, list, model_info(&call->d, m));
	for (i = 0; !name && (m = tapcompat_model_at(i)); i++)
		append(&call->d, list, model_info(&call->d, m));
	return list;
}
