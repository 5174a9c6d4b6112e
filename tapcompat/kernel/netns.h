/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netns.h - a network namespace of one's own
 */
#ifndef TAPCOMPAT_KERNEL_NETNS_H
#define TAPCOMPAT_KERNEL_NETNS_H

#include <stddef.h>

/**
 * netns_enter() - move this process into a new network namespace
 * @why: @size bytes; in words what failed and what would help
 *
 * Without CAP_SYS_ADMIN it goes through a new user namespace, in which the
 * caller becomes root.  The caller must have one thread.
 *
 * Return: 0 or a negative errno
 */
int netns_enter(char *why, size_t size);

#endif /* TAPCOMPAT_KERNEL_NETNS_H */
