/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * segment.h - software segmentation, for kernels without an offload
 *
 * Theory of operation
 *
 * A guest's vnet header and frame are untrusted.  The caller copies the vnet header and
 * the frame's first SEGMENT_HEAD bytes once; segment_plan() reads this snapshot only, so a
 * guest that changes its memory meanwhile damages only its own payload.  The result is a
 * reason to drop the packet, or a plan, which is plain data.
 *
 * The plan is based on our own walk through the headers.  Offsets in the vnet header are
 * compared with it and never used for access, with one exception: the bytes between a
 * tunnel's UDP header and the inner packet depend on the tunnel protocol, so the second
 * walk starts at the given offset and must yield consistent headers.
 *
 * If the frame goes to the kernel as it is (a plain frame, one with a partial checksum, a
 * super-packet that the kernel accepts), the plan contains a new vnet header for it.
 * Otherwise segment_begin() builds a template once: the vnet header and all headers of a
 * middle segment, with lengths and sums.  segment_write() copies it and patches what
 * differs: ids (with an incremental sum), sequence numbers, flags, and in the last segment
 * the lengths.  Payload is not handled here: segment_range() returns which bytes belong to
 * a segment, and the caller copies them.
 *
 * Checksums are left to the kernel: segments have a partial checksum and the vnet header
 * says NEEDS_CSUM.  segment_complete_csum() completes it if required.  IP fragments need a
 * complete one, so for them the caller sums the payload in advance.
 *
 * A tunnel with an outer checksum has two, and a kernel accepts one partial checksum per
 * frame: the inner one stays partial, the outer one is completed here.  This does not
 * require reading the payload: a packet with a correct checksum, from its transport header
 * to its end, sums up to the complement of its pseudo header.  So the outer sum depends on
 * headers only, and remains correct when the inner checksum is completed.
 *
 * The result is byte for byte what a kernel makes of the same super-packet, which
 * selftests/kernel/segment_oracle.c checks.  Intended differences from Linux: the pseudo
 * header's sum is recomputed instead of adjusting the guest's; the urgent pointer
 * decreases from segment to segment, as in RFC 9293, instead of being repeated; the data
 * of IP fragments is rounded down to multiples of 8; a tunnel without outer checksum gets
 * none, regardless of what the guest left there; and a tunnelled packet that fits into one
 * segment is not lost.
 */
#ifndef TAPCOMPAT_PACKET_SEGMENT_H
#define TAPCOMPAT_PACKET_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tapcompat.h>

#include "packet.h"
#include "vnet.h"

#define SEGMENT_HEAD 256	/* bytes of a snapshot, and limit for all headers together */
#define SEGMENT_WRITE_MAX (VNET_TUNNEL + SEGMENT_HEAD + IP6_FRAGMENT_LEN)

/* The longest frame: the maximum IP length after two tags. */
#define SEGMENT_FRAME_MAX (ETH_LEN + VLAN_MAX * VLAN_LEN + IP6_LEN + 65535)

#define SEGMENT_UDP_MAX 128	/* datagrams of one super-packet, as in Linux */
#define SEGMENT_TCP_MIN 8	/* bytes of TCP payload per segment, as in Linux */

/*
 * Limit for a super-packet: its segments' headers may have as many bytes as the frame
 * itself, plus this many segments.  Guests' stacks stay far below this; it prevents
 * amplification by tiny segments.
 */
#define SEGMENT_HEADERS_FREE 128

