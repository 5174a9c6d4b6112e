// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explain_print.c - explanations as text
 */
#include "report.h"

#include <stdio.h>

#include "explain/explain.h"
#include "table/bit.h"

static void print_row(const struct explain_row *row, FILE *out)
{
	const struct tapcompat_feature *f = feature_of_bit(row->bit);

	fprintf(out, "  %-20s %3u  %s%s%s\n", f ? f->name : "-", row->bit, bit_spec(row->bit),
		f ? ": " : "", f ? f->about : "");
	if (row->layer[0])
		fprintf(out, "  %25s removed by: %s\n", "", row->layer);
}

/* For scripts: only the names of the features. */
static void print_names(const struct tapcompat_explanation *e, FILE *out)
{
	unsigned int i;

	for (i = 0; i < e->rows; i++) {
		const struct tapcompat_feature *f = feature_of_bit(e->row[i].bit);

		if (f)
			fprintf(out, "%s\n", f->name);
	}
}

static void print_head(const struct tapcompat_explanation *e, FILE *out, unsigned int flags)
{
	const char *bold = flags & REPORT_COLOUR ? "\033[1m" : "";
	const char *plain = flags & REPORT_COLOUR ? "\033[0m" : "";
	char text[TAPCOMPAT_MASK_TEXT];

	if (e->quote[0])
		fprintf(out, "%s%s%s\n", bold, e->quote, plain);
	if (e->says[0])
		fprintf(out, "%s\n", e->says);
	if (!mask_empty(&e->missing))
		fprintf(out, "missing: %s\n", tapcompat_mask_format(&e->missing, text));
}

void explanation_print(const struct tapcompat_explanation *e, FILE *out, unsigned int flags)
{
	unsigned int i;

	if (flags & REPORT_QUIET) {
		print_names(e, out);
		return;
	}
	print_head(e, out, flags);
	for (i = 0; i < e->rows; i++) {
		struct explain_row row = e->row[i];

		/* In a single mask nothing is missing, so no layer is to blame. */
		if (e->kind == EXPLAIN_DECODED)
			row.layer[0] = '\0';
		print_row(&row, out);
	}
	if (e->cures)
		fputs("remedies:\n", out);
	for (i = 0; i < e->cures; i++)
		fprintf(out, "  - %s\n", e->cure[i]);
}
