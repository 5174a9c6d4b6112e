// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packets.c - the super-packet that is sent, and its segments
 */
#include "packets.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <linux/virtio_net.h>
#include <tapcompat_linux.h>

#include "bench.h"
#include "ground/bytes.h"
#include "packet/flow.h"

#define HOST_USO 56

static const unsigned int feature_bits[] = {
	VIRTIO_NET_F_CSUM, VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6, VIRTIO_NET_F_HOST_ECN,
};

void packets_super(uint8_t *out)
{
	struct flow flow = {
		.ether = { .src = SENDER_MAC, .dst = SINK_MAC },
		.ip = { .family = 4, .src = SENDER_ADDRESS, .dst = SINK_ADDRESS, .ttl = 64,
			.id = 1, .df = true },
		.proto = IPPROTO_UDP, .sport = 4000, .dport = SINK_PORT,
		.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4, .gso_size = SEGMENT_BYTES,
		.payload = PAYLOAD, .partial_csum = true,
	};
	uint8_t *frame = bench_take(FRAME_MAX);
	struct vnet h;
	size_t len = flow_build(&flow, frame, &h);

	vnet_encode(&h, out, HEADER);
	memcpy(out + HEADER, frame, len);
	free(frame);
}

struct tapcompat_mask packets_features(bool uso)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(feature_bits); i++)
		tapcompat_mask_set(&mask, feature_bits[i]);
	if (uso)
		tapcompat_mask_set(&mask, HOST_USO);
	return mask;
}

void packets_plan(struct segment_plan *plan, const uint8_t *super)
{
	struct tapcompat_mask guest = packets_features(true), kernel = packets_features(false);
	struct segment_features features = {
		segment_features(&guest), segment_features(&kernel),
	};
	struct vnet h;

	vnet_decode(&h, super, HEADER);
	if (segment_plan(plan, &h, super + HEADER, SUPER - HEADER, &features) ||
	    plan->segments != SEGMENTS)
		abort();
}

void packets_frame(const uint8_t *super, uint32_t n, uint8_t *out)
{
	struct segment_template t;
	struct segment_plan plan;

	packets_plan(&plan, super);
	segment_begin(&t, &plan, super + HEADER, HEADER, 0, 0);
	segment_write(&t, n, out);
	memcpy(out + HEAD, super + HEAD + n * SEGMENT_BYTES, SEGMENT_BYTES);
}
