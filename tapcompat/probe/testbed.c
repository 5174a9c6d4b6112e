// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * testbed.c - the throw-away devices on which frames are sent
 */
#include "testbed.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "kernel/link.h"
#include "kernel/tap.h"

#define LOCAL_TAP "local"
#define BRIDGED_TAP "bridged"
#define WIRE_TAP "wire"
#define BRIDGE "bridge"
#define LOWER_TAP "lower"
#define MACVTAP "macvtap"
#define MACVLAN "macvlan"
#define VXLAN "vxlan"

/* High, so that /dev/tapN of no other namespace is likely to have the same name. */
#define MACVTAP_INDEX 0x3a7c0a9e

static const uint8_t mac_guest[] = { 0x02, 0x7c, 0, 0, 0, 0x01 };
static const uint8_t mac_stack[] = { 0x02, 0x7c, 0, 0, 0, 0x02 };
static const uint8_t mac_wire[] = { 0x02, 0x7c, 0, 0, 0, 0x03 };
static const uint8_t mac_inside[] = { 0x02, 0x7c, 0, 0, 0, 0x04 };

/* Of links that are no destination. */
static const uint8_t mac_bridge[] = { 0x02, 0x7c, 0, 0, 0, 0x11 };
static const uint8_t mac_bridged_tap[] = { 0x02, 0x7c, 0, 0, 0, 0x12 };
static const uint8_t mac_wire_tap[] = { 0x02, 0x7c, 0, 0, 0, 0x13 };

/* RFC 5737 and RFC 3849; the last byte is 1 for the host, 2 for the guest. */
#define V6_NETWORK(n) { 0x20, 0x01, 0x0d, 0xb8, 0, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }
#define V6_GUEST(n) { 0x20, 0x01, 0x0d, 0xb8, 0, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 }

static const struct {
	uint8_t host4[4], guest4[4], host6[16], guest6[16];
} networks[] = {
	[NETWORK_LOCAL] = { { 192, 0, 2, 1 }, { 192, 0, 2, 2 }, V6_NETWORK(1), V6_GUEST(1) },
	[NETWORK_FORWARDED] = { { 198, 51, 100, 1 }, { 198, 51, 100, 2 },
				V6_NETWORK(2), V6_GUEST(2) },
	[NETWORK_INSIDE] = { { 203, 0, 113, 1 }, { 203, 0, 113, 2 },
			     V6_NETWORK(3), V6_GUEST(3) },
	[NETWORK_QUEUES] = { { 198, 51, 100, 129 }, { 198, 51, 100, 130 },
			     V6_NETWORK(4), V6_GUEST(4) },
};

/* 4 or 16 bytes, by @family, in the order of the packet. */
static const uint8_t *testbed_address(enum network network, uint8_t family, bool guest)
{
	if (family == 4)
		return guest ? networks[network].guest4 : networks[network].host4;
	return guest ? networks[network].guest6 : networks[network].host6;
}

int testbed_open(struct testbed *t, const struct module_permits *permits)
{
	size_t i;

	memset(t, 0, sizeof(*t));
	t->open = true;
	t->nodes.sysfs = t->nodes.nodes = -1;
	t->permits = permits;
	for (i = 0; i < ARRAY_LENGTH(t->port); i++)
		t->port[i].fd = -1;
	t->frame = malloc(FRAME_MAX);
	t->datagram = malloc(FRAME_MAX);
	if (!t->frame || !t->datagram)
		return -ENOMEM;
	return links_open(&t->nl);
}

void testbed_close(struct testbed *t)
{
	size_t i;

	if (!t->open)
		return;
	for (i = 0; i < ARRAY_LENGTH(t->port); i++)
		if (t->port[i].fd >= 0)
			close(t->port[i].fd);
	macvtap_nodes_close(&t->nodes);
	links_close(t->nl);
	free(t->frame);
	free(t->datagram);
	memset(t, 0, sizeof(*t));
}

static int testbed_tap(struct port *p, const char *name)
{
	p->fd = tap_open(name, false);
	return p->fd < 0 ? p->fd : port_set(p, VNET_MERGEABLE, 0);
}

