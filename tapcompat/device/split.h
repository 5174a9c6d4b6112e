/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * split.h - a device whose frames are moved by the kernel's vhost-net
 *
 * Theory of operation
 *
 * The two rings of a vhost-net are set up independently.  Where the host has one, the guest's
 * receive ring is the kernel's, with its kicks, interrupts and dirty log, and no thread of ours
 * is woken for a received frame.  For ring 1 the kernel is given a private ring.  The device's
 * thread reads the guest's transmit ring and publishes frames on the private one.
 *
 * A frame is a chain of descriptors: vnet header and headers, which were built here and are in
 * an area of ours, and the payload by reference, in the guest's memory.  So nothing that
 * decides about a frame is read from the guest by the kernel, and payload is not copied here.
 *
 * The area is a region of the memory table that the kernel is given, at a guest address above
 * all others.  The guest may guess that address and receive a frame to it.  Therefore the
 * kernel's mapping of the area is read-only, and such a frame is discarded.
 *
 * The kernel returns the chains of a transmit ring in order.  So descriptors and the area are
 * allocated and released as rings, and the used index tells which frames are done.  A guest's
 * chain is returned when its last frame is done, in order as well.  While the private ring is
 * full no chain is taken, so back-pressure of the tap reaches the guest.
 *
 * Before the memory table changes and before the transmit ring stops, the private ring is
 * emptied: the kernel gets a moment to send what it has; packets of which it has sent nothing
 * are put back into the guest's ring; a packet of which it has sent a part is dropped.
 *
 * The kernel is set up when a ring is attached, from what the device knows by then, and gets
 * each change after that.
 */
#ifndef TAPCOMPAT_DEVICE_SPLIT_H
#define TAPCOMPAT_DEVICE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/virtio_ring.h>

#include "outgoing.h"

#define SPLIT_RING 2048u	/* descriptors of the private ring */
#define SPLIT_AREA (512u << 10)	/* bytes for headers, and for payload that is copied */
#define SPLIT_PACKETS 4096u	/* chains of the guest that are not returned yet */

/* On the private ring, from the chain with the number @begin up to but not including @end. */
struct split_packet {
	uint16_t tag;
	uint16_t begin, end;
};

struct split_frame {
	uint16_t descriptors;
	uint32_t bytes;		/* of the area */
};

struct split {
	int vhost;		/* the kernel's vhost-net, -1: none */
	uint64_t kernel;	/* its features */
	const char *refused;	/* why it is not used, for a message; NULL: it is */
	bool on;		/* it has the device's rings */
	bool started;		/* ring 1, too */
	bool event_idx;
	bool broken;		/* the kernel did not keep the order */
	int kick, call;		/* of the private ring */
	uint8_t *area;		/* ours, and read-only for the kernel */
	uint8_t *shown;
	uint64_t guest;		/* address of the area */
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t filled;	/* next chain of the private ring */
	uint16_t published;	/* chains before it are visible to the kernel */
	uint16_t collected;	/* chains before it are done */
	uint16_t desc_next;
	uint32_t desc_used;
	uint32_t area_next, area_used;
	struct transmit_port port;
	uint32_t fragment_id;
	struct transmit_packet packet;	/* not entirely on the private ring yet */
	uint16_t packet_begin;
	uint32_t first, packets;	/* of the following, a ring */
	struct split_packet *pending;
	struct split_frame frame[SPLIT_RING];
	uint64_t address[TRANSMIT_PIECES];	/* of the pieces of the current packet */
};

#endif /* TAPCOMPAT_DEVICE_SPLIT_H */
