// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_qmp.c - tapcompat qmp
 *
 * The server is in the library; this opens its channel: the standard descriptors, or a
 * socket.  It writes to the descriptor, and stdout's buffer stays empty.
 */
#include "cmd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <tapcompat_fleet.h>

#include "service/qmp.h"

static const char help[] =
	"Usage: tapcompat qmp [OPTION...]\n\n"
	"Answer a QMP client on standard input and output: query-tap, query-tap-models,\n"
	"query-tap-comparison, query-tap-baseline, query-commands, query-qmp-schema,\n"
	"query-version, quit.\n\n";

static const char status[] =
	"Exit status: 0 after quit, or when the client has gone; 2 usage; 3 it cannot serve.\n";

struct request {
	struct output out;
	const char *socket;
};

static const struct command_option options[] = {
	{ "socket", "PATH", "listen on a UNIX socket instead, for one client after the other, "
	  "until one sends quit", OPTION_TEXT(struct request, socket) },
	{ 0 },
};

/* ---- The socket's end --------------------------------------------------- */

/* The socket to remove, unless another file has replaced it. */
static struct {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat file;
	pid_t owner;
} own;

/* Also called from a signal handler. */
static void socket_remove(void)
{
	struct stat now;

	if (own.owner != getpid() || lstat(own.path, &now) || now.st_dev != own.file.st_dev ||
	    now.st_ino != own.file.st_ino)
		return;
	unlink(own.path);
}

/* The probe's process inherits these, and ends with this one. */
static void on_signal(int number)
{
	(void)number;
	socket_remove();
	_exit(EXIT_YES);
}

static void signals_catch(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&action.sa_mask, numbers[i]);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}

/* ---- The socket's beginning --------------------------------------------- */

static int address_set(const struct output *out, struct sockaddr_un *a, const char *path)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!path[0])
		return fail(out, EXIT_USAGE, "qmp: --socket: the path is empty");
	if (strlen(path) >= sizeof(a->sun_path))
		return fail(out, EXIT_USAGE, "qmp: --socket: the path has %zu bytes, and that of a "
			    "socket has %zu at most: give a shorter one", strlen(path),
			    sizeof(a->sun_path) - 1);
	memcpy(a->sun_path, path, strlen(path) + 1);
	return EXIT_YES;
}

/* Does a server answer?  0: none; else an errno, EEXIST for an answer. */
static int address_try(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error;

	if (fd < 0)
		return errno;
	error = connect(fd, (const struct sockaddr *)a, sizeof(*a)) ? errno : EEXIST;
	close(fd);
	return error == ECONNREFUSED ? 0 : error;
}

/* A stale socket is replaced, nothing else is. */
static int address_clear(const struct output *out, const struct sockaddr_un *a)
{
	struct stat file;
	int error;

	if (lstat(a->sun_path, &file)) {
		if (errno == ENOENT)
			return EXIT_YES;
		return fail(out, EXIT_UNDECIDED, "%s: %s", a->sun_path, strerror(errno));
	}
	if (!S_ISSOCK(file.st_mode))
		return fail(out, EXIT_UNDECIDED, "%s: it exists and is not a socket: remove "
			    "it, or give another path", a->sun_path);
	error = address_try(a);
	/* A server whose queue is full is alive too. */
	if (error == EEXIST || error == EAGAIN || error == EPROTOTYPE)
		return fail(out, EXIT_UNDECIDED, "%s: another server listens on it: end it, or "
			    "give another path", a->sun_path);
	if (error == ENOENT || (!error && !unlink(a->sun_path)))
		return EXIT_YES;
	return fail(out, EXIT_UNDECIDED, "%s: the stale socket cannot be replaced: %s",
		    a->sun_path, strerror(error ? error : errno));
}

/* Return: a listening socket that only its owner can ever open; -1 and errno */
static int address_listen(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error;
	mode_t mask;

	if (fd < 0)
		return -1;
	mask = umask(0177);
	error = bind(fd, (const struct sockaddr *)a, sizeof(*a)) ? errno : 0;
	umask(mask);
	if (!error) {
		memcpy(own.path, a->sun_path, sizeof(own.path));
		own.owner = lstat(own.path, &own.file) ? 0 : getpid();
		signals_catch();
		error = listen(fd, 8) ? errno : 0;
	}
	if (!error)
		return fd;
	socket_remove();
	close(fd);
	errno = error;
	return -1;
}

/* ---- Serving ------------------------------------------------------------ */

/* Return: as qmp_serve(), after a message on an error */
static int serve(int in, int out, int others)
{
	int ret = qmp_serve(in, out, others);

	/* Not by fail(): standard output is for the protocol. */
	if (ret == -ETIMEDOUT)
		complain("qmp: a client was disconnected: for %ld s it has neither sent a command "
			 "nor read an answer, and another client waits",
			 QMP_SERVE_PATIENCE / 1000);
	else if (ret < 0)
		complain("qmp: the client cannot be served: %s", strerror(-ret));
	return ret;
}

static int serve_all(const struct output *out, const char *path, int fd)
{
	int client, ret = 0;

	while (ret != 1) {
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (client < 0)
			return fail(out, EXIT_UNDECIDED, "%s: %s", path, strerror(errno));
		ret = serve(client, client, fd);
		close(client);
	}
	return EXIT_YES;
}

static int serve_socket(const struct output *out, const char *path)
{
	struct sockaddr_un address;
	int fd, ret = address_set(out, &address, path);

	if (!ret)
		ret = address_clear(out, &address);
	if (ret)
		return ret;
	fd = address_listen(&address);
	if (fd < 0)
		return fail(out, EXIT_UNDECIDED, "%s: %s", path, strerror(errno));
	ret = serve_all(out, path, fd);
	socket_remove();
	close(fd);
	return ret;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;

	(void)operands, (void)operand;
	if (r->socket)
		return serve_socket(&r->out, r->socket);
	return serve(STDIN_FILENO, STDOUT_FILENO, -1) < 0 ? EXIT_UNDECIDED : EXIT_YES;
}

const struct command cmd_qmp = {
	.name = "qmp",
	.about = "answer QMP clients",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct request),
	.run = run,
};
