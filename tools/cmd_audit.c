// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_audit.c - tapcompat audit
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/against.h"
#include "audit/audit.h"
#include "audit/files.h"
#include "audit/states.h"
#include "report/audit.h"
#include "report/report.h"

static const char help[] =
	"Usage: tapcompat audit [DOMAIN|PID|TAP|FILE...] [--against=FILE...] [OPTION...]\n\n"
	"What the machines of this host hold, without changing anything: each feature of each\n"
	"card is held, not-held or unknown, with the evidence.  Operands choose a libvirt domain\n"
	"by name or UUID, a process, or a tap, which is then described with the way out of it.\n"
	"A FILE is a document of tapcompat audit -j, a record of tapcompat record, a saved state\n"
	"(of virsh save, QEMU's migrate, a Proxmox volume), or what a guest's\n"
	"/sys/bus/virtio/devices/*/features say; - is standard input, with audits one after\n"
	"another, of which only the counts are printed.\n\n";

static const char status[] =
	"Exit status: 0 done; with --against 1 a machine cannot go to one of the hosts, 4 it can\n"
	"and has frames corrupted there; 2 usage, or a bad document; 3 unknown, or not found.\n";

#define AGAINST_MOST 65536	/* documents named with --against */

struct request {
	struct output out;
	const char **against;
	unsigned int documents;
	const char *guest, *record, *qmp;
	bool emulated, skip_bad, all, ask, table, format_given;
	unsigned int format;		/* enum audit_format */
};

static int option_against(const struct option_use *use)
{
	struct request *r = (struct request *)((char *)use->member -
					       offsetof(struct request, against));
	const char **list;

	list = r->documents < AGAINST_MOST ?
	       realloc(r->against, (r->documents + 1) * sizeof(*list)) : NULL;
	if (!list)
		return fail(use->out, EXIT_USAGE, "audit: --against: too many documents");
	list[r->documents++] = use->text;
	r->against = list;
	return EXIT_YES;
}

enum audit_format {
	AUDIT_FORMAT_JSON,
	AUDIT_FORMAT_HTML,
	AUDIT_FORMAT_PROMETHEUS,
	AUDIT_FORMATS,
};

static const char *format_word(unsigned int index)
{
	static const char *const words[AUDIT_FORMATS] = {
		[AUDIT_FORMAT_JSON] = "json",
		[AUDIT_FORMAT_HTML] = "html",
		[AUDIT_FORMAT_PROMETHEUS] = "prometheus",
	};

	return index < AUDIT_FORMATS ? words[index] : NULL;
}

static const struct command_option options[] = {
	{ "format", "FORMAT", "json; html: one page to sort and filter in a browser; or "
	  "prometheus: how many machines hold what",
	  OPTION_WORD(struct request, format, format_word),
	  .given = offsetof(struct request, format_given) },
	{ "against", "FILE", "where can they go?  A document of tapcompat probe -j; may be given "
	  "again, and then further ones may be operands, as in --against *.json",
	  .set = option_against, .offset = offsetof(struct request, against) },
	{ "guest-features", "FILE|BITS", "of the one machine that is chosen: what its guest's "
	  "/sys/bus/virtio/devices/*/features say, or a file with them",
	  OPTION_TEXT_FILLED(struct request, guest) },
	{ "record", "FILE", "of the one machine that is chosen: its record of tapcompat record",
	  OPTION_TEXT_FILLED(struct request, record) },
	{ "qmp", "SOCKET", "ask a running QEMU by its QMP socket: of the one machine that is "
	  "chosen, or a machine of its own", OPTION_TEXT_FILLED(struct request, qmp) },
	{ "ask-qemu", NULL, "with --qmp: QEMU may stop the guest for the moment that its device "
	  "state takes, which tells of every feature on each QEMU",
	  OPTION_FLAG(struct request, ask) },
	{ "all", NULL, "libvirt's domains that do not run, too",
	  OPTION_FLAG(struct request, all) },
	{ "allow-emulated", NULL, "count what can be emulated: start QEMU with 'tapcompat run'",
	  OPTION_FLAG(struct request, emulated) },
	{ "table", NULL, "a matrix of cards, features and hosts: equal cards are one column",
	  OPTION_FLAG(struct request, table) },
	{ "skip-bad", NULL, "of standard input, skip bad documents",
	  OPTION_FLAG(struct request, skip_bad) },
	{ 0 },
};

/* ---- Operands ---- */

struct operands {
	int files, names;
	char **file, **name;
	bool stream;
};

static bool is_file(const char *what)
{
	struct stat st;

	if (strspn(what, "0123456789") == strlen(what))
		return false;
	return strchr(what, '/') || (!stat(what, &st) && !S_ISDIR(st.st_mode));
}

