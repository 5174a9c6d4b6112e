// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stat_page.c - a process in QEMU's place that has counters, and waits to be ended
 *
 *	stat_page full|empty|none|foreign
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stat/stat.h"

static void fill(struct stat_page *page)
{
	struct stat_port *device = stat_port(page), *kernel = stat_port(page);
	unsigned int i, way;

	strcpy(device->name, "tap0");
	device->datapath = STAT_DEVICE;
	device->engine = STAT_IO_URING;
	device->running = 1;
	tapcompat_mask_set(&device->native, 0);
	tapcompat_mask_set(&device->emulated, 56);
	for (way = 0; way < STAT_WAYS; way++)
		for (i = 0; i < STAT_COUNTERS; i++)
			device->way[way].count[i] = 100 * (way + 1) + i;
	device->way[STAT_TRANSMIT].drop[SEGMENT_DROP_FEATURE] = 3;
	device->way[STAT_RECEIVE].fault = VQUEUE_BAD_LOOP;
	strcpy(kernel->name, "tap1");
	kernel->queue = 1;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "none";
	struct stat_page *page;
	int fd = -1;

	page = strcmp(kind, "none") ? stat_create(&fd) : NULL;
	if (!strcmp(kind, "full"))
		fill(page);
	if (!strcmp(kind, "foreign"))
		page->version++;
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
