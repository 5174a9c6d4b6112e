// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * iface.c - look at links that others use
 */
#include "iface.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <linux/ethtool_netlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "ground/bytes.h"

#define PATIENCE 5	/* seconds for an answer */

static const char *const feature_names[IFACE_FEATURES] = {
	[IFACE_CSUM] = "tx-checksum-ip-generic",
	[IFACE_CSUM4] = "tx-checksum-ipv4",
	[IFACE_CSUM6] = "tx-checksum-ipv6",
	[IFACE_TSO4] = "tx-tcp-segmentation",
	[IFACE_ECN] = "tx-tcp-ecn-segmentation",
	[IFACE_TSO6] = "tx-tcp6-segmentation",
	[IFACE_USO] = "tx-udp-segmentation",
	[IFACE_TUNNEL] = "tx-udp_tnl-segmentation",
	[IFACE_TUNNEL_CSUM] = "tx-udp_tnl-csum-segmentation",
};

/* ---- Sockets ---- */

static struct nl_sock *socket_open(int protocol)
{
	static const struct timeval patience = { .tv_sec = PATIENCE };
	struct nl_sock *s = nl_socket_alloc();

	if (!s)
		return NULL;
	if (nl_connect(s, protocol) ||
	    setsockopt(nl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience))) {
		nl_socket_free(s);
		return NULL;
	}
	/* Without it, a request for another link's answer would be an error of its own. */
	nl_socket_disable_auto_ack(s);
	nl_socket_disable_seq_check(s);
	return s;
}

int ifaces_open(struct ifaces *s)
{
	*s = (struct ifaces){ .family = -EOPNOTSUPP };
	s->route = socket_open(NETLINK_ROUTE);
	if (!s->route)
		return -EIO;
	s->generic = socket_open(NETLINK_GENERIC);
	if (s->generic)
		s->family = genl_ctrl_resolve(s->generic, ETHTOOL_GENL_NAME);
	return 0;
}

void ifaces_close(struct ifaces *s)
{
	nl_socket_free(s->route);
	nl_socket_free(s->generic);
}

/* ---- Messages of either family ---- */

/* An answer being read. */
struct answer_state {
	void (*take)(struct nlmsghdr *message, void *arg);
	void *arg;
	bool done;
	int ret;
};

static int message_taken(struct nl_msg *msg, void *arg)
{
	struct answer_state *a = arg;

	a->take(nlmsg_hdr(msg), a->arg);
	if (!(nlmsg_hdr(msg)->nlmsg_flags & NLM_F_MULTI))
		a->done = true;
	return NL_OK;
}

static int message_last(struct nl_msg *msg, void *arg)
{
	struct answer_state *a = arg;

	(void)msg;
	a->done = true;
	return NL_STOP;
}

static int message_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	struct answer_state *a = arg;

	(void)from;
	a->done = true;
	a->ret = error->error;
	return NL_STOP;
}

/* Send a request, which is released, and read all of its answer. */
static int request(struct nl_sock *s, struct nl_msg *msg, struct answer_state *a)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int ret = -ENOMEM;

	if (cb && msg) {
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, message_taken, a);
		nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, message_last, a);
		nl_cb_err(cb, NL_CB_CUSTOM, message_error, a);
		ret = nl_send_auto(s, msg) < 0 ? -EIO : 0;
		while (!ret && !a->done)
			ret = nl_recvmsgs(s, cb) < 0 && !a->done ? -EIO : 0;
	}
	nlmsg_free(msg);
	if (cb)
		nl_cb_put(cb);
	return ret ? ret : a->ret;
}

/* ---- Links ---- */

struct dump {
	struct iface *list;
	size_t n, room;
	bool failed;
};

static uint32_t number_of(struct nlattr **a, int type)
{
	return a[type] && nla_len(a[type]) >= 4 ? nla_get_u32(a[type]) : 0;
}

static bool byte_of(struct nlattr **a, int type)
{
	return a[type] && nla_len(a[type]) >= 1 && nla_get_u8(a[type]);
}

static void tun_read(struct iface *iface, struct nlattr *data)
{
	struct nlattr *a[IFLA_TUN_MAX + 1];

	if (nla_parse_nested(a, IFLA_TUN_MAX, data, NULL))
		return;
	iface->is_tun = true;
	iface->tun = (struct iface_tun){
		/* The values are IFF_TUN and IFF_TAP. */
		.tap = a[IFLA_TUN_TYPE] && nla_get_u8(a[IFLA_TUN_TYPE]) == 2,
		.vnet_hdr = byte_of(a, IFLA_TUN_VNET_HDR),
		.multi_queue = byte_of(a, IFLA_TUN_MULTI_QUEUE),
		.persist = byte_of(a, IFLA_TUN_PERSIST),
		.counted = a[IFLA_TUN_NUM_QUEUES],
		.queues = number_of(a, IFLA_TUN_NUM_QUEUES),
		.disabled = number_of(a, IFLA_TUN_NUM_DISABLED_QUEUES),
		.has_owner = a[IFLA_TUN_OWNER], .owner = number_of(a, IFLA_TUN_OWNER),
		.has_group = a[IFLA_TUN_GROUP], .group = number_of(a, IFLA_TUN_GROUP),
	};
}

