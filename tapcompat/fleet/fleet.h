/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fleet.h - hosts grouped by what they provide
 *
 * Of each host only its name and what it provides are stored.  Hosts that provide the same
 * form one group; a fleet of a hundred thousand hosts has only a few groups.  The baseline
 * is computed from the groups on demand.
 */
#ifndef TAPCOMPAT_FLEET_FLEET_H
#define TAPCOMPAT_FLEET_FLEET_H

#include "feature/compare.h"
#include "feature/flags.h"
#include "feature/nic.h"
#include "machines.h"

/* A backend, the same on all hosts of a group.  Compared as bytes: no implicit padding. */
struct group_backend {
	uint32_t availability;	/* enum tapcompat_availability */
	uint32_t pad;
	struct provided provided;
};

struct group {
	struct group_backend backend[TAPCOMPAT_BACKENDS];
	unsigned long hosts;
	uint32_t first, last;	/* hosts with a stored name: index + 1, or 0 */
};

/* A host whose name is stored. */
struct fleet_host {
	uint32_t name;		/* offset in the fleet's names */
	uint32_t next;		/* next host of its group: index + 1, or 0 */
};

#define CACHE_LONGEST 65536	/* bytes of "backends" that are cached */

/* The text of "backends" in a document read before, and the group that it led to. */
struct fleet_cache {
	char *text;
	size_t length;
	size_t group;
};

struct tapcompat_fleet {
	struct tapcompat_fleet_options options;	/* acked: with what it needs, */
	struct tapcompat_mask acked;		/* and as it was given */
	char qemu[32];
	uint64_t seed;		/* of the hash tables */
	struct nic nic;		/* of the machine, as far as it is known */
	struct group *group;
	size_t groups, room;
	unsigned int *slot;	/* hash table of groups: index + 1, or 0 if empty */
	size_t slots;
	struct fleet_host *host;
	size_t named, host_room;
	uint32_t *name_slot;	/* hash table of hosts by name, twice @host_room: index + 1, or 0 */
	char *names;		/* NUL-terminated strings, concatenated */
	size_t names_length, names_room;
	unsigned long hosts, skipped;
	struct machines machines;	/* that run, from audits */
	struct fleet_cache cache[32];
	size_t cache_next;	/* entry to replace next */
	char message[CAPS_DETAIL];	/* of tapcompat_fleet_undecided() and _lacks() */
	char later[FLAGS_TEXT];
};

/* A feature that some hosts have and others lack. */
struct baseline_cost {
	const struct tapcompat_feature *feature;
	unsigned long hosts;	/* number that lack it */
	const char *lacks, *has;	/* name of a host that lacks it, that has it, or NULL */
};

struct baseline {
	unsigned int backends;	/* that the machine may use, bit set of 1 << type */
	struct tapcompat_mask each[TAPCOMPAT_BACKENDS];	/* provided by every host */
	struct tapcompat_mask common;	/* provided by every host with each of @backends */
	struct tapcompat_mask any;	/* may be offered by QEMU on some host and backend */
	struct tapcompat_mask unknown;	/* of @any, unknown on some host */
	struct tapcompat_mask mask;	/* offered to the guest */
	struct flags_qemu qemu;		/* the oldest one */
	struct flags flags;		/* -device options for @mask */
	struct flags later;		/* what newer QEMUs need in addition, if it is unknown */
	const struct tapcompat_model *model;
	unsigned int costs;
	struct baseline_cost cost[FEATURE_COUNT];
};

/**
 * fleet_group() - find the group of a host, or create it
 * fleet_host() - add a host to a group
 * fleet_name() - store the name of a host of a group
 * @place: of its document, or NULL
 * Return: 0 or -ENOMEM
 */
int fleet_group(struct tapcompat_fleet *fleet, const struct tapcompat_caps *caps, size_t *group);
int fleet_host(struct tapcompat_fleet *fleet, size_t group, const char *name, const char *place);
int fleet_name(struct tapcompat_fleet *fleet, struct group *g, const char *name,
	       const char *place);
