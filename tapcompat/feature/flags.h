/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flags.h - features as options of QEMU's device: "host_uso=off,guest_uso4=off"
 *
 * Transmit offloads come first, then receive offloads, then queues and rings.
 */
#ifndef TAPCOMPAT_FEATURE_FLAGS_H
#define TAPCOMPAT_FEATURE_FLAGS_H

#include "provided.h"

#define FLAGS_TEXT 512	/* bytes for all of them as text */

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

/* The oldest QEMU that printed flags are for, if nothing is known of the QEMU. */
#define FLAGS_OLDEST "7.2"

/* The QEMU that flags are for. */
struct flags_qemu {
	bool known;
	struct tapcompat_mask too_new;	/* features whose property it does not have */
};

/**
 * flags_qemu() - by release
 * @release: such as "8.2.0"; "" if it is unknown
 */
struct flags_qemu flags_qemu(const char *release);

/**
 * flags_known() - remove the flags that a QEMU does not know
 * @acked: features that this QEMU has, because its guest has them
 * @later: set to flags that newer releases need, if the QEMU is unknown
 *
 * QEMU does not start with an unknown property.  If the QEMU is unknown, the flags that are
 * left are known to each from FLAGS_OLDEST on, or from the newest of @acked and @flags.on.
 */
struct flags flags_known(struct flags flags, const struct flags_qemu *qemu,
			 struct tapcompat_mask acked, struct flags *later);

/**
 * flags_next() - take the flags of the oldest release out of @later
 * @next: set to them
 * Return: that release, or NULL if there are none
 */
const char *flags_next(struct flags *later, struct flags *next);

/**
 * flags_later_text() - "QEMU 8.2 and later also need host_uso=off", "" if there are none
 */
void flags_later_text(struct flags later, char *text, size_t size);

/**
 * flags_text() - the flags as one word, "" if there are none
 */
void flags_text(struct flags flags, char *text, size_t size);

/**
 * struct landing - how a machine with acked features can be started on a host
 * @flags: for its QEMU, so that the machine keeps its features and gains none when the
 *	guest restarts
 * @later: what newer QEMUs need in addition, if the QEMU is unknown
 * @lacks: acked features the host or its QEMU does not provide: if any, the machine
 *	cannot land
 * @unknown: acked features the host may or may not provide
 */
struct landing {
	struct flags flags, later;
	struct tapcompat_mask lacks, unknown;
};

/**
 * landing_at() - can a machine land on a host, and with which flags?
 * @acked: the machine's features; bits without a name count as lacking
 * @provided: what the host provides
 * @qemu: the QEMU there; what is too new for it, its machine type disables as well
 */
struct landing landing_at(struct tapcompat_mask acked, const struct provided *provided,
			  const struct flags_qemu *qemu);

#endif /* TAPCOMPAT_FEATURE_FLAGS_H */
