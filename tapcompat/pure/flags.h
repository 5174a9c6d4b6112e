/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flags.h - features as QEMU's device takes them: "host_uso=off,guest_uso4=off"
 *
 * What the guest sends comes first, then what it receives, then queues and rings.
 */
#ifndef TAPCOMPAT_PURE_FLAGS_H
#define TAPCOMPAT_PURE_FLAGS_H

#include "caps.h"
#include "ground/mask.h"

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
 * backend_given() - what a guest can have with a backend
 * @emulated: count what tapcompat's shim can carry
 *
 * What QEMU alone decides there is given.
 */
struct tapcompat_mask backend_given(const struct tapcompat_caps *caps,
				    enum tapcompat_backend_type type, bool emulated);

/**
 * struct landing - how a machine that has features comes to a host
 * @flags: that its QEMU is to be started with: then it has there what it had, and
 *	gains nothing when the guest restarts
 * @lacks: what the host cannot give: while there is any, it cannot come
 */
struct landing {
	struct flags flags;
	struct tapcompat_mask lacks;
};

/**
 * landing_at() - can it come, and with which flags?
 * @held: what the machine has; of bits that no row knows those with a name are QEMU's
 *	own, and all others are lacking
 * @given: by the host, see backend_given()
 */
struct landing landing_at(struct tapcompat_mask held, struct tapcompat_mask given);

#endif /* TAPCOMPAT_PURE_FLAGS_H */
