// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_record.c - tapcompat record
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tapcompat_fleet.h>

#include "qemu/release.h"
#include "report/report.h"

static const char help[] =
	"Usage: tapcompat record --require=LIST | --model=NAME [OPTION...]\n"
	"       tapcompat record --qemu=PATH [OPTION...]\n"
	"       tapcompat record --update=FILE [OPTION...]\n\n"
	"Records which features a machine that starts here requests and which it gets, so that\n"
	"tapcompat check --vm can check where it may migrate.\n\n";

static const char status[] =
	"Exit status: 0 written; 1 a required feature is missing; 2 usage, or a bad document;\n"
	"3 unknown; 4 the kernel reports a feature and corrupts its frames.\n";

struct request {
	struct output out;
	struct source source;
	struct card card;
	struct tapcompat_mask requested[TAPCOMPAT_POLICIES];
	const struct tapcompat_model *model;
	const char *update, *qemu;
	unsigned int format;
	bool any, no_strict;
	char device[1024], of_domain[QEMU_RELEASE];
};

/* A list of features with a policy; each may be given again. */
#define POLICY(policy) \
	OPTION_FEATURES(struct request, requested[policy]), \
	.given = offsetof(struct request, any)

enum { FORMAT_JSON, FORMAT_LIBVIRT };

static const char *format_word(unsigned int index)
{
	static const char *const words[] = {
		[FORMAT_JSON] = "json", [FORMAT_LIBVIRT] = "libvirt",
	};

	return index < sizeof(words) / sizeof(words[0]) ? words[index] : NULL;
}

static const struct command_option options[] = {
	{ "require", "LIST", "required features; each list may be given again",
	  POLICY(TAPCOMPAT_POLICY_REQUIRE) },
	{ "model", "NAME", "those of a model, such as tapnet-v1",
	  OPTION_MODEL(struct request, model), .given = offsetof(struct request, any) },
	{ "optional", "LIST", "on where the host has them", POLICY(TAPCOMPAT_POLICY_OPTIONAL) },
	{ "force", "LIST", "required, and emulated where the kernel cannot",
	  POLICY(TAPCOMPAT_POLICY_FORCE) },
	{ "disable", "LIST", "off, whatever the host has", POLICY(TAPCOMPAT_POLICY_DISABLE) },
	{ "forbid", "LIST", "do not start where they would be offered",
	  POLICY(TAPCOMPAT_POLICY_FORBID) },
	{ "without", "NAME", "off are those of an exclusion, such as xdp-v1: see tapcompat models",
	  OPTION_EXCLUSION(struct request, requested[TAPCOMPAT_POLICY_DISABLE]),
	  .given = offsetof(struct request, any) },
	{ "no-strict", NULL, "start without what is missing: the record then guarantees nothing, "
	  "and blocks migration", OPTION_FLAG(struct request, no_strict) },
	{ "qemu-version", "X.Y", "release of its QEMU, whose flags are recorded; --qemu finds it "
	  "out, and a domain's <emulator>", OPTION_TEXT(struct request, qemu) },
	{ "update", "FILE", "of a machine that starts anew: keep what was requested.  The record, "
	  "or what virsh metadata or virsh dumpxml prints",
	  OPTION_TEXT(struct request, update) },
	{ "format", "FORMAT", "json, or libvirt: what virsh metadata --set takes, with the "
	  "overrides and elements for the domain in comments",
	  OPTION_WORD(struct request, format, format_word) },
	{ 0 },
};

static int options_agree(struct request *r)
{
	if (r->out.json && r->format != FORMAT_JSON)
		return fail(&r->out, EXIT_USAGE, "record: --json and --format=%s exclude each "
			    "other", format_word(r->format));
	if (r->update && r->any)
		return fail(&r->out, EXIT_USAGE, "record: --update keeps what was requested: "
			    "give no lists and no model");
	if (!r->update && !r->any && !r->source.offer.qemu)
		return fail(&r->out, EXIT_USAGE, "record: nothing is requested: give "
			    "--require=LIST or --model=NAME, or --qemu=PATH to record what it "
			    "offers");
	if (r->qemu && r->source.offer.qemu)
		return fail(&r->out, EXIT_USAGE, "record: --qemu finds out the version: give it "
			    "without --qemu-version");
	return source_agree(&r->out, "record", &r->source);
}

