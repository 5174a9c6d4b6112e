/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uring.h - the least that frames cost the kernel: io_uring, registered memory and file,
 * and nothing else
 */
#ifndef BENCH_URING_H
#define BENCH_URING_H

#include <liburing.h>
#include <stdbool.h>

#define URING_BATCH 64

/**
 * uring_open() - a ring on one descriptor; exits on failure
 * @area: memory that operations are in, @count pieces
 */
void uring_open(struct io_uring *ring, int fd, const struct iovec *area, unsigned int count);

/**
 * uring_write(), uring_read() - one more operation, at most URING_BATCH of them
 * @buffer: the piece of the area
 */
void uring_write(struct io_uring *ring, const void *p, unsigned int len, int buffer);
void uring_read(struct io_uring *ring, void *p, unsigned int len, int buffer);

/**
 * uring_run() - do them
 * Return: how many came to @len bytes
 */
unsigned int uring_run(struct io_uring *ring, unsigned int count, int len);

#endif /* BENCH_URING_H */
