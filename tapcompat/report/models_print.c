// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * models_print.c - models as a table
 */
#include "report.h"

#include <stdio.h>

#include "feature/require.h"
#include "table/model.h"

static void print_model_line(const struct tapcompat_model *m, FILE *out, unsigned int flags)
{
	bool alias = m == tapcompat_model_find(MODEL_ALIAS);

	if (flags & REPORT_QUIET)
		fprintf(out, "%s\n", m->name);
	else
		fprintf(out, "%-10s %-10s %-6s %-6s %s%s\n", m->name, m->status, m->linux_release,
			m->qemu, m->about, alias ? " (alias " MODEL_ALIAS ")" : "");
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
	char text[TAPCOMPAT_MASK_TEXT], print[MASK_FINGERPRINT];
	const struct tapcompat_feature *f;

	if (flags & TAPCOMPAT_NO_DEPRECATED)
		mask = model_current(m);
	if (!(flags & REPORT_QUIET))
		fprintf(out, "%s: %s; %s; fingerprint %s\nneeds Linux %s and QEMU %s\n\n", m->name,
			m->status, tapcompat_mask_format(&mask, text),
			mask_fingerprint(&all, print), m->linux_release, m->qemu);
	for_each_feature(f) {
		if (!tapcompat_mask_test(&mask, f->bit))
			continue;
		if (flags & REPORT_QUIET)
			fprintf(out, "%s\n", f->name);
		else
			print_feature(f, out);
	}
}

static void print_exclusions(FILE *out)
{
	const struct tapcompat_exclusion *e;
	unsigned int i;

	fputs("\nexclusions, for --without: features that must be off\n", out);
	for (i = 0; (e = tapcompat_exclusion_at(i)); i++)
		fprintf(out, "%-10s Linux %s and later: %s: %s\n", e->name, e->linux_release,
			e->about, e->features);
}

void models_print(const struct tapcompat_model *model, FILE *out, unsigned int flags)
{
	unsigned int i;

	if (model) {
		print_model(model, out, flags);
		return;
	}
	if (!(flags & REPORT_QUIET))
		fprintf(out, "%-10s %-10s %-6s %-6s %s\n", "model", "status", "Linux", "QEMU",
			"features");
	for (i = 0; (model = tapcompat_model_at(i)); i++)
		print_model_line(model, out, flags);
	if (!(flags & REPORT_QUIET))
		print_exclusions(out);
}
