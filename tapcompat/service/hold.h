/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hold.h - hold the interfaces of a libvirt domain to a set of features
 */
#ifndef TAPCOMPAT_SERVICE_HOLD_H
#define TAPCOMPAT_SERVICE_HOLD_H

#include <stdbool.h>

#include <tapcompat_fleet.h>

#define HOLD_MAX 0x800000u	/* bytes of a domain */

/**
 * struct hold_options - a domain, and what its interfaces are to have
 * @xml: @len bytes
 * @given: whether @has is set; if not, the record or the model in the domain's metadata is
 * @has: features; all others are off
 * @nic: the card, as a list of properties, or NULL
 * @qemu: release of the domain's QEMU, or "" if it is unknown
 * @held: set to the number of interfaces that are held to it
 */
struct hold_options {
	const char *xml;
	size_t len;
	bool given;
	struct tapcompat_mask has;
	const char *nic;
	const char *qemu;
	unsigned int held;
};

/**
 * hold_domain() - the same domain, with overrides added or corrected
 * @text: set to a string that the caller frees
 * Return: enum tapcompat_exit
 */
int hold_domain(struct hold_options *options, char **text, struct tapcompat_error *error);

#endif /* TAPCOMPAT_SERVICE_HOLD_H */
