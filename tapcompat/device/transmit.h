/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transmit.h - a guest's packets to frames on a tap
 *
 * Theory of operation
 *
 * A packet is a vnet header and a frame, in pieces that are the guest's memory.  Its first
 * bytes are copied once and judged (packet/segment.h).  What the kernel can take goes whole:
 * if it is small, by a copy; if it is a super-packet, by reference behind fresh headers.  Of
 * everything else, segments are written into an arena that io_uring knows, each behind
 * headers of its own, and a batch of them goes to the tap in one system call.
 *
 * Where the tap has no room (-EAGAIN), transmission is blocked: what is not written stays
 * where it is, a super-packet also in its middle, and nothing more is taken until
 * transmit_flush() has got rid of it.  That is back-pressure for the guest, as its packets
 * are not given back before.
 *
 * A caller without a ring has nowhere to keep the packet: transmit_halt() is for those that
 * come again with it.  It is known by its vnet header, its length and its first bytes, from
 * which all follows that was planned for it, and what the tap has of it already is not sent
 * a second time.
 *
 * Packets are finished in the order in which they were taken, whatever becomes of them.
 */
#ifndef TAPCOMPAT_DEVICE_TRANSMIT_H
#define TAPCOMPAT_DEVICE_TRANSMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "ground/pieces.h"
#include "packet/segment.h"
#include "stat/stat.h"

/* A whole batch of frames of common MTU, and more than the longest frame. */
#define TRANSMIT_ARENA (128u << 10)

#define TRANSMIT_PIECES 1024	/* of one packet, as writev(2) has it */

/* What packets come from, and what frames are made for. */
struct transmit_port {
	struct segment_features features;
	unsigned int guest_header;	/* size of the vnet header before a packet */
	unsigned int port_header;	/* before a frame on the tap; 0: none */
};

/* The packet at hand. */
struct transmit_packet {
	bool busy;
	uint16_t tag;
	uint8_t header[VNET_TUNNEL];	/* as the guest wrote it, zeroes behind it */
	struct segment_plan plan;
	struct pieces frame;		/* all of it, head included */
	struct pieces rest;		/* behind the head */
	size_t len;
	uint32_t next;			/* segment */
	uint8_t head[SEGMENT_HEAD];
	size_t head_len;
	struct pieces payload;		/* what segments still have to carry */
	struct segment_template template;
};

struct transmit {
	struct batch batch;
	struct transmit_port port;
	struct stat_direction *stat;
	uint8_t *arena;
	size_t arena_used;
	struct iovec *pieces;		/* of packets that go by reference */
	size_t pieces_used;
	uint32_t fragment_id;
	int error;			/* of the last frame that the kernel refused */
	unsigned int written;		/* frames that it took since transmit_take() */
	struct transmit_packet packet;
	struct transmit_packet halted;	/* busy: somebody will come with it again */
	struct {
		uint16_t tag;
		bool last;		/* of its packet */
	} mark[BATCH_MAX];
	uint16_t finished[2 * BATCH_MAX];
	unsigned int finished_count;
};

/**
 * transmit_open() - get ready
 * @fd: of the tap, non-blocking; stays the caller's
 * @stat: where to count; stays the caller's
 * @uring: io_uring may be tried
 * Return: 0 or -ENOMEM
 */
int transmit_open(struct transmit *t, int fd, const struct transmit_port *port,
		  struct stat_direction *stat, bool uring);
void transmit_close(struct transmit *t);

/**
 * transmit_set_port() - what packets are from now on, and frames; nothing is waiting
 */
void transmit_set_port(struct transmit *t, const struct transmit_port *port);

/**
 * transmit_take() - begin with a packet, after the one before is done with
 * @iov: what it lies in; both the array and what it points to stay as they are until the
 *	packet is finished
 * @tag: by which it is found among the finished ones
 */
void transmit_take(struct transmit *t, const struct iovec *iov, size_t count, uint16_t tag);

/**
 * transmit_skip() - instead of transmit_take(), for a chain that can be no packet
 */
void transmit_skip(struct transmit *t, uint16_t tag);

/**
 * transmit_go() - as far as there is room in the batch and on the tap
 * Return: whether the next packet can be taken; if not, it is blocked
 */
bool transmit_go(struct transmit *t);

/**
 * transmit_flush() - write what is waiting
 * Return: whether all of it could be written; if not, it is blocked
 */
bool transmit_flush(struct transmit *t);

/**
 * transmit_abandon() - forget what is waiting; all packets are finished then
 *
 * At the end, or before memory goes away.
 */
void transmit_abandon(struct transmit *t);

/**
 * transmit_halt() - give the one packet that is blocked back to whoever came with it
 *
 * For a caller that has no place for a packet and will come with it again, as QEMU does, in
 * memory of its own by then.  If that is the next packet, it goes on where it stopped, and
 * counts once; if another one comes instead, the rest is counted as dropped.
 */
void transmit_halt(struct transmit *t);

/* Is something waiting, in the batch or before it? */
static inline bool transmit_idle(const struct transmit *t)
{
	return !t->batch.count && !t->packet.busy;
}

#endif /* TAPCOMPAT_DEVICE_TRANSMIT_H */
