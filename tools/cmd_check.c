// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_check.c - tapcompat check
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <tapcompat_fleet.h>

#include "feature/check.h"
#include "feature/offer.h"
#include "feature/require.h"
#include "ground/text.h"
#include "report/report.h"

static const char help[] =
	"Usage: tapcompat check --require=LIST | --model=NAME | --vm=FILE [OPTION...]\n\n"
	"Does this host provide the features that a guest must have?  Each missing one is\n"
	"named, with the layer that lacks it and each solution.\n\n";

static const char status[] =
	"Exit status: 0 all provided; 1 some missing; 2 usage, or a bad document; 3 unknown;\n"
	"4 the kernel reports a feature and corrupts its frames.\n";

struct request {
	struct output out;
	struct source source;
	struct tapcompat_mask require, without;
	struct card card;
	const struct tapcompat_model *model;
	const char *vm, *qemu;
	struct tapcompat_vm *record;
	bool required;
	unsigned int flags;
};

static const struct command_option options[] = {
	{ "require", "LIST", "features, separated by commas; may be given again",
	  OPTION_FEATURES(struct request, require),
	  .given = offsetof(struct request, required) },
	{ "model", "NAME", "those of a model, such as tapnet-v1",
	  OPTION_MODEL(struct request, model) },
	{ "without", "NAME", "with --vm or --qemu: is none there of an exclusion, such as xdp-v1?",
	  OPTION_EXCLUSION(struct request, without) },
	{ "vm", "FILE", "may this machine move here?  A record of tapcompat record",
	  OPTION_TEXT(struct request, vm) },
	{ "qemu-version", "X.Y", "with --vm: release of the QEMU that is to run it here, for the "
	  "flags; --qemu finds it out", OPTION_TEXT(struct request, qemu) },
	{ "allow-non-strict", NULL, "with --vm: also a record that guarantees nothing",
	  OPTION_BIT(struct request, flags, TAPCOMPAT_CHECK_NON_STRICT) },
	{ "allow-emulated", NULL, "count what can be emulated: start QEMU with 'tapcompat run'",
	  OPTION_BIT(struct request, flags, TAPCOMPAT_CHECK_ALLOW_EMULATED) },
	{ 0 },
};

/* Do the options agree? */
static int options_agree(struct request *r)
{
	bool without = r->without.word[0] || r->without.word[1];

	if (without && !r->vm && !r->source.offer.qemu)
		return fail(&r->out, EXIT_USAGE, "check: --without is about a machine or a QEMU, "
			    "not a host: give --vm=FILE or --qemu=PATH");
	if (!r->required && !r->model && !r->vm && !without)
		return fail(&r->out, EXIT_USAGE, "check: nothing is required: give --require=LIST, "
			    "--model=NAME or --vm=FILE");
	if (r->required + !!r->model + !!r->vm > 1)
		return fail(&r->out, EXIT_USAGE,
			    "check: --require, --model and --vm exclude each other");
	if (r->flags & TAPCOMPAT_CHECK_NON_STRICT && !r->vm)
		return fail(&r->out, EXIT_USAGE, "check: --allow-non-strict is about a record: "
			    "give --vm=FILE");
	if ((card_given(&r->card) || r->card.which) && !r->vm)
		return fail(&r->out, EXIT_USAGE, "check: --nic, --qemu-args, --domain and --qmp "
			    "are about the card of a record: give --vm=FILE");
	if (r->qemu && !r->vm)
		return fail(&r->out, EXIT_USAGE, "check: --qemu-version is about the flags of a "
			    "record: give --vm=FILE");
	if (r->qemu && (r->source.offer.qemu || !release_valid(r->qemu)))
		return fail(&r->out, EXIT_USAGE, "check: --qemu-version takes a release such as "
			    "8.2, and --qemu finds it out: give one of them");
	return source_agree(&r->out, "check", &r->source);
}

/* For stderr: all that is missing, in one line. */
static void complain_missing(const struct request *r, const struct tapcompat_check *check)
{
	struct tapcompat_mask missing = { { 0, 0 } };
	const struct tapcompat_finding *f;
	char names[512];
	unsigned int i;

	for (i = 0; (f = tapcompat_check_at(check, i)); i++)
		if (f->verdict == TAPCOMPAT_FAIL)
			tapcompat_mask_set(&missing, f->feature->bit);
	if (*list_features(names, sizeof(names), missing))
		complain("missing: %s", names);
	else if (r->vm && tapcompat_check_exit(check))
		complain("the record does not allow the move");
}

