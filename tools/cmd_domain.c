// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_domain.c - tapcompat domain
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tapcompat_fleet.h>

#include "ground/text.h"
#include "qemu/release.h"
#include "service/hold.h"
#include "service/kubevirt.h"

static const char help[] =
	"Usage: tapcompat domain [--model=NAME | --vm=FILE | --baseline=FILE...] <DOMAIN\n"
	"       tapcompat domain --kubevirt [OPTION...] --vmi JSON --domain XML\n\n"
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
	const char *vm, *baseline, *qemu, *program;
	char of_record[64], of_program[QEMU_RELEASE], nic[TAPCOMPAT_NIC_TEXT];
	struct tapcompat_mask without;
	bool kubevirt;
	const char *vmi, *domain;
	struct kubevirt k;
};

static const struct command_option options[] = {
	{ "model", "NAME", "the features of a model, such as tapnet-v1",
	  OPTION_MODEL(struct request, model) },
	{ "vm", "FILE", "those of a record of tapcompat record",
	  OPTION_TEXT(struct request, vm) },
	{ "baseline", "FILE", "those that hosts have in common, by documents of tapcompat probe "
	  "-j; further files follow", OPTION_TEXT(struct request, baseline) },
	{ "without", "NAME", "without those of an exclusion, such as xdp-v1: see tapcompat "
	  "models.  Alone, only these are switched off",
	  OPTION_EXCLUSION(struct request, without) },
	{ "qemu", "PATH", "the domain's QEMU, if it is not the <emulator> on this host",
	  OPTION_TEXT_FILLED(struct request, program) },
	{ "qemu-version", "X.Y", "its release; without it, by the <emulator>, the record or the "
	  "machine type", OPTION_TEXT(struct request, qemu) },
	{ "kubevirt", NULL, "be KubeVirt's onDefineDomain hook: the domain is an argument, and the "
	  "model may be an annotation of the VMI", OPTION_FLAG(struct request, kubevirt) },
	{ "vmi", "JSON", "with --kubevirt: the VirtualMachineInstance",
	  OPTION_TEXT(struct request, vmi) },
	{ "domain", "XML", "with --kubevirt: the domain", OPTION_TEXT(struct request, domain) },
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

static char *copy_domain(const char *xml, size_t *len)
{
	*len = strlen(xml);
	return strdup(xml);
}

static int answer(const struct request *r, struct hold_options *o)
{
	char *xml = r->kubevirt ? copy_domain(r->domain, &o->len) : read_domain(&o->len);
	struct tapcompat_error error = { "out of memory" };
	char *text = NULL;
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

/* Options come before annotations: they are the administrator's. */
static int from_vmi(struct request *r)
{
	struct tapcompat_error error;
	int ret = EXIT_YES;

	if (!r->kubevirt && !r->vmi && !r->domain)
		return ret;
	if (!r->kubevirt || !r->vmi || !r->domain)
		return fail(&r->out, EXIT_USAGE, "domain: --kubevirt, --vmi and --domain are given "
			    "together, as KubeVirt calls onDefineDomain");
	ret = kubevirt_parse(&r->k, r->vmi, &error);
	if (ret)
		return load_error(r, ret, &error);
	if (!r->qemu && !r->program && r->k.qemu[0])
		r->qemu = r->k.qemu;
	if (r->model || r->vm || r->baseline || r->without.word[0] || r->without.word[1])
		return EXIT_YES;
	if (r->k.model[0]) {
		ret = model_find(&r->out, KUBEVIRT_MODEL, r->k.model, &r->model);
		if (ret || !r->model)
			return ret;
		/* The alias is another model in a later release. */
		return !strcasecmp(r->model->name, r->k.model) ? EXIT_YES :
		       fail(&r->out, EXIT_USAGE, KUBEVIRT_MODEL ": '%s' is an alias, which changes "
			    "between releases: use %s", r->k.model, r->model->name);
	}
	return fail(&r->out, EXIT_USAGE, "VirtualMachineInstance '%s' has no annotation "
		    KUBEVIRT_MODEL ": add it in the template of its VirtualMachine, or give "
		    "--model in the hook", r->k.name);
}

static int find_release(struct request *r)
{
	if (r->qemu)
		return fail(&r->out, EXIT_USAGE, "domain: --qemu and --qemu-version exclude each "
			    "other");
	qemu_release(r->program, r->of_program);
	r->qemu = r->of_program;
	if (r->qemu[0])
		return EXIT_YES;
	return fail(&r->out, EXIT_UNDECIDED, "%s: it is no QEMU whose release can be read: give "
		    "--qemu-version=X.Y", r->program);
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct hold_options o = { .common = r->baseline };
	int ret = from_vmi(r);

	if (ret)
		return ret;
	if (!!r->model + !!r->vm + !!r->baseline > 1)
		return fail(&r->out, EXIT_USAGE, "domain: --model, --vm and --baseline exclude "
			    "each other");
	if (operands && !r->baseline)
		return fail(&r->out, EXIT_USAGE, "domain: the domain is read from standard input; "
			    "files are documents of --baseline");
	if (r->qemu && !release_valid(r->qemu))
		return fail(&r->out, EXIT_USAGE, "domain: --qemu-version takes a release such as "
			    "8.2");
	if (r->program)
		ret = find_release(r);
	if (ret)
		return ret;
	if (r->model)
		o.has = tapcompat_model_features(r->model);
	else if (r->vm)
		ret = from_record(r, &o.has);
	else if (r->baseline)
		ret = from_baseline(r, operands, operand, &o.has);
	if (ret)
		return ret;
	o.given = r->model || r->vm || r->baseline;
	o.without = r->without;
	o.qemu = r->qemu;
	o.recorded = r->of_record;
	o.nic = r->nic;
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
