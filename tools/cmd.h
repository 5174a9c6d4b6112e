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

#define OUTPUT_SHORT "+:jpqh"
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
 * option_next() - a command's next option that is its own
 * @command: its name
 * @longs: with OUTPUT_LONG among them
 * Return: the option's value; 0 behind the last one; -1 where something is wrong,
 *	which has been said, and the end is EXIT_USAGE
 */
int option_next(struct output *out, const char *command, const struct option *longs, int argc,
		char **argv);

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
 * table_flags() - how a table is to be printed: TAPCOMPAT_COLOUR, TAPCOMPAT_QUIET
 */
unsigned int table_flags(const struct output *out);

/* The commands: argv[0] is the command's own name. */
int cmd_check(struct output out, int argc, char **argv);
int cmd_offer(struct output out, int argc, char **argv);
int cmd_probe(struct output out, int argc, char **argv);

#endif /* TAPCOMPAT_TOOLS_CMD_H */
