// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * faults.c - operations on a tap that fail: rows F3 and F5
 *
 * The program is linked so that it decides what a system call or an operation of the ring
 * returns.  An operation that fails has done nothing, as with the kernel.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "device/batch.h"
#include "ground/bytes.h"
#include "port_fixture.h"

#define AREA 4096
#define FRAME 100

/* For the operations to come, one after the other: an error, or how many bytes go; 0: all. */
static const int *faults;
static size_t fault_count;

static int next_fault(void)
{
	if (!fault_count)
		return 0;
	fault_count--;
	return *faults++;
}

long __wrap_syscall(long number, ...);
long __real_syscall(long number, ...);
int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned int wait);
int __real_io_uring_submit_and_wait(struct io_uring *ring, unsigned int wait);

long __wrap_syscall(long number, ...)
{
	bool moves = number == SYS_read || number == SYS_write || number == SYS_writev;
	int fault = moves ? next_fault() : 0;
	unsigned long arg[3];
	va_list args;

	va_start(args, number);
	arg[0] = va_arg(args, unsigned long);
	arg[1] = va_arg(args, unsigned long);
	arg[2] = va_arg(args, unsigned long);
	va_end(args);
	if (fault < 0) {
		errno = -fault;
		return -1;
	}
	return __real_syscall(number, arg[0], arg[1], fault ? (unsigned long)fault : arg[2]);
}

/* An operation that the ring does not permit is replaced, and does nothing. */
int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned int wait)
{
	/* The kernel takes what is behind such an operation at the next call only. */
	static int result[BATCH_MAX];
	struct io_uring_cqe *cqe;
	unsigned int i;
	int ret;

	for (i = ring->sq.sqe_head; i != ring->sq.sqe_tail; i++) {
		struct io_uring_sqe *sqe = &ring->sq.sqes[i & *ring->sq.kring_mask];
		int fault = next_fault();

		if (fault < 0)
			sqe->opcode = IORING_OP_NOP;
		else if (fault)
			sqe->len = (uint32_t)fault;
		result[sqe->user_data] = fault;
	}
	ret = __real_io_uring_submit_and_wait(ring, wait);
	io_uring_for_each_cqe(ring, i, cqe)
		if (result[cqe->user_data] < 0)
			cqe->res = result[cqe->user_data];
	return ret;
}

FIXTURE(faults) {
	struct port port;
	struct batch b;
	uint8_t *area;
};

FIXTURE_VARIANT(faults) {
	bool uring;
};

FIXTURE_VARIANT_ADD(faults, io_uring) { .uring = true };
FIXTURE_VARIANT_ADD(faults, one_by_one) { .uring = false };

FIXTURE_SETUP(faults)
{
	fault_count = 0;
	ASSERT_TRUE(port_open(&self->port, 1 << 20));
	self->area = aligned_alloc(4096, AREA);
	memset(self->area, 0, AREA);
	batch_open(&self->b, self->port.near, (struct iovec){ self->area, AREA }, variant->uring);
	if (variant->uring && !self->b.uring)
		SKIP(return, "this host has no io_uring");
	self->b.never_full = true;
}

FIXTURE_TEARDOWN(faults)
{
	batch_close(&self->b);
	port_close(&self->port);
	free(self->area);
}

/* Frames of which each has its number in its first byte. */
static void add_frames(FIXTURE_DATA(faults) *self, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct batch_op *op = batch_add(&self->b, BATCH_WRITE);

		op->bytes = self->area + i;
		op->len = FRAME;
		self->area[i] = (uint8_t)i;
	}
}

/* Return: the number of the next frame to arrive, or -1 */
static int arrived(FIXTURE_DATA(faults) *self, ssize_t *len)
{
	uint8_t got[FRAME];

	*len = read(self->port.far, got, sizeof(got));
	return *len < 0 ? -1 : got[0];
}

/* Row F3: what must not be repeated has its result, and what did nothing is done later. */
TEST_F(faults, F3_write_results)
{
	static const int row[] = {
		-ENOBUFS, -ENOMEM, -ECANCELED, -EIO, -EBADFD, 60 /* a part of it */, 0,
	};
	ssize_t len;
	size_t i;

	faults = row;
	fault_count = ARRAY_LENGTH(row);
	add_frames(self, ARRAY_LENGTH(row));
	batch_run(&self->b);
	for (i = 0; i < ARRAY_LENGTH(row); i++) {
		EXPECT_TRUE(self->b.op[i].done);
		EXPECT_EQ(row[i] ? row[i] : FRAME, self->b.op[i].result) {
			TH_LOG("operation %zu", i);
		}
	}
	/* Once more: nothing is repeated. */
	batch_run(&self->b);
	EXPECT_EQ(5, arrived(self, &len));
	EXPECT_EQ(60, len);
	EXPECT_EQ(6, arrived(self, &len));
	EXPECT_EQ(FRAME, len);
	EXPECT_EQ(-1, arrived(self, &len));
	EXPECT_EQ(variant->uring, self->b.uring);
}

