/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * domain.h - a libvirt domain, as far as it matters: our metadata and its interfaces
 */
#ifndef TAPCOMPAT_DOCUMENT_DOMAIN_H
#define TAPCOMPAT_DOCUMENT_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include <tapcompat.h>

#define DOMAIN_NAMESPACE "http://tapcompat.io/xmlns/libvirt/domain/1.0"
#define DOMAIN_INTERFACES 64
#define DOMAIN_MAX 0x800000u	/* bytes: no larger domain is read */

/* What is behind an interface. */
enum domain_link {
	DOMAIN_NOT_VIRTIO,	/* a device of another model */
	DOMAIN_NOT_OURS,	/* nothing that the host's kernel decides */
	DOMAIN_TAP,		/* <driver name='qemu'/> */
	DOMAIN_VHOST,		/* <driver name='vhost'/> */
	DOMAIN_EITHER,		/* vhost-net where there is one, else a tap alone */
	DOMAIN_MACVTAP,
};

struct domain_interface {
	enum domain_link link;
	char type[32];		/* such as "bridge", escaped */
};

/**
 * struct domain - what was read
 * @marked: it has our metadata; without it, nothing else is set
 * @model, @require, @record: what the metadata says, or NULL
 * @unknown: attributes of it that this version does not know, escaped
 * @links: bit set of 1 << enum domain_link, of all interfaces
 * @interfaces: how many there are; the first DOMAIN_INTERFACES of them are kept
 */
struct domain {
	bool marked, allow_emulated, allow_non_strict;
	char *model, *require, *record;
	char unknown[128];
	unsigned int links, interfaces;
	struct domain_interface interface[DOMAIN_INTERFACES];
};

/**
 * domain_parse() - read a domain's XML, which may come from anywhere
 * @text: @len bytes
 * @error: set on failure: what is wrong, and in which line; may be NULL
 *
 * It is not allowed a document type: no entity, no other file, no network.
 *
 * Return: 0; -EINVAL where it cannot be relied on; -ENOMEM.  To be released with
 *	domain_free() in each case
 */
int domain_parse(struct domain *d, const char *text, size_t len, struct tapcompat_error *error);

void domain_free(struct domain *d);

#endif /* TAPCOMPAT_DOCUMENT_DOMAIN_H */
