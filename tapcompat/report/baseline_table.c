// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * baseline_table.c - hosts and features as a matrix; hosts that provide the same are one column
 */
#include "fleet/fleet.h"

#include "report.h"

#define COLUMNS 16	/* of one matrix; further ones are below it */
#define NAMES_SHOWN 4

struct cell {
	char sign;
	const char *colour;
};

enum has { HAS, HAS_EMULATED, HAS_UNKNOWN, HAS_CORRUPTED, HAS_NOT };

static const struct cell cells[] = {
	[HAS] = { '+', "\033[32m" },
	[HAS_EMULATED] = { 'e', "\033[33m" },
	[HAS_UNKNOWN] = { '?', "\033[33m" },
	[HAS_CORRUPTED] = { '!', "\033[31m" },
	[HAS_NOT] = { '.', "\033[2m" },
};

static enum has provided_has(const struct provided *p, unsigned int bit)
{
	if (tapcompat_mask_test(&p->emulated, bit))
		return HAS_EMULATED;
	if (tapcompat_mask_test(&p->counted, bit))
		return HAS;
	if (tapcompat_mask_test(&p->accepted, bit))
		return HAS_CORRUPTED;
	return tapcompat_mask_test(&p->possible, bit) ? HAS_UNKNOWN : HAS_NOT;
}

/* The worst of the backends that the machine may use and the host has. */
static struct cell group_cell(const struct group *g, unsigned int backends, unsigned int bit)
{
	enum has worst = HAS, one;
	unsigned int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		if (!(backends & 1u << i) || g->backend[i].availability != TAPCOMPAT_AVAILABLE)
			continue;
		one = provided_has(&g->backend[i].provided, bit);
		worst = one > worst ? one : worst;
	}
	return cells[worst];
}

static void print_group(const struct tapcompat_fleet *fleet, size_t index, FILE *out)
{
	const struct group *g = &fleet->group[index];
	const struct fleet_host *host = NULL;
	unsigned long n = 0;

	fprintf(out, "group %zu: %lu host%s: ", index + 1, g->hosts, g->hosts == 1 ? "" : "s");
	while (n < NAMES_SHOWN && (host = group_host(fleet, g, host)))
		fprintf(out, "%s%s", n++ ? ", " : "", host_name(fleet, host));
	if (g->hosts > n)
		fprintf(out, "%s%lu more", n ? " and " : "", g->hosts - n);
	fputc('\n', out);
}

static void print_part(const struct tapcompat_fleet *fleet, const struct baseline *b, size_t from,
		       FILE *out, unsigned int flags)
{
	size_t to = from + COLUMNS < fleet->groups ? from + COLUMNS : fleet->groups, i;
	bool colour = flags & REPORT_COLOUR;
	const struct tapcompat_feature *f;

	fprintf(out, "\n%-20s", "group");
	for (i = from; i < to; i++)
		fprintf(out, "%4zu", i + 1);
	fputc('\n', out);
	for_each_feature(f) {
		fprintf(out, "%-20s", f->name);
		for (i = from; i < to; i++) {
			struct cell cell = group_cell(&fleet->group[i], b->backends, f->bit);

			fprintf(out, "   %s%c%s", colour ? cell.colour : "", cell.sign,
				colour ? "\033[0m" : "");
		}
		fputc('\n', out);
	}
}

void fleet_table(const struct tapcompat_fleet *fleet, FILE *out, unsigned int flags)
{
	struct baseline b;
	size_t i;

	baseline_of(fleet, &b);
	for (i = 0; i < fleet->groups; i++)
		print_group(fleet, i, out);
	for (i = 0; i < fleet->groups; i += COLUMNS)
		print_part(fleet, &b, i, out, flags);
	fputs("\n+ provided, e can only be emulated, . lacking, ? unknown, "
	      "! its frames are corrupted\n", out);
}
