// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * together.c - guest and host together: USO by our device, against no USO and vhost-net
 *
 * together [ROUNDS [NS]], on a kernel whose taps have no USO; on a machine whose clock counts
 * instructions, NS is what each of them takes
 *
 * What is counted, in CPU time or instructions a frame of 1448 bytes:
 *
 * - the guest's stack: one send of 43 datagrams to a device that throws them away, with USO,
 *   and without it, where the stack makes 43 frames of it;
 * - the guest's driver, which describes and publishes one super-packet or 43 frames, each as
 *   an indirect chain, and kicks where it is asked to;
 * - the backend: vhost-net's thread, or our device's.
 *
 * Both backends have the same sink.  Kicks and interrupts cost a guest more than they cost
 * here; both have as many.  All of it runs on one processor, so nobody waits for another.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "backend.h"
#include "bench.h"
#include "packets.h"
#include "rival.h"
#include "sender.h"
#include "sink.h"
#include "uring.h"

#define RING 256
#define SUPERS 5		/* at once: as many as a ring has room for in frames */
#define REPEAT 8
#define FRAMES (SUPERS * SEGMENTS)
#define AIM 0.88
#define AIM_FRAMES 1.10
#define STALLED 20000		/* ms; the machine may be an emulated one */

enum {
	STACK_FRAMES, STACK_SUPER, VHOST_FRAMES, SPLIT_SUPER, SPLIT_FRAMES, DEVICE_SUPER,
	DEVICE_FRAMES, URING_FRAMES, CASES
};

/* A guest with what it sends. */
struct lane {
	struct guest guest;
	uint8_t *packet[FRAMES];
	struct backend backend;
};

struct together {
	int plain, uso;		/* senders */
	struct lane vhost, split_super, split_frames, device, device_frames;
	struct rival rival;
	struct io_uring ring;
};

static double send_all(int fd)
{
	uint64_t start = bench_cpu();
	unsigned int i;

	for (i = 0; i < SUPERS * REPEAT; i++)
		sender_send(fd);
	return (double)(bench_cpu() - start) / (FRAMES * REPEAT);
}

static double stack_frames(void *arg)
{
	return send_all(((struct together *)arg)->plain);
}

static double stack_super(void *arg)
{
	return send_all(((struct together *)arg)->uso);
}

/* Of the @n-th chain from here on. */
static uint16_t next_head(const struct guest *g, uint16_t n)
{
	return (uint16_t)(g->queue[GUEST_TX].published + n) % RING;
}

static void describe_frame(struct lane *l, uint16_t head, uint8_t *p)
{
	struct iovec pieces[] = { { p, HEAD }, { p + HEAD, SEGMENT_BYTES } };

	guest_chain(&l->guest, GUEST_TX, head, pieces, 2, 0);
}

static void describe_super(struct lane *l, uint16_t head, uint8_t *p)
{
	struct iovec pieces[] = {
		{ p, HEAD }, { p + HEAD, PAYLOAD / 2 }, { p + HEAD + PAYLOAD / 2, PAYLOAD / 2 },
	};

	guest_chain(&l->guest, GUEST_TX, head, pieces, 3, 0);
}

/* Lower bound for our device with this way of writing segments. */
static double uring_frames(void *arg)
{
	struct together *t = arg;
	uint64_t start = bench_cpu();
	unsigned int i, n;

	for (i = 0; i < REPEAT * FRAMES / URING_BATCH; i++) {
		for (n = 0; n < URING_BATCH; n++)
			uring_write(&t->ring, t->vhost.packet[n], FRAME, 0);
		if (uring_run(&t->ring, URING_BATCH, FRAME) != URING_BATCH)
			bench_die("io_uring", EIO);
	}
	return (double)(bench_cpu() - start) / (REPEAT * FRAMES / URING_BATCH * URING_BATCH);
}

/* Those that were described, up to the last one's interrupt. */
static void transfer(struct guest *g, uint16_t chains)
{
	struct guest_queue *q = &g->queue[GUEST_TX];
	struct pollfd p = { q->call, POLLIN, 0 };
	eventfd_t value;

	if (guest_publish(g, GUEST_TX, chains))
		eventfd_write(q->kick, 1);
	guest_publish(g, GUEST_TX, 0);
	while (guest_waiting(g, GUEST_TX)) {
		if (poll(&p, 1, STALLED) <= 0)
			bench_die("an interrupt", ETIMEDOUT);
		eventfd_read(q->call, &value);
	}
}