static int sort_operands(const struct request *r, struct operands *o, int n, char **operand)
{
	int i;

	o->file = calloc((size_t)n + 1, sizeof(*o->file));
	o->name = calloc((size_t)n + 1, sizeof(*o->name));
	if (!o->file || !o->name)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	for (i = 0; i < n; i++) {
		if (!strcmp(operand[i], "-"))
			o->stream = true;
		else if (is_file(operand[i]))
			o->file[o->files++] = operand[i];
		else
			o->name[o->names++] = operand[i];
	}
	if (o->stream && n > 1)
		for (i = 0; i < n; i++)
			if (strcmp(operand[i], "-") && !r->documents)
				return fail(&r->out, EXIT_USAGE, "audit: - excludes other "
					    "operands");
	return EXIT_YES;
}

/* ---- Hosts ---- */

static int error_code(int ret)
{
	return ret == -EINVAL ? EXIT_USAGE : EXIT_UNDECIDED;
}

static int load_host(const struct request *r, struct against *g, const char *path)
{
	struct tapcompat_error error = { "out of memory" };
	struct tapcompat_caps *caps;
	int ret = tapcompat_caps_load(path, &caps, &error);

	if (ret)
		return fail(&r->out, ret == -ENOMEM ? EXIT_UNDECIDED : EXIT_USAGE, "%s",
			    error.text);
	ret = against_host(g, caps);
	if (ret == -E2BIG)
		return fail(&r->out, EXIT_UNDECIDED, "audit: --against: more than %d kinds of "
			    "hosts", AGAINST_PLACES);
	return ret ? fail(&r->out, EXIT_UNDECIDED, "out of memory") : EXIT_YES;
}

/* With --against, operands that are capability documents belong to it. */
static int load_hosts(const struct request *r, struct against *g, struct operands *o)
{
	unsigned int i;
	int ret = EXIT_YES, j, kept = 0;

	for (i = 0; i < r->documents && !ret; i++)
		ret = load_host(r, g, r->against[i]);
	for (j = 0; r->documents && j < o->files && !ret; j++) {
		if (audit_file_is_host(o->file[j]))
			ret = load_host(r, g, o->file[j]);
		else
			o->file[kept++] = o->file[j];
	}
	if (r->documents)
		o->files = kept;
	return ret;
}

/* ---- Machines ---- */

static int load_files(const struct request *r, struct audit *a, const struct operands *o)
{
	struct tapcompat_error error = { "out of memory" };
	int i, ret = 0;

	for (i = 0; i < o->files && !ret; i++)
		ret = audit_file(a, o->file[i], &error);
	return ret ? fail(&r->out, error_code(ret), "%s", error.text) : EXIT_YES;
}

/* What is said of a machine is of one machine. */
static int add_evidence(const struct request *r, struct audit *a)
{
	struct tapcompat_error error = { "out of memory" };
	int ret = 0;

	if (!r->guest && !r->record)
		return EXIT_YES;
	if (a->machines != 1)
		return fail(&r->out, EXIT_USAGE, "audit: --guest-features and --record are of one "
			    "machine, and these are %zu: name it", a->machines);
	if (r->record)
		ret = audit_record_file(&a->machine[0], r->record, &error);
	if (!ret && r->guest)
		ret = audit_guest_file(&a->machine[0], r->guest, &error);
	return ret ? fail(&r->out, error_code(ret), "%s", error.text) : EXIT_YES;
}

static int choose(const struct request *r, struct audit *a, const struct operands *o)
{
	bool *matched = calloc((size_t)o->names + 1, sizeof(*matched));
	int ret = matched ? audit_select(a, o->names, o->name, matched) : -ENOMEM;

	free(matched);
	return ret ? fail(&r->out, EXIT_UNDECIDED, "out of memory") : EXIT_YES;
}

static void complain_notes(const struct audit *a)
{
	unsigned int i;

	for (i = 0; i < a->notes; i++)
		complain("%s", a->note[i]);
}

/* A name that is neither a machine's nor a tap's: perhaps it was not seen. */
static int not_found(const struct request *r, const struct audit *a)
{
	size_t i;

	for (i = 0; i < a->taps; i++) {
		if (a->tap[i].seen)
			continue;
		complain_notes(a);
		return fail(&r->out, EXIT_UNDECIDED, "audit: %s: no machine or process of that "
			    "name was seen, and no tap: %s", a->tap[i].name, a->tap[i].why);
	}
	return EXIT_YES;
}

static int ask(const struct request *r, struct audit *a, const struct operands *o)
{
	struct tapcompat_error error = { "out of memory" };
	bool chosen = o->names || o->files;
	int ret;

	if (!r->qmp)
		return !r->ask ? EXIT_YES :
		       fail(&r->out, EXIT_USAGE, "audit: --ask-qemu: give the QEMU's --qmp=SOCKET");
	if (chosen && a->machines != 1)
		return fail(&r->out, EXIT_USAGE, "audit: --qmp is of one machine, and these are "
			    "%zu: name it", a->machines);
	ret = audit_qmp(a, chosen ? &a->machine[0] : NULL, r->qmp, r->ask, &error);
	return ret ? fail(&r->out, EXIT_UNDECIDED, "%s", error.text) : EXIT_YES;
}

