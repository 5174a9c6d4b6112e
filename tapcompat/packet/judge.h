/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * judge.h - compare the frames that arrived with what was sent
 *
 * Theory of operation
 *
 * A flow (flow.h) describes what one super-packet represents: a number of datagrams or
 * TCP segments with given headers and payload.  Whatever a kernel does to it on its way
 * (pass it whole, segment it, fragment it, complete its checksums), the frames at the far
 * end must represent the same.  The judge gets each frame that arrives in turn and keeps
 * its position in the payload.  It compares every header field with the value that this
 * segment must have: addresses, lengths, IPv4 id and header checksum, TTL, ports, sequence
 * numbers and flags, UDP length, the transport checksum (complete, or partial if the
 * reader completes it), the vnet header, and finally each byte of the payload.
 *
 * Fields chosen by the host's stack (by_stack) are taken from the first frame; later
 * frames must be consistent with it.
 *
 * The first error decides and is kept as a message.  Frames that do not belong to the
 * flow, such as neighbour discovery, are ignored.
 */
#ifndef TAPCOMPAT_PACKET_JUDGE_H
#define TAPCOMPAT_PACKET_JUDGE_H

#include "flow.h"
#include "packet.h"
#include "vnet.h"

enum verdict {
	VERDICT_WHOLE,	/* correct, and the super-packet arrived as one */
	VERDICT_SPLIT,	/* correct, but segmented */
	VERDICT_WRONG,	/* lost or corrupted; see why[] */
	VERDICT_UNTESTED,	/* no frame could be sent or read; see why[] */
};

/* Values from the first frame of a flow by the host's stack. */
struct judge_ip {
	bool known;
	uint16_t id;
	uint8_t ttl;
	uint32_t label;
};

struct judge {
	const struct flow *flow;
	bool may_partial;		/* the reader completes checksums */
	bool may_whole;		/* the reader takes super-packets */

	unsigned int frames;	/* of this flow */
	unsigned int segments;	/* that they represent */
	unsigned int supers;	/* of the frames, super-packets */
	unsigned int partial;	/* of the frames, with a partial checksum */
	bool unrequested;		/* a super-packet arrived without may_whole */
	bool lost;		/* incomplete or out of order */
	bool untested;		/* the test itself failed, for lack of a resource */
	uint32_t next;		/* bytes seen, in order */
	uint32_t arrived;	/* bytes seen, correct or not */
	char why[160];		/* what is wrong, or "" */

	struct judge_ip inner, outer;
	uint16_t window;
	unsigned int fragments;
	uint32_t fragment_id;
	uint8_t *datagram;	/* FRAME_MAX bytes to reassemble fragments, or NULL */
};

/**
 * judge_frame() - check a frame
 * @h: its vnet header
 * @frame: @len bytes after the vnet header
 * Return: whether the frame belongs to the flow
 */
bool judge_frame(struct judge *j, const struct vnet *h, const uint8_t *frame, size_t len);

/**
 * judge_verdict() - the verdict, after all frames
 *
 * For verdicts other than VERDICT_WHOLE, j->why has the reason.
 */
enum verdict judge_verdict(struct judge *j);

/**
 * judge_bytes() - compare a piece of a byte stream or datagram with the flow
 * @p: the next @len bytes of the payload
 * Return: whether they match
 */
bool judge_bytes(struct judge *j, const uint8_t *p, size_t len);

/**
 * judge_fail() - record an error, if it is the first
 */
void judge_fail(struct judge *j, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * judge_untested() - record an error that does not concern the frames
 *
 * Memory, descriptors, a filter: unless there was an error before, the verdict will be
 * VERDICT_UNTESTED.
 */
void judge_untested(struct judge *j, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TAPCOMPAT_PACKET_JUDGE_H */
