/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compare.h - compare two sets of features
 */
#ifndef TAPCOMPAT_FEATURE_COMPARE_H
#define TAPCOMPAT_FEATURE_COMPARE_H

#include <tapcompat_fleet.h>

#include "caps.h"
#include "nic.h"

#define SET_NAME 128

/* Backends that a machine may migrate between, unless others are named. */
#define BACKENDS_USUAL (1u << TAPCOMPAT_TAP | 1u << TAPCOMPAT_VHOST_NET)

/* What is known of one backend. */
struct set_backend {
	enum tapcompat_availability availability;
	struct tapcompat_mask given, unknown;	/* among the features it decides */
};

struct tapcompat_set {
	char name[SET_NAME];	/* escaped */
	bool bare;		/* a model or a mask: @mask with any backend */
	struct tapcompat_mask mask;
	struct tapcompat_mask scope;	/* bits that it makes a statement about */
	unsigned int usual;	/* backends to compare, unless others are named */
	struct nic nic;		/* of a record */
	struct set_backend backend[TAPCOMPAT_BACKENDS];
};

struct tapcompat_comparison {
	char a[SET_NAME], b[SET_NAME];
	enum tapcompat_relation relation;
	unsigned int left_out;	/* backends unknown on one side, as bits */
	unsigned int differences;
	struct tapcompat_difference difference[TAPCOMPAT_BACKENDS];
	unsigned int nics;	/* properties of the cards that differ */
	struct nic_difference nic[NIC_PROPERTIES];
};

/* What a host provides. */
void set_caps(struct tapcompat_set *set, const struct tapcompat_caps *caps, const char *name,
	      bool emulated);

/**
 * set_bare() - a mask, a model, or a machine's features
 * @chosen: a model or a machine: features that are in no model then do not count as missing
 */
void set_bare(struct tapcompat_set *set, struct tapcompat_mask mask, const char *name,
	      bool chosen);

/**
 * compare_sets() - the whole comparison
 * @backends: bit set of 1 << enum tapcompat_backend_type; 0: the usual ones
 * Return: whether both sides know a common backend, and all backends that were named
 */
bool compare_sets(struct tapcompat_comparison *c, const struct tapcompat_set *a,
		  const struct tapcompat_set *b, unsigned int backends);

#endif /* TAPCOMPAT_FEATURE_COMPARE_H */
