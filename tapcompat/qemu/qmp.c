// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp.c - a QEMU that answers questions over QMP
 *
 * Its standard input and output are one socket, on which it is server.  What it
 * answers is as foreign as any document: lines are bounded, waiting is bounded, and
 * what is no JSON ends the conversation.
 */
#include "qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <tapcompat.h>

#include "ground/bytes.h"
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

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* Keep the end of what it says on stderr, so that it never waits for a reader. */
static void qmp_listen(struct qmp *q)
{
	char raw[4096];
	size_t used, keep, more;
	ssize_t n = read(q->err, raw, sizeof(raw));

	if (n <= 0) {
		close(q->err);
		q->err = -1;
		return;
	}
	more = (size_t)n < QMP_SAID ? (size_t)n : QMP_SAID - 1;
	used = strlen(q->said);
	keep = used + more < QMP_SAID ? used : QMP_SAID - 1 - more;
	memmove(q->said, q->said + used - keep, keep);
	memcpy(q->said + keep, raw + n - more, more);
	q->said[keep + more] = '\0';
}

static int qmp_take(struct qmp *q)
{
	ssize_t n;

	if (q->fd < 0)
		return -EBADF;
	n = recv(q->fd, q->line + q->used, QMP_LINE - q->used, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return -ECHILD;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	q->used += (size_t)n;
	return 0;
}

/*
 * More bytes, in time.  That it has ended shows in its socket or, where a child of its
 * own has that, in its process.
 */
static int qmp_read(struct qmp *q)
{
	struct pollfd p[3] = {
		{ .fd = q->fd, .events = POLLIN }, { .fd = q->err, .events = POLLIN },
		{ .fd = q->process, .events = POLLIN },
	};
	long left = q->end - now_ms();

	if (q->used == QMP_LINE)
		return -EMSGSIZE;
	if (left <= 0)
		return -ETIMEDOUT;
	if (poll(p, 3, (int)left) <= 0)
		return 0;
	if (p[1].revents)
		qmp_listen(q);
	if (p[0].revents)
		return qmp_take(q);
	return p[2].revents && !p[1].revents ? -ECHILD : 0;
}

/* The next line as JSON. */
static int qmp_line(struct qmp *q, json_t **o)
{
	char *newline;
	size_t len;
	int ret;

	*o = NULL;
	while (!(newline = memchr(q->line, '\n', q->used))) {
		ret = qmp_read(q);
		if (ret)
			return ret;
	}
	if (now_ms() > q->end)
		return -ETIMEDOUT;
	len = (size_t)(newline - q->line) + 1;
	*o = json_loadb(q->line, len, JSON_REJECT_DUPLICATES, NULL);
	q->used -= len;
	memmove(q->line, q->line + len, q->used);
	return json_is_object(*o) ? 0 : -EPROTO;
}

static int qmp_write(struct qmp *q, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(q->fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EPIPE || errno == ECONNRESET ? -ECHILD : -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int qmp_execute(struct qmp *q, const char *command, json_t *arguments, json_t **answer)
{
	json_t *o = json_pack("{s:s, s:o*}", "execute", command, "arguments", arguments);
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	int ret = text ? qmp_write(q, text, strlen(text)) : -ENOMEM;

	if (!ret)
		ret = qmp_write(q, "\n", 1);
	free(text);
	json_decref(o);
	*answer = NULL;
	/* Events may come in between. */
	while (!ret) {
		ret = qmp_line(q, &o);
		if (ret)
			break;
		*answer = json_incref(json_object_get(o, "return"));
		if (*answer || json_object_get(o, "error")) {
			json_decref(o);
			break;
		}
		json_decref(o);
	}
	return ret;
}

/* {"QMP": {"version": {"qemu": {"major": 10, "minor": 0, "micro": 2}}}} */
static int qmp_greet(struct qmp *q)
{
	json_t *o = NULL, *answer;
	int major, minor, micro, ret = qmp_line(q, &o);

	if (!ret && json_unpack(o, "{s:{s:{s:{s:i,s:i,s:i}}}}", "QMP", "version", "qemu", "major",
				&major, "minor", &minor, "micro", &micro))
		ret = -EPROTO;
	if (!ret) {
		text_set(q->version, sizeof(q->version), "%d.%d.%d", major, minor, micro);
		ret = qmp_execute(q, "qmp_capabilities", NULL, &answer);
		json_decref(answer);
	}
	json_decref(o);
	return ret;
}

/* What it said on stderr, on one line, escaped. */
static void qmp_last_words(struct qmp *q, char *text, size_t size)
{
	struct pollfd p = { .fd = q->err, .events = POLLIN };
	size_t i;

	while (p.fd >= 0 && poll(&p, 1, 0) > 0) {
		qmp_listen(q);
		p.fd = q->err;
	}
	for (i = 0; q->said[i]; i++)
		if (q->said[i] == '\n')
			q->said[i] = q->said[i + 1] ? ' ' : '\0';
	text_escape(text, size, q->said);
}

void qmp_explain(struct qmp *q, int ret, char *why, size_t size)
{
	static const struct {
		int error;
		const char *words;
	} reasons[] = {
		{ ECHILD, "it ended" }, { ETIMEDOUT, "it does not answer" },
		{ EPROTO, "it does not speak QMP" }, { EMSGSIZE, "it does not speak QMP" },
	};
	const char *words = strerror(-ret);
	char said[2 * QMP_SAID];
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(reasons); i++)
		if (reasons[i].error == -ret)
			words = reasons[i].words;
	qmp_last_words(q, said, sizeof(said));
	text_set(why, size, "%s%s%s", words, said[0] ? ": " : "", said);
}

int qmp_start(struct qmp *q, const char *const argv[], char *why, size_t size)
{
	int ret;

	*q = (struct qmp){ .fd = -1, .err = -1, .process = -1 };
	q->end = now_ms() + QMP_PATIENCE * 1000L;
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

static int socket_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	text_set(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

int qmp_connect(struct qmp *q, const char *path, char *why, size_t size)
{
	int ret;

	*q = (struct qmp){ .fd = -1, .err = -1, .process = -1 };
	q->end = now_ms() + QMP_PATIENCE * 1000L;
	q->line = malloc(QMP_LINE);
	ret = q->line ? socket_connect(path) : -ENOMEM;
	if (ret < 0) {
		text_set(why, size, "%s", strerror(-ret));
		return ret;
	}
	q->fd = ret;
	ret = qmp_greet(q);
	if (ret)
		qmp_explain(q, ret, why, size);
	if (ret == -ETIMEDOUT)
		text_set(why, size, "it does not answer: another program may be using the socket");
	return ret;
}

void qmp_stop(struct qmp *q)
{
	if (q->pid > 0) {
		if (kill(-q->pid, SIGKILL))
			kill(q->pid, SIGKILL);
		while (waitpid(q->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (q->fd >= 0)
		close(q->fd);
	if (q->err >= 0)
		close(q->err);
	if (q->process >= 0)
		close(q->process);
	free(q->line);
	*q = (struct qmp){ .fd = -1, .err = -1, .process = -1 };
}
