// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * flow.c - build a super-packet
 */
#include "flow.h"

#include <netinet/in.h>
#include <string.h>

#include <linux/virtio_net.h>
#include <tapcompat_linux.h>

#include "csum.h"
#include "ground/bytes.h"
#include "packet.h"

void flow_fill(uint8_t *p, uint32_t seed, uint32_t from, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		p[i] = flow_byte(seed, from + i);
}

static void swap_bytes(uint8_t *a, uint8_t *b, size_t n)
{
	uint8_t spare[16];

	memcpy(spare, a, n);
	memcpy(a, b, n);
	memcpy(b, spare, n);
}

static void layers_reverse(struct ether *e, struct ip *ip)
{
	swap_bytes(e->src, e->dst, sizeof(e->src));
	swap_bytes(ip->src, ip->dst, sizeof(ip->src));
}

struct flow flow_reverse(const struct flow *f, struct tunnel *tunnel)
{
	struct flow back = *f;

	back.sport = f->dport;
	back.dport = f->sport;
	back.payload = 0;
	back.gso_type = 0;
	back.gso_size = 0;
	back.by_stack = false;
	layers_reverse(&back.ether, &back.ip);
	if (f->tunnel) {
		*tunnel = *f->tunnel;
		layers_reverse(&tunnel->ether, &tunnel->ip);
		back.tunnel = tunnel;
	}
	return back;
}

static uint8_t *put_ether(uint8_t *p, const struct ether *e, uint8_t family)
{
	memcpy(p, e->dst, 6);
	memcpy(p + 6, e->src, 6);
	put_be16(p + 12, family == 4 ? ETHERTYPE_4 : ETHERTYPE_6);
	return p + ETH_LEN;
}

static uint8_t *put_ip4(uint8_t *p, const struct ip *ip, uint8_t proto, size_t len)
{
	memset(p, 0, IP4_LEN);
	p[0] = 0x45;
	p[1] = ip->tos;
	put_be16(p + 2, (uint16_t)(IP4_LEN + len));
	put_be16(p + 4, ip->id);
	put_be16(p + 6, ip->df ? 0x4000 : 0);
	p[8] = ip->ttl;
	p[9] = proto;
	memcpy(p + 12, ip->src, 4);
	memcpy(p + 16, ip->dst, 4);
	put_be16(p + 10, (uint16_t)~csum_fold(csum_add(p, IP4_LEN, 0)));
	return p + IP4_LEN;
}

static uint8_t *put_ip6(uint8_t *p, const struct ip *ip, uint8_t proto, size_t len)
{
	put_be32(p, 6u << 28 | (uint32_t)ip->tos << 20);
	put_be16(p + 4, (uint16_t)len);
	p[6] = proto;
	p[7] = ip->ttl;
	memcpy(p + 8, ip->src, 16);
	memcpy(p + 24, ip->dst, 16);
	return p + IP6_LEN;
}

static uint8_t *put_ip(uint8_t *p, const struct ip *ip, uint8_t proto, size_t len)
{
	return ip->family == 4 ? put_ip4(p, ip, proto, len) : put_ip6(p, ip, proto, len);
}

static uint8_t *put_udp(uint8_t *p, uint16_t sport, uint16_t dport, size_t len)
{
	put_be16(p, sport);
	put_be16(p + 2, dport);
	put_be16(p + 4, (uint16_t)len);
	put_be16(p + 6, 0);
	return p + UDP_LEN;
}

static uint8_t *put_tcp(uint8_t *p, const struct flow *f)
{
	memset(p, 0, TCP_LEN);
	put_be16(p, f->sport);
	put_be16(p + 2, f->dport);
	put_be32(p + 4, f->seq);
	put_be32(p + 8, f->ack);
	p[12] = (TCP_LEN / 4) << 4;
	p[13] = f->tcp_flags;
	put_be16(p + 14, f->window);
	return p + TCP_LEN;
}

static size_t ip_len(const struct ip *ip)
{
	return ip->family == 4 ? IP4_LEN : IP6_LEN;
}

