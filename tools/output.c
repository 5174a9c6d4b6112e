// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * output.c - answers to stdout, errors to stderr
 */
#include "cmd.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ground/text.h"
#include "report/report.h"

/* A message: room for a long one with every byte escaped. */
#define MESSAGE 1024

void output_guess(struct output *out, char **argv)
{
	for (; *argv && strcmp(*argv, "--"); argv++) {
		const char *arg = *argv;
		bool cluster = arg[0] == '-' && arg[1] != '-';

		if (!strcmp(arg, "--json") || (cluster && strchr(arg, 'j')))
			out->json = true;
		if (!strcmp(arg, "--pretty") || (cluster && strchr(arg, 'p')))
			out->json = out->pretty = true;
	}
}

/* With these ignored, a closed pipe or a size limit is a write error with a message. */
static struct {
	int number;
	struct sigaction before;
} signals[] = { { .number = SIGPIPE }, { .number = SIGXFSZ } };

void signals_ignore(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i].number, &ignore, &signals[i].before);
}

void signals_restore(void)
{
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i].number, &signals[i].before, NULL);
}

void output_start(void)
{
	/*
	 * The answer is written at the end in one piece, so that errno tells why it
	 * could not be.
	 */
	static char buffer[256 * 1024];

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

int output_close(int code)
{
	errno = 0;
	if (!ferror(stdout) && !fflush(stdout) && !fclose(stdout))
		return code;
	fprintf(stderr, "tapcompat: the answer could not be written to standard output: %s\n",
		strerror(errno ? errno : EIO));
	return code ? code : EXIT_UNDECIDED;
}

int output_json(const struct output *out, char *text)
{
	if (!text)
		return fail(out, EXIT_UNDECIDED, "out of memory");
	puts(text);
	free(text);
	return EXIT_YES;
}

unsigned int terminal_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

bool terminal_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !strcmp(term, "dumb");
}

bool progress_wanted(const struct output *out)
{
	return isatty(STDERR_FILENO) && !terminal_dumb() && !out->json;
}

static void vcomplain(char *text, size_t size, const char *format, va_list args)
{
	char raw[MESSAGE];

	vsnprintf(raw, sizeof(raw), format, args);
	text_escape(text, size, raw);
	/* After the answer, also if both go to one terminal. */
	fflush(stdout);
	fprintf(stderr, "tapcompat: %s\n", text);
}

void complain(const char *format, ...)
{
	char text[4 * MESSAGE];
	va_list args;

	va_start(args, format);
	vcomplain(text, sizeof(text), format, args);
	va_end(args);
}

int fail(const struct output *out, int code, const char *format, ...)
{
	char text[4 * MESSAGE], *json;
	va_list args;

	va_start(args, format);
	vcomplain(text, sizeof(text), format, args);
	va_end(args);
	if (!out->json)
		return code;
	json = error_json(code, text, out->pretty ? TAPCOMPAT_PRETTY : 0);
	/* This error must not need memory. */
	puts(json ? json : "{\"schema\":\"tapcompat-error\",\"version\":1,"
			   "\"error\":{\"exit\":3,\"desc\":\"out of memory\"}}");
	free(json);
	return code;
}
