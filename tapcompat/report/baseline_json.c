// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * baseline_json.c - a baseline as a document
 */
#include "baseline_json.h"

#include <string.h>

#include "document/document.h"
#include "ground/mask.h"

static json_t *json_backends(struct document *d, unsigned int backends)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (backends >> i & 1)
			append(d, list, json_string(tapcompat_backend_name(
				(enum tapcompat_backend_type)i)));
	return list;
}

static void put_model(struct document *d, json_t *o, const struct tapcompat_model *model)
{
	if (model)
		put(d, o, "model", json_string(model->name));
}

/* The features of each backend that some host has. */
static json_t *json_each(struct document *d, const struct tapcompat_fleet *fleet,
			 const struct baseline *b)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;
		const char *name;
		unsigned long n = fleet_count(fleet, type, TAPCOMPAT_AVAILABLE, &name);
		json_t *o;

		if (!n)
			continue;
		o = json_object();
		put(d, o, "type", json_string(tapcompat_backend_name(type)));
		put(d, o, "hosts", json_integer((json_int_t)n));
		put(d, o, "mask", json_mask(b->each[i]));
		put(d, o, "features", json_names(d, b->each[i]));
		put_model(d, o, tapcompat_model_best(&b->each[i]));
		append(d, list, o);
	}
	return list;
}

static json_t *json_group(struct document *d, const struct tapcompat_fleet *fleet,
			  const struct group *g)
{
	json_t *o = json_object(), *list = json_array();
	const struct fleet_host *host = NULL;

	while ((host = group_host(fleet, g, host)))
		append(d, list, json_string(host_name(fleet, host)));
	put(d, o, "hosts", json_integer((json_int_t)g->hosts));
	put(d, o, "names", list);
	return o;
}

static json_t *json_losses(struct document *d, const struct tapcompat_fleet *fleet,
			   const struct baseline *b)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < fleet->groups; i++) {
		const struct group *g = &fleet->group[i];
		json_t *o = json_group(d, fleet, g);

		put(d, o, "loses", json_names(d, group_loses(g, b)));
		put(d, o, "emulates", json_names(d, group_emulates(fleet, g, b, b->mask)));
		append(d, list, o);
	}
	return list;
}

static json_t *json_costs(struct document *d, const struct baseline *b)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < b->costs; i++) {
		const struct baseline_cost *c = &b->cost[i];
		json_t *o = json_object();

		put(d, o, "name", json_string(c->feature->name));
		put(d, o, "bit", json_integer(c->feature->bit));
		put(d, o, "hosts", json_integer((json_int_t)c->hosts));
		if (c->lacks)
			put(d, o, "lacks", json_string(c->lacks));
		if (c->has)
			put(d, o, "has", json_string(c->has));
		append(d, list, o);
	}
	return list;
}

static json_t *json_warnings(struct document *d, const struct tapcompat_fleet *fleet,
			     const struct baseline *b)
{
	json_t *list = json_array();
	char text[CHECK_WAY];
	unsigned int i;

	if (fleet_fallback(fleet, text, sizeof(text)))
		append(d, list, json_string(text));
	for (i = 0; baseline_drift(b, i, text, sizeof(text)); i++)
		append(d, list, json_string(text));
	return list;
}

static json_t *json_landings(struct document *d, const struct tapcompat_fleet *fleet,
			     const struct baseline *b)
{
	json_t *list = json_array();
	char device[FLEET_FLAGS];
	size_t i;

	for (i = 0; i < fleet->groups; i++) {
		struct landing l = group_landing(fleet, &fleet->group[i], b);
		bool lands = mask_empty(&l.lacks) && mask_empty(&l.unknown);
		json_t *o = json_group(d, fleet, &fleet->group[i]);

		put(d, o, "lands", json_boolean(lands));
		put(d, o, "lacks", json_names(d, l.lacks));
		put(d, o, "unknown", json_names(d, l.unknown));
		put(d, o, "emulates", json_names(d, group_emulates(fleet, &fleet->group[i], b,
								   fleet->options.acked)));
		fleet_flags(fleet, l.flags, device);
		if (lands && device[0])
			put(d, o, "device", json_string(device));
		if (lands)
			put_later(d, o, l.later);
		append(d, list, o);
	}
	return list;
}

static json_t *json_flags(struct document *d, struct flags flags)
{
	json_t *o = json_object();

	put(d, o, "on", json_names(d, flags.on));
	put(d, o, "off", json_names(d, flags.off));
	return o;
}

/* Who runs, and holds what some host or the flags are without. */
static json_t *json_machines(struct document *d, const struct machines *all,
			     const struct baseline *b)
{
	json_t *o = json_object(), *list = json_array(), *one;
	const struct tapcompat_feature *f;

	put(d, o, "audits", json_integer((json_int_t)all->audits));
	put(d, o, "machines", json_integer((json_int_t)all->machines));
	for_each_feature(f) {
		unsigned int i = feature_index(f);

		if (!baseline_contested(b, all, f))
			continue;
		one = json_object();
		put(d, one, "name", json_string(f->name));
		put(d, one, "hold", json_integer((json_int_t)all->held[i]));
		put(d, one, "may-hold", json_integer((json_int_t)all->maybe[i]));
		if (all->last[i]) {
			put(d, one, "last-held", json_time(all->last[i]));
			put(d, one, "by", json_string(all->holder[i]));
		}
		append(d, list, one);
	}
	put(d, o, "features", list);
	return o;
}

char *baseline_json(const struct tapcompat_fleet *fleet, const struct baseline *b,
		    unsigned int flags)
{
	char device[FLEET_FLAGS], print[MASK_FINGERPRINT];
	struct document d = { .failed = false };
	json_t *o = document_new(&d, "tapcompat-baseline");

	fleet_flags(fleet, b->flags, device);
	put(&d, o, "hosts", json_integer((json_int_t)fleet->hosts));
	put(&d, o, "skipped", json_integer((json_int_t)fleet->skipped));
	put(&d, o, "over", json_backends(&d, b->backends));
	put(&d, o, "mask", json_mask(b->mask));
	put(&d, o, "features", json_names(&d, b->mask));
	put_model(&d, o, b->model);
	put(&d, o, "fingerprint", json_string(mask_fingerprint(&b->mask, print)));
	put(&d, o, "flags", json_flags(&d, b->flags));
	put(&d, o, "device", json_string(device));
	if (fleet_queues(fleet) > 1)
		put(&d, o, "queues", json_integer(fleet_queues(fleet)));
	put_later(&d, o, b->later);
	put(&d, o, "if-asked-for", json_names(&d, baseline_extra(b)));
	put_added(&d, o, fleet_asked(fleet, b->mask));
	put(&d, o, "not-available", json_names(&d, mask_minus(fleet->options.ask_for, b->mask)));
	put(&d, o, "unknown", json_names(&d, b->unknown));
	put(&d, o, "backends", json_each(&d, fleet, b));
	put(&d, o, "costs", json_costs(&d, b));
	put(&d, o, "groups", json_losses(&d, fleet, b));
	put(&d, o, "warnings", json_warnings(&d, fleet, b));
	if (fleet->machines.audits)
		put(&d, o, "machines", json_machines(&d, &fleet->machines, b));
	if (!mask_empty(&fleet->options.acked))
		put(&d, o, "landing", json_landings(&d, fleet, b));
	return document_text(&d, o, flags);
}
