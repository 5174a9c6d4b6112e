// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * batch.c - many small reads or writes on one descriptor in few system calls
 */
#include "batch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "ground/bytes.h"

/* How often to submit operations to a kernel that is short of memory. */
#define TRIES 1000

static bool ring_restrict(struct io_uring *ring)
{
	struct io_uring_restriction allow[] = {
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_READ },
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_READ_FIXED },
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITE },
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITE_FIXED },
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITEV },
		{ .opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED,
		  .sqe_flags = IOSQE_FIXED_FILE },
		{ .opcode = IORING_RESTRICTION_REGISTER_OP,
		  .register_op = IORING_UNREGISTER_FILES },
	};

	return !io_uring_register_restrictions(ring, allow, ARRAY_LENGTH(allow)) &&
		!io_uring_enable_rings(ring);
}

static bool ring_open(struct batch *b)
{
	if (io_uring_queue_init(BATCH_MAX, &b->ring, IORING_SETUP_R_DISABLED))
		return false;
	b->registered = b->area.iov_len && !io_uring_register_buffers(&b->ring, &b->area, 1);
	if (!io_uring_register_files(&b->ring, &b->fd, 1) && ring_restrict(&b->ring))
		return true;
	io_uring_queue_exit(&b->ring);
	return false;
}

static void ring_close(struct batch *b)
{
	if (!b->uring)
		return;
	io_uring_unregister_files(&b->ring);
	io_uring_queue_exit(&b->ring);
	b->uring = false;
}

/* A tap that never blocks its writers: QEMU's default, sndbuf=0. */
static bool never_full(int fd)
{
	int room = 0;

	return !syscall(SYS_ioctl, fd, TUNGETSNDBUF, &room) && room == INT_MAX;
}

void batch_open(struct batch *b, int fd, struct iovec area, bool uring)
{
	b->fd = fd;
	b->count = 0;
	b->area = area;
	b->registered = false;
	b->nowait = true;
	b->never_full = never_full(fd);
	b->uring = uring && ring_open(b);
}

void batch_close(struct batch *b)
{
	ring_close(b);
	b->count = 0;
}

/* By system call number: the shim replaces read(2) and write(2) of the process. */
static int op_call(const struct batch *b, const struct batch_op *op)
{
	static const long number[] = {
		[BATCH_WRITE] = SYS_write, [BATCH_WRITEV] = SYS_writev, [BATCH_READ] = SYS_read,
	};
	long n;

	do {
		n = syscall(number[op->kind], b->fd, op->bytes, (unsigned long)op->len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (int)n;
}

static bool in_area(const struct batch *b, const struct batch_op *op)
{
	size_t at = (size_t)(op->bytes - (uint8_t *)b->area.iov_base);

	return b->registered && op->kind != BATCH_WRITEV && at < b->area.iov_len;
}

static void op_prepare(const struct batch *b, const struct batch_op *op, struct io_uring_sqe *sqe)
{
	static const uint8_t opcode[][2] = {
		[BATCH_WRITE] = { IORING_OP_WRITE, IORING_OP_WRITE_FIXED },
		[BATCH_WRITEV] = { IORING_OP_WRITEV, IORING_OP_WRITEV },
		[BATCH_READ] = { IORING_OP_READ, IORING_OP_READ_FIXED },
	};

	io_uring_prep_rw(opcode[op->kind][in_area(b, op)], sqe, 0, op->bytes, op->len, 0);
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->rw_flags = b->nowait ? RWF_NOWAIT : 0;
	sqe->user_data = (uint64_t)(op - b->op);
}

static void op_finish(struct batch_op *op, int result)
{
	op->result = result;
	op->done = result != -EAGAIN && result != -EINTR;
}

/* Nothing was done: try again without RWF_NOWAIT. */
static bool learn_nowait(struct batch *b)
{
	unsigned int i;
	bool again = false;

	for (i = 0; b->nowait && i < b->count; i++)
		if (b->op[i].done && b->op[i].result == -EOPNOTSUPP) {
			b->op[i].done = false;
			b->op[i].result = -EAGAIN;
			again = true;
		}
	b->nowait &= !again;
	return again;
}

/* Can the ring be used without blocking, and does it keep the order? */
static bool ring_suits(const struct batch *b)
{
	return b->uring && (b->op[0].kind == BATCH_READ ? b->nowait : b->never_full);
}

static unsigned int ring_reap(struct batch *b)
{
	struct io_uring_cqe *cqe;
	unsigned int head, n = 0;

	io_uring_for_each_cqe(&b->ring, head, cqe) {
		op_finish(&b->op[cqe->user_data], cqe->res);
		n++;
	}
	io_uring_cq_advance(&b->ring, n);
	return n;
}

static unsigned int ring_prepare(struct batch *b)
{
	unsigned int i, n = 0;

	for (i = 0; i < b->count; i++)
		if (!b->op[i].done) {
			op_prepare(b, &b->op[i], io_uring_get_sqe(&b->ring));
			n++;
		}
	return n;
}

/* Return: whether the kernel took them */
static bool ring_run(struct batch *b, unsigned int *calls)
{
	unsigned int waiting = ring_prepare(b);

	while (waiting) {
		int ret = io_uring_submit_and_wait(&b->ring, waiting);

		if (++*calls > TRIES || (ret < 0 && ret != -EINTR && ret != -EAGAIN &&
					 ret != -EBUSY))
			return false;
		waiting -= ring_reap(b);
	}
	return true;
}

static unsigned int call_each(struct batch *b)
{
	unsigned int i, calls = 0;

	for (i = 0; i < b->count; i++)
		if (!b->op[i].done) {
			op_finish(&b->op[i], op_call(b, &b->op[i]));
			calls++;
			/* No room, or no frame: the same holds for the operations behind it. */
			if (!b->op[i].done)
				break;
		}
	return calls;
}

unsigned int batch_run(struct batch *b)
{
	unsigned int i, pending = 0, calls = 0;

	for (i = 0; i < b->count; i++)
		if (!b->op[i].done) {
			b->op[i].result = -EAGAIN;
			pending++;
		}
	/* A single operation is cheaper as a plain system call. */
	while (pending > 1 && ring_suits(b)) {
		if (ring_run(b, &calls)) {
			if (!learn_nowait(b))
				return calls;
			continue;
		}
		/* A ring that fails will fail again, and no operation may stay in it. */
		ring_close(b);
	}
	return calls + call_each(b);
}

void batch_trim(struct batch *b, unsigned int count)
{
	b->count -= count;
	memmove(b->op, b->op + count, b->count * sizeof(*b->op));
}
