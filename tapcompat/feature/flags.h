/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flags.h - features as options of QEMU's device: "host_uso=off,guest_uso4=off"
 *
 * Transmit offloads come first, then receive offloads, then queues and rings.
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
 * flags_list() - the flags in the order in which they are printed
 * @list: room for FEATURE_COUNT
 * Return: how many there are
 */
unsigned int flags_list(struct flags flags, struct flag *list);

/**
 * flags_text() - the flags as one word, "" if there are none
 */
void flags_text(struct flags flags, char *text, size_t size);

/**
 * struct landing - how a machine with acked features can be started on a host
 * @flags: for its QEMU, so that the machine keeps its features and gains none when the
 *	guest restarts
 * @lacks: acked features the host does not provide: if any, the machine cannot land
 * @unknown: acked features the host may or may not provide
 */
struct landing {
	struct flags flags;
	struct tapcompat_mask lacks, unknown;
};

/**
 * landing_at() - can a machine land on a host, and with which flags?
 * @acked: the machine's features; bits without a name count as lacking
 * @provided: what the host provides
 * @too_new: features that its QEMU does not have or its machine type disables
 */
struct landing landing_at(struct tapcompat_mask acked, const struct provided *provided,
			  struct tapcompat_mask too_new);

#endif /* TAPCOMPAT_FEATURE_FLAGS_H */
