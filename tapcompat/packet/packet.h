/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packet.h - find the headers of a frame
 */
#ifndef TAPCOMPAT_PACKET_PACKET_H
#define TAPCOMPAT_PACKET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ETH_LEN 14
#define IP4_LEN 20
#define IP6_LEN 40
#define IP6_FRAGMENT_LEN 8
#define UDP_LEN 8
#define TCP_LEN 20
#define VXLAN_LEN 8

#define ETHERTYPE_4 0x0800
#define ETHERTYPE_6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8

#define VLAN_LEN 4
#define VLAN_MAX 2		/* tags */
#define EXTENSION_MAX 8	/* IPv6 extension headers */

#define VXLAN_PORT 4789

/*
 * Offsets count from the start of the frame, in bytes.
 */
struct packet {
	uint8_t family;		/* 4 or 6 */
	uint8_t proto;		/* IPPROTO_* after the IP headers */
	size_t mac;		/* Ethernet header */
	size_t l3;		/* IP header */
	size_t l4;		/* transport header, or a later fragment's data */
	size_t payload;		/* after the transport header; l4 in a fragment */
	size_t end;		/* end of the packet by the IP length */
	bool fragment;
	bool more;		/* more fragments follow */
	uint16_t fragment_offset;	/* bytes */
	uint32_t fragment_id;

	/* Set by packet_walk_ip() only. */
	size_t next;		/* offset of the byte that holds @proto */
	bool rerouted;		/* IPv6: the last destination is in a routing header */
};

/**
 * packet_parse() - find the headers of an Ethernet frame
 * @frame: @len bytes
 * @mac: offset of the Ethernet header: 0, or that of a tunnel's inner frame
 * @p: filled in
 *
 * Supports IPv4, IPv6 with a fragment header, UDP and TCP; all offsets are within @len.
 * The transport header's length is checked, its other fields are not.
 *
 * Return: 0, or -1 if the frame is something else or too short
 */
int packet_parse(const uint8_t *frame, size_t len, size_t mac, struct packet *p);

/**
 * packet_pseudo() - sum of the pseudo header of UDP and TCP
 * @length: of transport header and data together
 * Return: a running sum for csum_add()
 */
uint32_t packet_pseudo(const uint8_t *frame, const struct packet *p, uint32_t length);

#endif /* TAPCOMPAT_PACKET_PACKET_H */
