// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explain_print.c - explanations as text
 */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "explain/explain.h"
#include "ground/bytes.h"
#include "table/bit.h"

static void print_row(const struct tapcompat_explanation *e, const struct explain_row *row,
		      FILE *out)
{
	bool other_device = e->finding.kind == EXPLAIN_OTHER;
	const struct tapcompat_feature *f = other_device ? NULL : feature_of_bit(row->bit);
	const char *option = explain_option(e, row->bit);

	const char *name = f ? f->name : option[0] ? option : "-";

	fprintf(out, "  %-20.*s %3u  %s%s%s\n", (int)strcspn(name, "="), name, row->bit,
		explain_spec(e, row->bit), f ? ": " : "", f ? f->about : "");
	/* Of a mask alone nobody has taken anything. */
	if (e->finding.kind == EXPLAIN_DECODED)
		return;
	if (row->layer[0])
		fprintf(out, "  %25s removed by: %s\n", "", row->layer);
	if (option[0])
		fprintf(out, "  %25s option: %s\n", "", option);
}

/* For scripts: only the names of the features. */
static void print_names(const struct tapcompat_explanation *e, FILE *out)
{
	unsigned int i;

	for (i = 0; e->sure && i < e->rows; i++) {
		const struct tapcompat_feature *f = feature_of_bit(e->row[i].bit);

		if (f)
			fprintf(out, "%s\n", f->name);
	}
}

/* Whose it is, in a line. */
static void print_origin(const struct origin *o, FILE *out)
{
	const struct {
		const char *before, *text;
	} parts[] = {
		{ "machine ", o->machine }, { "host ", o->host }, { "card ", o->card },
		{ "by ", o->program }, { "PID ", o->pid }, { "QEMU ", o->qemu },
		{ "machine type ", o->type },
	};
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LENGTH(parts); i++)
		if (parts[i].text[0])
			fprintf(out, "%s%s%s", n++ ? ", " : "whose: ", parts[i].before,
				parts[i].text);
	if (n)
		putc('\n', out);
}

static void print_times(const struct finding *f, FILE *out)
{
	const char *first = f->origin.time;

	if (first[0])
		fprintf(out, "when: %s", first);
	if (f->count > 1)
		fprintf(out, "%s%lu times", first[0] ? ", " : "seen: ", f->count);
	if (f->count > 1 && f->last[0] && strcmp(f->last, first))
		fprintf(out, ", the last at %s", f->last);
	if (first[0] || f->count > 1)
		putc('\n', out);
}

static void print_head(const struct tapcompat_explanation *e, FILE *out, unsigned int flags)
{
	const char *bold = flags & REPORT_COLOUR ? "\033[1m" : "";
	const char *plain = flags & REPORT_COLOUR ? "\033[0m" : "";
	const struct finding *f = &e->finding;
	char text[TAPCOMPAT_MASK_TEXT];

	if (f->quote[0])
		fprintf(out, "%s%s%s\n", bold, f->quote, plain);
	print_origin(&f->origin, out);
	print_times(f, out);
	if (e->says[0])
		fprintf(out, "%s\n", e->says);
	if (!mask_empty(&f->missing) && f->kind != EXPLAIN_UNREADABLE)
		fprintf(out, "missing: %s\n", tapcompat_mask_format(&f->missing, text));
}

void explanation_print(const struct tapcompat_explanation *e, FILE *out, unsigned int flags)
{
	unsigned int i;

	if (flags & REPORT_QUIET) {
		if (!e->finding.said)
			print_names(e, out);
		return;
	}
	/* It was explained before the log ended. */
	if (e->finding.said) {
		fprintf(out, "again: %s\n", e->finding.quote);
		print_origin(&e->finding.origin, out);
		print_times(&e->finding, out);
		return;
	}
	print_head(e, out, flags);
	for (i = 0; i < e->rows; i++)
		print_row(e, &e->row[i], out);
	if (e->cures)
		fputs("remedies:\n", out);
	for (i = 0; i < e->cures; i++)
		fprintf(out, "  - %s\n", e->cure[i]);
}
