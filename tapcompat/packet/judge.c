// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * judge.c - compare the frames that arrived with what was sent
 */
#include "judge.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <linux/virtio_net.h>
#include <tapcompat_linux.h>

#include "csum.h"
#include "ground/bytes.h"

/* The frame being checked: outer headers and the flow's own. */
struct view {
	const struct vnet *h;
	const uint8_t *frame;
	size_t len;
	struct packet outer;	/* if the flow is in a tunnel */
	struct packet p;
	uint32_t data;		/* bytes of payload in it */
	bool super;
};

void judge_fail(struct judge *j, const char *format, ...)
{
	va_list args;

	if (j->why[0])
		return;
	va_start(args, format);
	vsnprintf(j->why, sizeof(j->why), format, args);
	va_end(args);
}

void judge_untested(struct judge *j, const char *format, ...)
{
	va_list args;

	if (j->why[0])
		return;
	j->untested = true;
	va_start(args, format);
	vsnprintf(j->why, sizeof(j->why), format, args);
	va_end(args);
}

static bool judge_expect(struct judge *j, const char *what, uint32_t got, uint32_t want)
{
	if (got != want)
		judge_fail(j, "segment %u: %s is %u instead of %u", j->segments, what, got,
			  want);
	return got == want;
}

static bool ip_matches(const struct ip *ip, const uint8_t *frame, const struct packet *p)
{
	const uint8_t *l3 = frame + p->l3;

	if (ip->family != p->family)
		return false;
	if (p->family == 4)
		return !memcmp(l3 + 12, ip->src, 4) && !memcmp(l3 + 16, ip->dst, 4);
	return !memcmp(l3 + 8, ip->src, 16) && !memcmp(l3 + 24, ip->dst, 16);
}

static bool view_ports(const struct view *v, uint16_t sport, uint16_t dport)
{
	const uint8_t *l4 = v->frame + v->p.l4;

	return get_be16(l4) == sport && get_be16(l4 + 2) == dport;
}

/* From the host's TCP: acknowledgements without data, and retransmissions. */
static bool view_is_retransmit(const struct judge *j, const struct view *v)
{
	const struct flow *f = j->flow;
	uint32_t end;

	if (f->proto != IPPROTO_TCP || !f->by_stack)
		return false;
	end = get_be32(v->frame + v->p.l4 + 4) + (uint32_t)(v->p.end - v->p.payload);
	return v->p.end == v->p.payload || (int32_t)(end - (f->seq + j->next)) <= 0;
}

/* The outer headers of a tunnelled flow; afterwards v->p is the inner packet. */
static bool judge_match_tunnel(const struct judge *j, struct view *v)
{
	const struct tunnel *t = j->flow->tunnel;

	v->outer = v->p;
	if (v->p.fragment || v->p.proto != IPPROTO_UDP || !ip_matches(&t->ip, v->frame, &v->p))
		return false;
	if (get_be16(v->frame + v->p.l4 + 2) != VXLAN_PORT ||
	    v->p.end - v->p.payload < VXLAN_LEN)
		return false;
	return !packet_parse(v->frame, v->outer.end, v->outer.payload + VXLAN_LEN, &v->p);
}

static bool judge_match(const struct judge *j, struct view *v)
{
	const struct flow *f = j->flow;

	if (packet_parse(v->frame, v->len, 0, &v->p))
		return false;
	if (f->tunnel && !judge_match_tunnel(j, v))
		return false;
	if (v->p.proto != f->proto || !ip_matches(&f->ip, v->frame, &v->p))
		return false;
	if (v->p.fragment)
		return f->proto == IPPROTO_UDP;
	return view_ports(v, f->sport, f->dport) && !view_is_retransmit(j, v);
}

static bool judge_ether(struct judge *j, const struct ether *e, const uint8_t *mac)
{
	if (memcmp(mac, e->dst, 6) || memcmp(mac + 6, e->src, 6)) {
		judge_fail(j, "segment %u: wrong Ethernet address", j->segments);
		return false;
	}
	return true;
}

