/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vqueue.h - the device's half of a split ring (virtio 1.3, section 2.7)
 *
 * Theory of operation
 *
 * The rings are the guest's memory, and the guest may change any byte of them at any
 * moment.  So what decides is read once, into a copy, and looked at there: the available
 * index once per turn, a head once, a descriptor's sixteen bytes once.  What the device
 * itself has written there - the used index above all - is kept here and never read back.
 *
 * A turn begins with vqueue_turn(), takes chains with vqueue_pop() until there are none or
 * the budget is spent, and ends with vqueue_publish() and vqueue_notify_needed().  Before
 * it sleeps, the device calls vqueue_enable_notify(), which says whether something
 * came meanwhile: then there will be no kick for it.
 *
 * A fault is something that no driver may do.  It breaks the queue: nothing more is taken
 * from it or written to it until vqueue_start(), and whoever owns it tells the frontend.
 * A chain that is odd but lawful - more pieces than the caller has room for - is taken and
 * belongs to the caller, who gives it back with length 0, as any packet that is dropped.
 *
 * Flags of a descriptor that virtio does not know are ignored, and so is the direction of
 * one that names an indirect table, as virtio has it.  An indirect table may be longer than
 * the queue: Linux makes such ones.
 *
 * Rings are named by user addresses, as vhost does; descriptors by guest addresses.
 * Logging pages that were written is the caller's affair.  One thread at a time.
 */
#ifndef TAPCOMPAT_RING_VQUEUE_H
#define TAPCOMPAT_RING_VQUEUE_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "memory.h"

#define VQUEUE_SIZE_MAX 32768	/* descriptors of a queue, as virtio has it */
#define VQUEUE_TABLE_MAX 1024	/* descriptors of an indirect table, as QEMU has it */

/* What one turn may cost, so that no queue keeps the others waiting. */
#define VQUEUE_TURN_CHAINS 256
#define VQUEUE_TURN_BYTES (512u << 10)
#define VQUEUE_PIECE_COST 64	/* in bytes: looking at a piece is work too */

/* Why a queue is broken. */
enum vqueue_fault {
	VQUEUE_FINE,
	VQUEUE_BAD_SIZE,	/* of the queue: no power of two, or too large */
	VQUEUE_BAD_BASE,	/* a first index of more than 16 bits */
	VQUEUE_BAD_ALIGNMENT,	/* a ring */
	VQUEUE_BAD_RINGS,	/* a ring that is not in one region as a whole */
	VQUEUE_BAD_INDEX,	/* more became available than there can be */
	VQUEUE_BAD_FLIGHT,	/* so many chains are in use already */
	VQUEUE_BAD_HEAD,	/* no descriptor has this number */
	VQUEUE_BAD_NEXT,	/* likewise, within a chain */
	VQUEUE_BAD_LOOP,	/* more descriptors than there are */
	VQUEUE_BAD_EMPTY,	/* a descriptor of length 0 */
	VQUEUE_BAD_SUM,		/* a chain longer than 32 bits can say */
	VQUEUE_BAD_ADDRESS,	/* a buffer that is not all in the guest's memory */
	VQUEUE_BAD_ORDER,	/* readable behind writable */
	VQUEUE_BAD_DIRECTION,	/* readable or writable where the other is meant */
	VQUEUE_BAD_INDIRECT,	/* an indirect table that was not negotiated, or with a next */
	VQUEUE_BAD_NESTED,	/* an indirect table in an indirect table */
	VQUEUE_BAD_TABLE,	/* an indirect table of a length that cannot be, or not there */
	VQUEUE_FAULTS
};

/* Seen from the device. */
enum vqueue_direction {
	VQUEUE_BOTH,		/* a request, and behind it room for the answer */
	VQUEUE_READS,		/* what the guest transmits */
	VQUEUE_WRITES,		/* what the guest receives */
};

/* What there is to take. */
enum vqueue_outcome {
	VQUEUE_NONE,		/* nothing more in this turn */
	VQUEUE_TAKEN,		/* a chain */
	VQUEUE_UNUSABLE,	/* a chain that cannot be used; give it back with length 0 */
	VQUEUE_SPENT,		/* the turn's budget: let others have theirs */
	VQUEUE_BROKEN,		/* see the queue's fault */
};

