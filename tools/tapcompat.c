// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tapcompat.c - the program: a table of commands
 */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/guess.h"
#include "hook.h"

static const struct command *const commands[] = {
	&cmd_audit,
	&cmd_baseline,
	&cmd_check,
	&cmd_compare,
	&cmd_domain,
	&cmd_explain,
	&cmd_hook,
	&cmd_models,
	&cmd_offer,
	&cmd_probe,
	&cmd_qmp,
	&cmd_record,
	&cmd_run,
	&cmd_stat,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	size_t i;

	fputs("Usage: tapcompat [-j] [-p] [-q] COMMAND [OPTION...]\n"
	      "       tapcompat --version | --help\n\nCommands:\n", out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->about);
	fputs("\n'tapcompat help COMMAND' describes a command.\n", out);
}

static const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i]->name))
			return commands[i];
	return NULL;
}

static int command_unknown(const struct output *out, const char *name)
{
	struct guess guess = GUESS(name);
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		guess_consider(&guess, commands[i]->name);
	if (guess.best)
		return fail(out, EXIT_USAGE, "unknown command '%s': did you mean '%s'?", name,
			    guess.best);
	return fail(out, EXIT_USAGE, "unknown command '%s': try tapcompat --help", name);
}

/* "help probe" is "probe --help". */
static int run_help(const struct output *out, int argc, char **argv)
{
	char option[] = "--help", *swapped[] = { argv[1], option, NULL };
	const struct command *command;

	if (argc < 2) {
		usage(stdout);
		return EXIT_YES;
	}
	command = command_find(argv[1]);
	if (!command)
		return command_unknown(out, argv[1]);
	if (argc > 2)
		return fail(out, EXIT_USAGE, "help takes one command, and no further argument '%s'",
			    argv[2]);
	return command_run(command, *out, 2, swapped);
}

/*
 * @said: what the options in front of the command said; @out: with a guess at those behind it,
 * which cannot be made for a command whose operands are a program
 */
static int run_command(struct output out, struct output said, int argc, char **argv)
{
	const struct command *command;

	if (!argc) {
		if (!out.json)
			usage(stderr);
		else
			fail(&out, EXIT_USAGE, "no command: try tapcompat --help");
		return EXIT_USAGE;
	}
	if (!strcmp(argv[0], "help"))
		return run_help(&out, argc, argv);
	command = command_find(argv[0]);
	/* Of a program's options nothing can be guessed. */
	if (command)
		return command_run(command, command->program ? said : out, argc, argv);
	return command_unknown(&out, argv[0]);
}

/* What the options in front of the command set. */
struct request {
	struct output out;
	bool version;
};

static const struct command_option options[] = {
	{ "version", NULL, NULL, OPTION_FLAG(struct request, version), .letter = 'V' },
	{ 0 },
};

/* Options in front of the command, as with ip(8). */
static int run(int argc, char **argv)
{
	static const struct option_group groups[] = {
		{ options, 0 }, { output_options, 0 }, { NULL, 0 },
	};
	struct request r = { .version = false };
	struct output out = r.out;
	const struct options o = { .out = &out, .groups = groups, .request = &r, .program = true };
	int ret;

	output_guess(&out, argv + (argc > 0));
	ret = options_parse(&o, argc, argv);
	if (ret)
		return ret;
	if (r.version)
		printf("tapcompat %s\n", tapcompat_version());
	else if (r.out.help)
		usage(stdout);
	if (r.version || r.out.help)
		return EXIT_YES;
	out.quiet = r.out.quiet;
	out.json |= r.out.json;
	out.pretty |= r.out.pretty;
	return run_command(out, r.out, argc - optind, argv + optind);
}

int main(int argc, char **argv)
{
	bool linked;

	signals_ignore();
	linked = hook_linked(argc, argv, argc > 1 && command_find(argv[1]));
	if (hook_spares(argc, argv, linked))
		return EXIT_YES;
	if (linked)
		return hook_run(argv);
	output_start();
	return output_close(run(argc, argv));
}
