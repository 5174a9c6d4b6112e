// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command.c - what all commands have in common: options, operands, help
 */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Its own options, and the common ones behind them. */
static void groups_of(const struct command *command, struct option_group *groups)
{
	size_t n = 0;

	memcpy(groups, command->groups, sizeof(command->groups));
	while (groups[n].rows)
		n++;
	groups[n] = (struct option_group){ output_options, 0 };
	groups[n + 1] = (struct option_group){ NULL, 0 };
}

static int run(const struct command *command, struct output *request, int argc, char **argv)
{
	struct option_group groups[COMMAND_GROUPS + 1];
	const struct output silent = { .json = false };
	const struct options options = {
		.out = command->mute ? &silent : request, .command = command->name,
		.groups = groups, .request = request, .program = command->program,
	};
	int ret;

	groups_of(command, groups);
	ret = options_parse(&options, argc, argv);
	if (ret)
		return ret;
	if (request->help) {
		fputs(command->help, stdout);
		options_help(groups);
		printf("\n%s", command->status);
		return EXIT_YES;
	}
	if (command->mute)
		request->json = request->pretty = false;
	ret = operands_agree(command, request, argc - optind, argv + optind);
	return ret ? ret : command->run(request, argc - optind, argv + optind);
}

int command_run(const struct command *command, struct output out, int argc, char **argv)
{
	struct output *request = calloc(1, command->request);
	int ret;

	if (!request)
		return fail(&out, EXIT_UNDECIDED, "out of memory");
	*request = out;
	ret = run(command, request, argc, argv);
	free(request);
	return ret;
}
