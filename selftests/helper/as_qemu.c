// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * as_qemu.c - run a helper as QEMU does, and say what came of it
 *
 * as_qemu HELPER OPTION…
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int descriptors(int fd)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	return recvmsg(fd, &m, MSG_DONTWAIT) == 1 && CMSG_FIRSTHDR(&m) ? 1 : 0;
}

int main(int argc, char **argv)
{
	char *args[32] = { argv[1], "--use-vnet", NULL }, option[16];
	int sv[2], status, i;
	pid_t pid;

	if (argc < 2 || argc > 24 || socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
		return 99;
	snprintf(option, sizeof(option), "--fd=%d", sv[1]);
	args[2] = option;
	for (i = 2; i < argc; i++)
		args[i + 1] = argv[i];
	pid = fork();
	if (pid == 0) {
		execv(args[0], args);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	printf("status %d, descriptors %d\n", WEXITSTATUS(status), descriptors(sv[0]));
	return 0;
}
