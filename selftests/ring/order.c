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

#define ROUNDS 400000
#define SPINS 64		/* the two sides of a round begin at varying distances */

/* One side of all rounds; the other one is the test itself. */
struct side {
	struct guest *g;
	bool event_idx, told;
	void (*act)(struct side *s, uint32_t round);
	uint32_t *round, *done;
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

/* The other side may not run at the moment. */
static void wait_for(const uint32_t *word, uint32_t value)
{
	unsigned int i;

	for (i = 0; __atomic_load_n(word, __ATOMIC_ACQUIRE) != value; i++)
		if (i > 100000)
			sched_yield();
}

static void spin(uint32_t n)
{
	while (n--)
		__asm__ volatile("");
}

static void *side_run(void *arg)
{
	struct side *s = arg;
	uint32_t round;

	pin(s->cpu);
	for (round = 1; round <= ROUNDS; round++) {
		wait_for(s->round, round);
		spin(round % SPINS);
		s->act(s, round);
		__atomic_store_n(s->done, round, __ATOMIC_RELEASE);
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
	uint32_t round = 0, done = 0, i;
	int cpu[2], n = 0;
	struct side s = {
		.g = g, .event_idx = event_idx, .round = &round, .done = &done,
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
		__atomic_store_n(&round, i, __ATOMIC_RELEASE);
		spin(SPINS * 2 + i / SPINS % SPINS);
		noticed = device_acts(g, interrupt);
		wait_for(&done, i);
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

TEST_F(vqueue, kicks_by_flag)
{
	try_lost(_metadata, &self->g, false, false);
}

TEST_F(vqueue, kicks_by_index)
{
	try_lost(_metadata, &self->g, true, false);
}

TEST_F(vqueue, interrupts_by_flag)
{
	try_lost(_metadata, &self->g, false, true);
}

TEST_F(vqueue, interrupts_by_index)
{
	try_lost(_metadata, &self->g, true, true);
}

TEST_HARNESS_MAIN
