/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * audit.h - audits as documents and as text
 */
#ifndef TAPCOMPAT_REPORT_AUDIT_H
#define TAPCOMPAT_REPORT_AUDIT_H

#include <stdio.h>

#include "audit/against.h"
#include "audit/audit.h"

/**
 * audit_json() - an audit as a document, schema tapcompat-audit
 * @g: what its machines were judged against; NULL: nothing
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *audit_json(const struct audit *a, const struct against *g, unsigned int flags);

/**
 * audit_print() - the machines, their cards and what these hold
 * @flags: REPORT_QUIET: a line with the mask for each card; REPORT_TAPS
 */
#define REPORT_TAPS	0x8	/* with the taps of the machines, and the way out of them */
void audit_print(const struct audit *a, FILE *out, unsigned int flags);

/**
 * against_print() - where the machines can go: the summary, then those that cannot
 * @a: NULL: only the summary
 * @flags: REPORT_QUIET: only the summary
 */
void against_print(const struct audit *a, const struct against *g, FILE *out, unsigned int flags);

/**
 * audit_html() - one page of HTML that loads nothing; every foreign string is escaped
 * @g: what the machines were judged against; NULL: nothing
 */
void audit_html(const struct audit *a, const struct against *g, FILE *out);

/**
 * audit_table() - cards, features and hosts as a matrix
 * Return: 0 or -ENOMEM
 */
int audit_table(const struct audit *a, const struct against *g, FILE *out, unsigned int flags);

/**
 * audit_metrics() - how many machines hold what, and can go where, for Prometheus
 * @g: what the machines were judged against; NULL: nothing
 */
void audit_metrics(const struct audit *a, const struct against *g, FILE *out);

#endif /* TAPCOMPAT_REPORT_AUDIT_H */
