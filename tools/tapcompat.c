// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tapcompat.c - the program: a table of commands
 */
#include "cmd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about;
} commands[] = {
	{ "probe", cmd_probe, "what this host gives a virtio-net device" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	size_t i;

	fputs("Usage: tapcompat COMMAND [OPTION…]\n"
	      "       tapcompat --version | --help\n\nCommands:\n", out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].about);
	fputs("\ntapcompat COMMAND --help says more.\n", out);
}

static int run(int argc, char **argv)
{
	struct output out = { .json = false };
	size_t i;

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_YES;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("tapcompat %s\n", tapcompat_version());
		return EXIT_YES;
	}
	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	output_guess(&out, argv + 1);
	return fail(&out, EXIT_USAGE, "there is no command '%s': try tapcompat --help", argv[1]);
}

int main(int argc, char **argv)
{
	/* A reader that has gone is an error of writing, with words. */
	signal(SIGPIPE, SIG_IGN);
	/* Answers are written at the end, so that errno says why they could not be. */
	setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
	return output_close(run(argc, argv));
}
