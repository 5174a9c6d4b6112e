/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench.h - measure and compare costs
 *
 * All cases run in turn, round by round, so that whatever else the machine does hits
 * each of them alike, and of each the median counts.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define BENCH_ROUNDS 101	/* at most */

struct bench_case {
	/* Does a round's work.  Return: ns a unit, or below 0 where it cannot be done */
	double (*round)(void *arg);
	void *arg;
	double ns[BENCH_ROUNDS];
	double median;		/* the result; below 0 if it could not be measured */
};

/* One line of the table: a case compared with another. */
struct bench_row {
	const char *what;
	int of, against;	/* cases */
	double aim;		/* of the ratio */
	bool at_least;		/* else at most */
	int floor;		/* the case that is the kernel's own cost; -1: none */
};

/**
 * bench_run() - run all cases, after a warm-up round
 */
void bench_run(struct bench_case *cases, unsigned int count, unsigned int rounds);

/**
 * bench_head() - the head of a table; bench_print() - a line of it
 *
 * "kernel" is its own cost, "least" the ratio that this would be, and "over" how far we are
 * from there.
 */
void bench_head(const char *title);
void bench_print(const struct bench_row *row, const struct bench_case *cases);

/**
 * bench_die() - end with a reason
 * @error: an errno, of either sign
 */
void bench_die(const char *what, int error) __attribute__((noreturn));

/**
 * bench_take() - zeroed memory, for free(3), or the end
 */
void *bench_take(size_t size);

/* What all threads of the process took, those that the kernel started for it included. */
static inline uint64_t bench_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static inline uint64_t bench_wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

#endif /* BENCH_H */
