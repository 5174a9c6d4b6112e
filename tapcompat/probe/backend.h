/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * backend.h - the backends, one file each, and shared functions
 *
 * A backend is queried first and then, unless disabled, verified with frames.  It may
 * depend on those before it: the wire of a macvtap is a tap, vhost-net uses a tap, and
 * steering needs a multi-queue tap.
 */
#ifndef TAPCOMPAT_PROBE_BACKEND_H
#define TAPCOMPAT_PROBE_BACKEND_H

#include "feature/caps.h"
#include "testbed.h"
#include "verify.h"

/* Shared by the probe's process and its parent. */
struct probe_shared {
	struct tapcompat_caps caps;
	int backend, row;	/* in progress; row -1: the backend as a whole */
	bool done;		/* the caps are complete */
};

struct probe {
	struct probe_shared *shared;
	struct caps_backend *backend;	/* TAPCOMPAT_BACKENDS of them */
	unsigned int wanted;		/* bit set of backend types */
	bool verify;
	struct tapcompat_mask only;	/* if not empty, only verify these */
	struct module_permits permits;
	struct testbed taps;		/* open once the tap is verified */
	bool taps_usable;		/* plain frames pass */
	char taps_why[160];		/* if not, why */
	struct queues queues;		/* of a tap */
	struct steer *steer;		/* the loaded program, or NULL */
	struct steer_config steering;
	struct vhost vhost[QUEUES];	/* running ones, on these ports */
	struct port *vhost_port[QUEUES];
	unsigned int vhosts;
};

/**
 * probe_inside() - fill in the capabilities
 *
 * Moves the process into other namespaces and leaves descriptors open: the process must
 * exit afterwards.
 */
void probe_inside(struct probe_shared *shared, unsigned int flags, unsigned int backends);

/**
 * caps_host() - fill in the host and the time of the probe
 */
void caps_host(struct tapcompat_caps *caps);

/* The backends, in the order of their dependencies. */
void backend_vdpa(struct probe *p);	/* in the host's namespaces */
void backend_tap(struct probe *p);
void backend_rss(struct probe *p);
void backend_vhost(struct probe *p);
void backend_macvtap(struct probe *p);	/* closes the taps' testbed */

/**
 * probe_start() - a probe before its first backend
 * @shared: where the capabilities go
 * @wanted: bit set of backend types
 * @verify: try with frames what the kernel reports
 */
void probe_start(struct probe *p, struct probe_shared *shared, unsigned int wanted, bool verify);

/* Shared functions. */

/**
 * probe_progress() - tell the parent what is in progress
 * @f: the feature, or NULL for the backend as a whole
 */
void probe_progress(struct probe *p, enum tapcompat_backend_type type,
	      const struct tapcompat_feature *f);

static inline bool probe_wants(const struct probe *p, enum tapcompat_backend_type type)
{
	return p->wanted >> type & 1;
}

/**
 * backend_module_missing() - would using the backend load this module?
 * Return: whether it would without permission; the backend is then undecided
 */
bool backend_module_missing(const struct probe *p, struct caps_backend *b,
			    enum module module);

/**
 * backend_node_missing() - record that a device node could not be opened
 * @node: its path
 * @driver: its driver's name in /proc/misc
 * @number: the node's minor number
 * @permit: of its module
 * @ret: the negative errno
 */
void backend_node_missing(struct caps_backend *b, const char *node, const char *driver,
			  int number, const struct module_permit *permit, int ret);

/**
 * backend_without_tap() - is there no tap, which the backend needs?
 * Return: if true, the backend has got the tap's availability
 */
bool backend_without_tap(const struct probe *p, struct caps_backend *b);

/**
 * backend_untested() - no frames could be sent: record it for each native feature
 */
void backend_untested(struct caps_backend *b, const char *why);

/**
 * backend_queues_untested() - likewise for features of several queues
 * @ret: the error from creating the queues
 */
void backend_queues_untested(struct caps_backend *b, int ret);

/**
 * backend_verify_offloads() - verify each native offload with frames
 * @tunnels: tunnel offloads, else the others
 */
void backend_verify_offloads(struct probe *p, struct testbed *t,
			     enum tapcompat_backend_type type, bool tunnels);

/**
 * backend_verify_queues() - verify each native way to distribute flows
 * @layer: the layer that decides it
 */
void backend_verify_queues(struct probe *p, struct testbed *t, struct queues *q,
			   enum tapcompat_backend_type type, unsigned int layer);

/**
 * queues_open() - create a multi-queue tap
 * @t: testbed that it gets a network in, if the testbed is open
 * Return: 0, also if it is already open, or a negative errno
 */
int queues_open(struct testbed *t, struct queues *q);
void queues_close(struct queues *q);

#endif /* TAPCOMPAT_PROBE_BACKEND_H */
