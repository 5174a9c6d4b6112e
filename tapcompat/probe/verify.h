/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify.h - verify features with frames
 */
#ifndef TAPCOMPAT_PROBE_VERIFY_H
#define TAPCOMPAT_PROBE_VERIFY_H

#include "feature/caps.h"
#include "kernel/steer.h"
#include "packet/judge.h"
#include "testbed.h"

/**
 * verify_plain() - do plain frames pass at all?
 * @header: size of the vnet header
 * @why: @size bytes; a message if they do not
 *
 * If plain frames do not pass, offloads cannot be verified with frames.
 *
 * Return: VERDICT_WHOLE if they do
 */
enum verdict verify_plain(struct testbed *t, unsigned int header, char *why, size_t size);

/**
 * verify_offload() - verify one offload of the table
 * @b: gets the verdict; the feature must be native there
 * @f: a row whose direction is to send or to receive
 * @taps: result for the host's tap, which is the wire of every testbed
 */
void verify_offload(struct testbed *t, struct caps_backend *b,
		    const struct tapcompat_feature *f, const struct caps_backend *taps);

#define QUEUES 4

/* The queues of one multi-queue device. */
struct queues {
	struct port port[QUEUES];
	enum network network;
	const struct steer_config *config;	/* how it is steered, or NULL */
};

/**
 * verify_queues() - are flows distributed, each flow to one queue?
 *
 * With a steering program attached, also: to the queue selected by its hash?
 */
void verify_queues(struct testbed *t, struct queues *q, struct caps_backend *b,
		   const struct tapcompat_feature *f);

/**
 * verify_rings() - verify a ring feature of vhost-net
 * @f: a row whose direction is the rings
 *
 * Frames must pass through the local tap's rings using this feature.
 */
void verify_rings(struct testbed *t, struct caps_backend *b,
		  const struct tapcompat_feature *f);

#endif /* TAPCOMPAT_PROBE_VERIFY_H */
