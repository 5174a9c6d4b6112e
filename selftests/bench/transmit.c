// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transmit.c - from a guest's rings to the tap, beside system calls without rings
 *
 * What is counted of the device is its CPU time from the available ring to the used ring,
 * the interrupt included; what the driver does to publish and to collect is the guest's.
 * The kernel's own cost is that of the same frames, ready in registered memory and as
 * many of them, by WRITE_FIXED in batches: rings and segmentation are what comes on top.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "backend.h"
#include "bench.h"
#include "packets.h"
#include "parts.h"
#include "sink.h"
#include "uring.h"

#define RING 256
#define SOURCES 16		/* super-packets that are sent in turn */
#define SUPERS 64		/* of a round */
#define FRAMES (SUPERS * SEGMENTS)
#define READY (SOURCES * SEGMENTS)	/* frames, as many bytes as the super-packets */
#define SUPER_BATCH 8
#define PIECE 32768		/* pieces of a super-packet in Linux guests */

enum {
	WRITEV, RING_SEGMENTED, RING_FRAMES, URING_FRAMES,
	WRITE_SUPER, RING_SUPER, URING_SUPER, CASES
};

struct transmit_bench {
	int fd;
	struct guest supers, whole, frames;
	struct backend segmented, passed, plain;
	uint8_t *source[SOURCES];
	uint8_t head[SEGMENTS][HEAD];
	struct io_uring frame_ring, super_ring;
	uint8_t *ready;		/* READY frames */
};

/* ---- Without rings --------------------------------------------------------- */

static double writev_each(void *arg)
{
	struct transmit_bench *t = arg;
	uint64_t start = bench_cpu();
	unsigned int i, n;

	for (i = 0; i < SUPERS; i++)
		for (n = 0; n < SEGMENTS; n++) {
			struct iovec iov[] = {
				{ t->head[n], HEAD },
				{ t->source[i % SOURCES] + HEAD + n * SEGMENT_BYTES,
				  SEGMENT_BYTES },
			};

			if (writev(t->fd, iov, 2) != FRAME)
				bench_die("writev", errno);
		}
	return (double)(bench_cpu() - start) / FRAMES;
}

/* A kernel without USO refuses it. */
static double write_super(void *arg)
{
	struct transmit_bench *t = arg;
	uint64_t start = bench_cpu();
	unsigned int i;

	for (i = 0; i < SUPERS; i++)
		if (write(t->fd, t->source[i % SOURCES], SUPER) != SUPER)
			return -1;
	return (double)(bench_cpu() - start) / FRAMES;
}

static double uring_frames(void *arg)
{
	struct transmit_bench *t = arg;
	uint64_t start = bench_cpu();
	unsigned int i, n;

	for (i = 0; i < FRAMES; i += URING_BATCH) {
		for (n = 0; n < URING_BATCH; n++)
			uring_write(&t->frame_ring, t->ready + (i + n) % READY * FRAME, FRAME, 0);
		if (uring_run(&t->frame_ring, URING_BATCH, FRAME) != URING_BATCH)
			bench_die("io_uring", EIO);
	}
	return (double)(bench_cpu() - start) / FRAMES;
}

static double uring_super(void *arg)
{
	struct transmit_bench *t = arg;
	uint64_t start = bench_cpu();
	unsigned int i, n;

	for (i = 0; i < SUPERS; i += SUPER_BATCH) {
		for (n = 0; n < SUPER_BATCH; n++)
			uring_write(&t->super_ring, t->source[(i + n) % SOURCES], SUPER,
				    (int)((i + n) % SOURCES));
		if (uring_run(&t->super_ring, SUPER_BATCH, SUPER) != SUPER_BATCH)
			return -1;
	}
	return (double)(bench_cpu() - start) / FRAMES;
}

/* ---- From rings ------------------------------------------------------------ */

static double drain(struct backend *b, uint16_t chains, unsigned int frames)
{
	uint64_t before = b->stat.way[STAT_TRANSMIT].count[STAT_FRAMES], start;
	double ns;

	guest_publish(b->guest, GUEST_TX, chains);
	start = bench_cpu();
	backend_drain(b);
	ns = (double)(bench_cpu() - start);
	return b->stat.way[STAT_TRANSMIT].count[STAT_FRAMES] - before == frames ? ns : -1;
}

static double ring_segmented(void *arg)
{
	struct transmit_bench *t = arg;

	return drain(&t->segmented, SUPERS, FRAMES) / FRAMES;
}

static double ring_super(void *arg)
{
	struct transmit_bench *t = arg;

	return drain(&t->passed, SUPERS, SUPERS) / FRAMES;
}

static double ring_frames(void *arg)
{
	struct transmit_bench *t = arg;
	unsigned int i;
	double ns = 0;

	for (i = 0; i < FRAMES / RING; i++)
		ns += drain(&t->plain, RING, RING);
	return ns / (FRAMES / RING * RING);
}

