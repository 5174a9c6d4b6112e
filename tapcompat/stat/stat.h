/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stat.h - what the shim counts, seen from outside
 *
 * Theory of operation
 *
 * The shim keeps its counters in one memory file (memfd_create(2)) of a known name and
 * fixed size.  Whoever may look at the process finds it among the links of /proc/PID/fd
 * and reads it from there: no socket to serve, no file to clean up, and it ends with the
 * process.  The writer is never waited for.  Each number is written whole, by the one
 * thread whose it is; numbers of one moment need not fit each other.
 *
 * A reader is told nothing that it may rely on: the file may be another program's, so
 * its size, magic and version are looked at, and all that is read is bounded.
 */
#ifndef TAPCOMPAT_STAT_STAT_H
#define TAPCOMPAT_STAT_STAT_H

#include <stdint.h>
#include <sys/types.h>

#include <tapcompat.h>

#include "packet/segment.h"
#include "ring/vqueue.h"

#define STAT_FILE "tapcompat-stat"	/* "/memfd:tapcompat-stat (deleted)" as a link */
#define STAT_MAGIC 0x74617473u
#define STAT_VERSION 1
#define STAT_PORTS 128		/* queue pairs with counters of their own */

enum stat_counter {
	STAT_PACKETS,		/* taken from the guest; given to it */
	STAT_BYTES,		/* of their frames */
	STAT_SUPER,		/* super-packets among these */
	STAT_WHOLE,		/* super-packets that the kernel took as they were */
	STAT_SEGMENTS,		/* frames that were made of the others */
	STAT_BATCHES,		/* system calls that moved frames */
	STAT_FRAMES,		/* frames in these */
	STAT_KICKS,		/* the guest woke us */
	STAT_CALLS,		/* we woke the guest */
	STAT_COUNTERS
};

/* Reasons to drop: those of enum segment_drop, and behind them the port's own. */
enum stat_drop {
	STAT_DROP_CHAIN = SEGMENT_DROPS, /* a chain that cannot be a packet */
	STAT_DROP_FULL,		/* the tap had no room for it until it was given up */
	STAT_DROP_KERNEL,	/* the kernel refused the frame */
	STAT_DROP_ROOM,		/* larger than the guest's buffers */
	STAT_DROP_OFFER,	/* in a form that the guest was not offered */
	STAT_DROPS
};

enum stat_way { STAT_TRANSMIT, STAT_RECEIVE, STAT_WAYS };

/* Who moves the frames of a queue pair. */
enum stat_datapath {
	STAT_NOBODY,		/* the entry is free */
	STAT_KERNEL,		/* the shim stands aside */
	STAT_DEVICE,		/* vhost=on: the shim's own device */
	STAT_CALLER,		/* vhost=off: QEMU's own reads and writes, by way of the shim */
};

/* How frames reach the tap. */
enum stat_engine { STAT_CALL_EACH, STAT_IO_URING };

struct stat_direction {
	uint64_t count[STAT_COUNTERS];
	uint64_t drop[STAT_DROPS];
	uint32_t fault;		/* enum vqueue_fault; 0: the queue is whole */
	uint32_t padding;
};

struct stat_port {
	uint32_t datapath;	/* enum stat_datapath */
	uint32_t engine;	/* enum stat_engine */
	uint32_t queue;		/* of the interface, from 0 */
	uint32_t running;
	char name[16];		/* of the interface; not necessarily terminated, not trusted */
	struct tapcompat_mask native, emulated;
	struct stat_direction way[STAT_WAYS];
};

struct stat_page {
	uint32_t magic, version;
	uint32_t size;		/* of this structure */
	uint32_t ports;		/* STAT_PORTS */
	uint32_t unlisted;	/* queues for which there was no entry, ever */
	uint32_t padding;
	struct stat_port port[STAT_PORTS];
};

/**
 * stat_create() - for the writer: a page of zeros behind a descriptor of its own
 * @fd: set; it stays open for as long as the page is to be seen
 * Return: the page, for the life of the process; NULL where there can be none, which is
 *	no reason to go without a network: count into a page of your own then
 */
struct stat_page *stat_create(int *fd);

/**
 * stat_port() - an entry that is free, and empty
 *
 * It is taken from then on, its carrier being STAT_KERNEL, until that is set to
 * STAT_NOBODY again.
 *
 * Return: one that nobody sees if all are taken; never NULL
 */
struct stat_port *stat_port(struct stat_page *page);

/**
 * stat_count() - add to a number
 */
static inline void stat_count(uint64_t *number, uint64_t n)
{
	__atomic_store_n(number, *number + n, __ATOMIC_RELAXED);
}

/**
 * stat_drop_name() - such as "feature"
 */
const char *stat_drop_name(unsigned int drop);

/**
 * stat_read() - for the reader: a copy of a process' page
 * Return: 0; -ESRCH without such a process, -ENOENT if it has no page, -EACCES and the like
 *	where it cannot be looked at, -EPROTO for a page that is none or of another version
 */
int stat_read(pid_t pid, struct stat_page *page);

#endif /* TAPCOMPAT_STAT_STAT_H */
