/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packets.h - the super-packet that is sent, and its segments
 */
#ifndef BENCH_PACKETS_H
#define BENCH_PACKETS_H

#include <stddef.h>
#include <stdint.h>

#include "packet/segment.h"

#define SEGMENT_BYTES 1448u
#define SEGMENTS 43u			/* 62,264 bytes in one super-packet */
#define PAYLOAD (SEGMENTS * SEGMENT_BYTES)
#define HEADER VNET_MERGEABLE		/* the vnet header of current guests */

/* Headers of a frame, its vnet header included. */
#define HEAD (HEADER + ETH_LEN + IP4_LEN + UDP_LEN)
#define SUPER (HEAD + PAYLOAD)
#define FRAME (HEAD + SEGMENT_BYTES)

/* Who sends what to whom; the sink listens there. */
#define SINK_PORT 9
#define SINK_ADDRESS { 198, 18, 0, 1 }
#define SENDER_ADDRESS { 198, 18, 0, 2 }
#define SINK_MAC { 0x02, 0, 0, 0, 0, 1 }
#define SENDER_MAC { 0x02, 0, 0, 0, 0, 2 }

/**
 * packets_super() - a UDP super-packet after its vnet header
 * @out: SUPER bytes
 */
void packets_super(uint8_t *out);

/**
 * packets_plan() - its segments for a kernel without USO
 */
void packets_plan(struct segment_plan *plan, const uint8_t *super);

/**
 * packets_frame() - one of its segments, with a partial checksum, after its vnet header
 * @out: FRAME bytes
 */
void packets_frame(const uint8_t *super, uint32_t n, uint8_t *out);

/**
 * packets_features() - all that guests may ask for, with USO or without it
 */
struct tapcompat_mask packets_features(bool uso);

#endif /* BENCH_PACKETS_H */
