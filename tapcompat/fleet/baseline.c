// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * baseline.c - the features common to all hosts of a fleet
 */
#include <string.h>

#include "feature/require.h"
#include "fleet.h"
#include "ground/text.h"

/*
 * What a group provides over the backends that count; of the features in @forced, those that
 * are emulated count as well.
 */
static struct provided group_provided(const struct group *g, unsigned int backends,
				      struct tapcompat_mask forced)
{
	struct provided provided = {
		.counted = MASK_ALL, .accepted = MASK_ALL, .possible = MASK_ALL,
	};
	unsigned int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		struct provided each = g->backend[i].provided;

		provided_add_emulated(&each, forced);
		if (backends >> i & 1)
			provided = provided_both(provided, each);
	}
	return provided;
}

struct landing group_landing(const struct tapcompat_fleet *fleet, const struct group *g,
			     const struct baseline *b)
{
	struct provided provided = group_provided(g, b->backends, fleet->options.forced);

	return landing_at(fleet->options.acked, &provided, &b->qemu);
}

struct tapcompat_mask group_emulates(const struct tapcompat_fleet *fleet, const struct group *g,
				     const struct baseline *b, struct tapcompat_mask features)
{
	struct provided provided = group_provided(g, b->backends, fleet->options.forced);

	return provided_emulated(&provided, features);
}

struct tapcompat_mask group_loses(const struct group *g, const struct baseline *b)
{
	struct tapcompat_mask had = mask_and(group_provided(g, b->backends, MASK_NONE).counted,
					     features_by_default());

	return mask_minus(mask_minus(had, b->qemu.too_new), b->mask);
}

unsigned long fleet_count(const struct tapcompat_fleet *fleet, enum tapcompat_backend_type type,
			  enum tapcompat_availability availability, const char **name)
{
	unsigned long n = 0;
	size_t i;

	*name = "?";
	for (i = 0; i < fleet->groups; i++) {
		const struct group *g = &fleet->group[i];

		if (g->backend[type].availability != availability)
			continue;
		if (!n && g->first)
			*name = group_name(fleet, g);
		n += g->hosts;
	}
	return n;
}

/*
 * If no backends are named: tap and vhost-net, unless some host is known to have no
 * vhost-net or no document mentions it.  If it is unknown for some hosts only,
 * tapcompat_fleet_undecided() asks for a new probe.
 */
static unsigned int fleet_backends(const struct tapcompat_fleet *fleet)
{
	const enum tapcompat_backend_type vhost = TAPCOMPAT_VHOST_NET;
	const char *name;

	if (fleet->options.backends)
		return fleet->options.backends;
	if (fleet_count(fleet, vhost, TAPCOMPAT_UNAVAILABLE, &name) ||
	    fleet_count(fleet, vhost, TAPCOMPAT_NOT_ASKED, &name) == fleet->hosts)
		return 1u << TAPCOMPAT_TAP;
	return BACKENDS_USUAL;
}

bool fleet_fallback(const struct tapcompat_fleet *fleet, char *text, size_t size)
{
	const char *name;
	unsigned long n = fleet_count(fleet, TAPCOMPAT_VHOST_NET, TAPCOMPAT_UNAVAILABLE, &name);

	if (fleet->options.backends || fleet_backends(fleet) != 1u << TAPCOMPAT_TAP)
		return false;
	if (n > 1)
		text_set(text, size, "%s and %lu more have no vhost-net", name, n - 1);
	else if (n)
		text_set(text, size, "%s has no vhost-net", name);
	else
		text_set(text, size, "no document mentions vhost-net");
	text_add(text, size, ": the flags are only for a tap with vhost=off; give "
		 "--backend=vhost-net to insist on vhost=on");
	return true;
}

const char *tapcompat_fleet_fallback(struct tapcompat_fleet *fleet)
{
	return fleet_fallback(fleet, fleet->message, sizeof(fleet->message)) ?
	       fleet->message : NULL;
}

/* Return: a message if some host has one of the backends in a state, or NULL */
static const char *fleet_says(struct tapcompat_fleet *fleet, unsigned int backends,
			      enum tapcompat_availability availability, const char *format)
{
	unsigned int i;
	const char *name;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;

