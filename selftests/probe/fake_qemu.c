// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fake_qemu.c - a program in QEMU's place: says what it was started with
 *
 * Ends with 42, or by the signal that "-signal NUMBER" names.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "(none)";
}

static const char *handled(int number)
{
	struct sigaction action;

	sigaction(number, NULL, &action);
	return action.sa_handler == SIG_IGN ? "ignored" : "default";
}

/* Descriptors beyond the first three that were inherited. */
static int strays(void)
{
	int fd, n = 0;

	for (fd = 3; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int main(int argc, char **argv)
{
	int i;

	printf("pid %d\npreload %s\nemulate %s\nmask %s\nlog %s\n", (int)getpid(),
	       variable("LD_PRELOAD"), variable("TAPCOMPAT_EMULATE"), variable("TAPCOMPAT_MASK"),
	       variable("TAPCOMPAT_LOG"));
	printf("pipe %s\nstrays %d\narguments", handled(SIGPIPE), strays());
	for (i = 0; i < argc; i++)
		printf(" [%s]", argv[i]);
	putchar('\n');
	fflush(stdout);
	if (argc == 3 && !strcmp(argv[1], "-signal"))
		raise(atoi(argv[2]));
	return 42;
}
