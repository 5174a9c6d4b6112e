/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.h - the driver's half: memory and two rings, kept as Linux guests keep them
 *
 * Each descriptor of a ring is the head of one chain, described once; indirect tables
 * where a chain has several pieces.  Chains are published in the order of their heads and
 * come back in it, so publishing is an index and collecting is another.
 */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <linux/virtio_ring.h>

#define GUEST_BASE 0x40000000u		/* guest address of the memory */
#define GUEST_RING_MAX 1024

enum guest_way { GUEST_RX, GUEST_TX, GUEST_WAYS };

struct guest_queue {
	uint16_t size;
	uint16_t published;
	uint16_t event;		/* the used index whose chain has an interrupt */
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct vring_desc *table[GUEST_RING_MAX];	/* indirect ones, by head */
	int kick, call;		/* eventfds */
};

struct guest {
	uint8_t *memory;	/* mapped and touched */
	size_t size, taken;
	struct guest_queue queue[GUEST_WAYS];
};

/**
 * guest_open() - allocate memory and rings; exits without memory
 * @tx, @rx: descriptors, a power of two
 */
void guest_open(struct guest *g, size_t size, uint16_t tx, uint16_t rx);

/**
 * guest_take() - a piece of its memory, aligned to 64
 */
void *guest_take(struct guest *g, size_t size);

/**
 * guest_chain() - describe a chain
 * @head: the number of its descriptor; described again, it has as many pieces as before
 * @flags: VRING_DESC_F_WRITE or 0
 */
void guest_chain(struct guest *g, enum guest_way way, uint16_t head, const struct iovec *pieces,
		 uint16_t count, uint16_t flags);

/**
 * guest_publish() - make the next @count chains available
 *
 * And ask for an interrupt when most of what waits is used, as Linux does; with a count of 0,
 * when all is.
 *
 * Return: whether the device wants a kick
 */
bool guest_publish(struct guest *g, enum guest_way way, uint16_t count);

/**
 * guest_late() - what guest_publish() asked an interrupt for has come already
 *
 * Then there will be none.
 */
bool guest_late(const struct guest *g, enum guest_way way);

/**
 * guest_waiting() - number of chains not returned yet
 */
uint16_t guest_waiting(const struct guest *g, enum guest_way way);

#endif /* BENCH_GUEST_H */
