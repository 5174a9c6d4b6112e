/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - what the commands of tapcompat(1) share
 */
#ifndef TAPCOMPAT_TOOLS_CMD_H
#define TAPCOMPAT_TOOLS_CMD_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include <tapcompat.h>

/* The exit codes of every command. */
enum {
	EXIT_YES = TAPCOMPAT_EXIT_YES,
	EXIT_USAGE = TAPCOMPAT_EXIT_USAGE,
	EXIT_UNDECIDED = TAPCOMPAT_EXIT_UNDECIDED,
	EXIT_BROKEN = TAPCOMPAT_EXIT_BROKEN,
};

/* The options that every command has, in front of its name or behind it. */
struct output {
	bool json, pretty, quiet, help;
};

#define OUTPUT_LETTERS ":jpqh"
#define OUTPUT_LONG \
	{ "json", no_argument, NULL, 'j' }, { "pretty", no_argument, NULL, 'p' }, \
	{ "quiet", no_argument, NULL, 'q' }, { "help", no_argument, NULL, 'h' }

#define OUTPUT_HELP \
	"  -j, --json            write JSON, errors included\n" \
	"  -p, --pretty          JSON for eyes\n" \
	"  -q, --quiet           only what is not as it should be\n" \
	"  -h, --help            this text\n"

/**
 * output_option() - take one of the common options
 * @c: from getopt_long(3)
 * Return: whether it was one
 */
bool output_option(struct output *out, int c);

/**
 * output_guess() - was JSON asked for, before the options are taken apart?
 */
void output_guess(struct output *out, char **argv);

/**
 * option_error() - say what is wrong with an option
 * @command: its name, or NULL in front of one
 * @c: ':' or '?', from getopt_long(3), whose variables are looked at
 * @longs: what it was called with
 * Return: EXIT_USAGE
 */
int option_error(const struct output *out, const char *command, int c, char **argv,
		 const struct option *longs);

/**
 * struct command - a command of the program
 * @name: as it is typed
 * @about: one line for people
 * @help: usage and options, without the common ones; @status: what follows those
 * @options: with OUTPUT_LONG among them
 * @request: size of what @option fills in, whose first member is a struct output
 * @least, @most: how many operands it takes; @lacks: what to say where there are less
 * @program: its first operand is a program, behind which all options are that one's
 * @mute: it writes nothing to stdout but its help, errors in JSON included
 * @option: take one option; EXIT_YES, or what to end with, and it has been said why
 * @run: all options are in: do it.  What it returns is the exit status
 */
struct command {
	const char *name, *about, *help, *status;
	const struct option *options;
	size_t request;
	int least, most;
	const char *lacks;
	bool program, mute;
	int (*option)(void *request, int c);
	int (*run)(void *request, int operands, char **operand);
};

/**
 * command_run() - take a command's options and do it
 * @argv: argv[0] is the command's own name
 */
int command_run(const struct command *command, struct output out, int argc, char **argv);

/**
 * signals_ignore() - let writing fail with an error where a signal would end the program
 * signals_restore() - as it was started with, for a program that it becomes
 */
void signals_ignore(void);
void signals_restore(void);

/**
 * output_start() - prepare stdout; output_close() - did everything arrive there?
 * Return: @code, or EXIT_UNDECIDED where it did not
 */
void output_start(void);
int output_close(int code);

/**
 * output_json() - write a document to stdout
 * @text: released; NULL where there was no memory for it
 * Return: EXIT_YES or EXIT_UNDECIDED
 */
int output_json(const struct output *out, char *text);

/**
 * output_file() - write a file as a whole or not at all
 * @path: replaced at one blow, so that a reader sees the old one or the new one; "-" is
 *	stdout
 * @text: all of it; its last line gets an end where it has none
 * Return: EXIT_YES; or EXIT_UNDECIDED, and it has been said why: an old file is intact
 */
int output_file(const struct output *out, const char *path, const char *text);

/**
 * terminal_columns() - width of the terminal that stdout is, or 0
 */
unsigned int terminal_columns(void);

/**
 * terminal_dumb() - is TERM one that knows no control sequences?
 */
bool terminal_dumb(void);

/**
 * complain() - say what is wrong, on stderr, behind all that stdout has to say
 */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * fail() - the same, and with -j as JSON on stdout too
 * @code: to end with
 * Return: @code
 */
