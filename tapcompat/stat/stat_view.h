/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stat_view.h - validated copy of a page of counters
 *
 * The process may write anything into its page.  So every value that is not a plain
 * number is converted to one of our words here, once, and the page itself is not used
 * after that.
 */
#ifndef TAPCOMPAT_STAT_STAT_VIEW_H
#define TAPCOMPAT_STAT_STAT_VIEW_H

#include <stdbool.h>

#include <tapcompat_shim.h>

#include "stat.h"

#define STAT_NAME (4 * 16 + 1)	/* an interface's, each byte escaped */

/* Those of enum stat_datapath, and others. */
enum stat_view_datapath {
	VIEW_UNKNOWN,		/* to this version */
	VIEW_NONE,		/* emulated, but not started by a driver yet */
	VIEW_KERNEL,
	VIEW_DEVICE,
	VIEW_QEMU,
};

struct stat_view_way {
	uint64_t count[STAT_COUNTERS];
	uint64_t drop[STAT_DROPS];
	bool dropped;		/* any of these is not 0 */
	const char *fault;	/* NULL: none */
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

/* The words used in documents. */
const char *stat_datapath_name(enum stat_view_datapath datapath);
const char *stat_counter_name(enum stat_counter counter);
const char *stat_way_name(enum stat_way way);

#endif /* TAPCOMPAT_STAT_STAT_VIEW_H */
