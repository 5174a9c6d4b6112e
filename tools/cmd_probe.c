// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_probe.c - tapcompat probe
 */
#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tapcompat_fleet.h>

#include "report/report.h"

static const char help[] =
	"Usage: tapcompat probe [OPTION...]\n\n"
	"Finds out which features this host's tap, macvtap, vhost-net, vhost-vdpa and eBPF\n"
	"steering provide for a virtio-net device, and tests them with frames, on devices of\n"
	"its own.\n\n";

static const char status[] =
	"Exit status: 0 done; 2 usage; 3 unknown, or the answer could not be written; 4 with\n"
	"--strict, a feature failed its test.\n";

struct request {
	struct output out;
	struct tapcompat_probe_options probe;
	bool strict, format_given;
	unsigned int asked;		/* backends that were given */
	unsigned int format;		/* enum cluster_format */
	const char *caps, *output, *expire_days;
	unsigned int days;		/* of @expire_days; 0: none, or invalid */
};

static const char *format_word(unsigned int index)
{
	return index < CLUSTERS ?
	       cluster_name((enum cluster_format)index) : NULL;
}

static const struct command_option options[] = {
	{ "no-verify", NULL, "ask the kernel, and send no frames",
	  OPTION_BIT(struct request, probe.flags, TAPCOMPAT_PROBE_NO_VERIFY) },
	{ "backend", "NAME", "only this one; may be given again: tap, macvtap, vhost-net, "
	  "vhost-vdpa, ebpf-rss",
	  OPTION_WORD_SET(struct request, probe.backends, option_backend_word) },
	{ "load-modules", NULL, "load the kernel modules that are missing",
	  OPTION_BIT(struct request, probe.flags, TAPCOMPAT_PROBE_LOAD_MODULES) },
	{ "strict", NULL, "end with 4 if a feature fails its test with frames",
	  OPTION_FLAG(struct request, strict) },
	{ "format", "nfd|prometheus|nova", "write what Node Feature Discovery, node_exporter's "
	  "textfile collector or nova-compute reads: the features of vhost-net where the host has "
	  "it, else of tap; or of the one --backend",
	  OPTION_WORD(struct request, format, format_word),
	  .given = offsetof(struct request, format_given) },
	{ "caps", "FILE", "with --format: of a document of tapcompat probe -j instead of this host",
	  OPTION_TEXT(struct request, caps) },
	{ "expire-days", "N", "with --format=nfd: the labels expire N days after the probe, "
	  "so that those of a host that is not probed any more vanish",
	  OPTION_TEXT(struct request, expire_days) },
	{ "output", "FILE", "with --format or -j: replace FILE as a whole or not at all",
	  OPTION_TEXT_FILLED(struct request, output) },
	{ 0 },
};

/* For --strict: name what failed. */
static int failures(const struct tapcompat_caps *caps)
{
	const struct tapcompat_feature *f;
	int i, ret = EXIT_YES;
	unsigned int row;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;

		for (row = 0; (f = tapcompat_feature_at(row)); row++) {
			if (tapcompat_caps_report(caps, type, f).verified != TAPCOMPAT_FAILED)
				continue;
			complain("%s: %s failed its test with frames", tapcompat_backend_name(type),
				 f->name);
			ret = EXIT_BROKEN;
		}
	}
	return ret;
}

/* To stdout, or to the file of --output. */
static int write_text(const struct request *r, char *text)
{
	int ret;

	if (!text)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	ret = output_file(&r->out, r->output ? r->output : "-", text);
	free(text);
	return ret;
}

/* Nothing is written then, so that a scheduler keeps the last known state. */
static int unsure(const struct request *r, const struct tapcompat_caps *caps,
		  enum tapcompat_backend_type type)
{
	const char *why = tapcompat_caps_detail(caps, type);

	fail(&r->out, EXIT_UNDECIDED, "%s: unknown: %s: nothing is written",
	     tapcompat_backend_name(type), *why ? why : "not probed");
	return -1;
}

/*
 * Whose features they are: those of the backend that was asked for, or of the best one.
 * -1: unknown, after a message.
 */