void fleet_names_free(struct tapcompat_fleet *fleet);

/* A hash that foreign documents cannot foresee. */
uint64_t fleet_hash(const struct tapcompat_fleet *fleet, const void *bytes, size_t length);

/* Free the cache of documents. */
void fleet_cache_free(struct tapcompat_fleet *fleet);

/**
 * group_host() - iterate over the hosts of a group whose names are stored
 * @host: the previous one, or NULL for the first
 * Return: NULL after the last one
 */
const struct fleet_host *group_host(const struct tapcompat_fleet *fleet, const struct group *g,
				    const struct fleet_host *host);

static inline const char *host_name(const struct tapcompat_fleet *fleet,
				    const struct fleet_host *host)
{
	return fleet->names + host->name;
}

/* The name of the first host of a group, or NULL. */
static inline const char *group_name(const struct tapcompat_fleet *fleet, const struct group *g)
{
	const struct fleet_host *host = group_host(fleet, g, NULL);

	return host ? host_name(fleet, host) : NULL;
}

/* What was asked for and is on, and what a machine was said to have: see put_added(). */
static inline struct tapcompat_mask fleet_asked(const struct tapcompat_fleet *fleet,
						struct tapcompat_mask mask)
{
	return mask_or(mask_and(fleet->options.ask_for, mask), fleet->acked);
}

/* All features that must be off, whatever the QEMU. */
static inline struct tapcompat_mask baseline_off(const struct baseline *b)
{
	return mask_or(b->flags.off, b->later.off);
}

#define FLEET_FLAGS (FLAGS_TEXT + NIC_TEXT)

/**
 * fleet_flags() - features and the machine's card as options of -device, "" if there are none
 * @text: FLEET_FLAGS bytes
 */
void fleet_flags(const struct tapcompat_fleet *fleet, struct flags flags, char *text);

/* The queues of its netdev; 1 if nothing is known of them. */
unsigned int fleet_queues(const struct tapcompat_fleet *fleet);

/**
 * baseline_of() - compute the baseline of a fleet
 */
void baseline_of(const struct tapcompat_fleet *fleet, struct baseline *b);

/* Those of @features that hosts of a group emulate, with the baseline's backends. */
struct tapcompat_mask group_emulates(const struct tapcompat_fleet *fleet, const struct group *g,
				     const struct baseline *b, struct tapcompat_mask features);

/**
 * group_landing() - can a running machine migrate to hosts of a group?
 */
struct landing group_landing(const struct tapcompat_fleet *fleet, const struct group *g,
			     const struct baseline *b);

/* Features that QEMU offers there by default and that the baseline switches off. */
struct tapcompat_mask group_loses(const struct group *g, const struct baseline *b);

/* The number of hosts on which a backend has some availability, and the name of one. */
unsigned long fleet_count(const struct tapcompat_fleet *fleet, enum tapcompat_backend_type type,
			  enum tapcompat_availability availability, const char **name);

/**
 * fleet_fallback() - is vhost-net left out because a host is without it?
 * @text: @size bytes; set to what to do about it
 */
bool fleet_fallback(const struct tapcompat_fleet *fleet, char *text, size_t size);

/**
 * baseline_contested() - does it matter who holds a feature?
 *
 * It does if a host lacks it or the flags switch it off.
 */
bool baseline_contested(const struct baseline *b, const struct machines *all,
			const struct tapcompat_feature *f);

/* Features that every host has and that QEMU has off by default. */
struct tapcompat_mask baseline_extra(const struct baseline *b);

/**
 * baseline_drift() - warnings of features that a machine gains without the flags
 * @index: from 0
 * @text: @size bytes
 * Return: whether there is such a warning
 */
bool baseline_drift(const struct baseline *b, unsigned int index, char *text, size_t size);

#endif /* TAPCOMPAT_FLEET_FLEET_H */
