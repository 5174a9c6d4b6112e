// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * line.c - read lines from a descriptor in bounded memory
 */
#include "line.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_CHUNK 65536ul

int line_open(struct line *line, int fd, size_t most)
{
	*line = (struct line){ .fd = fd, .most = most, .room = most + LINE_CHUNK };
	line->buffer = malloc(line->room + 1);
	return line->buffer ? 0 : -ENOMEM;
}

void line_close(struct line *line)
{
	free(line->buffer);
}

/* Read more bytes into the buffer.  Return: their number, 0 at the end, a negative errno */
static ssize_t line_fill(struct line *line)
{
	struct pollfd p = { .fd = line->fd, .events = POLLIN };
	size_t room;
	ssize_t n;

	/* Stay at the start of the buffer: most of it is for a long line only. */
	if (line->room - line->end < LINE_CHUNK / 2 ||
	    (line->start >= LINE_CHUNK && line->start >= line->end - line->start)) {
		memmove(line->buffer, line->buffer + line->start, line->end - line->start);
		line->end -= line->start;
		line->start = 0;
	}
	room = line->room - line->end < 4 * LINE_CHUNK ? line->room - line->end : 4 * LINE_CHUNK;
	do
		n = read(line->fd, line->buffer + line->end, room);
	while (n < 0 && (errno == EINTR || (errno == EAGAIN && poll(&p, 1, -1))));
	if (n < 0)
		return -errno;
	line->end += (size_t)n;
	return n;
}

static int line_take(struct line *line, size_t length, size_t past)
{
	line->text = line->buffer + line->start;
	line->length = length < line->most ? length : line->most;
	line->text[line->length] = '\0';
	line->start += past;
	line->number++;
	return 1;
}

int line_next(struct line *line)
{
	size_t seen = 0;	/* bytes already searched for a newline */
	ssize_t n;

	for (;;) {
		char *at = line->buffer + line->start;
		size_t there = line->end - line->start;
		char *newline = memchr(at + seen, '\n', there - seen);

		if (newline && !line->skipping)
			return line_take(line, (size_t)(newline - at), (size_t)(newline - at) + 1);
		if (newline) {
			line->start += (size_t)(newline - at) + 1;
			line->skipping = false;
			seen = 0;
			continue;
		}
		seen = there;
		if (there >= line->most && !line->skipping) {
			line->skipping = true;
			return line_take(line, there, there);
		}
		if (there >= line->most) {
			line->start = line->end;
			seen = 0;
		}
		n = line_fill(line);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return line->skipping || !there ? 0 : line_take(line, there, there);
	}
}
