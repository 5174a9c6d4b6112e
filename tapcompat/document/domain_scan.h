/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * domain_scan.h - limits on XML before it is parsed
 */
#ifndef TAPCOMPAT_DOCUMENT_DOMAIN_SCAN_H
#define TAPCOMPAT_DOCUMENT_DOMAIN_SCAN_H

#include <stddef.h>

#define DOMAIN_ATTRIBUTES 512	/* per element */
#define DOMAIN_NAMESPACES 1024	/* per document */

/**
 * domain_scan() - check XML against the limits above
 *
 * libxml2 compares each attribute with all others of its element, and looks each
 * prefix up among all namespaces: some megabytes of either take it minutes.
 *
 * Return: NULL, or why it must not be parsed
 */
const char *domain_scan(const char *text, size_t len);

/* Return: the end of the comment or the like that begins at @p; @p if none does */
const char *scan_section(const char *p, const char *end);

/* Return: the end of the tag that begins at @p; sets the number of its attributes */
const char *scan_tag(const char *p, const char *end, unsigned int *attributes);

#endif /* TAPCOMPAT_DOCUMENT_DOMAIN_SCAN_H */
