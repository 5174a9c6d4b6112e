// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine.c - segmentation in memory, compared with memcpy() of the payload
 *
 * One super-packet again and again, so all of it is in the cache: with less to wait for,
 * our own work shows most.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "ground/pieces.h"
#include "packet/csum.h"
#include "packets.h"
#include "parts.h"

#define REPEAT 400
#define PLACE 1536		/* of a segment: payload begins at a line of the cache */

enum { MEMCPY, HEADERS, COMPLETE, CASES };

struct engine {
	uint8_t *super, *out;	/* out: the first segment's payload */
	struct segment_plan plan;
};

static double copy_only(void *arg)
{
	struct engine *e = arg;
	uint64_t start = bench_cpu();
	unsigned int i, n;

	for (i = 0; i < REPEAT; i++) {
		for (n = 0; n < SEGMENTS; n++)
			memcpy(e->out + n * PLACE, e->super + HEAD + n * SEGMENT_BYTES,
			       SEGMENT_BYTES);
		/* Keep the compiler from removing unused data. */
		__asm__ volatile("" : : : "memory");
	}
	return (double)(bench_cpu() - start) / (REPEAT * SEGMENTS);
}

static uint32_t copy_sum(struct pieces *payload, uint8_t *out, size_t len)
{
	const void *run = pieces_run(payload, len);
	struct iovec last;

	if (run)
		return csum_copy(out, run, len, 0, 0);
	last = pieces_next(payload, len);
	return csum_copy(out, last.iov_base, last.iov_len, 0, 0);
}

/* As transmission does it, without a descriptor. */
static double segments(struct engine *e, bool close)
{
	uint64_t start = bench_cpu();
	unsigned int i, n;

	for (i = 0; i < REPEAT; i++) {
		struct iovec iov = { e->super + HEAD, PAYLOAD };
		struct pieces payload = { &iov, 1, 0 };
		struct segment_template t;

		segment_begin(&t, &e->plan, e->super + HEADER, HEADER, 0, 0);
		for (n = 0; n < SEGMENTS; n++) {
			uint8_t *out = e->out + n * PLACE - HEAD;
			size_t len = segment_write(&t, n, out);
			uint32_t from, data = segment_range(&e->plan, n, &from);

			if (close)
				segment_complete_csum(&t, out, copy_sum(&payload, out + len, data));
			else
				pieces_read(&payload, out + len, data);
		}
		__asm__ volatile("" : : : "memory");
	}
	return (double)(bench_cpu() - start) / (REPEAT * SEGMENTS);
}

static double headers(void *arg)
{
	return segments(arg, false);
}

static double complete(void *arg)
{
	return segments(arg, true);
}

void bench_engine(unsigned int rounds)
{
	static const struct bench_row rows[] = {
		{ "headers and copy", HEADERS, MEMCPY, 1.35, false, -1 },
		{ "headers, copy and checksum", COMPLETE, MEMCPY, 1.5, false, -1 },
	};
	static struct bench_case cases[CASES];
	struct engine e = { bench_take(SUPER), NULL, { 0 } };
	uint8_t *room = aligned_alloc(64, (SEGMENTS + 1) * PLACE);

	packets_super(e.super);
	packets_plan(&e.plan, e.super);
	memset(room, 0, (SEGMENTS + 1) * PLACE);
	e.out = room + PLACE;
	cases[MEMCPY] = (struct bench_case){ .round = copy_only, .arg = &e };
	cases[HEADERS] = (struct bench_case){ .round = headers, .arg = &e };
	cases[COMPLETE] = (struct bench_case){ .round = complete, .arg = &e };
	bench_run(cases, CASES, rounds);
	bench_head("a segment in memory, against memcpy");
	bench_print(&rows[0], cases);
	bench_print(&rows[1], cases);
	free(e.super);
	free(room);
}
