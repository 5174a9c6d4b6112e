/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.h - taps that frames are sent to, in a new network namespace
 *
 * Dropping is the least that a kernel can do with a frame: a BPF program at the tap's
 * ingress refuses it.  A socket that is bound and never read costs the whole way through
 * IP and UDP, and there a super-packet is segmented after all.
 */
#ifndef BENCH_SINK_H
#define BENCH_SINK_H

#include <stdbool.h>

enum sink_kind { SINK_DROP, SINK_SOCKET, SINK_KINDS };

#define SINK_QUEUES 2

/* One at a time: all have the same addresses. */
struct sink {
	int fd[SINK_QUEUES];	/* of the tap, non-blocking; -1: not open */
	int socket;		/* -1: none */
};

/**
 * sink_enter() - enter a new network namespace; exits on failure
 */
void sink_enter(void);

/**
 * sink_open() - a tap that is up, with a vnet header of 12 bytes; ends the program where
 *	there can be none
 * @queues: 1 or 2
 */
void sink_open(struct sink *s, enum sink_kind kind, unsigned int queues);
void sink_close(struct sink *s);

/**
 * sink_sender() - a socket whose frames come out of a SINK_SOCKET's tap, to be read there
 * Return: a datagram socket that is connected
 */
int sink_sender(void);

#endif /* BENCH_SINK_H */