static uint32_t ip_pseudo(const struct ip *ip, uint8_t proto, size_t len)
{
	size_t n = ip->family == 4 ? 4 : 16;
	uint32_t sum = csum_add(ip->dst, n, csum_add(ip->src, n, 0));

	return sum + proto + (uint32_t)len;
}

/* Outer headers; @inner is the length of what follows. */
static uint8_t *put_tunnel(uint8_t *p, const struct tunnel *t, size_t inner)
{
	size_t len = UDP_LEN + VXLAN_LEN + inner;

	p = put_ether(p, &t->ether, t->ip.family);
	p = put_ip(p, &t->ip, IPPROTO_UDP, len);
	p = put_udp(p, t->sport, VXLAN_PORT, len);
	if (t->csum)
		put_be16(p - 2, csum_fold(ip_pseudo(&t->ip, IPPROTO_UDP, len)));
	put_be32(p, 8u << 24);
	put_be32(p + 4, t->vni << 8);
	return p + VXLAN_LEN;
}

/* The transport checksum: partial (pseudo header only) or complete. */
static void flow_csum(const struct flow *f, uint8_t *frame, size_t l4, size_t len,
		      struct vnet *h)
{
	size_t at = f->proto == IPPROTO_UDP ? 6 : 16;
	uint32_t sum = ip_pseudo(&f->ip, f->proto, len);
	uint16_t csum;

	if (f->partial_csum) {
		h->flags |= VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h->csum_start = (uint16_t)l4;
		h->csum_offset = (uint16_t)at;
		put_be16(frame + l4 + at, csum_fold(sum));
		return;
	}
	csum = (uint16_t)~csum_fold(csum_add(frame + l4, len, sum));
	put_be16(frame + l4 + at, csum ? csum : 0xffff);
}

/* The outer checksum, if it is not completed later. */
static void flow_outer_csum(const struct tunnel *t, uint8_t *frame, const uint8_t *end)
{
	uint8_t *udp = frame + ETH_LEN + ip_len(&t->ip);
	uint16_t csum = (uint16_t)~csum_fold(csum_add(udp, (size_t)(end - udp), 0));

	put_be16(udp + 6, csum ? csum : 0xffff);
}

/* The vnet header of a super-packet; @inner: offset of the inner frame. */
static void flow_gso(const struct flow *f, size_t inner, struct vnet *h)
{
	const struct tunnel *t = f->tunnel;

	h->gso_type = f->gso_type;
	h->gso_size = f->gso_size;
	if (!t)
		return;
	h->gso_type |= t->ip.family == 4 ? VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4
					 : VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6;
	if (t->csum)
		h->flags |= VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM;
	h->outer_th = (uint16_t)(ETH_LEN + ip_len(&t->ip));
	h->inner_nh = (uint16_t)(inner + ETH_LEN);
}

size_t flow_build(const struct flow *f, uint8_t *frame, struct vnet *h)
{
	size_t len = (f->proto == IPPROTO_UDP ? UDP_LEN : TCP_LEN) + f->payload;
	uint8_t *p = frame, *inner, *l4;

	memset(h, 0, sizeof(*h));
	if (f->tunnel)
		p = put_tunnel(p, f->tunnel, ETH_LEN + ip_len(&f->ip) + len);
	inner = p;
	p = put_ether(p, &f->ether, f->ip.family);
	p = put_ip(p, &f->ip, f->proto, len);
	l4 = p;
	if (f->proto == IPPROTO_UDP)
		p = put_udp(p, f->sport, f->dport, len);
	else
		p = put_tcp(p, f);
	h->hdr_len = (uint16_t)(p - frame);
	flow_fill(p, f->seed, 0, f->payload);
	flow_csum(f, frame, (size_t)(l4 - frame), len, h);
	p += f->payload;
	if (f->gso_type)
		flow_gso(f, (size_t)(inner - frame), h);
	else if (f->tunnel && f->tunnel->csum)
		flow_outer_csum(f->tunnel, frame, p);
	return (size_t)(p - frame);
}
