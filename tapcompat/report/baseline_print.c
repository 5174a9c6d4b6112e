// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * baseline_print.c - a baseline as text
 */
#include "baseline_json.h"
#include "document/document.h"

#include "feature/require.h"
#include "report.h"

#define NAMES_SHOWN 4	/* hosts named per group */

static void print_group(const struct tapcompat_fleet *fleet, const struct group *g, FILE *out)
{
	const struct fleet_host *host = NULL;
	unsigned long n = 0;

	fputs("  ", out);
	while (n < NAMES_SHOWN && (host = group_host(fleet, g, host)))
		fprintf(out, "%s%s", n++ ? ", " : "", host_name(fleet, host));
	if (g->hosts > n)
		fprintf(out, "%s%lu more", n ? " and " : "", g->hosts - n);
}

static void print_backends(const struct tapcompat_fleet *fleet, const struct baseline *b,
			   FILE *out)
{
	char text[TAPCOMPAT_MASK_TEXT];
	unsigned int i;

	fprintf(out, "\n  %-12s%-24s%-12s%s\n", "backend", "on every host", "model", "hosts");
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;
		const struct tapcompat_model *m = tapcompat_model_best(&b->each[i]);
		const char *name;
		unsigned long n = fleet_count(fleet, type, TAPCOMPAT_AVAILABLE, &name);

		if (n)
			fprintf(out, "  %-12s%-24s%-12s%lu\n", tapcompat_backend_name(type),
				tapcompat_mask_format(&b->each[i], text), m ? m->name : "-", n);
	}
}

static void print_costs(const struct tapcompat_fleet *fleet, const struct baseline *b, FILE *out)
{
	unsigned int i;

	if (b->costs)
		fputs("\nCosts:\n", out);
	for (i = 0; i < b->costs; i++) {
		const struct baseline_cost *c = &b->cost[i];

		if (c->hosts == 1 && fleet->hosts > 1)
			fprintf(out, "  %s: only %s lacks it\n", c->feature->name,
				c->lacks ? c->lacks : "one host");
		else
			fprintf(out, "  %s: %lu of %lu hosts lack it, such as %s\n",
				c->feature->name, c->hosts, fleet->hosts,
				c->lacks ? c->lacks : "?");
	}
}

static void print_losses(const struct tapcompat_fleet *fleet, const struct baseline *b, FILE *out)
{
	char names[512];
	size_t i;

	fputs("\nFeatures switched off on each host:\n", out);
	for (i = 0; i < fleet->groups; i++) {
		struct tapcompat_mask loses = group_loses(&fleet->group[i], b);

		mask_names(&loses, names, sizeof(names));
		print_group(fleet, &fleet->group[i], out);
		fprintf(out, ": %s\n", names[0] ? names : "none");
	}
}

/* The hosts that have features of the baseline by emulation only. */
static void print_emulated(const struct tapcompat_fleet *fleet, const struct baseline *b,
			   FILE *out)
{
	const char *title = "\nStart it with 'tapcompat run' on hosts that emulate features:\n";
	char names[512];
	size_t i;

	for (i = 0; i < fleet->groups; i++) {
		struct tapcompat_mask emulated = group_emulates(fleet, &fleet->group[i], b,
								b->mask);

		if (mask_empty(&emulated))
			continue;
		mask_names(&emulated, names, sizeof(names));
		fputs(title, out);
		print_group(fleet, &fleet->group[i], out);
		fprintf(out, ": %s\n", names);
		title = "";
	}
}

/* @device: options of -device, or ""; @later: what newer QEMUs also need, or "" */
static void print_lands(FILE *out, bool emulated, const char *device, const char *later)
{
	fputs(": lands", out);
	if (emulated)
		fputs(", with 'tapcompat run'", out);
	if (device[0])
		fprintf(out, "%s -device virtio-net-pci,...,%s", emulated ? " and" : ", with",
			device);
	else if (!emulated && !later[0])
		fputs(" as it is", out);
	fprintf(out, "%s%s\n", later[0] ? "; " : "", later);
}

static void print_landings(const struct tapcompat_fleet *fleet, const struct baseline *b,
			   FILE *out)
{
	char text[FLEET_FLAGS], later[FLAGS_TEXT];
	size_t i;

	if (mask_empty(&fleet->options.acked))
		return;
	fputs("\nDestinations for the running machine:\n", out);
	for (i = 0; i < fleet->groups; i++) {
		struct landing l = group_landing(fleet, &fleet->group[i], b);
		struct tapcompat_mask emulated = group_emulates(fleet, &fleet->group[i], b,
								fleet->options.acked);

		print_group(fleet, &fleet->group[i], out);
		if (!mask_empty(&l.lacks)) {
			mask_names(&l.lacks, text, sizeof(text));
			fprintf(out, ": does not land, the host%s lacks %s: cold restart needed\n",
				mask_intersects(&l.lacks, &b->qemu.too_new) ? " or its QEMU" : "",
				text);
		} else if (!mask_empty(&l.unknown)) {
			mask_names(&l.unknown, text, sizeof(text));
			fprintf(out, ": not known, %s not in its document: probe the host again "
				"as root\n", text);
		} else {
			fleet_flags(fleet, l.flags, text);
			flags_later_text(l.later, later, sizeof(later));
			print_lands(out, !mask_empty(&emulated), text, later);
		}
	}
}