/* A model's features are required, except those with a policy of their own. */
static void model_request(struct request *r)
{
	struct tapcompat_mask has = tapcompat_model_features(r->model);
	unsigned int bit, i;

	for (bit = 0; bit < 128; bit++) {
		bool own = false;

		for (i = TAPCOMPAT_POLICY_FORCE; i < TAPCOMPAT_POLICIES; i++)
			own |= tapcompat_mask_test(&r->requested[i], bit);
		if (!own && tapcompat_mask_test(&has, bit))
			tapcompat_mask_set(&r->requested[TAPCOMPAT_POLICY_REQUIRE], bit);
	}
}

/* Several queues are of no use without mq. */
static void queues_request(struct request *r)
{
	const unsigned int mq = tapcompat_feature_find("mq")->bit;
	unsigned int i;

	if (card_queues(r->card.text) < 2)
		return;
	for (i = TAPCOMPAT_POLICY_FORCE; i < TAPCOMPAT_POLICIES; i++)
		if (tapcompat_mask_test(&r->requested[i], mq))
			return;
	tapcompat_mask_set(&r->requested[TAPCOMPAT_POLICY_REQUIRE], mq);
	if (!r->out.quiet)
		complain("added: mq (the queue pairs need it)");
}

/* Features that a backend does not list are decided by QEMU. */
static bool optional_there(const struct request *r, const struct tapcompat_caps *caps,
			   const struct tapcompat_feature *f)
{
	enum tapcompat_state state =
		tapcompat_caps_report(caps, (enum tapcompat_backend_type)r->source.backend,
				      f).state;

	return state == TAPCOMPAT_NATIVE || state == TAPCOMPAT_UNLISTED;
}

/* All features that are to be on. */
static struct tapcompat_mask wanted(const struct request *r)
{
	static const enum tapcompat_policy on[] = {
		TAPCOMPAT_POLICY_FORCE, TAPCOMPAT_POLICY_REQUIRE, TAPCOMPAT_POLICY_OPTIONAL,
	};
	struct tapcompat_mask all = { { 0, 0 } };
	size_t i;

	for (i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		all.word[0] |= r->requested[on[i]].word[0];
		all.word[1] |= r->requested[on[i]].word[1];
	}
	return all;
}

/* QEMU is asked with the requested features switched on or off; --device comes last. */
static void device_options(struct request *r, const struct tapcompat_caps *caps)
{
	struct tapcompat_mask on = r->requested[TAPCOMPAT_POLICY_REQUIRE];
	const struct tapcompat_mask *force = &r->requested[TAPCOMPAT_POLICY_FORCE];
	const struct tapcompat_feature *f;
	unsigned int i;
	size_t used;

	on.word[0] |= force->word[0];
	on.word[1] |= force->word[1];
	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		if (tapcompat_mask_test(&r->requested[TAPCOMPAT_POLICY_OPTIONAL], f->bit) &&
		    optional_there(r, caps, f))
			tapcompat_mask_set(&on, f->bit);
	tapcompat_require_complete(&on);
	tapcompat_device_options(on, r->requested[TAPCOMPAT_POLICY_DISABLE], r->device,
				 sizeof(r->device));
	used = strlen(r->device);
	if (r->source.offer.device)
		snprintf(r->device + used, sizeof(r->device) - used, "%s%s", used ? "," : "",
			 r->source.offer.device);
	r->source.offer.device = r->device;
}

static int make(struct request *r, const struct tapcompat_vm_options *o, struct tapcompat_vm **vm,
		struct tapcompat_check **check)
{
	struct tapcompat_error error = { "" };
	int ret;

	if (*vm)
		ret = tapcompat_vm_update(*vm, o, check, &error);
	else
		ret = tapcompat_vm_new(o, vm, check, &error);
	if (!ret)
		return EXIT_YES;
	if (ret == -ENODATA)
		check_print(*check, stderr, REPORT_QUIET);
	return fail(&r->out, ret == -ENODATA ? tapcompat_check_exit(*check) :
		    ret == -EINVAL ? EXIT_USAGE : EXIT_UNDECIDED, "%s", error.text);
}

