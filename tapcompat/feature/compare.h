/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compare.h - how two sets of features are to each other
 */
#ifndef TAPCOMPAT_FEATURE_COMPARE_H
#define TAPCOMPAT_FEATURE_COMPARE_H

#include "caps.h"

#include <tapcompat_fleet.h>

#define SET_NAME 128

/* What a machine moves among, unless other backends are named. */
#define BACKENDS_USUAL (1u << TAPCOMPAT_TAP | 1u << TAPCOMPAT_VHOST_NET)

/* What is known of one backend. */
struct set_backend {
	enum tapcompat_availability availability;
	struct tapcompat_mask given, unknown;	/* of what it decides */
};

struct tapcompat_set {
	char name[SET_NAME];	/* escaped */
	bool bare;		/* a model or a mask: @mask, whatever the backend */
	struct tapcompat_mask mask;
	struct tapcompat_mask scope;	/* what it says anything of */
	unsigned int usual;	/* backends that it is compared by, unless others are named */
	struct set_backend backend[TAPCOMPAT_BACKENDS];
};

struct tapcompat_comparison {
	char a[SET_NAME], b[SET_NAME];
	enum tapcompat_relation relation;
	unsigned int left_out;	/* backends that are not known on one side, as bits */
	unsigned int differences;
	struct tapcompat_difference difference[TAPCOMPAT_BACKENDS];
};

/* What a host gives. */
void set_caps(struct tapcompat_set *set, const struct tapcompat_caps *caps, const char *name,
	      bool emulated);

/**
 * set_bare() - a mask, or features that somebody chose
 * @chosen: by a model or for a machine: what is in no model is then not missing in it
 */
void set_bare(struct tapcompat_set *set, struct tapcompat_mask mask, const char *name,
	      bool chosen);

/**
 * compare_sets() - the whole comparison
 * @backends: bit set of 1 << enum tapcompat_backend_type; 0: the usual ones
 * Return: whether there was a backend that both know, and all that were named
 */
bool compare_sets(struct tapcompat_comparison *c, const struct tapcompat_set *a,
		  const struct tapcompat_set *b, unsigned int backends);

#endif /* TAPCOMPAT_FEATURE_COMPARE_H */
