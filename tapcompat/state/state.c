// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * state.c - a state from a file: what is around QEMU's stream, and the stream
 */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ground/text.h"
#include "saved.h"
#include "input.h"
#include "stream.h"

#define SECONDS 3600

static int fail(struct tapcompat_error *error, int ret, const char *name)
{
	char safe[INPUT_NAME];

	if (error)
		text_set(error->text, sizeof(error->text), "%s: %s",
			 text_escape(safe, sizeof(safe), name), strerror(-ret));
	return ret;
}

static long deadline(const struct state_options *options)
{
	unsigned int seconds = options && options->seconds ? options->seconds : SECONDS;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec + (long)seconds) * 1000L + now.tv_nsec / 1000000;
}

int state_read(int fd, const char *name, const struct state_options *options,
	       struct state **state, struct tapcompat_error *error)
{
	struct state *s = calloc(1, sizeof(*s));
	struct saved saved;
	int ret;

	*state = NULL;
	if (!s)
		return fail(error, -ENOMEM, name);
	s->compression = "";
	ret = saved_open(&saved, fd, name, deadline(options), s, error);
	if (!ret)
		ret = stream_read(&saved.in, s);
	ret = saved_close(&saved, ret);
	if (ret)
		state_free(s);
	else
		*state = s;
	return ret;
}

int state_load(const char *path, const struct state_options *options, struct state **state,
	       struct tapcompat_error *error)
{
	int fd, ret;

	*state = NULL;
	if (!strcmp(path, "-"))
		return state_read(STDIN_FILENO, "standard input", options, state, error);
	/* A FIFO without a writer would not open. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail(error, -errno, path);
	ret = state_read(fd, path, options, state, error);
	close(fd);
	return ret;
}

void state_free(struct state *state)
{
	if (!state)
		return;
	free(state->xml);
	free(state->card);
	free(state);
}
