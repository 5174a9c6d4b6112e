// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_explain.c - tapcompat explain
 */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tapcompat_fleet.h>

#include "ground/text.h"
#include "report/report.h"

static const char help[] =
	"Usage: tapcompat explain MASK [MASK] [OPTION...]\n"
	"       tapcompat explain LINE | FILE... [OPTION...]\n"
	"       tapcompat explain [OPTION...] < LOG\n\n"
	"Explains the masks and messages that QEMU, libvirt and bridge helpers print.  One mask\n"
	"is decoded.  Of two, the first is what a guest has acked and the second what a\n"
	"destination allows: each missing bit is named, with the layer that lacks it and what to\n"
	"do.  A line, or logs such as those of journalctl, libvirt, Proxmox VE and KubeVirt, are\n"
	"searched for messages; - is standard input.  A guest's\n"
	"/sys/bus/virtio/devices/*/features is accepted as a log, too.\n\n";

static const char status[] =
	"Exit status: 0 explained; 2 usage, or a bad document; 3 there is no message about the\n"
	"features of a network card.\n";

struct request {
	struct output out;
	struct source source;
	const char *qemu_version;
};

static const struct command_option explain_options[] = {
	{ "caps", "FILE", "the destination, a document of tapcompat probe -j there",
	  OPTION_TEXT(struct request, source.caps) },
	{ "qemu", "PATH", "its QEMU: the features of that program, whatever this host provides",
	  OPTION_TEXT(struct request, source.offer.qemu) },
	{ "qemu-version", "X.Y", "the release of its QEMU, if the program is not available",
	  OPTION_TEXT_FILLED(struct request, qemu_version) },
	{ 0 },
};

static int version_check(const struct request *r)
{
	const char *version = r->qemu_version;

	if (!version || strspn(version, "0123456789.") == strlen(version))
		return EXIT_YES;
	return fail(&r->out, EXIT_USAGE, "explain: --qemu-version is a release, such as 8.2, "
		    "not '%s'", version);
}

/* ---- The destination ---- */

/* Where no document says what the host gives, its QEMU is asked all the same. */
#define NONE "\"native\":\"0x0\",\"emulated\":\"0x0\",\"features\":[]"
static const char any_host[] =
	"{\"schema\":\"tapcompat-capabilities\",\"version\":1,\"host\":{\"name\":\"destination\","
	"\"kernel\":\"0\",\"machine\":\"any\"},\"probed-at\":\"2026-01-01T00:00:00Z\","
	"\"backends\":["
	"{\"type\":\"tap\",\"available\":true," NONE "},"
	"{\"type\":\"vhost-net\",\"available\":true," NONE "}]}";

struct destination {
	struct tapcompat_explain_options options;
	struct tapcompat_caps *host;
	struct tapcompat_offer *offer;
};

static int ask_qemu(const struct request *r, struct destination *d)
{
	struct tapcompat_offer_options offer = r->source.offer;
	struct tapcompat_caps *any = NULL;
	int ret;

	offer.size = sizeof(offer);
	if (!offer.qemu)
		return EXIT_YES;
	if (!d->host && tapcompat_caps_parse(any_host, sizeof(any_host) - 1, "", &any, NULL))
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	ret = offer_ask(&r->out, &offer, d->host ? d->host : any, &d->offer);
	tapcompat_caps_free(any);
	return ret;
}

static int destination_ask(const struct request *r, struct destination *d)
{
	int ret = EXIT_YES;

	if (!r->source.offer.qemu && (r->source.offer.device || r->source.vhost_given))
		return fail(&r->out, EXIT_USAGE, "explain: --device and --vhost are for a QEMU: "
			    "give --qemu=PATH");
	if (r->source.offer.qemu && r->qemu_version)
		return fail(&r->out, EXIT_USAGE, "explain: with --qemu the release is known: do "
			    "not give --qemu-version");
	if (r->source.caps) {
		d->host = caps_from(&r->out, r->source.caps,
				    (struct tapcompat_probe_options){ .size = 0 }, &ret);
		if (!d->host)
			return ret;
	}
	ret = ask_qemu(r, d);
	d->options.size = sizeof(d->options);
	d->options.host = d->host;
	d->options.offer = d->offer;
	d->options.qemu = r->qemu_version;
	d->options.machine = r->source.offer.machine;
	return ret;
}

static void destination_free(struct destination *d)
{
	tapcompat_offer_free(d->offer);
	tapcompat_caps_free(d->host);
}

/* ---- Masks ---- */

#define HEX "0123456789abcdefABCDEF"

static bool begins_mask(const char *text)
{
	return text[0] == '0' && (text[1] | 0x20) == 'x';
}

