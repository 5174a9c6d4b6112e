// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp_fuzz.c - both ends of QMP: a client that sends anything gets answers in JSON, a line
 * each; a QEMU that answers with anything has its answers taken or refused
 *
 * The first byte says which: 'Q' is what a QEMU says.
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tapcompat.h>

#include "mutate.h"
#include "qemu/qmp.h"
#include "service/qmp.h"

/* No probe: the host is not what is tested. */
int __wrap_tapcompat_probe(const struct tapcompat_probe_options *options,
			   struct tapcompat_caps **caps);

int __wrap_tapcompat_probe(const struct tapcompat_probe_options *options,
			   struct tapcompat_caps **caps)
{
	(void)options;
	*caps = NULL;
	return -EPERM;
}

static void check_answers(int fd)
{
	size_t len = (size_t)lseek(fd, 0, SEEK_END);
	char *text = malloc(len + 1), *line = text, *end;
	json_t *o;

	if (!text || pread(fd, text, len, 0) != (ssize_t)len)
		abort();
	text[len] = '\0';
	for (; line < text + len; line = end + 2) {
		end = strstr(line, "\r\n");
		if (!end)
			broken("server: an answer is not a line");
		*end = '\0';
		printable(line, "server: answer");
		o = json_loads(line, 0, NULL);
		if (!json_is_object(o))
			broken("server: an answer is not an object");
		json_decref(o);
	}
	free(text);
}

static void try_server(const uint8_t *data, size_t size)
{
	static int out = -1;

	if (out < 0)
		out = memfd_create("answers", MFD_CLOEXEC);
	if (ftruncate(out, 0) || lseek(out, 0, SEEK_SET))
		abort();
	if (qmp_serve(file_of(data, size), out, -1) < 0)
		broken("server: failed");
	check_answers(out);
}

static void try_client(const uint8_t *data, size_t size)
{
	char why[256];
	struct qmp q;
	json_t *answer;
	int both[2], ret, i;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) ||
	    (size && write(both[1], data, size) != (ssize_t)size) ||
	    shutdown(both[1], SHUT_WR))
		abort();
	ret = qmp_connect(&q, NULL, both[0], 5000, 5000);
	for (i = 0; i < 100 && !ret; i++) {
		ret = qmp_execute(&q, "query-status", NULL, &answer);
		printable(q.refusal, "client: refusal");
		json_decref(answer);
	}
	if (ret) {
		qmp_explain(&q, ret, why, sizeof(why));
		printable(why, "client: error");
	}
	printable(q.version, "client: version");
	if (ret == -ETIMEDOUT)
		broken("client: it waits for what has ended");
	qmp_stop(&q);
	close(both[0]);
	close(both[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == 'Q')
		try_client(data + 1, size - 1);
	else
		try_server(data, size);
	return 0;
}
