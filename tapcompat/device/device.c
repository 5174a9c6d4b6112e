// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device.c - a vhost-net device in user space: create, configure, destroy
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>

#include "ground/bytes.h"
#include "ground/mask.h"
#include "table/feature.h"

/* Bits that vhost-net offers and that are no rows of the table. */
static const unsigned int device_bits[] = {
	VIRTIO_F_NOTIFY_ON_EMPTY, VHOST_F_LOG_ALL, VHOST_NET_F_VIRTIO_NET_HDR, VIRTIO_F_VERSION_1,
};

struct tapcompat_mask device_features(void)
{
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(device_bits); i++)
		tapcompat_mask_set(&mask, device_bits[i]);
	for_each_feature(f)
		if (f->layers & TAPCOMPAT_LAYER_VHOST && f->emulation != TAPCOMPAT_BY_NOTHING)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

int device_open(struct device **device)
{
	struct device *d = calloc(1, sizeof(*d));
	size_t i;

	if (!d)
		return -ENOMEM;
	d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->wake < 0) {
		free(d);
		return -errno;
	}
	pthread_mutex_init(&d->gate, NULL);
	pthread_mutex_init(&d->lock, NULL);
	for (i = 0; i < DEVICE_RINGS; i++)
		d->queue[i].kick = d->queue[i].call = d->queue[i].err = -1;
	d->split.vhost = d->split.kick = d->split.call = -1;
	*device = d;
	return 0;
}

static void close_event(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void device_close(struct device *d)
{
	size_t i;

	for (i = 0; i < DEVICE_RINGS; i++)
		device_detach(d, (unsigned int)i);
	worker_stop(d);
	split_release(d);
	for (i = 0; i < DEVICE_RINGS; i++) {
		close_event(&d->queue[i].kick);
		close_event(&d->queue[i].call);
		close_event(&d->queue[i].err);
	}
	close(d->wake);
	pthread_mutex_destroy(&d->gate);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static bool is_running(const struct device *d)
{
	return d->queue[DEVICE_RX].running || d->queue[DEVICE_TX].running;
}

int device_set_owner(struct device *d)
{
	return worker_start(d);
}

/*
 * Does the dirty log, if pages are marked in it, have a bit for each page of a memory table?
 * While no ring runs, it may be that of an earlier migration: QEMU sets the new one last.
 */
static bool log_covers(const struct device *d, const struct tapcompat_mask *features,
		       const struct memory *memory)
{
	return !is_running(d) || !tapcompat_mask_test(features, VHOST_F_LOG_ALL) ||
	       !d->dirty.bits || d->dirty.size >= memory_log_size(memory);
}

/* What the kernel refuses is not taken either. */
static int change_features(struct device *d, const struct tapcompat_mask *features)
{
	struct tapcompat_mask before = d->features;
	int ret = 0;

	d->features = *features;
	if (d->split.on)
		ret = split_set_features(d);
	if (ret)
		d->features = before;
	return ret;
}

int device_set_features(struct device *d, const struct tapcompat_mask *features)
{
	struct tapcompat_mask offered = device_features(), change;
	int ret = 0;

	if (!mask_contains(&offered, features))
		return -EOPNOTSUPP;
	device_lock(d);
	change = mask_or(mask_minus(*features, d->features), mask_minus(d->features, *features));
	mask_clear(&change, VHOST_F_LOG_ALL);
	if (is_running(d) && !mask_empty(&change))
		ret = -EBUSY;
	else if (!log_covers(d, features, &d->memory))
		ret = -EINVAL;
	else
		ret = change_features(d, features);
	device_unlock(d);
	return ret;
}

/* Packets that wait for the tap may point to memory that goes away. */
static void empty_transmit(struct device *d)
{
	if (!d->queue[DEVICE_TX].running)
		return;
	if (d->split.on)
		split_stop(d, DEVICE_TX);
	else
		device_give_up(d);
}

/* The kernel has its own limit for the number of regions. */
static int change_memory(struct device *d)
{
	int ret = 0;

	if (!d->split.on)
		return 0;
	ret = split_set_memory(d);
	if (!ret && d->queue[DEVICE_TX].running && !d->queue[DEVICE_TX].q.fault)
		ret = split_start(d, DEVICE_TX);
	return ret ? attach_without_vhost(d, ret) : 0;
}

static int remap(struct device *d)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < DEVICE_RINGS; i++)
		if (d->queue[i].running && vqueue_remap(&d->queue[i].q)) {
			if (d->split.on)
				split_stop(d, (enum device_ring)i);
			queue_break(d, (enum device_ring)i);
			ret = -EFAULT;
		}
	return ret;
}

int device_set_memory(struct device *d, const struct memory_region *regions, size_t count)
{
	struct memory memory = { .count = 0 };
	enum memory_refusal refusal = memory_set(&memory, regions, count);
	int ret, error;

	if (refusal)
		return refusal == MEMORY_REFUSED_MANY ? -E2BIG : -EINVAL;
	device_lock(d);
	if (!log_covers(d, &d->features, &memory)) {
		device_unlock(d);
		return -EINVAL;
	}
	empty_transmit(d);
	d->memory = memory;
	ret = remap(d);
	error = change_memory(d);
	device_unlock(d);
	/* What was put back into the ring is not kicked for again. */
	worker_wake(d);
	return ret ? ret : error;
}

