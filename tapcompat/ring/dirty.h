/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dirty.h - which pages of a guest were written to, for live migration
 *
 * One bit for each page of 4096 bytes, from guest address 0 on, the least significant bit
 * of a byte first (Linux drivers/vhost/vhost.c, log_write()).  Whoever migrates the guest
 * takes bits away at any moment, so they are set atomically.
 */
#ifndef TAPCOMPAT_RING_DIRTY_H
#define TAPCOMPAT_RING_DIRTY_H

#include <stdint.h>

#define DIRTY_PAGE 4096u

struct dirty {
	uint8_t *bits;		/* NULL: nobody asks */
	uint64_t size;		/* in bytes */
};

/**
 * dirty_mark() - a range was written
 *
 * What lies beyond the log is not in the guest's memory, and is left out.
 */
void dirty_mark(const struct dirty *d, uint64_t guest, uint64_t len);

#endif /* TAPCOMPAT_RING_DIRTY_H */
