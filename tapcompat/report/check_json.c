// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * check_json.c - checks and offers as documents
 */
#include "document/document.h"

#include "feature/offer.h"

static const char *const verdict_names[] = {
	[TAPCOMPAT_PASS] = "pass", [TAPCOMPAT_WARN] = "warn", [TAPCOMPAT_FAIL] = "fail",
};

/* The layer that lacks it, the release that has it, and the detail. */
static void document_layer(struct document *d, json_t *o, const struct tapcompat_finding *f)
{
	if (f->layer[0])
		put(d, o, "layer", json_string(f->layer));
	if (f->since[0])
		put(d, o, "since", json_string(f->since));
	if (f->detail[0])
		put(d, o, "detail", json_string(f->detail));
}

static json_t *document_finding(struct document *d, const struct tapcompat_finding *f)
{
	json_t *o = json_object();

	put(d, o, "name", json_string(f->feature->name));
	put(d, o, "bit", json_integer(f->feature->bit));
	put(d, o, "verdict", json_string(verdict_names[f->verdict]));
	put(d, o, "exit", json_integer(f->exit));
	document_layer(d, o, f);
	return o;
}

/* The properties of a network card that differ from a record. */
static json_t *document_nic(struct document *d, const struct tapcompat_check *check)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < check->nics; i++) {
		const struct nic_difference *n = &check->nic[i];
		json_t *o = json_object();

		put(d, o, "name", json_string(n->row->name));
		put(d, o, "verdict", json_string(verdict_names[n->verdict]));
		put(d, o, "recorded", json_string(n->from));
		put(d, o, "here", json_string(n->to));
		put(d, o, "detail", json_string(n->why));
		append(d, list, o);
	}
	return list;
}

char *tapcompat_check_json(const struct tapcompat_check *check, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_new(&d, "tapcompat-check"), *list = json_array();
	unsigned int i;

	put(&d, o, "subject", json_string(check->subject));
	put(&d, o, "exit", json_integer(tapcompat_check_exit(check)));
	put(&d, o, "required", json_mask(check->require));
	put_added(&d, o, check->asked);
	put(&d, o, "missing", json_mask(check->lacks));
	put(&d, o, "emulated", json_mask(check->emulated));
	if (check->refused)
		put(&d, o, "refused", json_string(check->refusal));
	if (check->start[0])
		put(&d, o, "device", json_string(check->start));
	if (check->queues)
		put(&d, o, "queues", json_integer(check->queues));
	put_later(&d, o, check->later);
	for (i = 0; i < check->findings; i++)
		append(&d, list, document_finding(&d, &check->finding[i]));
	put(&d, o, "features", list);
	if (check->nics)
		put(&d, o, "nic", document_nic(&d, check));
	list = json_array();
	for (i = 0; i < check->ways; i++)
		append(&d, list, json_string(check->way[i]));
	put(&d, o, "ways-out", list);
	return document_text(&d, o, flags);
}

static json_t *document_row(struct document *d, const struct tapcompat_finding *f)
{
	json_t *o = json_object();

	put(d, o, "name", json_string(f->feature->name));
	put(d, o, "bit", json_integer(f->feature->bit));
	put(d, o, "offered", json_boolean(f->verdict == TAPCOMPAT_PASS));
	document_layer(d, o, f);
	return o;
}

char *tapcompat_offer_json(const struct tapcompat_offer *offer, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_new(&d, "tapcompat-offer"), *list = json_array();
	const struct tapcompat_finding *f;
	unsigned int i;

	put(&d, o, "qemu", json_string(offer->qemu));
	put(&d, o, "machine", json_string(offer->machine));
	put(&d, o, "backend", json_string(tapcompat_backend_name(offer->backend)));
	put(&d, o, "offered", json_mask(tapcompat_offer_mask(offer)));
	for (i = 0; (f = tapcompat_offer_at(offer, i)); i++)
		append(&d, list, document_row(&d, f));
	put(&d, o, "features", list);
	return document_text(&d, o, flags);
}
