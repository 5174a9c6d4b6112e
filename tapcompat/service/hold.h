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
 * @common: @has is what hosts have in common: without what the domain's QEMU does not have
 * @without: off in any case; alone, and without metadata, nothing else changes
 * @qemu: release of the domain's QEMU; NULL: that of its emulator, as it is on this host
 * @recorded: release in the record that @has is from, if the emulator is not found, or ""
 * @nic: the card in that record, as a list of properties, or NULL
 * @held: set to the number of interfaces that are held to it
 */
struct hold_options {
	const char *xml;
	size_t len;
	bool given, common;
	struct tapcompat_mask has, without;
	const char *qemu, *recorded;
	const char *nic;
	unsigned int held;
};

/**
 * hold_domain() - the same domain, with overrides added or corrected
 * @text: set to a string that the caller frees
 * Return: enum tapcompat_exit
 */
int hold_domain(struct hold_options *options, char **text, struct tapcompat_error *error);

#endif /* TAPCOMPAT_SERVICE_HOLD_H */
