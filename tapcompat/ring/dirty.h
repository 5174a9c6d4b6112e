/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dirty.h - the dirty log of guest memory, for live migration
 *
 * One bit per page of 4096 bytes, starting at guest address 0, least significant bit of a
 * byte first (Linux drivers/vhost/vhost.c, log_write()).  The frontend clears bits at any
 * time, so they are set atomically.
 */
#ifndef TAPCOMPAT_RING_DIRTY_H
#define TAPCOMPAT_RING_DIRTY_H

#include <stdint.h>

#define DIRTY_PAGE 4096u

struct dirty {
	uint8_t *bits;		/* NULL: logging is off */
	uint64_t size;		/* in bytes */
};

/**
 * dirty_mark() - mark a range as written
 *
 * Addresses past the end of the log are not guest memory and are ignored.
 */
void dirty_mark(const struct dirty *d, uint64_t guest, uint64_t len);

#endif /* TAPCOMPAT_RING_DIRTY_H */