/*
 * IPv4: ids count up from the super-packet's; with DF, a constant id is correct as well
 * (RFC 6864).
 */
static bool judge_ip4(struct judge *j, const struct ip *ip, struct judge_ip *seen,
		      const uint8_t *l3, bool by_stack)
{
	uint16_t id = get_be16(l3 + 4), want;
	bool df = get_be16(l3 + 6) & 0x4000;

	if (!seen->known)
		*seen = (struct judge_ip){ true, by_stack ? id : ip->id,
					   by_stack ? l3[8] : ip->ttl, 0 };
	want = (uint16_t)(seen->id + j->segments);
	if (df && id == seen->id)
		want = id;
	return judge_expect(j, "IPv4 id", id, want) &&
	       (by_stack || judge_expect(j, "IPv4 DF", df, ip->df)) &&
	       judge_expect(j, "IPv4 TOS", l3[1], ip->tos) &&
	       judge_expect(j, "IPv4 reserved flag", l3[6] >> 7, 0) &&
	       judge_expect(j, "IPv4 TTL", l3[8], seen->ttl) &&
	       judge_expect(j, "IPv4 header checksum", csum_fold(csum_add(l3, IP4_LEN, 0)),
			    0xffff);
}

static bool judge_ip6(struct judge *j, const struct ip *ip, struct judge_ip *seen,
		      const uint8_t *l3, bool by_stack)
{
	uint32_t word = get_be32(l3);

	if (!seen->known)
		*seen = (struct judge_ip){ true, 0, by_stack ? l3[7] : ip->ttl,
					   by_stack ? word & 0xfffff : 0 };
	return judge_expect(j, "IPv6 traffic class", word >> 20 & 0xff, ip->tos) &&
	       judge_expect(j, "IPv6 flow label", word & 0xfffff, seen->label) &&
	       judge_expect(j, "IPv6 hop limit", l3[7], seen->ttl);
}

static bool judge_ip(struct judge *j, const struct ip *ip, struct judge_ip *seen,
		     const struct view *v, const struct packet *p)
{
	const uint8_t *l3 = v->frame + p->l3;
	bool by_stack = j->flow->by_stack;

	return p->family == 4 ? judge_ip4(j, ip, seen, l3, by_stack)
			      : judge_ip6(j, ip, seen, l3, by_stack);
}

/* One's complement sum of a packet's transport header and data. */
static uint16_t view_sum(const struct view *v, const struct packet *p)
{
	size_t len = p->end - p->l4;

	return csum_fold(csum_add(v->frame + p->l4, len,
				  packet_pseudo(v->frame, p, (uint32_t)len)));
}

static size_t csum_at(const struct packet *p)
{
	return p->l4 + (p->proto == IPPROTO_UDP ? 6 : 16);
}

/* Unknown flags, and two flags that exclude each other. */
static bool judge_flags(struct judge *j, const struct view *v)
{
	uint8_t known = VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID;
	uint8_t flags = v->h->flags;

	if ((flags & known) == known) {
		judge_fail(j, "segment %u: both NEEDS_CSUM and DATA_VALID", j->segments);
		return false;
	}
	if (j->flow->tunnel)
		known |= VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM;
	return judge_expect(j, "unknown flag of the vnet header", flags & ~known, 0);
}

/*
 * Is the outer one of a tunnel's two checksums partial, and the inner one complete?  Linux
 * does this when it segments a super-packet without knowing about the tunnel.
 */
static bool outer_is_partial(const struct judge *j, const struct view *v)
{
	return j->flow->tunnel && !v->super && v->h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM &&
		v->h->csum_start == v->outer.l4 && v->h->csum_offset == 6;
}

/*
 * A partial checksum holds the sum of the pseudo header.  DATA_VALID says that the
 * checksum was verified; it must be correct nevertheless, because a guest that routes the
 * frame forwards it as it is.
 */
