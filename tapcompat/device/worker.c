// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * worker.c - the thread that moves a device's packets
 */
#include "device.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ground/bytes.h"

/* Enough for what runs here, which allocates nothing. */
#define STACK_BYTES (256u << 10)

/* What a sleeping worker looks at. */
enum watched { WATCH_WAKE, WATCH_TAP, WATCH_RING, WATCHED = WATCH_RING + DEVICE_RINGS };

static struct stat_direction *stat_of(struct device *d, enum device_ring ring)
{
	return &d->port.stat->way[ring == DEVICE_RX ? STAT_RECEIVE : STAT_TRANSMIT];
}

/* The used ring was written to; where in it does not matter, it is a page or two. */
static void log_ring(struct device *d, const struct device_queue *q)
{
	if (q->log)
		dirty_mark(device_dirty(d), q->log_guest,
			   sizeof(struct vring_used_elem) * (uint64_t)q->config.size + 6);
}

static void publish(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];

	if (!q->q.staged)
		return;
	vqueue_publish(&q->q);
	log_ring(d, q);
	if (!vqueue_notify_needed(&q->q))
		return;
	stat_count(&stat_of(d, ring)->count[STAT_CALLS], 1);
	if (q->call >= 0)
		eventfd_write(q->call, 1);
}

void queue_break(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];

	stat_of(d, ring)->fault = q->q.fault;
	if (q->err >= 0)
		eventfd_write(q->err, 1);
}

/* ---- One turn ------------------------------------------------------------ */

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
	publish(d, DEVICE_TX);
}

/* Return: whether the next one may be taken */
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

/* What the tap had no room for comes first. */
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
	publish(d, DEVICE_TX);
	if (q->fault)
		queue_break(d, DEVICE_TX);
	d->gone |= d->transmit.error == -EBADFD;
	/* Chains that are left get no kick of their own; those that wait for the tap get it. */
	return (more || q->last_avail != q->seen) && !q->fault && transmit_idle(&d->transmit);
}

/* A tap that was deleted reads so for ever. */
static bool is_final(int error)
{
	return error == -EBADFD || error == -EBADF || error == -EFAULT || error == -ENODEV;
}

/*
 * As much as a turn of the other ring may be, or it would be starved by it; and published
 * bit by bit, so that the guest is at work meanwhile.
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
		publish(d, DEVICE_RX);
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
		more |= transmit_turn(d);
	if (d->queue[DEVICE_RX].running)
		more |= receive_turn(d);
	return more;
}

/* ---- Between turns ------------------------------------------------------- */

/* Return: whether chains came meanwhile for which there will be no kick */
static bool enable_notify(struct device *d, enum device_ring ring)
{
	struct device_queue *q = &d->queue[ring];
	bool late = vqueue_enable_notify(&q->q);

	log_ring(d, q);
	return late;
}

/* The worker is awake: kicks would tell it nothing. */
static void disable_notify(struct device *d)
{
	unsigned int i;

	for (i = 0; i < DEVICE_RINGS; i++)
		if (d->queue[i].running) {
			vqueue_disable_notify(&d->queue[i].q);
			log_ring(d, &d->queue[i]);
		}
}

static void watch(struct pollfd *p, int fd, short events)
{
	p->fd = events ? fd : -1;
	p->events = events;
	p->revents = 0;
}

/*
 * Everything that can give work, and nothing that cannot: what has no use now would keep
 * the worker awake.
 *
 * Return: whether it may sleep
 */
static bool go_to_sleep(struct device *d, struct pollfd p[WATCHED])
{
	bool tx = d->queue[DEVICE_TX].running && !d->queue[DEVICE_TX].q.fault;
	bool rx = d->queue[DEVICE_RX].running && !d->queue[DEVICE_RX].q.fault && !d->gone;
	bool blocked = tx && !transmit_idle(&d->transmit);
	bool starved = rx && d->receive.starved;
	short tap = 0;

	if (blocked)
		tap |= POLLOUT;
	if (rx && !starved)
		tap |= POLLIN;
	watch(&p[WATCH_WAKE], d->wake, POLLIN);
	watch(&p[WATCH_TAP], d->port.fd, tap);
	watch(&p[WATCH_RING + DEVICE_TX], d->queue[DEVICE_TX].kick, tx ? POLLIN : 0);
	watch(&p[WATCH_RING + DEVICE_RX], d->queue[DEVICE_RX].kick, rx ? POLLIN : 0);
	if (!(tx && !blocked && enable_notify(d, DEVICE_TX)) &&
	    !(starved && enable_notify(d, DEVICE_RX)))
		return true;
	disable_notify(d);
	return false;
}

static void drain(int fd)
{
	eventfd_t value;

	if (fd >= 0)
		eventfd_read(fd, &value);
}

/*
 * By what is in force now: the descriptors that were slept on may be others' meanwhile.  What
 * poll(2) says of the tap is not looked at: a turn finds out, of the right one.
 */
static void wake_up(struct device *d, const struct pollfd p[WATCHED])
{
	unsigned int i;

	if (p[WATCH_WAKE].revents)
		drain(d->wake);
	for (i = 0; i < DEVICE_RINGS; i++)
		if (p[WATCH_RING + i].revents && d->queue[i].running) {
			drain(d->queue[i].kick);
			stat_count(&stat_of(d, (enum device_ring)i)->count[STAT_KICKS], 1);
		}
	disable_notify(d);
}

static void *work(void *arg)
{
	struct pollfd p[WATCHED] = { 0 };
	struct device *d = arg;
	bool awake = false;

	for (;;) {
		device_lock(d);
		if (!awake)
			wake_up(d, p);
		if (d->quit)
			break;
		awake = device_turn(d) || !go_to_sleep(d, p);
		device_unlock(d);
		if (!awake)
			poll(p, WATCHED, -1);
	}
	device_unlock(d);
	return NULL;
}

/* Signals are the process' own affair. */
int worker_start(struct device *d)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int ret;

	if (d->threaded)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	ret = pthread_create(&d->thread, &attr, work, d);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret)
		return -ret;
	pthread_setname_np(d->thread, "tapcompat");
	d->threaded = true;
	return 0;
}

void worker_wake(struct device *d)
{
	eventfd_write(d->wake, 1);
}

void worker_stop(struct device *d)
{
	if (!d->threaded)
		return;
	device_lock(d);
	d->quit = true;
	device_unlock(d);
	worker_wake(d);
	pthread_join(d->thread, NULL);
	d->threaded = false;
}
