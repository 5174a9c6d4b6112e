// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * driver.c - drivers of character devices
 */
#include "driver.h"

#include <stdio.h>
#include <string.h>

static bool driver_listed(const char *list, const char *name)
{
	FILE *f = fopen(list, "re");
	char line[128], entry[64];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*d %63s", entry) == 1 && !strcmp(entry, name);
	if (f)
		fclose(f);
	return found;
}

bool driver_registered(const char *name)
{
	return driver_listed("/proc/misc", name) || driver_listed("/proc/devices", name);
}
