// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * turn.c - one turn of a device: packets from the rings to the tap and back
 */
#include "device.h"

#include <errno.h>

#include "ground/bytes.h"

static void give_back(struct device *d)
{
	struct transmit *t = &d->transmit;
	unsigned int i;

	for (i = 0; i < t->finished_count; i++)
		vqueue_push(&d->queue[DEVICE_TX].q, t->finished[i], 0);
	t->finished_count = 0;
}

void device_give_up(struct device *d)
{
	transmit_abandon(&d->transmit);
	give_back(d);
	queue_publish(d, DEVICE_TX);
}

/* Return: whether the next chain may be taken */
static bool transmit_chain(struct device *d, struct vqueue *q, bool *more)
{
	struct vqueue_chain c = { .iov = d->iov, .room = ARRAY_LENGTH(d->iov) };
	bool room;

	switch (vqueue_pop(q, &c)) {
	case VQUEUE_TAKEN:
		transmit_take(&d->transmit, d->iov, c.readable, c.head);
		break;
	case VQUEUE_UNUSABLE:
		transmit_skip(&d->transmit, c.head);
		break;
	case VQUEUE_SPENT:
		*more = true;
		return false;
	default:
		return false;
	}
	room = transmit_go(&d->transmit);
	give_back(d);
	return room;
}

/* First send what the tap had no room for. */
static bool transmit_rest(struct device *d)
{
	struct transmit *t = &d->transmit;
	bool room = transmit_idle(t) || (transmit_flush(t) && transmit_go(t));

	give_back(d);
	return room;
}

static bool transmit_turn(struct device *d)
{
	struct vqueue *q = &d->queue[DEVICE_TX].q;
	bool more = false;

	if (q->fault)
		return false;
	if (transmit_rest(d)) {
		vqueue_turn(q);
		while (transmit_chain(d, q, &more))
			;
		transmit_flush(&d->transmit);
		give_back(d);
	}
	queue_publish(d, DEVICE_TX);
	if (q->fault)
		queue_break(d, DEVICE_TX);
	d->gone |= d->transmit.error == -EBADFD;
	/* There is no kick for chains that are left; those that wait for the tap get POLLOUT. */
	return (more || q->last_avail != q->seen) && !q->fault && transmit_idle(&d->transmit);
}

/* Errors of a tap that was deleted: every further read returns them. */
static bool is_final(int error)
{
	return error == -EBADFD || error == -EBADF || error == -EFAULT || error == -ENODEV;
}

/*
 * Receive as much as a turn of the other ring may send, or that ring would starve this one;
 * publish after each batch, so that the guest works in parallel.
 */
static bool receive_turn(struct device *d)
{
	struct vqueue *q = &d->queue[DEVICE_RX].q;
	bool more = true;

	if (q->fault || d->gone)
		return false;
	vqueue_turn(q);
	while (more && !q->fault && !vqueue_spent(q)) {
		more = receive_go(&d->receive, q, device_dirty(d));
		queue_publish(d, DEVICE_RX);
	}
	d->gone |= is_final(d->receive.error);
	if (q->fault)
		queue_break(d, DEVICE_RX);
	return more && !q->fault;
}

bool device_turn(struct device *d)
{
	bool more = false;

	if (d->queue[DEVICE_TX].running)
		more |= d->split.on ? split_turn(d) : transmit_turn(d);
	if (d->queue[DEVICE_RX].running && !d->split.on)
		more |= receive_turn(d);
	return more;
}
