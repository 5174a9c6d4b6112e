/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify.h - prove features by frames
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
 * @why: @size bytes; what did not
 *
 * If not even plain frames pass, frames say nothing about offloads.
 *
 * Return: VERDICT_WHOLE if they do
 */
enum verdict verify_plain(struct testbed *t, unsigned int header, char *why, size_t size);

/**
 * verify_offload() - prove one offload of the table
 * @b: where the verdict goes; the feature is native there
 * @f: a row whose direction is to send or to receive
 * @taps: what the host's tap gives: the wire of every testbed is one
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
 * verify_queues() - are flows spread over the queues, each flow to one of them?
 *
 * With a steering program attached, also: to the queue that its hash says?
 */
void verify_queues(struct testbed *t, struct queues *q, struct caps_backend *b,
		   const struct tapcompat_feature *f);

/**
 * verify_rings() - prove a feature of vhost-net's own
 * @f: a row whose direction is the rings
 *
 * Frames pass through the local tap's rings with and by this feature.
 */
void verify_rings(struct testbed *t, struct caps_backend *b,
		  const struct tapcompat_feature *f);

#endif /* TAPCOMPAT_PROBE_VERIFY_H */
