/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vhost.h - a frontend and driver for vhost-net (Linux drivers/vhost/net.c)
 *
 * Acts as QEMU and as the guest's driver: memory, one pair of rings, the tap.  Packets
 * are the same bytes as with write(2) and read(2) on the tap: a vnet header and a frame.
 */
#ifndef TAPCOMPAT_KERNEL_VHOST_H
#define TAPCOMPAT_KERNEL_VHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tapcompat.h>

#include "ring/vring.h"

#define VHOST_NODE "/dev/vhost-net"

/* Size of a buffer: vnet header and frame. */
#define VHOST_BUFFER 8192

enum vhost_ring { VHOST_RX, VHOST_TX, VHOST_RINGS };

struct vhost_queue {
	struct vring_driver ring;
	int kick, call;
	uint64_t memory;	/* offset of the ring's memory */
	uint64_t buffers;	/* offset of its VRING_SIZE buffers */
	uint16_t slot;		/* next one to send from */
};

struct vhost {
	int fd;
	int tap;
	uint8_t *memory;
	uint64_t base;		/* address of the memory, as the device sees it */
	struct tapcompat_mask features;
	unsigned int header;	/* size of the vnet header */
	uint32_t room;		/* bytes of a receive buffer to use */
	unsigned int most_buffers;	/* filled by one received packet */
	struct vhost_queue queue[VHOST_RINGS];
};

/**
 * vhost_open() - open the node and set its owner
 * Return: a descriptor or a negative errno
 */
int vhost_open(void);

/**
 * vhost_features() - the features it offers (VHOST_GET_FEATURES)
 * @array: set to whether it has VHOST_GET_FEATURES_ARRAY, for more than 64 bits
 * Return: 0; -EPERM and the like if the array could not be read;
 *	then @features holds the first 64 bits
 */
int vhost_features(int fd, struct tapcompat_mask *features, bool *array);

/**
 * vhost_backend_features() - VHOST_GET_BACKEND_FEATURES
 */
int vhost_backend_features(int fd, uint64_t *features);

/**
 * vhost_start() - start a device on a tap
 * @tap: descriptor of a tap, whose vnet header has @header bytes
 * @features: as the driver negotiated them
 * @room: bytes of a receive buffer to use, at most VHOST_BUFFER
 * Return: 0 or a negative errno; nothing remains open on failure
 */
int vhost_start(struct vhost *v, int tap, const struct tapcompat_mask *features,
		unsigned int header, uint32_t room);
void vhost_stop(struct vhost *v);

/**
 * vhost_ring_reset() - stop and restart one ring while the other keeps running
 */
int vhost_ring_reset(struct vhost *v, enum vhost_ring ring);

/**
 * vhost_publish() - make a packet available, without a kick
 * @packet: @len bytes, at most VHOST_BUFFER
 * Return: whether the device wants a kick
 */
bool vhost_publish(struct vhost *v, const uint8_t *packet, size_t len);

/**
 * vhost_kick() - notify the device of available buffers
 */
void vhost_kick(struct vhost *v, enum vhost_ring ring);

/**
 * vhost_send() - publish, kick and wait
 * Return: 0 or -ETIMEDOUT
 */
int vhost_send(struct vhost *v, const uint8_t *packet, size_t len);

/**
 * vhost_receive() - the next packet
 * @packet: room for @size bytes
 * Return: its length, -ETIMEDOUT, or -EPROTO if the ring is inconsistent
 */
int vhost_receive(struct vhost *v, uint8_t *packet, size_t size, int timeout_ms);

/**
 * vhost_called() - did the device interrupt since the last call?
 */
bool vhost_called(struct vhost *v, enum vhost_ring ring, int timeout_ms);

#endif /* TAPCOMPAT_KERNEL_VHOST_H */
