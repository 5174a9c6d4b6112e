// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_offer.c - tapcompat offer
 */
#include "cmd.h"

#include <stdio.h>

#include "report/report.h"

static const char help[] =
	"Usage: tapcompat offer --qemu=PATH [OPTION...]\n\n"
	"Reports which features this QEMU would offer a guest's virtio-net device on this host,\n"
	"and which layer removed the others: QEMU's version, the machine type, the tap,\n"
	"vhost-net.  QEMU is asked over QMP; no guest is started.\n\n";

static const char status[] =
	"Exit status: 0 done; 2 usage; 3 unknown.\n";

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
		offer_print(offer, stdout, table_flags(&r->out));
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
		return fail(&r->out, EXIT_USAGE, "offer: no QEMU: give --qemu=PATH, such as "
			    "--qemu=/usr/bin/qemu-system-x86_64");
	ret = source_agree(&r->out, "offer", &r->source);
	if (ret)
		return ret;
	/* QEMU relies on what the kernel reports, so no frames are sent. */
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
