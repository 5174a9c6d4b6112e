// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command.c - what all commands have in common: options, operands, help
 */
#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>

/* The next option that is the command's own; 0 behind the last; -1: wrong, and said. */
static int option_next(struct output *out, const struct command *command, int argc, char **argv)
{
	int c;

	do
		c = getopt_long(argc, argv, command->program ? "+" OUTPUT_LETTERS : OUTPUT_LETTERS,
				command->options, NULL);
	while (c != -1 && output_option(out, c));
	if (command->mute)
		out->json = false;
	if (c == '?' || c == ':') {
		option_error(out, command->name, c, argv, command->options);
		return -1;
	}
	return c == -1 ? 0 : c;
}

/* Options may follow operands, unless these are a program: getopt_long(3) moves them. */
static int options(const struct command *command, struct output *out, void *request, int argc,
		   char **argv)
{
	int c, ret;

	while ((c = option_next(out, command, argc, argv)) > 0) {
		ret = command->option ? command->option(request, c) : EXIT_USAGE;
		if (ret)
			return ret;
	}
	return c < 0 ? EXIT_USAGE : EXIT_YES;
}

static int operands_agree(const struct command *command, const struct output *out, int n,
			  char **operand)
{
	if (n > command->most)
		return fail(out, EXIT_USAGE, "%s takes %s argument '%s': try tapcompat %s --help",
			    command->name, command->most ? "no further" : "no",
			    operand[command->most], command->name);
	if (n < command->least)
		return fail(out, EXIT_USAGE, "%s: %s: try tapcompat %s --help", command->name,
			    command->lacks, command->name);
	return EXIT_YES;
}

int command_run(const struct command *command, struct output out, int argc, char **argv)
{
	struct output *request = calloc(1, command->request);
	int ret;

	if (!request)
		return fail(&out, EXIT_UNDECIDED, "out of memory");
	*request = out;
	optind = 0;
	ret = options(command, request, request, argc, argv);
	if (!ret && request->help)
		printf("%s" OUTPUT_HELP "\n%s", command->help, command->status);
	else if (!ret)
		ret = operands_agree(command, request, argc - optind, argv + optind);
	if (!ret && !request->help)
		ret = command->run(request, argc - optind, argv + optind);
	free(request);
	return ret;
}
