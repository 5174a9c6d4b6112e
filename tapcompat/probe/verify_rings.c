// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * verify_rings.c - verify vhost-net's ring features
 *
 * Each feature is negotiated alone on top of VIRTIO_F_VERSION_1, and plain frames must pass
 * in both directions through rings that use it.  The effect of a feature is checked as
 * well, if it is visible.
 */
#include "verify.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>

#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "trial.h"

#define BATCH 8
#define SMALL_BUFFER 256	/* bytes: a plain frame takes several */

struct ring_proof {
	struct testbed *t;
	struct vhost v;
	char why[160];		/* what is wrong or ineffective */
};

/* Frames through the rings, in both directions. */
static enum tapcompat_verified prove_plain(struct ring_proof *p)
{
	switch (verify_plain(p->t, VNET_MERGEABLE, p->why, sizeof(p->why))) {
	case VERDICT_WHOLE:
		return TAPCOMPAT_PASSED;
	case VERDICT_UNTESTED:
		return TAPCOMPAT_UNTESTED;
	default:
		return TAPCOMPAT_FAILED;
	}
}

/* A frame must have used several buffers. */
static enum tapcompat_verified prove_mergeable(struct ring_proof *p)
{
	enum tapcompat_verified pass = prove_plain(p);

	if (pass != TAPCOMPAT_PASSED)
		return pass;
	if (p->v.most_buffers > 1)
		return TAPCOMPAT_PASSED;
	text_set(p->why, sizeof(p->why), "no frame used more than one buffer");
	return TAPCOMPAT_FAILED;
}

static enum tapcompat_verified prove_reset(struct ring_proof *p)
{
	static const enum vhost_ring rings[] = { VHOST_TX, VHOST_RX };
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(rings); i++) {
		enum tapcompat_verified pass = prove_plain(p);
		int ret;

		if (pass != TAPCOMPAT_PASSED)
			return pass;
		ret = vhost_ring_reset(&p->v, rings[i]);
		if (ret) {
			text_set(p->why, sizeof(p->why), "a ring does not restart: %s",
				 answer_errno(ret));
			return TAPCOMPAT_FAILED;
		}
	}
	return prove_plain(p);
}

/* Send a batch of frames without waiting. */
static void batch_publish(struct ring_proof *p)
{
	static const uint8_t packet[VNET_MERGEABLE + 60];
	bool kick = false;
	int i;

	for (i = 0; i < BATCH; i++)
		kick |= vhost_publish(&p->v, packet, sizeof(packet));
	if (kick)
		vhost_kick(&p->v, VHOST_TX);
}

/* Wait, without requesting an interrupt, until the batch is used. */
static bool batch_used(struct ring_proof *p, uint16_t upto)
{
	const struct vring_driver *r = &p->v.queue[VHOST_TX].ring;
	struct timespec pause = { .tv_nsec = 1000000 };
	int i;

	for (i = 0; i < TRIAL_PATIENCE; i++) {
		if (vring_used_index(r) == upto)
			return true;
		nanosleep(&pause, NULL);
	}
	text_set(p->why, sizeof(p->why), "a batch of frames was not returned");
	return false;
}

/*
 * First request the interrupt far past the batch: none may arrive.  Then after the next
 * frame: it must arrive.
 */
static enum tapcompat_verified prove_event_index(struct ring_proof *p)
{
	struct vring_driver *r = &p->v.queue[VHOST_TX].ring;
	enum tapcompat_verified pass = prove_plain(p);

	if (pass != TAPCOMPAT_PASSED)
		return pass;
	vhost_called(&p->v, VHOST_TX, 0);
	vring_request_interrupt(r, VRING_SIZE);
	batch_publish(p);
	if (!batch_used(p, r->published))
		return TAPCOMPAT_FAILED;
	if (vhost_called(&p->v, VHOST_TX, 20)) {
		text_set(p->why, sizeof(p->why), "unrequested interrupt");
		return TAPCOMPAT_INEFFECTIVE;
	}
	r->collected = r->published;
	return prove_plain(p);
}

/*
 * With VIRTIO_F_IN_ORDER the device may write one used entry for several buffers: at the
 * position of the first one, with the id of the last one.
 */
static enum tapcompat_verified prove_in_order(struct ring_proof *p)
{
	struct vring_driver *r = &p->v.queue[VHOST_TX].ring;
	enum tapcompat_verified pass = prove_plain(p);
	uint16_t at;

	if (pass != TAPCOMPAT_PASSED)
		return pass;
	at = r->published;
	batch_publish(p);
	if (!batch_used(p, r->published))
		return TAPCOMPAT_FAILED;
	while (at != r->published) {
		uint16_t ahead = (vring_used_id(r, at) - at) % VRING_SIZE;

		if (ahead >= (uint16_t)(r->published - at)) {
			text_set(p->why, sizeof(p->why), "buffers were returned out of order");
			return TAPCOMPAT_FAILED;
		}
		at = (uint16_t)(at + ahead + 1);
	}
	r->collected = at;
	return prove_plain(p);
}

/* The tests by feature bit, and the size of receive buffers for them. */
static const struct ring_check {
	unsigned int bit;
	uint32_t room;
	enum tapcompat_verified (*prove)(struct ring_proof *p);
} ring_checks[] = {
	{ VIRTIO_NET_F_MRG_RXBUF, SMALL_BUFFER, prove_mergeable },
	{ VIRTIO_RING_F_INDIRECT_DESC, VHOST_BUFFER, prove_plain },
	{ VIRTIO_RING_F_EVENT_IDX, VHOST_BUFFER, prove_event_index },
	{ VIRTIO_F_ACCESS_PLATFORM, VHOST_BUFFER, prove_plain },
	{ VIRTIO_F_IN_ORDER, VHOST_BUFFER, prove_in_order },
	{ VIRTIO_F_RING_RESET, VHOST_BUFFER, prove_reset },
};

static void ring_prove(struct testbed *t, struct caps_backend *b,
		       const struct tapcompat_feature *f, const struct ring_check *check)
{
	struct ring_proof p = { .t = t };
	struct tapcompat_mask features = { { 0, 0 } };
	enum tapcompat_verified verified;
	int ret;

	tapcompat_mask_set(&features, VIRTIO_F_VERSION_1);
	tapcompat_mask_set(&features, f->bit);
	ret = port_set(t->local, VNET_MERGEABLE, 0);
	if (!ret)
		ret = vhost_start(&p.v, t->local->fd, &features, VNET_MERGEABLE, check->room);
	if (ret) {
		bool no = answer_of(ASKED_VHOST, ret) == ANSWER_NO;

		caps_verdict(b, f, no ? TAPCOMPAT_FAILED : TAPCOMPAT_UNTESTED,
			     "offered, but vhost-net does not start with it: %s",
			     answer_errno(ret));
		return;
	}
	t->local->vhost = &p.v;
	verified = check->prove(&p);
	t->local->vhost = NULL;
	vhost_stop(&p.v);
	caps_verdict(b, f, verified, "%s%s", verified == TAPCOMPAT_FAILED ? "offered, but " : "",
		     verified == TAPCOMPAT_PASSED ? "" : p.why);
}

void verify_rings(struct testbed *t, struct caps_backend *b,
		  const struct tapcompat_feature *f)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(ring_checks); i++)
		if (ring_checks[i].bit == f->bit) {
			ring_prove(t, b, f, &ring_checks[i]);
			return;
		}
	caps_verdict(b, f, TAPCOMPAT_UNTESTED, "there is no test for this ring feature");
}
