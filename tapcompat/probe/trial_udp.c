// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * trial_udp.c - between the local port and a UDP socket of the host
 */
#include "trial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/virtio_net.h>
#include <tapcompat_linux.h>

#include "ground/answer.h"

static int socket_bound(struct trial *tr, uint16_t port)
{
	struct timeval patience = TRIAL_TIMEVAL;
	struct sockaddr_storage ss;
	socklen_t len = trial_sockaddr(tr, true, port, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
	    !bind(fd, (struct sockaddr *)&ss, len))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

static uint16_t sender_port(const struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)ss)->sin_port);
	return ntohs(((const struct sockaddr_in6 *)ss)->sin6_port);
}

/* Check a received datagram: sender, length, bytes. */
static void judge_received(struct trial *tr, const struct sockaddr_storage *from, size_t len)
{
	const struct flow *f = &tr->flow;
	struct judge *j = &tr->judge;
	uint32_t rest = f->payload - j->next, want = rest;
	struct sockaddr_storage guest;
	socklen_t n = trial_sockaddr(tr, false, f->sport, &guest);

	if (f->gso_type == VIRTIO_NET_HDR_GSO_UDP_L4 && f->gso_size < rest)
		want = f->gso_size;
	j->frames++;
	j->arrived += (uint32_t)len;
	if (memcmp(&guest, from, n))
		judge_fail(j, "datagram %u: wrong sender address", j->segments);
	else if (len != want)
		judge_fail(j, "datagram %u: %zu bytes instead of %u", j->segments, len, want);
	else
		judge_bytes(j, tr->t->datagram, len);
	j->segments++;
}

static void judge_socket(struct trial *tr, int fd, uint16_t marker)
{
	for (;;) {
		struct sockaddr_storage from;
		socklen_t fromlen = sizeof(from);
		ssize_t n;

		memset(&from, 0, sizeof(from));
		n = recvfrom(fd, tr->t->datagram, FRAME_MAX, 0, (struct sockaddr *)&from,
			     &fromlen);
		if (n < 0 && errno == EAGAIN)
			judge_fail(&tr->judge, "lost, and so was a plain datagram sent after it");
		else if (n < 0)
			judge_untested(&tr->judge, "recvfrom: %s", answer_errno(-errno));
		if (n < 0)
			return;
		if (sender_port(&from) == marker)
			return;
		judge_received(tr, &from, (size_t)n);
	}
}

void trial_to_socket(struct trial *tr)
{
	struct flow marker = trial_marker(tr);
	int fd = socket_bound(tr, tr->flow.dport);

	if (fd < 0) {
		judge_untested(&tr->judge, "socket: %s", answer_errno(fd));
		return;
	}
	if (!trial_send(tr, tr->t->local, &tr->flow) &&
	    !trial_send(tr, tr->t->local, &marker))
		judge_socket(tr, fd, marker.sport);
	close(fd);
}

/* Errors are recorded with the judge. */
static int socket_send(struct trial *tr, int fd, const struct flow *f)
{
	struct sockaddr_storage guest;
	socklen_t len = trial_sockaddr(tr, false, f->dport, &guest);
	int segment = f->gso_type == VIRTIO_NET_HDR_GSO_UDP_L4 ? f->gso_size : 0;

	flow_fill(tr->t->datagram, f->seed, 0, f->payload);
	if (segment && setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment))) {
		judge_untested(&tr->judge, "UDP_SEGMENT: %s", answer_errno(-errno));
		return -1;
	}
	if (sendto(fd, tr->t->datagram, f->payload, 0, (struct sockaddr *)&guest, len) < 0) {
		trial_refused(tr, "the host's stack refuses to send it: sendto", -errno);
		return -1;
	}
	segment = 0;
	setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	return 0;
}

void trial_from_socket(struct trial *tr)
{
	struct flow marker = trial_marker(tr);
	int fd = socket_bound(tr, tr->flow.sport);

	if (fd < 0) {
		judge_untested(&tr->judge, "socket: %s", answer_errno(fd));
		return;
	}
	port_drain(tr->t->local);
	if (!socket_send(tr, fd, &tr->flow) && !socket_send(tr, fd, &marker))
		trial_collect(tr, tr->t->local, &marker);
	close(fd);
}