/* One or two masks in an operand, with commas, and with or without 0x. */
static bool masks_parse(const char *text, struct tapcompat_mask *mask, int *n)
{
	while (*text) {
		size_t prefix = begins_mask(text) ? 2 : 0, digits = strspn(text + prefix, HEX);
		char number[2 + 32 + 1];

		if (*n == 2 || !digits || digits > 32)
			return false;
		text += prefix;
		snprintf(number, sizeof(number), "0x%.*s", (int)digits, text);
		if (tapcompat_mask_parse(number, &mask[(*n)++]))
			return false;
		text += digits;
		if (*text && *text != ',')
			return false;
		text += *text == ',';
	}
	return true;
}

/* What has the name of a file is a file, unless it begins with 0x. */
static bool all_masks(int operands, char **operand, struct tapcompat_mask *mask, int *n)
{
	struct stat st;
	int i;

	*n = 0;
	for (i = 0; i < operands; i++) {
		struct tapcompat_mask more[2];
		int one, count = 0;

		if ((!begins_mask(operand[i]) && !stat(operand[i], &st)) ||
		    !masks_parse(operand[i], more, &count))
			return false;
		for (one = 0; one < count; one++, ++*n)
			if (*n < 2)
				mask[*n] = more[one];
	}
	return *n > 0;
}

static int uninformed(void)
{
	complain("there is no message about the features of a network card");
	return EXIT_UNDECIDED;
}

static int explain_masks(const struct request *r, const struct tapcompat_mask *mask, int n,
			 const struct destination *d)
{
	struct tapcompat_explanation *e;
	int ret = EXIT_YES;

	if (n > 2)
		return fail(&r->out, EXIT_USAGE, "explain: there are %d masks: give one, or the "
			    "guest's and the destination's", n);
	e = tapcompat_explain_masks(&mask[0], n > 1 ? &mask[1] : NULL, &d->options);
	if (!e)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	if (r->out.json)
		ret = output_json(&r->out, tapcompat_explanations_json(&e, 1, json_flags(&r->out)));
	else
		explanation_print(e, stdout, table_flags(&r->out));
	if (!ret && !tapcompat_explanation_informs(e))
		ret = uninformed();
	tapcompat_explanation_free(e);
	return ret;
}

/* ---- Logs ---- */

/* What was found: kept for JSON, said as it comes to people. */
struct answers {
	const struct request *r;
	struct tapcompat_explain_log *log;
	struct tapcompat_explanation **list;
	size_t n, room, said, informed;
	bool shown;		/* progress, on a terminal */
	bool noted;		/* that there are many */
};

static void progress_wipe(struct answers *a)
{
	if (a->shown)
		fputs("\r\033[K", stderr);
	a->shown = false;
}

static void progress_show(void *arg, unsigned long long bytes)
{
	struct answers *a = arg;

	if (bytes >> 20 < 64)
		return;
	fprintf(stderr, "\r\033[K%llu MiB read", bytes >> 20);
	fflush(stderr);
	a->shown = true;
}

static int out_of_memory(const struct answers *a)
{
	return fail(&a->r->out, EXIT_UNDECIDED, "out of memory");
}

static int answer_keep(struct answers *a, struct tapcompat_explanation *e)
{
	if (a->n == a->room) {
		size_t room = a->room ? 2 * a->room : 16;
		struct tapcompat_explanation **list = realloc(a->list, room * sizeof(void *));

		if (!list) {
			tapcompat_explanation_free(e);
			return out_of_memory(a);
		}
		a->list = list;
		a->room = room;
	}
	a->list[a->n++] = e;
	return EXIT_YES;
}

static int answer(struct answers *a, struct tapcompat_explanation *e)
{
	a->informed += tapcompat_explanation_informs(e) != 0;
	if (a->r->out.json)
		return answer_keep(a, e);
	progress_wipe(a);
	if (a->said++ && !a->r->out.quiet)
		putchar('\n');
	explanation_print(e, stdout, table_flags(&a->r->out));
	tapcompat_explanation_free(e);
	return EXIT_YES;
}

/* All that there is to say by now. */
static int answers_take(struct answers *a, bool ended)
{
	struct tapcompat_explanation *e;
	int ret;

	while ((ret = tapcompat_explain_log_take(a->log, ended, &e)) > 0) {
		ret = answer(a, e);
		if (ret)
			return ret;
	}
	if (ret)
		return out_of_memory(a);
	/* A log may be followed: what was found is told at once. */
	return fflush(stdout) ? EXIT_UNDECIDED : EXIT_YES;
}

static void note_many(struct answers *a, bool followed)
{
	if (followed || a->noted)
		return;
	progress_wipe(a);
	complain("there are more than 4096 different messages: those so far are printed now, and "
		 "repetitions are printed again");
	a->noted = true;
}

static int read_log(struct answers *a, int fd, const char *name, bool followed)
{
	int ret, code = EXIT_YES;

	while (!code && (ret = tapcompat_explain_log_read(a->log, fd, name)) != 0) {
		if (ret < 0)
			return fail(&a->r->out, EXIT_UNDECIDED, "%s: %s",
				    name ? name : "standard input", strerror(-ret));
		note_many(a, followed);
		code = answers_take(a, false);
	}
	return code;
}

