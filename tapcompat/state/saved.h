/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * saved.h - what is around QEMU's stream: libvirt's save image
 *
 * Its header and XML are in the clear; the stream may be compressed.
 */
#ifndef TAPCOMPAT_STATE_SAVED_H
#define TAPCOMPAT_STATE_SAVED_H

#include <sys/types.h>

#include "input.h"
#include "state.h"

struct saved {
	struct input in;	/* at the start of the stream, decompressed */
	pid_t pid;		/* of the decompressor, or 0 */
	int pipe;		/* from it, or -1 */
	const char *program;
};

/**
 * saved_open() - find the stream
 * @state: its format, xml and so on are set
 * Return: 0 or a negative errno, with @error; saved_close() is called in any case
 */
int saved_open(struct saved *saved, int fd, const char *name, long end, struct state *state,
	       struct tapcompat_error *error);

/**
 * saved_close() - end the decompressor
 * @ret: what reading the stream came to
 * Return: @ret; another error if it was the decompressor's fault
 */
int saved_close(struct saved *saved, int ret);

#endif /* TAPCOMPAT_STATE_SAVED_H */