static uint64_t cpu(const struct together *t)
{
	return bench_cpu() + rival_cpu(&t->rival);
}

static double frames_of(struct together *t, struct lane *l)
{
	uint64_t start = cpu(t);
	unsigned int i;
	uint16_t n;

	for (i = 0; i < REPEAT; i++) {
		for (n = 0; n < FRAMES; n++)
			describe_frame(l, next_head(&l->guest, n), l->packet[n]);
		transfer(&l->guest, FRAMES);
	}
	return (double)(cpu(t) - start) / (FRAMES * REPEAT);
}

static double supers_of(struct together *t, struct lane *l)
{
	uint64_t *sent = &l->backend.stat.way[STAT_TRANSMIT].count[STAT_FRAMES];
	uint64_t before = *sent, start = cpu(t);
	unsigned int i;
	uint16_t n;

	for (i = 0; i < REPEAT; i++) {
		for (n = 0; n < SUPERS; n++)
			describe_super(l, next_head(&l->guest, n), l->packet[n]);
		transfer(&l->guest, SUPERS);
	}
	if (*sent - before != FRAMES * REPEAT)
		return -1;
	return (double)(cpu(t) - start) / (FRAMES * REPEAT);
}

static double vhost_frames(void *arg)
{
	return frames_of(arg, &((struct together *)arg)->vhost);
}

static double split_super(void *arg)
{
	return supers_of(arg, &((struct together *)arg)->split_super);
}

static double split_frames(void *arg)
{
	return frames_of(arg, &((struct together *)arg)->split_frames);
}

static double device_super(void *arg)
{
	return supers_of(arg, &((struct together *)arg)->device);
}

static double device_frames(void *arg)
{
	return frames_of(arg, &((struct together *)arg)->device_frames);
}

static void open_frames(struct lane *l, const uint8_t *super)
{
	uint16_t i;

	guest_open(&l->guest, FRAMES * (FRAME + 64) + (64 << 10), RING, RING);
	for (i = 0; i < FRAMES; i++) {
		l->packet[i] = guest_take(&l->guest, FRAME);
		packets_frame(super, i % SEGMENTS, l->packet[i]);
	}
}

static void open_supers(struct lane *l, const uint8_t *super)
{
	uint16_t i;

	guest_open(&l->guest, SUPERS * (SUPER + 64) + (64 << 10), RING, RING);
	for (i = 0; i < SUPERS; i++) {
		l->packet[i] = guest_take(&l->guest, SUPER);
		memcpy(l->packet[i], super, SUPER);
	}
}

static void open_guests(struct together *t)
{
	uint8_t *super = bench_take(SUPER);

	packets_super(super);
	open_frames(&t->vhost, super);
	open_frames(&t->split_frames, super);
	open_frames(&t->device_frames, super);
	open_supers(&t->split_super, super);
	open_supers(&t->device, super);
	free(super);
}

static void open_all(struct together *t, int tap)
{
	struct iovec area;
	int ret;

	open_guests(t);
	area = (struct iovec){ t->vhost.guest.memory, t->vhost.guest.size };
	uring_open(&t->ring, tap, &area, 1);
	backend_open(&t->device.backend, &t->device.guest, tap, false, true);
	backend_open(&t->device_frames.backend, &t->device_frames.guest, tap, false, true);
	backend_open_split(&t->split_super.backend, &t->split_super.guest, tap);
	backend_open_split(&t->split_frames.backend, &t->split_frames.guest, tap);
	/* The last one, as it looks for the threads of the others. */
	ret = rival_open(&t->rival, &t->vhost.guest, tap);
	if (ret)
		bench_die("/dev/vhost-net", ret);
}

static void close_all(struct together *t)
{
	io_uring_queue_exit(&t->ring);
	rival_close(&t->rival);
	backend_close(&t->device.backend);
	backend_close(&t->device_frames.backend);
	backend_close(&t->split_super.backend);
	backend_close(&t->split_frames.backend);
}