int fail(const struct output *out, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * host_probe() - probe this host, with progress on a terminal
 * Return: to be released; NULL where that failed, which has been said
 */
struct tapcompat_caps *host_probe(const struct output *out,
				  struct tapcompat_probe_options options);

/**
 * backend_option() - the value of --backend
 * Return: its type; -1 where there is none such, which has been said
 */
int backend_option(const struct output *out, const char *command, const char *name);

/**
 * backends_option() - the same, one of several: added to a bit set
 */
int backends_option(const struct output *out, const char *command, const char *name,
		    unsigned int *backends);

/**
 * caps_from() - a document's capabilities, or this host's
 * @path: of the document, or NULL
 * @code: on failure, what to end with; it has been said why
 */
struct tapcompat_caps *caps_from(const struct output *out, const char *path,
				 struct tapcompat_probe_options options, int *code);

/**
 * vhost_option() - the value of --vhost
 */
int vhost_option(const struct output *out, const char *command, const char *value, int *on);

/**
 * list_option() - features of an option, added to @mask
 * @option: its name
 */
int list_option(const struct output *out, const char *command, const char *option,
		const char *list, struct tapcompat_mask *mask);

/**
 * model_option() - a model by its name
 */
int model_option(const struct output *out, const char *command, const char *name,
		 const struct tapcompat_model **model);

/**
 * offer_ask() - what would that QEMU offer?
 * Return: EXIT_YES, or what to end with, and it has been said why
 */
int offer_ask(const struct output *out, const struct tapcompat_offer_options *o,
	      const struct tapcompat_caps *caps, struct tapcompat_offer **offer);

/**
 * json_flags() - how a document is to be written: TAPCOMPAT_PRETTY
 */
unsigned int json_flags(const struct output *out);

/**
 * table_flags() - how a table is to be printed: REPORT_COLOUR, REPORT_QUIET
 */
unsigned int table_flags(const struct output *out);

/* What a command takes that has no other option than a host's document. */
struct caps_request {
	struct output out;
	const char *caps;
};

extern const struct option caps_options[];
int caps_option(void *request, int c);

/* Which host is judged, and which QEMU on it: what several commands take. */
struct source {
	const char *caps;		/* a document, or this host is probed */
	struct tapcompat_probe_options probe;
	struct tapcompat_offer_options offer;
	bool vhost_given, backend_given;
	int backend;
};

enum { SOURCE_BACKEND = 512, SOURCE_CAPS, SOURCE_NO_VERIFY, SOURCE_LOAD_MODULES, SOURCE_QEMU,
       SOURCE_MACHINE, SOURCE_DEVICE, SOURCE_VHOST };

#define SOURCE_LONG_QEMU \
	{ "qemu", required_argument, NULL, SOURCE_QEMU }, \
	{ "machine", required_argument, NULL, SOURCE_MACHINE }, \
	{ "device", required_argument, NULL, SOURCE_DEVICE }, \
	{ "vhost", required_argument, NULL, SOURCE_VHOST }, \
	{ "caps", required_argument, NULL, SOURCE_CAPS }, \
	{ "load-modules", no_argument, NULL, SOURCE_LOAD_MODULES }
#define SOURCE_LONG \
	{ "backend", required_argument, NULL, SOURCE_BACKEND }, \
	{ "no-verify", no_argument, NULL, SOURCE_NO_VERIFY }, \
	SOURCE_LONG_QEMU

#define SOURCE_HELP \
	"  --backend=NAME        that is to give them: tap (the default), macvtap, vhost-net\n" \
	"                        (a tap with vhost=on), vhost-vdpa, ebpf-rss\n" \
	"  --qemu=PATH           judge what this QEMU would offer, as tapcompat offer says it\n" \
	"  --machine=TYPE        with --qemu: its machine type\n" \
	"  --device=OPTIONS      with --qemu: as in -device virtio-net-pci,OPTIONS\n" \
	"  --vhost=on|off        with --qemu: as in -netdev tap,vhost= (off)\n" \
	"  --caps=FILE           judge a document of tapcompat probe -j instead of this host\n" \
	"  --no-verify           believe this host's kernel, send no frames\n" \
	"  --load-modules        load the kernel modules that are missing\n"

/**
 * source_option() - take one of these
 * @ret: EXIT_YES, or what to end with, and it has been said why
 * Return: whether it was one
 */
bool source_option(const struct output *out, const char *command, struct source *s, int c,
		   int *ret);

/**
 * source_agree() - do they make sense together?  Settles the backend, too.
 */
int source_agree(const struct output *out, const char *command, struct source *s);

/**
 * source_caps() - what the host gives: its tap and the backend
 * @code: on failure, what to end with; it has been said why
 */
struct tapcompat_caps *source_caps(const struct output *out, const struct source *s, int *code);

extern const struct command
	cmd_baseline,
	cmd_check,
	cmd_compare,
	cmd_explain,
	cmd_models,
	cmd_offer,
	cmd_probe,
	cmd_qmp,
	cmd_record,
	cmd_run,
	cmd_stat;

#endif /* TAPCOMPAT_TOOLS_CMD_H */
