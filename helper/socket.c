// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * socket.c - the socket to which the tap is sent
 */
#include "helper.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int socket_number(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) ? -1 : value;
}

int socket_check(int fd)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	if (socket_number(fd, SO_DOMAIN) != AF_UNIX || socket_number(fd, SO_TYPE) != SOCK_STREAM) {
		helper_say("--fd=%d is not a UNIX stream socket: QEMU starts this program, and "
			   "passes one", fd);
		return TAPCOMPAT_EXIT_USAGE;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ||
	    (peer.uid != getuid() && peer.uid != 0)) {
		helper_say("the other end of --fd=%d belongs to another user", fd);
		return TAPCOMPAT_EXIT_USAGE;
	}
	return 0;
}

int socket_send(int fd, int tap)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c = &control.align;
	ssize_t n;

	memset(&control, 0, sizeof(control));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &tap, sizeof(tap));
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	helper_say("cannot send the tap: %s", n < 0 ? strerror(errno) : "nothing was sent");
	return TAPCOMPAT_EXIT_UNDECIDED;
}
