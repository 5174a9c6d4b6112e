// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stat_print.c - counters of the shim as a table
 */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#include "feature/require.h"
#include "stat/stat_view.h"

struct stat_render {
	FILE *out;
	unsigned int flags;
};

static const char *const datapaths[] = {
	[VIEW_UNKNOWN] = "unknown to this version",
	[VIEW_NONE] = "not started",
	[VIEW_KERNEL] = "kernel",
	[VIEW_DEVICE] = "tapcompat's device",
	[VIEW_QEMU] = "QEMU through tapcompat",
};

static void print_mask(const struct stat_render *r, const char *what,
		       const struct tapcompat_mask *mask)
{
	char names[2048];	/* room for all 128 bits */

	mask_names(mask, names, sizeof(names));
	if (names[0])
		fprintf(r->out, "  %-10s%s\n", what, names);
}

/* One counter, of both directions. */
static void print_row(const struct stat_render *r, const char *what, const char *ink,
		      uint64_t transmit, uint64_t receive)
{
	bool colour = r->flags & REPORT_COLOUR && *ink;

	fprintf(r->out, "  %s%-20s%20" PRIu64 " %20" PRIu64 "%s\n", colour ? ink : "", what,
		transmit, receive, colour ? "\033[0m" : "");
}

static void print_drops(const struct stat_render *r, const struct stat_view_way *way)
{
	const uint64_t *transmit = way[STAT_TRANSMIT].drop, *receive = way[STAT_RECEIVE].drop;
	char what[32];
	unsigned int i;

	for (i = 0; i < STAT_DROPS; i++) {
		if (!transmit[i] && !receive[i])
			continue;
		snprintf(what, sizeof(what), "dropped: %s", stat_drop_name(i));
		print_row(r, what, "\033[33m", transmit[i], receive[i]);
	}
}

static void print_faults(const struct stat_render *r, const struct stat_view *q)
{
	bool colour = r->flags & REPORT_COLOUR;
	unsigned int i;

	for (i = 0; i < STAT_WAYS; i++)
		if (q->way[i].fault)
			fprintf(r->out, "  %sthe %s queue is broken: %s%s\n",
				colour ? "\033[31m" : "", stat_way_name((enum stat_way)i),
				q->way[i].fault, colour ? "\033[0m" : "");
}

static void print_counters(const struct stat_render *r, const struct stat_view *q)
{
	unsigned int i;

	fprintf(r->out, "  %-20s%20s %20s\n", "", stat_way_name(STAT_TRANSMIT),
		stat_way_name(STAT_RECEIVE));
	for (i = 0; i < STAT_COUNTERS; i++)
		print_row(r, stat_counter_name((enum stat_counter)i), "",
			  q->way[STAT_TRANSMIT].count[i], q->way[STAT_RECEIVE].count[i]);
}

static bool wanted(const struct stat_render *r, const struct stat_view *q)
{
	unsigned int i;

	for (i = 0; i < STAT_WAYS; i++)
		if (q->way[i].dropped || q->way[i].fault)
			return true;
	return !(r->flags & REPORT_QUIET);
}

static void print_queue(const struct stat_render *r, const struct stat_view *q)
{
	bool idle = q->datapath == VIEW_KERNEL || q->datapath == VIEW_NONE;
	bool quiet = r->flags & REPORT_QUIET;

	fprintf(r->out, "%s queue %u: datapath: %s", q->interface, q->queue,
		datapaths[q->datapath]);
	if (!idle)
		fprintf(r->out, ", %s", q->engine);
	if (q->datapath == VIEW_DEVICE)
		fprintf(r->out, ", %s", q->running ? "running" : "not running");
	fputc('\n', r->out);
	if (!quiet) {
		print_mask(r, "native", &q->native);
		print_mask(r, "emulated", &q->emulated);
	}
	if (!quiet && !idle)
		print_counters(r, q);
	print_drops(r, q->way);
	print_faults(r, q);
}

void stat_print(const struct tapcompat_stat *stat, FILE *out, unsigned int flags)
{
	const struct stat_render r = { out, flags };
	bool first = true;
	unsigned int i;

	if (!stat->queues && !(flags & REPORT_QUIET))
		fprintf(out, "process %d has no tap open\n", (int)stat->pid);
	for (i = 0; i < stat->queues; i++) {
		if (!wanted(&r, &stat->queue[i]))
			continue;
		if (!first)
			fputc('\n', out);
		first = false;
		print_queue(&r, &stat->queue[i]);
	}
	if (stat->unlisted)
		fprintf(out, "\n%u more queues are not counted (limit %d)\n", stat->unlisted,
			STAT_PORTS);
}
