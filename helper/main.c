// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - the helper's steps, in their order
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ground/text.h"

static const char usage[] =
	"Usage: tapcompat-helper --use-vnet --fd=N [--br=NAME] [OPTION...]\n\n"
	"QEMU runs it for -netdev tap,helper= and -netdev bridge,helper=.  It creates a tap,\n"
	"adds it to a bridge and passes it to QEMU; or refuses if a required feature is\n"
	"missing.\n\n"
	"  --use-vnet            with a vnet header\n"
	"  --fd=N                the socket to which the tap is sent\n"
	"  --br=NAME             the bridge (br0); " HELPER_ACL " says which may be used\n"
	"  --require=LIST        features that the host must provide, and those that they need;\n"
	"                        in QEMU's options separated by colons: host_uso:guest_uso4\n"
	"  --model=NAME          those of a model, such as tapnet-v1\n"
	"  --allow-emulated      count what can be emulated: start QEMU with 'tapcompat run'\n"
	"      --help, --version\n";

void helper_say(const char *format, ...)
{
	char raw[1024], text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	fprintf(stderr, "tapcompat-helper: %s\n", text_escape(text, sizeof(text), raw));
}

/*
 * Every ioctl(2) here goes to the kernel, by the linker's --wrap: the shim in a QEMU that
 * tapcompat run has started is preloaded into QEMU's children as well, and would answer.
 */
int kernel_ioctl(int fd, unsigned long request, void *argument) __asm__("__wrap_ioctl");

int kernel_ioctl(int fd, unsigned long request, void *argument)
{
	return (int)syscall(SYS_ioctl, fd, request, argument);
}

static void too_late(int signal_number)
{
	static const char text[] =
		"tapcompat-helper: timed out after 30 seconds: the kernel, or the receiver of the "
		"tap, does not answer\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)signal_number, (void)n;
	_exit(TAPCOMPAT_EXIT_UNDECIDED);
}

/*
 * The environment is the caller's, and constructors of libraries use it before main():
 * libnl takes file names from it.  Functions in .preinit_array run before them.
 */
static void environment_drop(int argc, char **argv, char **environment)
{
	(void)argc, (void)argv;
	environment[0] = NULL;
}

__attribute__((section(".preinit_array"), used))
static void (*const first_of_all[])(int, char **, char **) = { environment_drop };

/* Descriptors and signals are the caller's as well. */
static int surroundings_set(void)
{
	struct sigaction late = { .sa_handler = too_late };
	sigset_t none;
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0) {
			helper_say("/dev/null cannot be opened: %s", strerror(errno));
			return TAPCOMPAT_EXIT_UNDECIDED;
		}
	} while (fd <= STDERR_FILENO);
	close(fd);
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigaction(SIGALRM, &late, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(HELPER_PATIENCE);
	return 0;
}

/* All checks, before a tap is created. */
static int refuse(const struct request *r, struct bridge *b)
{
	int ret = socket_check(r->fd);

	if (!ret)
		ret = acl_check(HELPER_ACL, r->bridge);
	if (!ret)
		ret = bridge_find(r->bridge, b);
	if (!ret && r->required)
		ret = proof_run(r);
	return ret ? ret : privilege_drop_namespaces();
}

static int serve(const struct request *r)
{
	struct bridge bridge;
	int tap, ret = refuse(r, &bridge);

	if (!ret)
		ret = port_make(r, &bridge, &tap);
	if (!ret)
		ret = socket_send(r->fd, tap);
	return ret;
}

int main(int argc, char **argv)
{
	struct request r;
	int ret = surroundings_set();

	if (!ret)
		ret = privilege_drop();
	if (!ret)
		ret = options_read(&r, argc, argv);
	if (ret)
		return ret;
	if (r.help || r.version) {
		if (r.help)
			fputs(usage, stdout);
		else
			printf("tapcompat-helper %s\n", tapcompat_version());
		/* Not 0 if QEMU waits for a tap. */
		return fflush(stdout) || r.fd_given ? TAPCOMPAT_EXIT_USAGE : 0;
	}
	return serve(&r);
}
