/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_fixture.h - a pair of datagram sockets in place of a tap
 *
 * Both ends are non-blocking.  Unlike a tap it has little room, so that back-pressure
 * can be tested without root.
 */
#ifndef PORT_FIXTURE_H
#define PORT_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

struct port {
	int near, far;		/* the end written to, the other end */
};

static inline bool port_open(struct port *p, int room)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd))
		return false;
	p->near = fd[0];
	p->far = fd[1];
	setsockopt(p->near, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	setsockopt(p->near, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(p->far, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	setsockopt(p->far, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return true;
}

static inline void port_close(struct port *p)
{
	close(p->near);
	close(p->far);
}

#endif /* PORT_FIXTURE_H */
