// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * probe.c - the probe, in the caller's process
 *
 * Theory of operation
 *
 * A child process does the work.  It can leave the host's network namespace without
 * affecting the caller, and a kernel fault or a seccomp filter kills only the child.
 * Nothing is left behind in any case: the namespace and its devices end with the child,
 * and the child ends with the caller.
 *
 * The result is a flat structure in shared memory; the end of the child is detected by a
 * pipe that only the child holds open.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "ground/answer.h"
#include "ground/extensible.h"
#include "ground/text.h"

#define KNOWN_FLAGS (TAPCOMPAT_PROBE_NO_VERIFY | TAPCOMPAT_PROBE_LOAD_MODULES)
#define ALL_BACKENDS ((1u << TAPCOMPAT_BACKENDS) - 1)

#define TICK 100	/* ms between two calls of the caller's progress */
#define PATIENCE 180	/* seconds until the child is killed */

static int probe_error(struct tapcompat_error *error, int ret, const char *what)
{
	if (error)
		text_set(error->text, sizeof(error->text), "%s: %s (%s)", what, strerror(-ret),
			 answer_errno(ret));
	return ret;
}

/* The caller's options, which may be of another version; NULL: everything. */
static int options_take(struct tapcompat_probe_options *o,
			const struct tapcompat_probe_options *given,
			struct tapcompat_error *error)
{
	const struct tapcompat_probe_options all = { .size = sizeof(all) };
	int ret;

	if (!given)
		given = &all;
	ret = struct_copy(o, sizeof(*o), STRUCT_END(struct tapcompat_probe_options, arg), given,
			  given->size);
	if (ret)
		return probe_error(error, ret, struct_copy_fault(ret));
	if (o->flags & ~KNOWN_FLAGS)
		return probe_error(error, -EINVAL, "unknown flag in the options");
	if (o->backends & ~ALL_BACKENDS)
		return probe_error(error, -EINVAL, "unknown backend in the options");
	return 0;
}

/*
 * The child: never returns.  Signals are handled by the parent.  In a new PID namespace
 * getppid(2) does not show the parent's death, so the pipe tells whether the parent died
 * before PR_SET_PDEATHSIG took effect.
 */
static void child_run(struct probe_shared *shared, const struct tapcompat_probe_options *o,
		      int pipe_fd)
{
	struct pollfd p = { .fd = pipe_fd };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&p, 1, 0) > 0 && p.revents & POLLERR)
		_exit(0);
	probe_inside(shared, o->flags, o->backends ? o->backends : ALL_BACKENDS);
	_exit(0);
}

static void child_describe(const struct probe_shared *shared, char *text, size_t size)
{
	int row = __atomic_load_n(&shared->row, __ATOMIC_RELAXED);
	int backend = __atomic_load_n(&shared->backend, __ATOMIC_RELAXED);

	text_set(text, size, "%s", tapcompat_backend_name((enum tapcompat_backend_type)backend));
	if (row >= 0)
		text_add(text, size, ": %s", feature_table[row].name);
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Wait until the child's end of the pipe is closed. */
static bool child_await(int pipe_fd, const struct probe_shared *shared,
			const struct tapcompat_probe_options *o)
{
	struct pollfd p = { .fd = pipe_fd, .events = POLLIN };
	time_t end = seconds() + PATIENCE;
	char what[64];

	while (seconds() < end) {
		int n = poll(&p, 1, TICK);

		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
		if (n == 0 && o->progress) {
			child_describe(shared, what, sizeof(what));
			o->progress(o->arg, what);
		}
	}
	return false;
}

/* The child has ended or is killed: is the result complete? */
static int child_reap(pid_t pid, bool ended, const struct probe_shared *shared,
		      struct tapcompat_error *error)
{
	char what[64], text[160];
	int status = 0;
	pid_t reaped;

	if (!ended)
		kill(pid, SIGKILL);
	do
		reaped = waitpid(pid, &status, 0);
	while (reaped < 0 && errno == EINTR);
	if (__atomic_load_n(&shared->done, __ATOMIC_ACQUIRE))
		return 0;
	child_describe(shared, what, sizeof(what));
	text_set(text, sizeof(text), "the probe ended while probing %s", what);
	if (!ended)
		return probe_error(error, -ETIMEDOUT, text);
	if (reaped == pid && WIFSIGNALED(status))
		text_add(text, sizeof(text), " (signal %d%s)", WTERMSIG(status),
			 WTERMSIG(status) == SIGSYS ? ", from a seccomp filter" : "");
	if (error)
		text_set(error->text, sizeof(error->text), "%s", text);
	return -ECHILD;
}

static int probe_run(struct probe_shared *shared, const struct tapcompat_probe_options *o,
		     struct tapcompat_error *error)
{
	bool ended;
	pid_t pid;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC))
		return probe_error(error, -errno, "pipe");
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child_run(shared, o, fd[1]);
	}
	close(fd[1]);
	if (pid < 0) {
		int ret = probe_error(error, -errno, "fork");

		close(fd[0]);
		return ret;
	}
	ended = child_await(fd[0], shared, o);
	close(fd[0]);
	return child_reap(pid, ended, shared, error);
}

int tapcompat_probe(const struct tapcompat_probe_options *options,
		    struct tapcompat_caps **caps, struct tapcompat_error *error)
{
	struct tapcompat_probe_options o;
	struct probe_shared *shared;
	int ret = options_take(&o, options, error);

	if (ret)
		return ret;
	*caps = malloc(sizeof(**caps));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (!*caps || shared == MAP_FAILED) {
		ret = probe_error(error, -ENOMEM, "cannot allocate the result");
		goto out;
	}
	shared->row = -1;
	ret = probe_run(shared, &o, error);
	if (!ret)
		memcpy(*caps, &shared->caps, sizeof(**caps));
out:
	if (shared != MAP_FAILED)
		munmap(shared, sizeof(*shared));
	if (ret) {
		free(*caps);
		*caps = NULL;
	}
	return ret;
}
