/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vnet.h - the vnet header, which precedes each frame of a virtio-net device
 *
 * Layout: virtio 1.3, section 5.1.6, little endian throughout; taps created by the
 * library are set to that order (TUNSETVNETLE).
 *
 *	 0 flags	 1 gso_type	 2 hdr_len	 4 gso_size
 *	 6 csum_start	 8 csum_offset	10 num_buffers (12 and more)
 *	12 hash, 16 its type, 18 padding (20 and more)
 *	20 outer transport header, 22 inner network header (24)
 */
#ifndef TAPCOMPAT_PACKET_VNET_H
#define TAPCOMPAT_PACKET_VNET_H

#include <stddef.h>
#include <stdint.h>

/* The sizes defined by virtio. */
#define VNET_LEGACY 10
#define VNET_MERGEABLE 12
#define VNET_HASH 20
#define VNET_TUNNEL 24

struct vnet {
	uint8_t flags;		/* VIRTIO_NET_HDR_F_* */
	uint8_t gso_type;	/* VIRTIO_NET_HDR_GSO_* */
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint16_t num_buffers;
	uint16_t outer_th;
	uint16_t inner_nh;
};

/**
 * vnet_encode() - write a header
 * @p: @size bytes; bytes without a field are zeroed
 * @size: at least VNET_LEGACY
 */
void vnet_encode(const struct vnet *h, uint8_t *p, size_t size);

/**
 * vnet_decode() - read a header
 * @p: @size bytes, at least VNET_LEGACY; fields beyond @size read as 0
 */
void vnet_decode(struct vnet *h, const uint8_t *p, size_t size);

#endif /* TAPCOMPAT_PACKET_VNET_H */
