// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * trial_tcp.c - between the local port and a TCP socket of the host
 *
 * The guest's end of the connection is implemented here with frames: three to open it,
 * then either the super-packet, or acknowledgements for what the host's stack sends.  The
 * guest's SYN has no options, so the host uses none that would extend the header, and the
 * default segment size.
 */
#include "trial.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "ground/answer.h"
#include "ground/bytes.h"

/* Sent before the data under test, to signal congestion for. */
#define STREAM_FIRST (8 * 536)

struct stream {
	struct trial *tr;
	int listener, fd;
	struct flow guest;	/* the guest's frames without data */
	struct tunnel tunnel;
	uint32_t seen;		/* next byte that the guest expects */
	uint8_t peer_flags;	/* of the host's SYN */
};

static bool trial_wants_ecn(const struct trial *tr)
{
	return tr->kind->tcp_flags & TCP_CWR;
}

static int stream_listen(const struct trial *tr, uint16_t port)
{
	struct timeval patience = TRIAL_TIMEVAL;
	struct sockaddr_storage ss;
	socklen_t len = trial_sockaddr(tr, true, port, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), ret;

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
	    !bind(fd, (struct sockaddr *)&ss, len) && !listen(fd, 1))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

/* A frame of the guest without data. */
static void stream_send_flags(struct stream *s, uint8_t flags)
{
	s->guest.tcp_flags = flags;
	s->guest.ack = s->seen;
	trial_send(s->tr, s->tr->t->local, &s->guest);
}

/* Is it TCP from the host's end of this connection?  @p: set to the innermost packet. */
static bool stream_match(const struct stream *s, const uint8_t *frame, size_t len,
			 struct packet *p)
{
	const struct flow *g = &s->guest;

	if (packet_parse(frame, len, 0, p))
		return false;
	if (g->tunnel && (p->proto != IPPROTO_UDP ||
			  packet_parse(frame, p->end, p->payload + VXLAN_LEN, p)))
		return false;
	return p->proto == IPPROTO_TCP && !p->fragment &&
	       get_be16(frame + p->l4) == g->dport &&
	       get_be16(frame + p->l4 + 2) == g->sport;
}

/* Wait for the host's SYN. */
static void stream_await_syn(struct stream *s)
{
	uint8_t *frame = s->tr->t->frame;
	struct packet p;
	struct vnet h;

	while (!(s->peer_flags & TCP_SYN)) {
		int n = port_receive(s->tr->t->local, &h, frame, TRIAL_PATIENCE);

		if (n == -ETIMEDOUT)
			judge_fail(&s->tr->judge, "the host's stack does not answer a SYN");
		else if (n < 0)
			judge_untested(&s->tr->judge, "read: %s", answer_errno(n));
		if (n < 0)
			return;
		if (!stream_match(s, frame, (size_t)n, &p))
			continue;
		s->peer_flags = frame[p.l4 + 13];
		s->seen = get_be32(frame + p.l4 + 4) + 1;
	}
}

/* Open the connection with three frames; errors are recorded with the judge. */
static void stream_connect(struct stream *s)
{
	struct judge *j = &s->tr->judge;
	bool ecn = trial_wants_ecn(s->tr);

	port_drain(s->tr->t->local);
	stream_send_flags(s, ecn ? TCP_SYN | TCP_ECE | TCP_CWR : TCP_SYN);
	stream_await_syn(s);
	s->guest.seq++;
	if (!j->why[0])
		stream_send_flags(s, TCP_ACK);
	if (!j->why[0] && ecn && !(s->peer_flags & TCP_ECE))
		judge_fail(j, "the host's stack does not negotiate ECN");
}

