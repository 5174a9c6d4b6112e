/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * batch.h - many small reads or writes on one descriptor, as few system calls
 *
 * Theory of operation
 *
 * A tap takes and gives one frame a call, and the call is a good part of what a frame
 * costs.  So operations are collected and done together: by one io_uring_enter(2), or, where
 * io_uring is not to be had (a container's filter, kernel.io_uring_disabled, an old kernel,
 * no memory that may be locked), one by one.  Either way batch_run() returns when each has
 * its result: nothing is under way outside of it, so whoever holds the queue may change
 * the memory it points to at any other time.
 *
 * What cannot be done at once comes back with -EAGAIN.  The descriptor is a non-blocking one,
 * but that is not enough for io_uring, which then waits by itself: RWF_NOWAIT is.  Taps know
 * that since Linux 6.4; on older ones reads are done one by one.  Writes go by the ring only
 * to a tap that has room without end, which is how QEMU makes them: else one that found no
 * room would be overtaken by the next one.
 *
 * io_uring lets go of a file some time after its ring was closed, and so that a tap is free
 * for the next one at once, it is taken back before.
 *
 * Operations in areas that were registered save the kernel a look at our page tables.
 * The ring may do what is done here and nothing else: IORING_REGISTER_RESTRICTIONS.
 */
#ifndef TAPCOMPAT_DEVICE_BATCH_H
#define TAPCOMPAT_DEVICE_BATCH_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define BATCH_MAX 64	/* operations; what more would gain is not to be measured */

enum batch_kind { BATCH_WRITE, BATCH_WRITEV, BATCH_READ };

struct batch_op {
	enum batch_kind kind;
	bool done;
	uint32_t len;		/* bytes, or pieces of an iovec */
	int result;		/* bytes or a negative errno, when it is done */
	union {
		uint8_t *bytes;
		const struct iovec *iov;
	};
};

struct batch {
	int fd;
	unsigned int count;
	bool uring;		/* else one by one */
	bool registered;	/* the area is known to the ring */
	bool nowait;		/* the descriptor knows RWF_NOWAIT, as far as we know */
	bool never_full;	/* it takes whatever is written */
	struct iovec area;
	struct io_uring ring;
	struct batch_op op[BATCH_MAX];
};

/**
 * batch_open() - get ready, by io_uring if possible
 * @fd: non-blocking; stays the caller's
 * @area: what most operations are in
 * @uring: false to go without
 */
void batch_open(struct batch *b, int fd, struct iovec area, bool uring);
void batch_close(struct batch *b);

/**
 * batch_add() - one more operation; the caller sees to it that there are at most BATCH_MAX
 * Return: it, with kind and done set
 */
static inline struct batch_op *batch_add(struct batch *b, enum batch_kind kind)
{
	struct batch_op *op = &b->op[b->count++];

	op->kind = kind;
	op->done = false;
	return op;
}

/**
 * batch_run() - do all that is not done
 *
 * Each has its result afterwards; it is done unless that is -EAGAIN.
 *
 * Return: how many system calls that took
 */
unsigned int batch_run(struct batch *b);

/**
 * batch_trim() - forget the first @count operations
 */
void batch_trim(struct batch *b, unsigned int count);

#endif /* TAPCOMPAT_DEVICE_BATCH_H */
