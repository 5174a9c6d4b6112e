/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device.h - a vhost-net device in user space: one pair of rings and a tap
 *
 * Theory of operation
 *
 * The device does for QEMU what /dev/vhost-net does.  It knows neither ioctls nor sockets: a
 * frontend (shim/vhost.c) translates requests into calls of the functions below, which may
 * come from any thread, at any time.
 *
 * A thread of its own moves the packets, from device_set_owner() to device_close().  It works
 * in turns and holds the device's lock for one turn.  A caller that changes the device waits
 * for the end of the turn and finds no operation in progress: a turn finishes what it starts
 * (batch.h).  Only packets that the tap had no room for outlast a turn, and they are given up
 * before memory changes.
 *
 * The thread has the CPU affinity, the scheduling policy and the cgroup of the thread that
 * calls device_set_owner(), as the worker of the kernel's vhost has those of the caller of
 * VHOST_SET_OWNER.  With QEMU that is the main thread.  device_attach() must not start it: QEMU
 * attaches in the vCPU thread that sets DRIVER_OK, which may be pinned to one CPU and may have
 * a real-time policy.
 *
 * Between turns the thread sleeps in poll(2) on what can give it work: kicks, the tap, and
 * a descriptor by which it is woken for a change.  It asks the guest for kicks only before it
 * sleeps.
 *
 * A fault of the guest breaks one ring: its error descriptor is signalled, its counter
 * shows the reason, and the ring is ignored until it is started again.
 *
 * The files call one way: device.c, attach.c, worker.c, turn.c, queue.c.
 */
#ifndef TAPCOMPAT_DEVICE_DEVICE_H
#define TAPCOMPAT_DEVICE_DEVICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <tapcompat.h>

#include "receive.h"
#include "ring/dirty.h"
#include "ring/memory.h"
#include "ring/vqueue.h"
#include "split.h"
#include "stat/stat.h"
#include "transmit.h"

/* Rings of a pair, by vhost-net's numbers. */
enum device_ring { DEVICE_RX, DEVICE_TX, DEVICE_RINGS };

/* The tap behind a device; what it points to outlives it. */
struct device_port {
	int fd;				/* non-blocking */
	const void *tap;		/* identity: both rings must have the same */
	unsigned int header;		/* size of its vnet header, 0: none */
	struct segment_features features;
	const uint32_t *offload;	/* TUN_F_* that the guest has enabled now */
	struct stat_port *stat;
	bool vhost;			/* the kernel's vhost-net may be tried: split.h */
	bool uring;			/* io_uring may be tried */
	bool forced;			/* fail where what may be tried first is not available */
};

struct device_queue {
	struct vqueue q;
	struct vqueue_config config;
	bool running;
	bool log;		/* its used ring is in the dirty log, at this guest address */
	uint64_t log_guest;
	int kick, call, err;	/* duplicates; -1: none */
};

struct device {
	pthread_mutex_t gate;	/* its holder gets the lock next; see device_lock() */
	pthread_mutex_t lock;
	pthread_t thread;
	bool threaded, quit;
	int wake;
	struct tapcompat_mask features;
	struct memory memory;
	struct dirty dirty;
	struct device_queue queue[DEVICE_RINGS];
	bool attached;		/* port, transmit and receive are valid */
	bool gone;		/* the tap was deleted */
	struct device_port port;
	struct transmit transmit;
	struct receive receive;
	struct split split;		/* instead of these two, where it is on */
	struct iovec iov[TRANSMIT_PIECES];	/* of the packet that is transmitted */
};

/**
 * device_features() - all that the device offers, the same on every host
 */
struct tapcompat_mask device_features(void);

/**
 * device_open() - create a device, to be destroyed with device_close()
 * Return: 0 or a negative errno
 */
int device_open(struct device **device);

/**
 * device_close() - end its thread and destroy it; pending packets are given up
 */
void device_close(struct device *d);

/**
 * device_set_owner() - start the device's thread, with the scheduling of the caller
 *
 * Without it the rings are only served by device_turn().
 *
 * Return: 0, also if the thread runs already; or the error of pthread_create(3)
 */
int device_set_owner(struct device *d);

/**
 * device_use_vhost() - let the device use the kernel's vhost-net
 * @fd: stays the caller's; its owner is set, so the kernel's thread has the scheduling of the
 *	caller
 * @unused: features to treat as if it did not have them
 * Return: 0 or a negative errno; the device works without it
 */
int device_use_vhost(struct device *d, int fd, const struct tapcompat_mask *unused);

/**
 * device_set_features() - set the acked features
 * Return: 0; -EOPNOTSUPP for features that are not offered; -EBUSY for a change, other than of
 *	VHOST_F_LOG_ALL, while a ring is running; -EINVAL for VHOST_F_LOG_ALL, while a ring is
 *	running, with a log that has no bit for some page of memory
 */
int device_set_features(struct device *d, const struct tapcompat_mask *features);

/**
 * device_set_memory() - replace the memory table
 * Return: 0; -EINVAL or -E2BIG if it is refused, also because the dirty log in use has no bit
 *	for some page of it: the previous table stays in force; -EFAULT if a running ring is
 *	not in it: the ring is then broken
 */
int device_set_memory(struct device *d, const struct memory_region *regions, size_t count);

/**
 * device_set_log() - set the dirty log for live migration
 * @size: in bytes; UINT64_MAX if the frontend does not say
 * Return: 0; -EINVAL for a log without a bit for each page of memory
 */
int device_set_log(struct device *d, void *bits, uint64_t size);

