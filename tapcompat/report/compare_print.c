// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * compare_print.c - a comparison as text
 */
#include "report.h"

#include <stdio.h>

#include "feature/compare.h"
#include "ground/mask.h"
#include "table/bit.h"

static void print_names(FILE *out, const char *title, struct tapcompat_mask mask)
{
	char text[BIT_NAME];
	unsigned int bit;

	if (mask_empty(&mask))
		return;
	fprintf(out, "  %s:", title);
	for (bit = 0; bit < 128; bit++)
		if (tapcompat_mask_test(&mask, bit))
			fprintf(out, " %s", bit_name(bit, text));
	fputc('\n', out);
}

static void print_difference(const struct tapcompat_comparison *c,
			     const struct tapcompat_difference *d, FILE *out)
{
	char title[SET_NAME + 16];

	if (d->backend[0])
		fprintf(out, "%s: %s\n", d->backend, tapcompat_relation_name(d->relation));
	snprintf(title, sizeof(title), "only %s", c->a);
	print_names(out, title, d->more);
	snprintf(title, sizeof(title), "only %s", c->b);
	print_names(out, title, d->less);
	print_names(out, "unknown on one side, counted as missing there", d->unknown);
}

void comparison_print(const struct tapcompat_comparison *c, FILE *out, unsigned int flags)
{
	unsigned int i;

	fprintf(out, "%s\n", tapcompat_relation_name(c->relation));
	if (flags & REPORT_QUIET)
		return;
	for (i = 0; i < c->differences; i++)
		print_difference(c, &c->difference[i], out);
	if (c->nics)
		fputs("card:\n", out);
	for (i = 0; i < c->nics; i++)
		fprintf(out, "  %s: %s in %s, %s in %s\n", c->nic[i].row->name,
			c->nic[i].from, c->a, c->nic[i].to, c->b);
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (c->left_out >> i & 1)
			fprintf(out, "%s: not compared, unknown on one side\n",
				tapcompat_backend_name((enum tapcompat_backend_type)i));
}
