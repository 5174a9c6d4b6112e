/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * devices.h - the sections of devices at the end of a stream
 *
 * A device's section does not say how long it is.  It ends with a footer that repeats its
 * number, after which the next section begins, or the stream ends.  What looks like that
 * may also be among the bytes of a device (a network card's or a disk's buffer has what
 * the guest put there), so all places are collected where a section could end, over all
 * that follows.  A section is accepted if it has exactly one, and that one is then the real
 * one: QEMU has written it.  With a second one the state is refused.
 */
#ifndef TAPCOMPAT_STATE_DEVICES_H
#define TAPCOMPAT_STATE_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include "input.h"

#define DEVICES_MAX 0x4000000	/* bytes of all devices */
#define DEVICES_MARKS 0x10000	/* places where a section could end */
#define DEVICES_SCAN 0x40000000	/* bytes that are looked through */

struct devices_mark {
	uint32_t id;
	uint64_t at;		/* of the footer, counted from the first section */
};

struct devices {
	uint8_t *data;		/* from the first section on, at most DEVICES_MAX bytes */
	size_t len;
	size_t size;		/* allocated */
	uint64_t base;		/* offset of @data in the file */
	struct devices_mark *mark;	/* sorted by number and place */
	size_t marks;
	size_t marks_size;
};

/* One section: @len bytes at @data are the device's own. */
struct device {
	uint32_t id;
	char name[256];		/* raw, printable */
	uint32_t instance;
	uint32_t version;
	const uint8_t *data;
	size_t len;
	uint64_t offset;	/* of the section in the file */
};

/**
 * devices_read() - take all that follows from an input
 * @in: before the type of the first section
 */
int devices_read(struct devices *d, struct input *in);

/**
 * devices_next() - iterate over the sections
 * @at: 0 at first; moved on
 * Return: 1 and a @device; 0 at the end of the stream; -EBADMSG and so on
 */
int devices_next(const struct devices *d, struct input *in, size_t *at, struct device *device);

void devices_free(struct devices *d);

#endif /* TAPCOMPAT_STATE_DEVICES_H */
