/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * domain_scan.h - would XML cost its parser more than its length is worth?
 */
#ifndef TAPCOMPAT_DOCUMENT_DOMAIN_SCAN_H
#define TAPCOMPAT_DOCUMENT_DOMAIN_SCAN_H

#include <stddef.h>

#define DOMAIN_ATTRIBUTES 512	/* of one element */
#define DOMAIN_NAMESPACES 1024	/* declared in the whole document */

/**
 * domain_scan() - look at XML before a parser does
 *
 * libxml2 compares each attribute with all others of its element, and looks each
 * prefix up among all namespaces: some megabytes of either keep it busy for minutes.
 *
 * Return: NULL, or why it is not to be parsed
 */
const char *domain_scan(const char *text, size_t len);

#endif /* TAPCOMPAT_DOCUMENT_DOMAIN_SCAN_H */