static int collect(const struct request *r, struct audit *a, const struct operands *o)
{
	int ret = EXIT_YES;

	if (!o->files && (!r->qmp || o->names)) {
		if (audit_processes(a) || audit_domains(a, r->all))
			return fail(&r->out, EXIT_UNDECIDED, "out of memory");
		if (o->names)
			ret = choose(r, a, o);
	}
	if (!ret)
		ret = load_files(r, a, o);
	if (!ret)
		ret = add_evidence(r, a);
	if (!ret)
		ret = ask(r, a, o);
	if (ret || o->files || (r->qmp && !o->names))
		return ret;
	if (audit_look(a))
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	audit_settle_all(a);
	return not_found(r, a);
}

/* ---- Answers ---- */

static int verdict(const struct against *g)
{
	unsigned long cannot = 0, corrupted = 0, unknown = 0;
	size_t i;

	for (i = 0; i < g->places; i++) {
		cannot += g->place[i].cannot;
		corrupted += g->place[i].corrupted;
		unknown += g->place[i].unknown;
	}
	return cannot ? TAPCOMPAT_EXIT_LACKS : corrupted ? EXIT_BROKEN :
	       unknown ? EXIT_UNDECIDED : EXIT_YES;
}

static int answer(const struct request *r, const struct audit *a, const struct against *g,
		  const struct operands *o)
{
	unsigned int flags = table_flags(&r->out);
	bool judged = r->documents || o->stream;
	int ret = EXIT_YES;

	if (r->format == AUDIT_FORMAT_HTML)
		audit_html(a, r->documents ? g : NULL, stdout);
	else if (r->format == AUDIT_FORMAT_PROMETHEUS)
		audit_metrics(a, g, stdout);
	else if (r->out.json || r->format_given)
		ret = output_json(&r->out, audit_json(a, judged ? g : NULL, json_flags(&r->out)));
	else if (r->table)
		ret = audit_table(a, g, stdout, flags) ?
		      fail(&r->out, EXIT_UNDECIDED, "out of memory") : EXIT_YES;
	else if (judged)
		against_print(o->stream ? NULL : a, g, stdout, flags);
	else
		audit_print(a, stdout, flags | (o->names ? REPORT_TAPS : 0));
	complain_notes(a);
	if (!ret)
		ret = verdict(g);
	/* Nothing was found, perhaps because it could not be seen. */
	if (!ret && !a->machines && !a->taps && a->notes)
		ret = EXIT_UNDECIDED;
	return ret;
}

static void skipped_show(const char *text)
{
	complain("skipped: %s", text);
}

static int read_stream(const struct request *r, struct against *g)
{
	struct tapcompat_error error = { "out of memory" };
	int ret = against_read(g, STDIN_FILENO, "standard input", r->skip_bad, skipped_show,
			       &error);

	if (!ret && !g->documents)
		return fail(&r->out, EXIT_USAGE, "audit: standard input has no document");
	return ret ? fail(&r->out, error_code(ret), "%s", error.text) : EXIT_YES;
}

static int check_format(const struct request *r, int n, char **operand)
{
	int i;

	if (r->table && (r->out.json || r->format_given))
		return fail(&r->out, EXIT_USAGE, "audit: --table excludes --json and --format");
	for (i = 0; r->table && i < n; i++)
		if (!strcmp(operand[i], "-"))
			return fail(&r->out, EXIT_USAGE, "audit: of standard input only counts "
				    "are kept: name files for --table");
	if (r->format == AUDIT_FORMAT_JSON)
		return EXIT_YES;
	if (r->out.json)
		return fail(&r->out, EXIT_USAGE, "audit: --json and --format=%s exclude each "
			    "other", format_word(r->format));
	for (i = 0; i < n; i++)
		if (!strcmp(operand[i], "-"))
			return fail(&r->out, EXIT_USAGE, "audit: of standard input only counts "
				    "are kept: name files for --format=%s",
				    format_word(r->format));
	return EXIT_YES;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct against g = { .emulated = r->emulated };
	struct operands o = { .files = 0 };
	struct audit a;
	int ret = check_format(r, operands, operand);

	if (!ret)
		ret = sort_operands(r, &o, operands, operand);
	if (!ret)
		ret = load_hosts(r, &g, &o);
	audit_init(&a, !o.files && !o.stream);
	if (!ret)
		ret = o.stream ? read_stream(r, &g) : collect(r, &a, &o);
	if (!ret && !o.stream)
		against_count(&g, &a);
	if (!ret)
		ret = answer(r, &a, &g, &o);
	audit_free(&a);
	against_free(&g);
	free(o.file);
	free(o.name);
	free(r->against);
	return ret;
}

const struct command cmd_audit = {
	.name = "audit",
	.about = "what running machines hold, and where each can go",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct request),
	.least = 0, .most = AGAINST_MOST,
	.run = run,
};
