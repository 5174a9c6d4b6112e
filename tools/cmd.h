/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - what the commands of tapcompat(1) share
 */
#ifndef TAPCOMPAT_TOOLS_CMD_H
#define TAPCOMPAT_TOOLS_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include <tapcompat.h>
#include <tapcompat_nic.h>

#include "option.h"

/* The exit codes of every command. */
enum {
	EXIT_YES = TAPCOMPAT_EXIT_YES,
	EXIT_USAGE = TAPCOMPAT_EXIT_USAGE,
	EXIT_UNDECIDED = TAPCOMPAT_EXIT_UNDECIDED,
	EXIT_BROKEN = TAPCOMPAT_EXIT_BROKEN,
};

/* The options that every command has, before its name or behind it. */
struct output {
	bool json, pretty, quiet, help;
};

/**
 * output_guess() - does a command line ask for JSON?  For errors before it has been read
 */
void output_guess(struct output *out, char **argv);

#define COMMAND_GROUPS 6	/* a command's own options, shared ones, and the end */

/**
 * struct command - a command of the program
 * @name: as it is typed
 * @about: one line, for the list of commands
 * @help: usage and description, before the options; @status: what follows these
 * @groups: its options, without output_options
 * @request: size of what the options set, whose first member is a struct output
 * @least, @most: number of operands; @lacks: the error if there are fewer
 * @program: its first operand is a program, which all further options are for
 * @mute: it writes nothing but its help to stdout, not even errors in JSON
 * @run: called when all options have been read; returns the exit status
 */
struct command {
	const char *name, *about, *help, *status;
	struct option_group groups[COMMAND_GROUPS];
	size_t request;
	int least, most;
	const char *lacks;
	bool program, mute;
	int (*run)(void *request, int operands, char **operand);
};

/**
 * command_run() - read a command's options and run it
 * @out: from the options before its name
 * @argv: argv[0] is the command's own name
 */
int command_run(const struct command *command, struct output out, int argc, char **argv);

/**
 * signals_ignore() - ignore SIGPIPE and SIGXFSZ, so that write(2) fails instead
 * signals_restore() - undo that before another program is executed
 */
void signals_ignore(void);
void signals_restore(void);

/**
 * output_start() - prepare stdout; output_close() - flush it and check for errors
 * Return: @code, or EXIT_UNDECIDED after an error
 */
void output_start(void);
int output_close(int code);

/**
 * output_json() - write a document to stdout
 * @text: released; NULL: out of memory
 * Return: EXIT_YES or EXIT_UNDECIDED
 */
int output_json(const struct output *out, char *text);

/**
 * output_file() - write a file as a whole or not at all
 * @path: replaced atomically; "-" is stdout
 * @text: the content; a newline is added if the last line lacks it
 * Return: EXIT_YES; or EXIT_UNDECIDED after a message: an old file is unchanged
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
 * progress_wanted() - may progress be drawn on stderr?
 *
 * On a terminal, and not with -j: stdout may be the same terminal.
 */
bool progress_wanted(const struct output *out);

/**
 * complain() - write a message to stderr, after the answer on stdout
 */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * fail() - the same, and with -j as JSON on stdout too
 * @code: the exit status
 * Return: @code
 */
int fail(const struct output *out, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * complain_added() - say which features a list brings along, unless with -q
 * @asked: the list, not completed
 */
void complain_added(const struct output *out, struct tapcompat_mask asked);

/**
 * host_probe() - probe this host, with progress on a terminal
 * Return: to be released; NULL on failure, after a message
 */
struct tapcompat_caps *host_probe(const struct output *out,
				  struct tapcompat_probe_options options);

/**
 * caps_from() - a document's capabilities, or this host's
 * @path: of the document, or NULL
 * @code: on failure the exit status, after a message
 */
struct tapcompat_caps *caps_from(const struct output *out, const char *path,
				 struct tapcompat_probe_options options, int *code);

/**
 * model_find() - a model by its name
 * Return: EXIT_YES, or EXIT_USAGE after a message
 */
int model_find(const struct output *out, const char *command, const char *name,
	       const struct tapcompat_model **model);

/**
 * list_add() - append a word to "a, b"
 */
void list_add(char *text, size_t size, const char *word);

/**
 * list_features() - the features of a mask, as "csum, host_uso"
 * Return: @text
 */
const char *list_features(char *text, size_t size, struct tapcompat_mask mask);

/**
 * offer_ask() - what would that QEMU offer?
 * Return: EXIT_YES, or the exit status after a message
 */
int offer_ask(const struct output *out, const struct tapcompat_offer_options *o,
	      const struct tapcompat_caps *caps, struct tapcompat_offer **offer);

/**
 * json_flags() - flags for a document: TAPCOMPAT_PRETTY
 */
unsigned int json_flags(const struct output *out);

/**
 * table_flags() - flags for a table: REPORT_COLOUR, REPORT_QUIET
 */
unsigned int table_flags(const struct output *out);

/* The request of a command whose only option is a host's document. */
struct caps_request {
	struct output out;
	const char *caps;
};

/* Which host is checked, and which QEMU on it: options of several commands. */
struct source {
	const char *caps;		/* a document, or this host is probed */
	struct tapcompat_probe_options probe;
	struct tapcompat_offer_options offer;
	bool vhost_given, backend_given;
	unsigned int backend;		/* enum tapcompat_backend_type */
};

/* Of a struct source: the backend and the QEMU; that QEMU's options; the host. */
extern const struct command_option source_options[], qemu_options[], host_options[];

#define SOURCE_GROUPS(request, member) \
	{ source_options, offsetof(request, member) }, \
	{ qemu_options, offsetof(request, member) }, \
	{ host_options, offsetof(request, member) }

/**
 * source_agree() - do they make sense together?  Settles the backend, too.
 */
int source_agree(const struct output *out, const char *command, struct source *s);

/**
 * source_caps() - what the host provides: its tap and the backend
 * @code: on failure the exit status, after a message
 */
struct tapcompat_caps *source_caps(const struct output *out, const struct source *s, int *code);

/* A machine's network card, and where it is described: options of several commands. */
struct card {
	const char *list, *arguments, *domain, *qmp, *which;
	char text[TAPCOMPAT_NIC_TEXT];	/* set by card_load() */
};

/* Of a struct card. */
extern const struct command_option card_options[];

/* The number of queue pairs in a list; 1 if it does not say. */
unsigned int card_queues(const char *list);

/* Is any of them given? */
bool card_given(const struct card *card);

/**
 * card_load() - read the card, as a list in @card->text
 * @other: a file that is read as well, which cannot be standard input then, or NULL
 * Return: EXIT_YES, or the exit status after a message
 */
int card_load(const struct output *out, const char *command, struct card *card,
	      const char *other);

extern const struct command
	cmd_audit,
	cmd_baseline,
	cmd_check,
	cmd_compare,
	cmd_domain,
	cmd_explain,
	cmd_models,
	cmd_offer,
	cmd_probe,
	cmd_qmp,
	cmd_record,
	cmd_run,
	cmd_stat;

#endif /* TAPCOMPAT_TOOLS_CMD_H */
