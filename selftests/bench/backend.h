/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backend.h - our device between a guest and a tap
 */
#ifndef BENCH_BACKEND_H
#define BENCH_BACKEND_H

#include <stdbool.h>

#include "device/device.h"
#include "guest.h"

struct backend {
	struct device *device;
	struct guest *guest;
	struct stat_port stat;
	uint32_t offload;
};

/**
 * backend_open() - attach both rings; exits on failure
 * @tap: remains owned by the caller
 * @uso: assume that the kernel has USO, else the device segments
 * @threaded: the device has its thread, else it is driven by backend_drain()
 */
void backend_open(struct backend *b, struct guest *g, int tap, bool uso, bool threaded);

/**
 * backend_open_split() - the same, with a thread and without USO, by the kernel's vhost-net
 */
void backend_open_split(struct backend *b, struct guest *g, int tap);
void backend_close(struct backend *b);

/**
 * backend_drain() - run turns until everything the guest sent is used
 */
void backend_drain(struct backend *b);

#endif /* BENCH_BACKEND_H */
