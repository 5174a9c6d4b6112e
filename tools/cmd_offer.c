// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_offer.c - tapcompat offer
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: tapcompat offer --qemu=PATH [OPTION...]\n\n"
	"What would this QEMU offer a guest's virtio-net device on this host, and which layer\n"
	"removed the rest: QEMU's version, the machine type, the tap, vhost-net.  QEMU is asked\n"
	"over QMP; no guest runs.\n\n"
	"  --qemu=PATH           the program\n"
	"  --machine=TYPE        machine type; QEMU's default if not given\n"
	"  --device=OPTIONS      as in -device virtio-net-pci,OPTIONS, such as host_uso=off\n"
	"  --vhost=on|off        as in -netdev tap,vhost= (off)\n"
	"  --caps=FILE           a document of tapcompat probe -j instead of this host\n"
	"  --load-modules        load the kernel modules that are missing\n";

static const char status[] =
	"Exit status: 0 found out; 2 usage; 3 could not find out.\n";

struct request {
	struct output out;
	struct tapcompat_offer_options offer;
	struct tapcompat_probe_options probe;
	const char *caps;
};

enum { QEMU = 256, MACHINE, DEVICE, VHOST, CAPS, LOAD_MODULES };

static const struct option longs[] = {
	{ "qemu", required_argument, NULL, QEMU },
	{ "machine", required_argument, NULL, MACHINE },
	{ "device", required_argument, NULL, DEVICE },
	{ "vhost", required_argument, NULL, VHOST },
	{ "caps", required_argument, NULL, CAPS },
	{ "load-modules", no_argument, NULL, LOAD_MODULES },
	OUTPUT_LONG,
	{ NULL, 0, NULL, 0 },
};

static int option(void *request, int c)
{
	struct request *r = request;

	switch (c) {
	case QEMU:
		r->offer.qemu = optarg;
		return EXIT_YES;
	case MACHINE:
		r->offer.machine = optarg;
		return *optarg ? EXIT_YES : fail(&r->out, EXIT_USAGE, "offer: --machine: which?");
	case DEVICE:
		r->offer.device = optarg;
		return EXIT_YES;
	case VHOST:
		return vhost_option(&r->out, "offer", optarg, &r->offer.vhost);
	case CAPS:
		r->caps = optarg;
		return EXIT_YES;
	case LOAD_MODULES:
		r->probe.flags |= TAPCOMPAT_PROBE_LOAD_MODULES;
		return EXIT_YES;
	default:
		return EXIT_USAGE;
	}
}

static int answer(const struct request *r, const struct tapcompat_caps *caps)
{
	struct tapcompat_offer *offer;
	int ret = offer_ask(&r->out, &r->offer, caps, &offer);

	if (ret)
		return ret;
	if (r->out.json)
		ret = output_json(&r->out, tapcompat_offer_json(offer, json_flags(&r->out)));
	else
		tapcompat_offer_print(offer, stdout, table_flags(&r->out));
	tapcompat_offer_free(offer);
	return ret;
}

/* What the options say together. */
static int options_agree(const struct request *r)
{
	if (r->caps && r->probe.flags)
		return fail(&r->out, EXIT_USAGE, "offer: --load-modules is about this host, and "
			    "--caps is about another");
	if (!r->offer.qemu)
		return fail(&r->out, EXIT_USAGE, "offer: which QEMU?  Give --qemu=PATH, such as "
			    "--qemu=/usr/bin/qemu-system-x86_64");
	return EXIT_YES;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	int ret = options_agree(r);
	struct tapcompat_caps *caps;

	(void)operands, (void)operand;
	if (ret)
		return ret;
	/* QEMU takes the kernel's word, and so no frames are sent. */
	r->probe.flags |= TAPCOMPAT_PROBE_NO_VERIFY;
	r->probe.backends = 1u << TAPCOMPAT_TAP | (r->offer.vhost ? 1u << TAPCOMPAT_VHOST_NET : 0);
	caps = caps_from(&r->out, r->caps, r->probe, &ret);
	if (!caps)
		return ret;
	ret = answer(r, caps);
	tapcompat_caps_free(caps);
	return ret;
}

const struct command cmd_offer = {
	.name = "offer",
	.about = "what a QEMU would offer a guest on this host",
	.help = help, .status = status,
	.options = longs, .option = option,
	.request = sizeof(struct request),
	.run = run,
};
