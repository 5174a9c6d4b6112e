// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * caps_print.c - capabilities as a table
 */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "feature/caps.h"
#include "ground/bytes.h"

enum ink { INK_PLAIN, INK_GOOD, INK_WARN, INK_BAD, INK_FAINT, INK_TITLE };

static const char *const ink_codes[] = {
	[INK_PLAIN] = "", [INK_GOOD] = "\033[32m", [INK_WARN] = "\033[33m",
	[INK_BAD] = "\033[31m", [INK_FAINT] = "\033[2m", [INK_TITLE] = "\033[1m",
};

static const enum ink state_ink[] = {
	[TAPCOMPAT_UNLISTED] = INK_FAINT, [TAPCOMPAT_NATIVE] = INK_GOOD,
	[TAPCOMPAT_EMULATED] = INK_WARN, [TAPCOMPAT_ABSENT] = INK_FAINT,
	[TAPCOMPAT_UNKNOWN] = INK_WARN,
};

static const enum ink verified_ink[] = {
	[TAPCOMPAT_UNTESTED] = INK_FAINT, [TAPCOMPAT_PASSED] = INK_GOOD,
	[TAPCOMPAT_INEFFECTIVE] = INK_WARN, [TAPCOMPAT_FAILED] = INK_BAD,
};

struct render {
	const struct tapcompat_caps *caps;
	FILE *out;
	unsigned int flags;
	unsigned int columns;
};

#define REASON_COLUMN 50

/* Print text from column @at, wrapped at blanks and indented to that column. */
static void render_text(const struct render *r, const char *text, int at)
{
	size_t room = r->columns > (unsigned int)at + 20 ? r->columns - (unsigned int)at : 0;

	while (room && strlen(text) > room) {
		size_t n = room;

		while (n && text[n] != ' ')
			n--;
		if (!n)
			break;
		fprintf(r->out, "%.*s\n%*s", (int)n, text, at, "");
		text += n + 1;
	}
	fprintf(r->out, "%s\n", text);
}

/* Print a word, padded to @width after the end of its colour. */
static void render_word(const struct render *r, enum ink ink, const char *word, int width)
{
	bool colour = (r->flags & REPORT_COLOUR) && ink != INK_PLAIN;

	fprintf(r->out, "%s%-*s%s", colour ? ink_codes[ink] : "", width, word,
		colour ? "\033[0m" : "");
}

static bool render_wants(const struct render *r, struct tapcompat_report report)
{
	if (report.state == TAPCOMPAT_UNLISTED)
		return false;
	if (!(r->flags & REPORT_QUIET) || report.state != TAPCOMPAT_NATIVE)
		return true;
	return r->caps->frames_wanted && report.verified != TAPCOMPAT_PASSED;
}

static void render_feature(const struct render *r, const struct tapcompat_feature *f,
			   struct tapcompat_report report)
{
	fprintf(r->out, "  %-20s %3u  ", f->name, f->bit);
	render_word(r, state_ink[report.state], tapcompat_state_name(report.state), 9);
	/* No trailing blanks if there is no detail. */
	render_word(r, verified_ink[report.verified], tapcompat_verified_name(report.verified),
		    report.detail[0] ? 13 : 0);
	render_text(r, report.detail, REASON_COLUMN);
}

static void render_sizes(const struct render *r, const struct caps_backend *b)
{
	unsigned int i;

	if (!b->sizes)
		return;
	fprintf(r->out, "; vnet header");
	for (i = 0; i < b->sizes; i++)
		fprintf(r->out, "%s %u", i ? "," : "", b->size[i]);
	fprintf(r->out, " bytes%s", b->multi_queue ? "; multi-queue" : "");
}

static void render_vdpa(const struct render *r, const char *what, const struct caps_vdpa *v,
			unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		fprintf(r->out, "  %s %s%s%s\n", what, v[i].name, v[i].parent[0] ? " of " : "",
			v[i].parent);
}

/* Return: an earlier backend with the same state and detail, or NULL */
static const char *render_said(const struct render *r, enum tapcompat_backend_type type)
{
	const struct caps_backend *b = r->caps->backend;
	int i;

	for (i = 0; i < (int)type; i++)
		if (b[i].availability == b[type].availability &&
		    !strcmp(b[i].detail, b[type].detail))
			return tapcompat_backend_name((enum tapcompat_backend_type)i);
	return NULL;
}

static void render_unavailable(const struct render *r, enum tapcompat_backend_type type)
{
	const struct caps_backend *b = &r->caps->backend[type];
	const char *said = render_said(r, type);

	fprintf(r->out, ": %s", b->availability == TAPCOMPAT_UNDECIDED ?
		"unknown" : "not available");
	if (said)
		fprintf(r->out, ", same as %s\n", said);
	else
		fputs(":\n  ", r->out);
	if (!said)
		render_text(r, b->detail, 2);
}

static void render_features(const struct render *r, enum tapcompat_backend_type type)
{
	const struct tapcompat_feature *f;
	bool titled = false;

	for_each_feature(f) {
		struct tapcompat_report report = tapcompat_caps_report(r->caps, type, f);

		if (!render_wants(r, report))
			continue;
		if (!titled)
			fprintf(r->out, "  %-20s %3s  %-9s%-13s%s\n", "feature", "bit", "state",
				"verified", "reason");
		titled = true;
		render_feature(r, f, report);
	}
	if (!titled)
		fprintf(r->out, "  all native%s\n", r->caps->frames_wanted ? " and passed" : "");
}

static void render_backend(const struct render *r, enum tapcompat_backend_type type)
{
	const struct caps_backend *b = &r->caps->backend[type];
	bool available = b->availability == TAPCOMPAT_AVAILABLE;

	fputc('\n', r->out);
	render_word(r, INK_TITLE, tapcompat_backend_name(type), 0);
	if (available) {
		render_sizes(r, b);
		fputc('\n', r->out);
	} else {
		render_unavailable(r, type);
	}
	render_vdpa(r, "management device", b->manager, b->managers);
	render_vdpa(r, "device", b->device, b->devices);
	if (b->unlisted)
		fprintf(r->out, "  and %u more\n", b->unlisted);
	if (available)
		render_features(r, type);
}

void caps_print(const struct tapcompat_caps *caps, FILE *out, unsigned int flags,
		unsigned int columns)
{
	struct render r = { .caps = caps, .out = out, .flags = flags, .columns = columns };
	int i;

	fprintf(out, "%s: Linux %s, %s\n", caps->host, caps->kernel, caps->machine);
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (caps->backend[i].availability != TAPCOMPAT_NOT_ASKED)
			render_backend(&r, (enum tapcompat_backend_type)i);
}
