// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_baseline.c - tapcompat baseline
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tapcompat_fleet.h>

#include "feature/require.h"
#include "report/report.h"

static const char help[] =
	"Usage: tapcompat baseline FILE... [OPTION...]\n\n"
	"What lets a machine run on all of these hosts and migrate among them.  A FILE has\n"
	"documents of tapcompat probe -j, one after another; - is standard input.\n\n";

static const char status[] =
	"Exit status: 0 done; 1 a host lacks a backend that was named; 2 usage, or a bad\n"
	"document; 3 what a host provides is unknown.\n";

struct request {
	struct output out;
	struct tapcompat_fleet_options fleet;
	bool format_given, table;
	unsigned int format;		/* enum tapcompat_format */
	const char *guest, *vm;
	char qemu[64];		/* of the record */
	char nic[TAPCOMPAT_NIC_TEXT];
	bool shown;		/* progress, on a terminal */
};

/* The name is pasted into command lines and XML. */
static int option_guest(const struct option_use *use)
{
	const char *p = use->text;

	while ((unsigned char)*p >= 0x20 && *p != 0x7f)
		p++;
	if (*use->text && *use->text != '-' && !*p)
		return option_text(use);
	return fail(use->out, EXIT_USAGE, "baseline: --guest: '%s' is not a valid name for a "
		    "machine", use->text);
}

static const char *format_word(unsigned int index)
{
	return index < TAPCOMPAT_FORMATS ? tapcompat_format_name((enum tapcompat_format)index) :
					   NULL;
}

static const struct command_option options[] = {
	{ "format", "FORMAT", "json, qemu, qemu-global, libvirt, virt-xml or proxmox: ready to be "
	  "pasted; without it, a report", OPTION_WORD(struct request, format, format_word),
	  .given = offsetof(struct request, format_given) },
	{ "guest", "NAME", "for libvirt, virt-xml and proxmox: the machine's name or number",
	  .set = option_guest, .offset = offsetof(struct request, guest) },
	{ "backend", "NAME", "a backend that the machine moves among; may be given again.  Without "
	  "it: tap, and vhost-net (a tap with vhost=on) where every host has it",
	  OPTION_WORD_SET(struct request, fleet.backends, option_backend_word) },
	{ "qemu-version", "X.Y", "of the oldest QEMU among the hosts: flags that it does not know "
	  "are left out.  Without it, those that QEMU 7.2 does not know are reported separately",
	  OPTION_TEXT(struct request, fleet.qemu) },
	{ "with", "LIST", "features that QEMU has off by default, on where every host has them",
	  OPTION_FEATURES(struct request, fleet.ask_for) },
	{ "without", "NAME", "off are those of an exclusion, such as xdp-v1: see tapcompat models",
	  OPTION_EXCLUSION(struct request, fleet.without) },
	{ "vm", "FILE", "where can this running machine go?  A record of tapcompat record",
	  OPTION_TEXT(struct request, vm) },
	{ "holds", "MASK", "the same, by the features that the machine has acked",
	  OPTION_MASK(struct request, fleet.acked) },
	{ "allow-emulated", NULL, "count what can be emulated: start QEMU with 'tapcompat run'",
	  OPTION_BIT(struct request, fleet.flags, TAPCOMPAT_FLEET_EMULATED) },
	{ "disable-deprecated-features", NULL, "switch off features that are deprecated",
	  OPTION_BIT(struct request, fleet.flags, TAPCOMPAT_FLEET_NO_DEPRECATED) },
	{ "table", NULL, "a matrix of hosts and features: equal hosts are one column",
	  OPTION_FLAG(struct request, table) },
	{ "skip-bad", NULL, "skip bad documents, and count them",
	  OPTION_BIT(struct request, fleet.flags, TAPCOMPAT_FLEET_SKIP_BAD) },
	{ 0 },
};

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