/* None of the excluded features may be there. */
static void judge_exclusion(const struct request *r, struct tapcompat_mask there,
			    const char *why, struct tapcompat_check *check)
{
	struct tapcompat_mask none = { { 0, 0 } };
	char flags[512];

	there.word[0] &= r->without.word[0];
	there.word[1] &= r->without.word[1];
	tapcompat_device_options(none, there, flags, sizeof(flags));
	if (check && flags[0])
		check_refuse(check, TAPCOMPAT_EXIT_LACKS, "excluded, but %s: start QEMU with "
			     "-device virtio-net-pci,...,%s", why, flags);
}

/* The card that the machine would get here, where it is known. */
static int judge_card(const struct request *r, struct tapcompat_check *check)
{
	char recorded[TAPCOMPAT_NIC_TEXT];
	struct tapcompat_error error;

	if (!card_given(&r->card))
		return EXIT_YES;
	tapcompat_vm_nic(r->record, recorded, sizeof(recorded));
	if (!recorded[0])
		complain("the record does not describe the network card, so it is not compared: "
			 "record it with --domain, --qemu-args, --qmp or --nic");
	if (!tapcompat_vm_check_nic(check, r->record, r->card.text, &error))
		return EXIT_YES;
	tapcompat_check_free(check);
	return fail(&r->out, EXIT_USAGE, "check: %s", error.text);
}

/* Of the QEMU, only its release counts: the record says what it is to be started with. */
static int judge_record(const struct request *r, const struct tapcompat_caps *caps,
			struct tapcompat_check **check)
{
	enum tapcompat_backend_type backend = (enum tapcompat_backend_type)r->source.backend;
	struct tapcompat_offer *offer = NULL;
	const char *qemu = r->qemu ? r->qemu : "";
	int ret = EXIT_YES;

	if (r->source.offer.qemu)
		ret = offer_ask(&r->out, &r->source.offer, caps, &offer);
	if (ret)
		return ret;
	*check = tapcompat_vm_check_qemu(r->record, caps, backend, offer ? offer->qemu : qemu,
					 r->flags);
	judge_exclusion(r, tapcompat_vm_effective(r->record), "the machine has it on", *check);
	tapcompat_offer_free(offer);
	return *check ? judge_card(r, *check) : fail(&r->out, EXIT_UNDECIDED, "out of memory");
}

/* Check a backend, or what a QEMU offers on it. */
static int judge(const struct request *r, const struct tapcompat_caps *caps,
		 struct tapcompat_check **check)
{
	enum tapcompat_backend_type backend = (enum tapcompat_backend_type)r->source.backend;
	struct tapcompat_offer *offer;
	int ret;

	if (r->vm) {
		return judge_record(r, caps, check);
	} else if (!r->source.offer.qemu) {
		*check = tapcompat_check(caps, backend, r->require, r->flags);
	} else {
		ret = offer_ask(&r->out, &r->source.offer, caps, &offer);
		if (ret)
			return ret;
		*check = tapcompat_offer_check(offer, caps, r->require, r->flags);
		judge_exclusion(r, tapcompat_offer_mask(offer), "would be offered", *check);
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
		check_print(check, stdout, table_flags(&r->out));
	else if (output_json(&r->out, tapcompat_check_json(check, json_flags(&r->out))))
		ret = EXIT_UNDECIDED;
	complain_missing(r, check);
	tapcompat_check_free(check);
	return ret;
}

/* Files that the options name are read before the host is probed. */
static int load(struct request *r)
{
	struct tapcompat_error error;
	int ret;

	ret = card_load(&r->out, "check", &r->card, r->vm);
	if (ret)
		return ret;
	if (r->model)
		r->require = tapcompat_model_features(r->model);
	if (r->vm) {
		ret = tapcompat_vm_load(r->vm, &r->record, &error);
		if (ret)
			return fail(&r->out, ret == -ENOMEM ? EXIT_UNDECIDED : EXIT_USAGE, "%s",
				    error.text);
	}
	if (r->record && !r->source.backend_given)
		r->source.backend = tapcompat_vm_backend(r->record);
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
	caps = source_caps(&r->out, &r->source, &ret);
	if (caps)
		ret = answer(r, caps);
	tapcompat_caps_free(caps);
	tapcompat_vm_free(r->record);
	return ret;
}

const struct command cmd_check = {
	.name = "check",
	.about = "does this host provide the features that a guest must have?",
	.help = help, .status = status,
	.groups = { { options, 0 }, { card_options, offsetof(struct request, card) },
		    SOURCE_GROUPS(struct request, source) },
	.request = sizeof(struct request),
	.run = run,
};
