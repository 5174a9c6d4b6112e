/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * testbed.h - the throw-away devices on which frames are sent
 *
 * Theory of operation
 *
 * Known kernel bugs affect only super-packets that end in a local socket, or only those
 * that leave through another device.  So there are two paths, and each device is tested
 * on both, in both directions:
 *
 *   local	port "local"  <-> the host's stack, with sockets on top
 *   forwarded	port "bridged" <-> bridge <-> port "wire"
 *
 * With taps these are three taps, two of them in a bridge.  With macvtap, in bridge mode on
 * a tap, "local" and "bridged" are the same macvtap, the host's stack is a macvlan next to
 * it, and the tap below is the wire.  The wire is always a tap, so frames that leave the
 * host are seen with their vnet header.
 *
 * Everything is in the probe's own network namespace and ends with it; addresses are from
 * the documentation ranges, neighbours are static, and the links send nothing by
 * themselves.
 */
#ifndef TAPCOMPAT_PROBE_TESTBED_H
#define TAPCOMPAT_PROBE_TESTBED_H

#include <stdbool.h>
#include <sys/socket.h>

#include "ground/answer.h"
#include "kernel/macvtap.h"
#include "kernel/module.h"
#include "packet/flow.h"
#include "port.h"

struct nl_sock;

#define TESTBED_VNI 0x7c

/*
 * Which network's addresses: the two paths, the inside of a tunnel, and a
 * device with several queues.
 */
enum network { NETWORK_LOCAL, NETWORK_FORWARDED, NETWORK_INSIDE, NETWORK_QUEUES };

struct testbed {
	bool open;		/* zero: never opened, or closed again */
	struct nl_sock *nl;
	struct port port[3];
	struct port *local, *bridged, *wire;
	const char *stack;	/* the link with the host's addresses */
	struct macvtap_nodes nodes;

	char no_v6[160];	/* why the host's stack has no IPv6, or "" */
	const struct module_permits *permits;
	char no_forward[160];	/* why there is no forwarded path, or "" */
	char no_vxlan[160];	/* why the stack has no tunnel, or "" */

	uint16_t number;	/* of the trial: determines ports and payload */
	uint8_t *frame;		/* FRAME_MAX bytes each */
	uint8_t *datagram;
};

/**
 * testbed_open() - allocate memory and a netlink socket; create no devices
 */
int testbed_open(struct testbed *t, const struct module_permits *permits);
void testbed_close(struct testbed *t);	/* may never have been opened */

/**
 * testbed_make_taps() - create three taps and a bridge
 * @why: @size bytes; a message if it fails
 * Return: 0 or a negative errno; the bridge may be missing, see no_forward
 */
int testbed_make_taps(struct testbed *t, char *why, size_t size);

/**
 * testbed_make_macvtap() - create a macvtap and a macvlan on a tap
 * @made: set to the kernel's answer to creating a macvtap
 * @why: @size bytes; a message if it fails
 */
int testbed_make_macvtap(struct testbed *t, enum answer *made, char *why, size_t size);

/**
 * testbed_macvtap_queue() - open another queue of the macvtap
 * Return: a descriptor or a negative errno
 */
int testbed_macvtap_queue(struct testbed *t);

/**
 * testbed_make_vxlan() - create the host's end of a tunnel
 * @tunnel: as in frames from the guest
 */
int testbed_make_vxlan(struct testbed *t, const struct tunnel *tunnel);
void testbed_drop_vxlan(struct testbed *t);

/**
 * testbed_populate() - bring a link up as the host's end of a network
 * @link: a tap, macvlan or VXLAN device
 */
int testbed_populate(struct testbed *t, const char *link, enum network network);

/**
 * testbed_sockaddr() - an address as the socket calls want it
 * @port: in host order
 * Return: the length to pass on
 */
socklen_t testbed_sockaddr(enum network network, uint8_t family, bool guest, uint16_t port,
			   struct sockaddr_storage *ss);

/**
 * testbed_flow() - initialize a plain flow from one end of a path to the other
 * @guest_sends: else the other end does
 * @tunnel: NULL, or the tunnel; its addresses are filled in as well
 */
void testbed_flow(struct testbed *t, enum network path, uint8_t family, bool guest_sends,
		  struct tunnel *tunnel, struct flow *f);

#endif /* TAPCOMPAT_PROBE_TESTBED_H */
