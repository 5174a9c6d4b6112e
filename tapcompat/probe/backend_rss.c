// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * backend_rss.c - ebpf-rss: virtio's RSS by a steering program
 */
#include "backend.h"

#include <errno.h>

#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "kernel/tap.h"

/* Any key that has no repeating pattern. */
static void steering_configure(struct steer_config *c)
{
	size_t i;

	for (i = 0; i < TOEPLITZ_KEY; i++)
		c->key[i] = flow_byte(0x7c, (uint32_t)i);
	for (i = 0; i < STEER_TABLE; i++)
		c->queue[i] = (uint16_t)(i * 7 % QUEUES);
	c->other = 0;
}

static void rss_set(struct caps_backend *b, enum tapcompat_state state, const char *detail)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->layers & TAPCOMPAT_LAYER_STEERING)
			caps_set(b, f, state, "%s", detail);
}

static void rss_refused(struct caps_backend *b, enum asked asked, int ret, const char *why)
{
	bool no = answer_of(asked, ret) == ANSWER_NO;

	rss_set(b, no ? TAPCOMPAT_ABSENT : TAPCOMPAT_UNKNOWN, why);
	caps_available(b, no ? TAPCOMPAT_UNAVAILABLE : TAPCOMPAT_UNDECIDED, "%s%s", why,
		       ret == -EPERM ? ": CAP_BPF is missing: run it as root" : "");
}

/* Attach the program to all queues of a tap: it belongs to the device. */
static int rss_attach(struct probe *p, struct caps_backend *b)
{
	int ret = queues_open(&p->taps, &p->queues);
	char why[CAPS_DETAIL];

	if (ret) {
		rss_set(b, TAPCOMPAT_UNKNOWN, "cannot create a multi-queue tap");
		caps_available(b, TAPCOMPAT_UNDECIDED,
			       "cannot create a multi-queue tap: %s", answer_errno(ret));
		return ret;
	}
	ret = tap_steer(p->queues.port[0].fd, steer_program(p->steer));
	if (ret) {
		text_set(why, sizeof(why), "TUNSETSTEERINGEBPF: %s", answer_errno(ret));
		rss_refused(b, ASKED_TUN, ret, why);
	}
	return ret;
}

void backend_rss(struct probe *p)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_EBPF_RSS];
	char why[CAPS_DETAIL] = "";
	int ret;

	if (backend_without_tap(p, b))
		return;
	steering_configure(&p->steering);
	ret = steer_load(&p->steer, &p->steering, why, sizeof(why));
	if (ret) {
		rss_refused(b, ASKED_BPF, ret, why);
		return;
	}
	if (rss_attach(p, b))
		return;
	caps_available(b, TAPCOMPAT_AVAILABLE, "%s", "");
	rss_set(b, TAPCOMPAT_NATIVE, "");
	p->queues.config = &p->steering;
	if (!p->verify)
		return;
	if (!p->taps_usable)
		backend_untested(b, p->taps_why);
	else if (probe_wants(p, TAPCOMPAT_EBPF_RSS))
		backend_verify_queues(p, &p->taps, &p->queues, TAPCOMPAT_EBPF_RSS,
				      TAPCOMPAT_LAYER_STEERING);
}