		if (!(backends >> i & 1) || !fleet_count(fleet, type, availability, &name))
			continue;
		text_set(fleet->message, sizeof(fleet->message), "%s %s: %s", name,
			 tapcompat_backend_name(type), format);
		return fleet->message;
	}
	return NULL;
}

const char *tapcompat_fleet_undecided(struct tapcompat_fleet *fleet)
{
	unsigned int backends = fleet_backends(fleet);
	const char *why;

	if (!fleet->hosts)
		return "there are no documents";
	why = fleet_says(fleet, backends, TAPCOMPAT_UNDECIDED,
			 "could not be probed: probe the host again as root with "
			 "--load-modules, or name the backends with --backend=tap");
	return why ? why : fleet_says(fleet, backends, TAPCOMPAT_NOT_ASKED,
				      "not in the document: probe the host again without "
				      "--backend, or name the backends with --backend=tap");
}

const char *tapcompat_fleet_lacks(struct tapcompat_fleet *fleet)
{
	return fleet_says(fleet, fleet_backends(fleet), TAPCOMPAT_UNAVAILABLE,
			  "not available on this host: no machine that uses it can run there");
}

/* Remove features whose dependencies are missing, until all that remain are satisfied. */
static struct tapcompat_mask satisfied_part(struct tapcompat_mask mask)
{
	struct tapcompat_mask before;
	const struct tapcompat_feature *f;

	do {
		before = mask;
		for_each_feature(f)
			if (tapcompat_mask_test(&mask, f->bit) && !feature_satisfied(f, &mask))
				mask_clear(&mask, f->bit);
	} while (!mask_equal(&before, &mask));
	return mask;
}

static void baseline_masks(const struct tapcompat_fleet *fleet, struct baseline *b)
{
	size_t n;
	unsigned int i;

	b->common = fleet->groups ? MASK_ALL : b->any;
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		b->each[i] = b->common;
	for (n = 0; n < fleet->groups; n++) {
		const struct group *g = &fleet->group[n];
		struct provided provided = group_provided(g, b->backends, MASK_NONE);

		b->common = mask_and(b->common, provided.counted);
		b->any = mask_or(b->any, provided.offered);
		b->unknown = mask_or(b->unknown, provided_unknown(&provided));
		for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
			b->each[i] = mask_and(b->each[i], g->backend[i].provided.counted);
	}
	b->any = mask_minus(b->any, b->qemu.too_new);
	b->unknown = mask_and(b->unknown, mask_minus(features_by_default(), b->qemu.too_new));
	b->common = satisfied_part(mask_minus(b->common, b->qemu.too_new));
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		b->each[i] = satisfied_part(b->each[i]);
	/* Not a backend that a machine runs on: it has only the features that it decides. */
	b->each[TAPCOMPAT_EBPF_RSS] = mask_and(b->each[TAPCOMPAT_EBPF_RSS],
					       features_decided_by(TAPCOMPAT_EBPF_RSS));
}

/* How many hosts lack a feature, with an example of a host that does and one that has it. */
static struct baseline_cost cost_of(const struct tapcompat_fleet *fleet,
				    const struct baseline *b, const struct tapcompat_feature *f)
{
	struct baseline_cost cost = { .feature = f };
	size_t n;

	for (n = 0; n < fleet->groups; n++) {
		const struct group *g = &fleet->group[n];
		struct tapcompat_mask given = group_provided(g, b->backends, MASK_NONE).counted;
		const char **name = tapcompat_mask_test(&given, f->bit) ? &cost.has : &cost.lacks;

		if (name == &cost.lacks)
			cost.hosts += g->hosts;
		if (!*name)
			*name = group_name(fleet, g);
	}
	return cost;
}

/* The best model; deprecated features may be missing if they were asked to be off. */
static const struct tapcompat_model *baseline_model(const struct tapcompat_fleet *fleet,
						    const struct baseline *b)
{
	struct tapcompat_mask mask = b->mask;

	if (fleet->options.flags & TAPCOMPAT_FLEET_NO_DEPRECATED)
		mask = mask_or(mask, features_deprecated());
	return tapcompat_model_best(&mask);
}

