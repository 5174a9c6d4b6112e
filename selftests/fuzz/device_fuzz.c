// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_fuzz.c - whatever a guest sends, and whatever a tap gives, through the whole of
 * transmission and reception: no byte out of range, nothing lost or finished twice, and
 * nobody gets more than he could ask for
 *
 *	 0 what to try, and how: DEVICE_*; 1 length of the first pieces
 *	 2 what the guest has negotiated, what the kernel has
 *	 4 a vnet header of VNET_TUNNEL bytes, then the frame
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "device/receive.h"
#include "device/transmit.h"
#include "ground/bytes.h"
#include "port_fixture.h"
#include "ring/vring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEVICE_RECEIVES 1
#define DEVICE_NARROW 2		/* the tap has little room */
#define DEVICE_MERGEABLE 4
#define DEVICE_PLAIN 8		/* the tap has no vnet header */

#define HEAD 4
#define PACKETS 3
#define ROOM 200000
#define USER 0x10000u

struct bench {
	struct port port;
	struct stat_direction stat;
	uint8_t options, piece;
	uint8_t *packet;	/* as long as the input: a sanitizer sees the byte behind */
	size_t len;
	struct iovec iov[TRANSMIT_PIECES];
	uint8_t frame[ROOM];
};

static void broken(const char *what)
{
	fprintf(stderr, "device: %s\n", what);
	abort();
}

static size_t cut(struct bench *b)
{
	size_t at = 0, n = 0;

	while (at < b->len) {
		size_t left = b->len - at;
		size_t piece = n < 40 && left > b->piece ? b->piece : left;

		b->iov[n++] = (struct iovec){ b->packet + at, piece };
		at += piece;
	}
	return n;
}

/* What came out.  Return: bytes */
static size_t collect(struct bench *b)
{
	size_t sum = 0;
	ssize_t n;

	while ((n = read(b->port.far, b->frame, sizeof(b->frame))) > 0)
		sum += (size_t)n;
	return sum;
}

static void transmit(struct bench *b, const uint8_t *data)
{
	struct transmit_port port = {
		.features = { data[2] * 0x101u, data[3] * 0x101u },
		.guest_header = VNET_TUNNEL,
		.port_header = b->options & DEVICE_PLAIN ? 0 : VNET_TUNNEL,
	};
	struct transmit t;
	uint16_t tag = 0, finished = 0;
	size_t out = 0;
	unsigned int i;

	if (!port.port_header)
		port.features.kernel = 0;
	if (transmit_open(&t, b->port.near, &port, &b->stat, false))
		abort();
	while (finished < PACKETS) {
		bool room = transmit_idle(&t) || (transmit_flush(&t) && transmit_go(&t));

		while (room && tag < PACKETS) {
			transmit_take(&t, b->iov, cut(b), tag++);
			room = transmit_go(&t);
		}
		if (room)
			transmit_flush(&t);
		for (i = 0; i < t.finished_count; i++)
			if (t.finished[i] != finished++)
				broken("finished out of order");
		t.finished_count = 0;
		out += collect(b);
	}
	if (!transmit_idle(&t))
		broken("something is left");
	/* Headers of as many bytes again, and of SEGMENT_HEADERS_FREE segments on top. */
	if (out > (size_t)PACKETS * (2 * b->len + SEGMENT_HEADERS_FREE * (size_t)SEGMENT_WRITE_MAX))
		broken("more came out than may");
	transmit_close(&t);
}

/* A ring of buffers of one size; the frame comes several times. */
static void receive(struct bench *b, const uint8_t *data)
{
	struct vqueue_config config = {
		.size = VRING_SIZE, .desc = USER, .avail = USER + VRING_AVAIL,
		.used = USER + VRING_USED, .direction = VQUEUE_WRITES,
	};
	uint32_t offload = get_le16(data + 2), len, size = 1 + b->piece * 16u, i;
	uint8_t *rings = NULL, *buffers = malloc((size_t)VRING_SIZE * size);
	struct receive_port port = {
		.guest_header = VNET_TUNNEL, .mergeable = b->options & DEVICE_MERGEABLE,
		.port_header = b->options & DEVICE_PLAIN ? 0 : VNET_TUNNEL, .offload = &offload,
	};
	struct receive *r = calloc(1, sizeof(*r));
	static const struct dirty none;
	struct vring_driver driver;
	struct memory memory = { 0 };
	struct vqueue q;

	if (posix_memalign((void **)&rings, 4096, VRING_BYTES))
		abort();
	vring_reset(&driver, rings);
	for (i = 0; i < VRING_SIZE; i++) {
		vring_describe(&driver.desc[i], 0x100000 + i * size, size, VRING_DESC_F_WRITE, 0);
		vring_publish(&driver, (uint16_t)i, false);
	}
	if (memory_set(&memory, (const struct memory_region[]){
			{ 0, USER, VRING_BYTES, rings },
			{ 0x100000, USER + 0x100000, VRING_SIZE * size, buffers } }, 2) ||
	    vqueue_start(&q, &config, &memory) ||
	    receive_open(r, b->port.near, &port, &b->stat, false))
		abort();
	for (i = 0; i < PACKETS; i++)
		if (write(b->port.far, b->packet, b->len) < 0)
			break;
	for (i = 0; i < 20; i++) {
		vqueue_turn(&q);
		if (!receive_go(r, &q, &none))
			break;
		vqueue_publish(&q);
	}
	if (i == 20)
		broken("no end to it");
	if (q.fault)
		broken("a good ring broke");
	vqueue_publish(&q);
	while (vring_collect(&driver, &len) >= 0)
		if (len > size)
			broken("more than a buffer has room for");
	receive_close(r);
	free(r);
	free(rings);
	free(buffers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bench b;

	if (size < HEAD)
		return 0;
	memset(&b.stat, 0, sizeof(b.stat));
	b.options = data[0];
	b.piece = data[1] ? data[1] : 1;
	b.len = size - HEAD;
	b.packet = malloc(b.len);
	if (b.len)
		memcpy(b.packet, data + HEAD, b.len);
	if (!port_open(&b.port, b.options & DEVICE_NARROW ? 4096 : 1 << 20))
		abort();
	if (b.options & DEVICE_RECEIVES)
		receive(&b, data);
	else
		transmit(&b, data);
	port_close(&b.port);
	free(b.packet);
	return 0;
}
