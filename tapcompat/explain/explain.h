/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * explain.h - what masks and messages mean
 */
#ifndef TAPCOMPAT_EXPLAIN_EXPLAIN_H
#define TAPCOMPAT_EXPLAIN_EXPLAIN_H

#include <tapcompat_fleet.h>

#include "feature/check.h"
#include "feature/offer.h"
#include "finding.h"
#include "ground/mask.h"

#define EXPLAIN_SAYS 640
#define EXPLAIN_LAYER 160
#define EXPLAIN_CURES 10
#define EXPLAIN_CURE 3072	/* all flags in libvirt's words, a host's name, words around them */

/* One bit, and who is behind it. */
struct explain_row {
	unsigned int bit;
	char layer[EXPLAIN_LAYER];	/* "" where nothing is known */
};

struct tapcompat_explanation {
	struct finding finding;
	char says[EXPLAIN_SAYS];	/* what it means, in a line */
	bool sure;			/* the rows are the cause, and no candidates */
	bool failed;			/* there was no memory for all of it */
	unsigned int rows, cures;
	struct explain_row *row;
	char *cure[EXPLAIN_CURES];
	char device[CHECK_WAY];		/* -device options with which it lands, or "" */
};

/* What is known beyond the message. */
struct situation {
	const struct tapcompat_caps *host;	/* the destination, or NULL */
	const struct tapcompat_offer *offer;	/* what its QEMU has there, or NULL */
	const char *qemu;			/* its release, "" where it is not known */
	const char *machine;			/* the machine type, "" */
	const char *name;			/* of the machine itself, "" */
	enum manager manager;
};

const char *explain_kind_name(enum explain_kind kind);

/* The specification's name of a bit, for the device and the program that the mask is of. */
const char *explain_spec(const struct tapcompat_explanation *e, unsigned int bit);

/* The option of QEMU's device that sets a bit which is no feature; "" where there is none. */
const char *explain_option(const struct tapcompat_explanation *e, unsigned int bit);

/**
 * explain_options_take() - a caller's options, in the form that this version has
 * @from: NULL: all zeroes
 * Return: as struct_copy()
 */
int explain_options_take(struct tapcompat_explain_options *to,
			 const struct tapcompat_explain_options *from);

/**
 * explanation_of() - in words
 * Return: to be released with tapcompat_explanation_free(); NULL: no memory
 */
struct tapcompat_explanation *explanation_of(const struct finding *f,
					     const struct tapcompat_explain_options *options);

/* ---- who.c: who is behind a bit ---- */

void who_offline(const struct tapcompat_feature *f, char *text, size_t size);
void who_there(const struct tapcompat_feature *f, const struct tapcompat_caps *host, char *text,
	       size_t size);

/* What the destination gives, with what is not known of it. */
struct provided who_provides(const struct tapcompat_caps *host);

/* What QEMU has on there, as far as that is known. */
struct tapcompat_mask who_has_on(const struct situation *s);

/* Features whose property that QEMU has. */
struct tapcompat_mask who_knows(const struct situation *s);

/* Such as "RHEL's", of a machine type that is a distribution's; NULL for QEMU's own. */
const char *who_made(const char *machine);

/* "8.1" of "pc-q35-8.1", which has off what is younger; "" where the name does not say. */
const char *who_release(const char *machine);

/* ---- cure.c: what helps ---- */

void explain_cure(struct tapcompat_explanation *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Of @missing, which the destination does not allow. */
void cure_missing(struct tapcompat_explanation *e, const struct situation *s,
		  struct tapcompat_mask missing);

/* Of what QEMU has to be asked for, of which at least one is the cause. */
void cure_options(struct tapcompat_explanation *e, struct tapcompat_mask candidates);

/* Of candidates, of which at least one is the cause. */
void cure_candidates(struct tapcompat_explanation *e, const struct situation *s,
		     struct tapcompat_mask candidates);

#endif /* TAPCOMPAT_EXPLAIN_EXPLAIN_H */
