/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pieces.h - a way through bytes that lie in several pieces
 *
 * None of this goes beyond the last piece, whatever it is asked for.
 */
#ifndef TAPCOMPAT_GROUND_PIECES_H
#define TAPCOMPAT_GROUND_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

/* Where one is: @at bytes into the first of @count pieces. */
struct pieces {
	const struct iovec *iov;
	size_t count;
	size_t at;
};

/**
 * pieces_next() - the longest run of bytes that lies in one piece, and go on behind it
 * @most: bytes
 * Return: its place and length; a length of 0 at the end
 */
struct iovec pieces_next(struct pieces *p, size_t most);

/* What those below come to where there is more than one piece to it. */
size_t pieces_read_each(struct pieces *p, void *out, size_t len);
size_t pieces_write_each(struct pieces *p, const void *in, size_t len);
size_t pieces_skip_each(struct pieces *p, size_t len);

/* Do the next bytes lie in one piece, with more of it behind them? */
static inline bool pieces_in_one(const struct pieces *p, size_t len)
{
	return p->count && p->iov->iov_len - p->at > len;
}

/**
 * pieces_read() - copy the next bytes and go on behind them
 * Return: how many there were, at most @len
 */
static inline size_t pieces_read(struct pieces *p, void *out, size_t len)
{
	if (!pieces_in_one(p, len))
		return pieces_read_each(p, out, len);
	memcpy(out, (char *)p->iov->iov_base + p->at, len);
	p->at += len;
	return len;
}

/**
 * pieces_write() - the same, in the other direction
 */
static inline size_t pieces_write(struct pieces *p, const void *in, size_t len)
{
	if (!pieces_in_one(p, len))
		return pieces_write_each(p, in, len);
	memcpy((char *)p->iov->iov_base + p->at, in, len);
	p->at += len;
	return len;
}

/**
 * pieces_skip() - go on
 */
static inline size_t pieces_skip(struct pieces *p, size_t len)
{
	if (!pieces_in_one(p, len))
		return pieces_skip_each(p, len);
	p->at += len;
	return len;
}

#endif /* TAPCOMPAT_GROUND_PIECES_H */
