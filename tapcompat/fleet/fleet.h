/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fleet.h - many hosts, as far as they matter together
 *
 * Of a host only what it gives is kept, and its name.  Hosts that give the same are one
 * group: a fleet of a hundred thousand has a handful of them.  The baseline is worked
 * out from the groups when it is asked for.
 */
#ifndef TAPCOMPAT_FLEET_FLEET_H
#define TAPCOMPAT_FLEET_FLEET_H

#include "feature/compare.h"
#include "feature/flags.h"

/* What a backend of all hosts of a group gives. */
struct group_backend {
	uint32_t availability;	/* enum tapcompat_availability, without padding behind it */
	uint32_t pad;
	struct provided provided;
};

struct group {
	struct group_backend backend[TAPCOMPAT_BACKENDS];
	unsigned long hosts;
	uint32_t first, last;	/* of those whose names are kept: index + 1, or 0 */
};

/* A host whose name is kept. */
struct fleet_host {
	uint32_t name;		/* where in the fleet's names */
	uint32_t next;		/* of its group: index + 1, or 0 */
};

#define SEEN_LONGEST 65536	/* bytes of backends that are remembered */

/* Backends that were read before, as text. */
struct fleet_seen {
	char *text;
	size_t length;
	size_t group;
};

struct tapcompat_fleet {
	struct tapcompat_fleet_options options;	/* acked: with what it needs, */
	struct tapcompat_mask acked;		/* and as it was given */
	char qemu[32];
	struct group *group;
	size_t groups, room;
	unsigned int *slot;	/* hash table of groups: index + 1, 0 where it is empty */
	size_t slots;
	struct fleet_host *host;
	size_t named, host_room;
	char *names;		/* NUL-terminated, one behind the other */
	size_t names_length, names_room;
	unsigned long hosts, skipped;
	struct fleet_seen seen[32];
	size_t seen_next;
	char said[CAPS_DETAIL];	/* the last answer in words */
};

/* A feature that not every host gives. */
struct baseline_cost {
	const struct tapcompat_feature *feature;
	unsigned long hosts;	/* that lack it */
	const char *lacks, *has;	/* a host that does, a host that does not; or NULL */
};

struct baseline {
	unsigned int backends;	/* that it is over, bit set of 1 << type */
	struct tapcompat_mask each[TAPCOMPAT_BACKENDS];	/* what every host gives there */
	struct tapcompat_mask common;	/* on every host, over those backends */
	struct tapcompat_mask any;	/* that QEMU may offer on some host, with some of them */
	struct tapcompat_mask unknown;	/* of these, what some host may have or not */
	struct tapcompat_mask too_new;	/* what the oldest QEMU has no property for */
	struct tapcompat_mask mask;	/* what a guest is offered */
	struct flags flags;		/* that bring it about */
	const struct tapcompat_model *model;
	unsigned int costs;
	struct baseline_cost cost[FEATURE_COUNT];
};

/**
 * fleet_group() - the group of a host, made if it is the first of it
 * fleet_host() - one more host of a group
 * Return: 0 or -ENOMEM
 */
int fleet_group(struct tapcompat_fleet *fleet, const struct tapcompat_caps *caps, size_t *group);
int fleet_host(struct tapcompat_fleet *fleet, size_t group, const char *name);

/* Release what is remembered of documents. */
void fleet_forget(struct tapcompat_fleet *fleet);

/**
 * group_host() - walk the hosts of a group whose names are kept
 * @host: the one before, or NULL for the first
 * Return: NULL behind the last one
 */
const struct fleet_host *group_host(const struct tapcompat_fleet *fleet, const struct group *g,
				    const struct fleet_host *host);

static inline const char *host_name(const struct tapcompat_fleet *fleet,
				    const struct fleet_host *host)
{
	return fleet->names + host->name;
}

/* The first of a group; NULL where no name is kept. */
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

/**
 * baseline_of() - what all hosts give
 */
void baseline_of(const struct tapcompat_fleet *fleet, struct baseline *b);

/* Of some features, what hosts of a group have by emulation, with backends that count. */
struct tapcompat_mask group_carries(const struct tapcompat_fleet *fleet, const struct group *g,
				    const struct baseline *b, struct tapcompat_mask features);

/**
 * group_landing() - can a machine that runs come to a host of a group?
 */
struct landing group_landing(const struct tapcompat_fleet *fleet, const struct group *g,
			     const struct baseline *b);

/* Of what QEMU would offer there, what the baseline takes away. */
struct tapcompat_mask group_loses(const struct group *g, const struct baseline *b);

/* On how many hosts a backend is as asked for, and one of them. */
unsigned long fleet_count(const struct tapcompat_fleet *fleet, enum tapcompat_backend_type type,
			  enum tapcompat_availability availability, const char **name);

/**
 * fleet_fallback() - is vhost-net left out because a host is without it?
 * @text: @size bytes; set to what to do about it
 */
bool fleet_fallback(const struct tapcompat_fleet *fleet, char *text, size_t size);

/* What every host has, and QEMU only where it is asked for. */
struct tapcompat_mask baseline_extra(const struct baseline *b);

/**
 * baseline_drift() - the warnings: what a machine without the flags would gain
 * @index: 0 and up
 * @text: @size bytes
 * Return: whether there is one
 */
bool baseline_drift(const struct baseline *b, unsigned int index, char *text, size_t size);

#endif /* TAPCOMPAT_FLEET_FLEET_H */
