/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * macvtap.h - the device node of a macvtap
 */
#ifndef TAPCOMPAT_KERNEL_MACVTAP_H
#define TAPCOMPAT_KERNEL_MACVTAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where the kernel's class of macvtaps of this namespace, and nodes for them,
 * can be seen.
 */
struct macvtap_nodes {
	int sysfs;
	int nodes;
};

/**
 * macvtap_nodes_open() - make the view for this network namespace
 * @why: @size bytes; what failed, in words
 *
 * /dev/tapN is no way to a macvtap in a namespace of one's own: N is an
 * interface index, which another namespace may have given as well, and the
 * node is then that other device's.  So the device number is read from a sysfs
 * of this namespace, and a node is made for it on a file system that is mounted
 * nowhere (fsopen(2), Linux 5.2).
 *
 * Return: 0 or a negative errno
 */
int macvtap_nodes_open(struct macvtap_nodes *v, char *why, size_t size);
void macvtap_nodes_close(struct macvtap_nodes *v);

/**
 * macvtap_open() - open a queue of a macvtap
 * @index: its interface index
 * Return: a non-blocking descriptor with a vnet header in little-endian
 *	order, or a negative errno
 */
int macvtap_open(const struct macvtap_nodes *v, const char *name, int index,
		 bool multi_queue);

#endif /* TAPCOMPAT_KERNEL_MACVTAP_H */
