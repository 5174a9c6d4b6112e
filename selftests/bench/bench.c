// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench.c - measure and compare costs
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_die(const char *what, int error)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(abs(error)));
	exit(1);
}

void *bench_take(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		bench_die("memory", ENOMEM);
	return p;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *ns, unsigned int rounds)
{
	double sorted[BENCH_ROUNDS];

	memcpy(sorted, ns, rounds * sizeof(*ns));
	qsort(sorted, rounds, sizeof(*sorted), compare);
	return sorted[0] < 0 ? sorted[0] : sorted[rounds / 2];
}

void bench_run(struct bench_case *cases, unsigned int count, unsigned int rounds)
{
	unsigned int i, round;

	for (i = 0; i < count; i++)
		if (cases[i].round)
			cases[i].round(cases[i].arg);
	for (round = 0; round < rounds; round++)
		for (i = 0; i < count; i++)
			cases[i].ns[round] = cases[i].round ? cases[i].round(cases[i].arg) : -1;
	for (i = 0; i < count; i++)
		cases[i].median = median(cases[i].ns, rounds);
}

void bench_head(const char *title)
{
	printf("\n%-40s %8s %8s %6s %8s %8s %6s %5s\n", title, "ns", "against", "ratio", "aim",
	       "kernel", "least", "over");
}

/* If the kernel's own cost exceeds the target, ours cannot reach it. */
static const char *verdict(const struct bench_row *row, double ratio, double least)
{
	bool kept = row->at_least ? ratio >= row->aim : ratio <= row->aim;

	if (kept)
		return "";
	return !row->at_least && least > row->aim ? "  missed by the kernel alone" : "  missed";
}

void bench_print(const struct bench_row *row, const struct bench_case *cases)
{
	double of = cases[row->of].median, against = cases[row->against].median;
	double floor = row->floor < 0 ? 0 : cases[row->floor].median;
	double ratio = row->at_least ? against / of : of / against;

	if (of < 0 || against < 0) {
		printf("%-40s could not be done here\n", row->what);
		return;
	}
	printf("%-40s %8.1f %8.1f %6.3f  %s %.2f", row->what, of, against, ratio,
	       row->at_least ? ">=" : "<=", row->aim);
	if (floor > 0)
		printf(" %8.1f %6.3f %5.2f", floor, floor / against, of / floor);
	printf("%s\n", verdict(row, ratio, floor / against));
}
