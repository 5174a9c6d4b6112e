/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trial.h - send one super-packet and judge what arrives
 */
#ifndef TAPCOMPAT_PROBE_TRIAL_H
#define TAPCOMPAT_PROBE_TRIAL_H

#include <sys/socket.h>

#include "packet/judge.h"
#include "table/feature.h"
#include "testbed.h"

/* How long a frame may take on a slow and busy machine, in ms. */
#define TRIAL_PATIENCE 1000

#define TRIAL_TIMEVAL \
	{ .tv_sec = TRIAL_PATIENCE / 1000, .tv_usec = TRIAL_PATIENCE % 1000 * 1000L }

#define TRIAL_ATTEMPTS 3	/* before frames count as lost, or a feature as untested */

/* The kinds of traffic that verify features. */
struct trial_kind {
	const char *name;
	unsigned int proves;	/* gso type of the features that it verifies */
	uint8_t proto;
	uint8_t gso[2];		/* gso type over IPv4 and IPv6, 0: plain frames */
	uint8_t tcp_flags;
	uint8_t tos;
};

enum trial_shape {
	SHAPE_EQUAL,	/* all segments of one length */
	SHAPE_TAIL,	/* odd lengths, the last one short */
	SHAPES,
};

struct trial {
	struct testbed *t;
	const struct trial_kind *kind;
	bool guest_sends;
	enum network path;	/* local or forwarded */
	uint8_t family;		/* of the flow: 4 or 6 */
	uint8_t outer;		/* of the outer header: 4, 6, or 0 without a tunnel */
	bool outer_csum;
	enum trial_shape shape;

	bool complete_csum;		/* the guest completes its checksums itself */

	/* What the reader has enabled. */
	unsigned int header;
	unsigned int offloads;
	bool may_partial, may_whole;

	struct tunnel tunnel;
	struct flow flow;
	struct judge judge;
	bool refused;		/* the kernel refused to send it */
};

/**
 * trial_run() - send it and judge what arrives
 *
 * tr->judge.why has the reason for the verdict.
 */
enum verdict trial_run(struct trial *tr);

/* trial_udp.c and trial_tcp.c: what trial_run() calls where one end is a socket. */

/**
 * trial_to_socket() - from the local port to a UDP socket, or in reverse
 */
void trial_to_socket(struct trial *tr);
void trial_from_socket(struct trial *tr);

/**
 * trial_to_stream() - from the local port to a TCP socket, or in reverse
 */
void trial_to_stream(struct trial *tr);
void trial_from_stream(struct trial *tr);

/* trial_frame.c: what all of these share. */

/**
 * trial_collect() - read frames until a marker arrives
 * @marker: a plain flow, sent last
 */
void trial_collect(struct trial *tr, struct port *from, const struct flow *marker);

/**
 * trial_marker() - a small plain flow next to the trial's
 */
struct flow trial_marker(const struct trial *tr);

/**
 * trial_refused() - record that sending failed
 * @who: the failing part of the kernel
 * @ret: the negative errno; whether it concerns the frame decides the verdict
 */
void trial_refused(struct trial *tr, const char *who, int ret);

/**
 * trial_send() - build a flow's frame and send it
 * Return: 0, or a negative errno, which is recorded with the judge
 */
int trial_send(struct trial *tr, struct port *p, const struct flow *f);

/**
 * trial_sockaddr() - socket address of an end of the flow
 * @host: the host's stack, else the guest
 * @port: in host order
 * Return: the length to pass on
 */
socklen_t trial_sockaddr(const struct trial *tr, bool host, uint16_t port,
			 struct sockaddr_storage *ss);

#endif /* TAPCOMPAT_PROBE_TRIAL_H */