static int print(const struct request *r, const struct tapcompat_vm *vm)
{
	char *text;

	if (r->format == FORMAT_JSON)
		return output_json(&r->out, tapcompat_vm_json(vm, json_flags(&r->out)));
	text = tapcompat_vm_libvirt(vm);
	if (!text)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	fputs(text, stdout);
	free(text);
	return EXIT_YES;
}

static int answer(struct request *r, const struct tapcompat_caps *caps, struct tapcompat_vm **vm)
{
	struct tapcompat_vm_options o = {
		.size = sizeof(o), .strict = !r->no_strict, .caps = caps,
		.backend = (enum tapcompat_backend_type)r->source.backend, .qemu = r->qemu,
		.nic = card_given(&r->card) ? r->card.text : NULL,
	};
	struct tapcompat_check *check = NULL;
	struct tapcompat_offer *offer = NULL;
	int ret = EXIT_YES;

	memcpy(o.requested, r->requested, sizeof(o.requested));
	if (r->source.offer.qemu)
		ret = offer_ask(&r->out, &r->source.offer, caps, &offer);
	o.offer = offer;
	if (!ret)
		ret = make(r, &o, vm, &check);
	if (!ret) {
		complain_added(&r->out, wanted(r));
		if (tapcompat_vm_later(*vm))
			complain("%s: give --qemu or --qemu-version to record it",
				 tapcompat_vm_later(*vm));
		ret = print(r, *vm);
	}
	tapcompat_check_free(check);
	tapcompat_offer_free(offer);
	return ret;
}

/* The record to update; its requests are needed for QEMU's options. */
static int load(struct request *r, struct tapcompat_vm **vm)
{
	struct tapcompat_error error;
	int ret = tapcompat_vm_load(r->update, vm, &error), i;

	if (ret)
		return fail(&r->out, ret == -ENOMEM ? EXIT_UNDECIDED : EXIT_USAGE, "%s",
			    error.text);
	if (tapcompat_vm_unknown(*vm)) {
		ret = fail(&r->out, EXIT_UNDECIDED, "%s: it has %s, which this tapcompat does not "
			   "know: use a newer one", r->update, tapcompat_vm_unknown(*vm));
		tapcompat_vm_free(*vm);
		return ret;
	}
	qemu_release(tapcompat_vm_emulator(*vm), r->of_domain);
	if (!r->qemu && !r->source.offer.qemu && r->of_domain[0])
		r->qemu = r->of_domain;
	for (i = TAPCOMPAT_POLICY_FORCE; i < TAPCOMPAT_POLICIES; i++)
		r->requested[i] = tapcompat_vm_requested(*vm, (enum tapcompat_policy)i);
	if (!r->source.backend_given && !r->source.offer.qemu)
		r->source.backend = tapcompat_vm_backend(*vm);
	return EXIT_YES;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct tapcompat_caps *caps = NULL;
	struct tapcompat_vm *vm = NULL;
	int ret = options_agree(r);

	(void)operands, (void)operand;
	if (!ret)
		ret = card_load(&r->out, "record", &r->card,
				r->update ? r->update : r->source.caps);
	if (!ret && r->update)
		ret = load(r, &vm);
	if (ret)
		return ret;
	if (r->model)
		model_request(r);
	if (!r->update)
		queues_request(r);
	caps = source_caps(&r->out, &r->source, &ret);
	if (caps)
		device_options(r, caps);
	if (caps)
		ret = answer(r, caps, &vm);
	tapcompat_caps_free(caps);
	tapcompat_vm_free(vm);
	return ret;
}

const struct command cmd_record = {
	.name = "record",
	.about = "record what a machine requests and gets, for check --vm",
	.help = help, .status = status,
	.groups = { { options, 0 }, { card_options, offsetof(struct request, card) },
		    SOURCE_GROUPS(struct request, source) },
	.request = sizeof(struct request),
	.run = run,
};
