/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * backend.h - the backends, one file each, and what they share
 *
 * A backend is asked first, then, where that is wanted, tried with frames.  It
 * leans on those before it: the wire of a macvtap is a tap, vhost-net has a
 * tap below, steering needs a tap with several queues.
 */
#ifndef TAPCOMPAT_PROBE_BACKEND_H
#define TAPCOMPAT_PROBE_BACKEND_H

#include "feature/caps.h"
#include "testbed.h"
#include "verify.h"

/* What the probe's process shares with its parent. */
struct probe_shared {
	struct tapcompat_caps caps;
	int backend, row;	/* in hand; row -1: the backend as a whole */
	bool done;		/* the caps are whole */
};

struct probe {
	struct probe_shared *shared;
	struct caps_backend *backend;	/* TAPCOMPAT_BACKENDS of them */
	unsigned int wanted;		/* bit set of backend types */
	bool verify;
	struct tapcompat_mask only;	/* if not empty, just these are tried */
	struct module_permits permits;
	struct testbed taps;		/* open once the tap was verified */
	bool taps_usable;		/* plain frames pass there */
	char taps_why[160];		/* if not, why */
	struct queues queues;		/* of a tap */
	struct steer *steer;		/* loaded program, or NULL */
	struct steer_config steering;
	struct vhost vhost[QUEUES];	/* those that run, on these ports */
	struct port *vhost_port[QUEUES];
	unsigned int vhosts;
};

/**
 * probe_inside() - fill in the capabilities
 *
 * Moves the process into other namespaces and leaves descriptors open: it has
 * to end behind it.
 */
void probe_inside(struct probe_shared *shared, unsigned int flags, unsigned int backends);

/**
 * caps_host() - where and when a probe is made
 */
void caps_host(struct tapcompat_caps *caps);

/* The backends, in the order in which they lean on each other. */
void backend_vdpa(struct probe *p);	/* in the host's namespaces */
void backend_tap(struct probe *p);
void backend_rss(struct probe *p);
void backend_vhost(struct probe *p);
void backend_macvtap(struct probe *p);	/* ends the taps' testbed */

/* Helpers of theirs. */

/**
 * probe_progress() - tell the parent what is in hand
 * @f: the feature, or NULL for the backend as a whole
 */
void probe_progress(struct probe *p, enum tapcompat_backend_type type,
	      const struct tapcompat_feature *f);

static inline bool probe_wants(const struct probe *p, enum tapcompat_backend_type type)
{
	return p->wanted >> type & 1;
}

/**
 * backend_module_missing() - would touching the backend load this module?
 * Return: whether it would and nobody allowed it; the backend is then undecided
 */
bool backend_module_missing(const struct probe *p, struct caps_backend *b,
			    enum module module);

/**
 * backend_node_missing() - a device node could not be opened
 * @node: its path
 * @driver: its driver's name in /proc/misc
 * @number: the node's minor number
 * @permit: of its module
 * @ret: the negative errno
 */
void backend_node_missing(struct caps_backend *b, const char *node, const char *driver,
			  int number, const struct module_permit *permit, int ret);

/**
 * backend_without_tap() - what needs a tap where there is none
 * Return: whether there is none; the backend is then as undecided as the tap
 */
bool backend_without_tap(const struct probe *p, struct caps_backend *b);

/**
 * backend_untested() - no frames could be sent: say so of each native feature
 */
void backend_untested(struct caps_backend *b, const char *why);

/**
 * backend_queues_untested() - the same of the features that several queues make
 * @ret: what making the queues gave
 */
void backend_queues_untested(struct caps_backend *b, int ret);

/**
 * backend_verify_offloads() - try each native offload with frames
 * @tunnels: those of tunnels, else the others
 */
void backend_verify_offloads(struct probe *p, struct testbed *t,
			     enum tapcompat_backend_type type, bool tunnels);

/**
 * backend_verify_queues() - try each native way to spread flows
 * @layer: the layer that decides it
 */
void backend_verify_queues(struct probe *p, struct testbed *t, struct queues *q,
			   enum tapcompat_backend_type type, unsigned int layer);

/**
 * queues_open() - a tap with several queues
 * @t: where it becomes a network; if it was never opened, it does not
 * Return: 0, also where it is open already, or a negative errno
 */
int queues_open(struct testbed *t, struct queues *q);
void queues_close(struct queues *q);

#endif /* TAPCOMPAT_PROBE_BACKEND_H */
