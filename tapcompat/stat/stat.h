/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stat.h - the shim's counters, shared with other processes
 *
 * Theory of operation
 *
 * The shim keeps its counters in one memory file (memfd_create(2)) of a known name and
 * fixed size.  Processes with permission find it in /proc/PID/fd and read it from there:
 * there is no socket to serve and no file to clean up, and it ends with the process.  The
 * writer never blocks.  Each number is written atomically by the one thread that owns it;
 * different numbers need not be consistent with each other.
 *
 * A reader cannot trust the file, which may be another program's: it checks size, magic
 * and version, and bounds everything it reads.
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
#define STAT_PORTS 128		/* queue pairs with their own counters */

enum stat_counter {
	STAT_PACKETS,		/* from the guest, or to it */
	STAT_BYTES,		/* of these frames */
	STAT_SUPER,		/* super-packets among them */
	STAT_WHOLE,		/* super-packets passed to the kernel unsegmented */
	STAT_SEGMENTS,		/* frames that the other ones were segmented into */
	STAT_BATCHES,		/* system calls that moved frames */
	STAT_FRAMES,		/* frames in these batches */
	STAT_KICKS,		/* notifications from the guest */
	STAT_CALLS,		/* interrupts to the guest */
	STAT_COUNTERS
};

/* Reasons to drop: those of enum segment_drop, followed by the port's own. */
enum stat_drop {
	STAT_DROP_CHAIN = SEGMENT_DROPS, /* an unusable chain */
	STAT_DROP_FULL,		/* the tap's queue stayed full */
	STAT_DROP_KERNEL,	/* the kernel refused the frame */
	STAT_DROP_ROOM,		/* larger than the guest's buffers */
	STAT_DROP_OFFER,	/* in a form that was not offered to the guest */
	STAT_DROPS
};

enum stat_way { STAT_TRANSMIT, STAT_RECEIVE, STAT_WAYS };

/* Who moves the frames of a queue pair. */
enum stat_datapath {
	STAT_NOBODY,		/* the entry is free */
	STAT_KERNEL,		/* the kernel; the shim only forwards system calls */
	STAT_DEVICE,		/* vhost=on: the shim's own device */
	STAT_CALLER,		/* vhost=off: QEMU's own reads and writes, by way of the shim */
};

/* How frames reach the tap. */
enum stat_engine { STAT_CALL_EACH, STAT_IO_URING, STAT_VHOST };

struct stat_direction {
	uint64_t count[STAT_COUNTERS];
	uint64_t drop[STAT_DROPS];
	uint32_t fault;		/* enum vqueue_fault; 0: none */
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
	uint32_t unlisted;	/* queues without an entry so far */
	uint32_t padding;
	struct stat_port port[STAT_PORTS];
};

/**
 * stat_create() - create a zeroed page and its descriptor, for the writer
 * @fd: set; keep it open as long as the page is to be visible
 * Return: the page, for the lifetime of the process; NULL on failure, which should not
 *	disable the network: use a private page instead
 */
struct stat_page *stat_create(int *fd);

/**
 * stat_port() - allocate a zeroed entry
 *
 * Its datapath is STAT_KERNEL; set it to STAT_NOBODY to free the entry.
 *
 * Return: a private entry, invisible to readers, if none is free; never NULL
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
 * stat_read() - copy a process' page, for the reader
 * Return: 0; -ESRCH if there is no such process, -ENOENT if it has no page, -EACCES and
 *	the like without permission, -EPROTO if the page is invalid or of another version
 */
int stat_read(pid_t pid, struct stat_page *page);

#endif /* TAPCOMPAT_STAT_STAT_H */
