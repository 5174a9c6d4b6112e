// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pairs.c - two queue pairs on two processors, beside one; and what a pair takes of memory
 *
 * Devices with their threads, on a tap with two queues.  The driver is this thread: it
 * sleeps until most of a ring is used, then makes all of it available again.  By the clock
 * both processors have to be free for it; where they are not, what the devices' threads take
 * of CPU time says whether they are in each other's way.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "backend.h"
#include "bench.h"
#include "packets.h"
#include "parts.h"
#include "sink.h"

#define RING 256
#define SOURCES 8
#define ROUND 512		/* super-packets of a pair */
#define PAIRS 2
#define STALLED 20000		/* ms; a busy machine may let a thread wait for seconds */

enum { ONE, TWO, ONE_CPU, TWO_CPU, CASES };

struct pair {
	struct guest guest;
	struct backend backend;
	unsigned int left;	/* super-packets of this round, to be published */
};

static bool is_done(const struct pair *p)
{
	return !p->left && !guest_waiting(&p->guest, GUEST_TX);
}

/* As much as there is room for; again where so much was used meanwhile that nobody would call. */
static void publish(struct pair *p)
{
	do {
		unsigned int room = RING - guest_waiting(&p->guest, GUEST_TX);
		unsigned int n = p->left < room ? p->left : room;

		p->left -= n;
		if (guest_publish(&p->guest, GUEST_TX, (uint16_t)n))
			eventfd_write(p->guest.queue[GUEST_TX].kick, 1);
	} while (!is_done(p) && guest_late(&p->guest, GUEST_TX));
}

/* Sleeps until a ring has something to collect. */
static void serve(struct pair *pair, unsigned int count)
{
	struct pollfd p[PAIRS];
	unsigned int i;
	eventfd_t value;

	for (i = 0; i < count; i++)
		p[i] = (struct pollfd){ pair[i].guest.queue[GUEST_TX].call, POLLIN, 0 };
	if (poll(p, count, STALLED) <= 0)
		bench_die("an interrupt", ETIMEDOUT);
	for (i = 0; i < count; i++)
		if (p[i].revents) {
			eventfd_read(p[i].fd, &value);
			publish(&pair[i]);
		}
}

static void run(struct pair *pair, unsigned int count)
{
	unsigned int i;
	bool done = false;

	for (i = 0; i < count; i++) {
		pair[i].left = ROUND;
		publish(&pair[i]);
	}
	while (!done) {
		serve(pair, count);
		for (done = true, i = 0; i < count; i++)
			done &= is_done(&pair[i]);
	}
}

/* Time per frame. */
static double by_clock(void *arg, unsigned int count)
{
	uint64_t start = bench_wall();

	run(arg, count);
	return (double)(bench_wall() - start) / (ROUND * SEGMENTS * count);
}

static uint64_t worker_cpu(const struct pair *p)
{
	struct timespec t = { 0, 0 };
	clockid_t clock;

	if (!pthread_getcpuclockid(p->backend.device->thread, &clock))
		clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The same, as if each thread had its own processor. */
static double by_cpu(void *arg, unsigned int count)
{
	struct pair *pair = arg;
	uint64_t ns = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		ns -= worker_cpu(&pair[i]);
	run(pair, count);
	for (i = 0; i < count; i++)
		ns += worker_cpu(&pair[i]);
	return (double)ns / (ROUND * SEGMENTS * count * count);
}

static double one_by_clock(void *pair)
{
	return by_clock(pair, 1);
}

static double two_by_clock(void *pair)
{
	return by_clock(pair, PAIRS);
}

static double one_by_cpu(void *pair)
{
	return by_cpu(pair, 1);
}

static double two_by_cpu(void *pair)
{
	return by_cpu(pair, PAIRS);
}

/* ---- Setting up ------------------------------------------------------------ */

static void open_pair(struct pair *p, int fd, int cpu)
{
	uint8_t *source[SOURCES];
	cpu_set_t set;
	uint16_t i;

	guest_open(&p->guest, SOURCES * (SUPER + 64) + (64 << 10), RING, RING);
	for (i = 0; i < SOURCES; i++) {
		source[i] = guest_take(&p->guest, SUPER);
		packets_super(source[i]);
	}
	for (i = 0; i < RING; i++) {
		struct iovec pieces[] = {
			{ source[i % SOURCES], HEAD }, { source[i % SOURCES] + HEAD, PAYLOAD },
		};

		guest_chain(&p->guest, GUEST_TX, i, pieces, 2, 0);
	}
	backend_open(&p->backend, &p->guest, fd, false, true);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(p->backend.device->thread, sizeof(set), &set);
}

/* Of the processors that we may run on, number @n. */
static int processor(unsigned int n)
{
	cpu_set_t set;
	int cpu;

	sched_getaffinity(0, sizeof(set), &set);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set) && !n--)
			return cpu;
	return -1;
}

/* In KiB. */
static long resident(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "re");
	char line[128];
	long size = 0;

	while (f && !size && fgets(line, sizeof(line), f))
		sscanf(line, "Rss: %ld kB", &size);
	if (f)
		fclose(f);
	return size;
}

void bench_pairs(unsigned int rounds)
{
	static const struct bench_row rows[] = {
		{ "two pairs against one, by the clock", TWO, ONE, 1.8, true, -1 },
		{ "two pairs against one, by CPU time", TWO_CPU, ONE_CPU, 1.8, true, -1 },
	};
	static struct pair pair[PAIRS];
	static struct bench_case cases[CASES] = {
		[ONE] = { .round = one_by_clock, .arg = pair },
		[TWO] = { .round = two_by_clock, .arg = pair },
		[ONE_CPU] = { .round = one_by_cpu, .arg = pair },
		[TWO_CPU] = { .round = two_by_cpu, .arg = pair },
	};
	struct sink sink;
	unsigned int i;

	bench_head("USO from rings, of devices with threads");
	if (processor(1) < 0) {
		printf("%-40s needs two processors\n", rows[0].what);
		return;
	}
	sink_open(&sink, SINK_DROP, PAIRS);
	for (i = 0; i < PAIRS; i++)
		open_pair(&pair[i], sink.fd[i], processor(i));
	bench_run(cases, CASES, rounds);
	bench_print(&rows[0], cases);
	bench_print(&rows[1], cases);
	for (i = 0; i < PAIRS; i++)
		backend_close(&pair[i].backend);
	sink_close(&sink);
}

void bench_memory(unsigned int rounds)
{
	struct sink sink;
	struct pair p;
	long before, after;

	(void)rounds;
	memset(&p, 0, sizeof(p));
	sink_open(&sink, SINK_DROP, 1);
	open_pair(&p, sink.fd[0], processor(0));
	run(&p, 1);
	before = resident();
	backend_close(&p.backend);
	after = resident();
	printf("\n%-40s %8.1f MiB, aim 16 MiB\n", "memory of a queue pair",
	       (double)(before - after) / 1024);
	sink_close(&sink);
}
