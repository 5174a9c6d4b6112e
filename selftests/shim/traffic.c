// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic.c - traffic between a guest and its host, with every byte checked
 *
 * In the guest:
 *	traffic serve [--corrupt=HOW]	obey the host's orders; HOW adds an error, to check that
 *					it is detected: bit, order, size, twice, lost
 *	traffic offloads DEVICE		offloads that are on, by ethtool's names
 *	traffic switch-on DEVICE FEATURE
 *
 * In the host's namespace:
 *	traffic run [--only=TEXT] ADDRESS…
 *					all cases with a guest, a line each, and a summary
 *	traffic soak [--seconds=N] ADDRESS…
 *					traffic until a signal; prints "moved N" whenever all
 *					flows made progress, and at the end a line per flow
 *	traffic flood ADDRESS		super-packets without waiting for answers
 *	traffic read ADDRESS FILE	print a file of the guest
 *	traffic tap NAME QUEUES COMMAND…
 *					run it with the queues of a tap as descriptors 10, 11, …
 *
 * Exit status: 0 if every byte was right, 1 if not, 2 on error.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "traffic.h"

/* The text arrives in answers, the last of which is empty. */
static void serve_read(struct link *l, const struct order *o)
{
	struct answer a = { 0 };
	int fd = open(o->path, O_RDONLY);
	ssize_t n;

	a.failed = fd < 0 ? errno : 0;
	do {
		n = fd < 0 ? 0 : read(fd, a.says, sizeof(a.says) - 1);
		a.got = n > 0 ? n : 0;
		wire_write(l->fd, &a, sizeof(a));
	} while (n > 0);
	close(fd);
}

static int ask_read(const char *address, const char *path)
{
	struct order o = { .kind = ORDER_READ };
	struct link l = { 0 };
	struct answer a;

	snprintf(o.path, sizeof(o.path), "%s", path);
	link_open(&l, address);
	for (a = ask(&l, &o); a.got; ) {
		fwrite(a.says, 1, a.got < sizeof(a.says) ? a.got : sizeof(a.says), stdout);
		if (!wire_read(l.fd, &a, sizeof(a)))
			die("%s", path);
	}
	errno = a.failed;
	if (a.failed)
		die("%s", path);
	return 0;
}

static void (*const served[])(struct link *l, const struct order *o) = {
	[ORDER_READ] = serve_read,
	[ORDER_UDP_SEND] = udp_serve_send,
	[ORDER_UDP_RECEIVE] = udp_serve_receive,
	[ORDER_TCP] = tcp_serve,
	[ORDER_SOAK_UDP_SEND] = soak_serve_send,
	[ORDER_SOAK_UDP_RECEIVE] = soak_serve_receive,
	[ORDER_SOAK_HOLD] = hold_serve,
};

/* Connections are spread over the processors, and so over the device's queues. */
static void pin(unsigned int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number % sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void serve_link(struct link *l)
{
	struct order o;

	pin(l->number);
	while (next_order(l, &o)) {
		errno = EPROTO;
		if (o.kind >= sizeof(served) / sizeof(*served) || !served[o.kind])
			die("order %u", o.kind);
		served[o.kind](l, &o);
	}
}

static void serve_family(int family)
{
	int listener = wire_listen(family);
	/* The first connections of the two families use different processors. */
	struct link l = { .number = family == AF_INET };

	for (;;) {
		link_accept(&l, listener);
		if (!fork()) {
			serve_link(&l);
			exit(0);
		}
		close(l.fd);
	}
}

static int serve(void)
{
	signal(SIGCHLD, SIG_IGN);
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_family(AF_INET6);
	}
	serve_family(AF_INET);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: traffic serve [--corrupt=HOW] | offloads DEVICE |\n"
		"\tswitch-on DEVICE FEATURE | run [--only=TEXT] ADDRESS… |\n"
		"\tsoak [--seconds=N] ADDRESS… | flood ADDRESS | read ADDRESS FILE |\n"
		"\ttap NAME QUEUES COMMAND…\n");
	return 2;
}

/* The value of an optional first option. */
static const char *option(int *argc, char ***argv, const char *name)
{
	size_t n = strlen(name);

	if (!*argc || strncmp((*argv)[0], name, n))
		return NULL;
	++*argv;
	--*argc;
	return (*argv)[-1] + n;
}

static int do_serve(int argc, char **argv)
{
	udp_corrupt = option(&argc, &argv, "--corrupt=");
	return argc ? usage() : serve();
}

static int do_run(int argc, char **argv)
{
	const char *only = option(&argc, &argv, "--only=");

	return argc ? run_cases(only ? only : "", argc, argv) : usage();
}

static int do_soak(int argc, char **argv)
{
	const char *seconds = option(&argc, &argv, "--seconds=");

	return argc ? soak(seconds ? atoi(seconds) : 0, argc, argv) : usage();
}

static int do_flood(int argc, char **argv)
{
	return argc == 1 ? flood(argv[0]) : usage();
}

static int do_read(int argc, char **argv)
{
	return argc == 2 ? ask_read(argv[0], argv[1]) : usage();
}

static int do_offloads(int argc, char **argv)
{
	return argc == 1 ? device_offloads(argv[0]) : usage();
}

static int do_switch_on(int argc, char **argv)
{
	return argc == 2 ? device_switch_on(argv[0], argv[1]) : usage();
}

static int do_tap(int argc, char **argv)
{
	return argc > 2 ? device_tap(argv[0], atoi(argv[1]), argv + 2) : usage();
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} roles[] = {
	{ "serve", do_serve }, { "run", do_run }, { "soak", do_soak }, { "flood", do_flood },
	{ "read", do_read }, { "offloads", do_offloads }, { "switch-on", do_switch_on },
	{ "tap", do_tap },
};

int main(int argc, char **argv)
{
	unsigned int i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if (argc > 1 && !strcmp(argv[1], roles[i].name))
			return roles[i].run(argc - 2, argv + 2);
	return usage();
}
