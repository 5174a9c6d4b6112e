/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * link.h - links, addresses and neighbours, by libnl-3
 *
 * Works in the network namespace in which the links were opened.
 */
#ifndef TAPCOMPAT_EDGE_LINK_H
#define TAPCOMPAT_EDGE_LINK_H

#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

/* A VXLAN device, all of it by static entries. */
struct link_vxlan {
	uint32_t vni;
	uint8_t family;			/* of the outside: 4 or 6 */
	uint8_t local[16], remote[16];
	bool csum;			/* fill in the outer UDP checksum */
};

/**
 * links_open() - a netlink socket for this namespace
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
 * link_set() - give a link its hardware address and bring it up
 * @master: name of a bridge to join, or NULL
 */
int link_set(struct nl_sock *nl, const char *name, const uint8_t mac[6],
	     const char *master);

int link_add_bridge(struct nl_sock *nl, const char *name);

/**
 * link_add_macvlan() - a macvlan or macvtap in bridge mode
 * @tap: a macvtap
 * @index: the interface index that it is to have, or 0
 */
int link_add_macvlan(struct nl_sock *nl, const char *name, const char *lower, bool tap,
		     int index);

int link_add_vxlan(struct nl_sock *nl, const char *name, const struct link_vxlan *v);

int link_delete(struct nl_sock *nl, const char *name);

/**
 * link_address() - add an address, usable at once
 * @family: 4 or 6
 * @prefix: bits
 */
int link_address(struct nl_sock *nl, const char *name, uint8_t family,
		 const uint8_t *address, int prefix);

/**
 * link_neighbour() - a permanent neighbour
 */
int link_neighbour(struct nl_sock *nl, const char *name, uint8_t family,
		   const uint8_t *address, const uint8_t mac[6]);

#endif /* TAPCOMPAT_EDGE_LINK_H */
