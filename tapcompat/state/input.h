/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * input.h - bytes of a state, one after the other, within time and memory
 *
 * All functions that can fail have said why in the error that was given to input_open(),
 * with the file's name and the offset.
 */
#ifndef TAPCOMPAT_STATE_INPUT_H
#define TAPCOMPAT_STATE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tapcompat.h>

#define INPUT_BUFFER 0x100000	/* bytes that are read at once */
#define INPUT_NAME 160

/* @at and @used are bytes of @buffer, whose end is @offset bytes into the file. */
struct input {
	int fd;
	uint8_t *buffer;
	size_t at;
	size_t used;
	uint64_t offset;
	long end;		/* in ms of CLOCK_MONOTONIC */
	bool seekable;
	char name[INPUT_NAME];	/* escaped */
	struct tapcompat_error *error;
};

/**
 * input_open() - begin to read at the descriptor's position
 * @name: escaped here
 * @end: until then, in ms of CLOCK_MONOTONIC
 */
int input_open(struct input *in, int fd, const char *name, long end,
	       struct tapcompat_error *error);

/**
 * input_close() - release the buffer, not the descriptor
 */
void input_close(struct input *in);

/**
 * input_at() - offset of the next byte
 */
uint64_t input_at(const struct input *in);

/**
 * input_some() - what comes next, at least a byte
 * @run: set to it; valid until the next call
 * Return: number of bytes, at most @most; 0 at the end; a negative errno
 */
long input_some(struct input *in, const uint8_t **run, size_t most);

/**
 * input_peek() - the first @len bytes, without moving past them
 * @bytes: set to them
 */
int input_peek(struct input *in, const uint8_t **bytes, size_t len);

/* The next @len bytes; -ENODATA if there are fewer. */
int input_get(struct input *in, void *bytes, size_t len);
int input_u8(struct input *in, uint8_t *v);
int input_be16(struct input *in, uint16_t *v);
int input_be32(struct input *in, uint32_t *v);
int input_be64(struct input *in, uint64_t *v);

/* The byte that was just read comes again. */
static inline void input_back(struct input *in)
{
	in->at--;
}

/**
 * input_string() - a text with a length of one byte before it
 * @text: 256 bytes; escaping is up to the caller
 */
int input_string(struct input *in, char *text);

/**
 * input_skip() - move past @len bytes, by seeking where that is possible
 */
int input_skip(struct input *in, uint64_t len);

/**
 * input_fail() - say what is wrong, and where
 * @offset: in the file
 * Return: @ret
 */
int input_fail(struct input *in, int ret, uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif /* TAPCOMPAT_STATE_INPUT_H */
