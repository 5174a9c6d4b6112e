// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * output.c - answers to stdout, errors to stderr
 */
#include "cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool output_option(struct output *out, int c)
{
	switch (c) {
	case 'j':
		return out->json = true;
	case 'p':
		return out->json = out->pretty = true;
	case 'q':
		return out->quiet = true;
	case 'h':
		return out->help = true;
	}
	return false;
}

void output_guess(struct output *out, char **argv)
{
	for (; *argv && strcmp(*argv, "--"); argv++) {
		const char *arg = *argv;

		if (!strcmp(arg, "--json") || !strcmp(arg, "--pretty") ||
		    (arg[0] == '-' && arg[1] != '-' && strpbrk(arg, "jp")))
			out->json = true;
	}
}

int output_text(const struct output *out, const char *text)
{
	if (!text)
		return fail(out, EXIT_UNDECIDED, "out of memory");
	fputs(text, stdout);
	fputc('\n', stdout);
	return EXIT_YES;
}

int output_close(int code)
{
	errno = 0;
	if (!ferror(stdout) && !fflush(stdout) && !fclose(stdout))
		return code;
	fprintf(stderr, "tapcompat: the answer could not be written to standard output: %s\n",
		strerror(errno ? errno : EIO));
	return EXIT_UNDECIDED;
}

int fail(const struct output *out, int code, const char *format, ...)
{
	char text[1024], *json;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "tapcompat: %s\n", text);
	if (!out->json)
		return code;
	json = tapcompat_error_json(code, text, out->pretty ? TAPCOMPAT_PRETTY : 0);
	if (json)
		puts(json);
	free(json);
	return code;
}
