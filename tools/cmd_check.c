// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_check.c - tapcompat check
 */
#include "cmd.h"

#include <tapcompat_fleet.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: tapcompat check --require=LIST | --model=NAME | --vm=FILE [OPTION...]\n\n"
	"Are the features there that a guest must have?  Each one that is missing is\n"
	"named, with what lacks it and every way out.\n\n"
	"  --require=LIST        features, separated by commas; may be given again\n"
	"  --model=NAME          those of a model, such as tapnet-v1\n"
	"  --vm=FILE             may this machine move here?  A record of tapcompat record\n"
	"  --allow-non-strict    with --vm: also one that guarantees nothing\n"
	"  --backend=NAME        that is to give them: tap (the default), macvtap, vhost-net\n"
	"                        (a tap with vhost=on), vhost-vdpa, ebpf-rss\n"
	"  --allow-emulated      count what tapcompat's shim can carry\n"
	"  --qemu=PATH           judge what this QEMU would offer, as tapcompat offer says it\n"
	"  --machine=TYPE        with --qemu: its machine type\n"
	"  --device=OPTIONS      with --qemu: as in -device virtio-net-pci,OPTIONS\n"
	"  --vhost=on|off        with --qemu: as in -netdev tap,vhost= (off)\n"
	"  --caps=FILE           judge a document of tapcompat probe -j instead of this host\n"
	"  --no-verify           believe this host's kernel, send no frames\n"
	"  --load-modules        load the kernel modules that are missing\n";

static const char status[] =
	"Exit status: 0 all there; 1 missing; 2 usage, or a bad document; 3 could not find\n"
	"out; 4 there by the kernel's word, and its frames come out wrong.\n";

struct request {
	struct output out;
	struct tapcompat_probe_options probe;
	struct tapcompat_mask require;
	const struct tapcompat_model *model;
	const char *caps, *vm;
	struct tapcompat_offer_options offer;
	struct tapcompat_vm *record;
	bool required, vhost_given;
	bool backend_given;
	int backend;
	unsigned int flags;
};

enum { REQUIRE = 256, MODEL, BACKEND, ALLOW_EMULATED, CAPS, NO_VERIFY, LOAD_MODULES,
       QEMU, MACHINE, DEVICE, VHOST, VM, NON_STRICT };

static const struct option longs[] = {
	{ "require", required_argument, NULL, REQUIRE },
	{ "model", required_argument, NULL, MODEL },
	{ "backend", required_argument, NULL, BACKEND },
	{ "allow-emulated", no_argument, NULL, ALLOW_EMULATED },
	{ "caps", required_argument, NULL, CAPS },
	{ "no-verify", no_argument, NULL, NO_VERIFY },
	{ "load-modules", no_argument, NULL, LOAD_MODULES },
	{ "qemu", required_argument, NULL, QEMU },
	{ "machine", required_argument, NULL, MACHINE },
	{ "device", required_argument, NULL, DEVICE },
	{ "vhost", required_argument, NULL, VHOST },
	{ "vm", required_argument, NULL, VM },
	{ "allow-non-strict", no_argument, NULL, NON_STRICT },
	OUTPUT_LONG,
	{ NULL, 0, NULL, 0 },
};

static int option_require(struct request *r, const char *list)
{
	r->required = true;
	return list_option(&r->out, "check", "require", list, &r->require);
}

static int option(void *request, int c)
{
	struct request *r = request;

	switch (c) {
	case REQUIRE:
		return option_require(r, optarg);
	case MODEL:
		return model_option(&r->out, "check", optarg, &r->model);
	case BACKEND:
		r->backend_given = true;
		r->backend = backend_option(&r->out, "check", optarg);
		return r->backend < 0 ? EXIT_USAGE : EXIT_YES;
	case ALLOW_EMULATED:
		r->flags |= TAPCOMPAT_CHECK_ALLOW_EMULATED;
		return EXIT_YES;
	case VM:
		r->vm = optarg;
		return EXIT_YES;
	case NON_STRICT:
		r->flags |= TAPCOMPAT_CHECK_NON_STRICT;
		return EXIT_YES;
	case CAPS:
		r->caps = optarg;
		return EXIT_YES;
	case NO_VERIFY:
		r->probe.flags |= TAPCOMPAT_PROBE_NO_VERIFY;
		return EXIT_YES;
	case LOAD_MODULES:
		r->probe.flags |= TAPCOMPAT_PROBE_LOAD_MODULES;
		return EXIT_YES;
	case QEMU:
		r->offer.qemu = optarg;
		return EXIT_YES;
	case MACHINE:
		r->offer.machine = optarg;
		return *optarg ? EXIT_YES : fail(&r->out, EXIT_USAGE, "check: --machine: which?");
	case DEVICE:
		r->offer.device = optarg;
		return EXIT_YES;
	case VHOST:
		r->vhost_given = true;
		return vhost_option(&r->out, "check", optarg, &r->offer.vhost);
	default:
		return EXIT_USAGE;
	}
}

