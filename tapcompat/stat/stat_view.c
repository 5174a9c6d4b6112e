// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stat_view.c - validated copy of a page of counters
 */
#include "stat_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"
#include "ground/mask.h"
#include "ground/text.h"

static const char *const datapath_names[] = {
	[VIEW_UNKNOWN] = "unknown", [VIEW_NONE] = "none", [VIEW_KERNEL] = "kernel",
	[VIEW_DEVICE] = "device", [VIEW_QEMU] = "qemu",
};

static const char *const engine_names[] = {
	[STAT_CALL_EACH] = "write", [STAT_IO_URING] = "io_uring", [STAT_VHOST] = "vhost",
};

static const char *const counter_names[] = {
	[STAT_PACKETS] = "packets", [STAT_BYTES] = "bytes", [STAT_SUPER] = "super-packets",
	[STAT_WHOLE] = "passed-whole", [STAT_SEGMENTS] = "segments",
	[STAT_BATCHES] = "batches", [STAT_FRAMES] = "frames", [STAT_KICKS] = "kicks",
	[STAT_CALLS] = "calls",
};
_Static_assert(ARRAY_LENGTH(counter_names) == STAT_COUNTERS, "a name each");

const char *stat_datapath_name(enum stat_view_datapath datapath)
{
	return datapath_names[datapath];
}

const char *stat_counter_name(enum stat_counter counter)
{
	return counter_names[counter];
}

const char *stat_way_name(enum stat_way way)
{
	return way == STAT_TRANSMIT ? "transmit" : "receive";
}

/* A number of the page as a word; later versions may have more. */
static const char *word_of(const char *const words[], size_t n, uint32_t number)
{
	return number < n ? words[number] : "unknown";
}

static const char *fault_of(uint32_t fault)
{
	if (fault == VQUEUE_FINE)
		return NULL;
	return fault < VQUEUE_FAULTS ? vqueue_fault_name((enum vqueue_fault)fault) : "unknown";
}

static void view_way(struct stat_view_way *view, const struct stat_direction *d)
{
	unsigned int i;

	memcpy(view->count, d->count, sizeof(view->count));
	memcpy(view->drop, d->drop, sizeof(view->drop));
	/* SEGMENT_TAKEN is not a reason to drop. */
	view->drop[SEGMENT_TAKEN] = 0;
	for (i = 0; i < STAT_DROPS; i++)
		view->dropped |= view->drop[i] != 0;
	view->fault = fault_of(d->fault);
}

static enum stat_view_datapath datapath_of(const struct stat_port *port)
{
	switch (port->datapath) {
	case STAT_KERNEL:
		return mask_empty(&port->emulated) ? VIEW_KERNEL : VIEW_NONE;
	case STAT_DEVICE:
		return VIEW_DEVICE;
	case STAT_CALLER:
		return VIEW_QEMU;
	default:
		return VIEW_UNKNOWN;
	}
}

static void view_port(struct stat_view *view, const struct stat_port *port)
{
	char name[sizeof(port->name) + 1] = "";
	unsigned int i;

	memcpy(name, port->name, sizeof(port->name));
	text_escape(view->interface, sizeof(view->interface), name);
	view->queue = port->queue;
	view->datapath = datapath_of(port);
	view->engine = word_of(engine_names, ARRAY_LENGTH(engine_names), port->engine);
	view->running = port->running;
	view->native = port->native;
	view->emulated = port->emulated;
	for (i = 0; i < STAT_WAYS; i++)
		view_way(&view->way[i], &port->way[i]);
}

static void view_page(struct tapcompat_stat *stat, const struct stat_page *page)
{
	unsigned int i;

	stat->unlisted = page->unlisted;
	for (i = 0; i < STAT_PORTS; i++)
		if (page->port[i].datapath != STAT_NOBODY)
			view_port(&stat->queue[stat->queues++], &page->port[i]);
}

/* What is wrong, and what to do. */
static int stat_error(struct tapcompat_error *error, pid_t pid, int ret)
{
	static const struct {
		int ret;
		const char *why;
	} reasons[] = {
		{ -ESRCH, "no such process" },
		{ -ENOENT, "it has no counters: only a QEMU started with 'tapcompat run' has "
			   "them, once it has opened a tap" },
		{ -EPROTO, "this version cannot read its counters: use the tapcompat that "
			   "started it" },
		{ -EACCES, "permission denied: run it as the process' user or as root" },
		{ -EPERM, "permission denied: run it as the process' user or as root" },
	};
	const char *why = strerror(-ret);
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(reasons); i++)
		if (reasons[i].ret == ret)
			why = reasons[i].why;
	if (error)
		text_set(error->text, sizeof(error->text), "process %d: %s", (int)pid, why);
	return ret;
}

int tapcompat_stat_read(pid_t pid, struct tapcompat_stat **stat, struct tapcompat_error *error)
{
	struct tapcompat_stat *s = calloc(1, sizeof(*s));
	struct stat_page *page = malloc(sizeof(*page));
	int ret = s && page ? stat_read(pid, page) : -ENOMEM;

	*stat = NULL;
	if (ret) {
		stat_error(error, pid, ret);
		free(s);
	} else {
		s->pid = pid;
		view_page(s, page);
		*stat = s;
	}
	free(page);
	return ret;
}

void tapcompat_stat_free(struct tapcompat_stat *stat)
{
	free(stat);
}
