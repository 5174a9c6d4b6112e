// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * packet_walk.c - parse untrusted headers
 */
#include "packet_walk.h"

#include <netinet/in.h>
#include <string.h>

#include "ground/bytes.h"

static bool is_tag(uint16_t type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ;
}

enum packet_fault packet_walk_ether(const uint8_t *head, size_t bound, struct packet *p)
{
	uint16_t type = get_be16(head + 12);
	unsigned int tags;

	memset(p, 0, sizeof(*p));
	p->l3 = ETH_LEN;
	for (tags = 0; is_tag(type) && tags < VLAN_MAX; tags++) {
		if (bound - p->l3 < VLAN_LEN)
			return PACKET_BEYOND;
		type = get_be16(head + p->l3 + 2);
		p->l3 += VLAN_LEN;
	}
	if (is_tag(type))
		return PACKET_VLAN;
	p->family = type == ETHERTYPE_4 ? 4 : type == ETHERTYPE_6 ? 6 : 0;
	return p->family ? PACKET_FINE : PACKET_NOT_IP;
}

static enum packet_fault walk_ip4(const uint8_t *ip, size_t room, size_t len, struct packet *p)
{
	size_t header, total;
	uint16_t offset;

	if (room < IP4_LEN)
		return PACKET_IP;
	header = (size_t)(ip[0] & 15) * 4;
	if (ip[0] >> 4 != 4 || header < IP4_LEN || header > room)
		return PACKET_IP;
	total = get_be16(ip + 2);
	if (!total)
		total = len - p->l3;
	if (total < header || total > len - p->l3)
		return PACKET_LENGTH;
	offset = get_be16(ip + 6);
	p->proto = ip[9];
	p->next = p->l3 + 9;
	p->l4 = p->l3 + header;
	p->end = p->l3 + total;
	p->more = offset & 0x2000;
	p->fragment_offset = (uint16_t)((offset & 0x1fff) * 8);
	p->fragment_id = get_be16(ip + 4);
	p->fragment = p->more || p->fragment_offset;
	return PACKET_FINE;
}

/* Stop at a fragment header: any part of the packet may follow. */
static enum packet_fault walk_fragment(const uint8_t *h, struct packet *p)
{
	p->fragment = true;
	p->proto = h[0];
	p->more = h[3] & 1;
	p->fragment_offset = get_be16(h + 2) & 0xfff8;
	p->fragment_id = get_be32(h + 4);
	p->next = p->l4;
	p->l4 += IP6_FRAGMENT_LEN;
	return PACKET_FINE;
}

static bool is_option(uint8_t proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING || proto == IPPROTO_DSTOPTS;
}

/* Walk the extension headers; p->l4 is the offset of the next one. */
static enum packet_fault walk_extensions(const uint8_t *head, size_t bound, struct packet *p)
{
	unsigned int n;
	size_t len;

	for (n = 0; is_option(p->proto) || p->proto == IPPROTO_FRAGMENT; n++) {
		const uint8_t *h = head + p->l4;

		if (n == EXTENSION_MAX)
			return PACKET_EXTENSION;
		if (bound - p->l4 < 8)
			return PACKET_BEYOND;
		if (p->proto == IPPROTO_FRAGMENT)
			return walk_fragment(h, p);
		len = (size_t)(h[1] + 1) * 8;
		if (len > bound - p->l4)
			return PACKET_BEYOND;
		if (p->proto == IPPROTO_ROUTING && h[3])
			p->rerouted = true;
		p->proto = h[0];
		p->next = p->l4;
		p->l4 += len;
	}
	return PACKET_FINE;
}

static enum packet_fault walk_ip6(const uint8_t *head, size_t bound, size_t len,
				  struct packet *p)
{
	const uint8_t *ip = head + p->l3;
	enum packet_fault fault;
	size_t total;

	if (bound - p->l3 < IP6_LEN || ip[0] >> 4 != 6)
		return PACKET_IP;
	p->proto = ip[6];
	p->next = p->l3 + 6;
	p->l4 = p->l3 + IP6_LEN;
	total = get_be16(ip + 4);
	if (!total)
		total = len - p->l4;
	if (total > len - p->l4)
		return PACKET_LENGTH;
	p->end = p->l4 + total;
	fault = walk_extensions(head, bound, p);
	return fault ? fault : p->l4 > p->end ? PACKET_LENGTH : PACKET_FINE;
}

enum packet_fault packet_walk_ip(const uint8_t *head, size_t bound, size_t len,
				 struct packet *p)
{
	enum packet_fault fault;

	fault = p->family == 4 ? walk_ip4(head + p->l3, bound - p->l3, len, p)
			       : walk_ip6(head, bound, len, p);
	p->payload = p->l4;
	return fault;
}
