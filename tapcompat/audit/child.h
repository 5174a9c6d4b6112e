/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * child.h - a child process that answers through a pipe, in limited time
 */
#ifndef TAPCOMPAT_AUDIT_CHILD_H
#define TAPCOMPAT_AUDIT_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct child {
	pid_t pid;
	int fd;
	time_t end;
};

/**
 * child_start() - fork
 * @run: what the child does; it writes to the descriptor and returns
 * @patience: seconds until child_read() gives up
 * Return: 0 or a negative errno
 */
int child_start(struct child *c, void (*run)(void *arg, int fd), void *arg, unsigned int patience);

/**
 * child_read() - read exactly @len bytes
 * Return: false at the end, or when the time is up
 */
bool child_read(struct child *c, void *to, size_t len);

/* In the child: write all of it.  Does not return if nobody reads any more. */
void child_write(int fd, const void *from, size_t len);

/* Ends the child.  Return: whether it was still running out of time */
bool child_end(struct child *c);

#endif /* TAPCOMPAT_AUDIT_CHILD_H */
