/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap.h - the ioctls of a tap's descriptor (Linux drivers/net/tun.c, tap.c)
 *
 * The setters take effect immediately for all users of the device: never call them on a
 * device that is in use.
 */
#ifndef TAPCOMPAT_KERNEL_TAP_H
#define TAPCOMPAT_KERNEL_TAP_H

#include <stdbool.h>
#include <stddef.h>

#define TAP_NODE "/dev/net/tun"

/**
 * tap_open() - create a tap in this network namespace
 * @name: of the device; a second call with the same name and @multi_queue
 *	opens a further queue
 * Return: a non-blocking descriptor with a vnet header in little-endian order
 *	and without a persistent device: closing it removes the tap; or a
 *	negative errno
 */
int tap_open(const char *name, bool multi_queue);

/**
 * tap_attach() - likewise, for a node that is already open, such as a macvtap's
 * @fd: closed on failure
 * Return: @fd or a negative errno
 */
int tap_attach(int fd, const char *name, bool multi_queue);

/**
 * tap_features() - IFF_* flags that this kernel's taps support (TUNGETFEATURES)
 */
int tap_features(int fd, unsigned int *flags);

/**
 * tap_offload() - TUNSETOFFLOAD
 * @flags: TUN_F_*
 */
int tap_offload(int fd, unsigned int flags);

/**
 * tap_header() - set the vnet header's size and read it back
 * Return: 0, a negative errno, or -ERANGE if the kernel uses another size
 */
int tap_header(int fd, unsigned int size);

/**
 * tap_endian() - set the vnet header's byte order and read it back
 * @little: TUNSETVNETLE, else TUNSETVNETBE
 */
int tap_endian(int fd, bool little, bool on);

/**
 * tap_steer() - attach a steering program (TUNSETSTEERINGEBPF)
 * @program: its descriptor, or -1 to detach
 */
int tap_steer(int fd, int program);

#endif /* TAPCOMPAT_KERNEL_TAP_H */
