// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_baseline.c - tapcompat baseline
 */
#include "cmd.h"
#include "report/report.h"
#include "feature/require.h"

#include <tapcompat_fleet.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"Usage: tapcompat baseline FILE... [OPTION...]\n\n"
	"What lets a machine run on all of these hosts and move among them.  A FILE is a document\n"
	"of tapcompat probe -j; - is standard input, with a document on each line.\n\n"
	"  --format=FORMAT       json, qemu, qemu-global, libvirt, virt-xml or proxmox: to be\n"
	"                        pasted as printed; without it, a report for eyes\n"
	"  --guest=NAME          for libvirt, virt-xml and proxmox: the machine's name or number\n"
	"  --backend=NAME        that it moves among; may be given again.  Without it: tap, and\n"
	"                        vhost-net (a tap with vhost=on) where every host has it\n"
	"  --qemu-version=X.Y    of the oldest QEMU among them: what is younger is left out\n"
	"  --with=LIST           features that QEMU has off, on where every host has them\n"
	"  --vm=FILE             where can this machine go, which runs already?  A record of\n"
	"                        tapcompat record\n"
	"  --holds=MASK          the same, of the features that it holds\n"
	"  --allow-emulated      count what can be emulated: start it by tapcompat run\n"
	"  --disable-deprecated-features\n"
	"                        switch off what should not be relied on any more\n"
	"  --skip-bad            go on behind a bad document, and count it\n";

static const char status[] =
	"Exit status: 0 done; 1 a host lacks a backend that was named; 2 usage, or a bad\n"
	"document; 3 it is not known what a host gives.\n";

struct request {
	struct output out;
	struct tapcompat_fleet_options fleet;
	bool format_given;
	enum tapcompat_format format;
	const char *guest, *vm;
	char qemu[64];		/* of the record */
	bool shown;		/* progress, on a terminal */
};

enum { FORMAT = 256, GUEST, BACKEND, QEMU_VERSION, WITH, VM, HOLDS, ALLOW_EMULATED,
       NO_DEPRECATED, SKIP_BAD };

static const struct option longs[] = {
	{ "format", required_argument, NULL, FORMAT },
	{ "guest", required_argument, NULL, GUEST },
	{ "backend", required_argument, NULL, BACKEND },
	{ "qemu-version", required_argument, NULL, QEMU_VERSION },
	{ "with", required_argument, NULL, WITH },
	{ "vm", required_argument, NULL, VM },
	{ "holds", required_argument, NULL, HOLDS },
	{ "allow-emulated", no_argument, NULL, ALLOW_EMULATED },
	{ "disable-deprecated-features", no_argument, NULL, NO_DEPRECATED },
	{ "skip-bad", no_argument, NULL, SKIP_BAD },
	OUTPUT_LONG,
	{ NULL, 0, NULL, 0 },
};

static int option_format(struct request *r, const char *name)
{
	char known[128] = "";
	int i;

	r->format_given = true;
	for (i = 0; i < TAPCOMPAT_FORMATS; i++) {
		r->format = (enum tapcompat_format)i;
		if (!strcmp(name, tapcompat_format_name(r->format)))
			return EXIT_YES;
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 i ? ", " : "", tapcompat_format_name(r->format));
	}
	return fail(&r->out, EXIT_USAGE, "baseline: there is no format '%s': it is one of %s", name,
		    known);
}

/* It is pasted into command lines and XML. */
static int option_guest(struct request *r, const char *name)
{
	const char *p = name;

	r->guest = name;
	while ((unsigned char)*p >= 0x20 && *p != 0x7f)
		p++;
	if (*name && *name != '-' && !*p)
		return EXIT_YES;
	return fail(&r->out, EXIT_USAGE, "baseline: --guest: '%s' is no name of a machine", name);
}

