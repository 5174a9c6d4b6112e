// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * input.c - bytes of a state, one after the other, within time and memory
 */
#include "input.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ground/bytes.h"
#include "ground/text.h"

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

int input_fail(struct input *in, int ret, uint64_t offset, const char *format, ...)
{
	char what[384];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (in->error)
		text_set(in->error->text, sizeof(in->error->text), "%s: at offset %" PRIu64 ": %s",
			 in->name, offset, what);
	return ret;
}

int input_open(struct input *in, int fd, const char *name, long end,
	       struct tapcompat_error *error)
{
	off_t at = lseek(fd, 0, SEEK_CUR);

	*in = (struct input){ .fd = fd, .end = end, .seekable = at >= 0, .error = error };
	in->offset = at > 0 ? (uint64_t)at : 0;
	text_escape(in->name, sizeof(in->name), name);
	in->buffer = malloc(INPUT_BUFFER);
	return in->buffer ? 0 : input_fail(in, -ENOMEM, in->offset, "out of memory");
}

void input_close(struct input *in)
{
	free(in->buffer);
	in->buffer = NULL;
}

uint64_t input_at(const struct input *in)
{
	return in->offset - (in->used - in->at);
}

/* A pipe may be silent, and a file system may be slow: both count. */
static int input_wait(struct input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };
	long left = in->end - now_ms();
	int n = left > 0 ? poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left) : 0;

	if (n < 0 && errno != EINTR)
		return input_fail(in, -errno, in->offset, "it cannot be read: %s", strerror(errno));
	if (!n)
		return input_fail(in, -ETIMEDOUT, in->offset, "reading takes too long");
	return 0;
}

static long input_fill(struct input *in)
{
	ssize_t n;
	int ret;

	do {
		ret = input_wait(in);
		if (ret)
			return ret;
		n = read(in->fd, in->buffer, INPUT_BUFFER);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return input_fail(in, -errno, in->offset, "it cannot be read: %s", strerror(errno));
	in->at = 0;
	in->used = (size_t)n;
	in->offset += (uint64_t)n;
	return n;
}

long input_some(struct input *in, const uint8_t **run, size_t most)
{
	long n = in->at == in->used ? input_fill(in) : 1;
	size_t left = in->used - in->at;

	*run = in->buffer + in->at;
	if (n <= 0)
		return n;
	left = left < most ? left : most;
	in->at += left;
	return (long)left;
}

int input_peek(struct input *in, const uint8_t **bytes, size_t len)
{
	while (in->used < len) {
		ssize_t n = input_wait(in);

		if (n)
			return (int)n;
		n = read(in->fd, in->buffer + in->used, INPUT_BUFFER - in->used);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return input_fail(in, -errno, in->offset, "it cannot be read: %s",
					  strerror(errno));
		if (!n)
			return input_fail(in, -ENOMSG, in->offset,
					  "it is no state of a QEMU: it is too short");
		if (n > 0) {
			in->used += (size_t)n;
			in->offset += (uint64_t)n;
		}
	}
	*bytes = in->buffer;
	return 0;
}

int input_get(struct input *in, void *bytes, size_t len)
{
	uint8_t *to = bytes;
	const uint8_t *run;

	while (len) {
		long n = input_some(in, &run, len);

		if (n < 0)
			return (int)n;
		if (!n)
			return input_fail(in, -ENODATA, in->offset, "it ends here, too early");
		memcpy(to, run, (size_t)n);
		to += n;
		len -= (size_t)n;
	}
	return 0;
}

int input_u8(struct input *in, uint8_t *v)
{
	return input_get(in, v, 1);
}

int input_be16(struct input *in, uint16_t *v)
{
	uint8_t b[2];
	int ret = input_get(in, b, sizeof(b));

	*v = ret ? 0 : get_be16(b);
	return ret;
}

int input_be32(struct input *in, uint32_t *v)
{
	uint8_t b[4];
	int ret = input_get(in, b, sizeof(b));

	*v = ret ? 0 : get_be32(b);
	return ret;
}

int input_be64(struct input *in, uint64_t *v)
{
	uint8_t b[8];
	int ret = input_get(in, b, sizeof(b));

	*v = ret ? 0 : get_be64(b);
	return ret;
}

int input_string(struct input *in, char *text)
{
	uint8_t len = 0;
	int ret = input_u8(in, &len);

	text[0] = '\0';
	if (!ret)
		ret = input_get(in, text, len);
	if (!ret)
		text[len] = '\0';
	return ret;
}

/* Past the buffer in a file.  Beyond its end, the next read finds nothing. */
static int input_seek(struct input *in, uint64_t len)
{
	if (len > INT64_MAX || lseek(in->fd, (off_t)len, SEEK_CUR) < 0)
		return input_fail(in, -EBADMSG, in->offset, "it has %" PRIu64
				  " bytes too few: it is cut, or damaged", len);
	in->offset += len;
	return 0;
}

int input_skip(struct input *in, uint64_t len)
{
	const uint8_t *run;

	while (len) {
		size_t buffered = in->used - in->at;
		long n;

		if (!buffered && in->seekable && len > INPUT_BUFFER)
			return input_seek(in, len);
		n = input_some(in, &run, len > INPUT_BUFFER ? INPUT_BUFFER : (size_t)len);
		if (n < 0)
			return (int)n;
		if (!n)
			return input_fail(in, -ENODATA, in->offset, "it ends here, too early");
		len -= (uint64_t)n;
	}
	return 0;
}