int testbed_populate(struct testbed *t, const char *link, enum network network)
{
	static const struct {
		uint8_t family;
		int prefix;
	} families[] = { { 4, 25 }, { 6, 64 } };
	const uint8_t *mac = network == NETWORK_INSIDE ? mac_inside : mac_stack;
	int ret = link_set(t->nl, link, mac, NULL);
	size_t i;

	for (i = 0; !ret && i < ARRAY_LENGTH(families); i++) {
		uint8_t family = families[i].family;

		ret = link_address(t->nl, link, family, testbed_address(network, family, false),
				   families[i].prefix);
		if (!ret)
			ret = link_neighbour(t->nl, link, family,
					     testbed_address(network, family, true), mac_guest);
		if (family == 6) {
			/* A host without IPv6 is tested with IPv4 only. */
			if (ret)
				text_set(t->no_v6, sizeof(t->no_v6), "no IPv6: %s",
					 answer_errno(ret));
			ret = 0;
		}
	}
	return ret;
}

socklen_t testbed_sockaddr(enum network network, uint8_t family, bool guest, uint16_t port,
			   struct sockaddr_storage *ss)
{
	const uint8_t *address = testbed_address(network, family, guest);
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (family == 4) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		memcpy(&sin->sin_addr, address, 4);
		return sizeof(*sin);
	}
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	memcpy(&sin6->sin6_addr, address, 16);
	return sizeof(*sin6);
}

static void testbed_make_bridge(struct testbed *t)
{
	char *why = t->no_forward;
	size_t size = sizeof(t->no_forward);
	int ret;

	text_set(why, size, "%s", t->permits->of[MODULE_BRIDGE].why);
	if (why[0])
		return;
	ret = link_add_bridge(t->nl, BRIDGE);
	if (!ret)
		ret = link_set(t->nl, BRIDGE, mac_bridge, NULL);
	if (!ret)
		ret = link_set(t->nl, BRIDGED_TAP, mac_bridged_tap, BRIDGE);
	if (!ret)
		ret = link_set(t->nl, WIRE_TAP, mac_wire_tap, BRIDGE);
	if (ret)
		text_set(why, size, "cannot create a bridge: %s", answer_errno(ret));
}

int testbed_make_taps(struct testbed *t, char *why, size_t size)
{
	int ret;

	t->local = &t->port[0];
	t->bridged = &t->port[1];
	t->wire = &t->port[2];
	t->stack = LOCAL_TAP;
	ret = testbed_tap(t->local, LOCAL_TAP);
	if (!ret)
		ret = testbed_tap(t->bridged, BRIDGED_TAP);
	if (!ret)
		ret = testbed_tap(t->wire, WIRE_TAP);
	if (!ret)
		ret = testbed_populate(t, LOCAL_TAP, NETWORK_LOCAL);
	if (ret) {
		text_set(why, size, "cannot set up the taps: %s", answer_errno(ret));
		return ret;
	}
	testbed_make_bridge(t);
	text_set(t->no_vxlan, sizeof(t->no_vxlan), "%s", t->permits->of[MODULE_VXLAN].why);
	return 0;
}

static int testbed_link_macvtap(struct testbed *t, enum answer *made)
{
	int ret = testbed_tap(t->wire, LOWER_TAP);

	*made = ANSWER_UNKNOWN;
	if (!ret)
		ret = link_set(t->nl, LOWER_TAP, mac_wire_tap, NULL);
	if (ret)
		return ret;
	ret = link_add_macvlan(t->nl, MACVTAP, LOWER_TAP, true, MACVTAP_INDEX);
	*made = answer_of(ASKED_LINK, ret);
	return ret;
}

static int testbed_link_stack(struct testbed *t)
{
	int ret = link_set(t->nl, MACVTAP, mac_guest, NULL);

	if (!ret)
		ret = link_add_macvlan(t->nl, MACVLAN, LOWER_TAP, false, 0);
	return ret ? ret : testbed_populate(t, MACVLAN, NETWORK_LOCAL);
}