/* Why a packet is dropped. */
enum segment_drop {
	SEGMENT_TAKEN,
	SEGMENT_DROP_SHORT,	/* no complete Ethernet header */
	SEGMENT_DROP_LONG,	/* longer than the maximum IP length */
	SEGMENT_DROP_TYPE,	/* invalid gso type */
	SEGMENT_DROP_FEATURE,	/* not negotiated */
	SEGMENT_DROP_SIZE,	/* invalid gso size */
	SEGMENT_DROP_MANY,	/* too many segments */
	SEGMENT_DROP_CSUM,	/* a partial checksum is missing, or in the wrong place */
	SEGMENT_DROP_PROTOCOL,	/* headers do not match the gso type */
	SEGMENT_DROP_VLAN,	/* too many tags */
	SEGMENT_DROP_HEADERS,	/* too many headers, or truncated ones */
	SEGMENT_DROP_IP,	/* an invalid IP header, or one that cannot be segmented */
	SEGMENT_DROP_FRAGMENT,	/* a fragment cannot be segmented */
	SEGMENT_DROP_LENGTH,	/* inconsistent lengths */
	SEGMENT_DROP_TCP,	/* invalid TCP header length or flags */
	SEGMENT_DROP_TUNNEL,	/* offsets do not match a UDP tunnel */
	SEGMENT_DROPS
};

enum segment_kind {
	SEGMENT_PASS,		/* a plain frame */
	SEGMENT_CHECKSUM,	/* a frame with a partial checksum */
	SEGMENT_TCP,
	SEGMENT_UDP,
	SEGMENT_FRAGMENTS,	/* a large datagram, to become IP fragments */
};

/* Sets of segment_features(). */
struct segment_features {
	uint32_t guest;		/* negotiated, or at least offered */
	uint32_t kernel;	/* supported by the kernel */
};

/* Offsets count from the start of the frame, in bytes. */
struct segment_plan {
	enum segment_kind kind;
	bool whole;		/* pass it to the kernel unsegmented */
	bool complete;		/* complete all checksums, the kernel does not */
	bool outer_csum;
	uint8_t family;		/* 4 or 6; the inner one of a tunnel */
	uint8_t outer_family;	/* 0: no tunnel */
	uint16_t outer_l3, outer_l4;
	uint16_t l3, l4;
	uint16_t next;		/* offset of the byte with the transport protocol */
	uint16_t header;	/* length of all headers: offset of the payload */
	uint16_t mss;		/* payload per segment; of fragments, data after the IP headers */
	uint32_t payload;	/* bytes after the headers */
	uint32_t segments;	/* resulting frames; 1 if it is passed whole */
	struct vnet vnet;	/* new, for the unsegmented frame */
};

/* How to write segments: set by segment_begin(), otherwise private. */
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
 * segment_features() - convert a mask, for struct segment_features
 */
uint32_t segment_features(const struct tapcompat_mask *mask);

/**
 * segment_plan() - check a packet and plan its segments
 * @h: a copy of its vnet header
 * @head: a copy of the frame's first bytes, SEGMENT_HEAD of them or all
 * @len: of the whole frame
 * @plan: filled in if the packet is accepted
 */
enum segment_drop segment_plan(struct segment_plan *plan, const struct vnet *h,
			       const uint8_t *head, size_t len,
			       const struct segment_features *features);

/**
 * segment_begin() - prepare to write the segments of a plan
 * @plan: of a kind above SEGMENT_CHECKSUM
 * @head: what the plan was made from
 * @vnet_size: size of the vnet header of each segment, 0 to VNET_TUNNEL
 * @fragment_id: for IPv6 fragments
 * @payload_sum: for fragments, csum_piece() of the payload
 */
void segment_begin(struct segment_template *t, const struct segment_plan *plan,
		   const uint8_t *head, size_t vnet_size, uint32_t fragment_id,
		   uint32_t payload_sum);

/**
 * segment_write() - write vnet header and headers of a segment
 * @n: index of the segment
 * @out: room for SEGMENT_WRITE_MAX bytes
 * Return: number of bytes; the payload goes directly after them
 */
size_t segment_write(const struct segment_template *t, uint32_t n, uint8_t *out);

/**
 * segment_range() - the bytes of the payload in a segment
 * @from: set to the offset of the first byte
 * Return: number of bytes
 */
uint32_t segment_range(const struct segment_plan *plan, uint32_t n, uint32_t *from);

/**
 * segment_complete_csum() - complete the checksum of a written segment
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
