/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vring.h - the driver's half of a split ring (virtio 1.3, section 2.7)
 *
 * Descriptors are published, and the device returns them.  The caller owns the memory;
 * addresses in descriptors are those that the device knows (guest-physical or I/O
 * virtual), and the ring's fields are little-endian.
 */
#ifndef TAPCOMPAT_RING_VRING_H
#define TAPCOMPAT_RING_VRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/virtio_ring.h>

#define VRING_SIZE 64		/* descriptors */
#define VRING_BYTES 8192	/* enough for all three parts of one ring */
#define VRING_AVAIL 2048	/* where the parts start */
#define VRING_USED 4096

struct vring_driver {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t published;	/* next index of the available ring */
	uint16_t collected;	/* next index of the used ring */
};

/**
 * vring_reset() - initialize an empty ring
 * @memory: VRING_BYTES, aligned to 4096
 */
void vring_reset(struct vring_driver *r, void *memory);

/**
 * vring_describe() - fill in a descriptor
 * @address: as the device sees it
 * @flags: VRING_DESC_F_*
 */
void vring_describe(struct vring_desc *d, uint64_t address, uint32_t len, uint16_t flags,
		    uint16_t next);

/**
 * vring_publish() - make a chain available
 * @head: its first descriptor
 * Return: whether the device wants a kick
 * @event_idx: VIRTIO_RING_F_EVENT_IDX was negotiated
 */
bool vring_publish(struct vring_driver *r, uint16_t head, bool event_idx);

/**
 * vring_collect() - take the next used chain
 * @len: bytes written by the device
 * Return: its head, or -1 if there is none
 */
int vring_collect(struct vring_driver *r, uint32_t *len);

/**
 * vring_used_index() - the number of chains returned by the device, mod 65536
 */
uint16_t vring_used_index(const struct vring_driver *r);

/**
 * vring_used_id() - the head in one entry of the used ring
 */
uint32_t vring_used_id(const struct vring_driver *r, uint16_t index);

/**
 * vring_request_interrupt() - request an interrupt after @ahead more used chains
 */
void vring_request_interrupt(struct vring_driver *r, uint16_t ahead);

#endif /* TAPCOMPAT_RING_VRING_H */
