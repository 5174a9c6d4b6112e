/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * iface.h - look at links that others use: rtnetlink and ethtool's netlink family, read only
 *
 * Works in the network namespace in which ifaces_open() was called.  Nothing is set, and no
 * privilege is needed.
 */
#ifndef TAPCOMPAT_KERNEL_IFACE_H
#define TAPCOMPAT_KERNEL_IFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nl_sock;

/* Features of a link as ethtool -k lists them: bits of struct iface's @features. */
enum iface_feature {
	IFACE_CSUM,		/* tx-checksum-ip-generic */
	IFACE_CSUM4,		/* tx-checksum-ipv4 */
	IFACE_CSUM6,		/* tx-checksum-ipv6 */
	IFACE_TSO4,		/* tx-tcp-segmentation */
	IFACE_ECN,		/* tx-tcp-ecn-segmentation */
	IFACE_TSO6,		/* tx-tcp6-segmentation */
	IFACE_USO,		/* tx-udp-segmentation */
	IFACE_TUNNEL,		/* tx-udp_tnl-segmentation */
	IFACE_TUNNEL_CSUM,	/* tx-udp_tnl-csum-segmentation */
	IFACE_FEATURES,
};

/* What rtnetlink says of a tun or tap. */
struct iface_tun {
	bool tap;		/* not a tun, which has no Ethernet header */
	bool vnet_hdr, multi_queue, persist;
	bool counted;		/* @queues and @disabled are known */
	uint32_t queues, disabled;
	bool has_owner, has_group;
	uint32_t owner, group;
};

struct iface {
	char name[IFNAMSIZ];
	char kind[16];		/* such as "bridge"; "" for hardware */
	int index, master;
	int lower;		/* the link that it is on, or 0 */
	bool lower_elsewhere;	/* that one is in another namespace */
	unsigned int mtu;
	bool is_tun;
	struct iface_tun tun;
	bool has_features;
	uint32_t features;	/* 1 << enum iface_feature: those that are on */
};

/* Netlink sockets of a namespace. */
struct ifaces {
	struct nl_sock *route, *generic;
	int family;		/* of ethtool, or a negative errno */
};

#define IFACES_MOST 65536	/* links of one namespace; further ones are left out */

/**
 * ifaces_open() - sockets for the current namespace
 * Return: 0 or a negative errno; ethtool may be missing nevertheless
 */
int ifaces_open(struct ifaces *s);
void ifaces_close(struct ifaces *s);

/**
 * ifaces_dump() - all links, without their features
 * @list: set on success, to be freed with free()
 */
int ifaces_dump(struct ifaces *s, struct iface **list, size_t *n);

/**
 * iface_ask_features() - fill in the features of a link
 */
int iface_ask_features(struct ifaces *s, struct iface *iface);

#endif /* TAPCOMPAT_KERNEL_IFACE_H */
