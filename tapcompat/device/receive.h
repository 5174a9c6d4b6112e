/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * receive.h - frames from a tap into a guest's buffers
 *
 * Theory of operation
 *
 * Frames are read into slots, several per system call, and copied from there.  So the vnet
 * header is checked before the guest sees it, a frame is never truncated because a buffer is
 * too small, and the number of buffers that it needs is known before the first is written.
 * The number of reads per batch follows the recent traffic: an empty read is cheap but not
 * free, and a slot that was used just now is in the cache.
 *
 * If the guest has no buffers, frames stay in their slots and no more are read: the tap queues
 * what arrives then, and drops it when its queue is full.  A frame that does not fit into all
 * the buffers that the guest can have is dropped.
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

/* A packet that takes them all must fit into a turn. */
_Static_assert(RECEIVE_BUFFERS <= VQUEUE_TURN_CHAINS, "a turn has buffers for any packet");

struct receive_port {
	unsigned int guest_header;	/* size of the vnet header before a packet */
	unsigned int port_header;	/* before a frame on the tap; 0: none */
	bool mergeable;			/* a packet may take several buffers */
	const uint32_t *offload;	/* TUN_F_* that the guest has enabled now */
};

struct receive {
	struct batch batch;
	struct receive_port port;
	struct stat_direction *stat;
	uint8_t *slots;
	unsigned int ahead;		/* reads of the next batch */
	unsigned int burst;		/* frames that came without an empty read */
	bool ended;			/* the last read was empty */
	unsigned int first, count;	/* slots with frames, in the order of the batch */
	int error;			/* of the last read, other than -EAGAIN */
	bool starved;			/* waits for buffers of the guest */
	/* Buffers of the current packet. */
	struct iovec iov[RECEIVE_PIECES];
	uint64_t guest[RECEIVE_PIECES];
	uint32_t pieces;
	uint16_t head[RECEIVE_BUFFERS];
	uint32_t len[RECEIVE_BUFFERS];
	uint32_t buffers;
	uint64_t room;
};

/**
 * receive_open() - prepare
 * @fd, @stat, @uring: as of transmit_open()
 * Return: 0 or -ENOMEM
 */
int receive_open(struct receive *r, int fd, const struct receive_port *port,
		 struct stat_direction *stat, bool uring);
void receive_close(struct receive *r);

/**
 * receive_go() - read frames and put them into the guest's buffers
 * @q: the guest's ring, in a turn; what is pushed is not published
 * @dirty: log in which to mark what was written
 * Return: whether there may be more to read now
 */
bool receive_go(struct receive *r, struct vqueue *q, const struct dirty *dirty);

#endif /* TAPCOMPAT_DEVICE_RECEIVE_H */
