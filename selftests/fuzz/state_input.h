/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_input.h - a small state with bytes of the guest's in it
 *
 * An input that begins with STATE_CARD is a card's section; one that begins with
 * STATE_GUEST has what the guest has in a page of RAM and in a device's buffer; any
 * other one is a state.
 */
#ifndef STATE_INPUT_H
#define STATE_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"

#define STATE_CARD 'C'
#define STATE_GUEST 'G'
#define STATE_PAGE 4096
#define STATE_ROOM (4 * STATE_PAGE)
#define STATE_ACKED 0x30010bb3u
#define STATE_CARD_ACKED (4 + 256 + 16 + 1 + 3)
#define STATE_CARD_LEN (STATE_CARD_ACKED + 4 + 4 + 8 + 4 + 3 * 14 + 6 + 16 + 512 + 11)

struct state_input {
	uint8_t data[STATE_ROOM];
	size_t len;
};

static inline void input_add(struct state_input *in, const void *data, size_t len)
{
	if (in->len + len <= sizeof(in->data))
		memcpy(in->data + in->len, data, len);
	in->len += len;
}

static inline void input_be(struct state_input *in, uint64_t v, unsigned int len)
{
	while (len--) {
		uint8_t byte = (uint8_t)(v >> 8 * len);

		input_add(in, &byte, 1);
	}
}

static inline void input_head(struct state_input *in, unsigned int type, uint32_t id,
			      const char *name, uint32_t version)
{
	input_be(in, type, 1);
	input_be(in, id, 4);
	input_be(in, strlen(name), 1);
	input_add(in, name, strlen(name));
	input_be(in, 0, 4);
	input_be(in, version, 4);
}

static inline void input_footer(struct state_input *in, uint32_t id)
{
	input_be(in, 0x7e, 1);
	input_be(in, id, 4);
}

/* The own bytes of a card without MSI-X and without virtio 1. */
static inline void input_card(struct state_input *in)
{
	static const uint8_t nothing[512];
	size_t start = in->len;
	unsigned int i;

	input_be(in, 2, 4);
	input_add(in, nothing, 256 + 16);
	input_be(in, 7, 1);
	input_add(in, nothing, 3);
	input_be(in, STATE_ACKED, 4);
	input_be(in, 8, 4);
	input_add(in, nothing, 8);
	input_be(in, 3, 4);
	for (i = 0; i < 3; i++) {
		input_be(in, 256, 4);
		input_add(in, nothing, 10);
	}
	input_add(in, "\x52\x54\0\1\2\3", 6);
	input_add(in, nothing, 12 + 4);
	input_add(in, nothing, 512);
	input_add(in, nothing, 4 + 6 + 1);
	if (in->len - start != STATE_CARD_LEN)
		abort();
}

/* A page of RAM and the buffer of another device have the guest's @len bytes. */
static inline void input_state(struct state_input *in, const uint8_t *guest, size_t len)
{
	uint8_t page[STATE_PAGE] = { 0 };

	memcpy(page, guest, len < sizeof(page) ? len : sizeof(page));
	in->len = 0;
	input_add(in, "QEVM\0\0\0\3\7\0\0\0\2pc", 15);
	input_head(in, 1, 2, "ram", 4);
	input_be(in, STATE_PAGE | 4, 8);
	input_add(in, "\2pc", 3);
	input_be(in, STATE_PAGE, 8);
	input_be(in, 8, 8);
	input_add(in, "\2pc", 3);
	input_add(in, page, sizeof(page));
	input_be(in, 0x10, 8);
	input_footer(in, 2);
	input_add(in, "\3\0\0\0\2", 5);
	input_be(in, 0x10, 8);
	input_footer(in, 2);
	input_head(in, 4, 3, "0000:00:03.0/e1000", 2);
	input_add(in, page, sizeof(page));
	input_footer(in, 3);
	input_head(in, 4, 4, "0000:00:04.0/virtio-net", 11);
	input_card(in);
	input_footer(in, 4);
	input_add(in, "\0\6\0\0\0\2{}", 8);
}

#endif /* STATE_INPUT_H */
