/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * judge.h - do the frames that arrived say what was sent?
 *
 * Theory of operation
 *
 * A flow (flow.h) says what one super-packet stands for: so many datagrams or
 * TCP segments, with these headers and these bytes.  Whatever a kernel does
 * to it on its way - hand it on whole, segment it, fragment it, complete its
 * checksums - the frames at the far end must say the same.  The judge is
 * given each arriving frame in turn and follows one cursor through the
 * payload.  For each frame it holds every header field against the one that
 * segment must have: addresses, lengths, IPv4 id and header checksum, TTL,
 * ports, sequence numbers and flags, UDP length, the transport checksum (full,
 * or the pseudo header's part where the reader was told to complete it), the
 * vnet header, and last each byte of payload.
 *
 * Fields that the sender was free to choose (a flow that is by_stack) are
 * learnt from the first frame; the later ones must be consistent with it.
 *
 * The first thing wrong decides and is kept in words.  Frames of others, such
 * as neighbour discovery, are not the judge's business.
 */
#ifndef TAPCOMPAT_PACKET_JUDGE_H
#define TAPCOMPAT_PACKET_JUDGE_H

#include "flow.h"
#include "packet.h"
#include "vnet.h"

enum verdict {
	VERDICT_WHOLE,	/* right, and the super-packet came as one */
	VERDICT_SPLIT,	/* right, in pieces */
	VERDICT_WRONG,	/* lost or corrupted; see why */
	VERDICT_UNTESTED,	/* no frame was sent, or none could be read; see why */
};

/* What the first frame of a flow by the stack said. */
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

	unsigned int frames;	/* that were ours */
	unsigned int segments;	/* that they stand for */
	unsigned int supers;	/* of the frames, super-packets */
	unsigned int partial;	/* of the frames, with a partial checksum */
	bool unrequested;		/* a super-packet came that may not come whole */
	bool lost;		/* not all of it came, or not in order */
	bool untested;		/* the trial itself failed, for want of something */
	uint32_t next;		/* bytes seen, in order */
	uint32_t arrived;	/* bytes seen, right or wrong */
	char why[160];		/* what is wrong; "" as long as nothing is */

	struct judge_ip inner, outer;
	uint16_t window;
	unsigned int fragments;
	uint32_t fragment_id;
	uint8_t *datagram;	/* FRAME_MAX bytes to reassemble fragments, or NULL */
};

/**
 * judge_frame() - look at one frame
 * @h: its vnet header
 * @frame: @len bytes behind the vnet header
 * Return: whether the frame belongs to the flow
 */
bool judge_frame(struct judge *j, const struct vnet *h, const uint8_t *frame, size_t len);

/**
 * judge_verdict() - all frames are in
 *
 * @j's why says in words what any verdict but VERDICT_WHOLE saw.
 */
enum verdict judge_verdict(struct judge *j);

/**
 * judge_bytes() - hold a piece of a byte stream or a datagram against the flow
 * @p: @len bytes, the next of the payload
 * Return: whether they are the flow's
 */
bool judge_bytes(struct judge *j, const uint8_t *p, size_t len);

/**
 * judge_fail() - the first thing wrong
 */
void judge_fail(struct judge *j, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * judge_untested() - what failed says nothing of the frames
 *
 * Memory, descriptors, a filter: the verdict will be VERDICT_UNTESTED, if nothing
 * was wrong before.
 */
void judge_untested(struct judge *j, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TAPCOMPAT_PACKET_JUDGE_H */
