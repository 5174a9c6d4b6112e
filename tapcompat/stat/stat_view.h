/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stat_view.h - what a page of counters says, in words that can be shown
 *
 * The page is the process' own, and it may write there whatever it likes.  So each value
 * that is no plain number becomes a word of ours here, once, and nothing looks at the page
 * itself any more.
 */
#ifndef TAPCOMPAT_STAT_STAT_VIEW_H
#define TAPCOMPAT_STAT_STAT_VIEW_H

#include <stdbool.h>

#include <tapcompat_shim.h>

#include "stat.h"

#define STAT_NAME (4 * 16 + 1)	/* an interface's, all of it escaped */

/* Those of enum stat_datapath, and what is none of them. */
enum stat_view_datapath {
	VIEW_UNKNOWN,		/* to this version */
	VIEW_NONE,		/* no driver has started it, and it is not the kernel's */
	VIEW_KERNEL,
	VIEW_DEVICE,
	VIEW_QEMU,
};

struct stat_view_way {
	uint64_t count[STAT_COUNTERS];
	uint64_t drop[STAT_DROPS];
	bool dropped;		/* anything of these */
	const char *fault;	/* NULL: the queue is whole */
};

struct stat_view {
	char interface[STAT_NAME];
	uint32_t queue;
	enum stat_view_datapath datapath;
	const char *engine;
	bool running;
	struct tapcompat_mask native, emulated;
	struct stat_view_way way[STAT_WAYS];
};

struct tapcompat_stat {
	pid_t pid;
	unsigned int queues, unlisted;
	struct stat_view queue[STAT_PORTS];
};

/* Words of the documents, for all numbers that there are. */
const char *stat_datapath_name(enum stat_view_datapath datapath);
const char *stat_counter_name(enum stat_counter counter);
const char *stat_way_name(enum stat_way way);

#endif /* TAPCOMPAT_STAT_STAT_VIEW_H */
