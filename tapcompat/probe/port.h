/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * port.h - send and read frames with their vnet headers
 *
 * Through a queue of a tap or macvtap by read(2) and write(2), or through vhost-net's
 * rings on the same queue.
 */
#ifndef TAPCOMPAT_PROBE_PORT_H
#define TAPCOMPAT_PROBE_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/vhost.h"
#include "packet/vnet.h"

struct port {
	int fd;			/* of the tap, or -1 */
	unsigned int header;	/* size of the vnet header */
	struct vhost *vhost;	/* use its rings, or NULL */
};

/**
 * port_set() - set vnet header and offloads, in the safe order
 * @offloads: TUN_F_*
 *
 * A tap with tunnel offload and a small header silently drops tunnel super-packets, so the
 * header is set first.
 *
 * Return: 0 or a negative errno
 */
int port_set(struct port *p, unsigned int header, unsigned int offloads);

/**
 * port_send() - send one frame
 * Return: 0 or a negative errno; -ENOBUFS if it is too long for a ring
 */
int port_send(struct port *p, const struct vnet *h, const uint8_t *frame, size_t len);

/**
 * port_receive() - read the next frame
 * @frame: room for FRAME_MAX bytes
 * Return: its length; -ETIMEDOUT; or another negative errno
 */
int port_receive(struct port *p, struct vnet *h, uint8_t *frame, int timeout_ms);

/**
 * port_poll_fd() - descriptor that becomes readable when a frame arrives
 */
int port_poll_fd(const struct port *p);

/**
 * port_drain() - discard waiting frames
 */
void port_drain(struct port *p);

#endif /* TAPCOMPAT_PROBE_PORT_H */
