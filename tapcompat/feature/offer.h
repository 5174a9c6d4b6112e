/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * offer.h - what a QEMU would offer its guest on a host
 *
 * First the device's properties, by QEMU's version and machine type; then the tap and
 * vhost-net clear what they do not support, as in QEMU's virtio_net_get_features():
 * by what the kernel reports, not by frames.
 */
#ifndef TAPCOMPAT_FEATURE_OFFER_H
#define TAPCOMPAT_FEATURE_OFFER_H

#include "check.h"

#define OFFER_NAME 96

/* One property of QEMU's device. */
struct offer_property {
	bool exists;
	bool on;		/* with this machine type and command line */
	bool named;		/* set on the command line */
	bool by_default;	/* on without machine type and options */
};

struct tapcompat_offer {
	char qemu[OFFER_NAME];		/* its version */
	char machine[OFFER_NAME];	/* the machine type, aliases resolved */
	enum tapcompat_backend_type backend;
	struct offer_property property[FEATURE_COUNT];
	struct tapcompat_finding row[FEATURE_COUNT];
	char detail[FEATURE_COUNT][CAPS_DETAIL];
};

/**
 * offer_conclude() - all properties are set: what remains of them on this host?
 */
void offer_conclude(struct tapcompat_offer *o, const struct tapcompat_caps *caps);

/* The properties that its device has, enabled or not. */
struct tapcompat_mask offer_properties(const struct tapcompat_offer *o);

/**
 * offer_judge() - add the finding of one feature, for tapcompat_offer_check()
 */
void offer_judge(const struct tapcompat_offer *o, struct tapcompat_check *c,
		 const struct tapcompat_caps *caps, const struct tapcompat_feature *f,
		 unsigned int flags);

#endif /* TAPCOMPAT_FEATURE_OFFER_H */
