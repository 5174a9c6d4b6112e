/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transmit.h - send a guest's packets as frames on a tap
 *
 * Theory of operation
 *
 * A packet is a vnet header and a frame, in pieces of guest memory.  Its first bytes are
 * copied once and checked (packet/segment.h).  A packet that the kernel can segment is sent
 * whole: a small one is copied, a super-packet is sent by reference behind new headers.  For
 * all others, segments are written into an arena that is registered with io_uring, each behind
 * its own headers, and a batch of them is sent to the tap in one system call.
 *
 * If the tap has no room (-EAGAIN), transmission is blocked: what is not written is kept, also
 * the rest of a super-packet, and no packet is taken until transmit_flush() has written it.
 * This is back-pressure for the guest, as its buffers are not returned before.
 *
 * A caller without a ring cannot keep the packet.  After transmit_halt() it may submit the
 * same packet again, which is recognized by its vnet header, its length and its first bytes:
 * the plan follows from these alone, and segments that the tap took are not sent twice.
 *
 * Packets are finished in the order in which they were taken, whether sent or dropped.
 */
#ifndef TAPCOMPAT_DEVICE_TRANSMIT_H
#define TAPCOMPAT_DEVICE_TRANSMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "outgoing.h"
#include "stat/stat.h"

/* Room for a batch of frames of common MTU, and for more than the longest frame. */
#define TRANSMIT_ARENA (128u << 10)

struct transmit {
	struct batch batch;
	struct transmit_port port;
	struct stat_direction *stat;
	uint8_t *arena;
	size_t arena_used;
	struct iovec *pieces;		/* of packets that are sent by reference */
	size_t pieces_used;
	uint32_t fragment_id;
	int error;			/* of the last frame that the kernel refused */
	unsigned int written;		/* frames that the kernel took since transmit_take() */
	struct transmit_packet packet;
	struct transmit_packet halted;	/* busy: expected again */
	struct {
		uint16_t tag;
		bool last;		/* of its packet */
	} mark[BATCH_MAX];
	uint16_t finished[2 * BATCH_MAX];
	unsigned int finished_count;
};

/**
 * transmit_open() - prepare
 * @fd: of the tap, non-blocking; stays the caller's
 * @stat: where to count; stays the caller's
 * @uring: io_uring may be tried
 * Return: 0 or -ENOMEM
 */
int transmit_open(struct transmit *t, int fd, const struct transmit_port *port,
		  struct stat_direction *stat, bool uring);
void transmit_close(struct transmit *t);

/**
 * transmit_set_port() - change features and headers, while no packet is pending
 */
void transmit_set_port(struct transmit *t, const struct transmit_port *port);

/**
 * transmit_take() - start a packet, when the previous one is done
 * @iov: its pieces; the array and the memory must not change until the packet is finished
 * @tag: identifies it among the finished packets
 */
void transmit_take(struct transmit *t, const struct iovec *iov, size_t count, uint16_t tag);

/**
 * transmit_skip() - instead of transmit_take(), for an unusable chain
 */
void transmit_skip(struct transmit *t, uint16_t tag);

/**
 * transmit_go() - send as much as the batch and the tap have room for
 * Return: whether the next packet can be taken; if not, transmission is blocked
 */
bool transmit_go(struct transmit *t);

/**
 * transmit_flush() - write what is pending
 * Return: whether all of it was written; if not, transmission is blocked
 */
bool transmit_flush(struct transmit *t);

/**
 * transmit_abandon() - drop what is pending; all packets are finished then
 *
 * Called at the end, and before memory is replaced.
 */
void transmit_abandon(struct transmit *t);

/**
 * transmit_halt() - return the blocked packet to the caller, who will submit it again
 *
 * QEMU does so, from memory of its own by then.  If the next packet is the same, it resumes
 * where it stopped and counts once; if it is another one, the rest is counted as dropped.
 */
void transmit_halt(struct transmit *t);

/* Is nothing pending, in the batch or before it? */
static inline bool transmit_idle(const struct transmit *t)
{
	return !t->batch.count && !t->packet.busy;
}

#endif /* TAPCOMPAT_DEVICE_TRANSMIT_H */
