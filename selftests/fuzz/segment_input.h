/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment_input.h - a packet as the fuzzer's bytes
 *
 *	 0 vnet header, 24 bytes
 *	24 features that are not negotiated, as bits of segment_features()
 *	26 bit 0: the kernel has all; above it, which size the vnet header is to have
 *	28 bytes behind the frame's end that are not written down
 *	30 the frame
 */
#ifndef SEGMENT_INPUT_H
#define SEGMENT_INPUT_H

#include "segment_rows.h"

#define INPUT_HEADER 30

struct input {
	struct row_packet packet;
	size_t vnet_size;
};

static inline bool input_read(struct input *in, const uint8_t *data, size_t size)
{
	static const uint8_t sizes[] = { VNET_MERGEABLE, 0, VNET_LEGACY, VNET_HASH, VNET_TUNNEL };
	struct row_packet *p = &in->packet;

	if (size < INPUT_HEADER || size - INPUT_HEADER > 4096)
		return false;
	vnet_decode(&p->h, data, VNET_TUNNEL);
	p->features.guest = row_features(-1) & ~(uint32_t)get_le16(data + 24);
	p->features.kernel = data[26] & 1 ? row_features(-1) : 0;
	in->vnet_size = sizes[(data[26] >> 1) % sizeof(sizes)];
	p->len = size - INPUT_HEADER + get_le16(data + 28);
	memset(p->frame, 0x5a, sizeof(p->frame));
	memcpy(p->frame, data + INPUT_HEADER, size - INPUT_HEADER);
	return true;
}

/* The other way: a row's packet, its headers written down. */
static inline size_t input_write(const struct row_packet *p, uint8_t *data)
{
	size_t written = p->len < 320 ? p->len : 320;

	memset(data, 0, INPUT_HEADER);
	vnet_encode(&p->h, data, VNET_TUNNEL);
	put_le16(data + 24, (uint16_t)(row_features(-1) & ~p->features.guest));
	put_le16(data + 28, (uint16_t)(p->len - written));
	memcpy(data + INPUT_HEADER, p->frame, written);
	return INPUT_HEADER + written;
}

#endif /* SEGMENT_INPUT_H */