/* As a frontend says it, at the width of its messages. */
struct vqueue_config {
	uint32_t size;		/* descriptors */
	uint32_t base;		/* the available index to begin with */
	uint64_t desc, avail, used;	/* user addresses */
	enum vqueue_direction direction;
	bool event_idx;		/* VIRTIO_RING_F_EVENT_IDX was negotiated */
	bool indirect;		/* VIRTIO_RING_F_INDIRECT_DESC was negotiated */
	bool on_empty;		/* VIRTIO_F_NOTIFY_ON_EMPTY was negotiated */
};

struct vqueue {
	struct vqueue_config config;
	const struct memory *memory;
	enum vqueue_fault fault;
	const struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t seen;		/* the available index at the turn's begin */
	uint16_t last_avail;	/* the next one to take */
	uint16_t used_index;	/* published */
	uint16_t signalled;	/* the used index when the driver was last thought of */
	bool signalled_known;
	bool unsignalled;		/* published since */
	uint32_t staged;	/* pushed, not yet published */
	uint32_t in_flight;	/* taken, not yet published; at most the queue's size */
	uint32_t turn_chains, turn_bytes;
};

/* One chain: readable pieces first, then writable ones. */
struct vqueue_chain {
	struct iovec *iov;	/* the caller's */
	uint64_t *guest;	/* the caller's: each piece's guest address; or NULL */
	uint32_t room;		/* in both */
	uint16_t head;
	uint32_t readable, writable;	/* pieces */
	uint32_t readable_bytes, writable_bytes;
};

/**
 * vqueue_fault_name() - such as "loop", for counters
 */
const char *vqueue_fault_name(enum vqueue_fault fault);

/**
 * vqueue_start() - begin with a ring; nothing else may come before
 * @memory: stays the caller's; see vqueue_remap()
 * Return: what is wrong with it, which then is the queue's fault as well
 */
enum vqueue_fault vqueue_start(struct vqueue *q, const struct vqueue_config *config,
			       const struct memory *memory);

/**
 * vqueue_remap() - look for the rings again; call it when the memory table has changed
 *
 * Chains that were taken before point to the memory before: let none be in flight.
 */
enum vqueue_fault vqueue_remap(struct vqueue *q);

/**
 * vqueue_turn() - see what is available, under a new budget
 * Return: how many chains
 */
uint32_t vqueue_turn(struct vqueue *q);

/* Is the turn's budget used up? */
static inline bool vqueue_spent(const struct vqueue *q)
{
	return q->turn_chains >= VQUEUE_TURN_CHAINS || q->turn_bytes >= VQUEUE_TURN_BYTES;
}

/**
 * vqueue_pop() - take a chain
 * @chain: its first three members are the caller's, the others are filled in
 */
enum vqueue_outcome vqueue_pop(struct vqueue *q, struct vqueue_chain *chain);

/**
 * vqueue_rewind() - as if the last @count chains had not been taken
 *
 * For a packet that would need more room than the guest has given.  None of them may have
 * been pushed.
 */
void vqueue_rewind(struct vqueue *q, uint32_t count);

/**
 * vqueue_push() - give a chain back, with the next vqueue_publish()
 * @head: of a chain that was taken; in any order, each once
 * @len: bytes that were written into it
 */
void vqueue_push(struct vqueue *q, uint16_t head, uint32_t len);

/**
 * vqueue_publish() - let the driver see all that was pushed
 */
void vqueue_publish(struct vqueue *q);

/**
 * vqueue_notify_needed() - does the driver want to be interrupted for what was published?
 *
 * Says so once: whoever asks has to act on it.
 */
bool vqueue_notify_needed(struct vqueue *q);

/**
 * vqueue_disable_notify() - ask the driver not to notify of available buffers
 */
void vqueue_disable_notify(struct vqueue *q);

/**
 * vqueue_enable_notify() - ask the driver to notify of available buffers (kick)
 *
 * There is no notification of chains that the last turn has seen, taken or not: whoever has
 * left some has to know why.
 *
 * Return: more came since, of which there will be no notification: take another turn.  Always
 *	false if the queue is broken.
 */
bool vqueue_enable_notify(struct vqueue *q);
#endif /* TAPCOMPAT_RING_VQUEUE_H */
