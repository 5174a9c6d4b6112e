// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * link.c - links, addresses and neighbours, by libnl-3
 */
#include "link.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/macvtap.h>
#include <netlink/route/link/vxlan.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/route.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <linux/if_link.h>
#include <linux/neighbour.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "packet/packet.h"

#define ADDRESS_PATIENCE 1000	/* ms */
#define NETLINK_PATIENCE 5	/* seconds */

/* Map libnl's errors back to the kernel's errno. */
static int link_errno(int nle)
{
	static const int map[] = {
		[NLE_INTR] = EINTR, [NLE_AGAIN] = EAGAIN, [NLE_NOMEM] = ENOMEM,
		[NLE_EXIST] = EEXIST, [NLE_INVAL] = EINVAL, [NLE_RANGE] = ERANGE,
		[NLE_OPNOTSUPP] = EOPNOTSUPP, [NLE_AF_NOSUPPORT] = EAFNOSUPPORT,
		[NLE_OBJ_NOTFOUND] = ENOENT, [NLE_NOADDR] = EADDRNOTAVAIL,
		[NLE_BUSY] = EBUSY, [NLE_NOACCESS] = EACCES, [NLE_PERM] = EPERM,
		[NLE_NODEV] = ENODEV,
	};
	size_t i = (size_t)-nle;

	if (nle >= 0)
		return 0;
	return i < ARRAY_LENGTH(map) && map[i] ? -map[i] : -EIO;
}

int links_open(struct nl_sock **nl)
{
	static const struct timeval patience = { .tv_sec = NETLINK_PATIENCE };
	int ret;

	*nl = nl_socket_alloc();
	if (!*nl)
		return -ENOMEM;
	ret = link_errno(nl_connect(*nl, NETLINK_ROUTE));
	if (!ret && setsockopt(nl_socket_get_fd(*nl), SOL_SOCKET, SO_RCVTIMEO, &patience,
			       sizeof(patience)))
		ret = -errno;
	if (ret) {
		nl_socket_free(*nl);
		*nl = NULL;
	}
	return ret;
}

void links_close(struct nl_sock *nl)
{
	nl_socket_free(nl);
}

int link_index(struct nl_sock *nl, const char *name)
{
	struct rtnl_link *link;
	int ret = link_errno(rtnl_link_get_kernel(nl, 0, name, &link));

	if (ret)
		return ret;
	ret = rtnl_link_get_ifindex(link);
	rtnl_link_put(link);
	return ret;
}

int link_info(struct nl_sock *nl, int index, const char *name, struct link_info *info)
{
	struct rtnl_link *link;
	int ret = link_errno(rtnl_link_get_kernel(nl, index, name, &link));
	const char *kind;

	if (ret)
		return ret;
	kind = rtnl_link_get_type(link);
	*info = (struct link_info){
		.index = rtnl_link_get_ifindex(link), .master = rtnl_link_get_master(link),
		.mtu = rtnl_link_get_mtu(link),
	};
	text_set(info->name, sizeof(info->name), "%s", rtnl_link_get_name(link));
	text_set(info->kind, sizeof(info->kind), "%s", kind ? kind : "");
	rtnl_link_put(link);
	return 0;
}

static struct nl_addr *link_lladdr(const uint8_t mac[6])
{
	return nl_addr_build(AF_LLC, mac, 6);
}

static struct nl_addr *link_ipaddr(uint8_t family, const uint8_t *address)
{
	return family == 4 ? nl_addr_build(AF_INET, address, 4)
			   : nl_addr_build(AF_INET6, address, 16);
}

/* Change a link: @changes is released. */
static int link_change(struct nl_sock *nl, int index, struct rtnl_link *changes)
{
	struct rtnl_link *link = rtnl_link_alloc();
	int ret = -ENOMEM;

	if (link && changes) {
		rtnl_link_set_ifindex(link, index);
		ret = link_errno(rtnl_link_change(nl, link, changes, 0));
	}
	rtnl_link_put(link);
	rtnl_link_put(changes);
	return ret;
}