/* Sets s->fd to the host's socket, or to -1 with the reason recorded with the judge. */
static void stream_open(struct stream *s, struct trial *tr)
{
	const struct flow *f = &tr->flow;

	*s = (struct stream){ .tr = tr, .fd = -1 };
	s->guest = flow_reverse(f, &s->tunnel);
	if (tr->guest_sends)
		s->guest = flow_reverse(&s->guest, &s->tunnel);
	s->guest.partial_csum = false;
	s->guest.ip.tos = 0;
	s->guest.seq = tr->guest_sends ? f->seq - 1 : f->ack - 1;
	s->listener = stream_listen(tr, s->guest.dport);
	if (s->listener < 0) {
		judge_untested(&tr->judge, "socket: %s", answer_errno(s->listener));
		return;
	}
	stream_connect(s);
	if (tr->judge.why[0])
		return;
	s->fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	/* On a timeout, the guest's acknowledgement is lost. */
	if (s->fd < 0 && errno == EAGAIN)
		judge_fail(&tr->judge, "the host's stack does not accept the connection");
	else if (s->fd < 0)
		judge_untested(&tr->judge, "accept: %s", answer_errno(-errno));
}

static void stream_close(struct stream *s)
{
	struct linger reset = { .l_onoff = 1 };

	if (s->fd >= 0) {
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(s->fd);
	}
	if (s->listener >= 0)
		close(s->listener);
}

static void judge_stream(struct trial *tr, int fd)
{
	struct timeval patience = TRIAL_TIMEVAL;
	struct judge *j = &tr->judge;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while (j->next < tr->flow.payload) {
		ssize_t n = recv(fd, tr->t->datagram, tr->flow.payload - j->next, 0);

		if (n < 0 && errno != EAGAIN)
			judge_untested(j, "recv: %s", answer_errno(-errno));
		if (n <= 0)
			return;
		j->frames = 1;
		j->arrived += (uint32_t)n;
		if (!judge_bytes(j, tr->t->datagram, (size_t)n))
			return;
	}
}

void trial_to_stream(struct trial *tr)
{
	struct stream s;

	stream_open(&s, tr);
	if (s.fd >= 0) {
		tr->flow.tcp_flags |= TCP_ACK | TCP_PSH;
		tr->flow.ack = s.seen;
		if (!trial_send(tr, tr->t->local, &tr->flow))
			judge_stream(tr, s.fd);
	}
	stream_close(&s);
}

/* Read what the host sends; with @j, judge and acknowledge it. */
static void stream_read(struct stream *s, uint32_t bytes, struct judge *j)
{
	struct port *port = s->tr->t->local;
	uint8_t *frame = s->tr->t->frame;
	uint32_t end = s->seen + bytes;
	struct vnet h;

	while (s->seen != end && !s->tr->judge.why[0]) {
		int n = port_receive(port, &h, frame, TRIAL_PATIENCE);
		struct packet p;

		if (n < 0)
			return;
		if (!stream_match(s, frame, (size_t)n, &p))
			continue;
		if (j)
			judge_frame(j, &h, frame, (size_t)n);
		if (get_be32(frame + p.l4 + 4) == s->seen)
			s->seen += (uint32_t)(p.end - p.payload);
		if (j)
			stream_send_flags(s, TCP_ACK);
	}
}

/*
 * Signal congestion to the host's stack, so that its next data must have CWR.  Half of
 * what it sent is acknowledged with ECE, the rest without: its window is then large
 * again, and the next data can be a super-packet.
 */
static void stream_congest(struct stream *s)
{
	uint32_t end;

	stream_read(s, STREAM_FIRST, NULL);
	end = s->seen;
	s->seen -= STREAM_FIRST / 2;
	stream_send_flags(s, TCP_ACK | TCP_ECE);
	s->seen = end;
	stream_send_flags(s, TCP_ACK);
}

static void stream_send(struct stream *s, const struct flow *f, uint32_t bytes)
{
	flow_fill(s->tr->t->datagram, f->seed, 0, bytes);
	if (send(s->fd, s->tr->t->datagram, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
		trial_refused(s->tr, "the host's stack refuses to send it: send", -errno);
}

void trial_from_stream(struct trial *tr)
{
	struct flow *f = &tr->flow;
	struct stream s;

	stream_open(&s, tr);
	if (s.fd >= 0 && trial_wants_ecn(tr)) {
		stream_send(&s, f, STREAM_FIRST);
		stream_congest(&s);
	}
	if (s.fd >= 0 && !tr->judge.why[0]) {
		f->tcp_flags |= TCP_ACK;
		f->seq = s.seen;
		f->ack = s.guest.seq;
		stream_send(&s, f, f->payload);
		stream_read(&s, f->payload, &tr->judge);
	}
	stream_close(&s);
}