/**
 * device_set_size(), device_set_base(), device_set_rings() - configure a ring
 * @ring: its number, not yet checked
 *
 * The addresses may be set while the ring is running, for example to change @log; size and
 * base may not.  The addresses are checked when the ring is started.
 *
 * Return: 0; -ENOBUFS: no such ring; -EBUSY; -EINVAL
 */
int device_set_size(struct device *d, unsigned int ring, uint32_t size);
int device_set_base(struct device *d, unsigned int ring, uint32_t base);
int device_set_rings(struct device *d, unsigned int ring, uint64_t desc, uint64_t avail,
		     uint64_t used, bool log, uint64_t log_guest);

/**
 * device_get_base() - get the next available index that the device would take
 */
int device_get_base(struct device *d, unsigned int ring, uint32_t *base);

/* The descriptors of a ring. */
enum device_event { DEVICE_KICK, DEVICE_CALL, DEVICE_ERR };

/**
 * device_set_event() - set one of a ring's event descriptors
 * @fd: stays the caller's; -1 for none
 * Return: 0; -ENOBUFS, -EINVAL for what is not an eventfd, -EBADF, -EMFILE
 */
int device_set_event(struct device *d, unsigned int ring, enum device_event event, int fd);

/**
 * device_attach() - start a ring on a tap; device_detach() - stop it
 * @port: copied, its descriptor duplicated; both rings must have the same
 * Return: 0; -EFAULT or -EINVAL for an invalid ring, or a dirty log in use that has no bit for
 *	some page of memory; -EBUSY if the other ring has another tap
 */
int device_attach(struct device *d, unsigned int ring, const struct device_port *port);
int device_detach(struct device *d, unsigned int ring);

/* ---- queue.c: under the lock ------------------------------------------------- */

struct stat_direction *queue_stat(struct device *d, enum device_ring ring);

/**
 * device_dirty() - get the log in which to mark pages now
 */
const struct dirty *device_dirty(const struct device *d);

/**
 * queue_publish() - publish used buffers, and interrupt the guest if it asked for that
 */
void queue_publish(struct device *d, enum device_ring ring);

/**
 * queue_break() - tell the frontend that a ring is broken
 */
void queue_break(struct device *d, enum device_ring ring);

/**
 * queue_enable_notify(), queue_disable_notify() - ask the guest for kicks, or not to kick
 * Return: whether chains came meanwhile of which there will be no kick
 */
bool queue_enable_notify(struct device *d, enum device_ring ring);
void queue_disable_notify(struct device *d, enum device_ring ring);

/* ---- turn.c: under the lock -------------------------------------------------- */

/**
 * device_turn() - do one turn of both rings
 * Return: whether there is more to do at once
 */
bool device_turn(struct device *d);

/**
 * device_give_up() - return packets that wait for the tap to the guest, unsent
 */
void device_give_up(struct device *d);

/* ---- split.c: under the lock ------------------------------------------------ */

/**
 * split_turn() - one turn of the transmit ring
 * Return: whether there is more to do at once
 */
bool split_turn(struct device *d);

/**
 * split_rest() - publish as much of the current packet as there is room for, and take no other
 * Return: whether the kernel has not sent everything yet
 */
bool split_rest(struct device *d);

/**
 * split_collect() - stage those of the guest's chains that are done
 */
void split_collect(struct device *d);

/**
 * split_blocked() - does the next chain have to wait for the kernel?
 */
bool split_blocked(const struct split *s);

/**
 * split_enable_call(), split_disable_call() - ask the kernel for interrupts of the private
 *	ring, or not to interrupt
 * Return: whether what it was to interrupt for has happened already
 */
bool split_enable_call(struct device *d);
void split_disable_call(struct device *d);

/**
 * split_give_up() - return what the stopped kernel has not sent, or put it back
 */
void split_give_up(struct device *d);

/* ---- split_setup.c: under the lock ------------------------------------------ */

/**
 * split_open() - have the kernel's vhost-net move the frames of a port
 * Return: 0 or a negative errno, and split.refused has the reason
 */
int split_open(struct device *d, const struct transmit_port *port);
void split_close(struct device *d);

/* Forget the kernel's vhost-net. */
void split_release(struct device *d);

/* Tell the kernel what the device has been told. */
int split_set_features(struct device *d);
int split_set_memory(struct device *d);
int split_set_log(struct device *d);
int split_set_rings(struct device *d, enum device_ring ring);
int split_set_event(struct device *d, enum device_ring ring, enum device_event event);

/**
 * split_start() - start a ring; split_stop() - stop it, and note where it is to continue
 */
int split_start(struct device *d, enum device_ring ring);
void split_stop(struct device *d, enum device_ring ring);

/**
 * split_get_base() - the next available index of the receive ring
 */
int split_get_base(struct device *d, uint32_t *base);

/* ---- attach.c: under the lock ------------------------------------------------ */

/**
 * attach_without_vhost() - go on without the kernel's vhost-net, where it refuses something
 * Return: 0 or a negative errno: the rings have stopped
 */
int attach_without_vhost(struct device *d, int reason);

/* ---- worker.c ---------------------------------------------------------------- */

/**
 * device_lock() - keep the device's thread from starting its next turn; the lock is fair
 */
void device_lock(struct device *d);
void device_unlock(struct device *d);

/* Start the thread, make it look at what has changed, end it. */
int worker_start(struct device *d);
void worker_wake(struct device *d);
void worker_stop(struct device *d);

#endif /* TAPCOMPAT_DEVICE_DEVICE_H */
