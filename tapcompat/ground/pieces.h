/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pieces.h - a way through bytes that lie in several pieces
 *
 * None of this goes beyond the last piece, whatever it is asked for.
 */
#ifndef TAPCOMPAT_GROUND_PIECES_H
#define TAPCOMPAT_GROUND_PIECES_H

#include <stddef.h>
#include <sys/uio.h>

/* Where one is: @at bytes into the first of @count pieces. */
struct pieces {
	const struct iovec *iov;
	size_t count;
	size_t at;
};

/**
 * pieces_read() - copy the next bytes and go on behind them
 * Return: how many there were, at most @len
 */
size_t pieces_read(struct pieces *p, void *out, size_t len);

/**
 * pieces_write() - the same, in the other direction
 */
size_t pieces_write(struct pieces *p, const void *in, size_t len);

/**
 * pieces_skip() - go on
 */
size_t pieces_skip(struct pieces *p, size_t len);

/**
 * pieces_next() - the longest run of bytes that lies in one piece, and go on behind it
 * @most: bytes
 * Return: its place and length; a length of 0 at the end
 */
struct iovec pieces_next(struct pieces *p, size_t most);

#endif /* TAPCOMPAT_GROUND_PIECES_H */
