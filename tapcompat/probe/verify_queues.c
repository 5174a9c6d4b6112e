// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * verify_queues.c - verify that flows are distributed among queues
 *
 * The host's stack opens flows to the guest: datagrams, and SYNs that are not answered.
 * Each flow must arrive on one queue, and with steering on the queue selected by its hash.
 */
#include "verify.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "packet/packet.h"
#include "trial.h"

#define FLOWS 16	/* of each family and protocol */
#define DATAGRAMS 3	/* of each UDP flow */
#define FIRST_PORT 6000
#define GUEST_PORT 7000

/* A flow from the host's stack through the queues. */
struct spread {
	struct testbed *t;
	struct queues *q;
	uint8_t family;
	int type;		/* SOCK_DGRAM or SOCK_STREAM */
	uint16_t port;
	int queue;		/* on which it arrived, or -1 */
	unsigned int hits[QUEUES];	/* flows per queue */
	bool lost;
	char why[160];		/* what is wrong, or lost */
	char untested[160];	/* why a flow could not be sent or read */
};

/* Start the flow; the socket must stay open while waiting for frames. */
static int spread_send(struct spread *s)
{
	struct sockaddr_storage host, guest;
	socklen_t hostlen = testbed_sockaddr(s->q->network, s->family, false, s->port, &host);
	socklen_t len = testbed_sockaddr(s->q->network, s->family, true, GUEST_PORT, &guest);
	int fd = socket(host.ss_family, s->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), i;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&host, hostlen) ||
	    (connect(fd, (struct sockaddr *)&guest, len) && errno != EINPROGRESS))
		goto fail;
	for (i = 0; s->type == SOCK_DGRAM && i < DATAGRAMS; i++)
		if (send(fd, "flow", 4, 0) != 4)
			goto fail;
	return fd;
fail:
	i = -errno;
	close(fd);
	return i;
}

/* The flow's hash input: addresses and ports in packet order. */
static unsigned int spread_input(const uint8_t *frame, const struct packet *p, uint8_t *input)
{
	unsigned int n = p->family == 4 ? 8 : 32;

	memcpy(input, frame + p->l3 + (p->family == 4 ? 12 : 8), n);
	memcpy(input + n, frame + p->l4, 4);
	return n + 4;
}

/* A frame arrived on @queue: is it ours, and is this the right queue? */
static bool spread_take(struct spread *s, int queue, const uint8_t *frame, size_t len)
{
	const struct steer_config *config = s->q->config;
	uint8_t input[TOEPLITZ_INPUT];
	int want = s->queue;
	struct packet p;

	if (packet_parse(frame, len, 0, &p) || p.fragment || p.family != s->family ||
	    get_be16(frame + p.l4) != s->port || get_be16(frame + p.l4 + 2) != GUEST_PORT)
		return false;
	if (config) {
		unsigned int n = spread_input(frame, &p, input);

		want = steer_queue(config, input, n);
	}
	if (want >= 0 && queue != want)
		text_set(s->why, sizeof(s->why),
			 "a frame of %s over IPv%d from port %u arrived on queue %d instead of %d",
			 s->type == SOCK_DGRAM ? "UDP" : "TCP", s->family, s->port, queue, want);
	s->queue = queue;
	return true;
}

/* Read waiting frames; rings may hold some without another interrupt. */
static int spread_sweep(struct spread *s)
{
	int i, taken = 0;

	for (i = 0; i < QUEUES; i++) {
		struct vnet h;
		int n = port_receive(&s->q->port[i], &h, s->t->frame, 0);

		if (n >= 0 && spread_take(s, i, s->t->frame, (size_t)n))
			taken++;
	}
	return taken;
}

static int spread_receive(struct spread *s)
{
	struct pollfd poller[QUEUES];
	int i, taken = spread_sweep(s);

	if (taken)
		return taken;
	for (i = 0; i < QUEUES; i++)
		poller[i] = (struct pollfd){ .fd = port_poll_fd(&s->q->port[i]), .events = POLLIN };
	switch (poll(poller, QUEUES, TRIAL_PATIENCE)) {
	case -1:
		return -errno;
	case 0:
		return -ETIMEDOUT;
	default:
		return spread_sweep(s);
	}
}

/* Wait for the flow's frames. */
static void spread_await(struct spread *s)
{
	int left = s->type == SOCK_DGRAM ? DATAGRAMS : 1;

	s->queue = -1;
	while (left > 0 && !s->why[0]) {
		int n = spread_receive(s);

		if (n < 0 && n != -ETIMEDOUT) {
			text_set(s->untested, sizeof(s->untested), "poll: %s", answer_errno(n));
			return;
		}
		if (n < 0) {
			s->lost = true;
			text_set(s->why, sizeof(s->why),
				 "a frame of %s over IPv%d from port %u was lost",
				 s->type == SOCK_DGRAM ? "UDP" : "TCP", s->family, s->port);
			return;
		}
		left -= n;
	}
	if (s->queue >= 0)
		s->hits[s->queue]++;
}

static void spread_flow(struct spread *s)
{
	int fd = spread_send(s);

	if (fd < 0) {
		text_set(s->untested, sizeof(s->untested), "cannot send a flow: %s",
			 answer_errno(fd));
		return;
	}
	spread_await(s);
	close(fd);
}

static void spread_flows(struct spread *s)
{
	unsigned int i;

	for (i = 0; i < 4 * FLOWS && !s->why[0] && !s->untested[0]; i++) {
		s->family = i & 1 ? 6 : 4;
		s->type = i & 2 ? SOCK_STREAM : SOCK_DGRAM;
		s->port = (uint16_t)(FIRST_PORT + i);
		if (s->family == 4 || !s->t->no_v6[0])
			spread_flow(s);
	}
}

void verify_queues(struct testbed *t, struct queues *q, struct caps_backend *b,
		   const struct tapcompat_feature *f)
{
	struct spread s = { .lost = true };
	unsigned int i, used = 0;

	/* As with other frames, a loss must be reproducible. */
	for (i = 0; i < TRIAL_ATTEMPTS && (s.lost || s.untested[0]); i++) {
		s = (struct spread){ .t = t, .q = q };
		spread_flows(&s);
	}
	for (i = 0; i < QUEUES; i++)
		used += s.hits[i] > 0;
	if (s.why[0])
		caps_verdict(b, f, TAPCOMPAT_FAILED, "accepted, but %s", s.why);
	else if (s.untested[0])
		caps_verdict(b, f, TAPCOMPAT_UNTESTED, "no frames sent: %s", s.untested);
	else if (used < 2)
		caps_verdict(b, f, TAPCOMPAT_INEFFECTIVE, "all flows arrived on one queue");
	else
		caps_verdict(b, f, TAPCOMPAT_PASSED, "%s", "");
}
