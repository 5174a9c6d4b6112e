/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pieces.h - sequential access to bytes in an iovec array
 *
 * No function goes past the last piece, whatever length is asked for.
 */
#ifndef TAPCOMPAT_GROUND_PIECES_H
#define TAPCOMPAT_GROUND_PIECES_H

#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

/* The position: @at bytes into the first of @count pieces. */
struct pieces {
	const struct iovec *iov;
	size_t count;
	size_t at;
};

/**
 * pieces_next() - the longest contiguous run from here; move past it
 * @most: at most so many bytes
 * Return: its address and length; length 0 at the end
 */
static inline struct iovec pieces_next(struct pieces *p, size_t most)
{
	struct iovec run = { NULL, 0 };

	while (p->count && !run.iov_len && most) {
		size_t left = p->iov->iov_len - p->at;

		run.iov_base = (char *)p->iov->iov_base + p->at;
		run.iov_len = left < most ? left : most;
		p->at += run.iov_len;
		if (run.iov_len < left)
			break;
		p->iov++;
		p->count--;
		p->at = 0;
	}
	return run;
}

/* Slow paths of the functions below, for more than one piece. */
size_t pieces_read_each(struct pieces *p, void *out, size_t len);
size_t pieces_write_each(struct pieces *p, const void *in, size_t len);
size_t pieces_skip_each(struct pieces *p, size_t len);

/**
 * pieces_run() - @len contiguous bytes from here; move past them
 * Return: their address; NULL, and the position is unchanged, if they are not contiguous
 */
static inline void *pieces_run(struct pieces *p, size_t len)
{
	size_t left = p->count ? p->iov->iov_len - p->at : 0;
	char *run;

	if (!left || left < len)
		return NULL;
	run = (char *)p->iov->iov_base + p->at;
	p->at += len;
	if (left == len) {
		p->iov++;
		p->count--;
		p->at = 0;
	}
	return run;
}

/**
 * pieces_read() - copy the next bytes and move past them
 * Return: the number of bytes, at most @len
 */
static inline size_t pieces_read(struct pieces *p, void *out, size_t len)
{
	const void *run = pieces_run(p, len);

	if (!run)
		return pieces_read_each(p, out, len);
	memcpy(out, run, len);
	return len;
}

/**
 * pieces_write() - the same, in the other direction
 */
static inline size_t pieces_write(struct pieces *p, const void *in, size_t len)
{
	void *run = pieces_run(p, len);

	if (!run)
		return pieces_write_each(p, in, len);
	memcpy(run, in, len);
	return len;
}

/**
 * pieces_skip() - move past the next bytes
 */
static inline size_t pieces_skip(struct pieces *p, size_t len)
{
	return pieces_run(p, len) ? len : pieces_skip_each(p, len);
}

#endif /* TAPCOMPAT_GROUND_PIECES_H */
