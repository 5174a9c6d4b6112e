/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * number.h - masks as they stand in texts: whole, wrapped or cut
 */
#ifndef TAPCOMPAT_EXPLAIN_NUMBER_H
#define TAPCOMPAT_EXPLAIN_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "ground/mask.h"

/* What became of a mask. */
enum number_fate {
	NUMBER_WHOLE,
	NUMBER_NONE,		/* there is none */
	NUMBER_CUT,		/* an ellipsis, or less digits than it was printed with */
	NUMBER_LONG,		/* more digits than any mask has */
};

struct number {
	enum number_fate fate;
	struct tapcompat_mask mask;
	unsigned int digits;	/* hexadecimal ones */
	const char *end;	/* what is behind it */
};

enum number_kind {
	NUMBER_HEX,		/* with 0x or without */
	NUMBER_ANY,		/* without 0x it is decimal */
};

/**
 * number_read() - a mask and what follows it
 * @then: text that must follow, behind blanks: digits up to it belong to the mask; or NULL
 */
struct number number_read(const char *text, const char *end, enum number_kind kind,
			  const char *then);

/**
 * number_bits() - a guest's bit string, as in /sys/bus/virtio/devices/.../features
 * @n: 64 or 128
 */
struct tapcompat_mask number_bits(const char *text, size_t n);

#endif /* TAPCOMPAT_EXPLAIN_NUMBER_H */
