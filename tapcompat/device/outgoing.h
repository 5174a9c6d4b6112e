/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outgoing.h - a packet of a guest on its way to a tap: checked, planned, written as frames
 *
 * The vnet header and the first bytes of the frame are copied once, and the plan is made from
 * the copy.  Where the frames go is up to the caller: transmit.h writes them to the tap, split.h
 * publishes them to the kernel's vhost-net.
 */
#ifndef TAPCOMPAT_DEVICE_OUTGOING_H
#define TAPCOMPAT_DEVICE_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/pieces.h"
#include "packet/segment.h"
#include "stat/stat.h"

#define TRANSMIT_PIECES 1024	/* of one packet: IOV_MAX of writev(2) */

/* Features and headers of the guest and of the tap. */
struct transmit_port {
	struct segment_features features;
	unsigned int guest_header;	/* size of the vnet header before a packet */
	unsigned int port_header;	/* before a frame on the tap; 0: none */
};

/* The current packet. */
struct transmit_packet {
	bool busy;
	bool super;			/* it came as a super-packet */
	uint16_t tag;
	uint8_t header[VNET_TUNNEL];	/* as the guest wrote it, zero-padded */
	struct segment_plan plan;
	struct pieces frame;		/* all of it, head included */
	struct pieces rest;		/* behind the head */
	size_t len;
	uint32_t next;			/* segment */
	uint8_t head[SEGMENT_HEAD];
	size_t head_len;
	struct pieces payload;		/* not yet in a segment */
	struct segment_template template;
};

/* Is it sent as segments that are made here? */
static inline bool outgoing_is_segmented(const struct transmit_packet *p)
{
	return p->plan.kind > SEGMENT_CHECKSUM && !p->plan.whole;
}

/**
 * outgoing_take() - start a packet
 * @iov: its pieces; the array and the memory must not change while it is in use
 * @fragment_id: of IPv6 fragments; incremented if it is used
 * @tag: kept for the caller
 * Return: the reason to drop it, or SEGMENT_TAKEN
 */
enum segment_drop outgoing_take(struct transmit_packet *p, const struct transmit_port *port,
				const struct iovec *iov, size_t pieces, uint16_t tag,
				uint32_t *fragment_id);

/**
 * outgoing_count() - count a packet that was taken
 */
void outgoing_count(const struct transmit_packet *p, struct stat_direction *stat);

/**
 * outgoing_head() - write a new vnet header and the head that was checked
 *
 * The rest of the frame, p->rest, follows them.
 *
 * Return: number of bytes
 */
size_t outgoing_head(const struct transmit_packet *p, const struct transmit_port *port,
		     uint8_t *out);

/**
 * outgoing_whole() - write the whole frame, with a complete checksum if that is planned
 * outgoing_segment() - write the next segment with its payload
 * Return: number of bytes
 */
size_t outgoing_whole(struct transmit_packet *p, const struct transmit_port *port, uint8_t *out);
size_t outgoing_segment(struct transmit_packet *p, uint8_t *out);

#endif /* TAPCOMPAT_DEVICE_OUTGOING_H */
