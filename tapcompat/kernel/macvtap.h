/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * macvtap.h - the device node of a macvtap
 */
#ifndef TAPCOMPAT_KERNEL_MACVTAP_H
#define TAPCOMPAT_KERNEL_MACVTAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Directories for this namespace: sysfs with its class of macvtaps, and a tmpfs for
 * their nodes.
 */
struct macvtap_nodes {
	int sysfs;
	int nodes;
};

/**
 * macvtap_nodes_open() - set up both for this network namespace
 * @why: @size bytes; a message if it fails
 *
 * /dev/tapN cannot be used in a private namespace: N is an interface index, which may be
 * in use in another namespace as well, and the node may be that of the other device.
 * Therefore the device number is read from a sysfs of this namespace, and a node is
 * created for it on a detached mount (fsopen(2), Linux 5.2).
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
