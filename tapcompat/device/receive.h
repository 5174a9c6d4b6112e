/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * receive.h - frames of a tap into a guest's buffers
 *
 * Theory of operation
 *
 * Frames are read into slots, several a system call, and copied from there: so the guest
 * sees a vnet header only after it was looked at, a frame is never cut because a buffer was
 * too small for it, and how many buffers it takes is known before the first one is touched.
 * How many are read at once follows what came lately: a read that finds nothing is cheap
 * and not free, and a slot that was used just now is in the cache.
 *
 * Where the guest has no buffers, frames stay in their slots and no more are read: what
 * comes then is the tap's to queue, and to drop where its queue is full.  A frame for which
 * all the buffers that the guest can have would not do is dropped.
 */
#ifndef TAPCOMPAT_DEVICE_RECEIVE_H
#define TAPCOMPAT_DEVICE_RECEIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "packet/segment.h"
#include "ring/dirty.h"
#include "ring/vqueue.h"
#include "stat/stat.h"

#define RECEIVE_SLOTS 16
#define RECEIVE_PIECES 1024	/* of one packet, over all its buffers */
#define RECEIVE_BUFFERS 256	/* that one packet may take */

/* Else a packet that takes them all would never fit into a turn. */
_Static_assert(RECEIVE_BUFFERS <= VQUEUE_TURN_CHAINS, "a turn has buffers for any packet");

struct receive_port {
	unsigned int guest_header;	/* size of the vnet header before a packet */
	unsigned int port_header;	/* before a frame on the tap; 0: none */
	bool mergeable;			/* a packet may take several buffers */
	const uint32_t *offload;	/* TUN_F_*, as the guest wants them now */
};

struct receive {
	struct batch batch;
	struct receive_port port;
	struct stat_direction *stat;
	uint8_t *slots;
	unsigned int ahead;		/* reads of the next batch */
	unsigned int burst;		/* frames that came one behind the other */
	bool ended;			/* a read has found nothing behind them */
	unsigned int first, count;	/* slots with frames, in the order of the batch */
	int error;			/* of the last read, -EAGAIN aside */
	bool starved;			/* the guest has to give buffers before it goes on */
	/* Buffers for the packet at hand. */
	struct iovec iov[RECEIVE_PIECES];
	uint64_t guest[RECEIVE_PIECES];
	uint32_t pieces;
	uint16_t head[RECEIVE_BUFFERS];
	uint32_t len[RECEIVE_BUFFERS];
	uint32_t buffers;
	uint64_t room;
};

/**
 * receive_open() - get ready
 * @fd, @stat, @uring: as of transmit_open()
 * Return: 0 or -ENOMEM
 */
int receive_open(struct receive *r, int fd, const struct receive_port *port,
		 struct stat_direction *stat, bool uring);
void receive_close(struct receive *r);

/**
 * receive_go() - read what there is and hand it to the guest
 * @q: the guest's ring, under a turn of its own; what is pushed is not published
 * @dirty: where to mark what was written
 * Return: whether there may be more to read at once
 */
bool receive_go(struct receive *r, struct vqueue *q, const struct dirty *dirty);

#endif /* TAPCOMPAT_DEVICE_RECEIVE_H */