static void print_line(const char *what, double stack, double rings)
{
	printf("%-34s %8.0f %8.0f %8.0f\n", what, stack, rings, stack + rings);
}

static void print_ratio(const char *what, const double of[2], const double to[2], double aim)
{
	double ratio = (of[0] + of[1]) / (to[0] + to[1]);

	printf("%-34s %8.2f %8.2f %8.2f  <= %.2f%s\n", what, of[0] / to[0], of[1] / to[1], ratio,
	       aim, ratio <= aim ? "" : "  missed");
}

/*
 * @unit: in ns
 * A pair has the cost of the stack and of the rings.
 */
static void print(enum sink_kind sink, const struct bench_case *cases, double unit)
{
	static const char *const name[SINK_KINDS] = {
		[SINK_DROP] = "a frame, into a sink that drops",
		[SINK_SOCKET] = "a frame, into a socket",
	};
	static const double aim[SINK_KINDS] = { [SINK_DROP] = 0.70, [SINK_SOCKET] = 0.75 };
	double soft = cases[STACK_FRAMES].median / unit, super = cases[STACK_SUPER].median / unit;
	const double vhost[2] = { soft, cases[VHOST_FRAMES].median / unit };
	const double split[2] = { super, cases[SPLIT_SUPER].median / unit };
	const double frames[2] = { soft, cases[SPLIT_FRAMES].median / unit };
	const double device[2] = { super, cases[DEVICE_SUPER].median / unit };
	const double written[2] = { soft, cases[DEVICE_FRAMES].median / unit };
	const double uring[2] = { super, cases[URING_FRAMES].median / unit };

	printf("\n%-34s %8s %8s %8s\n", name[sink], "stack", "rings", "together");
	print_line("USO off, vhost-net", vhost[0], vhost[1]);
	print_line("USO on, our device and vhost-net", split[0], split[1]);
	print_line("USO off, the same", frames[0], frames[1]);
	print_line("USO on, our device and io_uring", device[0], device[1]);
	print_line("USO off, the same", written[0], written[1]);
	print_line("USO on, io_uring without rings", uring[0], uring[1]);
	printf("ratio to USO off, vhost-net\n");
	print_ratio("USO on, our device and vhost-net", split, vhost, aim[sink]);
	print_ratio("USO off, the same", frames, vhost, AIM_FRAMES);
	print_ratio("USO on, our device and io_uring", device, vhost, AIM);
	print_ratio("USO off, the same", written, vhost, AIM_FRAMES);
	print_ratio("USO on, io_uring without rings", uring, vhost, AIM);
}

static void use_one_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bench_die("processors", errno);
}

int main(int argc, char **argv)
{
	static double (*const round[CASES])(void *) = {
		[STACK_FRAMES] = stack_frames, [STACK_SUPER] = stack_super,
		[VHOST_FRAMES] = vhost_frames, [SPLIT_SUPER] = split_super,
		[SPLIT_FRAMES] = split_frames, [DEVICE_SUPER] = device_super,
		[DEVICE_FRAMES] = device_frames,
		[URING_FRAMES] = uring_frames,
	};
	static struct bench_case cases[CASES];
	unsigned int rounds = argc > 1 ? (unsigned int)atoi(argv[1]) : 21, kind, i;
	double unit = argc > 2 ? atof(argv[2]) : 1;
	static struct together t;
	struct sink sink;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (rounds < 1 || rounds > BENCH_ROUNDS || unit <= 0)
		return fprintf(stderr, "usage: together [ROUNDS [NS]]\n"), 2;
	puts(argc > 2 ? "instructions, of guest and host together" :
	     "ns of CPU time, of guest and host together");
	use_one_processor();
	sink_enter();
	t.plain = sender_open(0, false);
	t.uso = sender_open(1, true);
	for (kind = 0; kind < SINK_KINDS; kind++) {
		sink_open(&sink, (enum sink_kind)kind, 1);
		open_all(&t, sink.fd[0]);
		for (i = 0; i < CASES; i++)
			cases[i] = (struct bench_case){ .round = round[i], .arg = &t };
		bench_run(cases, CASES, rounds);
		print((enum sink_kind)kind, cases, unit);
		close_all(&t);
		sink_close(&sink);
	}
	return 0;
}