/* The macvtap's own descriptor, and the stack's end beside it. */
static int testbed_use_macvtap(struct testbed *t, char *why, size_t size)
{
	int ret = macvtap_nodes_open(&t->nodes, why, size);

	if (ret)
		return ret;
	t->local->fd = macvtap_open(&t->nodes, MACVTAP, MACVTAP_INDEX, false);
	if (t->local->fd < 0) {
		text_set(why, size, "cannot create or open the macvtap's node: %s",
			 answer_errno(t->local->fd));
		return t->local->fd;
	}
	ret = port_set(t->local, VNET_MERGEABLE, 0);
	if (!ret)
		ret = testbed_link_stack(t);
	if (ret)
		text_set(why, size, "cannot set up the macvtap: %s", answer_errno(ret));
	return ret;
}

int testbed_make_macvtap(struct testbed *t, enum answer *made, char *why, size_t size)
{
	int ret;

	t->local = t->bridged = &t->port[0];
	t->wire = &t->port[1];
	t->stack = MACVLAN;
	ret = testbed_link_macvtap(t, made);
	if (ret) {
		text_set(why, size, "cannot create a macvtap: %s", answer_errno(ret));
		return ret;
	}
	text_set(t->no_vxlan, sizeof(t->no_vxlan), "%s", t->permits->of[MODULE_VXLAN].why);
	ret = testbed_use_macvtap(t, why, size);
	if (ret == -EPERM || ret == -EACCES)
		text_add(why, size, "; this needs CAP_SYS_ADMIN and CAP_MKNOD of the host: run it "
			 "as root, outside any user namespace");
	return ret;
}

int testbed_macvtap_queue(struct testbed *t)
{
	return macvtap_open(&t->nodes, MACVTAP, MACVTAP_INDEX, true);
}

int testbed_make_vxlan(struct testbed *t, const struct tunnel *tunnel)
{
	struct link_vxlan v = {
		.vni = tunnel->vni, .family = tunnel->ip.family, .csum = tunnel->csum,
	};
	int ret;

	memcpy(v.local, testbed_address(NETWORK_LOCAL, v.family, false), v.family == 4 ? 4 : 16);
	memcpy(v.remote, testbed_address(NETWORK_LOCAL, v.family, true), v.family == 4 ? 4 : 16);
	ret = link_add_vxlan(t->nl, VXLAN, &v);
	return ret ? ret : testbed_populate(t, VXLAN, NETWORK_INSIDE);
}

void testbed_drop_vxlan(struct testbed *t)
{
	link_delete(t->nl, VXLAN);
}

static void ip_between(struct ip *ip, enum network network, uint8_t family, bool guest_sends)
{
	size_t n = family == 4 ? 4 : 16;

	ip->family = family;
	ip->ttl = 64;
	memcpy(ip->src, testbed_address(network, family, guest_sends), n);
	memcpy(ip->dst, testbed_address(network, family, !guest_sends), n);
}

static void ether_between(struct ether *e, const uint8_t *guest, const uint8_t *other,
			  bool guest_sends)
{
	memcpy(e->src, guest_sends ? guest : other, 6);
	memcpy(e->dst, guest_sends ? other : guest, 6);
}

void testbed_flow(struct testbed *t, enum network path, uint8_t family, bool guest_sends,
		  struct tunnel *tunnel, struct flow *f)
{
	const uint8_t *other = path == NETWORK_LOCAL ? mac_stack : mac_wire;

	t->number++;
	memset(f, 0, sizeof(*f));
	f->proto = IPPROTO_UDP;
	f->sport = (uint16_t)(20000 + t->number % 20000);
	f->dport = (uint16_t)(f->sport + 20000);
	f->seed = t->number;
	f->ip.id = (uint16_t)(0xfff0 + t->number);
	f->tunnel = tunnel;
	if (!tunnel) {
		ip_between(&f->ip, path, family, guest_sends);
		ether_between(&f->ether, mac_guest, other, guest_sends);
		return;
	}
	ip_between(&f->ip, NETWORK_INSIDE, family, guest_sends);
	ether_between(&f->ether, mac_guest, mac_inside, guest_sends);
	ip_between(&tunnel->ip, path, tunnel->ip.family, guest_sends);
	ether_between(&tunnel->ether, mac_guest, other, guest_sends);
	tunnel->sport = f->sport;
	tunnel->ip.id = (uint16_t)~f->ip.id;
	tunnel->vni = TESTBED_VNI;
}
