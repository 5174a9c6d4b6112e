// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fleet_names.c - the names of the hosts, one for each
 *
 * A host without a name is named by the place of its document, and of hosts with the same
 * name all but the first one have the place in addition.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"
#include "ground/text.h"

#define NAMES_MAX (8ul << 20)	/* bytes; names of further hosts are not stored */
#define NAME_LONGEST 512

void fleet_names_free(struct tapcompat_fleet *fleet)
{
	free(fleet->names);
	free(fleet->name_slot);
	free(fleet->host);
}

const struct fleet_host *group_host(const struct tapcompat_fleet *fleet, const struct group *g,
				    const struct fleet_host *host)
{
	uint32_t next = host ? host->next : g->first;

	return next ? &fleet->host[next - 1] : NULL;
}

/* The slot of a name, or the empty one where it belongs. */
static uint32_t *name_slot(const struct tapcompat_fleet *fleet, const char *name)
{
	size_t slots = 2 * fleet->host_room;
	size_t i = fleet_hash(fleet, name, strlen(name)) & (slots - 1);

	while (fleet->name_slot[i] &&
	       strcmp(host_name(fleet, &fleet->host[fleet->name_slot[i] - 1]), name))
		i = (i + 1) & (slots - 1);
	return &fleet->name_slot[i];
}

/* Make room for one more host; at least half of the slots stay empty. */
static int hosts_grow(struct tapcompat_fleet *fleet)
{
	size_t room = fleet->host_room ? 2 * fleet->host_room : 64, i;
	struct fleet_host *host;
	uint32_t *slot;

	if (fleet->named < fleet->host_room)
		return 0;
	host = realloc(fleet->host, room * sizeof(*host));
	if (!host)
		return -ENOMEM;
	fleet->host = host;
	slot = calloc(2 * room, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(fleet->name_slot);
	fleet->name_slot = slot;
	fleet->host_room = room;
	for (i = 0; i < fleet->named; i++)
		*name_slot(fleet, host_name(fleet, &host[i])) = (uint32_t)i + 1;
	return 0;
}

static int names_grow(struct tapcompat_fleet *fleet, size_t n)
{
	size_t room = 2 * (fleet->names_room + n);
	char *names;

	if (fleet->names_length + n <= fleet->names_room)
		return 0;
	names = realloc(fleet->names, room);
	if (!names)
		return -ENOMEM;
	fleet->names = names;
	fleet->names_room = room;
	return 0;
}

static void group_add(struct tapcompat_fleet *fleet, struct group *g)
{
	uint32_t host = (uint32_t)fleet->named;

	if (g->last)
		fleet->host[g->last - 1].next = host;
	else
		g->first = host;
	g->last = host;
}

static int name_store(struct tapcompat_fleet *fleet, struct group *g, const char *name)
{
	size_t n = strlen(name) + 1;
	int ret = names_grow(fleet, n);
	uint32_t *slot;

	if (ret)
		return ret;
	memcpy(fleet->names + fleet->names_length, name, n);
	slot = name_slot(fleet, name);
	fleet->host[fleet->named++] = (struct fleet_host){ (uint32_t)fleet->names_length, 0 };
	if (!*slot)
		*slot = (uint32_t)fleet->named;
	fleet->names_length += n;
	group_add(fleet, g);
	return 0;
}

int fleet_name(struct tapcompat_fleet *fleet, struct group *g, const char *name,
	       const char *place)
{
	char longer[NAME_LONGEST];
	int ret;

	/* The first host of each group always has a name. */
	if (fleet->names_length + strlen(name) + 1 > NAMES_MAX && g->first)
		return 0;
	ret = hosts_grow(fleet);
	if (ret)
		return ret;
	if (place && !*name)
		name = place;
	else if (place && *name_slot(fleet, name)) {
		text_set(longer, sizeof(longer), "%s (%s)", name, place);
		name = longer;
	}
	return name_store(fleet, g, name);
}
