// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * attach.c - start a device's rings on a tap, and stop them
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "packet/vnet.h"

static bool has(const struct device *d, unsigned int bit)
{
	return tapcompat_mask_test(&d->features, bit);
}

/*
 * The guest sees the tap's vnet header; if the tap has none, the device adds one
 * (VHOST_NET_F_VIRTIO_NET_HDR).
 */
static unsigned int guest_header(const struct device *d, const struct device_port *port)
{
	if (!has(d, VHOST_NET_F_VIRTIO_NET_HDR))
		return port->header;
	return has(d, VIRTIO_NET_F_MRG_RXBUF) || has(d, VIRTIO_F_VERSION_1) ?
		VNET_MERGEABLE : VNET_LEGACY;
}

static bool headers_hold(unsigned int guest, unsigned int port)
{
	return guest >= VNET_LEGACY && guest <= VNET_TUNNEL && (!port || port == guest);
}

static struct transmit_port transmit_port(const struct device *d)
{
	bool added = has(d, VHOST_NET_F_VIRTIO_NET_HDR);

	return (struct transmit_port){
		.features = { d->port.features.guest, added ? 0 : d->port.features.kernel },
		.guest_header = guest_header(d, &d->port),
		.port_header = added ? 0 : d->port.header,
	};
}

/* The device's own two halves. */
static int open_halves(struct device *d, const struct transmit_port *tx)
{
	struct receive_port rx = {
		tx->guest_header, tx->port_header, has(d, VIRTIO_NET_F_MRG_RXBUF), d->port.offload,
	};
	int ret = transmit_open(&d->transmit, d->port.fd, tx, &d->port.stat->way[STAT_TRANSMIT],
				d->port.uring);

	if (!ret && d->port.forced && d->port.uring && !d->transmit.batch.uring) {
		transmit_close(&d->transmit);
		return -ENOSYS;
	}
	if (ret)
		return ret;
	ret = receive_open(&d->receive, d->port.fd, &rx, &d->port.stat->way[STAT_RECEIVE],
			   d->port.uring);
	if (ret)
		transmit_close(&d->transmit);
	else
		d->port.stat->engine = d->transmit.batch.uring ? STAT_IO_URING : STAT_CALL_EACH;
	return ret;
}

static int open_engine(struct device *d)
{
	struct transmit_port tx = transmit_port(d);
	int ret;

	if (!headers_hold(tx.guest_header, tx.port_header))
		return -EINVAL;
	if (!d->port.vhost)
		return open_halves(d, &tx);
	ret = split_open(d, &tx);
	if (!ret)
		d->port.stat->engine = STAT_VHOST;
	else if (!d->port.forced)
		ret = open_halves(d, &tx);
	return ret;
}

static void close_engine(struct device *d)
{
	if (d->split.on) {
		split_close(d);
		return;
	}
	transmit_close(&d->transmit);
	receive_close(&d->receive);
}

static void close_port(struct device *d)
{
	close_engine(d);
	close(d->port.fd);
	d->port.stat->running = 0;
	d->attached = false;
}

/* The first ring that is attached sets the tap; the other must use the same one. */
static int open_port(struct device *d, const struct device_port *port)
{
	int fd, ret;

	if (d->attached)
		return d->port.tap == port->tap ? 0 : -EBUSY;
	fd = fcntl(port->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	d->port = *port;
	d->port.fd = fd;
	d->gone = false;
	ret = open_engine(d);
	if (ret) {
		close(fd);
		return ret;
	}
	d->attached = true;
	d->port.stat->running = 1;
	return 0;
}

static bool is_idle(const struct device *d)
{
	return !d->queue[DEVICE_RX].running && !d->queue[DEVICE_TX].running;
}

static int start_ring(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];
	enum vqueue_fault fault;

	q->config.direction = ring == DEVICE_RX ? VQUEUE_WRITES : VQUEUE_READS;
	q->config.event_idx = has(d, VIRTIO_RING_F_EVENT_IDX);
	q->config.indirect = has(d, VIRTIO_RING_F_INDIRECT_DESC);
	q->config.on_empty = has(d, VIRTIO_F_NOTIFY_ON_EMPTY);
	if (has(d, VHOST_F_LOG_ALL) && d->dirty.bits && d->dirty.size < memory_log_size(&d->memory))
		return -EINVAL;
	fault = vqueue_start(&q->q, &q->config, &d->memory);
	queue_stat(d, ring)->fault = fault;
	if (fault)
		return fault == VQUEUE_BAD_RINGS ? -EFAULT : -EINVAL;
	if (ring == DEVICE_RX)
		d->receive.starved = false;
	q->running = true;
	return 0;
}

static int start_queue(struct device *d, enum device_ring ring)
{
	int ret = start_ring(d, ring);

	if (ret || !d->split.on)
		return ret;
	ret = split_start(d, ring);
	return ret ? attach_without_vhost(d, ret) : 0;
}

/* Note where a ring is to continue. */
static void pause_queue(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];

	if (d->split.on)
		split_stop(d, ring);
	else if (ring == DEVICE_TX)
		device_give_up(d);
	q->config.base = q->q.last_avail;
}

static void stop_queue(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];

	if (!q->running)
		return;
	pause_queue(d, ring);
	q->running = false;
	if (is_idle(d))
		close_port(d);
}

/* No engine moves their frames. */
static void fail_rings(struct device *d)
{
	unsigned int i;

	for (i = 0; i < DEVICE_RINGS; i++)
		if (d->queue[i].running) {
			queue_break(d, (enum device_ring)i);
			d->queue[i].running = false;
		}
	close_port(d);
}

int attach_without_vhost(struct device *d, int reason)
{
	struct transmit_port tx = transmit_port(d);
	int ret = d->port.forced ? reason : 0;
	unsigned int i;

	d->split.refused = strerror(-reason);
	for (i = 0; i < DEVICE_RINGS; i++)
		if (d->queue[i].running)
			pause_queue(d, (enum device_ring)i);
	split_close(d);
	if (!ret)
		ret = open_halves(d, &tx);
	for (i = 0; !ret && i < DEVICE_RINGS; i++)
		if (d->queue[i].running)
			ret = start_ring(d, (enum device_ring)i);
	if (ret)
		fail_rings(d);
	return ret;
}

int device_attach(struct device *d, unsigned int ring, const struct device_port *port)
{
	int ret;

	if (ring >= DEVICE_RINGS)
		return -ENOBUFS;
	device_lock(d);
	stop_queue(d, (enum device_ring)ring);
	ret = open_port(d, port);
	if (!ret)
		ret = start_queue(d, (enum device_ring)ring);
	if (ret) {
		stop_queue(d, (enum device_ring)ring);
		if (d->attached && is_idle(d))
			close_port(d);
	}
	device_unlock(d);
	worker_wake(d);
	return ret;
}

int device_detach(struct device *d, unsigned int ring)
{
	if (ring >= DEVICE_RINGS)
		return -ENOBUFS;
	device_lock(d);
	stop_queue(d, (enum device_ring)ring);
	device_unlock(d);
	worker_wake(d);
	return 0;
}
