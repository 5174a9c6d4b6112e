// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pieces.c - a way through bytes that lie in several pieces
 */
#include "pieces.h"

struct iovec pieces_next(struct pieces *p, size_t most)
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

size_t pieces_read_each(struct pieces *p, void *out, size_t len)
{
	struct iovec run;
	size_t done = 0;

	while ((run = pieces_next(p, len - done)).iov_len) {
		memcpy((char *)out + done, run.iov_base, run.iov_len);
		done += run.iov_len;
	}
	return done;
}

size_t pieces_write_each(struct pieces *p, const void *in, size_t len)
{
	struct iovec run;
	size_t done = 0;

	while ((run = pieces_next(p, len - done)).iov_len) {
		memcpy(run.iov_base, (const char *)in + done, run.iov_len);
		done += run.iov_len;
	}
	return done;
}

size_t pieces_skip_each(struct pieces *p, size_t len)
{
	size_t done = 0, n;

	while ((n = pieces_next(p, len - done).iov_len))
		done += n;
	return done;
}
