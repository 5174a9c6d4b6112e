// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_wire.c - control connections, sockets, and the pattern
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traffic.h"

void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	printf("not ok traffic: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(": %s\n", strerror(error));
	fflush(stdout);
	exit(2);
}

/* Detect a lost peer in reads and in writes. */
static void set_patience(int fd)
{
	struct timeval patience = { .tv_sec = TRAFFIC_PATIENCE };
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void set_port(struct sockaddr_storage *a, uint16_t port)
{
	if (a->ss_family == AF_INET)
		((struct sockaddr_in *)a)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)a)->sin6_port = htons(port);
}

bool link_address(struct link *l, const char *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&l->peer;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&l->peer;

	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		l->peer.ss_family = AF_INET;
		l->length = sizeof(*v4);
	} else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		l->peer.ss_family = AF_INET6;
		l->length = sizeof(*v6);
	} else {
		return false;
	}
	set_port(&l->peer, TRAFFIC_PORT);
	return true;
}

void link_open(struct link *l, const char *address)
{
	errno = EINVAL;
	if (!link_address(l, address))
		die("'%s' is no address", address);
	l->fd = socket(l->peer.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		die("socket");
	set_patience(l->fd);
	if (connect(l->fd, (struct sockaddr *)&l->peer, l->length))
		die("connect to %s", address);
}

void link_accept(struct link *l, int listener)
{
	do {
		l->length = sizeof(l->peer);
		l->fd = accept(listener, (struct sockaddr *)&l->peer, &l->length);
	} while (l->fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (l->fd < 0)
		die("accept");
	set_patience(l->fd);
	l->number++;
}

static uint16_t get_port(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)a)->sin_port);
	return ntohs(((const struct sockaddr_in6 *)a)->sin6_port);
}

static int bind_to(int family, int type, uint16_t port)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0), one = 1;
	struct sockaddr_storage any = { .ss_family = family };

	if (fd < 0)
		die("socket");
	/* Each family has its own listeners: no IPv4-mapped IPv6. */
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (port)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	set_port(&any, port);
	if (bind(fd, (struct sockaddr *)&any, family == AF_INET ?
		 sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)))
		die("bind");
	return fd;
}

int wire_listen(int family)
{
	int fd = bind_to(family, SOCK_STREAM, TRAFFIC_PORT);

	if (listen(fd, 16))
		die("listen");
	return fd;
}

int wire_socket(const struct link *l, int type, uint32_t *port)
{
	int fd = bind_to(l->peer.ss_family, type, 0);
	struct sockaddr_storage own;
	socklen_t length = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &length))
		die("getsockname");
	if (port)
		*port = get_port(&own);
	return fd;
}

struct sockaddr_storage wire_to(const struct link *l, uint32_t port)
{
	struct sockaddr_storage to = l->peer;

	set_port(&to, port);
	return to;
}

int wire_connect(const struct link *l, uint32_t port)
{
	int fd = wire_socket(l, SOCK_STREAM, NULL);
	struct sockaddr_storage to = wire_to(l, port);

	set_patience(fd);
	if (connect(fd, (struct sockaddr *)&to, l->length))
		die("connect to port %u", port);
	return fd;
}

/* May exceed the system's limits, because both ends are root. */
void wire_buffer(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		die("SO_RCVBUFFORCE");
}

bool wire_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

bool wire_read(int fd, void *to, size_t n)
{
	char *p = to;

	while (n) {
		ssize_t got = recv(fd, p, n, MSG_WAITALL);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= got;
	}
	return true;
}

void wire_write(int fd, const void *from, size_t n)
{
	const char *p = from;

	while (n) {
		ssize_t put = send(fd, p, n, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			die("the control connection");
		p += put;
		n -= put;
	}
}

struct answer ask(struct link *l, const struct order *o)
{
	struct answer a;

	wire_write(l->fd, o, sizeof(*o));
	errno = ECONNRESET;
	if (!wire_read(l->fd, &a, sizeof(a)))
		die("no answer to order %u", o->kind);
	a.says[sizeof(a.says) - 1] = '\0';
	return a;
}

/* An idle control connection is not an error: the host may send no order for long. */
bool next_order(struct link *l, struct order *o)
{
	wire_readable(l->fd, -1);
	return wire_read(l->fd, o, sizeof(*o));
}

static uint64_t pattern_word(uint64_t seed, uint64_t index)
{
	uint64_t x = (seed * 0xff51afd7ed558ccd + index) * 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
	return htole64(x ^ (x >> 32));
}

static void pattern_part(uint8_t *to, uint64_t seed, uint64_t offset, size_t n)
{
	uint64_t word = pattern_word(seed, offset / 8);

	memcpy(to, (uint8_t *)&word + offset % 8, n);
}

void pattern_fill(void *to, uint64_t seed, uint64_t offset, size_t n)
{
	uint8_t *p = to;
	size_t part = -offset % 8 < n ? -offset % 8 : n;

	pattern_part(p, seed, offset, part);
	for (p += part, offset += part, n -= part; n >= 8; p += 8, offset += 8, n -= 8) {
		uint64_t word = pattern_word(seed, offset / 8);

		memcpy(p, &word, 8);
	}
	pattern_part(p, seed, offset, n);
}

size_t pattern_check(const void *data, uint64_t seed, uint64_t offset, size_t n)
{
	const uint8_t *p = data;
	uint8_t want[4096];
	size_t done, part;

	for (done = 0; done < n; done += part) {
		part = n - done < sizeof(want) ? n - done : sizeof(want);
		pattern_fill(want, seed, offset + done, part);
		if (memcmp(want, p + done, part))
			break;
	}
	for (part = 0; done + part < n && want[part] == p[done + part]; part++)
		;
	return done < n ? done + part : n;
}