static bool judge_csum(struct judge *j, const struct view *v)
{
	const struct packet *p = &v->p;
	const uint8_t *field = v->frame + csum_at(p);
	uint32_t len = (uint32_t)(p->end - p->l4);

	if (v->h->flags & (VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID) &&
	    !j->may_partial) {
		judge_fail(j, "segment %u: partial checksum for a reader that needs a complete one",
			  j->segments);
		return false;
	}
	if (v->h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && !outer_is_partial(j, v)) {
		j->partial++;
		return judge_expect(j, "csum_start", v->h->csum_start, (uint32_t)p->l4) &&
		       judge_expect(j, "csum_offset", v->h->csum_offset,
				    (uint32_t)(csum_at(p) - p->l4)) &&
		       judge_expect(j, "pseudo header checksum", get_be16(field),
				    csum_fold(packet_pseudo(v->frame, p, len)));
	}
	if (v->super) {
		judge_fail(j, "segment %u: a super-packet without NEEDS_CSUM", j->segments);
		return false;
	}
	if (!get_be16(field)) {
		judge_fail(j, "segment %u: no checksum", j->segments);
		return false;
	}
	return judge_expect(j, "sum including the checksum", view_sum(v, p), 0xffff);
}

/*
 * The outer checksum.  It covers the inner one: if that is still partial, the outer one
 * must be correct for the completed inner one.
 */
static bool judge_outer_csum(struct judge *j, const struct view *v)
{
	const struct packet *o = &v->outer, *p = &v->p;
	uint16_t field = get_be16(v->frame + o->l4 + 6);
	uint32_t sum;

	if (!j->flow->tunnel->csum)
		return judge_expect(j, "outer checksum", field, 0);
	if (v->super || outer_is_partial(j, v)) {
		sum = packet_pseudo(v->frame, o, (uint32_t)(o->end - o->l4));
		return judge_expect(j, "outer pseudo header checksum", field, csum_fold(sum));
	}
	sum = view_sum(v, o);
	if (v->h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		uint16_t partial = get_be16(v->frame + csum_at(p));

		/* Replace the partial checksum by the completed one. */
		sum += (uint16_t)~partial;
		sum += (uint16_t)~csum_fold(csum_add(v->frame + p->l4, p->end - p->l4, 0));
	}
	return judge_expect(j, "sum including the outer checksum", csum_fold(sum), 0xffff);
}

static bool judge_tunnel(struct judge *j, struct view *v)
{
	const struct tunnel *t = j->flow->tunnel;
	const struct packet *o = &v->outer;
	const uint8_t *udp = v->frame + o->l4;
	bool by_stack = j->flow->by_stack;

	return judge_ether(j, &t->ether, v->frame) &&
	       judge_ip(j, &t->ip, &j->outer, v, o) &&
	       (by_stack || judge_expect(j, "outer source port", get_be16(udp), t->sport)) &&
	       judge_expect(j, "outer UDP length", get_be16(udp + 4),
			    (uint32_t)(o->end - o->l4)) &&
	       judge_expect(j, "VXLAN flags", get_be32(udp + UDP_LEN), 8u << 24) &&
	       judge_expect(j, "VXLAN network identifier", get_be32(udp + UDP_LEN + 4),
			    t->vni << 8) &&
	       judge_outer_csum(j, v);
}

static bool judge_tcp(struct judge *j, const struct view *v)
{
	const struct flow *f = j->flow;
	const uint8_t *tcp = v->frame + v->p.l4;
	bool last = j->next + v->data == f->payload;
	uint8_t want = f->tcp_flags, got = tcp[13];

	if (j->next)
		want &= (uint8_t)~TCP_CWR;
	if (!last)
		want &= (uint8_t)~(TCP_FIN | TCP_PSH);
	if (f->by_stack) {
		want &= (uint8_t)~TCP_PSH;
		got &= (uint8_t)~TCP_PSH;
	}
	if (!j->segments)
		j->window = f->by_stack ? get_be16(tcp + 14) : f->window;
	/* The host's stack retransmits what it considers lost. */
	if (f->by_stack && get_be32(tcp + 4) != f->seq + j->next)
		j->lost = true;
	return judge_expect(j, "TCP sequence", get_be32(tcp + 4), f->seq + j->next) &&
	       judge_expect(j, "TCP acknowledgement", get_be32(tcp + 8), f->ack) &&
	       judge_expect(j, "TCP header length and reserved bits", tcp[12],
			    TCP_LEN / 4 << 4) &&
	       judge_expect(j, "TCP flags", got, want) &&
	       judge_expect(j, "TCP window", get_be16(tcp + 14), j->window) &&
	       judge_expect(j, "TCP urgent pointer", get_be16(tcp + 18), 0);
}

