// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_probe.c - tapcompat probe
 */
#include "cmd.h"

#include <stdio.h>

static const char help[] =
	"Usage: tapcompat probe [OPTION...]\n\n"
	"Ask this host's tap, macvtap, vhost-net, vhost-vdpa and eBPF steering what they\n"
	"give a virtio-net device, and prove it with frames, on devices of its own.\n\n"
	"  --no-verify           ask, and send no frames\n"
	"  --backend=NAME        only this one; may be given again: tap, macvtap, vhost-net,\n"
	"                        vhost-vdpa, ebpf-rss\n"
	"  --load-modules        load the kernel modules that are missing\n"
	"  --strict              end with 4 where the proof of a feature fails\n";

static const char status[] =
	"Exit status: 0 found out; 2 usage; 3 could not find out; 4 with --strict.\n";

struct request {
	struct output out;
	struct tapcompat_probe_options probe;
	bool strict;
};

enum { NO_VERIFY = 256, BACKEND, LOAD_MODULES, STRICT };

static const struct option longs[] = {
	{ "no-verify", no_argument, NULL, NO_VERIFY },
	{ "backend", required_argument, NULL, BACKEND },
	{ "load-modules", no_argument, NULL, LOAD_MODULES },
	{ "strict", no_argument, NULL, STRICT },
	OUTPUT_LONG,
	{ NULL, 0, NULL, 0 },
};

static int option(void *request, int c)
{
	struct request *r = request;

	switch (c) {
	case NO_VERIFY:
		r->probe.flags |= TAPCOMPAT_PROBE_NO_VERIFY;
		return EXIT_YES;
	case LOAD_MODULES:
		r->probe.flags |= TAPCOMPAT_PROBE_LOAD_MODULES;
		return EXIT_YES;
	case STRICT:
		r->strict = true;
		return EXIT_YES;
	case BACKEND:
		return backends_option(&r->out, "probe", optarg, &r->probe.backends);
	default:
		return EXIT_USAGE;
	}
}

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
			complain("%s: %s failed its proof", tapcompat_backend_name(type), f->name);
			ret = EXIT_BROKEN;
		}
	}
	return ret;
}

static int answer(const struct request *r, const struct tapcompat_caps *caps)
{
	const char *undecided = tapcompat_caps_undecided(caps);
	int ret = EXIT_YES;

	if (r->out.json)
		ret = output_json(&r->out, tapcompat_caps_json(caps, json_flags(&r->out)));
	else
		tapcompat_caps_print(caps, stdout, table_flags(&r->out), terminal_columns());
	if (undecided) {
		complain("nothing could be found out: %s", undecided);
		return EXIT_UNDECIDED;
	}
	return ret || !r->strict ? ret : failures(caps);
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct tapcompat_caps *caps;
	int ret;

	(void)operands, (void)operand;
	if (r->strict && r->probe.flags & TAPCOMPAT_PROBE_NO_VERIFY)
		return fail(&r->out, EXIT_USAGE,
			    "probe: --strict judges frames, and --no-verify sends none");
	caps = host_probe(&r->out, r->probe);
	if (!caps)
		return EXIT_UNDECIDED;
	ret = answer(r, caps);
	tapcompat_caps_free(caps);
	return ret;
}

const struct command cmd_probe = {
	.name = "probe",
	.about = "what this host gives a virtio-net device",
	.help = help, .status = status,
	.options = longs, .option = option,
	.request = sizeof(struct request),
	.run = run,
};