static void info_read(struct iface *iface, struct nlattr *info)
{
	struct nlattr *a[IFLA_INFO_MAX + 1];

	if (nla_parse_nested(a, IFLA_INFO_MAX, info, NULL) || !a[IFLA_INFO_KIND])
		return;
	nla_strlcpy(iface->kind, a[IFLA_INFO_KIND], sizeof(iface->kind));
	if (!strcmp(iface->kind, "tun") && a[IFLA_INFO_DATA])
		tun_read(iface, a[IFLA_INFO_DATA]);
}

static struct iface *dump_room(struct dump *d)
{
	size_t room = d->room ? 2 * d->room : 64;
	struct iface *list;

	if (d->n < d->room)
		return &d->list[d->n++];
	list = d->n < IFACES_MOST ? realloc(d->list, room * sizeof(*list)) : NULL;
	if (!list) {
		d->failed = d->n < IFACES_MOST;
		return NULL;
	}
	d->list = list;
	d->room = room;
	return &d->list[d->n++];
}

static void link_take(struct nlmsghdr *h, void *arg)
{
	struct nlattr *a[IFLA_MAX + 1];
	struct iface *iface;

	if (h->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(h, sizeof(struct ifinfomsg), a, IFLA_MAX, NULL) || !a[IFLA_IFNAME])
		return;
	iface = dump_room(arg);
	if (!iface)
		return;
	*iface = (struct iface){
		.index = ((struct ifinfomsg *)nlmsg_data(h))->ifi_index,
		.master = (int)number_of(a, IFLA_MASTER), .lower = (int)number_of(a, IFLA_LINK),
		.lower_elsewhere = a[IFLA_LINK_NETNSID], .mtu = number_of(a, IFLA_MTU),
	};
	nla_strlcpy(iface->name, a[IFLA_IFNAME], sizeof(iface->name));
	if (a[IFLA_LINKINFO])
		info_read(iface, a[IFLA_LINKINFO]);
	/* Queues are only counted with several, but a tap is only up while it is attached. */
	if (iface->is_tun && !iface->tun.counted && a[IFLA_CARRIER]) {
		iface->tun.counted = true;
		iface->tun.queues = byte_of(a, IFLA_CARRIER);
	}
}

int ifaces_dump(struct ifaces *s, struct iface **list, size_t *n)
{
	struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP);
	struct dump d = { .n = 0 };
	struct answer_state a = { .take = link_take, .arg = &d };
	int ret;

	if (msg && nlmsg_append(msg, &all, sizeof(all), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	ret = request(s->route, msg, &a);
	if (d.failed)
		ret = -ENOMEM;
	if (ret)
		free(d.list);
	*list = ret ? NULL : d.list;
	*n = ret ? 0 : d.n;
	return ret;
}

/* ---- Features ---- */

static void bit_read(struct iface *iface, struct nlattr *bit)
{
	struct nlattr *a[ETHTOOL_A_BITSET_BIT_MAX + 1];
	unsigned int i;

	if (nla_parse_nested(a, ETHTOOL_A_BITSET_BIT_MAX, bit, NULL) ||
	    !a[ETHTOOL_A_BITSET_BIT_NAME])
		return;
	for (i = 0; i < IFACE_FEATURES; i++)
		if (!nla_strcmp(a[ETHTOOL_A_BITSET_BIT_NAME], feature_names[i]))
			iface->features |= 1u << i;
}

/* The active features come without a mask: a bit that is listed is set. */
static void features_take(struct nlmsghdr *h, void *arg)
{
	struct nlattr *a[ETHTOOL_A_FEATURES_MAX + 1], *set[ETHTOOL_A_BITSET_MAX + 1], *bit;
	struct iface *iface = arg;
	int left;

	if (genlmsg_parse(h, 0, a, ETHTOOL_A_FEATURES_MAX, NULL) ||
	    !a[ETHTOOL_A_FEATURES_ACTIVE] ||
	    nla_parse_nested(set, ETHTOOL_A_BITSET_MAX, a[ETHTOOL_A_FEATURES_ACTIVE], NULL))
		return;
	iface->has_features = true;
	if (!set[ETHTOOL_A_BITSET_BITS])
		return;
	left = nla_len(set[ETHTOOL_A_BITSET_BITS]);
	for (bit = nla_data(set[ETHTOOL_A_BITSET_BITS]); nla_ok(bit, left);
	     bit = nla_next(bit, &left))
		bit_read(iface, bit);
}

int iface_ask_features(struct ifaces *s, struct iface *iface)
{
	struct answer_state a = { .take = features_take, .arg = iface };
	struct nlattr *header;
	struct nl_msg *msg;

	if (s->family < 0)
		return -EOPNOTSUPP;
	msg = nlmsg_alloc();
	if (!msg)
		return -ENOMEM;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, s->family, 0, NLM_F_REQUEST,
			 ETHTOOL_MSG_FEATURES_GET, ETHTOOL_GENL_VERSION))
		goto failed;
	header = nla_nest_start(msg, ETHTOOL_A_FEATURES_HEADER | NLA_F_NESTED);
	if (!header || nla_put_u32(msg, ETHTOOL_A_HEADER_DEV_INDEX, (uint32_t)iface->index))
		goto failed;
	nla_nest_end(msg, header);
	return request(s->generic, msg, &a);
failed:
	nlmsg_free(msg);
	return -ENOMEM;
}