/* ---- Setting up ------------------------------------------------------------ */

static void describe_supers(struct guest *g, uint8_t *const *source)
{
	uint16_t i;

	for (i = 0; i < RING; i++) {
		uint8_t *p = source[i % SOURCES];
		struct iovec pieces[] = {
			{ p, HEAD }, { p + HEAD, PIECE }, { p + HEAD + PIECE, PAYLOAD - PIECE },
		};

		guest_chain(g, GUEST_TX, i, pieces, 3, 0);
	}
}

static void open_supers(struct guest *g, uint8_t **source)
{
	unsigned int i;

	guest_open(g, SOURCES * (SUPER + 64) + (64 << 10), RING, RING);
	for (i = 0; i < SOURCES; i++) {
		source[i] = guest_take(g, SUPER);
		packets_super(source[i]);
	}
	describe_supers(g, source);
}

static void open_frames(struct guest *g, const uint8_t *super)
{
	uint16_t i;

	guest_open(g, RING * (FRAME + 64) + (64 << 10), RING, RING);
	for (i = 0; i < RING; i++) {
		uint8_t *p = guest_take(g, FRAME);
		struct iovec pieces[] = { { p, HEAD }, { p + HEAD, SEGMENT_BYTES } };

		packets_frame(super, i % SEGMENTS, p);
		guest_chain(g, GUEST_TX, i, pieces, 2, 0);
	}
}

static void make_ready(struct transmit_bench *t)
{
	struct iovec area = { NULL, READY * FRAME }, sources[SOURCES];
	unsigned int i;

	t->ready = area.iov_base = bench_take(area.iov_len);
	for (i = 0; i < READY; i++)
		packets_frame(t->source[0], i % SEGMENTS, t->ready + i * FRAME);
	for (i = 0; i < SEGMENTS; i++)
		memcpy(t->head[i], t->ready + i * FRAME, HEAD);
	for (i = 0; i < SOURCES; i++)
		sources[i] = (struct iovec){ t->source[i], SUPER };
	uring_open(&t->frame_ring, t->fd, &area, 1);
	uring_open(&t->super_ring, t->fd, sources, SOURCES);
}

static void open_bench(struct transmit_bench *t, int fd)
{
	uint8_t *whole[SOURCES];

	t->fd = fd;
	open_supers(&t->supers, t->source);
	open_supers(&t->whole, whole);
	open_frames(&t->frames, t->source[0]);
	make_ready(t);
	backend_open(&t->segmented, &t->supers, fd, false, false);
	backend_open(&t->passed, &t->whole, fd, true, false);
	backend_open(&t->plain, &t->frames, fd, false, false);
}

static void measure(int fd, unsigned int rounds, struct bench_case cases[CASES])
{
	static double (*const round[CASES])(void *) = {
		[WRITEV] = writev_each, [RING_SEGMENTED] = ring_segmented,
		[RING_FRAMES] = ring_frames, [URING_FRAMES] = uring_frames,
		[WRITE_SUPER] = write_super, [RING_SUPER] = ring_super,
		[URING_SUPER] = uring_super,
	};
	struct transmit_bench *t = bench_take(sizeof(*t));
	unsigned int i;

	open_bench(t, fd);
	for (i = 0; i < CASES; i++)
		cases[i] = (struct bench_case){ .round = round[i], .arg = t };
	bench_run(cases, CASES, rounds);
	backend_close(&t->segmented);
	backend_close(&t->passed);
	backend_close(&t->plain);
	io_uring_queue_exit(&t->frame_ring);
	io_uring_queue_exit(&t->super_ring);
	free(t->ready);
	free(t);
}

void bench_transmit(unsigned int rounds)
{
	static const char *const title[SINK_KINDS] = {
		[SINK_DROP] = "a frame sent, into a sink that drops",
		[SINK_SOCKET] = "a frame sent, into a socket",
	};
	static const double uso_aim[SINK_KINDS] = { [SINK_DROP] = 0.65, [SINK_SOCKET] = 0.68 };
	static struct bench_case cases[CASES];
	struct sink sink;
	unsigned int kind;

	for (kind = 0; kind < SINK_KINDS; kind++) {
		const struct bench_row rows[] = {
			{ "USO from rings, against writev", RING_SEGMENTED, WRITEV, uso_aim[kind],
			  false, URING_FRAMES },
			{ "frames from rings, against writev", RING_FRAMES, WRITEV, 0.75, false,
			  URING_FRAMES },
			{ "passed through, against write", RING_SUPER, WRITE_SUPER, 1.15, false,
			  URING_SUPER },
		};

		sink_open(&sink, (enum sink_kind)kind, 1);
		measure(sink.fd[0], rounds, cases);
		sink_close(&sink);
		bench_head(title[kind]);
		bench_print(&rows[0], cases);
		bench_print(&rows[1], cases);
		bench_print(&rows[2], cases);
	}
}
