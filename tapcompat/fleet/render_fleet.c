// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * render_fleet.c - models and comparisons for eyes
 */
#include <stdio.h>
#include <string.h>

#include "ground/mask.h"
#include "pure/compare.h"
#include "pure/require.h"
#include "table/bit.h"
#include "table/model.h"

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

static void print_model_line(const struct tapcompat_model *m, FILE *out, unsigned int flags)
{
	bool alias = m == tapcompat_model_find(MODEL_ALIAS);

	if (flags & TAPCOMPAT_QUIET)
		fprintf(out, "%s\n", m->name);
	else
		fprintf(out, "%-10s %-10s %-6s %-6s %s%s\n", m->name, m->status, m->linux_release,
			m->qemu, m->about, alias ? " (what " MODEL_ALIAS " stands for)" : "");
}

static void print_feature(const struct tapcompat_feature *f, FILE *out)
{
	const char *linux_release = f->linux_vhost[0] == '-' ? "any" : f->linux_vhost;
	char names[128];

	fprintf(out, "  %-20s %3u  Linux %-7s QEMU %-5s %s", f->name, f->bit, linux_release,
		f->qemu, f->about);
	if (f->deprecated[0] != '-') {
		mask_names(&f->replacement, names, sizeof(names));
		fprintf(out, "; deprecated since Linux %s, use %s", f->deprecated, names);
	}
	fputc('\n', out);
}

static void print_model(const struct tapcompat_model *m, FILE *out, unsigned int flags)
{
	struct tapcompat_mask all = tapcompat_model_features(m), mask = all;
	char text[TAPCOMPAT_MASK_TEXT], print[TAPCOMPAT_FINGERPRINT_TEXT];
	const struct tapcompat_feature *f;

	if (flags & TAPCOMPAT_NO_DEPRECATED)
		mask = tapcompat_model_current(m);
	if (!(flags & TAPCOMPAT_QUIET))
		fprintf(out, "%s: %s; %s; fingerprint %s\nneeds Linux %s and QEMU %s\n\n", m->name,
			m->status, tapcompat_mask_format(&mask, text),
			tapcompat_mask_fingerprint(&all, print), m->linux_release, m->qemu);
	for_each_feature(f) {
		if (!tapcompat_mask_test(&mask, f->bit))
			continue;
		if (flags & TAPCOMPAT_QUIET)
			fprintf(out, "%s\n", f->name);
		else
			print_feature(f, out);
	}
}

void tapcompat_models_print(const struct tapcompat_model *model, FILE *out, unsigned int flags)
{
	unsigned int i;

	if (model) {
		print_model(model, out, flags);
		return;
	}
	if (!(flags & TAPCOMPAT_QUIET))
		fprintf(out, "%-10s %-10s %-6s %-6s %s\n", "model", "status", "Linux", "QEMU",
			"what it has");
	for (i = 0; (model = tapcompat_model_at(i)); i++)
		print_model_line(model, out, flags);
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
	print_names(out, "not known on one side, and counted as missing there", d->unknown);
}

void tapcompat_comparison_print(const struct tapcompat_comparison *c, FILE *out,
				unsigned int flags)
{
	unsigned int i;

	fprintf(out, "%s\n", tapcompat_relation_name(c->relation));
	if (flags & TAPCOMPAT_QUIET)
		return;
	for (i = 0; i < c->differences; i++)
		print_difference(c, &c->difference[i], out);
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (c->left_out >> i & 1)
			fprintf(out, "%s: left out, it is not known on one side\n",
				tapcompat_backend_name((enum tapcompat_backend_type)i));
}
