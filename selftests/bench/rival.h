/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rival.h - the kernel's vhost-net between a guest's transmit ring and a tap
 */
#ifndef BENCH_RIVAL_H
#define BENCH_RIVAL_H

#include <stdint.h>

#include "guest.h"

#define RIVAL_THREADS 8

struct rival {
	int fd;
	int thread[RIVAL_THREADS];	/* kernel threads; 0: no more */
};

/**
 * rival_open() - start a vhost-net on the processors that we may use
 *
 * Threads of other vhost-nets that this process has open by then are moved there, too.
 *
 * Return: 0 or a negative errno
 */
int rival_open(struct rival *r, struct guest *g, int tap);
void rival_close(struct rival *r);

/**
 * rival_cpu() - CPU time of these threads that bench_cpu() does not count, in ns
 */
uint64_t rival_cpu(const struct rival *r);

#endif /* BENCH_RIVAL_H */
