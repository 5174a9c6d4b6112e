/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory.h - where a guest's memory is in this process
 *
 * A frontend hands over a table of regions.  It is taken as a whole or refused as a
 * whole, in which case the table before stays in force.
 *
 * A range is translated as a whole: that its first byte is there says nothing of the
 * last one.  Regions may adjoin in guest addresses and lie far apart here, so a range has
 * one piece for each region that it touches.
 */
#ifndef TAPCOMPAT_RING_MEMORY_H
#define TAPCOMPAT_RING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define MEMORY_REGIONS 509	/* what vhost is set to where memory is plugged; QEMU has no more */

/* Why a table is refused. */
enum memory_refusal {
	MEMORY_TAKEN,
	MEMORY_REFUSED_MANY,	/* more regions than there is room for */
	MEMORY_REFUSED_SIZE,	/* a region without a byte */
	MEMORY_REFUSED_WRAP,	/* a region beyond the end of guest or user addresses */
	MEMORY_REFUSED_HOST,	/* a region that is not mapped, or beyond the end of memory */
	MEMORY_REFUSED_GUEST,	/* two regions at one guest address */
	MEMORY_REFUSED_USER,	/* two regions at one user address that are not the same memory */
};

struct memory_region {
	uint64_t guest;		/* guest-physical */
	uint64_t user;		/* in the frontend's process: rings are named by it */
	uint64_t size;
	uint8_t *host;		/* here */
};

struct memory {
	size_t count;
	struct memory_region region[MEMORY_REGIONS];	/* by guest address */
};

/**
 * memory_set() - replace the table
 * @memory: zeroed at first; changed only if the new table is taken
 * @regions: in any order
 */
enum memory_refusal memory_set(struct memory *memory, const struct memory_region *regions,
			       size_t count);

/**
 * memory_map() - a range that has to be in one piece
 * Return: where it is, or NULL if it is not all in one region, or empty
 */
void *memory_map(const struct memory *memory, uint64_t guest, uint64_t len);

/**
 * memory_map_user() - likewise, of a range that is named by its user address
 */
void *memory_map_user(const struct memory *memory, uint64_t user, uint64_t len);

/**
 * memory_split() - a range, one piece for each region that it touches
 * @iov: filled in as far as there is @room
 * Return: how many pieces the range has, even if there is no room for them; 0 if some of
 *	it is not there, or if it is empty
 */
size_t memory_split(const struct memory *memory, uint64_t guest, uint64_t len,
		    struct iovec *iov, size_t room);

/**
 * memory_read() - copy a range, however many pieces it has
 * Return: whether all of it is there
 */
bool memory_read(const struct memory *memory, uint64_t guest, void *out, size_t len);

/**
 * memory_log_size() - bytes of a dirty log that has a bit for each page of the table
 */
uint64_t memory_log_size(const struct memory *memory);

#endif /* TAPCOMPAT_RING_MEMORY_H */
