/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * driver.h - drivers of character devices
 */
#ifndef TAPCOMPAT_KERNEL_DRIVER_H
#define TAPCOMPAT_KERNEL_DRIVER_H

#include <stdbool.h>

/**
 * driver_registered() - is there a character device driver of this name?
 *
 * From /proc/misc and /proc/devices, regardless of device nodes.
 */
bool driver_registered(const char *name);

#endif /* TAPCOMPAT_KERNEL_DRIVER_H */
