// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * queue.c - one ring of a device: publish, log and announce what was used
 */
#include "device.h"

#include <sys/eventfd.h>

#include <linux/vhost.h>

const struct dirty *device_dirty(const struct device *d)
{
	static const struct dirty none;

	return tapcompat_mask_test(&d->features, VHOST_F_LOG_ALL) ? &d->dirty : &none;
}

struct stat_direction *queue_stat(struct device *d, enum device_ring ring)
{
	return &d->port.stat->way[ring == DEVICE_RX ? STAT_RECEIVE : STAT_TRANSMIT];
}

/* Mark the whole used ring, which is a page or two, as written. */
static void queue_log(struct device *d, const struct device_queue *q)
{
	if (q->log)
		dirty_mark(device_dirty(d), q->log_guest,
			   sizeof(struct vring_used_elem) * (uint64_t)q->config.size + 6);
}

void queue_publish(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];

	if (!q->q.staged)
		return;
	vqueue_publish(&q->q);
	queue_log(d, q);
	if (!vqueue_notify_needed(&q->q))
		return;
	stat_count(&queue_stat(d, ring)->count[STAT_CALLS], 1);
	if (q->call >= 0)
		eventfd_write(q->call, 1);
}

void queue_break(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];

	queue_stat(d, ring)->fault = q->q.fault;
	if (q->err >= 0)
		eventfd_write(q->err, 1);
}

bool queue_enable_notify(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];
	bool late = vqueue_enable_notify(&q->q);

	queue_log(d, q);
	return late;
}

void queue_disable_notify(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];

	vqueue_disable_notify(&q->q);
	queue_log(d, q);
}