static bool judge_transport(struct judge *j, const struct view *v)
{
	if (v->p.proto == IPPROTO_TCP)
		return judge_tcp(j, v);
	return judge_expect(j, "UDP length", get_be16(v->frame + v->p.l4 + 4),
			    UDP_LEN + v->data);
}

/* The vnet header of a super-packet. */
static bool judge_super(struct judge *j, const struct view *v)
{
	const struct flow *f = j->flow;
	const struct tunnel *t = f->tunnel;
	uint8_t type = f->gso_type;

	if (!j->may_whole) {
		j->unrequested = true;
		judge_fail(j, "a super-packet (gso type %#x) for a reader that did not enable it",
			  v->h->gso_type);
		return false;
	}
	/* A stream may arrive as several: only the first one has CWR. */
	if (j->next)
		type &= (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
	if (t)
		type |= t->ip.family == 4 ? VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4
					  : VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6;
	if (!judge_expect(j, "gso type", v->h->gso_type, type) ||
	    !judge_expect(j, "gso size", v->h->gso_size, f->gso_size))
		return false;
	if (!t)
		return true;
	return judge_expect(j, "outer transport offset", v->h->outer_th,
			    (uint32_t)v->outer.l4) &&
	       judge_expect(j, "inner network offset", v->h->inner_nh, (uint32_t)v->p.l3) &&
	       judge_expect(j, "tunnel checksum flag",
			    !!(v->h->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM), t->csum);
}

/* Check where the payload is segmented. */
static bool judge_cut(struct judge *j, const struct view *v)
{
	const struct flow *f = j->flow;
	uint32_t rest = f->payload - j->next;

	if (v->data > rest)
		return judge_expect(j, "payload", v->data, rest);
	if (!f->gso_size)
		return judge_expect(j, "payload", v->data, rest);
	if (v->super)
		return judge_super(j, v);
	if (f->by_stack && f->proto == IPPROTO_TCP)
		return judge_expect(j, "payload larger than the segment size",
				    v->data > f->gso_size, 0);
	return judge_expect(j, "payload", v->data, rest < f->gso_size ? rest : f->gso_size);
}

bool judge_bytes(struct judge *j, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] == flow_byte(j->flow->seed, j->next + (uint32_t)i))
			continue;
		judge_fail(j, "segment %u: wrong payload byte at offset %zu", j->segments,
			  j->next + i);
		return false;
	}
	j->next += (uint32_t)len;
	return true;
}

static void judge_segment(struct judge *j, struct view *v)
{
	const struct flow *f = j->flow;
	uint32_t data = (uint32_t)(v->p.end - v->p.payload);

	v->super = v->h->gso_type != VIRTIO_NET_HDR_GSO_NONE;
	v->data = data;
	if (judge_expect(j, "bytes after the packet", (uint32_t)(v->len - v->p.end), 0) &&
	    judge_ether(j, &f->ether, v->frame + v->p.mac) && judge_cut(j, v) &&
	    judge_ip(j, &f->ip, &j->inner, v, &v->p) && judge_transport(j, v) &&
	    judge_flags(j, v) && judge_csum(j, v) && (!f->tunnel || judge_tunnel(j, v)))
		judge_bytes(j, v->frame + v->p.payload, data);
	j->segments += v->super && f->gso_size ? (data + f->gso_size - 1) / f->gso_size : 1;
	j->supers += v->super;
}

