// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * batch.c - many operations, by io_uring and one by one
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include <linux/if_tun.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>

#include "device/batch.h"
#include "kernel/tap.h"
#include "packet/vnet.h"
#include "port_fixture.h"

#define AREA 4096

FIXTURE(batch) {
	struct port port;
	struct batch b;
	uint8_t *area;
};

FIXTURE_VARIANT(batch) {
	bool uring;
};

FIXTURE_VARIANT_ADD(batch, io_uring) { .uring = true };
FIXTURE_VARIANT_ADD(batch, one_by_one) { .uring = false };

FIXTURE_SETUP(batch)
{
	ASSERT_TRUE(port_open(&self->port, 1 << 20));
	self->area = aligned_alloc(4096, AREA);
	memset(self->area, 0, AREA);
	batch_open(&self->b, self->port.near, (struct iovec){ self->area, AREA }, variant->uring);
	if (variant->uring && !self->b.uring)
		SKIP(return, "this host has no io_uring");
	/* One thread alone writes and reads here: nothing can be overtaken. */
	self->b.never_full = true;
}

FIXTURE_TEARDOWN(batch)
{
	batch_close(&self->b);
	port_close(&self->port);
	free(self->area);
}

static void add_write(struct batch *b, uint8_t *bytes, uint32_t len)
{
	struct batch_op *op = batch_add(b, BATCH_WRITE);

	op->bytes = bytes;
	op->len = len;
}

static void add_read(struct batch *b, uint8_t *bytes, uint32_t len)
{
	struct batch_op *op = batch_add(b, BATCH_READ);

	op->bytes = bytes;
	op->len = len;
}

/* From the area and from elsewhere, in one piece and in several: in order. */
TEST_F(batch, writes_in_order)
{
	uint8_t elsewhere[16] = { 2, 2 }, got[64];
	struct iovec iov[2] = { { self->area, 1 }, { elsewhere, 2 } };
	struct batch_op *op;

	self->area[0] = 1;
	self->area[AREA - 1] = 4;
	add_write(&self->b, self->area, 3);
	add_write(&self->b, elsewhere, 2);
	op = batch_add(&self->b, BATCH_WRITEV);
	op->iov = iov;
	op->len = 2;
	add_write(&self->b, self->area + AREA - 1, 1);
	EXPECT_GT(batch_run(&self->b), 0);
	EXPECT_EQ(3, self->b.op[0].result);
	EXPECT_EQ(2, self->b.op[1].result);
	EXPECT_EQ(3, self->b.op[2].result);
	EXPECT_EQ(1, self->b.op[3].result);
	EXPECT_EQ(3, read(self->port.far, got, sizeof(got)));
	EXPECT_EQ(1, got[0]);
	EXPECT_EQ(2, read(self->port.far, got, sizeof(got)));
	EXPECT_EQ(2, got[0]);
	EXPECT_EQ(3, read(self->port.far, got, sizeof(got)));
	EXPECT_EQ(1, got[0]);
	EXPECT_EQ(2, got[1]);
	EXPECT_EQ(1, read(self->port.far, got, sizeof(got)));
	EXPECT_EQ(4, got[0]);
}

/* As many as there can be, again and again; what is done is not done again. */
TEST_F(batch, full)
{
	unsigned int round, i;
	uint8_t got[8];

	for (round = 0; round < 100; round++) {
		self->b.count = 0;
		for (i = 0; i < BATCH_MAX; i++)
			add_write(&self->b, self->area + i, 1);
		for (i = 0; i < BATCH_MAX; i++)
			self->area[i] = (uint8_t)i;
		self->b.op[5].done = true;
		batch_run(&self->b);
		for (i = 0; i < BATCH_MAX; i++) {
			if (i == 5)
				continue;
			ASSERT_EQ(1, read(self->port.far, got, sizeof(got)));
			ASSERT_EQ(i, got[0]);
		}
		ASSERT_EQ(-1, read(self->port.far, got, sizeof(got)));
	}
}

/* Nothing blocks: an operation without data returns at once. */
TEST_F(batch, reads_what_there_is)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(2, write(self->port.far, "ab", 2));
	for (i = 0; i < 8; i++)
		add_read(&self->b, self->area + 100 * i, 100);
	batch_run(&self->b);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(i < 3 ? 2 : -EAGAIN, self->b.op[i].result);
	EXPECT_TRUE(self->b.op[2].done);
	EXPECT_FALSE(self->b.op[3].done);
	EXPECT_EQ('b', self->area[201]);
}

