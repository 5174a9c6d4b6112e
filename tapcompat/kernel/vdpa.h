/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdpa.h - the vDPA devices of the host, by libnl-genl-3
 *
 * Read-only.  The netlink family exists in the initial network namespace only.
 */
#ifndef TAPCOMPAT_KERNEL_VDPA_H
#define TAPCOMPAT_KERNEL_VDPA_H

#include "feature/caps.h"

/**
 * vdpa_list() - list network management devices and network devices
 * @b: its managers and devices are filled in, at most CAPS_VDPA of each
 * Return: 0; -ENOENT if the kernel has no vdpa; or another negative errno
 */
int vdpa_list(struct caps_backend *b);

#endif /* TAPCOMPAT_KERNEL_VDPA_H */
