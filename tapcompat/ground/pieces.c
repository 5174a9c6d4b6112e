// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pieces.c - sequential access to bytes in an iovec array
 */
#include "pieces.h"

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
