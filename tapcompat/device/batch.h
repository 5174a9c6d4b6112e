/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * batch.h - many small reads or writes on one descriptor in few system calls
 *
 * Theory of operation
 *
 * A tap moves one frame per system call, and the call is a large part of the cost of a
 * frame.  So operations are collected and submitted together by one io_uring_enter(2).  Where
 * io_uring is not available (a container's seccomp filter, kernel.io_uring_disabled, an old
 * kernel, RLIMIT_MEMLOCK), they are done one by one.  Either way batch_run() returns when
 * every operation has its result: none is in flight outside of it, so the caller may change
 * the memory that they point to at any other time.
 *
 * An operation that would block ends with -EAGAIN.  A non-blocking descriptor is not enough
 * for that with io_uring, which then waits by itself; RWF_NOWAIT is.  Taps support it since
 * Linux 6.4; with older kernels reads are done one by one.  Writes use the ring only for a tap
 * with an unlimited send buffer, QEMU's default: with a limit, a write that found no room would
 * be overtaken by the next one.
 *
 * io_uring releases its reference to a file some time after the ring is closed.  To make the
 * tap free for its next user at once, the file is unregistered before that.
 *
 * Registered buffers save the kernel the page table walk.  IORING_REGISTER_RESTRICTIONS limits
 * the ring to the operations used here.
 */
#ifndef TAPCOMPAT_DEVICE_BATCH_H
#define TAPCOMPAT_DEVICE_BATCH_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define BATCH_MAX 64	/* operations; more gain nothing measurable */

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
	bool uring;		/* false: one system call per operation */
	bool registered;	/* the area is registered with the ring */
	bool nowait;		/* the descriptor supports RWF_NOWAIT, as far as is known */
	bool never_full;	/* writes never find it full */
	struct iovec area;
	struct io_uring ring;
	struct batch_op op[BATCH_MAX];
};

/**
 * batch_open() - prepare, with io_uring if possible
 * @fd: non-blocking; stays the caller's
 * @area: the buffer that most operations use
 * @uring: false: do not use io_uring
 */
void batch_open(struct batch *b, int fd, struct iovec area, bool uring);
void batch_close(struct batch *b);

/**
 * batch_add() - add an operation; the caller ensures that there are at most BATCH_MAX
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
 * batch_run() - do all operations that are not done
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