/* What the options say together. */
static int options_agree(const struct request *r)
{
	struct tapcompat_error error;

	if (!r->required && !r->model && !r->vm)
		return fail(&r->out, EXIT_USAGE, "check: nothing is required: give --require=LIST, "
			    "--model=NAME or --vm=FILE");
	if (r->required + !!r->model + !!r->vm > 1)
		return fail(&r->out, EXIT_USAGE,
			    "check: --require, --model and --vm exclude each other");
	if (r->flags & TAPCOMPAT_CHECK_NON_STRICT && !r->vm)
		return fail(&r->out, EXIT_USAGE, "check: --allow-non-strict is about a record: "
			    "give --vm=FILE");
	if (r->vm && r->offer.qemu)
		return fail(&r->out, EXIT_USAGE, "check: --vm says with which flags a QEMU is to "
			    "be started, and --qemu asks one: give one of them");
	if (r->caps && r->probe.flags)
		return fail(&r->out, EXIT_USAGE,
			    "check: --no-verify and --load-modules are about this host, and "
			    "--caps is about another");
	if (!r->offer.qemu && (r->offer.machine || r->offer.device || r->vhost_given))
		return fail(&r->out, EXIT_USAGE,
			    "check: --machine, --device and --vhost are about a QEMU: give "
			    "--qemu=PATH, or --backend=vhost-net for vhost=on");
	if (r->offer.qemu && r->backend_given)
		return fail(&r->out, EXIT_USAGE,
			    "check: with --qemu, --vhost says which backend it is");
	if (tapcompat_require_check(&r->require, &error))
		return fail(&r->out, EXIT_USAGE, "check: %s", error.text);
	return EXIT_YES;
}

/* For stderr: all that is missing, in one line. */
static void complain_missing(const struct tapcompat_check *check)
{
	const struct tapcompat_finding *f;
	char names[512] = "";
	unsigned int i;

	for (i = 0; (f = tapcompat_check_at(check, i)); i++)
		if (f->verdict == TAPCOMPAT_FAIL)
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 *names ? ", " : "", f->feature->name);
	if (*names)
		complain("not to be had: %s", names);
	else if (tapcompat_check_exit(check))
		complain("the record does not allow it");
}

/* Of a backend, or of what a QEMU makes of it. */
static int judge(const struct request *r, const struct tapcompat_caps *caps,
		 struct tapcompat_check **check)
{
	struct tapcompat_offer *offer;
	int ret;

	if (r->vm) {
		*check = tapcompat_vm_check(r->record, caps,
					    (enum tapcompat_backend_type)r->backend, r->flags);
	} else if (!r->offer.qemu) {
		*check = tapcompat_check(caps, (enum tapcompat_backend_type)r->backend,
					 r->require, r->flags);
	} else {
		ret = offer_ask(&r->out, &r->offer, caps, &offer);
		if (ret)
			return ret;
		*check = tapcompat_offer_check(offer, caps, r->require, r->flags);
		tapcompat_offer_free(offer);
	}
	return *check ? EXIT_YES : fail(&r->out, EXIT_UNDECIDED, "out of memory");
}

static int answer(const struct request *r, const struct tapcompat_caps *caps)
{
	struct tapcompat_check *check;
	int ret = judge(r, caps, &check);

	if (ret)
		return ret;
	ret = tapcompat_check_exit(check);
	if (!r->out.json)
		tapcompat_check_print(check, stdout, table_flags(&r->out));
	else if (output_json(&r->out, tapcompat_check_json(check, json_flags(&r->out))))
		ret = EXIT_UNDECIDED;
	complain_missing(check);
	tapcompat_check_free(check);
	return ret;
}

/* What the options name is read before the host is looked at. */
static int load(struct request *r)
{
	struct tapcompat_error error;
	int ret;

	if (r->model)
		r->require = tapcompat_model_features(r->model);
	if (r->vm) {
		ret = tapcompat_vm_load(r->vm, &r->record, &error);
		if (ret)
			return fail(&r->out, ret == -ENOMEM ? EXIT_UNDECIDED : EXIT_USAGE, "%s",
				    error.text);
	}
	if (!r->backend_given)
		r->backend = r->record ? tapcompat_vm_backend(r->record) :
			     r->offer.vhost ? TAPCOMPAT_VHOST_NET : TAPCOMPAT_TAP;
	return EXIT_YES;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct tapcompat_caps *caps;
	int ret = options_agree(r);

	(void)operands, (void)operand;
	if (!ret)
		ret = load(r);
	if (ret)
		return ret;
	r->probe.backends = 1u << TAPCOMPAT_TAP | 1u << r->backend;
	caps = caps_from(&r->out, r->caps, r->probe, &ret);
	if (caps)
		ret = answer(r, caps);
	tapcompat_caps_free(caps);
	tapcompat_vm_free(r->record);
	return ret;
}

const struct command cmd_check = {
	.name = "check",
	.about = "are the features there that a guest must have?",
	.help = help, .status = status,
	.options = longs, .option = option,
	.request = sizeof(struct request),
	.run = run,
};
