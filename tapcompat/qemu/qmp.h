/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qmp.h - a QEMU that answers questions over QMP: one that runs no guest and is started
 * for it, or one that runs
 */
#ifndef TAPCOMPAT_QEMU_QMP_H
#define TAPCOMPAT_QEMU_QMP_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#define QMP_LINE 0x100000	/* bytes: the longest answer that is read */
#define QMP_PATIENCE 20		/* seconds for all that is asked */
#define QMP_SAID 512		/* bytes of its last words */

/*
 * @stopped, @resumed: when its guest was last stopped and resumed, in us by its own clock;
 * 0 if it did not say so
 */
struct qmp {
	pid_t pid;		/* of one that was started, or 0 */
	int fd;			/* both ways */
	int err;		/* what it says on stderr, or -1 */
	int process;		/* pidfd, or -1 */
	long end;		/* in ms of CLOCK_MONOTONIC: until then it may answer */
	char said[QMP_SAID];	/* its last words on stderr, raw */
	char *line;		/* QMP_LINE bytes */
	size_t used;		/* of them, read and not yet taken */
	char version[32];	/* as "10.0.2" */
	char refusal[256];	/* the last error that it answered with, escaped */
	long long stopped;
	long long resumed;
};

/**
 * qmp_start() - start a QEMU and come to terms with it
 * @argv: NULL-terminated, the first one searched as execvp(3) does; options for QMP
 *	itself are added
 * @why: @size bytes; what failed, with QEMU's own last words
 * Return: 0; -ENOENT, -EACCES and so on where it cannot be started; -ECHILD where it
 *	ended by itself; another negative errno
 *
 * It ends with the thread that starts it.  A script that starts it should do so by
 * exec, or what it started may stay where this process is killed.
 */
int qmp_start(struct qmp *q, const char *const argv[], char *why, size_t size);

/**
 * qmp_connect() - come to terms with a QEMU that runs
 * @path: of its socket; used if @fd is -1
 * @fd: a connected socket, not closed
 * @greet_ms: time until it has greeted
 * @total_ms: time for all that is asked
 * Return: 0; -ETIMEDOUT if another program talks to it, for it greets one at a time; what
 *	connect(2) says
 */
int qmp_connect(struct qmp *q, const char *path, int fd, unsigned int greet_ms,
		unsigned int total_ms);

/**
 * qmp_greet() - take its greeting and make it take commands; qmp_start() and
 * qmp_connect() do that
 */
int qmp_greet(struct qmp *q);

/* The time, in ms of CLOCK_MONOTONIC. */
long qmp_now(void);

/**
 * qmp_execute() - one command
 * @arguments: taken over, may be NULL
 * @answer: set to what it returned, to be released; NULL where QEMU answered with an
 *	error, which is not a failure
 * Return: 0 or a negative errno
 */
int qmp_execute(struct qmp *q, const char *command, json_t *arguments, json_t **answer);

/**
 * qmp_execute_fd() - one command, with a descriptor for it
 * @fd: passed along, not closed; or -1
 */
int qmp_execute_fd(struct qmp *q, const char *command, json_t *arguments, int fd,
		   json_t **answer);

/**
 * qmp_explain() - what an error of qmp_execute() means, with QEMU's own last words
 */
void qmp_explain(struct qmp *q, int ret, char *why, size_t size);

/**
 * qmp_stop() - end a QEMU that qmp_start() started, however far it came; else disconnect
 */
void qmp_stop(struct qmp *q);

#endif /* TAPCOMPAT_QEMU_QMP_H */
