/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * offer.h - what a QEMU would offer its guest on a host
 *
 * QEMU's own properties first, of its version and of the machine type; then what
 * the tap and vhost-net below leave of them, as QEMU's virtio_net_get_features()
 * does it: by the kernel's word, without frames.
 */
#ifndef TAPCOMPAT_FEATURE_OFFER_H
#define TAPCOMPAT_FEATURE_OFFER_H

#include "check.h"

#define OFFER_NAME 96

/* One property of QEMU's device. */
struct offer_property {
	bool exists;
	bool on;		/* under this machine type, and by the command line */
	bool named;		/* the command line says what it is */
	bool by_default;	/* of the device itself */
};

struct tapcompat_offer {
	char qemu[OFFER_NAME];		/* its version */
	char machine[OFFER_NAME];	/* the machine type, no alias */
	enum tapcompat_backend_type backend;
	struct offer_property property[FEATURE_COUNT];
	struct tapcompat_finding row[FEATURE_COUNT];
	char detail[FEATURE_COUNT][CAPS_DETAIL];
};

/**
 * offer_conclude() - properties are in: what is left of them on this host?
 */
void offer_conclude(struct tapcompat_offer *o, const struct tapcompat_caps *caps);

/* The properties that its device has, be they on or off. */
struct tapcompat_mask offer_properties(const struct tapcompat_offer *o);

/**
 * offer_judge() - the finding of one feature, as tapcompat_offer_check() has it
 */
void offer_judge(const struct tapcompat_offer *o, struct tapcompat_check *c,
		 const struct tapcompat_caps *caps, const struct tapcompat_feature *f,
		 unsigned int flags);

#endif /* TAPCOMPAT_FEATURE_OFFER_H */
