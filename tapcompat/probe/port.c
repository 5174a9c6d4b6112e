// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * port.c - send and read frames
 */
#include "port.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kernel/tap.h"
#include "packet/flow.h"

int port_set(struct port *p, unsigned int header, unsigned int offloads)
{
	int ret = 0;

	if (p->header != header)
		ret = tap_header(p->fd, header);
	if (ret)
		return ret;
	p->header = header;
	return tap_offload(p->fd, offloads);
}

static int port_send_rings(struct port *p, const uint8_t *header, const uint8_t *frame,
			   size_t len)
{
	uint8_t packet[VHOST_BUFFER];

	if (len > sizeof(packet) - p->header)
		return -ENOBUFS;
	memcpy(packet, header, p->header);
	memcpy(packet + p->header, frame, len);
	return vhost_send(p->vhost, packet, p->header + len);
}

int port_send(struct port *p, const struct vnet *h, const uint8_t *frame, size_t len)
{
	uint8_t header[VNET_TUNNEL];
	struct iovec iov[2] = {
		{ header, p->header }, { (void *)frame, len },
	};

	vnet_encode(h, header, p->header);
	if (p->vhost)
		return port_send_rings(p, header, frame, len);
	return writev(p->fd, iov, 2) < 0 ? -errno : 0;
}

static int port_receive_rings(struct port *p, struct vnet *h, uint8_t *frame, int timeout_ms)
{
	uint8_t packet[VNET_TUNNEL + FRAME_MAX];
	int n = vhost_receive(p->vhost, packet, sizeof(packet), timeout_ms);

	if (n < 0)
		return n;
	if (n < (int)p->header)
		return -EPROTO;
	vnet_decode(h, packet, p->header);
	memcpy(frame, packet + p->header, (size_t)n - p->header);
	return n - (int)p->header;
}

int port_receive(struct port *p, struct vnet *h, uint8_t *frame, int timeout_ms)
{
	struct pollfd poller = { .fd = p->fd, .events = POLLIN };
	uint8_t header[VNET_TUNNEL];
	struct iovec iov[2] = { { header, p->header }, { frame, FRAME_MAX } };
	ssize_t n;

	if (p->vhost)
		return port_receive_rings(p, h, frame, timeout_ms);
	n = readv(p->fd, iov, 2);
	if (n < 0 && errno == EAGAIN) {
		if (poll(&poller, 1, timeout_ms) == 0)
			return -ETIMEDOUT;
		n = readv(p->fd, iov, 2);
	}
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (n < (ssize_t)p->header)
		return -EPROTO;
	vnet_decode(h, header, p->header);
	return (int)(n - (ssize_t)p->header);
}

int port_poll_fd(const struct port *p)
{
	return p->vhost ? p->vhost->queue[VHOST_RX].call : p->fd;
}

void port_drain(struct port *p)
{
	static uint8_t frame[FRAME_MAX];
	struct vnet h;

	while (port_receive(p, &h, frame, 0) >= 0)
		;
}
