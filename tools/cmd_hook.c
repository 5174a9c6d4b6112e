// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_hook.c - tapcompat hook, which libvirt calls
 *
 * libvirt reads stdout of some operations as the domain that is to be used instead:
 * nothing is ever written there.
 */
#include "hook.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tapcompat_fleet.h>

#include "service/hook.h"

#define HOOK_PATIENCE 10000		/* ms to wait for a byte */
#define HOOK_DRAIN (64ul << 20)		/* bytes to read before giving up */
#define HOOK_CAPS "TAPCOMPAT_CAPS"

static const char help[] =
	"Usage: tapcompat hook [OPTION...] [--] NAME OPERATION PHASE EXTRA <DOMAIN\n\n"
	"The program that libvirt calls as /etc/libvirt/hooks/qemu.d/50-tapcompat, which may\n"
	"be a link to tapcompat.  Refuses to start, restore or receive a guest whose metadata\n"
	"requires features that this host lacks.  Writes nothing to standard output.\n\n";

static const char status[] =
	"-j and -p have no effect; -q omits what is not about the guest's features.\n\n"
	"Exit status: 0 allowed, or an operation that is not checked; 1 features are missing;\n"
	"2 bad metadata, domain or document; 3 unknown; 4 the kernel reports a feature and\n"
	"corrupts its frames.  reconnect: always 0.\n";

static const struct command_option options[] = {
	{ "caps", "FILE", "use a document of tapcompat probe -j instead of a probe",
	  OPTION_TEXT(struct caps_request, caps) },
	{ 0 },
};

/* One piece of standard input; 0 at its end, or where none comes. */
static size_t read_piece(char *text, size_t size)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t n;

	do {
		if (poll(&p, 1, HOOK_PATIENCE) == 0)
			return 0;
		n = read(STDIN_FILENO, text, size);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n < 0 ? 0 : (size_t)n;
}

/* The writer must not get EPIPE, even if nothing that it writes is needed. */
static void drain(void)
{
	static char sink[64 * 1024];
	size_t n, all;

	for (all = 0; all < HOOK_DRAIN; all += n) {
		n = read_piece(sink, sizeof(sink));
		if (!n)
			return;
	}
}

/* The domain, and one byte more than may be; the rest is drained. */
static char *read_domain(size_t *len)
{
	const size_t size = HOOK_MAX + 1;
	char *text = malloc(size);
	size_t n;

	*len = 0;
	while (text && *len < size && (n = read_piece(text + *len, size - *len)))
		*len += n;
	if (!text || *len == size)
		drain();
	return text;
}

static void say(void *arg, enum tapcompat_verdict verdict, const char *line)
{
	const struct output *out = arg;

	if (verdict != TAPCOMPAT_PASS || !out->quiet)
		complain("%s", line);
}

static int answer(struct output *out, const char *caps, char **operand)
{
	struct hook_options o = {
		.guest = operand[0], .operation = operand[1],
		.phase = operand[2], .document = caps, .say = say, .arg = out,
	};
	char *text = read_domain(&o.len);
	int ret;

	o.xml = text ? text : "";
	ret = hook_judge(&o);
	free(text);
	return ret;
}

static int run(void *request, int operands, char **operand)
{
	struct caps_request *r = request;

	(void)operands;
	return answer(&r->out, r->caps ? r->caps : getenv(HOOK_CAPS), operand);
}

/* libvirt's, of all its drivers. */
static bool is_operation(const char *word)
{
	static const char *const words[] = {
		"prepare", "start", "started", "stopped", "release", "migrate", "restore",
		"reconnect", "attach",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

static bool is_phase(const char *word)
{
	return !strcmp(word, "begin") || !strcmp(word, "end");
}

bool hook_linked(int argc, char **argv, bool command)
{
	return argc == 5 && is_phase(argv[3]) && (!command || is_operation(argv[2]));
}

bool hook_spares(int argc, char **argv, bool linked)
{
	bool hook = linked;
	int i;

	for (i = 1; i + 1 < argc; i++) {
		if (hook && !strcmp(argv[i], "reconnect") && is_phase(argv[i + 1])) {
			drain();
			return true;
		}
		hook = hook || !strcmp(argv[i], cmd_hook.name);
	}
	return false;
}

int hook_run(char **argv)
{
	struct output out = { .quiet = false };

	return answer(&out, getenv(HOOK_CAPS), argv + 1);
}

const struct command cmd_hook = {
	.name = "hook",
	.about = "may this guest start here?  For libvirt's hooks",
	.help = help, .status = status,
	.groups = { { options, 0 } }, .mute = true,
	.request = sizeof(struct caps_request),
	.least = 4, .most = 4, .lacks = "libvirt calls it with NAME, OPERATION, PHASE and EXTRA",
	.run = run,
};
