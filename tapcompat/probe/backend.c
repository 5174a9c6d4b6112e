// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * backend.c - what the backends share
 */
#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "edge/module.h"
#include "edge/tap.h"
#include "ground/answer.h"
#include "ground/bytes.h"

void probe_at(struct probe *p, enum tapcompat_backend_type type,
	      const struct tapcompat_feature *f)
{
	__atomic_store_n(&p->shared->row, f ? (int)feature_index(f) : -1, __ATOMIC_RELAXED);
	__atomic_store_n(&p->shared->backend, (int)type, __ATOMIC_RELAXED);
}

bool backend_module_missing(const struct probe *p, struct caps_backend *b, const char *module)
{
	char why[CAPS_DETAIL];

	if (!module_permit(module, p->load_modules, why, sizeof(why)))
		return false;
	caps_available(b, TAPCOMPAT_UNDECIDED, "%s", why);
	return true;
}

/* Does the kernel have this driver, whatever became of its device node? */
static bool misc_registered(const char *name)
{
	char text[4096], *line, *rest;
	int fd = open("/proc/misc", O_RDONLY | O_CLOEXEC);
	bool found = false;
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char entry[64] = "";

		sscanf(line, "%*d %63s", entry);
		found |= !strcmp(entry, name);
	}
	return found;
}

void backend_node_missing(struct caps_backend *b, const char *node, const char *misc,
			  int number, int ret)
{
	const char *what = strerror(-ret);

	if (ret == -EACCES || ret == -EPERM)
		caps_available(b, TAPCOMPAT_UNDECIDED,
			       "%s: %s: run it as root, or give this user read and write on it",
			       node, what);
	else if (answer_of(ASKED_NODE, ret) != ANSWER_NO)
		caps_available(b, TAPCOMPAT_UNDECIDED, "%s: %s", node, what);
	else if (misc_registered(misc))
		caps_available(b, TAPCOMPAT_UNDECIDED,
			       "%s: %s, although the kernel has the driver: mknod %s c 10 %d",
			       node, what, node, number);
	else
		caps_available(b, TAPCOMPAT_UNAVAILABLE, "%s: %s", node, what);
}

bool backend_without_tap(const struct probe *p, struct caps_backend *b)
{
	const struct caps_backend *tap = &p->backend[TAPCOMPAT_TAP];

	if (tap->availability == TAPCOMPAT_AVAILABLE)
		return false;
	caps_available(b, tap->availability, "%s", tap->detail);
	return true;
}

void backend_untried(struct caps_backend *b, const char *why)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (caps_state(b, f) == TAPCOMPAT_NATIVE)
			caps_verdict(b, f, TAPCOMPAT_UNTESTED, "no frames tried: %s", why);
}

void backend_verify_offloads(struct probe *p, struct testbed *t,
			     enum tapcompat_backend_type type, bool tunnels)
{
	struct caps_backend *b = &p->backend[type];
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		if (!f->tun_flags || caps_state(b, f) != TAPCOMPAT_NATIVE ||
		    (f->gso_type == GSO_TUNNEL) != tunnels)
			continue;
		probe_at(p, type, f);
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
		    caps_state(b, f) != TAPCOMPAT_NATIVE)
			continue;
		probe_at(p, type, f);
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
