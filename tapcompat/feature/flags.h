/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flags.h - features as QEMU's device takes them: "host_uso=off,guest_uso4=off"
 *
 * What the guest sends comes first, then what it receives, then queues and rings.
 */
#ifndef TAPCOMPAT_FEATURE_FLAGS_H
#define TAPCOMPAT_FEATURE_FLAGS_H

#include "provided.h"

struct flags {
	struct tapcompat_mask on, off;
};

/* One of them. */
struct flag {
	const struct tapcompat_feature *feature;
	bool on;
};

/**
 * flags_list() - in the order in which they are printed
 * @list: room for FEATURE_COUNT
 * Return: how many there are
 */
unsigned int flags_list(struct flags flags, struct flag *list);

/**
 * flags_text() - as one word, "" where there are none
 */
void flags_text(struct flags flags, char *text, size_t size);

/**
 * struct landing - how a machine that has features comes to a host
 * @flags: that its QEMU is to be started with: then it has there what it had, and
 *	gains nothing when the guest restarts
 * @lacks: what the host cannot give: while there is any, it cannot come
 * @unknown: what the host may give or not
 */
struct landing {
	struct flags flags;
	struct tapcompat_mask lacks, unknown;
};

/**
 * landing_at() - can it come, and with which flags?
 * @acked: what the machine has; of bits that no row knows, those without any name are
 *	lacking
 * @provided: what the host gives
 * @too_new: features that its QEMU does not have, or its machine type has off anyway
 */
struct landing landing_at(struct tapcompat_mask acked, const struct provided *provided,
			  struct tapcompat_mask too_new);

#endif /* TAPCOMPAT_FEATURE_FLAGS_H */