static int cluster_backend(const struct request *r, const struct tapcompat_caps *caps)
{
	static const enum tapcompat_backend_type best[] = { TAPCOMPAT_VHOST_NET, TAPCOMPAT_TAP };
	const enum tapcompat_backend_type asked =
		(enum tapcompat_backend_type)(ffs((int)r->asked) - 1);
	const enum tapcompat_backend_type *type = r->asked ? &asked : best;
	size_t n = r->asked ? 1 : sizeof(best) / sizeof(best[0]);

	for (;; type++) {
		enum tapcompat_availability is = tapcompat_caps_availability(caps, *type);
		bool last = !--n;

		/* A missing backend provides nothing, which is an answer. */
		if (is == TAPCOMPAT_AVAILABLE || (is == TAPCOMPAT_UNAVAILABLE && last))
			return (int)*type;
		if (is == TAPCOMPAT_UNDECIDED || last)
			return unsure(r, caps, *type);
	}
}

static int answer_cluster(const struct request *r, const struct tapcompat_caps *caps)
{
	int type = cluster_backend(r, caps);

	if (type < 0)
		return EXIT_UNDECIDED;
	if (r->days && !tapcompat_caps_host(caps).probed_at)
		return fail(&r->out, EXIT_USAGE, "probe: --expire-days: %s does not say when the "
			    "host was probed", r->caps);
	return write_text(r, caps_cluster(caps, (enum tapcompat_backend_type)type,
						    (enum cluster_format)r->format, r->days));
}

/* Even if nothing was determined, stdout gets a document or a table that says so. */
static int answer_all(const struct request *r, const struct tapcompat_caps *caps)
{
	const char *undecided = tapcompat_caps_undecided(caps);
	int ret = EXIT_YES;

	if (undecided && r->output)
		return fail(&r->out, EXIT_UNDECIDED, "nothing could be determined: %s", undecided);
	if (r->out.json)
		ret = write_text(r, tapcompat_caps_json(caps, json_flags(&r->out)));
	else
		caps_print(caps, stdout, table_flags(&r->out), terminal_columns());
	if (!undecided)
		return ret;
	complain("nothing could be determined: %s", undecided);
	return EXIT_UNDECIDED;
}

static int answer(const struct request *r, const struct tapcompat_caps *caps)
{
	int ret = r->format_given ? answer_cluster(r, caps) : answer_all(r, caps);

	return ret || !r->strict ? ret : failures(caps);
}

/* A number of days from 1 to 9999, or 0. */
static unsigned int days_read(const char *text)
{
	size_t length = strspn(text, "0123456789");

	return length && length <= 4 && !text[length] ? (unsigned int)strtoul(text, NULL, 10) : 0;
}

/* Do the options agree? */
static int options_agree(const struct request *r)
{
	static const unsigned int cluster = 1u << TAPCOMPAT_TAP | 1u << TAPCOMPAT_MACVTAP |
		1u << TAPCOMPAT_VHOST_NET;
	const struct { bool wrong; const char *why; } rules[] = {
		{ r->strict && r->probe.flags & TAPCOMPAT_PROBE_NO_VERIFY,
		  "--strict needs frames, and --no-verify sends none" },
		{ r->format_given && r->out.json, "--format and -j or -p exclude each other" },
		{ r->format_given && r->asked & (r->asked - 1), "--format takes one --backend" },
		{ r->format_given && r->asked & ~cluster,
		  "--format takes tap, macvtap or vhost-net" },
		{ r->output && !r->format_given && !r->out.json,
		  "--output needs --format or -j" },
		{ r->caps && !r->format_given, "--caps needs --format" },
		{ r->expire_days && !(r->format_given && r->format == CLUSTER_NFD),
		  "--expire-days needs --format=nfd" },
		{ r->expire_days && !r->days, "--expire-days takes 1 to 9999" },
		{ r->caps && r->probe.flags,
		  "--no-verify and --load-modules are for a probe of this host, and --caps "
		  "replaces that" },
	};
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].wrong)
			return fail(&r->out, EXIT_USAGE, "probe: %s", rules[i].why);
	return EXIT_YES;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct tapcompat_caps *caps;
	int ret;

	(void)operands, (void)operand;
	r->asked = r->probe.backends;
	r->days = r->expire_days ? days_read(r->expire_days) : 0;
	ret = options_agree(r);
	if (ret)
		return ret;
	/* The tap decides offloads for vhost-net as well. */
	if (r->format_given)
		r->probe.backends |= 1u << TAPCOMPAT_TAP |
			(r->asked ? 0 : 1u << TAPCOMPAT_VHOST_NET);
	caps = caps_from(&r->out, r->caps, r->probe, &ret);
	if (!caps)
		return ret;
	ret = answer(r, caps);
	tapcompat_caps_free(caps);
	return ret;
}

const struct command cmd_probe = {
	.name = "probe",
	.about = "what this host provides for a virtio-net device",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct request),
	.run = run,
};
