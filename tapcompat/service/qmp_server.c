// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_server.c - serve a QMP client
 *
 * Errors use QEMU's wording where QEMU has the same error.  Input from the client that is
 * quoted in an error is escaped.
 */
#include "qmp_server.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <tapcompat_fleet.h>

#include "ground/text.h"
#include "qmp.h"

struct server {
	int in, out;
	int others;		/* where further clients wait, or -1 */
	long since;		/* in ms: when this one last had its turn */
	struct qmp_stream stream;
	struct qmp_session session;
};

/* ---- Output ------------------------------------------------------------- */

json_t *qmp_fail(struct qmp_call *call, const char *error, const char *format, ...)
{
	char raw[sizeof(call->why.text)];
	va_list args;

	if (call->error)
		return NULL;
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	call->error = error;
	text_escape(call->why.text, sizeof(call->why.text), raw);
	return NULL;
}

json_t *qmp_version(struct document *d)
{
	json_t *o = json_object(), *version = json_object();

	put(d, version, "micro", json_integer(TAPCOMPAT_VERSION_MICRO));
	put(d, version, "minor", json_integer(TAPCOMPAT_VERSION_MINOR));
	put(d, version, "major", json_integer(TAPCOMPAT_VERSION_MAJOR));
	put(d, o, "qemu", version);
	put(d, o, "package", json_sprintf("tapcompat %s", tapcompat_version()));
	return o;
}

/* On a socket, avoid SIGPIPE. */
static ssize_t server_write_some(int fd, const char *text, size_t len)
{
	ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

	return n < 0 && errno == ENOTSOCK ? write(fd, text, len) : n;
}

static long server_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

/* Has it neither sent a message nor read an answer in time, while others wait? */
static bool server_too_slow(const struct server *s)
{
	struct pollfd p = { .fd = s->others, .events = POLLIN };

	return s->others >= 0 && server_now() - s->since >= QMP_SERVE_PATIENCE &&
	       poll(&p, 1, 0) > 0;
}

/*
 * Wait until a descriptor is ready that may be non-blocking.
 * Return: 0 to retry; a negative errno, -ETIMEDOUT if the client must make way
 */
static int server_wait(const struct server *s, int fd, short events)
{
	struct pollfd p[2] = { { .fd = fd, .events = events },
			       { .fd = s->others, .events = POLLIN } };
	int error = errno;
	long left;

	if (error != EAGAIN && error != EWOULDBLOCK)
		return error == EINTR ? 0 : -error;
	left = s->since + QMP_SERVE_PATIENCE - server_now();
	if (s->others < 0)
		poll(p, 1, -1);
	else if (left > 0)
		poll(p, 1, (int)left);
	else
		poll(p, 2, -1);
	return server_too_slow(s) ? -ETIMEDOUT : 0;
}