static int option_holds(struct request *r, const char *mask)
{
	struct tapcompat_error error;

	if (!tapcompat_mask_parse(mask, &r->fleet.acked)) {
		if (!require_check(&r->fleet.acked, &error))
			return EXIT_YES;
		return fail(&r->out, EXIT_USAGE, "baseline: --holds: no guest holds that: %s",
			    error.text);
	}
	return fail(&r->out, EXIT_USAGE, "baseline: --holds is \"0x\" and up to 32 hexadecimal "
		    "digits, not '%s'", mask);
}

static int option(void *request, int c)
{
	struct request *r = request;

	switch (c) {
	case FORMAT:
		return option_format(r, optarg);
	case GUEST:
		return option_guest(r, optarg);
	case BACKEND:
		return backends_option(&r->out, "baseline", optarg, &r->fleet.backends);
	case QEMU_VERSION:
		r->fleet.qemu = optarg;
		return EXIT_YES;
	case WITH:
		return list_option(&r->out, "baseline", "with", optarg, &r->fleet.ask_for);
	case VM:
		r->vm = optarg;
		return EXIT_YES;
	case HOLDS:
		return option_holds(r, optarg);
	case ALLOW_EMULATED:
		r->fleet.flags |= TAPCOMPAT_FLEET_EMULATED;
		return EXIT_YES;
	case NO_DEPRECATED:
		r->fleet.flags |= TAPCOMPAT_FLEET_NO_DEPRECATED;
		return EXIT_YES;
	case SKIP_BAD:
		r->fleet.flags |= TAPCOMPAT_FLEET_SKIP_BAD;
		return EXIT_YES;
	default:
		return EXIT_USAGE;
	}
}

static void progress_show(void *arg, unsigned long documents)
{
	struct request *r = arg;

	fprintf(stderr, "\r\033[K%lu documents", documents);
	fflush(stderr);
	r->shown = true;
}

static void progress_wipe(struct request *r)
{
	if (r->shown)
		fputs("\r\033[K", stderr);
	r->shown = false;
}

static void skipped_show(void *arg, const char *text)
{
	progress_wipe(arg);
	complain("skipped: %s", text);
}

static int load(struct request *r, struct tapcompat_fleet *fleet, int n, char **path)
{
	struct tapcompat_error error;
	int i, ret = 0;

	for (i = 0; i < n && !ret; i++)
		ret = strcmp(path[i], "-") ? tapcompat_fleet_load(fleet, path[i], &error) :
		      tapcompat_fleet_read(fleet, STDIN_FILENO, "standard input", &error);
	progress_wipe(r);
	if (!ret)
		return EXIT_YES;
	return fail(&r->out, ret == -ENOMEM ? EXIT_UNDECIDED : EXIT_USAGE, "%s", error.text);
}

/* What was asked for and cannot be had everywhere. */
static void complain_with(const struct request *r, struct tapcompat_mask given)
{
	const struct tapcompat_feature *f;
	unsigned int i;

	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		if (tapcompat_mask_test(&r->fleet.ask_for, f->bit) &&
		    !tapcompat_mask_test(&given, f->bit))
			complain("--with: %s is left off: not every host has it", f->name);
}

/* What a line to be pasted cannot say: that these flags are not all that it takes. */
static void complain_emulated(struct tapcompat_mask emulated)
{
	const struct tapcompat_feature *f;
	char names[512] = "";
	unsigned int i;

	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		if (tapcompat_mask_test(&emulated, f->bit))
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 *names ? ", " : "", f->name);
	if (*names)
		complain("start it by tapcompat run where a host emulates %s: without --format it "
			 "is said where", names);
}

