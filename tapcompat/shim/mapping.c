// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mapping.c - how much memory of this process can be written from an address on
 *
 * VHOST_SET_LOG_BASE has an address and no size.  The kernel writes to the log as it writes to
 * any user memory, and a log that is too short is an error; here it would be a crash.
 */
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>

/* One line of /proc/PID/maps. */
struct mapping {
	uintptr_t start, end;
	bool writable;
};

/* "START-END rwxp ..." */
static bool mapping_parse(const char *line, struct mapping *m)
{
	char *end;

	m->start = strtoul(line, &end, 16);
	if (*end != '-')
		return false;
	m->end = strtoul(end + 1, &end, 16);
	m->writable = end[0] == ' ' && end[1] && end[2] == 'w';
	return true;
}

uint64_t mapping_room(const void *address)
{
	uintptr_t from = (uintptr_t)address, to = from;
	FILE *maps = fopen("/proc/self/maps", "re");
	size_t size = 0;
	char *line = NULL;
	struct mapping m;

	if (!maps)
		return UINT64_MAX;
	while (getline(&line, &size, maps) > 0)
		if (mapping_parse(line, &m) && m.writable && m.start <= to && to < m.end)
			to = m.end;
	free(line);
	fclose(maps);
	return to - from;
}
