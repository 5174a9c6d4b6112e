// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * backend.c - functions shared by the backends
 */
#include "backend.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "feature/require.h"
#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "kernel/driver.h"
#include "kernel/tap.h"

void caps_host(struct tapcompat_caps *caps)
{
	struct utsname u;

	if (uname(&u))
		return;
	text_escape(caps->host, sizeof(caps->host), u.nodename);
	text_escape(caps->kernel, sizeof(caps->kernel), u.release);
	text_escape(caps->machine, sizeof(caps->machine), u.machine);
	caps->probed_at = time(NULL);
}

void probe_start(struct probe *p, struct probe_shared *shared, unsigned int wanted, bool verify)
{
	size_t i;

	*p = (struct probe){
		.shared = shared, .backend = shared->caps.backend, .wanted = wanted,
		.verify = verify,
	};
	for (i = 0; i < QUEUES; i++)
		p->queues.port[i].fd = -1;
}

void probe_progress(struct probe *p, enum tapcompat_backend_type type,
	      const struct tapcompat_feature *f)
{
	__atomic_store_n(&p->shared->row, f ? (int)feature_index(f) : -1, __ATOMIC_RELAXED);
	__atomic_store_n(&p->shared->backend, (int)type, __ATOMIC_RELAXED);
}

bool backend_module_missing(const struct probe *p, struct caps_backend *b,
			    enum module module)
{
	const char *why = p->permits.of[module].why;

	if (!why[0])
		return false;
	caps_available(b, TAPCOMPAT_UNDECIDED, "%s", why);
	return true;
}

/* What to do about an error from opening or using a node. */
static const struct {
	int error;
	const char *cure;
} node_cures[] = {
	{ EMFILE, ": raise the limit of open files (ulimit -n)" },
	{ ENFILE, ": raise the host's limit of open files (fs.file-max)" },
	{ ENOTTY, ", so it is not its driver's node" },
	{ EINVAL, ", so it is not its driver's node" },
};

/* The kernel has the driver, but the node is missing. */
static void node_missing(struct caps_backend *b, const char *node, int number, const char *what)
{
	char dir[64];

	text_set(dir, sizeof(dir), "%.*s", (int)(strrchr(node, '/') - node), node);
	caps_available(b, TAPCOMPAT_UNDECIDED,
		       "%s: %s, although the kernel has the driver: run %s%s%smknod %s c 10 %d",
		       node, what, access(dir, F_OK) ? "mkdir -p " : "",
		       access(dir, F_OK) ? dir : "", access(dir, F_OK) ? "; " : "",
		       node, number);
}

void backend_node_missing(struct caps_backend *b, const char *node, const char *driver,
			  int number, const struct module_permit *permit, int ret)
{
	const char *what = strerror(-ret), *cure = "";
	bool registered = driver_registered(driver);
	size_t i;

	if (answer_of(ASKED_NODE, ret) == ANSWER_NO && !registered) {
		caps_available(b, permit->uncertain ? TAPCOMPAT_UNDECIDED : TAPCOMPAT_UNAVAILABLE,
			       "%s: %s: %s %s", node, what, permit->uncertain ?
			       "it is also unknown whether this kernel has" :
			       "this kernel has no", driver);
		return;
	}
	if (ret == -ENOENT) {
		node_missing(b, node, number, what);
		return;
	}
	if (ret == -EACCES || ret == -EPERM)
		cure = ": run it as root, or give this user read and write access";
	else if (answer_of(ASKED_NODE, ret) == ANSWER_NO)
		cure = ", so it is not its driver's node";
	for (i = 0; i < ARRAY_LENGTH(node_cures); i++)
		if (node_cures[i].error == -ret)
			cure = node_cures[i].cure;
	caps_available(b, TAPCOMPAT_UNDECIDED, "%s: %s%s", node, what, cure);
}

bool backend_without_tap(const struct probe *p, struct caps_backend *b)
{
	const struct caps_backend *tap = &p->backend[TAPCOMPAT_TAP];

	if (tap->availability == TAPCOMPAT_AVAILABLE)
		return false;
	caps_available(b, tap->availability, "%s", tap->detail);
	return true;
}

void backend_untested(struct caps_backend *b, const char *why)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (caps_state(b, f) == TAPCOMPAT_NATIVE)
			caps_verdict(b, f, TAPCOMPAT_UNTESTED, "no frames sent: %s", why);
}

void backend_queues_untested(struct caps_backend *b, int ret)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->direction == TAPCOMPAT_QUEUES && caps_state(b, f) == TAPCOMPAT_NATIVE)
			caps_verdict(b, f, TAPCOMPAT_UNTESTED,
				     "no frames sent: cannot open several queues: %s",
				     answer_errno(ret));
}

/* Should frames be sent for this feature? */
static bool probe_sends_frames(const struct probe *p, const struct caps_backend *b,
			const struct tapcompat_feature *f)
{
	return caps_state(b, f) == TAPCOMPAT_NATIVE &&
	       (mask_empty(&p->only) || tapcompat_mask_test(&p->only, f->bit));
}

void backend_verify_offloads(struct probe *p, struct testbed *t,
			     enum tapcompat_backend_type type, bool tunnels)
{
	struct caps_backend *b = &p->backend[type];
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		if (!f->tun_flags || !probe_sends_frames(p, b, f) ||
		    (f->gso_type == GSO_TUNNEL) != tunnels)
			continue;
		probe_progress(p, type, f);
		verify_offload(t, b, f, &p->backend[TAPCOMPAT_TAP]);
	}
}

void backend_verify_queues(struct probe *p, struct testbed *t, struct queues *q,
			   enum tapcompat_backend_type type, unsigned int layer)
{
	struct caps_backend *b = &p->backend[type];
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		if (f->direction != TAPCOMPAT_QUEUES || !(f->layers & layer) ||
		    !probe_sends_frames(p, b, f))
			continue;
		probe_progress(p, type, f);
		verify_queues(t, q, b, f);
	}
}

int queues_open(struct testbed *t, struct queues *q)
{
	static const char name[] = "queues";
	size_t i;
	int ret = 0;

	if (q->port[0].fd >= 0)
		return 0;
	q->network = NETWORK_QUEUES;
	for (i = 0; !ret && i < QUEUES; i++) {
		q->port[i] = (struct port){ .fd = tap_open(name, true) };
		ret = q->port[i].fd < 0 ? q->port[i].fd :
					  port_set(&q->port[i], VNET_MERGEABLE, 0);
	}
	if (!ret && t->nl)
		ret = testbed_populate(t, name, q->network);
	if (ret)
		queues_close(q);
	return ret;
}

void queues_close(struct queues *q)
{
	size_t i;

	for (i = 0; i < QUEUES; i++) {
		if (q->port[i].fd >= 0)
			close(q->port[i].fd);
		q->port[i].fd = -1;
	}
}
