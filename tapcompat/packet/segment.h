/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * segment.h - what a kernel without an offload is to get instead
 *
 * Theory of operation
 *
 * A guest hands over a vnet header and a frame, and is believed nothing.  The
 * caller copies the vnet header and the frame's first SEGMENT_HEAD bytes once;
 * segment_plan() reads that snapshot alone, so the guest may change its memory
 * meanwhile and harms its own payload only.  The outcome is a reason to drop the
 * packet, or a plan, which is plain data.
 *
 * The plan comes from a walk of our own through the headers.  What the vnet
 * header says of offsets is held against that walk and never used to find
 * anything, with one exception: which bytes a tunnel has between its UDP header
 * and the inner packet is the tunnel's affair, so there the given offset is where
 * the second walk begins, and must come out right.
 *
 * A plan that goes to the kernel as it is - a plain frame, one with an open
 * checksum, a super-packet that the kernel takes whole - has its fresh vnet
 * header in the plan.  For all others, segment_begin() makes a template once:
 * vnet header and all headers of a segment in the middle, lengths and sums filled
 * in.  segment_write() copies it and patches what differs: ids (with an
 * incremental sum), sequence numbers, flags, and in the last segment the lengths.
 * Payload is nobody's business here: segment_range() says which bytes belong to a
 * segment, and the caller copies them.
 *
 * Checksums are left to the kernel: the transport checksum holds the pseudo
 * header's sum, and the vnet header says NEEDS_CSUM.  segment_complete_csum() completes
 * it where that is wanted.  IP fragments have to carry a complete one, so for
 * them the caller sums up the payload before.
 *
 * Inside a tunnel with an outer checksum there are two, and a kernel takes one
 * partial checksum a frame: the inner one stays partial, the outer one is completed
 * here.  That costs no look at the payload: from the inner transport header on,
 * a packet whose checksum is right sums up to the complement of its pseudo header,
 * whatever it carries.  So the outer sum is that of a few headers, and stays right
 * when the inner checksum is completed.
 *
 * What a kernel does to the same super-packet is what comes out here, byte for
 * byte, and selftests/kernel/segment_oracle.c holds it to that.  On purpose it differs
 * from Linux in this: the pseudo header's sum is made afresh instead of correcting
 * the guest's; the urgent pointer counts down from segment to segment, as RFC 9293 has
 * it, instead of being repeated; the data of IP fragments is rounded down to eights; a
 * tunnel that asked for no outer checksum has none, whatever the guest left there; and
 * what a tunnel carries is not lost where it fits into one segment.
 */
#ifndef TAPCOMPAT_PACKET_SEGMENT_H
#define TAPCOMPAT_PACKET_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tapcompat.h>

#include "packet.h"
#include "vnet.h"

#define SEGMENT_HEAD 256	/* bytes of a snapshot, and most of all headers together */
#define SEGMENT_WRITE_MAX (VNET_TUNNEL + SEGMENT_HEAD + IP6_FRAGMENT_LEN)

/* The longest frame: what IP can say, behind two tags. */
#define SEGMENT_FRAME_MAX (ETH_LEN + VLAN_MAX * VLAN_LEN + IP6_LEN + 65535)

#define SEGMENT_UDP_MAX 128	/* datagrams of one super-packet, as in Linux */
#define SEGMENT_TCP_MIN 8	/* bytes of TCP a segment, as in Linux */

/*
 * What one super-packet may cost: headers of as many bytes as the frame has, and
 * of this many segments on top.  Guests' stacks stay far below it, and a guest that
 * asks for one byte a segment gets nowhere.
 */
#define SEGMENT_HEADERS_FREE 128

/* Why a packet is dropped. */
enum segment_drop {
	SEGMENT_TAKEN,
	SEGMENT_DROP_SHORT,	/* not even an Ethernet header */
	SEGMENT_DROP_LONG,	/* longer than IP can say */
	SEGMENT_DROP_TYPE,	/* a gso type that there is not */
	SEGMENT_DROP_FEATURE,	/* not negotiated */
	SEGMENT_DROP_SIZE,	/* a gso size that cannot be */
	SEGMENT_DROP_MANY,	/* more segments than one packet may cost */
	SEGMENT_DROP_CSUM,	/* a partial checksum is missing, or in the wrong place */
	SEGMENT_DROP_PROTOCOL,	/* headers of another kind than the gso type says */
	SEGMENT_DROP_VLAN,	/* too many tags */
	SEGMENT_DROP_HEADERS,	/* more headers than are looked at, or cut off */
	SEGMENT_DROP_IP,	/* a broken IP header, or one that is not for segmenting */
	SEGMENT_DROP_FRAGMENT,	/* to segment a fragment */
	SEGMENT_DROP_LENGTH,	/* lengths that contradict each other */
	SEGMENT_DROP_TCP,	/* header length, or flags that a segment cannot have */
	SEGMENT_DROP_TUNNEL,	/* offsets that are not a UDP tunnel's */
	SEGMENT_DROPS
};

