// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * child.c - a child process that answers through a pipe, in limited time
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int child_start(struct child *c, void (*run)(void *arg, int fd), void *arg, unsigned int patience)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	fflush(NULL);
	c->pid = fork();
	if (c->pid == 0) {
		close(fd[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(arg, fd[1]);
		_exit(0);
	}
	close(fd[1]);
	if (c->pid < 0) {
		close(fd[0]);
		return -errno;
	}
	c->fd = fd[0];
	c->end = seconds() + (time_t)patience;
	return 0;
}

bool child_read(struct child *c, void *to, size_t len)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	char *at = to;

	while (len) {
		ssize_t n;

		if (seconds() >= c->end || (poll(&p, 1, 1000) < 0 && errno != EINTR))
			return false;
		if (!(p.revents & (POLLIN | POLLHUP)))
			continue;
		n = read(c->fd, at, len);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			return false;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return true;
}

void child_write(int fd, const void *from, size_t len)
{
	const char *at = from;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno != EINTR)
			_exit(1);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
}

bool child_end(struct child *c)
{
	bool late = seconds() >= c->end;

	close(c->fd);
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	return late;
}
