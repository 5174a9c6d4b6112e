// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_offer.c - tapcompat offer
 */
#include "cmd.h"

#include <stdio.h>

static const char help[] =
	"Usage: tapcompat offer --qemu=PATH [OPTION...]\n\n"
	"What would this QEMU offer a guest's virtio-net device on this host, and which layer\n"
	"removed the rest: QEMU's version, the machine type, the tap, vhost-net.  QEMU is asked\n"
	"over QMP; no guest runs.\n\n";

static const char status[] =
	"Exit status: 0 found out; 2 usage; 3 could not find out.\n";

struct request {
	struct output out;
	struct source source;
};

static const struct command_option qemu_program[] = {
	{ "qemu", "PATH", "the program", OPTION_TEXT(struct request, source.offer.qemu) },
	{ 0 },
};

static const struct command_option options[] = {
	{ "caps", "FILE", "a document of tapcompat probe -j instead of this host",
	  OPTION_TEXT(struct request, source.caps) },
	{ "load-modules", NULL, "load the kernel modules that are missing",
	  OPTION_BIT(struct request, source.probe.flags, TAPCOMPAT_PROBE_LOAD_MODULES) },
	{ 0 },
};

static int answer(const struct request *r, const struct tapcompat_caps *caps)
{
	struct tapcompat_offer *offer;
	int ret = offer_ask(&r->out, &r->source.offer, caps, &offer);

	if (ret)
		return ret;
	if (r->out.json)
		ret = output_json(&r->out, tapcompat_offer_json(offer, json_flags(&r->out)));
	else
		tapcompat_offer_print(offer, stdout, table_flags(&r->out));
	tapcompat_offer_free(offer);
	return ret;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct tapcompat_caps *caps;
	int ret;

	(void)operands, (void)operand;
	if (!r->source.offer.qemu)
		return fail(&r->out, EXIT_USAGE, "offer: which QEMU?  Give --qemu=PATH, such as "
			    "--qemu=/usr/bin/qemu-system-x86_64");
	ret = source_agree(&r->out, "offer", &r->source);
	if (ret)
		return ret;
	/* QEMU takes the kernel's word, and so no frames are sent. */
	r->source.probe.flags |= TAPCOMPAT_PROBE_NO_VERIFY;
	caps = source_caps(&r->out, &r->source, &ret);
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
	.groups = {
		{ qemu_program, 0 },
		{ qemu_options, offsetof(struct request, source) },
		{ options, 0 },
	},
	.request = sizeof(struct request),
	.run = run,
};
