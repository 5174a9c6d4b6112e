// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * worker.c - the thread that moves a device's packets, and the lock that it shares with callers
 * that change the device
 */
#include "device.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ground/bytes.h"

/* Enough, as nothing here allocates large buffers on the stack. */
#define STACK_BYTES (256u << 10)

/* What a sleeping worker polls. */
enum watched { WATCH_WAKE, WATCH_TAP, WATCH_SPLIT, WATCH_RING };
#define WATCHED (WATCH_RING + DEVICE_RINGS)

/* A caller that waits for the lock holds the gate, so the thread cannot take it again first. */
void device_lock(struct device *d)
{
	pthread_mutex_lock(&d->gate);
	pthread_mutex_lock(&d->lock);
	pthread_mutex_unlock(&d->gate);
}

void device_unlock(struct device *d)
{
	pthread_mutex_unlock(&d->lock);
}

/* A ring that this thread serves. */
static bool is_served(const struct device *d, unsigned int ring)
{
	return d->queue[ring].running && (ring == DEVICE_TX || !d->split.on);
}

/* The worker is awake and needs no kicks. */
static void disable_notify(struct device *d)
{
	unsigned int i;

	for (i = 0; i < DEVICE_RINGS; i++)
		if (is_served(d, i))
			queue_disable_notify(d, (enum device_ring)i);
	if (d->split.on && d->queue[DEVICE_TX].running)
		split_disable_call(d);
}

static void watch(struct pollfd *p, int fd, short events)
{
	p->fd = events ? fd : -1;
	p->events = events;
	p->revents = 0;
}

/*
 * Poll what can give work and nothing else: a descriptor that is ready and of no use now would
 * keep the worker awake.
 *
 * Return: whether it may sleep
 */
static bool go_to_sleep(struct device *d, struct pollfd p[WATCHED])
{
	bool tx = is_served(d, DEVICE_TX) && !d->queue[DEVICE_TX].q.fault;
	bool rx = is_served(d, DEVICE_RX) && !d->queue[DEVICE_RX].q.fault && !d->gone;
	bool split = tx && d->split.on;
	bool blocked = tx && (split ? split_blocked(&d->split) : !transmit_idle(&d->transmit));
	bool starved = rx && d->receive.starved;
	short tap = 0;

	if (blocked && !split)
		tap |= POLLOUT;
	if (rx && !starved)
		tap |= POLLIN;
	watch(&p[WATCH_WAKE], d->wake, POLLIN);
	watch(&p[WATCH_TAP], d->port.fd, tap);
	watch(&p[WATCH_SPLIT], d->split.call, split ? POLLIN : 0);
	watch(&p[WATCH_RING + DEVICE_TX], d->queue[DEVICE_TX].kick, tx ? POLLIN : 0);
	watch(&p[WATCH_RING + DEVICE_RX], d->queue[DEVICE_RX].kick, rx ? POLLIN : 0);
	if (!(tx && !blocked && queue_enable_notify(d, DEVICE_TX)) &&
	    !(split && split_enable_call(d)) &&
	    !(starved && queue_enable_notify(d, DEVICE_RX)))
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
 * Use the descriptors that are set now: those that were polled may have been replaced.  The
 * result for the tap is ignored, as the next turn reads from the tap that is set now.
 */
static void wake_up(struct device *d, const struct pollfd p[WATCHED])
{
	unsigned int i;

	if (p[WATCH_WAKE].revents)
		drain(d->wake);
	if (p[WATCH_SPLIT].revents)
		drain(d->split.call);
	for (i = 0; i < DEVICE_RINGS; i++)
		if (p[WATCH_RING + i].revents && is_served(d, i)) {
			drain(d->queue[i].kick);
			stat_count(&queue_stat(d, (enum device_ring)i)->count[STAT_KICKS], 1);
		}
	disable_notify(d);
}

static void *work(void *arg)
{
	struct pollfd p[WATCHED] = { 0 };
	struct device *d = arg;
	bool awake = false;

	/* Only while it sleeps, without the lock: see worker_stop(). */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	for (;;) {
		device_lock(d);
		if (!awake)
			wake_up(d, p);
		if (d->quit)
			break;
		awake = device_turn(d) || !go_to_sleep(d, p);
		device_unlock(d);
		if (!awake) {
			pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
			poll(p, WATCHED, -1);
			pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
		}
	}
	device_unlock(d);
	return NULL;
}

/* The thread blocks all signals: they are for the process. */
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
	/* A program that closes all descriptors has closed this one, too. */
	if (eventfd_write(d->wake, 1))
		pthread_cancel(d->thread);
	pthread_join(d->thread, NULL);
	d->threaded = false;
}
