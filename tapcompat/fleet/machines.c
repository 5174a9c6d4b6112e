// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * machines.c - running machines of a fleet, from audits
 */
#include "machines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "ground/text.h"

/* FNV-1a: two hosts with the same hash would be taken for one. */
static uint64_t name_hash(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	while (*name)
		hash = (hash ^ (unsigned char)*name++) * 0x100000001b3ull;
	return hash;
}

static uint32_t *slot_of(const struct machines *all, uint64_t name)
{
	size_t i = (size_t)(name ^ name >> 32) & (all->slots - 1);

	while (all->slot[i] && all->host[all->slot[i] - 1].name != name)
		i = (i + 1) & (all->slots - 1);
	return &all->slot[i];
}

/* Make room for one more host; at least half of the slots stay empty. */
static int machines_grow(struct machines *all)
{
	size_t room = all->room ? 2 * all->room : 64, i;
	struct machines_host *host;
	uint32_t *slot;

	if (all->hosts < all->room)
		return 0;
	host = realloc(all->host, room * sizeof(*host));
	if (!host)
		return -ENOMEM;
	all->host = host;
	slot = calloc(2 * room, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(all->slot);
	all->slot = slot;
	all->slots = 2 * room;
	all->room = room;
	for (i = 0; i < all->hosts; i++)
		*slot_of(all, host[i].name) = (uint32_t)i + 1;
	return 0;
}

void machines_free(struct machines *all)
{
	free(all->host);
	free(all->slot);
}

/* Add a host's numbers to the sums, or take them out. */
static void sum(struct machines *all, const struct machines_host *h, bool out)
{
	unsigned int i;

	all->machines += out ? -(unsigned long)h->machines : h->machines;
	for (i = 0; i < FEATURE_COUNT; i++) {
		all->held[i] += out ? -(unsigned long)h->held[i] : h->held[i];
		all->maybe[i] += out ? -(unsigned long)h->maybe[i] : h->maybe[i];
	}
}

static void count_machine(struct machines *all, struct machines_host *h, const struct audit *a,
			  const struct audit_machine *m)
{
	struct tapcompat_mask held = MASK_NONE, maybe = MASK_NONE;
	const struct tapcompat_feature *f;
	unsigned int i;

	for (i = 0; i < m->cards; i++) {
		held = mask_or(held, m->card[i].held);
		maybe = mask_or(maybe, audit_may_hold(&m->card[i]));
	}
	h->machines++;
	for_each_feature(f) {
		bool holds = tapcompat_mask_test(&held, f->bit);

		i = feature_index(f);
		h->held[i] += holds;
		h->maybe[i] += !holds && tapcompat_mask_test(&maybe, f->bit);
		if (!holds || a->when < all->last[i])
			continue;
		all->last[i] = a->when;
		text_set(all->holder[i], MACHINES_NAME, "%s on %s", m->name, a->host);
	}
}

int machines_add(struct machines *all, const struct audit *a)
{
	struct machines_host new = { .name = name_hash(a->host), .when = a->when };
	uint32_t *slot;
	size_t i;
	int ret = machines_grow(all);

	if (ret)
		return ret;
	for (i = 0; i < a->machines; i++)
		count_machine(all, &new, a, &a->machine[i]);
	all->audits++;
	slot = slot_of(all, new.name);
	if (!*slot) {
		all->host[all->hosts++] = new;
		*slot = (uint32_t)all->hosts;
		sum(all, &new, false);
	} else if (all->host[*slot - 1].when <= new.when) {
		sum(all, &all->host[*slot - 1], true);
		all->host[*slot - 1] = new;
		sum(all, &new, false);
	}
	return 0;
}
