// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memory.c - translate guest addresses to this process' addresses
 */
#include "memory.h"

#include <string.h>

#include "dirty.h"

/* Does a range of at least one byte extend past @last? */
static bool wraps(uint64_t start, uint64_t size, uint64_t last)
{
	return start > last || size - 1 > last - start;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b ? b - a < a_size : a - b < b_size;
}

static enum memory_refusal judge_region(const struct memory_region *r)
{
	if (!r->size)
		return MEMORY_REFUSED_SIZE;
	if (wraps(r->guest, r->size, UINT64_MAX) || wraps(r->user, r->size, UINT64_MAX))
		return MEMORY_REFUSED_WRAP;
	if (!r->host || wraps((uintptr_t)r->host, r->size, UINTPTR_MAX))
		return MEMORY_REFUSED_HOST;
	return MEMORY_TAKEN;
}

/*
 * Aliases are allowed: the same memory at two guest addresses, with one user address.
 * A user address that maps to two different places here is not.
 */
static enum memory_refusal judge_pair(const struct memory_region *a, const struct memory_region *b)
{
	if (overlap(a->guest, a->size, b->guest, b->size))
		return MEMORY_REFUSED_GUEST;
	if (overlap(a->user, a->size, b->user, b->size) &&
	    (uintptr_t)a->host - a->user != (uintptr_t)b->host - b->user)
		return MEMORY_REFUSED_USER;
	return MEMORY_TAKEN;
}

/* Check against all regions accepted so far. */
static enum memory_refusal judge(const struct memory *m, const struct memory_region *r)
{
	enum memory_refusal refusal = judge_region(r);
	size_t i;

	for (i = 0; !refusal && i < m->count; i++)
		refusal = judge_pair(&m->region[i], r);
	return refusal;
}

static void insert(struct memory *m, const struct memory_region *r)
{
	size_t i = m->count++;

	for (; i && m->region[i - 1].guest > r->guest; i--)
		m->region[i] = m->region[i - 1];
	m->region[i] = *r;
}

enum memory_refusal memory_set(struct memory *memory, const struct memory_region *regions,
			       size_t count)
{
	struct memory m = { .count = 0 };
	size_t i;

	if (count > MEMORY_REGIONS)
		return MEMORY_REFUSED_MANY;
	for (i = 0; i < count; i++) {
		enum memory_refusal refusal = judge(&m, &regions[i]);

		if (refusal)
			return refusal;
		insert(&m, &regions[i]);
	}
	*memory = m;
	return MEMORY_TAKEN;
}

static inline const struct memory_region *find(const struct memory *m, uint64_t guest)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct memory_region *r = &m->region[middle];

		if (guest < r->guest)
			high = middle;
		else if (guest - r->guest >= r->size)
			low = middle + 1;
		else
			return r;
	}
	return NULL;
}

/* The part of a range in its first region; nothing if there is no region. */
static inline struct iovec first_piece(const struct memory *m, uint64_t guest, uint64_t len)
{
	const struct memory_region *r = find(m, guest);
	struct iovec piece = { NULL, 0 };
	uint64_t left;

	if (r) {
		left = r->size - (guest - r->guest);
		piece.iov_base = r->host + (guest - r->guest);
		piece.iov_len = (size_t)(len < left ? len : left);
	}
	return piece;
}

void *memory_map(const struct memory *memory, uint64_t guest, uint64_t len)
{
	struct iovec piece = first_piece(memory, guest, len);

	return len && piece.iov_len == len ? piece.iov_base : NULL;
}

void *memory_map_user(const struct memory *memory, uint64_t user, uint64_t len)
{
	size_t i;

	for (i = 0; i < memory->count && len; i++) {
		const struct memory_region *r = &memory->region[i];
		uint64_t off = user - r->user;

		if (user >= r->user && off < r->size && len <= r->size - off)
			return r->host + off;
	}
	return NULL;
}

size_t memory_split(const struct memory *memory, uint64_t guest, uint64_t len,
		    struct iovec *iov, size_t room)
{
	struct iovec piece = first_piece(memory, guest, len);
	size_t n = 0;

	/* Usually the first region has all of it. */
	if (len && piece.iov_len == len) {
		if (room)
			*iov = piece;
		return 1;
	}
	/* Ranges do not wrap to guest address 0. */
	if (!len || wraps(guest, len, UINT64_MAX))
		return 0;
	while (len) {
		piece = first_piece(memory, guest, len);
		if (!piece.iov_len)
			return 0;
		if (n < room)
			iov[n] = piece;
		n++;
		guest += piece.iov_len;
		len -= piece.iov_len;
	}
	return n;
}

bool memory_read(const struct memory *memory, uint64_t guest, void *out, size_t len)
{
	uint8_t *to = out;

	if (!len || wraps(guest, len, UINT64_MAX))
		return false;
	while (len) {
		struct iovec piece = first_piece(memory, guest, len);

		if (!piece.iov_len)
			return false;
		memcpy(to, piece.iov_base, piece.iov_len);
		to += piece.iov_len;
		guest += piece.iov_len;
		len -= piece.iov_len;
	}
	return true;
}

uint64_t memory_log_size(const struct memory *memory)
{
	const struct memory_region *last;

	if (!memory->count)
		return 0;
	last = &memory->region[memory->count - 1];
	return (last->guest + (last->size - 1)) / DIRTY_PAGE / 8 + 1;
}
