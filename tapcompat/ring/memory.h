/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory.h - translate guest addresses to this process' addresses
 *
 * A frontend passes a table of regions.  It is accepted or refused as a whole; if it is
 * refused, the previous table stays in effect.
 *
 * Ranges are translated as a whole: a mapped first byte does not imply a mapped last one.
 * Regions may be adjacent in guest addresses and apart here, so a range has one piece per
 * region that it overlaps.
 */
#ifndef TAPCOMPAT_RING_MEMORY_H
#define TAPCOMPAT_RING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define MEMORY_REGIONS 509	/* vhost's usual limit with memory hotplug; QEMU uses no more */

/* Why a table is refused. */
enum memory_refusal {
	MEMORY_TAKEN,
	MEMORY_REFUSED_MANY,	/* more than MEMORY_REGIONS */
	MEMORY_REFUSED_SIZE,	/* an empty region */
	MEMORY_REFUSED_WRAP,	/* a region past the end of guest or user addresses */
	MEMORY_REFUSED_HOST,	/* a region that is not mapped, or past the end of memory */
	MEMORY_REFUSED_GUEST,	/* regions overlap in guest addresses */
	MEMORY_REFUSED_USER,	/* regions overlap in user addresses and differ in memory */
};

struct memory_region {
	uint64_t guest;		/* guest-physical */
	uint64_t user;		/* in the frontend's process; rings are given as user addresses */
	uint64_t size;
	uint8_t *host;		/* here */
};

struct memory {
	size_t count;
	struct memory_region region[MEMORY_REGIONS];	/* by guest address */
};

/**
 * memory_set() - replace the table
 * @memory: zeroed initially; changed only if the new table is accepted
 * @regions: in any order
 */
enum memory_refusal memory_set(struct memory *memory, const struct memory_region *regions,
			       size_t count);

/**
 * memory_map() - translate a range within one region
 * Return: its address, or NULL if it is empty or not within one region
 */
void *memory_map(const struct memory *memory, uint64_t guest, uint64_t len);

/**
 * memory_map_user() - likewise, for a user address
 */
void *memory_map_user(const struct memory *memory, uint64_t user, uint64_t len);

/**
 * memory_split() - translate a range, one piece per region that it overlaps
 * @iov: filled in up to @room pieces
 * Return: the number of pieces, even if more than @room; 0 if the range is empty or not
 *	fully mapped
 */
size_t memory_split(const struct memory *memory, uint64_t guest, uint64_t len,
		    struct iovec *iov, size_t room);

/**
 * memory_read() - copy a range, regardless of the number of pieces
 * Return: whether all of it is mapped
 */
bool memory_read(const struct memory *memory, uint64_t guest, void *out, size_t len);

/**
 * memory_log_size() - size of a dirty log for all pages of the table, in bytes
 */
uint64_t memory_log_size(const struct memory *memory);

#endif /* TAPCOMPAT_RING_MEMORY_H */
