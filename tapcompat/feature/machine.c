// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * machine.c - features that QEMU's machine types have off
 */
#include "machine.h"

#include <string.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "table/feature.h"

const char *machine_release(const char *machine, char *release, size_t size)
{
	static const char *const family[] = {
		"pc-q35-", "pc-i440fx-", "virt-", "pseries-", "s390-ccw-virtio-",
	};
	const char *rest;
	size_t i;

	release[0] = '\0';
	for (i = 0; i < ARRAY_LENGTH(family); i++) {
		rest = machine + strlen(family[i]);
		if (!strncmp(machine, family[i], strlen(family[i])) && strchr(rest, '.') &&
		    release_valid(rest) && strlen(rest) < size)
			text_set(release, size, "%s", rest);
	}
	return release;
}

struct tapcompat_mask machine_off(const char *machine)
{
	char release[16];

	machine_release(machine, release, sizeof(release));
	return mask_and(features_after(release), features_by_default());
}