/* Row F3: interrupted, or no room, now and then: each frame arrives once, in its order. */
TEST_F(faults, F3_write_again)
{
	static const int row[] = { -EINTR, -EINTR, -EAGAIN, 0, -EINTR, -EAGAIN, -EINTR };
	unsigned int sent, i, got = 0, runs;
	ssize_t len;

	/* With others behind it the ring would overtake: it is used where nothing is ever full. */
	faults = row;
	fault_count = ARRAY_LENGTH(row);
	add_frames(self, 1);
	for (i = 1; i < 8; i++) {
		for (runs = 0; self->b.count && runs < 20; runs++) {
			batch_run(&self->b);
			for (sent = 0; sent < self->b.count && self->b.op[sent].done; sent++)
				EXPECT_EQ(FRAME, self->b.op[sent].result);
			batch_trim(&self->b, sent);
		}
		ASSERT_EQ(0, self->b.count);
		EXPECT_EQ(0, arrived(self, &len));
		got++;
		add_frames(self, 1);
	}
	EXPECT_EQ(7, got);
	EXPECT_EQ(0, fault_count);
}

/* A system call that was interrupted is repeated at once: a caller takes the tap for full else. */
TEST_F(faults, F3_interrupted_call)
{
	static const int row[] = { -EINTR };

	faults = row;
	fault_count = 1;
	add_frames(self, 1);
	batch_run(&self->b);
	EXPECT_TRUE(self->b.op[0].done);
	EXPECT_EQ(FRAME, self->b.op[0].result);
}

/* The same of two operations, by the ring where there is one. */
TEST_F(faults, F3_interrupted_in_a_batch)
{
	static const int row[] = { -EINTR, -EINTR };
	ssize_t len;
	int i;

	faults = row;
	fault_count = ARRAY_LENGTH(row);
	add_frames(self, 2);
	for (i = 0; i < 3; i++)
		batch_run(&self->b);
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(self->b.op[i].done);
		EXPECT_EQ(FRAME, self->b.op[i].result);
		EXPECT_EQ(i, arrived(self, &len));
	}
	EXPECT_EQ(-1, arrived(self, &len));
}

/* Row F3: reads.  No frame that was read is taken for a failure, and none is read twice. */
TEST_F(faults, F3_reads)
{
	static const int row[] = { -EINTR, -ENOMEM, 0, -EAGAIN };
	unsigned int i, read_ok = 0, runs;
	uint8_t frame[FRAME] = { 0 };

	for (i = 0; i < 3; i++) {
		frame[0] = (uint8_t)i;
		ASSERT_EQ(FRAME, write(self->port.far, frame, FRAME));
	}
	faults = row;
	fault_count = ARRAY_LENGTH(row);
	for (runs = 0; runs < 20 && read_ok < 3; runs++) {
		self->b.count = 0;
		for (i = 0; i < 2; i++) {
			struct batch_op *op = batch_add(&self->b, BATCH_READ);

			op->bytes = self->area + i * FRAME;
			op->len = FRAME;
		}
		batch_run(&self->b);
		for (i = 0; i < 2; i++)
			if (self->b.op[i].result > 0)
				EXPECT_EQ(read_ok++, self->area[i * FRAME]);
	}
	EXPECT_EQ(3, read_ok);
}

/* Row F5: the submission queue is full each time, and each operation ends exactly once. */
TEST_F(faults, F5_full_queue)
{
	unsigned int round, i;
	ssize_t len;

	for (round = 0; round < 200; round++) {
		self->b.count = 0;
		add_frames(self, BATCH_MAX);
		batch_run(&self->b);
		for (i = 0; i < BATCH_MAX; i++) {
			ASSERT_TRUE(self->b.op[i].done);
			ASSERT_EQ(FRAME, self->b.op[i].result);
			ASSERT_EQ(i, arrived(self, &len));
		}
		ASSERT_EQ(-1, arrived(self, &len));
	}
}

TEST_HARNESS_MAIN
