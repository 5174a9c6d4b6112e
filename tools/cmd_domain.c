// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_domain.c - tapcompat domain
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tapcompat_fleet.h>

#include "ground/text.h"
#include "service/hold.h"

static const char help[] =
	"Usage: tapcompat domain [--model=NAME | --vm=FILE | --baseline=FILE...] <DOMAIN\n\n"
	"A filter for the XML of a libvirt domain: overrides are added or corrected, so that\n"
	"each virtio interface has the features of a model, of a record or of a baseline, and\n"
	"no others.  All else stays as it is.  Without an option, those of the record or the\n"
	"model in the domain's metadata.\n\n";

static const char status[] =
	"-j, -p and -q have no effect on the XML.\n\n"
	"Exit status: 0 done; 1 the domain cannot have these features; 2 usage, a bad domain\n"
	"or document; 3 the domain's QEMU must be known.\n";

struct request {
	struct output out;
	const struct tapcompat_model *model;
	const char *vm, *baseline, *qemu;
	char of_record[64], nic[TAPCOMPAT_NIC_TEXT];
};

static const struct command_option options[] = {
	{ "model", "NAME", "the features of a model, such as tapnet-v1",
	  OPTION_MODEL(struct request, model) },
	{ "vm", "FILE", "those of a record of tapcompat record",
	  OPTION_TEXT(struct request, vm) },
	{ "baseline", "FILE", "those that hosts have in common, by documents of tapcompat probe "
	  "-j; further files follow", OPTION_TEXT(struct request, baseline) },
	{ "qemu-version", "X.Y", "release of the domain's QEMU; without it, by the record or the "
	  "machine type", OPTION_TEXT(struct request, qemu) },
	{ 0 },
};

static int load_error(const struct request *r, int ret, const struct tapcompat_error *error)
{
	return fail(&r->out, ret == -ENOMEM ? EXIT_UNDECIDED : EXIT_USAGE, "%s", error->text);
}

static int from_record(struct request *r, struct tapcompat_mask *has)
{
	struct tapcompat_error error;
	struct tapcompat_vm *vm;
	int ret = tapcompat_vm_load(r->vm, &vm, &error);

	if (ret)
		return load_error(r, ret, &error);
	*has = tapcompat_vm_effective(vm);
	tapcompat_vm_nic(vm, r->nic, sizeof(r->nic));
	snprintf(r->of_record, sizeof(r->of_record), "%s", tapcompat_vm_qemu(vm));
	if (tapcompat_vm_unknown(vm))
		ret = fail(&r->out, EXIT_UNDECIDED, "%s: it has %s, which this tapcompat does not "
			   "know: use a newer one", r->vm, tapcompat_vm_unknown(vm));
	else if (!tapcompat_vm_strict(vm))
		ret = fail(&r->out, TAPCOMPAT_EXIT_LACKS, "%s: it is not strict, and so does not "
			   "say what the guest is to have", r->vm);
	tapcompat_vm_free(vm);
	return ret;
}

static int fleet_mask(const struct request *r, struct tapcompat_fleet *fleet,
		      struct tapcompat_mask *has)
{
	const char *why = tapcompat_fleet_undecided(fleet);

	if (why)
		return fail(&r->out, EXIT_UNDECIDED, "%s", why);
	why = tapcompat_fleet_lacks(fleet);
	if (why)
		return fail(&r->out, TAPCOMPAT_EXIT_LACKS, "%s", why);
	*has = tapcompat_fleet_mask(fleet);
	return EXIT_YES;
}

static int from_baseline(const struct request *r, int n, char **path, struct tapcompat_mask *has)
{
	struct tapcompat_fleet_options o = { .size = sizeof(o), .qemu = r->qemu };
	struct tapcompat_fleet *fleet;
	struct tapcompat_error error;
	int ret = tapcompat_fleet_new(&o, &fleet, &error), i;

	if (ret)
		return load_error(r, ret, &error);
	ret = tapcompat_fleet_load(fleet, r->baseline, &error);
	for (i = 0; i < n && !ret; i++)
		ret = tapcompat_fleet_load(fleet, path[i], &error);
	ret = ret ? load_error(r, ret, &error) : fleet_mask(r, fleet, has);
	tapcompat_fleet_free(fleet);
	return ret;
}

/* The domain and one byte more than may be. */
static char *read_domain(size_t *len)
{
	char *text = malloc(HOLD_MAX + 1);

	*len = text ? fread(text, 1, HOLD_MAX + 1, stdin) : 0;
	return text;
}

static int answer(const struct request *r, struct hold_options *o)
{
	char *xml = read_domain(&o->len), *text = NULL;
	struct tapcompat_error error = { "out of memory" };
	int ret = EXIT_UNDECIDED;

	o->xml = xml;
	if (xml)
		ret = hold_domain(o, &text, &error);
	if (ret)
		fail(&r->out, ret, "domain: %s", error.text);
	else
		fputs(text, stdout);
	if (!ret && !o->held)
		complain("domain: it has no virtio interface on a tap or macvtap");
	free(text);
	free(xml);
	return ret;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct hold_options o = { .given = r->model || r->vm || r->baseline };
	int ret = EXIT_YES;

	if (!!r->model + !!r->vm + !!r->baseline > 1)
		return fail(&r->out, EXIT_USAGE, "domain: --model, --vm and --baseline exclude "
			    "each other");
	if (operands && !r->baseline)
		return fail(&r->out, EXIT_USAGE, "domain: the domain is read from standard input; "
			    "files are documents of --baseline");
	if (r->qemu && !release_valid(r->qemu))
		return fail(&r->out, EXIT_USAGE, "domain: --qemu-version takes a release such as "
			    "8.2");
	if (r->model)
		o.has = tapcompat_model_features(r->model);
	else if (r->vm)
		ret = from_record(r, &o.has);
	else if (r->baseline)
		ret = from_baseline(r, operands, operand, &o.has);
	if (ret)
		return ret;
	o.nic = r->nic;
	o.qemu = r->qemu ? r->qemu : r->of_record;
	return answer(r, &o);
}

const struct command cmd_domain = {
	.name = "domain",
	.about = "hold the interfaces of a libvirt domain to features, by its XML",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct request), .most = 1 << 30,
	.run = run,
};
