/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * link.h - links, addresses and neighbours, by libnl-3
 *
 * Works in the network namespace in which links_open() was called.
 */
#ifndef TAPCOMPAT_KERNEL_LINK_H
#define TAPCOMPAT_KERNEL_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

/* A VXLAN device with static entries only. */
struct link_vxlan {
	uint32_t vni;
	uint8_t family;			/* of the outer header: 4 or 6 */
	uint8_t local[16], remote[16];
	bool csum;			/* fill in the outer UDP checksum */
};

/* A link as reported by the kernel. */
struct link_info {
	char name[IFNAMSIZ];
	char kind[32];		/* such as "bridge", or "" */
	int index, master;	/* master: of its bridge, or 0 */
	unsigned int mtu;
};

/**
 * links_open() - a netlink socket for this namespace
 *
 * A request that the kernel does not answer ends with -EAGAIN after some seconds.
 *
 * Return: 0 or a negative errno
 */
int links_open(struct nl_sock **nl);
void links_close(struct nl_sock *nl);

/**
 * link_index() - interface index of a link
 * Return: above 0, or a negative errno
 */
int link_index(struct nl_sock *nl, const char *name);

/**
 * link_info() - query a link
 * @index: of the link, or 0 to look it up by @name
 * Return: 0 or a negative errno
 */
int link_info(struct nl_sock *nl, int index, const char *name, struct link_info *info);

/**
 * link_join() - add a link to a bridge and bring it up
 * @bridge: the bridge's index
 * @mtu: the MTU to set
 *
 * Its address is changed to a high one (0xfe), so that the bridge, which uses the lowest
 * of its ports' addresses, does not adopt it.
 */
int link_join(struct nl_sock *nl, const char *name, int bridge, unsigned int mtu);

/**
 * link_set() - set a link's hardware address and bring it up
 * @master: name of a bridge to join, or NULL
 */
int link_set(struct nl_sock *nl, const char *name, const uint8_t mac[6],
	     const char *master);

int link_add_bridge(struct nl_sock *nl, const char *name);

/**
 * link_add_macvlan() - a macvlan or macvtap in bridge mode
 * @tap: a macvtap
 * @index: the interface index to use, or 0
 */
int link_add_macvlan(struct nl_sock *nl, const char *name, const char *lower, bool tap,
		     int index);

int link_add_vxlan(struct nl_sock *nl, const char *name, const struct link_vxlan *v);

int link_delete(struct nl_sock *nl, const char *name);

/**
 * link_address() - add an address and wait until it is usable
 * @family: 4 or 6
 * @prefix: bits
 */
int link_address(struct nl_sock *nl, const char *name, uint8_t family,
		 const uint8_t *address, int prefix);

/**
 * link_neighbour() - add a permanent neighbour
 */
int link_neighbour(struct nl_sock *nl, const char *name, uint8_t family,
		   const uint8_t *address, const uint8_t mac[6]);

#endif /* TAPCOMPAT_KERNEL_LINK_H */