static int answer(struct request *r, struct tapcompat_fleet *fleet)
{
	const char *undecided, *lacks;
	char *text;

	if (!tapcompat_fleet_hosts(fleet))
		return fail(&r->out, EXIT_USAGE, "baseline: there is no %sdocument",
			    tapcompat_fleet_skipped(fleet) ? "good " : "");
	undecided = tapcompat_fleet_undecided(fleet);
	if (undecided)
		return fail(&r->out, EXIT_UNDECIDED, "%s", undecided);
	lacks = tapcompat_fleet_lacks(fleet);
	if (lacks)
		return fail(&r->out, TAPCOMPAT_EXIT_LACKS, "%s", lacks);
	complain_with(r, tapcompat_fleet_mask(fleet));
	if (!r->format_given && !r->out.json) {
		fleet_print(fleet, stdout, table_flags(&r->out));
		return EXIT_YES;
	}
	text = tapcompat_fleet_format(fleet, r->format, r->guest, json_flags(&r->out));
	if (!text)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	if (r->format != TAPCOMPAT_FORMAT_JSON)
		complain_emulated(tapcompat_fleet_emulated(fleet));
	printf("%s%s", text, r->format == TAPCOMPAT_FORMAT_JSON ? "\n" : "");
	free(text);
	return EXIT_YES;
}

/* What a machine that runs holds, by its record. */
static int load_vm(struct request *r)
{
	struct tapcompat_error error;
	struct tapcompat_vm *vm;
	int ret = tapcompat_vm_load(r->vm, &vm, &error);

	if (ret)
		return fail(&r->out, ret == -ENOMEM ? EXIT_UNDECIDED : EXIT_USAGE, "%s",
			    error.text);
	r->fleet.acked = tapcompat_vm_effective(vm);
	r->fleet.forced = tapcompat_vm_requested(vm, TAPCOMPAT_POLICY_FORCE);
	if (!r->fleet.qemu && tapcompat_vm_qemu(vm)[0]) {
		snprintf(r->qemu, sizeof(r->qemu), "%s", tapcompat_vm_qemu(vm));
		r->fleet.qemu = r->qemu;
	}
	if (!r->fleet.backends)
		r->fleet.backends = 1u << tapcompat_vm_backend(vm);
	if (tapcompat_vm_unknown(vm))
		ret = fail(&r->out, EXIT_UNDECIDED, "%s: it has %s, which this tapcompat does not "
			   "know: use a newer one", r->vm, tapcompat_vm_unknown(vm));
	else if (!tapcompat_vm_strict(vm))
		ret = fail(&r->out, TAPCOMPAT_EXIT_LACKS, "%s: it is not strict, and so nothing is "
			   "known for sure of what the machine holds: restart it strictly, or give "
			   "--holds=MASK", r->vm);
	tapcompat_vm_free(vm);
	return ret;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	int ret = EXIT_YES;
	struct tapcompat_fleet *fleet;
	struct tapcompat_error error;

	if (r->out.json && r->format != TAPCOMPAT_FORMAT_JSON)
		return fail(&r->out, EXIT_USAGE, "baseline: --json and --format=%s exclude each "
			    "other", tapcompat_format_name(r->format));
	if (r->vm)
		ret = load_vm(r);
	if (ret)
		return ret;
	r->fleet.size = sizeof(r->fleet);
	r->fleet.arg = r;
	r->fleet.complain = skipped_show;
	if (isatty(STDERR_FILENO) && !terminal_dumb())
		r->fleet.progress = progress_show;
	ret = tapcompat_fleet_new(&r->fleet, &fleet, &error);
	if (ret)
		return fail(&r->out, ret == -EINVAL ? EXIT_USAGE : EXIT_UNDECIDED, "baseline: %s",
			    error.text);
	ret = load(r, fleet, operands, operand);
	if (!ret)
		ret = answer(r, fleet);
	tapcompat_fleet_free(fleet);
	return ret;
}

const struct command cmd_baseline = {
	.name = "baseline",
	.about = "what lets a machine run on, and move among, several hosts",
	.help = help, .status = status,
	.options = longs, .option = option,
	.request = sizeof(struct request),
	.least = 1, .most = 1 << 30,
	.lacks = "of which hosts?  Give documents of tapcompat probe -j",
	.run = run,
};
