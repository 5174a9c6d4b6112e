// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp.c - a conversation with a QEMU over QMP
 *
 * What it answers is as foreign as any document: lines are bounded, waiting is bounded,
 * and what is no JSON ends the conversation.
 */
#include "qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <tapcompat.h>

#include "ground/bytes.h"
#include "ground/text.h"

long qmp_now(void)
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
	long left = q->end - qmp_now();

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
	if (qmp_now() > q->end)
		return -ETIMEDOUT;
	len = (size_t)(newline - q->line) + 1;
	*o = json_loadb(q->line, len, JSON_REJECT_DUPLICATES, NULL);
	q->used -= len;
	memmove(q->line, q->line + len, q->used);
	return json_is_object(*o) ? 0 : -EPROTO;
}

/* Room for more in its socket, in time. */
static int qmp_room(struct qmp *q)
{
	struct pollfd p = { .fd = q->fd, .events = POLLOUT };
	long left = q->end - qmp_now();

	return left > 0 && poll(&p, 1, (int)left) >= 0 ? 0 : -ETIMEDOUT;
}

/* Send text, and with its first byte a descriptor unless that is -1. */
static int qmp_write(struct qmp *q, char *text, size_t len, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .head = {
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	} };
	int ret = 0;

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	while (len && !ret) {
		struct iovec iov = { text, len };
		struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
		ssize_t n;

		if (fd >= 0) {
			message.msg_control = &control;
			message.msg_controllen = sizeof(control);
		}
		n = sendmsg(q->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			text += n;
			len -= (size_t)n;
			fd = -1;
		} else if (errno == EAGAIN || errno == EINTR) {
			ret = qmp_room(q);
		} else {
			ret = errno == EPIPE || errno == ECONNRESET ? -ECHILD : -errno;
		}
	}
	return ret;
}

/* "event": "STOP", "timestamp": {"seconds": …, "microseconds": …} */
static void qmp_event(struct qmp *q, json_t *o)
{
	json_int_t seconds, micro;
	const char *event;

	if (json_unpack(o, "{s:s, s:{s:I, s:I}}", "event", &event, "timestamp",
			"seconds", &seconds, "microseconds", &micro) ||
	    seconds < 0 || seconds > INT32_MAX || micro < 0 || micro > 999999)
		return;
	if (!strcmp(event, "STOP"))
		q->stopped = seconds * 1000000LL + micro;
	if (!strcmp(event, "RESUME"))
		q->resumed = seconds * 1000000LL + micro;
}

/* The answer to a command.  Events may come before it. */
static int qmp_answer(struct qmp *q, json_t **answer)
{
	json_t *o, *error;
	bool done;
	int ret;

	q->refusal[0] = '\0';
	do {
		const char *words;

		ret = qmp_line(q, &o);
		if (ret)
			return ret;
		*answer = json_incref(json_object_get(o, "return"));
		error = json_object_get(o, "error");
		words = json_string_value(json_object_get(error, "desc"));
		if (error)
			text_escape(q->refusal, sizeof(q->refusal), words ? words : "an error");
		done = *answer || error;
		if (!done)
			qmp_event(q, o);
		json_decref(o);
	} while (!done);
	return 0;
}

int qmp_execute_fd(struct qmp *q, const char *command, json_t *arguments, int fd,
		   json_t **answer)
{
	json_t *o = json_pack("{s:s, s:o*}", "execute", command, "arguments", arguments);
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	char newline[] = "\n";
	int ret = text ? qmp_write(q, text, strlen(text), fd) : -ENOMEM;

	if (!ret)
		ret = qmp_write(q, newline, 1, -1);
	free(text);
	json_decref(o);
	*answer = NULL;
	return ret ? ret : qmp_answer(q, answer);
}

int qmp_execute(struct qmp *q, const char *command, json_t *arguments, json_t **answer)
{
	return qmp_execute_fd(q, command, arguments, -1, answer);
}

/* {"QMP": {"version": {"qemu": {"major": 10, "minor": 0, "micro": 2}}}} */
int qmp_greet(struct qmp *q)
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

/* A socket connected to @path.  A QEMU that takes nobody more makes this wait. */
static int qmp_dial(struct qmp *q, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	memcpy(to.sun_path, path, strlen(path));
	q->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (q->fd < 0)
		return -errno;
	while (connect(q->fd, (struct sockaddr *)&to, sizeof(to))) {
		const struct timespec pause = { .tv_nsec = 10000000 };

		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (qmp_now() > q->end)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int qmp_connect(struct qmp *q, const char *path, int fd, unsigned int greet_ms,
		unsigned int total_ms)
{
	long now = qmp_now();
	int ret;

	*q = (struct qmp){ .fd = -1, .err = -1, .process = -1 };
	q->end = now + (long)greet_ms;
	q->line = malloc(QMP_LINE);
	if (!q->line)
		return -ENOMEM;
	if (fd >= 0) {
		q->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		ret = q->fd < 0 ? -errno : 0;
	} else {
		ret = qmp_dial(q, path);
	}
	if (!ret)
		ret = qmp_greet(q);
	q->end = now + (long)total_ms;
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
