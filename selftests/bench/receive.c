// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * receive.c - from a tap's queue into a guest's buffers, beside system calls without rings
 *
 * The queue is filled first, by a socket of the host, and drained on the clock.  The
 * driver's part, which gives the buffers back, is the guest's and is not counted.  Without
 * rings the frames are read straight to where the guest's buffers are: some memory has to
 * be written to in any case, and one buffer for all would be a shorter way than there is.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend.h"
#include "bench.h"
#include "packets.h"
#include "parts.h"
#include "sink.h"
#include "uring.h"

#define RING 256
#define BUFFER 1536		/* buffer size of Linux guests with a common MTU */
#define FRAMES RING		/* fewer than a tap's queue has room for */
#define BATCH 16		/* the device has as many */
#define BURSTS 8		/* of a round */

enum { READ, RING_READ, URING_READ, CASES };

struct receive_bench {
	int fd, sender;
	struct guest guest;
	struct backend backend;
	struct io_uring ring;
	uint8_t *buffers;	/* RING of them, the guest's */
};

static uint8_t *buffer(const struct receive_bench *r, unsigned int n)
{
	return r->buffers + n % RING * BUFFER;
}

/* With what we send, and nothing that was there before; the driver is ready, too. */
static void fill_queue(struct receive_bench *r)
{
	static uint8_t payload[SEGMENT_BYTES];
	unsigned int i;

	while (read(r->fd, r->buffers, BUFFER) > 0)
		;
	guest_publish(&r->guest, GUEST_RX, (uint16_t)(RING - guest_waiting(&r->guest, GUEST_RX)));
	for (i = 0; i < FRAMES; i++)
		if (send(r->sender, payload, sizeof(payload), 0) != sizeof(payload))
			bench_die("send", errno);
}

/* Many, as the first one finds the caches full of what was measured before it. */
static double bursts(struct receive_bench *r, unsigned int (*drain)(struct receive_bench *r))
{
	unsigned int i, frames;
	uint64_t start, ns = 0;

	for (i = 0; i < BURSTS; i++) {
		fill_queue(r);
		start = bench_cpu();
		frames = drain(r);
		ns += bench_cpu() - start;
		if (frames != FRAMES)
			return -1;
	}
	return (double)ns / (BURSTS * FRAMES);
}

static unsigned int drain_each(struct receive_bench *r)
{
	unsigned int n = 0;

	while (read(r->fd, buffer(r, n), BUFFER) == FRAME)
		n++;
	return n;
}

/* As many as there are: what a device that does not know that does beyond it is its own. */
static unsigned int drain_uring(struct receive_bench *r)
{
	unsigned int n, i, fine = 0;

	for (n = 0; n < FRAMES; n += BATCH) {
		for (i = 0; i < BATCH; i++)
			uring_read(&r->ring, buffer(r, n + i), BUFFER, 0);
		fine += uring_run(&r->ring, BATCH, FRAME);
	}
	return fine;
}

static unsigned int drain_device(struct receive_bench *r)
{
	const uint64_t *packets = &r->backend.stat.way[STAT_RECEIVE].count[STAT_PACKETS];
	uint64_t before = *packets;

	while (device_turn(r->backend.device))
		;
	return (unsigned int)(*packets - before);
}

static double read_each(void *arg)
{
	return bursts(arg, drain_each);
}

static double read_uring(void *arg)
{
	return bursts(arg, drain_uring);
}

static double read_ring(void *arg)
{
	return bursts(arg, drain_device);
}

static void open_bench(struct receive_bench *r, int fd)
{
	struct iovec area = { .iov_len = RING * BUFFER };
	uint16_t i;

	r->fd = fd;
	r->sender = sink_sender();
	guest_open(&r->guest, 1u << 20, RING, RING);
	r->buffers = area.iov_base = guest_take(&r->guest, area.iov_len);
	for (i = 0; i < RING; i++) {
		struct iovec piece = { buffer(r, i), BUFFER };

		guest_chain(&r->guest, GUEST_RX, i, &piece, 1, VRING_DESC_F_WRITE);
	}
	backend_open(&r->backend, &r->guest, fd, false, false);
	guest_publish(&r->guest, GUEST_RX, RING);
	uring_open(&r->ring, fd, &area, 1);
}

void bench_receive(unsigned int rounds)
{
	static const struct bench_row row = {
		"frames into rings, against read", RING_READ, READ, 0.9, false, URING_READ,
	};
	static struct bench_case cases[CASES];
	struct receive_bench *r = bench_take(sizeof(*r));
	struct sink sink;

	sink_open(&sink, SINK_SOCKET, 1);
	open_bench(r, sink.fd[0]);
	cases[READ] = (struct bench_case){ .round = read_each, .arg = r };
	cases[RING_READ] = (struct bench_case){ .round = read_ring, .arg = r };
	cases[URING_READ] = (struct bench_case){ .round = read_uring, .arg = r };
	bench_run(cases, CASES, rounds);
	bench_head("a frame received");
	bench_print(&row, cases);
	backend_close(&r->backend);
	io_uring_queue_exit(&r->ring);
	close(r->sender);
	free(r);
	sink_close(&sink);
}
