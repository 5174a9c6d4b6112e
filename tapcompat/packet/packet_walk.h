/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packet_walk.h - parse untrusted headers
 *
 * packet_parse() supports what the library sends itself; this supports whatever a guest
 * may send: VLAN tags, IPv4 options, IPv6 extension headers.  It reads a snapshot of a
 * frame's first bytes and returns what is wrong with them.
 */
#ifndef TAPCOMPAT_PACKET_PACKET_WALK_H
#define TAPCOMPAT_PACKET_PACKET_WALK_H

#include "packet.h"

enum packet_fault {
	PACKET_FINE,
	PACKET_NOT_IP,		/* neither IPv4 nor IPv6 */
	PACKET_VLAN,		/* more tags than VLAN_MAX */
	PACKET_BEYOND,		/* headers extend past the snapshot */
	PACKET_IP,		/* an invalid IP header */
	PACKET_LENGTH,		/* the IP length exceeds the frame */
	PACKET_EXTENSION,	/* more headers than EXTENSION_MAX */
};

/**
 * packet_walk_ether() - walk the Ethernet header and its tags
 * @head: @bound bytes, at least ETH_LEN
 * @p: zeroed except for l3 and family; on PACKET_NOT_IP and PACKET_VLAN, l3 is
 *	after the last tag that was parsed
 */
enum packet_fault packet_walk_ether(const uint8_t *head, size_t bound, struct packet *p);

/**
 * packet_walk_ip() - walk the IP headers
 * @head: the frame's first @bound bytes
 * @len: of the frame
 * @p: l3 (within @bound) and family are input, the rest is output
 *
 * payload is set to l4: transport headers are not parsed.  An IP length of 0 is used for
 * packets that exceed its 16 bits: end is then the end of the frame.  On PACKET_BEYOND and
 * PACKET_EXTENSION, l4 is after the last header that was parsed.
 */
enum packet_fault packet_walk_ip(const uint8_t *head, size_t bound, size_t len,
				 struct packet *p);

#endif /* TAPCOMPAT_PACKET_PACKET_WALK_H */