/*
 * An IP fragment of a large UDP datagram: all have the same id, there are no gaps, and
 * all but the last have a multiple of 8 bytes of data.
 */
static void judge_fragment(struct judge *j, struct view *v)
{
	const struct flow *f = j->flow;
	size_t len = v->p.end - v->p.l4;
	size_t total = UDP_LEN + f->payload;
	const uint8_t *l3 = v->frame + v->p.l3;

	if (!j->datagram || f->gso_type != VIRTIO_NET_HDR_GSO_UDP) {
		judge_fail(j, "unexpected IP fragment");
		return;
	}
	if (!j->fragments++)
		j->fragment_id = v->p.fragment_id;
	if (judge_ether(j, &f->ether, v->frame) &&
	    judge_expect(j, "fragment id", v->p.fragment_id, j->fragment_id) &&
	    (v->p.family == 6 || f->by_stack ||
	     judge_expect(j, "IPv4 id", get_be16(l3 + 4), f->ip.id)) &&
	    (v->p.family == 6 ||
	     judge_expect(j, "IPv4 header checksum", csum_fold(csum_add(l3, IP4_LEN, 0)),
			  0xffff)) &&
	    judge_expect(j, "fragment offset", v->p.fragment_offset, j->next) &&
	    judge_expect(j, "more fragments", v->p.more, j->next + len < total) &&
	    judge_expect(j, "bytes past the end of the datagram", j->next + len > total, 0)) {
		memcpy(j->datagram + j->next, v->frame + v->p.l4, len);
		j->next += (uint32_t)len;
	}
}

bool judge_frame(struct judge *j, const struct vnet *h, const uint8_t *frame, size_t len)
{
	struct view v = { .h = h, .frame = frame, .len = len };

	if (!judge_match(j, &v))
		return false;
	j->frames++;
	j->arrived += (uint32_t)(v.p.end - (v.p.fragment ? v.p.l4 : v.p.payload));
	if (j->why[0])
		return true;
	if (v.p.fragment)
		judge_fragment(j, &v);
	else
		judge_segment(j, &v);
	return true;
}

/* Check the reassembled UDP datagram. */
static void judge_datagram(struct judge *j)
{
	const struct flow *f = j->flow;
	size_t total = UDP_LEN + f->payload, n = f->ip.family == 4 ? 4 : 16;
	const uint8_t *udp = j->datagram;
	uint32_t sum;

	if (j->next != total) {
		judge_fail(j, "fragments of %u bytes arrived, %zu were sent", j->next, total);
		return;
	}
	sum = csum_add(f->ip.dst, n, csum_add(f->ip.src, n, 0)) + f->proto + (uint32_t)total;
	j->next = 0;
	if (judge_expect(j, "source port", get_be16(udp), f->sport) &&
	    judge_expect(j, "destination port", get_be16(udp + 2), f->dport) &&
	    judge_expect(j, "UDP length", get_be16(udp + 4), (uint32_t)total) &&
	    judge_expect(j, "sum including the checksum", csum_fold(csum_add(udp, total, sum)),
			 0xffff))
		judge_bytes(j, udp + UDP_LEN, f->payload);
}

enum verdict judge_verdict(struct judge *j)
{
	const struct flow *f = j->flow;
	bool stream = f->by_stack && f->proto == IPPROTO_TCP && f->gso_size;

	if (!j->why[0] && j->fragments)
		judge_datagram(j);
	/* After a lost frame, the following ones look wrong. */
	j->lost |= j->arrived < f->payload;
	if (!j->why[0] && j->next != f->payload) {
		if (j->frames)
			judge_fail(j, "%u of %u bytes arrived", j->next, f->payload);
		else
			judge_fail(j, "nothing arrived");
	}
	if (j->why[0])
		return j->untested ? VERDICT_UNTESTED : VERDICT_WRONG;
	if (stream ? j->supers > 0 : j->frames == 1)
		return VERDICT_WHOLE;
	judge_fail(j, "%u frames arrived instead of one super-packet", j->frames);
	return VERDICT_SPLIT;
}