static int change_log(struct device *d, struct dirty dirty)
{
	struct dirty before = d->dirty;
	int ret = 0;

	d->dirty = dirty;
	if (d->split.on)
		ret = split_set_log(d);
	if (ret)
		d->dirty = before;
	return ret;
}

int device_set_log(struct device *d, void *bits, uint64_t size)
{
	int ret = 0;

	device_lock(d);
	if (bits && size < memory_log_size(&d->memory))
		ret = -EINVAL;
	else
		ret = change_log(d, (struct dirty){ bits, size });
	device_unlock(d);
	return ret;
}

/* Take the lock and return the ring, if it may be changed; else NULL and the error. */
static struct device_queue *queue_lock(struct device *d, unsigned int ring, bool stopped, int *ret)
{
	*ret = ring < DEVICE_RINGS ? 0 : -ENOBUFS;
	if (*ret)
		return NULL;
	device_lock(d);
	if (!stopped || !d->queue[ring].running)
		return &d->queue[ring];
	device_unlock(d);
	*ret = -EBUSY;
	return NULL;
}

int device_set_size(struct device *d, unsigned int ring, uint32_t size)
{
	struct device_queue *q;
	int ret;

	if (!size || size > VQUEUE_SIZE_MAX || size & (size - 1))
		return -EINVAL;
	q = queue_lock(d, ring, true, &ret);
	if (!q)
		return ret;
	q->config.size = size;
	device_unlock(d);
	return 0;
}

int device_set_base(struct device *d, unsigned int ring, uint32_t base)
{
	struct device_queue *q;
	int ret;

	if (base > UINT16_MAX)
		return -EINVAL;
	q = queue_lock(d, ring, true, &ret);
	if (!q)
		return ret;
	q->config.base = base;
	device_unlock(d);
	return 0;
}

/* Change the addresses of a running ring; if they are invalid, it keeps the old ones. */
static int move_rings(struct device_queue *q, const struct vqueue_config *config)
{
	struct vqueue_config before = q->q.config;

	q->q.config.desc = config->desc;
	q->q.config.avail = config->avail;
	q->q.config.used = config->used;
	if (q->q.fault || !vqueue_remap(&q->q))
		return 0;
	q->q.config = before;
	q->q.fault = VQUEUE_FINE;
	vqueue_remap(&q->q);
	return -EINVAL;
}

int device_set_rings(struct device *d, unsigned int ring, uint64_t desc, uint64_t avail,
		     uint64_t used, bool log, uint64_t log_guest)
{
	struct vqueue_config config = { .desc = desc, .avail = avail, .used = used };
	struct device_queue *q;
	int ret;

	q = queue_lock(d, ring, false, &ret);
	if (!q)
		return ret;
	if (q->running)
		ret = move_rings(q, &config);
	if (!ret) {
		q->config.desc = desc;
		q->config.avail = avail;
		q->config.used = used;
		q->log = log;
		q->log_guest = log_guest;
		if (d->split.on && q->running)
			ret = split_set_rings(d, (enum device_ring)ring);
	}
	device_unlock(d);
	return ret;
}

int device_get_base(struct device *d, unsigned int ring, uint32_t *base)
{
	struct device_queue *q;
	int ret;

	q = queue_lock(d, ring, false, &ret);
	if (!q)
		return ret;
	if (d->split.on && q->running && ring == DEVICE_RX)
		ret = split_get_base(d, base);
	else
		*base = q->running ? q->q.last_avail : q->config.base;
	device_unlock(d);
	return ret;
}

/* Only of an eventfd, as nothing else is safe to write to; non-blocking, also for its owner. */
static int copy_event(int fd)
{
	char path[32], link[64];
	ssize_t n;
	int copy;

	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	/* Without /proc the type cannot be checked. */
	if (n >= 0) {
		link[n] = '\0';
		if (strcmp(link, "anon_inode:[eventfd]"))
			return -EINVAL;
	}
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return -errno;
	fcntl(copy, F_SETFL, O_NONBLOCK);
	return copy;
}

int device_set_event(struct device *d, unsigned int ring, enum device_event event, int fd)
{
	struct device_queue *q;
	int ret, copy = copy_event(fd), *place;

	if (copy < -1)
		return copy;
	q = queue_lock(d, ring, false, &ret);
	if (!q) {
		close_event(&copy);
		return ret;
	}
	place = event == DEVICE_KICK ? &q->kick : event == DEVICE_CALL ? &q->call : &q->err;
	close_event(place);
	*place = copy;
	if (d->split.on && q->running)
		ret = split_set_event(d, (enum device_ring)ring, event);
	device_unlock(d);
	worker_wake(d);
	return ret;
}
