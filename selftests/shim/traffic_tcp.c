// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_tcp.c - streams
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

/* Not a power of two, so that segments and writes end at different places. */
#define STREAM_CHUNK 50021

static bool stream_wrong(struct stream *s, const char *what, const char *why)
{
	snprintf(s->says, sizeof(s->says), "%s after %llu bytes: %s", what,
		 (unsigned long long)(s->got + s->sent), why);
	return false;
}

static bool stream_send(struct stream *s)
{
	char data[STREAM_CHUNK];
	uint64_t left = s->limit - s->sent;
	size_t n = left < sizeof(data) ? left : sizeof(data);
	ssize_t put;

	pattern_fill(data, s->tx_seed, s->sent, n);
	put = send(s->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put < 0)
		return errno == EAGAIN || errno == EINTR ||
			stream_wrong(s, "send", strerror(errno));
	s->sent += put;
	return true;
}

static bool stream_receive(struct stream *s)
{
	char data[STREAM_CHUNK];
	ssize_t got = recv(s->fd, data, sizeof(data), MSG_DONTWAIT);
	size_t good;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ||
			stream_wrong(s, "receive", strerror(errno));
	s->eof = !got;
	good = pattern_check(data, s->rx_seed, s->got, got);
	s->got += good;
	return good == (size_t)got || stream_wrong(s, "receive", "a wrong byte");
}

/* Do not poll for events that are not needed any more. */
static bool stream_step(struct stream *s)
{
	struct pollfd p = { .fd = s->fd };
	bool more = s->sent < s->limit;

	if (!more && !s->shut) {
		shutdown(s->fd, SHUT_WR);
		s->shut = true;
	}
	p.events = (more ? POLLOUT : 0) | (s->eof ? 0 : POLLIN);
	if (!p.events)
		return true;
	if (poll(&p, 1, 100) < 0 && errno != EINTR)
		return stream_wrong(s, "poll", strerror(errno));
	if (!s->eof && (p.revents & (POLLIN | POLLERR | POLLHUP)) && !stream_receive(s))
		return false;
	return !more || !(p.revents & POLLOUT) || stream_send(s);
}

static long seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

bool stream_run(struct stream *s)
{
	uint64_t before = 0;
	long last = seconds_now();

	while (!(s->shut && s->eof)) {
		if (s->step)
			s->step(s, s->context);
		if (!stream_step(s))
			return false;
		if (s->sent + s->got != before)
			last = seconds_now();
		else if (seconds_now() - last > TRAFFIC_PATIENCE)
			return stream_wrong(s, "stream", "it stands still");
		before = s->sent + s->got;
		if (s->pause)
			usleep(s->pause);
	}
	return true;
}

static struct answer stream_judge(struct stream *s, uint64_t want)
{
	struct answer a = { 0 };

	if (stream_run(s) && s->got != want && want != UINT64_MAX)
		stream_wrong(s, "receive", "it ended");
	a.failed = s->says[0] != '\0';
	a.got = s->got;
	memcpy(a.says, s->says, sizeof(a.says));
	close(s->fd);
	return a;
}

/* The other end has shut down: do the same. */
static void end_with_peer(struct stream *s, void *unused)
{
	if (s->eof)
		s->limit = s->sent;
}

static int accept_one(int listener)
{
	int fd = -1;

	errno = ETIMEDOUT;
	if (wire_readable(listener, TRAFFIC_PATIENCE * 1000))
		fd = accept(listener, NULL, NULL);
	if (fd < 0)
		die("accept");
	close(listener);
	return fd;
}

/* Send bytes to the guest, and receive bytes back; endless if bytes is UINT64_MAX. */
void tcp_serve(struct link *l, const struct order *o)
{
	bool soak = o->bytes == UINT64_MAX;
	struct stream s = { .limit = o->back, .tx_seed = o->seed + 1, .rx_seed = o->seed,
			    .step = soak ? end_with_peer : NULL, .pause = soak ? 1000 : 0 };
	struct answer a = { 0 };
	int listener = wire_socket(l, SOCK_STREAM, &a.port);

	if (listen(listener, 1))
		die("listen");
	wire_write(l->fd, &a, sizeof(a));
	s.fd = accept_one(listener);
	a = stream_judge(&s, o->bytes);
	wire_write(l->fd, &a, sizeof(a));
}

struct answer tcp_case(struct link *l, struct order o)
{
	struct stream s = { .limit = o.bytes, .tx_seed = o.seed, .rx_seed = o.seed + 1 };
	struct answer here, there;

	o.kind = ORDER_TCP;
	s.fd = wire_connect(l, ask(l, &o).port);
	here = stream_judge(&s, o.back);
	errno = ECONNRESET;
	if (!wire_read(l->fd, &there, sizeof(there)))
		die("no answer about a stream");
	return here.failed ? here : there;
}
