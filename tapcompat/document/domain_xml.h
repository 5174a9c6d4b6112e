/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * domain_xml.h - reading libxml2's tree, for the files that parse a domain
 */
#ifndef TAPCOMPAT_DOCUMENT_DOMAIN_XML_H
#define TAPCOMPAT_DOCUMENT_DOMAIN_XML_H

#include <libxml/tree.h>

#include "domain.h"

/* Elements of one name below the root: libvirt accepts one, but says nothing of more. */
#define for_each_child(n, root, uri, name) \
	for ((n) = (root)->children; (n); (n) = (n)->next) \
		if (element_is(n, uri, name))

struct walk {
	struct tapcompat_error *error;
	int ret;		/* of the first error, or 0 */
	bool all;		/* read devices although there is no metadata */
	bool metadata;		/* the root may be tapcompat's <net> */
};

/**
 * walk_fail() - the domain is invalid, or memory is short; only the first error counts
 * @line: 0 if the error has no line
 */
void walk_fail(struct walk *w, int ret, long line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * element_is() - is it an element of a namespace?
 * @uri: NULL for libvirt's own, which is none
 * @name: NULL for any
 */
bool element_is(const xmlNode *n, const char *uri, const char *name);

/* The first element of libvirt's with that name below @parent, or NULL. */
const xmlNode *element_child(const xmlNode *parent, const char *name);

/* The text of an attribute, to be freed; NULL: no memory, which is noted. */
char *value_of(struct walk *w, const xmlAttr *a);

/* Copy a string of libxml2 and free it.  Return: to be freed with free(); NULL: no memory */
char *copy_of(struct walk *w, xmlChar *text);

/* An attribute, escaped and cut to @size; "" if @n is NULL or does not have it. */
void attribute_of(struct walk *w, const xmlNode *n, const char *name, char *text, size_t size);

/* The text of an element, in the same way. */
void content_of(struct walk *w, const xmlNode *n, char *text, size_t size);

/* Any value that is not QEMU's word for off counts as on: the guest may get the feature. */
bool switch_is_off(const char *value);

/* Read a property of QEMU's device: a feature, or what else must match in a migration. */
void property_read(struct flags *set, struct nic *nic, const char *name, const char *value);

/* A new interface, all zero; NULL after walk_fail(). */
struct domain_interface *domain_interface_new(struct walk *w, struct domain *d);

/**
 * domain_arguments() - read the network cards and switches of <qemu:commandline>
 */
void domain_arguments(struct walk *w, struct domain *d, const xmlNode *root);

/**
 * domain_nic() - read what else of an interface's card must match in a migration
 */
void domain_nic(struct walk *w, struct nic *nic, const xmlNode *interface);

/* The rest: defaults, where neither the interface nor QEMU's arguments say. */
void domain_nic_complete(struct domain_interface *i, const struct nic *globals,
			 const char *machine);

/**
 * domain_devices() - read the interfaces and what sets their features
 */
void domain_devices(struct walk *w, struct domain *d, const xmlNode *root);

#endif /* TAPCOMPAT_DOCUMENT_DOMAIN_XML_H */
