/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packet_walk.h - the way through headers that a stranger wrote
 *
 * packet_parse() knows the few shapes that the library sends itself; this walks
 * whatever a guest may send: VLAN tags, IPv4 options, IPv6 extension headers.  It
 * reads from a snapshot of a frame's first bytes and says what it stumbled over.
 */
#ifndef TAPCOMPAT_PACKET_PACKET_WALK_H
#define TAPCOMPAT_PACKET_PACKET_WALK_H

#include "packet.h"

enum packet_fault {
	PACKET_FINE,
	PACKET_NOT_IP,		/* neither IPv4 nor IPv6 */
	PACKET_VLAN,		/* more tags than VLAN_MAX */
	PACKET_BEYOND,		/* headers reach beyond the snapshot */
	PACKET_IP,		/* an IP header that is none */
	PACKET_LENGTH,		/* longer than the frame, by its own word */
	PACKET_EXTENSION,	/* more headers than EXTENSION_MAX */
};

/**
 * packet_walk_ether() - past the Ethernet header and its tags
 * @head: @bound bytes, at least ETH_LEN
 * @p: zeroed, but for l3 and family; on PACKET_NOT_IP and PACKET_VLAN, l3 is
 *	behind what was understood
 */
enum packet_fault packet_walk_ether(const uint8_t *head, size_t bound, struct packet *p);

/**
 * packet_walk_ip() - past the IP headers
 * @head: the frame's first @bound bytes
 * @len: of the frame
 * @p: whose l3 and family are set, l3 within @bound; the rest is filled in
 *
 * Payload is where l4 is: transport headers are not looked at.  A length of 0 in
 * the IP header is what those leave to the device that send more than it can say:
 * end is then the frame's.  On PACKET_BEYOND and PACKET_EXTENSION, l4 is behind the
 * last header that was read.
 */
enum packet_fault packet_walk_ip(const uint8_t *head, size_t bound, size_t len,
				 struct packet *p);

#endif /* TAPCOMPAT_PACKET_PACKET_WALK_H */