/*
 * No link-local address, so that the link sends nothing by itself.  A host without
 * IPv6 refuses this and sends nothing either.
 */
static void link_disable_autoconf(struct nl_sock *nl, int index)
{
	struct rtnl_link *changes = rtnl_link_alloc();

	if (changes && !rtnl_link_inet6_set_addr_gen_mode(changes, IN6_ADDR_GEN_MODE_NONE))
		link_change(nl, index, changes);
	else
		rtnl_link_put(changes);
}

int link_set(struct nl_sock *nl, const char *name, const uint8_t mac[6],
	     const char *master)
{
	int index = link_index(nl, name), bridge = master ? link_index(nl, master) : 0;
	struct rtnl_link *changes;
	struct nl_addr *lladdr;

	if (index < 0 || bridge < 0)
		return index < 0 ? index : bridge;
	link_disable_autoconf(nl, index);
	changes = rtnl_link_alloc();
	lladdr = link_lladdr(mac);
	if (changes && lladdr) {
		rtnl_link_set_addr(changes, lladdr);
		if (master)
			rtnl_link_set_master(changes, bridge);
		rtnl_link_set_flags(changes, IFF_UP);
	}
	nl_addr_put(lladdr);
	return link_change(nl, index, changes);
}

/* Create a link of @link's kind: @link is released. */
static int link_add(struct nl_sock *nl, struct rtnl_link *link, const char *name)
{
	int ret = -ENOMEM;

	if (link) {
		rtnl_link_set_name(link, name);
		ret = link_errno(rtnl_link_add(nl, link, NLM_F_CREATE | NLM_F_EXCL));
	}
	rtnl_link_put(link);
	return ret;
}

int link_join(struct nl_sock *nl, const char *name, int bridge, unsigned int mtu)
{
	struct rtnl_link *link, *changes = rtnl_link_alloc();
	struct nl_addr *address = NULL;
	int index, ret = link_errno(rtnl_link_get_kernel(nl, 0, name, &link));

	if (ret) {
		rtnl_link_put(changes);
		return ret;
	}
	index = rtnl_link_get_ifindex(link);
	if (rtnl_link_get_addr(link))
		address = nl_addr_clone(rtnl_link_get_addr(link));
	if (changes && address) {
		((uint8_t *)nl_addr_get_binary_addr(address))[0] = 0xfe;
		rtnl_link_set_addr(changes, address);
		rtnl_link_set_mtu(changes, mtu);
		rtnl_link_set_master(changes, bridge);
		rtnl_link_set_flags(changes, IFF_UP);
	}
	nl_addr_put(address);
	rtnl_link_put(link);
	return link_change(nl, index, changes);
}

int link_add_bridge(struct nl_sock *nl, const char *name)
{
	struct rtnl_link *link = rtnl_link_alloc();

	if (link)
		rtnl_link_set_type(link, "bridge");
	return link_add(nl, link, name);
}

int link_add_macvlan(struct nl_sock *nl, const char *name, const char *lower, bool tap,
		     int index)
{
	int below = link_index(nl, lower);
	struct rtnl_link *link;

	if (below < 0)
		return below;
	link = tap ? rtnl_link_macvtap_alloc() : rtnl_link_macvlan_alloc();
	if (!link)
		return -ENOMEM;
	rtnl_link_set_link(link, below);
	if (index)
		rtnl_link_set_ifindex(link, index);
	if (tap)
		rtnl_link_macvtap_set_mode(link, MACVLAN_MODE_BRIDGE);
	else
		rtnl_link_macvlan_set_mode(link, MACVLAN_MODE_BRIDGE);
	return link_add(nl, link, name);
}

