// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_udp.c - send super-packets and plain datagrams, and check those received
 *
 * A shape is sent as count messages of length bytes each, so every datagram is known
 * beforehand, message by message, segment by segment.  A received datagram is compared
 * with these: the next one is right, a later one means that some were lost, and anything
 * else is wrong.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traffic.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

const char *udp_corrupt;

#define UDP_QUIET 400		/* ms after which nothing more comes */
#define UDP_ROOM 65536
#define UDP_BUFFER (16 << 20)

struct judge {
	const struct order *o;
	unsigned int next, total;
	struct answer a;
};

static unsigned int segments_of(const struct order *o)
{
	return o->gso && o->length > o->gso ? (o->length + o->gso - 1) / o->gso : 1;
}

/* A datagram of the shape: its size, and its place in the pattern. */
static uint32_t datagram_at(const struct order *o, unsigned int index, uint64_t *offset)
{
	unsigned int segments = segments_of(o);
	uint32_t start = (index % segments) * o->gso;

	*offset = (uint64_t)(index / segments) * o->length + start;
	if (segments == 1 || o->length - start < o->gso)
		return o->length - start;
	return o->gso;
}

static bool datagram_is(const struct order *o, unsigned int index, const void *data, size_t n)
{
	uint64_t offset;

	return datagram_at(o, index, &offset) == n &&
		pattern_check(data, o->seed, offset, n) == n;
}

static void judge_wrong(struct judge *j, const uint8_t *data, size_t n)
{
	uint64_t offset;
	uint32_t size = datagram_at(j->o, j->next, &offset);
	size_t good = pattern_check(data, j->o->seed, offset, n < size ? n : size);

	j->a.failed = 1;
	snprintf(j->a.says, sizeof(j->a.says),
		 "datagram %u of %u: %zu bytes instead of %u, the first wrong one is %zu: 0x%02x",
		 j->next, j->total, n, size, good, good < n ? data[good] : 0);
}

static void judge_datagram(struct judge *j, const void *data, size_t n)
{
	unsigned int i;

	for (i = j->next; i < j->total && !datagram_is(j->o, i, data, n); i++)
		;
	if (i < j->total) {
		j->a.got++;
		j->a.lost += i - j->next;
		j->next = i + 1;
		return;
	}
	for (i = 0; i < j->next && i < j->total && !datagram_is(j->o, i, data, n); i++)
		;
	if (i == j->next || i == j->total) {
		judge_wrong(j, data, n);
	} else {
		j->a.failed = 1;
		snprintf(j->a.says, sizeof(j->a.says), "datagram %u came twice, or after number %u",
			 i, j->next - 1);
	}
}

static void judge_message(struct judge *j, const char *data, size_t n, size_t each)
{
	size_t size;

	do {
		size = n < each ? n : each;
		judge_datagram(j, data, size);
		data += size;
		n -= size;
	} while (n && !j->a.failed);
}

/* Receive until the shape is complete; anything else is an error. */
static struct answer receive_shape(int fd, const struct order *o)
{
	struct judge j = { .o = o, .total = o->count * segments_of(o) };
	char data[UDP_ROOM];
	size_t n, each;

	while (!j.a.failed && wire_readable(fd, j.next < j.total ? UDP_QUIET : 0)) {
		n = udp_receive(fd, data, sizeof(data), &each);
		if (o->gro == 0 && each != n && n)
			die("GRO on a socket without it");
		judge_message(&j, data, n, each);
	}
	if (!j.a.failed)
		j.a.lost += j.total - j.next;
	return j.a;
}

int udp_receiver(const struct link *l, bool gro, uint32_t *port)
{
	int fd = wire_socket(l, SOCK_DGRAM, port), one = 1;

	wire_buffer(fd, UDP_BUFFER);
	if (gro && setsockopt(fd, IPPROTO_UDP, UDP_GRO, &one, sizeof(one)))
		die("UDP_GRO");
	return fd;
}

