// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * write.c - QEMU's own reads and writes on a tap: vhost=off, and announcements
 *
 * A packet in a form that the kernel does not take is segmented on its way into the tap.  If
 * the tap is full in the middle of it, QEMU gets EAGAIN, retries with a copy of the same packet
 * later, and what the tap has already got is not sent again (transmit_halt()).
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>

static struct transmit *open_transmit(struct tap *tap, int fd, const struct transmit_port *port)
{
	enum tapcompat_shim_engine engine = shim_config()->engine;
	struct transmit *t = calloc(1, sizeof(*t));

	if (!t || transmit_open(t, fd, port, &tap->stat->way[STAT_TRANSMIT],
				engine != TAPCOMPAT_SHIM_PLAIN)) {
		free(t);
		return NULL;
	}
	if (engine == TAPCOMPAT_SHIM_URING && !t->batch.uring)
		shim_say(TAPCOMPAT_SHIM_WARNING, "%s: TAPCOMPAT_ENGINE=uring, and io_uring is not "
			 "available: frames are written one by one", tap->name);
	if (tap->stat->datapath != STAT_DEVICE)
		tap->stat->engine = t->batch.uring ? STAT_IO_URING : STAT_CALL_EACH;
	return t;
}

/* The header's size may have changed since the last packet. */
static struct transmit *prepare_transmit(struct tap *tap, int fd, int *ret)
{
	struct device_port port;
	struct transmit_port own;

	if (tap->transmit && tap->header_known)
		return tap->transmit;
	*ret = tap_port(tap, fd, &port);
	if (*ret)
		return NULL;
	own = (struct transmit_port){ port.features, port.header, port.header };
	if (!tap->transmit)
		tap->transmit = open_transmit(tap, fd, &own);
	if (!tap->transmit) {
		*ret = -ENOMEM;
		return NULL;
	}
	transmit_set_port(tap->transmit, &own);
	tap->header_known = true;
	/* With a device QEMU still writes: it announces a guest that was migrated to this host. */
	if (tap->stat->datapath != STAT_DEVICE)
		tap_set_datapath(tap, STAT_CALLER);
	return tap->transmit;
}

static size_t bytes_of(const struct iovec *iov, int count)
{
	size_t sum = 0;

	while (count--)
		sum += iov++->iov_len;
	return sum;
}

/* If the tap is full, QEMU retries when it can be written to. */
static ssize_t write_packet(struct transmit *t, const struct iovec *iov, int count)
{
	bool done;

	transmit_take(t, iov, (size_t)count, 0);
	done = transmit_go(t) && transmit_flush(t);
	t->finished_count = 0;
	if (!done) {
		transmit_halt(t);
		return -EAGAIN;
	}
	return !t->written && t->error ? t->error : (ssize_t)bytes_of(iov, count);
}

ssize_t tap_write(struct tap *tap, int fd, const struct iovec *iov, int count)
{
	struct transmit *t;
	ssize_t written = 0;
	int ret = 0;

	if (count < 0 || count > TRANSMIT_PIECES)
		return -EINVAL;
	pthread_mutex_lock(&tap->lock);
	t = prepare_transmit(tap, fd, &ret);
	if (t) {
		/* The descriptor that the first write was on may have been closed since. */
		t->batch.fd = fd;
		t->stat = tap->stat->datapath == STAT_DEVICE ? &tap->unlisted :
							      &tap->stat->way[STAT_TRANSMIT];
		written = write_packet(t, iov, count);
	}
	pthread_mutex_unlock(&tap->lock);
	return t ? written : ret;
}

void tap_write_end(struct tap *tap)
{
	if (tap->transmit)
		transmit_close(tap->transmit);
	free(tap->transmit);
}

void tap_header_changed(struct tap *tap)
{
	pthread_mutex_lock(&tap->lock);
	tap->header_known = false;
	pthread_mutex_unlock(&tap->lock);
}

void tap_count_read(struct tap *tap, ssize_t bytes)
{
	struct stat_direction *way = &tap->stat->way[STAT_RECEIVE];

	if (bytes <= 0 || tap->stat->datapath != STAT_CALLER)
		return;
	stat_count(&way->count[STAT_PACKETS], 1);
	stat_count(&way->count[STAT_BYTES], (uint64_t)bytes);
}
