/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steer.h - a steering program for a multi-queue tap: virtio's RSS in eBPF
 */
#ifndef TAPCOMPAT_KERNEL_STEER_H
#define TAPCOMPAT_KERNEL_STEER_H

#include <stddef.h>
#include <stdint.h>

#include "steer_config.h"

struct steer;

/**
 * steer_load() - load the program
 * @s: set on success; the kernel unloads it when the process ends
 * @why: @size bytes; a message if it fails
 * Return: 0 or a negative errno
 */
int steer_load(struct steer **s, const struct steer_config *config, char *why, size_t size);

/**
 * steer_program() - the program's descriptor, for tap_steer()
 */
int steer_program(const struct steer *s);

/**
 * steer_queue() - the queue that the program selects for a flow
 * @data: addresses and ports in packet order
 */
static inline uint16_t steer_queue(const struct steer_config *config, const uint8_t *data,
				   unsigned int len)
{
	return config->queue[toeplitz(config->key, data, len) % STEER_TABLE];
}

#endif /* TAPCOMPAT_KERNEL_STEER_H */