int link_add_vxlan(struct nl_sock *nl, const char *name, const struct link_vxlan *v)
{
	struct rtnl_link *link = rtnl_link_vxlan_alloc();
	struct nl_addr *local = link_ipaddr(v->family, v->local);
	struct nl_addr *remote = link_ipaddr(v->family, v->remote);
	int ret = -ENOMEM;

	if (link && local && remote) {
		rtnl_link_vxlan_set_id(link, v->vni);
		rtnl_link_vxlan_set_local(link, local);
		rtnl_link_vxlan_set_group(link, remote);
		rtnl_link_vxlan_set_port(link, VXLAN_PORT);
		rtnl_link_vxlan_set_learning(link, 0);
		if (v->family == 4)
			rtnl_link_vxlan_set_udp_csum(link, v->csum);
		rtnl_link_vxlan_set_udp_zero_csum6_tx(link, !v->csum);
		rtnl_link_vxlan_set_udp_zero_csum6_rx(link, !v->csum);
		ret = link_add(nl, link, name);
	} else {
		rtnl_link_put(link);
	}
	nl_addr_put(local);
	nl_addr_put(remote);
	return ret;
}

int link_delete(struct nl_sock *nl, const char *name)
{
	int index = link_index(nl, name), ret = -ENOMEM;
	struct rtnl_link *link;

	if (index < 0)
		return index;
	link = rtnl_link_alloc();
	if (link) {
		rtnl_link_set_ifindex(link, index);
		ret = link_errno(rtnl_link_delete(nl, link));
	}
	rtnl_link_put(link);
	return ret;
}

/* Does the host's stack accept packets to this address? */
static bool link_is_local(struct nl_sock *nl, struct nl_addr *address)
{
	struct rtnl_route *route;
	bool local;

	if (rtnl_route_lookup(nl, address, &route))
		return false;
	local = rtnl_route_get_type(route) == RTN_LOCAL;
	rtnl_route_put(route);
	return local;
}

/* IPv6 enables an address in a work queue, some time after it was added. */
static int link_await_address(struct nl_sock *nl, struct nl_addr *address)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int i;

	for (i = 0; i < ADDRESS_PATIENCE; i++) {
		if (link_is_local(nl, address))
			return 0;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

int link_address(struct nl_sock *nl, const char *name, uint8_t family,
		 const uint8_t *address, int prefix)
{
	int index = link_index(nl, name), ret = -ENOMEM;
	struct rtnl_addr *a;
	struct nl_addr *local;

	if (index < 0)
		return index;
	a = rtnl_addr_alloc();
	local = link_ipaddr(family, address);
	if (a && local) {
		rtnl_addr_set_ifindex(a, index);
		rtnl_addr_set_local(a, local);
		rtnl_addr_set_prefixlen(a, prefix);
		if (family == 6)
			rtnl_addr_set_flags(a, IFA_F_NODAD);
		ret = link_errno(rtnl_addr_add(nl, a, 0));
		if (!ret)
			ret = link_await_address(nl, local);
	}
	nl_addr_put(local);
	rtnl_addr_put(a);
	return ret;
}

int link_neighbour(struct nl_sock *nl, const char *name, uint8_t family,
		   const uint8_t *address, const uint8_t mac[6])
{
	int index = link_index(nl, name), ret = -ENOMEM;
	struct nl_addr *dst, *lladdr;
	struct rtnl_neigh *n;

	if (index < 0)
		return index;
	n = rtnl_neigh_alloc();
	dst = link_ipaddr(family, address);
	lladdr = link_lladdr(mac);
	if (n && dst && lladdr) {
		rtnl_neigh_set_ifindex(n, index);
		rtnl_neigh_set_dst(n, dst);
		rtnl_neigh_set_lladdr(n, lladdr);
		rtnl_neigh_set_state(n, NUD_PERMANENT);
		ret = link_errno(rtnl_neigh_add(nl, n, NLM_F_CREATE));
	}
	nl_addr_put(lladdr);
	nl_addr_put(dst);
	rtnl_neigh_put(n);
	return ret;
}