/* What --with and --holds bring along, and what --with asks for and not every host has. */
static void complain_lists(const struct request *r, struct tapcompat_mask given)
{
	struct tapcompat_mask on = r->fleet.ask_for, left_off = r->fleet.ask_for;
	char names[512];
	size_t i;

	for (i = 0; i < sizeof(given.word) / sizeof(given.word[0]); i++) {
		on.word[i] &= given.word[i];
		left_off.word[i] &= ~given.word[i];
	}
	complain_added(&r->out, on);
	complain_added(&r->out, r->fleet.acked);
	if (*list_features(names, sizeof(names), left_off))
		complain("--with: not every host has %s: left off", names);
}

/* Formats that are pasted have no place for a note that their flags alone are not enough. */
static void complain_emulated(struct tapcompat_mask emulated)
{
	char names[512];

	if (*list_features(names, sizeof(names), emulated))
		complain("start QEMU with 'tapcompat run' on the hosts that emulate %s: omit "
			 "--format for a report that lists them", names);
}

static void complain_fallback(const char *why)
{
	if (why)
		complain("%s", why);
}

static void complain_later(const char *later)
{
	if (later)
		complain("%s: give --qemu-version=X.Y to have it printed", later);
}

/* Formats with QEMU's options have no place for the queues of the netdev. */
static void complain_queues(const struct request *r)
{
	if (card_queues(r->nic) > 1 && r->format != TAPCOMPAT_FORMAT_LIBVIRT)
		complain("the record has several queues: give the netdev queues=%u",
			 card_queues(r->nic));
}

static int answer(struct request *r, struct tapcompat_fleet *fleet)
{
	const char *undecided, *lacks;
	char *text;

	if (!tapcompat_fleet_hosts(fleet))
		return fail(&r->out, EXIT_USAGE, "baseline: no %sdocument",
			    tapcompat_fleet_skipped(fleet) ? "valid " : "");
	undecided = tapcompat_fleet_undecided(fleet);
	if (undecided)
		return fail(&r->out, EXIT_UNDECIDED, "%s", undecided);
	lacks = tapcompat_fleet_lacks(fleet);
	if (lacks)
		return fail(&r->out, TAPCOMPAT_EXIT_LACKS, "%s", lacks);
	complain_lists(r, tapcompat_fleet_mask(fleet));
	if (!r->format_given && !r->out.json) {
		(r->table ? fleet_table : fleet_print)(fleet, stdout, table_flags(&r->out));
		return EXIT_YES;
	}
	text = tapcompat_fleet_format(fleet, (enum tapcompat_format)r->format, r->guest,
				      json_flags(&r->out));
	if (!text)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	if (r->format != TAPCOMPAT_FORMAT_JSON) {
		complain_later(tapcompat_fleet_later(fleet));
		complain_fallback(tapcompat_fleet_fallback(fleet));
		complain_emulated(tapcompat_fleet_emulated(fleet));
		complain_queues(r);
	}
	printf("%s%s", text, r->format == TAPCOMPAT_FORMAT_JSON ? "\n" : "");
	free(text);
	return EXIT_YES;
}

/* What a running machine has acked, by its record. */
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
	tapcompat_vm_nic(vm, r->nic, sizeof(r->nic));
	r->fleet.nic = r->nic;
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
		ret = fail(&r->out, TAPCOMPAT_EXIT_LACKS, "%s: it is not strict, and so what the "
			   "machine has acked is not certain: restart the machine with a strict "
			   "record, or give --holds=MASK", r->vm);
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
			    "other", format_word(r->format));
	if (r->table && (r->out.json || r->format_given))
		return fail(&r->out, EXIT_USAGE, "baseline: --table excludes --json and --format");
	if (r->vm)
		ret = load_vm(r);
	if (ret)
		return ret;
	r->fleet.size = sizeof(r->fleet);
	r->fleet.arg = r;
	r->fleet.complain = skipped_show;
	if (progress_wanted(&r->out))
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
	.about = "what lets a machine run on, and migrate among, several hosts",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct request),
	.least = 1, .most = 1 << 30,
	.lacks = "no hosts: give documents of tapcompat probe -j",
	.run = run,
};
