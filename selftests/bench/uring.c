// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uring.c - io_uring, registered memory and file, and nothing else
 */
#include "uring.h"

#include "bench.h"

void uring_open(struct io_uring *ring, int fd, const struct iovec *area, unsigned int count)
{
	int ret = io_uring_queue_init(URING_BATCH, ring, 0);

	if (!ret)
		ret = io_uring_register_buffers(ring, area, count);
	if (!ret)
		ret = io_uring_register_files(ring, &fd, 1);
	if (ret)
		bench_die("io_uring", ret);
}

void uring_write(struct io_uring *ring, const void *p, unsigned int len, int buffer)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_write_fixed(sqe, 0, p, len, 0, buffer);
	sqe->flags = IOSQE_FIXED_FILE;
}

void uring_read(struct io_uring *ring, void *p, unsigned int len, int buffer)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_read_fixed(sqe, 0, p, len, 0, buffer);
	sqe->flags = IOSQE_FIXED_FILE;
}

unsigned int uring_run(struct io_uring *ring, unsigned int count, int len)
{
	struct io_uring_cqe *cqe;
	unsigned int head, n = 0, fine = 0;

	io_uring_submit_and_wait(ring, count);
	io_uring_for_each_cqe(ring, head, cqe) {
		fine += cqe->res == len;
		n++;
	}
	io_uring_cq_advance(ring, n);
	return fine;
}
