/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report.h - answers as tapcompat(1) prints them
 *
 * Private to the programs that come with the library: the tables may look different in each
 * version.  Other programs read the documents.
 */
#ifndef TAPCOMPAT_REPORT_REPORT_H
#define TAPCOMPAT_REPORT_REPORT_H

#include <stdio.h>

#include <tapcompat_fleet.h>
#include <tapcompat_shim.h>

/* ---- Tables ------------------------------------------------------------- */

/*
 * Flags, beside those of tapcompat.h.  Errors are left on @out, as with fprintf(3).
 */
#define REPORT_COLOUR	0x2	/* ANSI colours */
#define REPORT_QUIET	0x4	/* less; what is left out, the function says */

/**
 * caps_print() - what a host provides
 * @flags: REPORT_QUIET: only what is not native and passed, or not native, where no frames
 *	were wanted
 * @columns: of the terminal, at which reasons are broken; 0: they are not
 */
void caps_print(const struct tapcompat_caps *caps, FILE *out, unsigned int flags,
		unsigned int columns);

/**
 * check_print() - the findings, as virt-host-validate(1) has them, and the ways out
 * offer_print() - the same, of what a QEMU would offer
 * @flags: REPORT_QUIET: not what passes
 */
void check_print(const struct tapcompat_check *check, FILE *out, unsigned int flags);
void offer_print(const struct tapcompat_offer *offer, FILE *out, unsigned int flags);

/**
 * models_print() - the models
 * @model: one of them, with its features; NULL: all
 * @flags: REPORT_QUIET: names, or names of features, alone; TAPCOMPAT_NO_DEPRECATED
 */
void models_print(const struct tapcompat_model *model, FILE *out, unsigned int flags);

/**
 * comparison_print() - how two sets differ
 * @flags: REPORT_QUIET: the one word alone
 */
void comparison_print(const struct tapcompat_comparison *comparison, FILE *out,
		      unsigned int flags);

/**
 * fleet_print() - a baseline
 */
void fleet_print(const struct tapcompat_fleet *fleet, FILE *out, unsigned int flags);

/**
 * fleet_table() - hosts and features as a matrix
 */
void fleet_table(const struct tapcompat_fleet *fleet, FILE *out, unsigned int flags);

/**
 * explanation_print() - what masks or a message mean
 * @flags: REPORT_QUIET: the names alone
 */
void explanation_print(const struct tapcompat_explanation *explanation, FILE *out,
		       unsigned int flags);

/**
 * stat_print() - what the shim of a process has counted
 * @flags: REPORT_QUIET: only what was dropped, and broken queues
 */
void stat_print(const struct tapcompat_stat *stat, FILE *out, unsigned int flags);

/* ---- Errors ------------------------------------------------------------- */

/**
 * error_json() - an error as a document, schema tapcompat-error
 * @exit_code: that the program ends with
 * @text: what is wrong
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *error_json(int exit_code, const char *text, unsigned int flags);

/* ---- Files for clusters ------------------------------------------------- */

enum cluster_format {
	CLUSTER_NFD,		/* Node Feature Discovery, features.d */
	CLUSTER_PROMETHEUS,	/* node_exporter's textfile collector */
	CLUSTER_NOVA,		/* provider.yaml of nova-compute */
	CLUSTERS,
};

/* The words of --format; "?" for other values. */
const char *cluster_name(enum cluster_format format);

/**
 * caps_cluster() - a host's features, as schedulers and monitoring read them
 * @backend: whose features they are; macvtap, tap or vhost-net
 * @days: after the probe, in which CLUSTER_NFD expires; 0: never
 * Return: a string that the caller frees with free(); NULL: no memory, or no such format
 */
char *caps_cluster(const struct tapcompat_caps *caps, enum tapcompat_backend_type backend,
		   enum cluster_format format, unsigned int days);

#endif /* TAPCOMPAT_REPORT_REPORT_H */
