/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp_fixture.h - a QMP server in a thread, and a client
 */
#ifndef QMP_FIXTURE_H
#define QMP_FIXTURE_H

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tapcompat_fleet.h>

#include "service/qmp.h"

#define ANSWERS (1024 * 1024)

/* A server running in a thread, and the client's socket. */
struct served {
	int fd, server;
	pthread_t thread;
	int ret;
};

static inline void *serve(void *arg)
{
	struct served *s = arg;

	s->ret = qmp_serve(s->server, s->server, -1);
	shutdown(s->server, SHUT_RDWR);
	return NULL;
}

static inline bool serve_start(struct served *s)
{
	int both[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both))
		return false;
	*s = (struct served){ .fd = both[0], .server = both[1] };
	return !pthread_create(&s->thread, NULL, serve, s);
}

static inline int serve_end(struct served *s)
{
	pthread_join(s->thread, NULL);
	close(s->fd);
	close(s->server);
	return s->ret;
}

/* Send in pieces of @piece bytes; the server may have ended. */
static inline void say(struct served *s, const char *text, size_t len, size_t piece)
{
	while (len) {
		size_t some = len < piece ? len : piece;
		ssize_t n = send(s->fd, text, some, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

/* Read all output until the server ends. */
static inline void hear(struct served *s, char *text)
{
	size_t used = 0;
	ssize_t n;

	while (used < ANSWERS - 1 && (n = read(s->fd, text + used, ANSWERS - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
}

/* Send input, shut down writing, read all output. */
static inline int converse(const char *text, size_t len, size_t piece, char *answers)
{
	struct served s;

	if (!serve_start(&s))
		return -1;
	say(&s, text, len, piece);
	shutdown(s.fd, SHUT_WR);
	hear(&s, answers);
	return serve_end(&s);
}

/* The next line without its "\r\n"; NULL at the end. */
static inline char *line_next(char **text)
{
	char *line = *text, *end = strstr(line, "\r\n");

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 2;
	return line;
}

#define CAPS "{\"execute\":\"qmp_capabilities\"}"

/* A capability document with one feature. */
#define DOCUMENT(name, native, state) \
	"{\"schema\":\"tapcompat-capabilities\",\"version\":1,\"host\":{\"name\":\"" name \
	"\",\"kernel\":\"6.1\",\"machine\":\"x86_64\"},\"backends\":[{\"type\":\"tap\"," \
	"\"available\":true,\"native\":\"" native "\",\"emulated\":\"0x0\",\"features\":[" \
	"{\"name\":\"csum\",\"bit\":0,\"state\":\"" state "\",\"verified\":\"untested\"}]}]}"

#endif /* QMP_FIXTURE_H */
