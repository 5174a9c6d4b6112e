// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * backend_tap.c - tap
 */
#include "ask.h"

#include <errno.h>
#include <unistd.h>

#include "backend.h"
#include "feature/require.h"
#include "ground/answer.h"
#include "ground/text.h"
#include "kernel/tap.h"

/* Query the kernel with a new tap. */
static void tap_ask(const struct probe *p, struct caps_backend *b)
{
	int fd = tap_open("tapcompat%d", false);

	if (fd == -EPERM && !access(TAP_NODE, R_OK | W_OK)) {
		caps_available(b, TAPCOMPAT_UNDECIDED,
			       "cannot create a tap: TUNSETIFF: EPERM: CAP_NET_ADMIN is missing");
		return;
	}
	if (fd < 0) {
		backend_node_missing(b, TAP_NODE, "tun", 200, &p->permits.of[MODULE_TUN], fd);
		return;
	}
	ask_tap(fd, b);
	close(fd);
	caps_settle(b);
	caps_available(b, TAPCOMPAT_AVAILABLE, "%s", "");
}

/* Remove header sizes that are accepted but corrupt every frame. */
static void tap_verify_headers(struct testbed *t, struct caps_backend *b)
{
	unsigned int i, kept = 0;
	char why[160];

	for (i = 0; i < b->sizes; i++)
		if (verify_plain(t, b->size[i], why, sizeof(why)) != VERDICT_WRONG)
			b->size[kept++] = b->size[i];
	b->sizes = kept;
}

/* The testbed is for this backend and those that depend on it. */
static void taps_open(struct probe *p)
{
	struct testbed *t = &p->taps;
	int ret = testbed_open(t, &p->permits);

	text_set(p->taps_why, sizeof(p->taps_why), "cannot use netlink: %s",
		 answer_errno(ret));
	if (!ret)
		ret = testbed_make_taps(t, p->taps_why, sizeof(p->taps_why));
	if (!ret)
		p->taps_usable = verify_plain(t, VNET_MERGEABLE, p->taps_why,
					      sizeof(p->taps_why)) == VERDICT_WHOLE;
}

static void tap_verify_queues(struct probe *p)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_TAP];
	int ret;

	if (!b->multi_queue)
		return;
	ret = queues_open(&p->taps, &p->queues);
	if (ret)
		backend_queues_untested(b, ret);
	else
		backend_verify_queues(p, &p->taps, &p->queues, TAPCOMPAT_TAP,
				      TAPCOMPAT_LAYER_TAP);
}

/*
 * Also verified if only another backend is wanted: the wire at the far end is a tap, and
 * must not be trusted unverified.
 */
void backend_tap(struct probe *p)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_TAP];

	if (backend_module_missing(p, b, MODULE_TUN))
		return;
	tap_ask(p, b);
	if (b->availability != TAPCOMPAT_AVAILABLE || !p->verify)
		return;
	taps_open(p);
	if (!p->taps_usable) {
		backend_untested(b, p->taps_why);
		return;
	}
	if (mask_empty(&p->only))
		tap_verify_headers(&p->taps, b);
	backend_verify_offloads(p, &p->taps, TAPCOMPAT_TAP, false);
	backend_verify_offloads(p, &p->taps, TAPCOMPAT_TAP, true);
	tap_verify_queues(p);
	caps_settle(b);
}
