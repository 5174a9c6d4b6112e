// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * check_print.c - checks in the style of virt-host-validate(1), and offers as a table
 */
#include "report.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "feature/offer.h"
#include "ground/mask.h"
#include "ground/text.h"

static const struct {
	const char *word, *colour;
} verdicts[] = {
	[TAPCOMPAT_PASS] = { "PASS", "\033[32m" },
	[TAPCOMPAT_WARN] = { "WARN", "\033[33m" },
	[TAPCOMPAT_FAIL] = { "FAIL", "\033[31m" },
};

#define REASON_TEXT (2ul * CAPS_DETAIL)

static void reason_of(const struct tapcompat_finding *f, char text[REASON_TEXT])
{
	bool shown = f->layer[0] && f->exit != TAPCOMPAT_EXIT_UNDECIDED;

	text_set(text, REASON_TEXT, "%s%s%s", shown ? f->layer : "",
		 shown && f->detail[0] ? ": " : "", f->detail);
	if (f->since[0] && f->exit == TAPCOMPAT_EXIT_LACKS)
		text_add(text, REASON_TEXT, "; %s %s has it",
			 strcmp(f->layer, CHECK_QEMU) ? "Linux" : f->layer, f->since);
	if (f->needed_by[0])
		text_add(text, REASON_TEXT, "%s%s needs it", *text ? "; " : "", f->needed_by);
}

/* A reason why many features in a row are missing is printed once. */
static void print_reason(const struct tapcompat_finding *f, char last[REASON_TEXT], FILE *out)
{
	char text[REASON_TEXT];

	reason_of(f, text);
	if (*text)
		fprintf(out, " (%s)", f->verdict != TAPCOMPAT_FAIL || strcmp(text, last) ? text :
			"as above");
	memcpy(last, text, REASON_TEXT);
}

static void print_start(const struct tapcompat_check *check, FILE *out)
{
	char later[FLAGS_TEXT], netdev[48] = "";

	flags_later_text(check->later, later, sizeof(later));
	if (check->queues)
		text_set(netdev, sizeof(netdev), " -netdev ...,queues=%u", check->queues);
	if (check->start[0])
		fprintf(out, "\nStart it here with%s%s -device virtio-net-pci,...,%s\n",
			mask_empty(&check->emulated) ? ":" : " 'tapcompat run' and", netdev,
			check->start);
	if (later[0])
		fprintf(out, "%s%s: give --qemu-version\n", check->start[0] ? "" : "\n", later);
}

static void print_nic(const struct tapcompat_check *check, FILE *out, unsigned int flags)
{
	bool ink = flags & REPORT_COLOUR;
	unsigned int i;

	for (i = 0; i < check->nics; i++) {
		const struct nic_difference *d = &check->nic[i];

		fprintf(out, "  %s: Checking for %-20s (card)   : %s%s%s (%s in the record, %s "
			"here: %s)\n", check->subject, d->row->name,
			ink ? verdicts[d->verdict].colour : "", verdicts[d->verdict].word,
			ink ? "\033[0m" : "", d->from, d->to, d->why);
	}
}

void check_print(const struct tapcompat_check *check, FILE *out, unsigned int flags)
{
	char reason[REASON_TEXT] = "";
	unsigned int i;

	for (i = 0; i < check->findings; i++) {
		const struct tapcompat_finding *f = &check->finding[i];
		bool ink = flags & REPORT_COLOUR;

		if (flags & REPORT_QUIET && f->verdict == TAPCOMPAT_PASS)
			continue;
		fprintf(out, "  %s: Checking for %-20s (bit %2u) : %s%s%s", check->subject,
			f->feature->name, f->feature->bit, ink ? verdicts[f->verdict].colour : "",
			verdicts[f->verdict].word, ink ? "\033[0m" : "");
		print_reason(f, reason, out);
		fputc('\n', out);
	}
	print_nic(check, out, flags);
	if (check->refused)
		fprintf(out, "  %s: Checking the %s : %s%s%s (%s)\n", check->subject,
			check->running ? "record" : "exclusion",
			flags & REPORT_COLOUR ? verdicts[TAPCOMPAT_FAIL].colour : "",
			verdicts[TAPCOMPAT_FAIL].word, flags & REPORT_COLOUR ? "\033[0m" : "",
			check->refusal);
	print_start(check, out);
	if (check->ways)
		fputs("\nWays out, any one is enough:\n", out);
	for (i = 0; i < check->ways; i++)
		fprintf(out, "  - %s\n", check->way[i]);
}

void offer_print(const struct tapcompat_offer *offer, FILE *out, unsigned int flags)
{
	struct tapcompat_mask mask = tapcompat_offer_mask(offer);
	const struct tapcompat_finding *f;
	char text[TAPCOMPAT_MASK_TEXT];
	unsigned int i;

	fprintf(out, "QEMU %s, %s, vhost=%s: offers %s\n", offer->qemu, offer->machine,
		offer->backend == TAPCOMPAT_TAP ? "off" : "on",
		tapcompat_mask_format(&mask, text));
	fprintf(out, "\n  %-20s %3s  %-8s%s\n", "feature", "bit", "offered", "removed by");
	for (i = 0; (f = tapcompat_offer_at(offer, i)); i++) {
		bool ink = flags & REPORT_COLOUR, on = f->verdict == TAPCOMPAT_PASS;

		if (flags & REPORT_QUIET && on)
			continue;
		fprintf(out, "  %-20s %3u  %s%s%s", f->feature->name, f->feature->bit,
			ink ? verdicts[f->verdict].colour : "", on ? "yes" : "no",
			ink ? "\033[0m" : "");
		if (!on)
			fprintf(out, "      %s: %s", f->layer, f->detail);
		fputc('\n', out);
	}
}