void baseline_of(const struct tapcompat_fleet *fleet, struct baseline *b)
{
	struct tapcompat_mask defaults = features_by_default(), ask_for;
	const struct tapcompat_feature *f;

	memset(b, 0, sizeof(*b));
	b->backends = fleet_backends(fleet);
	b->qemu = flags_qemu(fleet->qemu);
	baseline_masks(fleet, b);
	ask_for = mask_and(b->common, fleet->options.ask_for);
	tapcompat_require_complete(&ask_for);
	b->mask = mask_and(b->common, mask_or(defaults, ask_for));
	if (fleet->options.flags & TAPCOMPAT_FLEET_NO_DEPRECATED)
		b->mask = mask_minus(b->mask, features_deprecated());
	b->mask = satisfied_part(mask_minus(b->mask, fleet->options.without));
	b->flags.on = mask_minus(b->mask, defaults);
	b->flags.off = mask_minus(mask_and(b->any, defaults), b->mask);
	b->flags = flags_known(b->flags, &b->qemu, fleet->options.acked, &b->later);
	b->model = baseline_model(fleet, b);
	for_each_feature(f) {
		struct baseline_cost cost = cost_of(fleet, b, f);

		/* A feature that no host has is not the cost of any host. */
		if (tapcompat_mask_test(&b->any, f->bit) && cost.hosts && cost.hosts < fleet->hosts)
			b->cost[b->costs++] = cost;
	}
}

bool baseline_contested(const struct baseline *b, const struct machines *all,
			const struct tapcompat_feature *f)
{
	struct tapcompat_mask off = baseline_off(b);

	if (tapcompat_mask_test(&b->common, f->bit))
		return tapcompat_mask_test(&off, f->bit);
	return tapcompat_mask_test(&b->any, f->bit) || all->held[feature_index(f)];
}

struct tapcompat_mask baseline_extra(const struct baseline *b)
{
	return mask_minus(b->common, mask_or(b->mask, features_by_default()));
}

/* Is the feature switched off, and are its example hosts the same? */
static bool drift_alike(const struct baseline *b, const struct baseline_cost *x,
			const struct baseline_cost *of)
{
	struct tapcompat_mask off = baseline_off(b);

	return tapcompat_mask_test(&off, x->feature->bit) && x->has == of->has &&
	       x->lacks == of->lacks;
}

/* The first cost of each warning; costs with the same pair of hosts share one. */
static const struct baseline_cost *drift_at(const struct baseline *b, unsigned int index)
{
	unsigned int i, j;

	for (i = 0; i < b->costs; i++) {
		const struct baseline_cost *c = &b->cost[i];

		for (j = 0; !drift_alike(b, &b->cost[j], c) && j < i; j++)
			;
		if (j == i && c->has && c->lacks && drift_alike(b, c, c) && !index--)
			return c;
	}
	return NULL;
}

bool baseline_drift(const struct baseline *b, unsigned int index, char *text, size_t size)
{
	const struct baseline_cost *first = drift_at(b, index);
	struct tapcompat_mask gained = { { 0, 0 } };
	char names[384];
	unsigned int i;

	if (!first)
		return false;
	for (i = 0; i < b->costs; i++)
		if (drift_alike(b, &b->cost[i], first))
			tapcompat_mask_set(&gained, b->cost[i].feature->bit);
	mask_names(&gained, names, sizeof(names));
	text_set(text, size, "a machine started on %s without these flags gains %s when its "
		 "guest restarts on %s, and then cannot migrate back", first->lacks, names,
		 first->has);
	return true;
}

struct tapcompat_mask tapcompat_fleet_mask(const struct tapcompat_fleet *fleet)
{
	struct baseline b;

	baseline_of(fleet, &b);
	return b.mask;
}

struct tapcompat_mask tapcompat_fleet_emulated(const struct tapcompat_fleet *fleet)
{
	struct tapcompat_mask all = MASK_NONE;
	struct baseline b;
	size_t i;

	baseline_of(fleet, &b);
	for (i = 0; i < fleet->groups; i++)
		all = mask_or(all, group_emulates(fleet, &fleet->group[i], &b, b.mask));
	return all;
}

struct tapcompat_mask tapcompat_fleet_off(const struct tapcompat_fleet *fleet)
{
	struct baseline b;

	baseline_of(fleet, &b);
	return baseline_off(&b);
}

const char *tapcompat_fleet_later(struct tapcompat_fleet *fleet)
{
	struct baseline b;

	baseline_of(fleet, &b);
	flags_later_text(b.later, fleet->later, sizeof(fleet->later));
	return fleet->later[0] ? fleet->later : NULL;
}