/* What did not go is tried again, and nothing that did. */
TEST_F(batch, back_pressure)
{
	unsigned int i, sent = 0, got = 0;
	int room = 4096;
	uint8_t frame[1024];

	self->b.never_full = false;
	setsockopt(self->port.near, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	for (i = 0; i < BATCH_MAX; i++)
		add_write(&self->b, self->area, 1000);
	while (got < BATCH_MAX) {
		batch_run(&self->b);
		for (sent = 0; sent < self->b.count && self->b.op[sent].done; sent++)
			EXPECT_EQ(1000, self->b.op[sent].result);
		batch_trim(&self->b, sent);
		while (read(self->port.far, frame, sizeof(frame)) > 0)
			got++;
		ASSERT_GT(sent + self->b.count, 0);
	}
	EXPECT_EQ(0, self->b.count);
	EXPECT_EQ(BATCH_MAX, got);
}

TEST_F(batch, errors)
{
	close(self->port.far);
	self->port.far = open("/dev/null", O_RDONLY | O_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	add_write(&self->b, self->area, 1);
	add_write(&self->b, self->area, 1);
	batch_run(&self->b);
	EXPECT_TRUE(self->b.op[0].done);
	EXPECT_EQ(-EPIPE, self->b.op[0].result);
	EXPECT_EQ(-EPIPE, self->b.op[1].result);
}

/* The ring is for frames on this descriptor: it opens nothing, and reads no other file. */
TEST_F(batch, ring_can_do_nothing_else)
{
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	int other;

	if (!variant->uring)
		return;
	other = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	sqe = io_uring_get_sqe(&self->b.ring);
	io_uring_prep_openat(sqe, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
	io_uring_submit_and_wait(&self->b.ring, 1);
	ASSERT_EQ(0, io_uring_wait_cqe(&self->b.ring, &cqe));
	EXPECT_EQ(-EACCES, cqe->res);
	io_uring_cqe_seen(&self->b.ring, cqe);
	sqe = io_uring_get_sqe(&self->b.ring);
	io_uring_prep_read(sqe, other, self->area, 1, 0);
	io_uring_submit_and_wait(&self->b.ring, 1);
	ASSERT_EQ(0, io_uring_wait_cqe(&self->b.ring, &cqe));
	EXPECT_EQ(-EACCES, cqe->res);
	io_uring_cqe_seen(&self->b.ring, cqe);
	close(other);
}

static void forbid(int number)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), number, 0);
	seccomp_load(ctx);
	seccomp_release(ctx);
}

/* Row F4: a container without io_uring. */
TEST_F(batch, forbidden_from_the_start)
{
	struct batch b;

	forbid(SCMP_SYS(io_uring_setup));
	batch_open(&b, self->port.near, (struct iovec){ self->area, AREA }, true);
	EXPECT_FALSE(b.uring);
	add_write(&b, self->area, 1);
	add_write(&b, self->area, 1);
	EXPECT_EQ(2, batch_run(&b));
	EXPECT_EQ(1, b.op[1].result);
	batch_close(&b);
}

/* Row F3: a ring that fails when it is in use. */
TEST_F(batch, forbidden_on_the_way)
{
	uint8_t got[8];

	forbid(SCMP_SYS(io_uring_enter));
	add_write(&self->b, self->area, 1);
	add_write(&self->b, self->area, 2);
	batch_run(&self->b);
	EXPECT_FALSE(self->b.uring);
	EXPECT_EQ(1, self->b.op[0].result);
	EXPECT_EQ(2, self->b.op[1].result);
	EXPECT_EQ(1, read(self->port.far, got, sizeof(got)));
	EXPECT_EQ(2, read(self->port.far, got, sizeof(got)));
	EXPECT_EQ(-1, read(self->port.far, got, sizeof(got)));
}

/* A tap, which supports RWF_NOWAIT since Linux 6.4 and needs it since then. */
TEST_F(batch, tap)
{
	uint8_t frame[VNET_LEGACY + 60] = { 0 };
	int tap, i, room = 5000;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	tap = tap_open("tap0", false);
	ASSERT_GE(tap, 0);
	batch_close(&self->b);
	batch_open(&self->b, tap, (struct iovec){ self->area, AREA }, variant->uring);
	memcpy(self->area, frame, sizeof(frame));
	for (i = 0; i < 2; i++)
		add_write(&self->b, self->area, sizeof(frame));
	batch_run(&self->b);
	/* Row F2: the device is down. */
	EXPECT_EQ(-EIO, self->b.op[0].result);
	EXPECT_EQ(-EIO, self->b.op[1].result);
	self->b.count = 0;
	for (i = 0; i < 2; i++)
		add_read(&self->b, self->area + 1000 * i, 1000);
	batch_run(&self->b);
	EXPECT_EQ(-EAGAIN, self->b.op[0].result);
	EXPECT_EQ(-EAGAIN, self->b.op[1].result);
	/* Where writers may have to wait, none goes by the ring. */
	EXPECT_TRUE(self->b.never_full);
	ASSERT_EQ(0, ioctl(tap, TUNSETSNDBUF, &room));
	batch_close(&self->b);
	batch_open(&self->b, tap, (struct iovec){ self->area, AREA }, variant->uring);
	EXPECT_FALSE(self->b.never_full);
	close(tap);
}

TEST_HARNESS_MAIN
