/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * domain.h - tapcompat's metadata and the interfaces of a libvirt domain
 */
#ifndef TAPCOMPAT_DOCUMENT_DOMAIN_H
#define TAPCOMPAT_DOCUMENT_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include <tapcompat.h>

#include "feature/flags.h"
#include "feature/nic.h"

#define DOMAIN_NAMESPACE "http://tapcompat.io/xmlns/libvirt/domain/1.0"
#define DOMAIN_QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"
#define DOMAIN_INTERFACES 1024	/* more are an error */
#define DOMAIN_MAX 0x800000u	/* bytes: no larger domain is read */

/* The backend of an interface. */
enum domain_link {
	DOMAIN_NOT_VIRTIO,	/* the model is not virtio */
	DOMAIN_NOT_OURS,	/* a type whose features the host's kernel does not decide */
	DOMAIN_TAP,		/* <driver name='qemu'/> */
	DOMAIN_VHOST,		/* <driver name='vhost'/> */
	DOMAIN_EITHER,		/* no <driver>: vhost-net if the host has it, else a tap alone */
	DOMAIN_MACVTAP,
	DOMAIN_LINKS
};

/* QEMU's device: virtio-net-pci, virtio-net-pci-transitional, virtio-net-pci-non-transitional */
enum domain_variant { DOMAIN_GENERIC, DOMAIN_TRANSITIONAL, DOMAIN_NON_TRANSITIONAL };

/*
 * @argument: it is a -device in <qemu:commandline>, which no override changes
 * @type: such as "bridge"; @alias: "" if it has none; @target: of its tap, or ""; all escaped
 * @set: features that <driver>, overrides and QEMU arguments switch on and off
 */
struct domain_interface {
	enum domain_link link;
	enum domain_variant variant;
	bool argument;
	char type[32], alias[64], target[64];
	struct flags set;
	struct nic nic;		/* what else must match in a migration, with defaults */
};

/**
 * struct domain - a parsed domain
 * @marked: it has tapcompat's metadata; if not, no other member is set
 * @model, @require, @record: values in the metadata, or NULL
 * @unknown: attributes of the metadata that this version does not know, escaped
 * @links: bit set of 1 << enum domain_link, over all interfaces
 * @name, @uuid, @machine, @emulator: escaped; "" if the domain does not say
 */
struct domain {
	bool marked, allow_emulated, allow_non_strict;
	char *model, *require, *record;
	char unknown[128];
	char name[128], uuid[40], machine[64], emulator[256];
	bool kvm;		/* with type='qemu', libvirt does not use vhost-net */
	unsigned int links, interfaces;
	struct domain_interface *interface;
};

/**
 * domain_parse() - parse the XML of a domain, which is not trusted
 * @text: @len bytes
 * @error: set on failure to the reason and the line; may be NULL
 *
 * A document type is refused, so no entity is expanded and no file or network read.
 *
 * Return: 0; -EINVAL for an invalid domain; -ENOMEM.  Call domain_free() in each case
 */
int domain_parse(struct domain *d, const char *text, size_t len, struct tapcompat_error *error);

/**
 * domain_parse_all() - the same, and the devices of a domain without tapcompat's metadata
 */
int domain_parse_all(struct domain *d, const char *text, size_t len,
		     struct tapcompat_error *error);

/**
 * domain_parse_metadata() - the same, or only tapcompat's <net>, as virsh metadata prints it
 *
 * libvirt prints it without its namespace, and inside a domain with it.
 */
int domain_parse_metadata(struct domain *d, const char *text, size_t len,
			  struct tapcompat_error *error);

/* What an interface is to get: features, and properties of its card. */
struct domain_set {
	struct flags flags;
	struct nic nic;
};

/* Can domain_edit() set a property to a value? */
bool domain_sets(unsigned int property, uint64_t value);

/**
 * domain_nic_xml() - properties of a card as libvirt's XML, on one line
 */
void domain_nic_xml(const struct nic *nic, char *text, size_t size);

/**
 * domain_argument_text() - what to change in a -device of <qemu:commandline>
 * Return: @text, such as "add ,host_mtu=1450 to its value"; "" if nothing is set
 */
const char *domain_argument_text(const struct domain_set *set, char *text, size_t size);

/**
 * domain_edit() - set what interfaces have, and leave all else as it is
 * @text: @len bytes, which domain_parse_all() accepted as @d
 * @set: what to set, for each interface of @d
 * Return: the edited text, to be freed with free(); NULL: no memory
 *
 * Features are set by overrides, and so is what libvirt has no element for.  Adds the
 * namespace, the overrides and aliases where they are missing.
 */
char *domain_edit(const char *text, size_t len, const struct domain *d,
		  const struct domain_set *set);

/**
 * domain_interface_name() - the name of an interface in messages
 * @number: its index
 * Return: @text, such as "interface 2"
 */
const char *domain_interface_name(const struct domain *d, unsigned int number, char *text,
				  size_t size);

void domain_free(struct domain *d);

#endif /* TAPCOMPAT_DOCUMENT_DOMAIN_H */
