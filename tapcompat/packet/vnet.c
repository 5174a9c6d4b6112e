// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vnet.c - the vnet header
 */
#include "vnet.h"

#include <string.h>

#include "ground/bytes.h"

void vnet_encode(const struct vnet *h, uint8_t *p, size_t size)
{
	memset(p, 0, size);
	p[0] = h->flags;
	p[1] = h->gso_type;
	put_le16(p + 2, h->hdr_len);
	put_le16(p + 4, h->gso_size);
	put_le16(p + 6, h->csum_start);
	put_le16(p + 8, h->csum_offset);
	if (size >= VNET_MERGEABLE)
		put_le16(p + 10, h->num_buffers);
	if (size >= VNET_TUNNEL) {
		put_le16(p + 20, h->outer_th);
		put_le16(p + 22, h->inner_nh);
	}
}

void vnet_decode(struct vnet *h, const uint8_t *p, size_t size)
{
	memset(h, 0, sizeof(*h));
	h->flags = p[0];
	h->gso_type = p[1];
	h->hdr_len = get_le16(p + 2);
	h->gso_size = get_le16(p + 4);
	h->csum_start = get_le16(p + 6);
	h->csum_offset = get_le16(p + 8);
	if (size >= VNET_MERGEABLE)
		h->num_buffers = get_le16(p + 10);
	if (size >= VNET_TUNNEL) {
		h->outer_th = get_le16(p + 20);
		h->inner_nh = get_le16(p + 22);
	}
}
