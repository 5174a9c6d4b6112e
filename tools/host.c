// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host.c - probing this host, loading its document, asking a QEMU
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "report/report.h"

#define PROGRESS_AFTER 500	/* ms without an answer */

/* Drawn on a terminal when a probe takes longer than that. */
struct progress {
	struct timespec start;
	bool shown;
};

static long elapsed_ms(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000L + (now.tv_nsec - start->tv_nsec) / 1000000;
}

static void progress_show(void *arg, const char *what)
{
	struct progress *p = arg;

	if (elapsed_ms(&p->start) < PROGRESS_AFTER)
		return;
	fprintf(stderr, "\r\033[Kprobing %s", what);
	fflush(stderr);
	p->shown = true;
}

struct tapcompat_caps *host_probe(const struct output *out,
				  struct tapcompat_probe_options options)
{
	struct progress progress = { .shown = false };
	struct tapcompat_caps *caps = NULL;
	struct tapcompat_error error;
	int ret;

	options.size = sizeof(options);
	clock_gettime(CLOCK_MONOTONIC, &progress.start);
	if (progress_wanted(out)) {
		options.progress = progress_show;
		options.arg = &progress;
	}
	ret = tapcompat_probe(&options, &caps, &error);
	if (progress.shown)
		fputs("\r\033[K", stderr);
	if (ret)
		fail(out, EXIT_UNDECIDED, "%s", error.text);
	return ret ? NULL : caps;
}

struct tapcompat_caps *caps_from(const struct output *out, const char *path,
				 struct tapcompat_probe_options options, int *code)
{
	struct tapcompat_caps *caps;
	struct tapcompat_error error;
	int ret;

	*code = EXIT_UNDECIDED;
	if (!path)
		return host_probe(out, options);
	ret = tapcompat_caps_load(path, &caps, &error);
	if (!ret)
		return caps;
	if (ret != -ENOMEM)
		*code = EXIT_USAGE;
	fail(out, *code, "%s", error.text);
	return NULL;
}

int offer_ask(const struct output *out, const struct tapcompat_offer_options *o,
	      const struct tapcompat_caps *caps, struct tapcompat_offer **offer)
{
	struct tapcompat_error error;
	int ret = tapcompat_offer(caps, o, offer, &error);

	if (!ret)
		return EXIT_YES;
	/* A wrong path, no permission, not a program; or an unknown machine type or option. */
	return fail(out, ret == -ENOENT || ret == -EACCES || ret == -ENOEXEC || ret == -EINVAL ?
		    EXIT_USAGE : EXIT_UNDECIDED, "%s", error.text);
}

unsigned int json_flags(const struct output *out)
{
	return out->pretty ? TAPCOMPAT_PRETTY : 0;
}

unsigned int table_flags(const struct output *out)
{
	unsigned int flags = out->quiet ? REPORT_QUIET : 0;
	const char *no_colour = getenv("NO_COLOR");

	if (isatty(STDOUT_FILENO) && !terminal_dumb() && !(no_colour && *no_colour))
		flags |= REPORT_COLOUR;
	return flags;
}
