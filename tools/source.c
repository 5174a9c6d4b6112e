// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * source.c - which host is judged, and which QEMU on it
 */
#include "cmd.h"

#include <string.h>

bool source_option(const struct output *out, const char *command, struct source *s, int c,
		   int *ret)
{
	*ret = EXIT_YES;
	switch (c) {
	case SOURCE_BACKEND:
		s->backend = backend_option(out, command, optarg);
		s->backend_given = true;
		*ret = s->backend < 0 ? EXIT_USAGE : EXIT_YES;
		return true;
	case SOURCE_CAPS:
		s->caps = optarg;
		return true;
	case SOURCE_NO_VERIFY:
		s->probe.flags |= TAPCOMPAT_PROBE_NO_VERIFY;
		return true;
	case SOURCE_LOAD_MODULES:
		s->probe.flags |= TAPCOMPAT_PROBE_LOAD_MODULES;
		return true;
	case SOURCE_QEMU:
		s->offer.size = sizeof(s->offer);
		s->offer.qemu = optarg;
		return true;
	case SOURCE_MACHINE:
		s->offer.machine = optarg;
		if (!*optarg)
			*ret = fail(out, EXIT_USAGE, "%s: --machine: which?", command);
		return true;
	case SOURCE_DEVICE:
		s->offer.device = optarg;
		return true;
	case SOURCE_VHOST:
		s->vhost_given = true;
		*ret = vhost_option(out, command, optarg, &s->offer.vhost);
		return true;
	default:
		return false;
	}
}

int source_agree(const struct output *out, const char *command, struct source *s)
{
	if (s->caps && s->probe.flags)
		return fail(out, EXIT_USAGE, "%s: --no-verify and --load-modules are about this "
			    "host, and --caps is about another", command);
	if (!s->offer.qemu && (s->offer.machine || s->offer.device || s->vhost_given))
		return fail(out, EXIT_USAGE, "%s: --machine, --device and --vhost are about a "
			    "QEMU: give --qemu=PATH, or --backend=vhost-net for vhost=on", command);
	if (s->offer.qemu && s->backend_given)
		return fail(out, EXIT_USAGE, "%s: with --qemu, --vhost says which backend it is",
			    command);
	if (!s->backend_given)
		s->backend = s->offer.vhost ? TAPCOMPAT_VHOST_NET : TAPCOMPAT_TAP;
	return EXIT_YES;
}

struct tapcompat_caps *source_caps(const struct output *out, const struct source *s, int *code)
{
	struct tapcompat_probe_options probe = s->probe;

	probe.backends = 1u << TAPCOMPAT_TAP | 1u << s->backend;
	return caps_from(out, s->caps, probe, code);
}

const struct option caps_options[] = {
	{ "caps", required_argument, NULL, SOURCE_CAPS },
	OUTPUT_LONG,
	{ NULL, 0, NULL, 0 },
};

int caps_option(void *request, int c)
{
	struct caps_request *r = request;

	if (c != SOURCE_CAPS)
		return EXIT_USAGE;
	r->caps = optarg;
	return EXIT_YES;
}
