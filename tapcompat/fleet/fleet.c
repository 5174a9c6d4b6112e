// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fleet.c - hosts grouped by what they provide
 */
#include "fleet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ground/extensible.h"
#include "ground/text.h"

/* Return: what is wrong with the options, or NULL */
static const char *options_fault(const struct tapcompat_fleet_options *o)
{
	struct tapcompat_mask acked_off = mask_and(o->acked, o->without);

	if (o->backends >> TAPCOMPAT_BACKENDS)
		return "backends has bits that are not backends";
	if (o->backends >> TAPCOMPAT_EBPF_RSS & 1)
		return "ebpf-rss is a part of the tap backend and runs no machine: use vhost-net";
	if (o->qemu && !release_valid(o->qemu))
		return "the QEMU version must be a release such as 8.2";
	if (!mask_empty(&acked_off))
		return "a machine that runs has features that are to be off: restart it without "
		       "them first";
	return NULL;
}

int tapcompat_fleet_new(const struct tapcompat_fleet_options *options,
			struct tapcompat_fleet **fleet, struct tapcompat_error *error)
{
	struct tapcompat_fleet_options o;
	const char *fault;
	int ret = struct_copy(&o, sizeof(o), STRUCT_END(struct tapcompat_fleet_options, without),
			      options, options->size);

	fault = ret ? struct_copy_fault(ret) : options_fault(&o);
	*fleet = fault ? NULL : calloc(1, sizeof(**fleet));
	ret = ret ? ret : fault ? -EINVAL : *fleet ? 0 : -ENOMEM;
	if (!*fleet) {
		if (error)
			text_set(error->text, sizeof(error->text), "%s",
				 fault ? fault : "out of memory");
		return ret;
	}
	(*fleet)->options = o;
	/* Documents are foreign: they must not be able to choose the slots of a table. */
	if (getrandom(&(*fleet)->seed, sizeof((*fleet)->seed), GRND_NONBLOCK) < 0)
		(*fleet)->seed = (uintptr_t)*fleet;
	(*fleet)->acked = o.acked;
	if (o.nic)
		ret = nic_parse(&(*fleet)->nic, o.nic, error);
	(*fleet)->options.nic = NULL;
	if (fleet_queues(*fleet) > 1)
		tapcompat_mask_set(&(*fleet)->options.ask_for, feature_table[FEATURE_mq].bit);
	tapcompat_require_complete(&(*fleet)->options.acked);
	text_set((*fleet)->qemu, sizeof((*fleet)->qemu), "%s", o.qemu ? o.qemu : "");
	if (!ret)
		return 0;
	free(*fleet);
	*fleet = NULL;
	return ret;
}

void fleet_flags(const struct tapcompat_fleet *fleet, struct flags flags, char *text)
{
	bool tap = fleet->options.backends != 1u << TAPCOMPAT_VHOST_VDPA;

	flags_text(flags, text, FLEET_FLAGS);
	nic_flags(&fleet->nic, tap ? NIC_TX_TAP : nic_table[NIC_TX_QUEUE_SIZE].most, text,
		  FLEET_FLAGS);
}

unsigned int fleet_queues(const struct tapcompat_fleet *fleet)
{
	return nic_knows(&fleet->nic, NIC_QUEUE_PAIRS) ?
	       (unsigned int)fleet->nic.value[NIC_QUEUE_PAIRS] : 1;
}

void tapcompat_fleet_free(struct tapcompat_fleet *fleet)
{
	if (!fleet)
		return;
	fleet_cache_free(fleet);
	fleet_names_free(fleet);
	machines_free(&fleet->machines);
	free(fleet->group);
	free(fleet->slot);
	free(fleet);
}

unsigned long tapcompat_fleet_hosts(const struct tapcompat_fleet *fleet)
{
	return fleet->hosts;
}

unsigned long tapcompat_fleet_skipped(const struct tapcompat_fleet *fleet)
{
	return fleet->skipped;
}

/* ---- Groups ---- */

static void group_of(struct group *g, const struct tapcompat_caps *caps, bool emulated)
{
	unsigned int i;

	memset(g, 0, sizeof(*g));
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;
		struct group_backend *b = &g->backend[i];

		b->availability = caps->backend[i].availability;
		b->provided = provided_of(caps, type);
		if (emulated)
			provided_add_emulated(&b->provided, MASK_ALL);
	}
}


/* The slot of a group, or the empty one where it belongs. */
static unsigned int *fleet_slot(const struct tapcompat_fleet *fleet, const struct group *g)
{
	size_t i = fleet_hash(fleet, g->backend, sizeof(g->backend)) & (fleet->slots - 1);

	while (fleet->slot[i] && memcmp(fleet->group[fleet->slot[i] - 1].backend, g->backend,
					sizeof(g->backend)))
		i = (i + 1) & (fleet->slots - 1);
	return &fleet->slot[i];
}

/* Make room for one more group; at least half of the slots stay empty. */
static int fleet_grow(struct tapcompat_fleet *fleet)
{
	size_t room = fleet->room ? 2 * fleet->room : 64, i;
	struct group *group;
	unsigned int *slot;

	if (fleet->groups < fleet->room)
		return 0;
	group = realloc(fleet->group, room * sizeof(*group));
	if (!group)
		return -ENOMEM;
	fleet->group = group;
	slot = calloc(2 * room, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(fleet->slot);
	fleet->slot = slot;
	fleet->slots = 2 * room;
	fleet->room = room;
	for (i = 0; i < fleet->groups; i++)
		*fleet_slot(fleet, &group[i]) = (unsigned int)i + 1;
	return 0;
}

int fleet_group(struct tapcompat_fleet *fleet, const struct tapcompat_caps *caps, size_t *group)
{
	struct group new;
	unsigned int *slot;
	int ret = fleet_grow(fleet);

	if (ret)
		return ret;
	group_of(&new, caps, fleet->options.flags & TAPCOMPAT_FLEET_EMULATED);
	slot = fleet_slot(fleet, &new);
	if (!*slot) {
		fleet->group[fleet->groups++] = new;
		*slot = (unsigned int)fleet->groups;
	}
	*group = *slot - 1;
	return 0;
}

uint64_t fleet_hash(const struct tapcompat_fleet *fleet, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;
	uint64_t hash = fleet->seed;
	size_t i;

	for (i = 0; i < length; i++) {
		hash = (hash ^ p[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 32;
	}
	return hash;
}

int fleet_host(struct tapcompat_fleet *fleet, size_t group, const char *name, const char *place)
{
	struct group *g = &fleet->group[group];
	int ret = fleet_name(fleet, g, name, place);

	if (ret)
		return ret;
	g->hosts++;
	fleet->hosts++;
	if (fleet->options.progress && fleet->hosts % 1024 == 0)
		fleet->options.progress(fleet->options.arg, fleet->hosts + fleet->skipped);
	return 0;
}

int tapcompat_fleet_add(struct tapcompat_fleet *fleet, const struct tapcompat_caps *caps)
{
	size_t group;
	int ret = fleet_group(fleet, caps, &group);

	return ret ? ret : fleet_host(fleet, group, caps->host, NULL);
}
