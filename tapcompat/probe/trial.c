// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * trial.c - send one super-packet and judge what arrives
 */
#include "trial.h"

#include <netinet/in.h>

#include <linux/virtio_net.h>

#include "ground/answer.h"

/*
 * Four segments of 1000 bytes, or four of 1001 bytes with the last one half as long.
 * Large datagrams are fragmented, at multiples of 8 bytes.
 */
#define SEGMENTS 4
#define SEGMENT_EQUAL 1000
#define SEGMENT_TAIL 1001
#define FRAGMENT 1448
#define PLAIN 501

/*
 * The guest's SYN has no MSS option, so the host's stack uses the default MSS
 * (RFC 9293, 3.7.1).
 */
#define STREAM_SEGMENT4 536
#define STREAM_SEGMENT6 1220

static void trial_size(const struct trial *tr, struct flow *f)
{
	uint32_t size = tr->shape == SHAPE_EQUAL ? SEGMENT_EQUAL : SEGMENT_TAIL;

	if (!f->gso_type) {
		f->payload = PLAIN - tr->shape;
		return;
	}
	if (f->gso_type == VIRTIO_NET_HDR_GSO_UDP) {
		f->gso_size = FRAGMENT;
		f->payload = 3 * FRAGMENT - UDP_LEN - (tr->shape == SHAPE_TAIL ? 501 : 0);
		return;
	}
	if (f->proto == IPPROTO_TCP && f->by_stack)
		size = f->ip.family == 4 ? STREAM_SEGMENT4 : STREAM_SEGMENT6;
	f->gso_size = (uint16_t)size;
	f->payload = SEGMENTS * size - (tr->shape == SHAPE_TAIL ? size / 2 : 0);
}

static void trial_prepare(struct trial *tr)
{
	const struct trial_kind *k = tr->kind;
	struct flow *f = &tr->flow;

	tr->tunnel = (struct tunnel){ .ip.family = tr->outer, .csum = tr->outer_csum };
	testbed_flow(tr->t, tr->path, tr->family, tr->guest_sends,
		     tr->outer ? &tr->tunnel : NULL, f);
	f->proto = k->proto;
	f->gso_type = k->gso[tr->family == 6];
	f->tcp_flags = k->tcp_flags;
	f->ip.tos = k->tos;
	f->seq = 0xfffff000u + tr->t->number;	/* wraps within the payload */
	f->ack = 0x10203040;
	f->window = 0x4321;
	f->partial_csum = !tr->complete_csum;
	f->by_stack = !tr->guest_sends && tr->path == NETWORK_LOCAL;
	/* One shape with DF, where ids may be constant, one without. */
	f->ip.df = tr->shape == SHAPE_TAIL && f->gso_type != VIRTIO_NET_HDR_GSO_UDP;
	trial_size(tr, f);
	tr->refused = false;
	tr->judge = (struct judge){
		.flow = f, .may_partial = tr->may_partial, .may_whole = tr->may_whole,
		.datagram = tr->t->datagram,
	};
}

/* From one port to another. */
static void trial_forward(struct trial *tr, struct port *from, struct port *to)
{
	struct flow marker = trial_marker(tr);

	port_drain(to);
	if (!trial_send(tr, from, &tr->flow) && !trial_send(tr, from, &marker))
		trial_collect(tr, to, &marker);
}

/* Set the header sizes of both ends, then the reader's offloads. */
static int trial_set_ports(struct trial *tr)
{
	struct testbed *t = tr->t;
	struct port *reader = t->local, *sender = t->local;
	int ret = 0;

	if (tr->path == NETWORK_FORWARDED) {
		reader = tr->guest_sends ? t->wire : t->bridged;
		sender = tr->guest_sends ? t->bridged : t->wire;
	}
	if (sender != reader)
		ret = port_set(sender, tr->header, 0);
	if (!ret)
		ret = port_set(reader, tr->header, tr->offloads);
	if (ret)
		judge_untested(&tr->judge, "cannot set up the reader: %s", answer_errno(ret));
	return ret;
}

static enum verdict trial_attempt(struct trial *tr)
{
	struct testbed *t = tr->t;

	trial_prepare(tr);
	if (trial_set_ports(tr))
		return judge_verdict(&tr->judge);
	if (tr->path == NETWORK_FORWARDED)
		trial_forward(tr, tr->guest_sends ? t->bridged : t->wire,
			      tr->guest_sends ? t->wire : t->bridged);
	else if (tr->kind->proto == IPPROTO_UDP)
		(tr->guest_sends ? trial_to_socket : trial_from_socket)(tr);
	else
		(tr->guest_sends ? trial_to_stream : trial_from_stream)(tr);
	return judge_verdict(&tr->judge);
}

/*
 * A host that is short of memory may drop frames or fail a system call.  So a loss must
 * be reproducible to count as a failure; corruption counts at once.
 */
enum verdict trial_run(struct trial *tr)
{
	enum verdict verdict = VERDICT_WRONG;
	int i;

	for (i = 0; i < TRIAL_ATTEMPTS; i++) {
		verdict = trial_attempt(tr);
		if (!tr->judge.lost && verdict != VERDICT_UNTESTED)
			break;
	}
	return verdict;
}
