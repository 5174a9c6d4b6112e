// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_start.c - start a QEMU that answers questions over QMP
 *
 * Its standard input and output are one socket, on which it is server.
 */
#include "qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ground/text.h"

#define QMP_ARGUMENTS 48

/* @from is above all standard descriptors, of which @to is one. */
static bool descriptor_put(int from, int to)
{
	close(to);
	return fcntl(from, F_DUPFD, to) == to;
}

/* Never returns.  @report: closed by exec, else told why not. */
static void qmp_child(const char *const argv[], int fd, int err, int report)
{
	const char *args[QMP_ARGUMENTS];
	sigset_t none;
	int n = 0, error;

	while (n < QMP_ARGUMENTS - 3 && argv[n]) {
		args[n] = argv[n];
		n++;
	}
	args[n++] = "-qmp";
	args[n++] = "stdio";
	args[n] = NULL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* A script may start it: what is ended is the group. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* They may be standard descriptors themselves, where those were closed. */
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	err = fcntl(err, F_DUPFD_CLOEXEC, 3);
	if (descriptor_put(fd, STDIN_FILENO) && descriptor_put(fd, STDOUT_FILENO) &&
	    descriptor_put(err, STDERR_FILENO)) {
		/* execvp() takes what is no program for a script. */
		if (strchr(args[0], '/'))
			execv(args[0], (char *const *)args);
		else
			execvp(args[0], (char *const *)args);
	}
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* Was the program started?  The pipe is closed by exec. */
static int qmp_started(int report)
{
	int error = 0;

	return read(report, &error, sizeof(error)) == sizeof(error) ? -error : 0;
}

static void pair_close(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

static int qmp_spawn(struct qmp *q, const char *const argv[])
{
	int both[2], err[2], report[2], ret;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both))
		return -errno;
	if (pipe2(err, O_CLOEXEC)) {
		ret = -errno;
		goto no_err;
	}
	if (pipe2(report, O_CLOEXEC)) {
		ret = -errno;
		goto no_report;
	}
	q->pid = fork();
	if (q->pid == 0)
		qmp_child(argv, both[1], err[1], report[1]);
	ret = q->pid < 0 ? -errno : 0;
	close(report[1]);
	if (!ret)
		ret = qmp_started(report[0]);
	close(report[0]);
	close(both[1]);
	close(err[1]);
	q->fd = both[0];
	q->err = err[0];
	return ret;
no_report:
	pair_close(err);
no_err:
	pair_close(both);
	return ret;
}

int qmp_start(struct qmp *q, const char *const argv[], char *why, size_t size)
{
	int ret;

	*q = (struct qmp){ .fd = -1, .err = -1, .process = -1 };
	q->end = qmp_now() + QMP_PATIENCE * 1000L;
	q->line = malloc(QMP_LINE);
	ret = q->line ? qmp_spawn(q, argv) : -ENOMEM;
	if (ret) {
		text_set(why, size, "it cannot be run: %s", strerror(-ret));
		return ret;
	}
	/* Without, only its socket says that it has ended. */
	q->process = (int)syscall(SYS_pidfd_open, q->pid, 0);
	ret = qmp_greet(q);
	if (ret)
		qmp_explain(q, ret, why, size);
	return ret;
}
