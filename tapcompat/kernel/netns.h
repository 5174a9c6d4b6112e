/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netns.h - enter a new network namespace
 */
#ifndef TAPCOMPAT_KERNEL_NETNS_H
#define TAPCOMPAT_KERNEL_NETNS_H

#include <stddef.h>

/**
 * netns_enter() - move this process into a new network namespace
 * @why: @size bytes; if it fails, what failed and what to do
 *
 * Without CAP_SYS_ADMIN it also creates a user namespace, in which the caller becomes
 * root.  The caller must be single-threaded.
 *
 * Return: 0 or a negative errno
 */
int netns_enter(char *why, size_t size);

#endif /* TAPCOMPAT_KERNEL_NETNS_H */
