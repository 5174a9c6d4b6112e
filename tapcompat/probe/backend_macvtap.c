// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * backend_macvtap.c - macvtap, on a tap that acts as the wire
 */
#include "ask.h"

#include <unistd.h>

#include "backend.h"
#include "ground/answer.h"

/* Three more queues for the macvtap. */
static void macvtap_verify_queues(struct probe *p, struct testbed *t)
{
	struct queues q = { .network = NETWORK_LOCAL };
	int i, ret = 0;

	for (i = 1; i < QUEUES; i++)
		q.port[i].fd = -1;
	q.port[0] = *t->local;
	for (i = 1; !ret && i < QUEUES; i++) {
		q.port[i].fd = testbed_macvtap_queue(t);
		ret = q.port[i].fd < 0 ? q.port[i].fd : port_set(&q.port[i], VNET_MERGEABLE, 0);
	}
	if (ret) {
		backend_queues_untested(&p->backend[TAPCOMPAT_MACVTAP], ret);
	} else {
		port_set(&q.port[0], VNET_MERGEABLE, 0);
		t->local->header = VNET_MERGEABLE;
		backend_verify_queues(p, t, &q, TAPCOMPAT_MACVTAP, TAPCOMPAT_LAYER_TAP);
	}
	q.port[0].fd = -1;
	queues_close(&q);
}

static void macvtap_verify(struct probe *p, struct testbed *t)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_MACVTAP];
	char why[160];

	if (!p->taps_usable) {
		backend_untested(b, p->taps_why);
	} else if (verify_plain(t, VNET_MERGEABLE, why, sizeof(why)) != VERDICT_WHOLE) {
		backend_untested(b, why);
	} else {
		backend_verify_offloads(p, t, TAPCOMPAT_MACVTAP, false);
		backend_verify_offloads(p, t, TAPCOMPAT_MACVTAP, true);
		macvtap_verify_queues(p, t);
	}
}

/* The taps' testbed uses the same addresses. */
static void taps_close(struct probe *p)
{
	queues_close(&p->queues);
	testbed_close(&p->taps);
}

void backend_macvtap(struct probe *p)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_MACVTAP];
	enum answer made;
	struct testbed t;
	char why[160];
	int ret;

	if (backend_without_tap(p, b) || backend_module_missing(p, b, MODULE_MACVTAP))
		return;
	taps_close(p);
	ret = testbed_open(&t, &p->permits);
	if (ret) {
		caps_available(b, TAPCOMPAT_UNDECIDED, "cannot use netlink: %s",
			       answer_errno(ret));
	} else if (testbed_make_macvtap(&t, &made, why, sizeof(why))) {
		caps_available(b, made == ANSWER_NO ? TAPCOMPAT_UNAVAILABLE : TAPCOMPAT_UNDECIDED,
			       "%s", why);
	} else {
		ask_tap(t.local->fd, b);
		caps_settle(b);
		caps_available(b, TAPCOMPAT_AVAILABLE, "%s", "");
		if (p->verify)
			macvtap_verify(p, &t);
		caps_settle(b);
	}
	testbed_close(&t);
}
