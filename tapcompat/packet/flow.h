/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flow.h - description of a super-packet and of the frames that it represents
 *
 * Used on both sides of a test: flow_build() builds the super-packet to send, and
 * judge.h compares the frames that arrive with the flow.
 */
#ifndef TAPCOMPAT_PACKET_FLOW_H
#define TAPCOMPAT_PACKET_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnet.h"

/* The largest frame: 64 KiB of IP after an Ethernet header. */
#define FRAME_MAX (14 + 65535)

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_ECE 0x40
#define TCP_CWR 0x80

/* Hardware addresses of both ends. */
struct ether {
	uint8_t src[6];
	uint8_t dst[6];
};

struct ip {
	uint8_t family;		/* 4 or 6 */
	uint8_t src[16];	/* network order; IPv4 uses the first four */
	uint8_t dst[16];
	uint8_t tos;		/* or traffic class */
	uint8_t ttl;		/* or hop limit */
	uint16_t id;		/* IPv4, of the first segment */
	bool df;		/* IPv4 */
};

/* The VXLAN headers around a flow. */
struct tunnel {
	struct ether ether;
	struct ip ip;
	uint16_t sport;
	uint32_t vni;
	bool csum;		/* the outer UDP header has a checksum */
};

struct flow {
	struct ether ether;
	struct ip ip;
	uint8_t proto;		/* IPPROTO_UDP or IPPROTO_TCP */
	uint16_t sport, dport;
	uint32_t seq, ack;	/* TCP */
	uint16_t window;
	uint8_t tcp_flags;
	uint8_t gso_type;	/* VIRTIO_NET_HDR_GSO_*, without tunnel bits */
	uint16_t gso_size;	/* bytes of payload per segment */
	uint32_t payload;	/* total bytes */
	uint32_t seed;		/* determines the payload's bytes */
	bool partial_csum;		/* the checksum is left to the receiver */
	const struct tunnel *tunnel;	/* or NULL */

	/*
	 * The host's stack sends it: it chooses IPv4 id, TTL, flow label and TCP window,
	 * and how a TCP stream is segmented.
	 */
	bool by_stack;
};

/**
 * flow_byte() - the byte of the payload at a position
 */
static inline uint8_t flow_byte(uint32_t seed, uint32_t position)
{
	return (uint8_t)((seed + position) * 2654435761u >> 24);
}

/**
 * flow_fill() - write a piece of the payload
 * @from: position of its first byte
 */
void flow_fill(uint8_t *p, uint32_t seed, uint32_t from, uint32_t len);

/**
 * flow_reverse() - a flow in the opposite direction, without payload
 * @tunnel: filled in if @f has one
 */
struct flow flow_reverse(const struct flow *f, struct tunnel *tunnel);

/**
 * flow_build() - build the flow's super-packet, as a guest sends it
 * @f: what to send; a plain flow in a tunnel with an outer checksum must not have a
 *	partial checksum inside
 * @frame: room for FRAME_MAX bytes
 * @h: the vnet header to send with it
 * Return: length of the frame
 */
size_t flow_build(const struct flow *f, uint8_t *frame, struct vnet *h);

#endif /* TAPCOMPAT_PACKET_FLOW_H */
