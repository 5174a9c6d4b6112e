// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * packet.c - find the headers of a frame
 */
#include "packet.h"

#include <netinet/in.h>
#include <string.h>

#include "csum.h"
#include "ground/bytes.h"

static int packet_ip4(const uint8_t *frame, size_t len, struct packet *p)
{
	const uint8_t *ip = frame + p->l3;
	uint16_t total, offset;

	if (len - p->l3 < IP4_LEN || ip[0] != 0x45)
		return -1;
	total = get_be16(ip + 2);
	if (total < IP4_LEN || total > len - p->l3)
		return -1;
	offset = get_be16(ip + 6);
	p->family = 4;
	p->proto = ip[9];
	p->l4 = p->l3 + IP4_LEN;
	p->end = p->l3 + total;
	p->more = offset & 0x2000;
	p->fragment_offset = (uint16_t)((offset & 0x1fff) * 8);
	p->fragment_id = get_be16(ip + 4);
	p->fragment = p->more || p->fragment_offset;
	return 0;
}

static int packet_ip6(const uint8_t *frame, size_t len, struct packet *p)
{
	const uint8_t *ip = frame + p->l3;
	uint16_t total;

	if (len - p->l3 < IP6_LEN || ip[0] >> 4 != 6)
		return -1;
	total = get_be16(ip + 4);
	if (total > len - p->l3 - IP6_LEN)
		return -1;
	p->family = 6;
	p->proto = ip[6];
	p->l4 = p->l3 + IP6_LEN;
	p->end = p->l4 + total;
	if (p->proto != IPPROTO_FRAGMENT)
		return 0;
	if (total < IP6_FRAGMENT_LEN)
		return -1;
	ip += IP6_LEN;
	p->fragment = true;
	p->proto = ip[0];
	p->more = ip[3] & 1;
	p->fragment_offset = get_be16(ip + 2) & 0xfff8;
	p->fragment_id = get_be32(ip + 4);
	p->l4 += IP6_FRAGMENT_LEN;
	return 0;
}

static int packet_transport(const uint8_t *frame, struct packet *p)
{
	size_t room = p->end - p->l4;
	size_t need = 0;

	p->payload = p->l4;
	if (p->fragment)
		return 0;
	if (p->proto == IPPROTO_UDP)
		need = UDP_LEN;
	else if (p->proto == IPPROTO_TCP && room >= TCP_LEN)
		need = (size_t)(frame[p->l4 + 12] >> 4) * 4;
	else
		return -1;
	if (need > room || (p->proto == IPPROTO_TCP && need < TCP_LEN))
		return -1;
	p->payload += need;
	return 0;
}

int packet_parse(const uint8_t *frame, size_t len, size_t mac, struct packet *p)
{
	int ret = -1;

	memset(p, 0, sizeof(*p));
	if (len < mac || len - mac < ETH_LEN)
		return -1;
	p->mac = mac;
	p->l3 = mac + ETH_LEN;
	switch (get_be16(frame + mac + 12)) {
	case ETHERTYPE_4:
		ret = packet_ip4(frame, len, p);
		break;
	case ETHERTYPE_6:
		ret = packet_ip6(frame, len, p);
		break;
	}
	return ret ? ret : packet_transport(frame, p);
}

uint32_t packet_pseudo(const uint8_t *frame, const struct packet *p, uint32_t length)
{
	const uint8_t *ip = frame + p->l3;
	uint32_t sum;

	if (p->family == 4)
		sum = csum_add(ip + 12, 8, 0);
	else
		sum = csum_add(ip + 8, 32, 0);
	return sum + p->proto + (length >> 16) + (length & 0xffff);
}
