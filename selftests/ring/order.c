// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * order.c - neither a kick nor an interrupt is lost between two CPUs
 *
 * Driver and device each write one word and then read the other's: the index and the wish to be
 * told, or the reverse.  Without a full barrier between the two, either side may read what was
 * before both writes ("store buffering"), and then each waits for the other.  Other orders are
 * for ThreadSanitizer (selftests/device/threads.sh), as x86 has them without any barrier.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <sched.h>

#include "vqueue_fixture.h"

#define ROUNDS 800000
#define SOON 600u		/* cycles until both sides act */
#define JITTER 128u		/* by so many cycles the device acts earlier or later */

/* Both sides go from one step of a round to the next one together. */
enum step { STEP_PREPARED, STEP_READY, STEP_GO, STEP_DONE, STEPS };

/* One side of all rounds; the other one is the test itself. */
struct side {
	struct guest *g;
	bool event_idx, told;
	void (*act)(struct side *s, uint32_t round);
	uint32_t step[STEPS][16];	/* the round that got there; a cache line each */
	uint64_t start;			/* of the round, in cycles */
	int cpu;
};

static void pin(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* The first two CPUs that may be used; false: there is one only. */
static bool two_cpus(int cpu[2])
{
	cpu_set_t cpus;
	int i, n = 0;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &cpus))
			cpu[n++] = i;
	return n == 2;
}

static void reach(struct side *s, enum step step, uint32_t round)
{
	__atomic_store_n(s->step[step], round, __ATOMIC_RELEASE);
}

/* The other side may not run at the moment. */
static void wait_for(struct side *s, enum step step, uint32_t round)
{
	unsigned int i;

	for (i = 0; __atomic_load_n(s->step[step], __ATOMIC_ACQUIRE) != round; i++)
		if (i > 100000)
			sched_yield();
}

/*
 * Have all words of both rings in this CPU's cache.  Then a read is done at once, while a write
 * has to wait until the other CPU has given up the word.
 */
static void warm(const struct guest *g)
{
	const struct vring_driver *r = &g->driver;

	__atomic_load_n(&r->avail->idx, __ATOMIC_RELAXED);
	__atomic_load_n(&r->avail->ring[VRING_SIZE], __ATOMIC_RELAXED);
	__atomic_load_n(&r->used->idx, __ATOMIC_RELAXED);
	__atomic_load_n((uint16_t *)&r->used->ring[VRING_SIZE], __ATOMIC_RELAXED);
}

/* Of a clock that all CPUs share; 0 where this is not x86. */
static uint64_t cycles(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

static void wait_until(uint64_t start)
{
	while (cycles() < start)
		;
}

static void *side_run(void *arg)
{
	struct side *s = arg;
	uint32_t round;

	pin(s->cpu);
	for (round = 1; round <= ROUNDS; round++) {
		wait_for(s, STEP_PREPARED, round);
		warm(s->g);
		reach(s, STEP_READY, round);
		wait_for(s, STEP_GO, round);
		wait_until(s->start);
		s->act(s, round);
		reach(s, STEP_DONE, round);
	}
	return NULL;
}

static bool driver_publish(struct guest *g, bool event_idx)
{
	return vring_publish(&g->driver, 0, event_idx);
}

static void act_publish(struct side *s, uint32_t round)
{
	s->told = driver_publish(s->g, s->event_idx);
}

/* What the driver does before it waits: interrupts on, and is there anything already? */
static void act_enable_interrupts(struct side *s, uint32_t round)
{
	struct vring_driver *r = &s->g->driver;

	if (s->event_idx) {
		vring_request_interrupt(r, 1);
	} else {
		__atomic_store_n(&r->avail->flags, 0, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
	s->told = vring_used_index(r) != r->collected;
}

/* Chains of the last round are used and collected. */
static void tidy(struct guest *g)
{
	uint32_t len;

	vqueue_turn(&g->q);
	while (vqueue_pop(&g->q, &g->chain) == VQUEUE_TAKEN)
		vqueue_push(&g->q, g->chain.head, 0);
	vqueue_publish(&g->q);
	vqueue_notify_needed(&g->q);
	while (vring_collect(&g->driver, &len) >= 0)
		;
}

/* Prepares a round in which nothing runs beside it. */
static void prepare(struct guest *g, bool event_idx, bool interrupt)
{
	tidy(g);
	vqueue_disable_notify(&g->q);
	if (!interrupt)
		return;
	driver_publish(g, event_idx);
	vqueue_turn(&g->q);
	vqueue_pop(&g->q, &g->chain);
	vqueue_push(&g->q, g->chain.head, 0);
	if (!event_idx)
		__atomic_store_n(&g->driver.avail->flags, htole16(VRING_AVAIL_F_NO_INTERRUPT),
				 __ATOMIC_RELAXED);
}

/* Return: whether the device has noticed, or tells the driver */
static bool device_acts(struct guest *g, bool interrupt)
{
	if (!interrupt)
		return vqueue_enable_notify(&g->q);
	vqueue_publish(&g->q);
	return vqueue_notify_needed(&g->q);
}

/* Return: rounds after which both sides would wait for each other; -1: there is one CPU only */
static int lost(struct guest *g, bool event_idx, bool interrupt)
{
	uint64_t start;
	uint32_t i;
	int cpu[2], n = 0;
	struct side s = {
		.g = g, .event_idx = event_idx,
		.act = interrupt ? act_enable_interrupts : act_publish,
	};
	pthread_t thread;

	if (!two_cpus(cpu))
		return -1;
	pin(cpu[0]);
	s.cpu = cpu[1];
	pthread_create(&thread, NULL, side_run, &s);
	for (i = 1; i <= ROUNDS; i++) {
		bool noticed;

		prepare(g, event_idx, interrupt);
		reach(&s, STEP_PREPARED, i);
		wait_for(&s, STEP_READY, i);
		warm(g);
		start = cycles();
		s.start = start ? start + SOON : 0;
		reach(&s, STEP_GO, i);
		wait_until(start ? start + SOON - JITTER / 2 + i % JITTER : 0);
		noticed = device_acts(g, interrupt);
		wait_for(&s, STEP_DONE, i);
		n += !noticed && !s.told;
	}
	pthread_join(thread, NULL);
	return n;
}

static void try_lost(struct __test_metadata *_metadata, struct guest *g, bool event_idx,
		     bool interrupt)
{
	int n;

	g->config.event_idx = event_idx;
	ASSERT_EQ(VQUEUE_FINE, vqueue_start(&g->q, &g->config, &g->memory));
	describe(g, 0, FIRST, 1, 0, 0);
	n = lost(g, event_idx, interrupt);
	if (n < 0)
		SKIP(return, "there is one CPU only");
	EXPECT_EQ(0, n) {
		TH_LOG("%d of %d lost", n, ROUNDS);
	}
}

TEST_F_TIMEOUT(vqueue, kicks_by_flag, 120)
{
	try_lost(_metadata, &self->g, false, false);
}

TEST_F_TIMEOUT(vqueue, kicks_by_index, 120)
{
	try_lost(_metadata, &self->g, true, false);
}

TEST_F_TIMEOUT(vqueue, interrupts_by_flag, 120)
{
	try_lost(_metadata, &self->g, false, true);
}

TEST_F_TIMEOUT(vqueue, interrupts_by_index, 120)
{
	try_lost(_metadata, &self->g, true, true);
}

TEST_HARNESS_MAIN