enum segment_kind {
	SEGMENT_PASS,		/* a plain frame */
	SEGMENT_CHECKSUM,	/* a frame with a partial checksum */
	SEGMENT_TCP,
	SEGMENT_UDP,
	SEGMENT_FRAGMENTS,	/* a large datagram, to become IP fragments */
};

/* Who can do what; see segment_features(). */
struct segment_features {
	uint32_t guest;		/* negotiated, or at least offered: what it may ask for */
	uint32_t kernel;	/* what the kernel does itself */
};

/* Offsets count from the start of the frame, in bytes. */
struct segment_plan {
	enum segment_kind kind;
	bool whole;		/* the kernel takes it as it is */
	bool complete;		/* the kernel completes no checksum: leave none partial */
	bool outer_csum;
	uint8_t family;		/* 4 or 6; of a tunnel the inner one */
	uint8_t outer_family;	/* 0: there is no tunnel */
	uint16_t outer_l3, outer_l4;
	uint16_t l3, l4;
	uint16_t next;		/* the byte that names the transport protocol */
	uint16_t header;	/* of all headers: where the payload is in the frame */
	uint16_t mss;		/* payload a segment; of fragments, data behind the IP headers */
	uint32_t payload;	/* bytes behind the headers */
	uint32_t segments;	/* frames that come of it; 1 if it is passed whole */
	struct vnet vnet;	/* fresh, for the frame as it is */
};

/* How to write segments: made by segment_begin(), private otherwise. */
struct segment_template {
	struct segment_plan plan;
	size_t vnet_size;
	size_t headers;		/* length of a segment's, without the vnet header */
	size_t l4;		/* in a segment; fragments may have moved it */
	uint32_t pseudo;	/* sums of pseudo headers without the length */
	uint32_t outer_pseudo;
	uint32_t ip_sum;	/* sums of IPv4 headers without the length */
	uint32_t outer_ip_sum;
	uint32_t inside;	/* sum between a tunnel's UDP header and the inner l4 */
	uint32_t seq;
	uint16_t id, outer_id;
	uint16_t urgent;
	uint8_t first, last;	/* TCP flags of the first and of the last segment only */
	uint8_t bytes[SEGMENT_WRITE_MAX];
};

/**
 * segment_drop_name() - such as "feature", for counters
 */
const char *segment_drop_name(enum segment_drop drop);

/**
 * segment_features() - those of a mask that matter here, for struct segment_features
 */
uint32_t segment_features(const struct tapcompat_mask *mask);

/**
 * segment_plan() - judge a packet
 * @h: a copy of its vnet header
 * @head: a copy of the frame's first bytes, SEGMENT_HEAD of them or all
 * @len: of the whole frame, whatever it is
 * @plan: filled in if the packet is taken
 */
enum segment_drop segment_plan(struct segment_plan *plan, const struct vnet *h,
			       const uint8_t *head, size_t len,
			       const struct segment_features *features);

/**
 * segment_begin() - get ready to write the segments of a plan
 * @plan: of a kind above SEGMENT_CHECKSUM
 * @head: what the plan was made from
 * @vnet_size: of the vnet header before each segment, 0 to VNET_TUNNEL
 * @fragment_id: for IPv6 fragments
 * @payload_sum: for fragments, csum_piece() of the payload
 */
void segment_begin(struct segment_template *t, const struct segment_plan *plan,
		   const uint8_t *head, size_t vnet_size, uint32_t fragment_id,
		   uint32_t payload_sum);

/**
 * segment_write() - vnet header and headers of one segment
 * @n: below the plan's segments
 * @out: room for SEGMENT_WRITE_MAX bytes
 * Return: how many were written; the payload belongs right behind them
 */
size_t segment_write(const struct segment_template *t, uint32_t n, uint8_t *out);

/**
 * segment_range() - which bytes of the payload a segment carries
 * @from: set to the first one
 * Return: how many
 */
uint32_t segment_range(const struct segment_plan *plan, uint32_t n, uint32_t *from);

/**
 * segment_complete_csum() - complete the checksum of a segment that was written
 * @out: what segment_write() filled
 * @payload_sum: csum_add() of the segment's payload
 */
void segment_complete_csum(const struct segment_template *t, uint8_t *out, uint32_t payload_sum);

/**
 * segment_checksum() - complete the checksum of a frame that is not segmented
 * @plan: of the kind SEGMENT_CHECKSUM; its vnet header no longer applies
 * @frame: the whole frame
 * @len: as it was planned
 */
void segment_checksum(const struct segment_plan *plan, uint8_t *frame, size_t len);

#endif /* TAPCOMPAT_PACKET_SEGMENT_H */
