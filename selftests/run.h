/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.h - run a program and capture its output
 */
#ifndef RUN_H
#define RUN_H

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_OUTPUT (256 * 1024)

struct run {
	int status;		/* exit status, or 256 + signal */
	char out[RUN_OUTPUT];
	char err[RUN_OUTPUT];
	void (*prepare)(void *arg);	/* in the child, before the program starts */
	void *arg;
	int out_fd;		/* stdout of the program; 0: capture it */
	char *const *environment;	/* or NULL */
};

/* build/tapcompat, from a test in build/selftests/TOPIC. */
static inline const char *run_tapcompat(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);

	if (n < 0)
		return "tapcompat";
	path[n] = '\0';
	dirname(path);			/* in place, as the path is an absolute one */
	strcat(path, "/../../tapcompat");
	if (access(path, X_OK))		/* in a test machine all files are in one directory */
		strcpy(strstr(path, "/../../tapcompat"), "/tapcompat");
	return path;
}

static inline void run_child(struct run *r, char *const argv[], int out, int err)
{
	dup2(r->out_fd ? r->out_fd : out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (r->prepare)
		r->prepare(r->arg);
	if (r->environment)
		execve(argv[0], argv, r->environment);
	else
		execv(argv[0], argv);
	_exit(127);
}

/* Read both pipes until the program and its children have closed them. */
static inline void run_collect(struct run *r, int out, int err)
{
	struct pollfd p[2] = { { .fd = out, .events = POLLIN }, { .fd = err, .events = POLLIN } };
	char *text[2] = { r->out, r->err };
	size_t used[2] = { 0, 0 };
	int open_ends = 2, i;

	while (open_ends && poll(p, 2, -1) > 0)
		for (i = 0; i < 2; i++) {
			ssize_t n;

			if (!p[i].revents)
				continue;
			n = read(p[i].fd, text[i] + used[i], RUN_OUTPUT - 1 - used[i]);
			if (n > 0) {
				used[i] += (size_t)n;
				continue;
			}
			p[i].fd = -1;
			open_ends--;
		}
	r->out[used[0]] = r->err[used[1]] = '\0';
}

/* argv[0] is a path, or NULL for build/tapcompat. */
static inline int run(struct run *r, const char *const args[])
{
	char *argv[32];
	int out[2], err[2], status, i;
	pid_t pid;

	for (i = 0; i < 31 && (i == 0 || args[i]); i++)
		argv[i] = (char *)(args[i] ? args[i] : run_tapcompat());
	argv[i] = NULL;
	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return r->status = -1;
	pid = fork();
	if (pid == 0)
		run_child(r, argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	run_collect(r, out[0], err[0]);
	close(out[0]);
	close(err[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	r->status = WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
	return r->status;
}

#define RUN(r, ...) run(r, (const char *const[]){ NULL, __VA_ARGS__, NULL })

#endif /* RUN_H */
