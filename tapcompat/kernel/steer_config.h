/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steer_config.h - configuration of the steering program, shared with user space
 */
#ifndef TAPCOMPAT_KERNEL_STEER_CONFIG_H
#define TAPCOMPAT_KERNEL_STEER_CONFIG_H

#include <linux/types.h>

#include "packet/toeplitz.h"

#define STEER_TABLE 128		/* a power of two, as virtio requires */

struct steer_config {
	__u8 key[TOEPLITZ_KEY];
	__u16 queue[STEER_TABLE];	/* by the low bits of the hash */
	__u16 other;			/* for frames other than IP */
};

#endif /* TAPCOMPAT_KERNEL_STEER_CONFIG_H */
