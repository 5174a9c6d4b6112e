// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * table.c - which descriptors are taps, and which are vhost-nets
 *
 * Looked into without a lock, by every read and write of the process.  An entry is changed
 * by whoever opens or closes the descriptor, and the process owes it to itself not to use
 * one that it is closing.
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>

struct shim_entry *shim_table[SHIM_FDS];
static unsigned int top;	/* behind the last one that was ever used */

int shim_remember(int fd, struct shim_entry entry)
{
	struct shim_entry *e, *before;

	if ((unsigned int)fd >= SHIM_FDS)
		return -EMFILE;
	e = malloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	*e = entry;
	if (top <= (unsigned int)fd)
		top = (unsigned int)fd + 1;
	before = __atomic_exchange_n(&shim_table[fd], e, __ATOMIC_ACQ_REL);
	free(before);
	return 0;
}

void shim_forget(int fd)
{
	struct shim_entry *e = shim_find(fd);

	if (!e)
		return;
	__atomic_store_n(&shim_table[fd], NULL, __ATOMIC_RELEASE);
	if (e->kind == SHIM_TAP)
		tap_put(e->tap);
	else
		vhost_frontend_close(e->vhost);
	free(e);
}

bool shim_abandon(void)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < top; i++)
		any |= !!__atomic_exchange_n(&shim_table[i], NULL, __ATOMIC_RELAXED);
	return any;
}

struct tap *shim_tap(int fd)
{
	struct shim_entry *e = shim_find(fd);

	return e && e->kind == SHIM_TAP ? e->tap : NULL;
}