static void print_holders(const struct machines *all, unsigned int i, FILE *out)
{
	char when[32] = "";
	struct tm tm;

	if (all->held[i])
		fprintf(out, "%lu machine%s it, such as %s", all->held[i],
			all->held[i] == 1 ? " holds" : "s hold", all->holder[i]);
	else if (all->maybe[i])
		fprintf(out, "none is known to hold it");
	else
		fprintf(out, "no machine holds it: switch it off for new ones");
	if (all->maybe[i])
		fprintf(out, ", of %lu it is unknown", all->maybe[i]);
	if (!all->held[i] && all->last[i] && gmtime_r(&all->last[i], &tm) &&
	    strftime(when, sizeof(when), DOCUMENT_TIME, &tm))
		fprintf(out, "; last at %s, %s", when, all->holder[i]);
	fputc('\n', out);
}

/* The way to a higher baseline, or a lower one. */
static void print_machines(const struct tapcompat_fleet *fleet, const struct baseline *b, FILE *out)
{
	const struct machines *all = &fleet->machines;
	const struct tapcompat_feature *f;

	if (!all->audits)
		return;
	fprintf(out, "\nRunning machines, %lu on %zu audited host%s:\n", all->machines, all->hosts,
		all->hosts == 1 ? "" : "s");
	for_each_feature(f) {
		if (!baseline_contested(b, all, f))
			continue;
		fprintf(out, "  %-20s ", f->name);
		print_holders(all, feature_index(f), out);
	}
}

static void print_warnings(const struct tapcompat_fleet *fleet, const struct baseline *b,
			   FILE *out, unsigned int flags)
{
	const char *ink = flags & REPORT_COLOUR ? "\033[33m" : "";
	const char *plain = flags & REPORT_COLOUR ? "\033[0m" : "";
	char text[CHECK_WAY];
	unsigned int i;

	if (fleet_fallback(fleet, text, sizeof(text)))
		fprintf(out, "\n%swarning%s: %s\n", ink, plain, text);
	for (i = 0; baseline_drift(b, i, text, sizeof(text)); i++)
		fprintf(out, "\n%swarning%s: %s\n", ink, plain, text);
}

static void print_head(const struct tapcompat_fleet *fleet, const struct baseline *b, FILE *out)
{
	char mask[TAPCOMPAT_MASK_TEXT], device[FLEET_FLAGS], later[FLAGS_TEXT];
	unsigned int i, n = 0;

	fprintf(out, "%lu host%s", fleet->hosts, fleet->hosts == 1 ? "" : "s");
	if (fleet->skipped)
		fprintf(out, " (and %lu bad document%s skipped)", fleet->skipped,
			fleet->skipped == 1 ? "" : "s");
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (b->backends >> i & 1)
			fprintf(out, "%s%s", n++ ? " and " : ", over ",
				tapcompat_backend_name((enum tapcompat_backend_type)i));
	fprintf(out, ": %s, %s\n", tapcompat_mask_format(&b->mask, mask),
		b->model ? b->model->name : "no model");
	fleet_flags(fleet, b->flags, device);
	flags_later_text(b->later, later, sizeof(later));
	if (device[0] && fleet_queues(fleet) > 1)
		fprintf(out, "\n  -netdev ...,queues=%u", fleet_queues(fleet));
	if (device[0])
		fprintf(out, "\n  -device virtio-net-pci,...,%s\n", device);
	else if (!later[0])
		fputs("\n  no flags are needed\n", out);
	if (later[0])
		fprintf(out, "%s  %s: give --qemu-version\n", device[0] ? "" : "\n", later);
}

static void print_unknown(const struct baseline *b, FILE *out)
{
	char names[512];

	mask_names(&b->unknown, names, sizeof(names));
	if (names[0])
		fprintf(out, "\nSwitched off, not known on every host: %s\n", names);
}

static void print_extra(const struct baseline *b, FILE *out)
{
	struct tapcompat_mask extra = baseline_extra(b);
	char names[256];

	mask_names(&extra, names, sizeof(names));
	if (names[0])
		fprintf(out, "\nOff by default, but on every host (--with=LIST): %s\n", names);
}

void fleet_print(const struct tapcompat_fleet *fleet, FILE *out, unsigned int flags)
{
	struct baseline b;

	baseline_of(fleet, &b);
	print_head(fleet, &b, out);
	print_unknown(&b, out);
	print_emulated(fleet, &b, out);
	if (!(flags & REPORT_QUIET)) {
		print_backends(fleet, &b, out);
		print_costs(fleet, &b, out);
		print_losses(fleet, &b, out);
		print_extra(&b, out);
	}
	print_machines(fleet, &b, out);
	print_landings(fleet, &b, out);
	print_warnings(fleet, &b, out, flags);
}
