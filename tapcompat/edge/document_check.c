// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * document_check.c - the answer of a check as a document
 */
#include "document.h"

#include "pure/check.h"

static const char *const verdict_names[] = {
	[TAPCOMPAT_PASS] = "pass", [TAPCOMPAT_WARN] = "warn", [TAPCOMPAT_FAIL] = "fail",
};

static json_t *document_finding(struct document *d, const struct tapcompat_finding *f)
{
	json_t *o = json_object();

	put(d, o, "name", json_string(f->feature->name));
	put(d, o, "bit", json_integer(f->feature->bit));
	put(d, o, "verdict", json_string(verdict_names[f->verdict]));
	put(d, o, "exit", json_integer(f->exit));
	if (f->layer[0])
		put(d, o, "layer", json_string(f->layer));
	if (f->since[0])
		put(d, o, "since", json_string(f->since));
	if (f->detail[0])
		put(d, o, "detail", json_string(f->detail));
	return o;
}

char *tapcompat_check_json(const struct tapcompat_check *check, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_new(&d, "tapcompat-check"), *list = json_array();
	unsigned int i;

	put(&d, o, "subject", json_string(check->subject));
	put(&d, o, "exit", json_integer(tapcompat_check_exit(check)));
	put(&d, o, "required", json_mask(check->require));
	put(&d, o, "missing", json_mask(check->lacks));
	for (i = 0; i < check->findings; i++)
		append(&d, list, document_finding(&d, &check->finding[i]));
	put(&d, o, "features", list);
	list = json_array();
	for (i = 0; i < check->ways; i++)
		append(&d, list, json_string(check->way[i]));
	put(&d, o, "ways-out", list);
	return document_text(&d, o, flags);
}