size_t udp_receive(int fd, void *data, size_t room, size_t *each)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = data, .iov_len = room };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(fd, &msg, 0);
	struct cmsghdr *c;
	int gro = got;

	if (got < 0 || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		die("recvmsg");
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
			memcpy(&gro, CMSG_DATA(c), sizeof(gro));
	if (got && gro <= 0)
		die("UDP_GRO of %d", gro);
	*each = gro;
	return got;
}

static void add_segment_size(struct msghdr *msg, uint16_t gso)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	c->cmsg_level = IPPROTO_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(gso));
	memcpy(CMSG_DATA(c), &gso, sizeof(gso));
}

void udp_send(int fd, const struct sockaddr_storage *to, const void *data, size_t n,
	      uint32_t gso)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(uint16_t))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = n };
	struct msghdr msg = { .msg_name = (void *)to, .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_namelen = to->ss_family == AF_INET ?
				sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6) };

	if (gso) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		add_segment_size(&msg, gso);
	}
	/* A device that is temporarily down refuses; refused datagrams count as lost. */
	if (sendmsg(fd, &msg, 0) < 0 && errno != ENOBUFS && errno != ENETUNREACH &&
	    errno != EHOSTUNREACH && errno != ENETDOWN)
		die("sendmsg of %zu bytes, segments of %u", n, gso);
}

static bool corrupted(const char *how)
{
	return !strcmp(udp_corrupt, how);
}

/* Must the message still be sent? */
static bool corrupt_sends(int fd, const struct sockaddr_storage *to, char *data,
			const struct order *o)
{
	uint32_t gso = o->gso && o->gso < o->length ? o->gso : 0;

	if (corrupted("bit") && o->length)
		data[o->length - 1] ^= 1;
	if (corrupted("order") && gso) {
		udp_send(fd, to, data + gso, o->length - gso, gso);
		udp_send(fd, to, data, gso, 0);
	}
	if (corrupted("size") && gso)
		udp_send(fd, to, data, o->length - 1, gso);
	if (corrupted("twice"))
		udp_send(fd, to, data, o->length, o->gso);
	return !corrupted("lost") && !(gso && (corrupted("size") || corrupted("order")));
}

static void send_shape(const struct link *l, const struct order *o, uint32_t port)
{
	struct sockaddr_storage to = wire_to(l, port);
	int fd = wire_socket(l, SOCK_DGRAM, NULL);
	char data[UDP_ROOM];
	unsigned int i;

	for (i = 0; i < o->count; i++) {
		pattern_fill(data, o->seed, (uint64_t)i * o->length, o->length);
		if (!udp_corrupt || corrupt_sends(fd, &to, data, o))
			udp_send(fd, &to, data, o->length, o->gso);
	}
	close(fd);
}

static void tell(struct link *l, const struct answer *a)
{
	wire_write(l->fd, a, sizeof(*a));
}

void udp_serve_send(struct link *l, const struct order *o)
{
	struct answer a = { 0 };

	send_shape(l, o, o->port);
	tell(l, &a);
}

void udp_serve_receive(struct link *l, const struct order *o)
{
	struct answer a = { 0 };
	struct order sent;
	int fd = udp_receiver(l, o->gro, &a.port);

	tell(l, &a);
	if (next_order(l, &sent)) {
		a = receive_shape(fd, o);
		tell(l, &a);
	}
	close(fd);
}

struct answer udp_to_guest(struct link *l, struct order o)
{
	struct order sent = { .kind = ORDER_UDP_SENT };

	o.kind = ORDER_UDP_RECEIVE;
	send_shape(l, &o, ask(l, &o).port);
	return ask(l, &sent);
}

struct answer udp_from_guest(struct link *l, struct order o)
{
	struct answer a;
	int fd = udp_receiver(l, o.gro, &o.port);

	o.kind = ORDER_UDP_SEND;
	ask(l, &o);
	a = receive_shape(fd, &o);
	close(fd);
	return a;
}
