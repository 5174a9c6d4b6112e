// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * trial_frame.c - send and collect the frames of a trial
 */
#include "trial.h"

#include <errno.h>
#include <netinet/in.h>

#include "ground/answer.h"

#define MARKER 32	/* bytes of payload */

struct flow trial_marker(const struct trial *tr)
{
	struct flow m = tr->flow;

	m.proto = IPPROTO_UDP;
	if (tr->guest_sends)
		m.sport = m.dport;
	else
		m.dport = m.sport;
	m.gso_type = 0;
	m.gso_size = 0;
	m.payload = MARKER;
	m.partial_csum = false;
	m.seed = ~m.seed;
	return m;
}

void trial_refused(struct trial *tr, const char *who, int ret)
{
	if (answer_of(ASKED_FRAME, ret) == ANSWER_NO)
		judge_fail(&tr->judge, "%s: %s", who, answer_errno(ret));
	else
		judge_untested(&tr->judge, "%s: %s", who, answer_errno(ret));
}

int trial_send(struct trial *tr, struct port *p, const struct flow *f)
{
	struct vnet h;
	size_t len = flow_build(f, tr->t->frame, &h);
	int ret = port_send(p, &h, tr->t->frame, len);

	if (ret) {
		tr->refused = true;
		trial_refused(tr, "the kernel refuses the frame: write", ret);
	}
	return ret;
}

void trial_collect(struct trial *tr, struct port *from, const struct flow *marker)
{
	struct judge end = { .flow = marker, .may_partial = true };
	uint8_t *frame = tr->t->frame;
	struct vnet h;

	while (!end.frames) {
		int n = port_receive(from, &h, frame, TRIAL_PATIENCE);

		if (n == -ETIMEDOUT)
			judge_fail(&tr->judge, "lost, and so was a plain frame sent after it");
		else if (n < 0)
			judge_untested(&tr->judge, "read: %s", answer_errno(n));
		if (n < 0)
			return;
		if (!judge_frame(&tr->judge, &h, frame, (size_t)n))
			judge_frame(&end, &h, frame, (size_t)n);
	}
}

socklen_t trial_sockaddr(const struct trial *tr, bool host, uint16_t port,
			 struct sockaddr_storage *ss)
{
	return testbed_sockaddr(tr->outer ? NETWORK_INSIDE : NETWORK_LOCAL, tr->family, !host,
				port, ss);
}
