/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machines.h - running machines of a fleet, from audits
 *
 * Of each audited host the newest audit counts.  Only numbers are kept of its machines.
 */
#ifndef TAPCOMPAT_FLEET_MACHINES_H
#define TAPCOMPAT_FLEET_MACHINES_H

#include <stdint.h>
#include <time.h>

#include "table/feature.h"

struct audit;

#define MACHINES_NAME 96

/* A host's newest audit. */
struct machines_host {
	uint64_t name;		/* hash of its name */
	time_t when;
	uint32_t machines, held[FEATURE_COUNT], maybe[FEATURE_COUNT];
};

struct machines {
	unsigned long audits;
	size_t hosts, room, slots;
	struct machines_host *host;
	uint32_t *slot;		/* hash table: index + 1, or 0 */
	unsigned long machines, held[FEATURE_COUNT], maybe[FEATURE_COUNT];
	/* Of the newest audit in which somebody holds it. */
	time_t last[FEATURE_COUNT];
	char holder[FEATURE_COUNT][MACHINES_NAME];
};

/**
 * machines_add() - add an audit
 * Return: 0 or -ENOMEM
 */
int machines_add(struct machines *all, const struct audit *a);

void machines_free(struct machines *all);

#endif /* TAPCOMPAT_FLEET_MACHINES_H */