static int read_file(struct answers *a, const char *name, bool followed)
{
	int fd, ret;

	if (!strcmp(name, "-"))
		return read_log(a, STDIN_FILENO, NULL, followed);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(&a->r->out, EXIT_UNDECIDED, "%s: %s", name, strerror(errno));
	ret = read_log(a, fd, name, followed);
	close(fd);
	return ret;
}

static bool is_file(const char *operand)
{
	struct stat st;

	return !strcmp(operand, "-") || !stat(operand, &st);
}

static bool is_bits(const char *operand)
{
	size_t n = strspn(operand, "01");

	return !operand[n] && (n == 64 || n == 128);
}

/* A message that was given as one operand, or as its words. */
static int read_words(struct answers *a, int operands, char **operand)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int i, ret;

	if (!f)
		return out_of_memory(a);
	for (i = 0; i < operands; i++)
		fprintf(f, "%s%s", i ? " " : "", operand[i]);
	if (fclose(f))
		return out_of_memory(a);
	ret = tapcompat_explain_log_text(a->log, text, size);
	free(text);
	return ret ? out_of_memory(a) : EXIT_YES;
}

static int no_operand(const struct answers *a, const char *operand)
{
	char safe[256];

	return fail(&a->r->out, EXIT_USAGE, "explain: '%s' is not a mask (0x and up to 32 "
		    "hexadecimal digits), a message, a guest's bit string or a file",
		    text_escape(safe, sizeof(safe), operand));
}

/* Files all of them, or the words of a message. */
static int read_operands(struct answers *a, int operands, char **operand, bool followed)
{
	int i, files = 0, ret = EXIT_YES;

	for (i = 0; i < operands; i++)
		files += is_file(operand[i]);
	if (files == operands) {
		for (i = 0; !ret && i < operands; i++)
			ret = read_file(a, operand[i], followed);
		return ret;
	}
	if (operands == 1 && !strpbrk(operand[0], " \t\n") && !is_bits(operand[0]))
		return no_operand(a, operand[0]);
	for (i = 0; files && i < operands; i++)
		if (!is_file(operand[i]))
			return no_operand(a, operand[i]);
	return read_words(a, operands, operand);
}

static int conclude(struct answers *a)
{
	if (!a->n && !a->said)
		return fail(&a->r->out, EXIT_UNDECIDED,
			    "no line of this log is about features: look for "
			    "\"unsupported. Allowed features\" in QEMU's log of the destination");
	if (a->r->out.json &&
	    output_json(&a->r->out, tapcompat_explanations_json(a->list, a->n,
								json_flags(&a->r->out))))
		return EXIT_UNDECIDED;
	return a->informed ? EXIT_YES : uninformed();
}

static bool followable(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static bool from_input(int operands, char **operand)
{
	int i;

	for (i = 0; i < operands; i++)
		if (!strcmp(operand[i], "-"))
			return true;
	return !operands;
}

static int explain_log(const struct request *r, int operands, char **operand,
		       struct destination *d)
{
	static char input[] = "-";
	char *standard[] = { input };
	bool followed = !r->out.json && from_input(operands, operand) &&
			followable(STDIN_FILENO);
	struct answers a = { .r = r };
	int ret;

	if (!operands && isatty(STDIN_FILENO))
		return fail(&r->out, EXIT_USAGE, "explain: give a mask or two, a line, a file, or "
			    "a log on standard input: try tapcompat explain --help");
	if (progress_wanted(&r->out))
		d->options.progress = progress_show;
	d->options.arg = &a;
	a.log = tapcompat_explain_log_new(&d->options, followed);
	if (!a.log)
		return out_of_memory(&a);
	ret = read_operands(&a, operands ? operands : 1, operands ? operand : standard, followed);
	if (!ret)
		ret = answers_take(&a, true);
	progress_wipe(&a);
	if (!ret)
		ret = conclude(&a);
	while (a.n)
		tapcompat_explanation_free(a.list[--a.n]);
	free(a.list);
	tapcompat_explain_log_free(a.log);
	return ret;
}

static int run(void *request, int operands, char **operand)
{
	struct destination d = { .host = NULL };
	struct tapcompat_mask mask[2];
	struct request *r = request;
	int n, ret = version_check(r);

	if (!ret)
		ret = destination_ask(r, &d);
	if (!ret && all_masks(operands, operand, mask, &n))
		ret = explain_masks(r, mask, n, &d);
	else if (!ret)
		ret = explain_log(r, operands, operand, &d);
	destination_free(&d);
	return ret;
}

const struct command cmd_explain = {
	.name = "explain",
	.about = "what the masks and messages of QEMU and libvirt mean",
	.help = help, .status = status,
	.groups = {
		{ explain_options, 0 },
		{ qemu_options, offsetof(struct request, source) },
	},
	.request = sizeof(struct request),
	.most = 1000000,
	.run = run,
};
