// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dirty.c - the dirty log of guest memory
 */
#include "dirty.h"

void dirty_mark(const struct dirty *d, uint64_t guest, uint64_t len)
{
	uint64_t page = guest / DIRTY_PAGE, last;

	if (!d->bits || !len || len - 1 > UINT64_MAX - guest)
		return;
	last = (guest + len - 1) / DIRTY_PAGE;
	for (; page <= last && page / 8 < d->size; page++) {
		uint8_t bit = (uint8_t)(1u << page % 8);

		/* The data must be visible before the bit. */
		__atomic_fetch_or(&d->bits[page / 8], bit, __ATOMIC_SEQ_CST);
	}
}
