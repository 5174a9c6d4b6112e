/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream.h - QEMU's migration stream, from its start to its devices
 */
#ifndef TAPCOMPAT_STATE_STREAM_H
#define TAPCOMPAT_STATE_STREAM_H

#include "input.h"
#include "state.h"

/* What the head of a stream says of the rest. */
struct stream {
	struct input *in;
	uint32_t page;		/* bytes of a page of the guest */
	bool mapped_ram;
	bool ignore_shared;
	uint32_t ram;		/* number of the section "ram" */
	bool ram_open;
};

/**
 * stream_read() - find the network cards in a stream
 * @in: at its start
 * @state: its machine and cards are set
 */
int stream_read(struct input *in, struct state *state);

/**
 * ram_read() - move past one section of RAM: all of its records, up to the footer
 */
int ram_read(struct stream *s);

#endif /* TAPCOMPAT_STATE_STREAM_H */
