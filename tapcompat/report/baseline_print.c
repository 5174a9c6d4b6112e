// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * baseline_print.c - a baseline for eyes
 */
#include "baseline_json.h"
#include "feature/require.h"
#include "report.h"

#define NAMES_SHOWN 4	/* of a group's hosts */

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

	fprintf(out, "\n  %-12s%-24s%-12s%s\n", "backend", "every host gives", "model", "hosts");
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
		fputs("\nWhat it costs:\n", out);
	for (i = 0; i < b->costs; i++) {
		const struct baseline_cost *c = &b->cost[i];

		if (c->hosts == 1 && fleet->hosts > 1)
			fprintf(out, "  %s alone takes away %s\n", c->lacks ? c->lacks : "one host",
				c->feature->name);
		else
			fprintf(out, "  %lu of %lu hosts, such as %s, take away %s\n", c->hosts,
				fleet->hosts, c->lacks ? c->lacks : "?", c->feature->name);
	}
}

static void print_losses(const struct tapcompat_fleet *fleet, const struct baseline *b, FILE *out)
{
	char names[512];
	size_t i;

	fputs("\nWhat each host loses by it:\n", out);
	for (i = 0; i < fleet->groups; i++) {
		struct tapcompat_mask loses = group_loses(&fleet->group[i], b);

		mask_names(&loses, names, sizeof(names));
		print_group(fleet, &fleet->group[i], out);
		fprintf(out, ": %s\n", names[0] ? names : "nothing");
	}
}

/* What the flags take for granted of the hosts that have it by emulation alone. */
static void print_carried(const struct tapcompat_fleet *fleet, const struct baseline *b,
			  FILE *out)
{
	const char *title = "\nWhere it is to be started by tapcompat run, for what is emulated:\n";
	char names[512];
	size_t i;

	for (i = 0; i < fleet->groups; i++) {
		struct tapcompat_mask carries = group_carries(fleet, &fleet->group[i], b, b->mask);

		if (mask_empty(&carries))
			continue;
		mask_names(&carries, names, sizeof(names));
		fputs(title, out);
		print_group(fleet, &fleet->group[i], out);
		fprintf(out, ": %s\n", names);
		title = "";
	}
}

static void print_landings(const struct tapcompat_fleet *fleet, const struct baseline *b,
			   FILE *out)
{
	char text[CHECK_WAY];
	size_t i;

	if (mask_empty(&fleet->options.acked))
		return;
	fputs("\nWhere the machine that runs can go:\n", out);
	for (i = 0; i < fleet->groups; i++) {
		struct landing l = group_landing(fleet, &fleet->group[i], b);
		struct tapcompat_mask carries = group_carries(fleet, &fleet->group[i], b,
							      fleet->options.acked);

		print_group(fleet, &fleet->group[i], out);
		if (!mask_empty(&l.lacks)) {
			mask_names(&l.lacks, text, sizeof(text));
			fprintf(out, ": does not land, it lacks %s: only a cold restart helps\n",
				text);
		} else if (!mask_empty(&l.unknown)) {
			mask_names(&l.unknown, text, sizeof(text));
			fprintf(out, ": not known, its document does not tell of %s: probe it "
				"again, as root\n", text);
		} else {
			flags_text(l.flags, text, sizeof(text));
			fprintf(out, ": lands%s%s%s\n", mask_empty(&carries) ? "" :
				", by tapcompat run", text[0] ?
				", with -device virtio-net-pci,...," : " as it is", text);
		}
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
	char mask[TAPCOMPAT_MASK_TEXT], device[CHECK_WAY];
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
	flags_text(b->flags, device, sizeof(device));
	if (device[0])
		fprintf(out, "\n  -device virtio-net-pci,...,%s\n", device);
	else
		fputs("\n  no flags are needed\n", out);
}

static void print_unknown(const struct baseline *b, FILE *out)
{
	char names[512];

	mask_names(&b->unknown, names, sizeof(names));
	if (names[0])
		fprintf(out, "\nNot known on every host, and so switched off: %s\n", names);
}

static void print_extra(const struct baseline *b, FILE *out)
{
	struct tapcompat_mask extra = baseline_extra(b);
	char names[256];

	mask_names(&extra, names, sizeof(names));
	if (names[0])
		fprintf(out, "\nOff in QEMU, and on every host for --with=LIST: %s\n", names);
}

void fleet_print(const struct tapcompat_fleet *fleet, FILE *out, unsigned int flags)
{
	struct baseline b;

	baseline_of(fleet, &b);
	print_head(fleet, &b, out);
	print_unknown(&b, out);
	print_carried(fleet, &b, out);
	if (!(flags & REPORT_QUIET)) {
		print_backends(fleet, &b, out);
		print_costs(fleet, &b, out);
		print_losses(fleet, &b, out);
		print_extra(&b, out);
	}
	print_landings(fleet, &b, out);
	print_warnings(fleet, &b, out, flags);
}
