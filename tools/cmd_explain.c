// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_explain.c - tapcompat explain
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tapcompat_fleet.h>

#include "report/report.h"

static const char help[] =
	"Usage: tapcompat explain MASK [MASK] [OPTION...]\n"
	"       tapcompat explain [OPTION...] < LOG\n\n"
	"Explains the masks that QEMU and libvirt print.  One mask is decoded.  Of two, the first\n"
	"is what a guest has acked and the second what a destination allows: each missing bit is\n"
	"named, with the layer that lacks it and what to do.  Without masks, a log is read from\n"
	"standard input, such as the output of journalctl.\n\n";

static const char status[] = "Exit status: 0 explained; 2 usage, or a bad document; 3 the log has "
			     "no message about features.\n";

static const struct command_option options[] = {
	{ "caps", "FILE", "the destination, a document of tapcompat probe -j there: then it is "
	  "known which layer lacks a feature", OPTION_TEXT(struct caps_request, caps) },
	{ 0 },
};

static int masks(const struct caps_request *r, int n, char **text,
		 const struct tapcompat_caps *host)
{
	struct tapcompat_explanation *e;
	struct tapcompat_mask mask[2] = { { { 0, 0 } } };
	int i, ret = EXIT_YES;

	for (i = 0; i < n; i++)
		if (tapcompat_mask_parse(text[i], &mask[i]))
			return fail(&r->out, EXIT_USAGE, "explain: a mask is \"0x\" and up to 32 "
				    "hexadecimal digits, not '%s'", text[i]);
	e = tapcompat_explain_masks(&mask[0], n > 1 ? &mask[1] : NULL, host);
	if (!e)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	if (r->out.json)
		ret = output_json(&r->out, tapcompat_explanations_json(&e, 1, json_flags(&r->out)));
	else
		explanation_print(e, stdout, table_flags(&r->out));
	tapcompat_explanation_free(e);
	return ret;
}

/* What was found in a log: collected for JSON, else printed at once. */
#define FOUND_MAX 512u		/* in one document */

struct found {
	struct tapcompat_explanation *list[FOUND_MAX];
	size_t n, told;
};

static int found_add(const struct caps_request *r, struct found *f, struct tapcompat_explanation *e)
{
	if (!r->out.json) {
		if (f->told++)
			putchar('\n');
		explanation_print(e, stdout, table_flags(&r->out));
		tapcompat_explanation_free(e);
		/* A log may be followed, as by journalctl -f. */
		return fflush(stdout) ? EXIT_UNDECIDED : EXIT_YES;
	}
	if (f->n == FOUND_MAX) {
		tapcompat_explanation_free(e);
		return fail(&r->out, EXIT_UNDECIDED, "the log has over %u such messages: give a "
			    "part of it", FOUND_MAX);
	}
	f->list[f->n++] = e;
	return EXIT_YES;
}

/* A line, or what fits of it; the rest is the next one.  NULs are blanks. */
static bool log_line(char *line, size_t size)
{
	size_t n = 0;
	int c = EOF;	/* a byte, as getc(3) has it */

	while (n < size - 1 && (c = getc(stdin)) != EOF && c != '\n')
		line[n++] = (char)(c ? c : ' ');
	line[n] = '\0';
	return n || c == '\n';
}

static int log_lines(const struct caps_request *r, const struct tapcompat_caps *host,
		     struct found *f)
{
	struct tapcompat_explanation *e;
	static char line[65536];	/* what is longer goes on in the next one */
	int ret = EXIT_YES;

	while (!ret && log_line(line, sizeof(line))) {
		if (tapcompat_explain_line(line, host, &e))
			return fail(&r->out, EXIT_UNDECIDED, "out of memory");
		if (e)
			ret = found_add(r, f, e);
	}
	if (!ret && ferror(stdin))
		return fail(&r->out, EXIT_UNDECIDED, "standard input: %s", strerror(errno));
	return ret;
}

static int log_all(const struct caps_request *r, const struct tapcompat_caps *host)
{
	struct found f = { .n = 0 };
	int ret;

	if (isatty(STDIN_FILENO))
		return fail(&r->out, EXIT_USAGE,
			    "explain: give one or two masks, or a log on standard "
			    "input: try tapcompat explain --help");
	ret = log_lines(r, host, &f);
	if (!ret && !f.n && !f.told)
		ret = fail(&r->out, EXIT_UNDECIDED,
			   "no line of this log is about features: "
			   "look for \"unsupported. Allowed features\" in QEMU's log of the "
			   "destination");
	else if (!ret && r->out.json)
		ret = output_json(&r->out, tapcompat_explanations_json(f.list, f.n,
								       json_flags(&r->out)));
	while (f.n)
		tapcompat_explanation_free(f.list[--f.n]);
	return ret;
}

static int run(void *request, int operands, char **operand)
{
	struct tapcompat_caps *host = NULL;
	struct caps_request *r = request;
	int ret = EXIT_YES;

	if (r->caps) {
		host = caps_from(&r->out, r->caps, (struct tapcompat_probe_options){ .size = 0 },
				 &ret);
		if (!host)
			return ret;
	}
	ret = operands ? masks(r, operands, operand, host) : log_all(r, host);
	tapcompat_caps_free(host);
	return ret;
}

const struct command cmd_explain = {
	.name = "explain",
	.about = "what the masks and messages of QEMU and libvirt mean",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct caps_request),
	.most = 2,
	.run = run,
};
