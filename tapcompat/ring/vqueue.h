/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vqueue.h - the device's half of a split ring (virtio 1.3, section 2.7)
 *
 * Theory of operation
 *
 * The rings are guest memory, and the guest may change any byte of them at any time.
 * Therefore each value is read once into a copy, and only the copy is evaluated: the
 * available index once per turn, a head once, a descriptor's sixteen bytes once.  Values
 * written by the device itself, such as the used index, are kept here and never read back.
 *
 * A turn begins with vqueue_turn(), takes chains with vqueue_pop() until there are none or
 * the budget is used up, and ends with vqueue_publish() and vqueue_notify_needed().  Before
 * it sleeps, the device calls vqueue_enable_notify(), which reports whether chains became
 * available meanwhile: there will be no kick for those.
 *
 * A fault is a violation of the specification by the driver.  It breaks the queue: nothing
 * more is taken from it or written to it until vqueue_start(), and the owner notifies the
 * frontend.  A chain that is valid but unusable, with more pieces than the caller has room
 * for, is taken nevertheless; the caller returns it with length 0, as any dropped packet.
 *
 * As virtio requires, unknown descriptor flags are ignored, and so is the write flag of a
 * descriptor that refers to an indirect table.  An indirect table may be longer than the
 * queue: Linux creates such tables.
 *
 * As in vhost, rings are given by user addresses and descriptors by guest addresses.
 * Logging written pages is left to the caller.  Not thread-safe.
 */
#ifndef TAPCOMPAT_RING_VQUEUE_H
#define TAPCOMPAT_RING_VQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <linux/virtio_ring.h>

#include "memory.h"

#define VQUEUE_SIZE_MAX 32768	/* descriptors of a queue, from virtio */
#define VQUEUE_TABLE_MAX 1024	/* descriptors of an indirect table, from QEMU */

/* Budget of a turn, so that no queue starves the others. */
#define VQUEUE_TURN_CHAINS 256
#define VQUEUE_TURN_BYTES (512u << 10)
#define VQUEUE_PIECE_COST 64	/* bytes charged per piece, for looking at it */

/* Why a queue is broken. */
enum vqueue_fault {
	VQUEUE_FINE,
	VQUEUE_BAD_SIZE,	/* queue size is not a power of two, or too large */
	VQUEUE_BAD_BASE,	/* the first index has more than 16 bits */
	VQUEUE_BAD_ALIGNMENT,	/* of a ring */
	VQUEUE_BAD_RINGS,	/* a ring is not within one region */
	VQUEUE_BAD_INDEX,	/* more chains available than descriptors */
	VQUEUE_BAD_FLIGHT,	/* too many chains in flight */
	VQUEUE_BAD_HEAD,	/* number out of range */
	VQUEUE_BAD_NEXT,	/* likewise, within a chain */
	VQUEUE_BAD_LOOP,	/* more descriptors than there are */
	VQUEUE_BAD_EMPTY,	/* a descriptor of length 0 */
	VQUEUE_BAD_SUM,		/* chain length exceeds 32 bits */
	VQUEUE_BAD_ADDRESS,	/* a buffer is not fully in guest memory */
	VQUEUE_BAD_ORDER,	/* readable after writable */
	VQUEUE_BAD_DIRECTION,	/* readable in a receive queue, or writable in a transmit queue */
	VQUEUE_BAD_INDIRECT,	/* an indirect table that was not negotiated, or with a next */
	VQUEUE_BAD_NESTED,	/* an indirect table in an indirect table */
	VQUEUE_BAD_TABLE,	/* an indirect table of invalid length, or not mapped */
	VQUEUE_FAULTS
};

/* Seen from the device. */
enum vqueue_direction {
	VQUEUE_BOTH,		/* a request, followed by room for the response */
	VQUEUE_READS,		/* the guest transmits */
	VQUEUE_WRITES,		/* the guest receives */
};

/* Result of vqueue_pop(). */
enum vqueue_outcome {
	VQUEUE_NONE,		/* nothing more in this turn */
	VQUEUE_TAKEN,		/* a chain */
	VQUEUE_UNUSABLE,	/* an unusable chain; return it with length 0 */
	VQUEUE_SPENT,		/* the turn's budget is used up */
	VQUEUE_BROKEN,		/* see vqueue.fault */
};

/* As given by a frontend, with the field widths of its messages. */
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
	uint16_t seen;		/* the available index at the start of the turn */
	uint16_t last_avail;	/* the next one to take */
	uint16_t used_index;	/* published */
	uint16_t signalled;	/* the used index at the last notification decision */
	bool signalled_known;
	bool unsignalled;		/* published since then */
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
 * vqueue_start() - set up a queue; must be called first
 * @memory: remains owned by the caller; see vqueue_remap()
 * Return: what is wrong with the rings, which is also stored as the queue's fault
 */
enum vqueue_fault vqueue_start(struct vqueue *q, const struct vqueue_config *config,
			       const struct memory *memory);

/**
 * vqueue_remap() - translate the rings again after a change of the memory table
 *
 * No chain may be in flight: its pieces point to the old memory.
 */
enum vqueue_fault vqueue_remap(struct vqueue *q);

/**
 * vqueue_turn() - start a turn with a new budget
 * Return: the number of available chains
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
 * vqueue_rewind() - undo taking the last @count chains
 *
 * For a packet that needs more room than the guest has provided.  None of the chains may
 * have been pushed.
 */
void vqueue_rewind(struct vqueue *q, uint32_t count);

/**
 * vqueue_push() - return a chain with the next vqueue_publish()
 * @head: of a taken chain; in any order, each once
 * @len: bytes written into it
 */
void vqueue_push(struct vqueue *q, uint16_t head, uint32_t len);

/**
 * vqueue_publish() - make all pushed chains visible to the driver
 */
void vqueue_publish(struct vqueue *q);

/**
 * vqueue_notify_needed() - does the driver want an interrupt for what was published?
 *
 * Returns true once per publication: the caller must then interrupt the driver.
 */
bool vqueue_notify_needed(struct vqueue *q);

/**
 * vqueue_interrupt_after() - of how many chains does the driver wait for an interrupt?
 *
 * For a device that is not done with chains by itself, and has to know when to look at them.
 *
 * Return: the number of chains to be published first, those that are pushed included; 0: it
 *	waits for none of those in flight
 */
uint32_t vqueue_interrupt_after(const struct vqueue *q);

/**
 * vqueue_disable_notify() - ask the driver not to notify of available buffers
 */
void vqueue_disable_notify(struct vqueue *q);

/**
 * vqueue_enable_notify() - ask the driver to notify of available buffers (kick)
 *
 * There is no notification for chains seen by the last turn, taken or not: a caller that
 * leaves some must come back to them by itself.
 *
 * Return: true if more chains became available since; there will be no notification for
 *	them, so take another turn.  Always false if the queue is broken.
 */
bool vqueue_enable_notify(struct vqueue *q);
#endif /* TAPCOMPAT_RING_VQUEUE_H */