static int server_write(struct server *s, const char *text, size_t len)
{
	while (len) {
		ssize_t n = server_write_some(s->out, text, len);
		int ret = n < 0 ? server_wait(s, s->out, POLLOUT) : 0;

		if (ret)
			return ret;
		text += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

/* @o: reference stolen */
static int server_send(struct server *s, struct document *d, json_t *o)
{
	/* Reporting lack of memory must not need any. */
	static const char no_memory[] =
		"{\"error\":{\"class\":\"" QMP_GENERIC "\",\"desc\":\"out of memory\"}}\r\n";
	char *line = d->failed ? NULL :
		     document_dump(o, JSON_COMPACT | JSON_ENSURE_ASCII, "\r\n");
	const char *text = line ? line : no_memory;
	int ret;

	s->since = server_now();
	ret = server_write(s, text, strlen(text));
	s->since = server_now();
	free(line);
	json_decref(o);
	return ret;
}

static int server_greet(struct server *s)
{
	struct document d = { .failed = false };
	json_t *o = json_object(), *qmp = json_object();

	put(&d, qmp, "version", qmp_version(&d));
	put(&d, qmp, "capabilities", json_array());
	put(&d, o, "QMP", qmp);
	return server_send(s, &d, o);
}

static json_t *error_make(struct document *d, const struct qmp_call *call)
{
	json_t *o = json_object();

	put(d, o, "class", json_string(call->error));
	put(d, o, "desc", json_string(call->why.text));
	return o;
}

/*
 * @returned: reference stolen; NULL: the command failed.  Lack of memory in the command is
 * an error like any other, because there may be enough memory to report it with its id.
 */
static int server_answer(struct server *s, struct qmp_call *call, json_t *returned, json_t *id)
{
	struct document d = { .failed = false };
	json_t *o = json_object();

	if (call->d.failed || !returned)
		qmp_fail(call, QMP_GENERIC, "out of memory");
	if (call->error)
		put(&d, o, "error", error_make(&d, call));
	else
		put(&d, o, "return", json_incref(returned));
	if (id)
		put(&d, o, "id", json_incref(id));
	json_decref(returned);
	return server_send(s, &d, o);
}

/* ---- Input -------------------------------------------------------------- */

/* Members of a message; "id" may be of any type. */
static const struct {
	const char *name;
	json_type type;
	const char *words;
} parts[] = {
	{ "execute", JSON_STRING, "a string" }, { "arguments", JSON_OBJECT, "an object" },
	{ "id", JSON_NULL, NULL },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static void part_check(struct qmp_call *call, const char *name, const json_t *value)
{
	size_t i = 0;

	while (i < PARTS && strcmp(parts[i].name, name))
		i++;
	if (i == PARTS)
		qmp_fail(call, QMP_GENERIC, "QMP input member '%.64s' is unexpected", name);
	else if (parts[i].words && json_typeof(value) != parts[i].type)
		qmp_fail(call, QMP_GENERIC, "QMP input member '%s' must be %s", name,
			 parts[i].words);
}

static bool message_check(struct qmp_call *call, json_t *message)
{
	const char *name;
	json_t *value;

	if (!json_is_object(message))
		qmp_fail(call, QMP_GENERIC, "QMP input must be a JSON object");
	json_object_foreach(message, name, value) {
		part_check(call, name, value);
	}
	if (!json_object_get(message, "execute"))
		qmp_fail(call, QMP_GENERIC, "QMP input lacks member 'execute'");
	return !call->error;
}

static const struct qmp_command *command_of(struct qmp_call *call, json_t *message)
{
	const char *name = json_string_value(json_object_get(message, "execute"));
	const struct qmp_command *command = qmp_command_find(name);

	if (!call->session->negotiated && strcmp(name, "qmp_capabilities"))
		qmp_fail(call, QMP_NOT_FOUND,
			 "Expecting capabilities negotiation with 'qmp_capabilities'");
	else if (!command)
		qmp_fail(call, QMP_NOT_FOUND, "The command %.64s has not been found", name);
	return call->error ? NULL : command;
}

static json_t *call_do(struct qmp_call *call, json_t *message)
{
	const struct qmp_command *command;
	json_t *arguments, *returned = NULL;

	if (!message_check(call, message))
		return NULL;
	command = command_of(call, message);
	if (!command)
		return NULL;
	arguments = json_object_get(message, "arguments");
	call->arguments = arguments ? json_incref(arguments) : json_object();
	if (qmp_arguments_check(call, command))
		returned = command->handle(call);
	json_decref(call->arguments);
	return returned;
}

static int server_message(struct server *s)
{
	struct qmp_call call = { .session = &s->session };
	json_t *message, *returned = NULL;
	json_error_t e;
	int ret;

	message = json_loadb(s->stream.text, s->stream.len, JSON_REJECT_DUPLICATES, &e);
	qmp_stream_reset(&s->stream);
	if (message)
		returned = call_do(&call, message);
	else if (e.text[0])	/* otherwise out of memory */
		qmp_fail(&call, QMP_GENERIC, "JSON parse error, line %d, column %d: %s", e.line,
			 e.column, e.text);
	ret = server_answer(s, &call, returned, json_object_get(message, "id"));
	json_decref(message);
	return ret;
}

static int server_bad(struct server *s)
{
	struct qmp_call call = { .session = &s->session };

	qmp_fail(&call, QMP_GENERIC, "JSON parse error, %s; the rest of the line is ignored",
		 s->stream.why);
	return server_answer(s, &call, NULL, NULL);
}

static int server_take(struct server *s, const unsigned char *bytes, size_t n)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < n && !ret && !s->session.quit; i++) {
		switch (qmp_stream_put(&s->stream, bytes[i])) {
		case QMP_MESSAGE:
			ret = server_message(s);
			break;
		case QMP_BAD:
			ret = server_bad(s);
			break;
		default:
			break;
		}
	}
	return ret;
}

/* Return: 0 after end of file or quit; a negative errno */
static int server_listen(struct server *s)
{
	unsigned char bytes[16384];
	int ret = 0;

	while (!ret && !s->session.quit) {
		ssize_t n = read(s->in, bytes, sizeof(bytes));

		if (!n)
			return 0;
		ret = n < 0 ? server_wait(s, s->in, POLLIN) : server_take(s, bytes, (size_t)n);
		/* One that sends blanks without end is never waited for. */
		if (!ret && !s->session.quit && server_too_slow(s))
			ret = -ETIMEDOUT;
	}
	return ret;
}

int qmp_serve(int in, int out, int others)
{
	struct server s = { .in = in, .out = out, .others = others };
	int ret = server_greet(&s);

	if (!ret)
		ret = server_listen(&s);
	qmp_stream_free(&s.stream);
	if (ret == -EPIPE || ret == -ECONNRESET)
		ret = 0;
	return ret ? ret : s.session.quit;
}
