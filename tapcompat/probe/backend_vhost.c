// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * backend_vhost.c - vhost-net on a tap: what vhost=on provides
 */
#include "ask.h"

#include <string.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "backend.h"
#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "kernel/tap.h"

static void vhosts_stop(struct probe *p)
{
	while (p->vhosts) {
		p->vhosts--;
		p->vhost_port[p->vhosts]->vhost = NULL;
		vhost_stop(&p->vhost[p->vhosts]);
	}
}

/* Start a vhost-net: from now on the port's frames go through its rings. */
static int vhosts_start(struct probe *p, struct port *port,
			const struct tapcompat_mask *features, unsigned int header)
{
	struct vhost *v = &p->vhost[p->vhosts];
	int ret = port_set(port, header, 0);

	if (!ret)
		ret = vhost_start(v, port->fd, features, header, VHOST_BUFFER);
	if (ret)
		return ret;
	port->vhost = v;
	p->vhost_port[p->vhosts++] = port;
	return 0;
}

/* What a modern guest negotiates with vhost; with tunnels, those bits too. */
static struct tapcompat_mask vhost_negotiate(const struct caps_backend *b, bool tunnels)
{
	struct tapcompat_mask m = { { 0, 0 } };
	const struct tapcompat_feature *f;

	tapcompat_mask_set(&m, VIRTIO_F_VERSION_1);
	if (tapcompat_mask_test(&b->vhost_features, VIRTIO_NET_F_MRG_RXBUF))
		tapcompat_mask_set(&m, VIRTIO_NET_F_MRG_RXBUF);
	for_each_feature(f)
		if (tunnels && f->gso_type == GSO_TUNNEL &&
		    tapcompat_mask_test(&b->vhost_features, f->bit))
			tapcompat_mask_set(&m, f->bit);
	return m;
}

static bool backend_has_tunnels(const struct caps_backend *b)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->gso_type == GSO_TUNNEL && caps_state(b, f) == TAPCOMPAT_NATIVE)
			return true;
	return false;
}

static void vhost_verify_offloads(struct probe *p, bool tunnels)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_VHOST_NET];
	struct tapcompat_mask features = vhost_negotiate(b, tunnels);
	unsigned int header = tunnels ? VNET_TUNNEL : VNET_MERGEABLE;
	struct testbed *t = &p->taps;
	char why[160];
	int ret;

	ret = vhosts_start(p, t->local, &features, header);
	if (!ret)
		ret = vhosts_start(p, t->bridged, &features, header);
	if (ret) {
		text_set(why, sizeof(why), "vhost-net does not start: %s", answer_errno(ret));
		backend_untested(b, why);
	} else if (verify_plain(t, header, why, sizeof(why)) != VERDICT_WHOLE) {
		backend_untested(b, why);
	} else {
		backend_verify_offloads(p, t, TAPCOMPAT_VHOST_NET, tunnels);
	}
	vhosts_stop(p);
}

static void vhost_verify_rings(struct probe *p)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_VHOST_NET];
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		if (f->direction != TAPCOMPAT_RINGS ||
		    caps_state(b, f) != TAPCOMPAT_NATIVE)
			continue;
		probe_progress(p, TAPCOMPAT_VHOST_NET, f);
		verify_rings(&p->taps, b, f);
	}
}

/* A vhost-net for each queue of one tap; first unsteered, then steered. */
static void vhost_verify_queues(struct probe *p)
{
	struct tapcompat_mask features =
		vhost_negotiate(&p->backend[TAPCOMPAT_VHOST_NET], false);
	struct queues *q = &p->queues;
	int i, ret = queues_open(&p->taps, q);

	for (i = 0; !ret && i < QUEUES; i++)
		ret = vhosts_start(p, &q->port[i], &features, VNET_MERGEABLE);
	if (!ret) {
		q->config = NULL;
		tap_steer(q->port[0].fd, -1);
		backend_verify_queues(p, &p->taps, q, TAPCOMPAT_VHOST_NET,
				      TAPCOMPAT_LAYER_TAP);
	}
	if (!ret && p->steer && !tap_steer(q->port[0].fd, steer_program(p->steer))) {
		q->config = &p->steering;
		backend_verify_queues(p, &p->taps, q, TAPCOMPAT_VHOST_NET,
				      TAPCOMPAT_LAYER_STEERING);
	}
	if (ret)
		backend_queues_untested(&p->backend[TAPCOMPAT_VHOST_NET], ret);
	vhosts_stop(p);
}

static void vhost_verify(struct probe *p)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_VHOST_NET];

	if (!p->taps_usable) {
		backend_untested(b, p->taps_why);
		return;
	}
	vhost_verify_offloads(p, false);
	if (backend_has_tunnels(b))
		vhost_verify_offloads(p, true);
	vhost_verify_rings(p);
	if (b->multi_queue)
		vhost_verify_queues(p);
}

void backend_vhost(struct probe *p)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_VHOST_NET];
	int fd;

	if (backend_module_missing(p, b, MODULE_VHOST_NET))
		return;
	fd = vhost_open();
	if (fd < 0) {
		backend_node_missing(b, VHOST_NODE, "vhost-net", 238,
				     &p->permits.of[MODULE_VHOST_NET], fd);
		return;
	}
	if (!backend_without_tap(p, b)) {
		caps_available(b, TAPCOMPAT_AVAILABLE, "%s", "");
		ask_vhost(fd, &p->backend[TAPCOMPAT_TAP], &p->backend[TAPCOMPAT_EBPF_RSS], b);
	}
	close(fd);
	caps_settle(b);
	if (p->verify && b->availability == TAPCOMPAT_AVAILABLE)
		vhost_verify(p);
	caps_settle(b);
}
