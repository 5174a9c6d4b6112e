// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * segment_plan.c - check and plan what a guest wants segmented
 *
 * Every number used by later stages is checked here against the snapshot and the frame's
 * length; see segment.h.
 */
#include "segment.h"

#include <netinet/in.h>
#include <string.h>

#include "flow.h"
#include "ground/bytes.h"
#include "packet_walk.h"
#include "table/feature.h"

#define UDP_CSUM 6
#define TCP_CSUM 16

#define GSO_BY_FRAGS 0xffff	/* reserved inside Linux */

/* A set of features: csum, gso types by their number, and modifiers. */
#define NEED_CSUM 1u
#define NEED_TYPE(type) (1u << (type))
#define NEED_ECN (1u << 8)
#define NEED_TUNNEL (1u << 9)
#define NEED_TUNNEL_CSUM (1u << 10)

/* The gso types, without ECN and tunnels. */
static const struct gso_row {
	enum segment_kind kind;	/* 0: no such type */
	uint8_t family;		/* 0: both */
	uint8_t proto;
	uint8_t csum_offset;
	uint8_t least;		/* gso size */
	uint16_t most;		/* segments; 0: no limit of its own */
	bool ecn, tunnel;	/* may be combined with it */
} gso_rows[] = {
	[VIRTIO_NET_HDR_GSO_TCPV4] = { SEGMENT_TCP, 4, IPPROTO_TCP, TCP_CSUM,
				       SEGMENT_TCP_MIN, 0, true, true },
	[VIRTIO_NET_HDR_GSO_UDP] = { SEGMENT_FRAGMENTS, 0, IPPROTO_UDP, UDP_CSUM,
				     UDP_LEN, 0, false, false },
	[VIRTIO_NET_HDR_GSO_TCPV6] = { SEGMENT_TCP, 6, IPPROTO_TCP, TCP_CSUM,
				       SEGMENT_TCP_MIN, 0, true, true },
	[VIRTIO_NET_HDR_GSO_UDP_L4] = { SEGMENT_UDP, 0, IPPROTO_UDP, UDP_CSUM,
					1, SEGMENT_UDP_MAX, false, true },
};

_Static_assert(ARRAY_LENGTH(gso_rows) <= 8, "gso types reach into NEED_ECN");

/* Names for counters, and the reason for each fault of packet_walk.h. */
static const char *const drop_names[] = {
	[SEGMENT_TAKEN] = "taken", [SEGMENT_DROP_SHORT] = "short",
	[SEGMENT_DROP_LONG] = "long", [SEGMENT_DROP_TYPE] = "type",
	[SEGMENT_DROP_FEATURE] = "feature", [SEGMENT_DROP_SIZE] = "size",
	[SEGMENT_DROP_MANY] = "many", [SEGMENT_DROP_CSUM] = "csum",
	[SEGMENT_DROP_PROTOCOL] = "protocol", [SEGMENT_DROP_VLAN] = "vlan",
	[SEGMENT_DROP_HEADERS] = "headers", [SEGMENT_DROP_IP] = "ip",
	[SEGMENT_DROP_FRAGMENT] = "fragment", [SEGMENT_DROP_LENGTH] = "length",
	[SEGMENT_DROP_TCP] = "tcp", [SEGMENT_DROP_TUNNEL] = "tunnel",
};

_Static_assert(ARRAY_LENGTH(drop_names) == SEGMENT_DROPS, "each reason has a name");

static const enum segment_drop fault_drops[] = {
	[PACKET_FINE] = SEGMENT_TAKEN, [PACKET_NOT_IP] = SEGMENT_DROP_PROTOCOL,
	[PACKET_VLAN] = SEGMENT_DROP_VLAN, [PACKET_BEYOND] = SEGMENT_DROP_HEADERS,
	[PACKET_IP] = SEGMENT_DROP_IP, [PACKET_LENGTH] = SEGMENT_DROP_LENGTH,
	[PACKET_EXTENSION] = SEGMENT_DROP_HEADERS,
};

/* What is checked: copies only. */
struct request {
	const struct vnet *h;
	const uint8_t *head;
	size_t bound;		/* bytes of head */
	size_t len;		/* of the frame */
	const struct gso_row *gso;
	bool tunnel;
	struct packet outer, p;	/* outer: of a tunnel */
};

const char *segment_drop_name(enum segment_drop drop)
{
	return drop_names[drop];
}

static uint32_t need_of_row(const struct tapcompat_feature *f)
{
	if (f->tun_flags & TUN_F_UDP_TUNNEL_GSO_CSUM)
		return NEED_TUNNEL_CSUM;
	if (f->gso_type & GSO_TUNNEL)
		return NEED_TUNNEL;
	if (f->gso_type == VIRTIO_NET_HDR_GSO_ECN)
		return NEED_ECN;
	return f->gso_type ? NEED_TYPE(f->gso_type) : NEED_CSUM;
}

uint32_t segment_features(const struct tapcompat_mask *mask)
{
	const struct tapcompat_feature *f;
	uint32_t set = 0;

	for_each_feature(f)
		if (f->direction == TAPCOMPAT_SENDS && tapcompat_mask_test(mask, f->bit))
			set |= need_of_row(f);
	return set;
}

/* The features that the packet needs. */
static uint32_t request_needs(const struct vnet *h)
{
	uint8_t type = h->gso_type & (uint8_t)~(VIRTIO_NET_HDR_GSO_ECN | GSO_TUNNEL);
	uint32_t needs = 0;

	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		needs |= NEED_CSUM;
	if (type)
		needs |= NEED_TYPE(type);
	if (h->gso_type & VIRTIO_NET_HDR_GSO_ECN)
		needs |= NEED_ECN;
	if (h->gso_type & GSO_TUNNEL)
		needs |= NEED_TUNNEL;
	if (h->gso_type & GSO_TUNNEL && h->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM)
		needs |= NEED_TUNNEL_CSUM;
	return needs;
}

/* A valid gso type with valid modifiers. */
static enum segment_drop judge_type(struct request *r)
{
	uint8_t tunnel = r->h->gso_type & GSO_TUNNEL;
	uint8_t type = r->h->gso_type & (uint8_t)~(VIRTIO_NET_HDR_GSO_ECN | GSO_TUNNEL);

	if (type >= ARRAY_LENGTH(gso_rows) || !gso_rows[type].kind)
		return SEGMENT_DROP_TYPE;
	r->gso = &gso_rows[type];
	r->tunnel = tunnel;
	if (tunnel == GSO_TUNNEL || (tunnel && !r->gso->tunnel))
		return SEGMENT_DROP_TYPE;
	if (r->h->gso_type & VIRTIO_NET_HDR_GSO_ECN && !r->gso->ecn)
		return SEGMENT_DROP_TYPE;
	return SEGMENT_TAKEN;
}

static enum segment_drop judge_size(const struct request *r)
{
	if (!(r->h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return SEGMENT_DROP_CSUM;
	if (r->h->gso_size < r->gso->least || r->h->gso_size == GSO_BY_FRAGS)
		return SEGMENT_DROP_SIZE;
	return SEGMENT_TAKEN;
}

/* IP headers of what is to be segmented: unfragmented, with consistent lengths. */
static enum segment_drop judge_ip(const struct request *r, struct packet *p)
{
	enum packet_fault fault = packet_walk_ip(r->head, r->bound, r->len, p);
	size_t length = r->len - p->l3 - (p->family == 6 ? IP6_LEN : 0);

	if (fault)
		return fault_drops[fault];
	if (p->fragment)
		return SEGMENT_DROP_FRAGMENT;
	if (p->rerouted)
		return SEGMENT_DROP_IP;
	if (p->end != r->len || length > 65535)
		return SEGMENT_DROP_LENGTH;
	return SEGMENT_TAKEN;
}

/* A length of 0 is accepted, as in IP. */
static enum segment_drop judge_udp(const struct request *r, struct packet *p)
{
	uint16_t length;

	if (r->bound - p->l4 < UDP_LEN)
		return SEGMENT_DROP_HEADERS;
	length = get_be16(r->head + p->l4 + 4);
	if (length && length != p->end - p->l4)
		return SEGMENT_DROP_LENGTH;
	p->payload = p->l4 + UDP_LEN;
	return SEGMENT_TAKEN;
}

static enum segment_drop judge_tcp(const struct request *r, struct packet *p)
{
	const uint8_t *tcp = r->head + p->l4;
	size_t length;

	if (r->bound - p->l4 < TCP_LEN)
		return SEGMENT_DROP_HEADERS;
	length = (size_t)(tcp[12] >> 4) * 4;
	if (length < TCP_LEN || length > p->end - p->l4)
		return SEGMENT_DROP_TCP;
	if (length > r->bound - p->l4)
		return SEGMENT_DROP_HEADERS;
	if (tcp[13] & (TCP_SYN | TCP_RST))
		return SEGMENT_DROP_TCP;
	p->payload = p->l4 + length;
	return SEGMENT_TAKEN;
}

/* The packet to be segmented: p->l3 and family are set. */
static enum segment_drop judge_transport(struct request *r)
{
	enum segment_drop drop = judge_ip(r, &r->p);

	if (drop)
		return drop;
	if (r->p.proto != r->gso->proto)
		return SEGMENT_DROP_PROTOCOL;
	drop = r->p.proto == IPPROTO_TCP ? judge_tcp(r, &r->p) : judge_udp(r, &r->p);
	if (drop)
		return drop;
	return r->h->csum_start == r->p.l4 && r->h->csum_offset == r->gso->csum_offset
		? SEGMENT_TAKEN : SEGMENT_DROP_CSUM;
}

/* The outer headers of a tunnel, and the offset of the inner IP header. */
static enum segment_drop judge_tunnel(struct request *r)
{
	uint8_t family = r->h->gso_type & VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4 ? 4 : 6;
	enum segment_drop drop;
	size_t inner = r->h->inner_nh;

	r->outer = r->p;
	if (r->outer.family != family)
		return SEGMENT_DROP_PROTOCOL;
	drop = judge_ip(r, &r->outer);
	if (drop)
		return drop;
	if (r->outer.proto != IPPROTO_UDP)
		return SEGMENT_DROP_PROTOCOL;
	drop = judge_udp(r, &r->outer);
	if (drop)
		return drop;
	/* Inner headers at an odd offset would have byte-swapped sums. */
	if (r->h->outer_th != r->outer.l4 || inner < r->outer.payload || inner >= r->bound ||
	    (inner - r->outer.l4) & 1)
		return SEGMENT_DROP_TUNNEL;
	memset(&r->p, 0, sizeof(r->p));
	r->p.l3 = inner;
	r->p.family = r->head[inner] >> 4 == 4 ? 4 : 6;
	return SEGMENT_TAKEN;
}

static enum segment_drop judge_headers(struct request *r)
{
	enum packet_fault fault = packet_walk_ether(r->head, r->bound, &r->p);
	enum segment_drop drop = fault_drops[fault];

	if (!drop && r->tunnel)
		drop = judge_tunnel(r);
	if (drop)
		return drop;
	if (r->gso->family && r->gso->family != r->p.family)
		return SEGMENT_DROP_PROTOCOL;
	return judge_transport(r);
}

static void plan_offsets(struct segment_plan *plan, const struct request *r)
{
	plan->family = r->p.family;
	plan->l3 = (uint16_t)r->p.l3;
	plan->l4 = (uint16_t)r->p.l4;
	plan->next = (uint16_t)r->p.next;
	plan->header = (uint16_t)r->p.payload;
	plan->payload = (uint32_t)(r->len - r->p.payload);
	if (!r->tunnel)
		return;
	plan->outer_family = r->outer.family;
	plan->outer_l3 = (uint16_t)r->outer.l3;
	plan->outer_l4 = (uint16_t)r->outer.l4;
	plan->outer_csum = r->h->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM;
}

/*
 * It fits into one segment, so only its checksum has to be completed; but a tunnel's
 * outer headers may be incomplete as well.
 */
static enum segment_drop plan_single(struct segment_plan *plan, const struct request *r,
				     uint32_t data)
{
	plan->kind = r->tunnel ? r->gso->kind : SEGMENT_CHECKSUM;
	plan->mss = (uint16_t)data;
	return SEGMENT_TAKEN;
}

/*
 * The number of segments.  Fragments count the UDP header as data, and their offsets are
 * multiples of 8.
 */
static enum segment_drop plan_segments(struct segment_plan *plan, const struct request *r)
{
	bool fragments = r->gso->kind == SEGMENT_FRAGMENTS;
	uint32_t data = plan->payload + (fragments ? UDP_LEN : 0);
	size_t header = plan->header;

	if (data <= r->h->gso_size)
		return plan_single(plan, r, data);
	plan->mss = r->h->gso_size;
	plan->kind = r->gso->kind;
	if (fragments) {
		plan->mss &= (uint16_t)~7;
		header += IP6_FRAGMENT_LEN;
		if (plan->header - plan->l3 + plan->mss > 65535 - IP6_FRAGMENT_LEN)
			return SEGMENT_DROP_SIZE;
	}
	plan->segments = (data + plan->mss - 1) / plan->mss;
	if (r->gso->most && plan->segments > r->gso->most)
		return SEGMENT_DROP_MANY;
	if (plan->segments > r->len / header + SEGMENT_HEADERS_FREE)
		return SEGMENT_DROP_MANY;
	return SEGMENT_TAKEN;
}

static void plan_partial(struct segment_plan *plan, const struct vnet *h)
{
	plan->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	plan->vnet.csum_start = h->csum_start;
	plan->vnet.csum_offset = h->csum_offset;
}

static void plan_whole(struct segment_plan *plan, const struct request *r)
{
	plan->whole = true;
	plan->segments = 1;
	plan->vnet.gso_type = r->h->gso_type;
	plan->vnet.gso_size = plan->mss;
	plan->vnet.hdr_len = plan->header;
	if (!r->tunnel)
		return;
	plan->vnet.outer_th = plan->outer_l4;
	plan->vnet.inner_nh = plan->l3;
	if (plan->outer_csum)
		plan->vnet.flags |= VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM;
}

static enum segment_drop plan_gso(struct segment_plan *plan, struct request *r, uint32_t missing)
{
	enum segment_drop drop = judge_size(r);

	if (!drop)
		drop = judge_headers(r);
	if (drop)
		return drop;
	plan_offsets(plan, r);
	drop = plan_segments(plan, r);
	if (drop)
		return drop;
	plan_partial(plan, r->h);
	if (plan->segments > 1 && !missing)
		plan_whole(plan, r);
	return SEGMENT_TAKEN;
}

/*
 * A partial checksum in a single frame.  It may be deeper than the headers parsed here,
 * in a tunnel of the guest's own.
 */
static enum segment_drop judge_partial(const struct request *r)
{
	size_t start = r->h->csum_start, offset = r->h->csum_offset, least = r->p.l3;
	uint8_t proto = r->p.proto;

	if (r->p.family)
		least = r->p.l4;
	if (start < least || start >= r->len || (start | offset) & 1 ||
	    r->len - start < offset + 2)
		return SEGMENT_DROP_CSUM;
	if (start != r->p.l4)
		return SEGMENT_TAKEN;
	if ((proto == IPPROTO_TCP && offset != TCP_CSUM) ||
	    (proto == IPPROTO_UDP && offset != UDP_CSUM))
		return SEGMENT_DROP_CSUM;
	return SEGMENT_TAKEN;
}

static enum segment_drop plan_checksum(struct segment_plan *plan, struct request *r)
{
	enum packet_fault fault = packet_walk_ether(r->head, r->bound, &r->p);
	enum segment_drop drop = SEGMENT_TAKEN;

	/* A frame that is not segmented need not be parsed completely. */
	if (!fault)
		fault = packet_walk_ip(r->head, r->bound, r->len, &r->p);
	if (fault == PACKET_IP || fault == PACKET_LENGTH)
		drop = fault_drops[fault];
	if (!drop)
		drop = judge_partial(r);
	if (drop)
		return drop;
	plan_offsets(plan, r);
	plan->kind = SEGMENT_CHECKSUM;
	plan_partial(plan, r->h);
	return SEGMENT_TAKEN;
}

enum segment_drop segment_plan(struct segment_plan *plan, const struct vnet *h,
			       const uint8_t *head, size_t len,
			       const struct segment_features *features)
{
	struct request r = {
		.h = h, .head = head, .len = len,
		.bound = len < SEGMENT_HEAD ? len : SEGMENT_HEAD,
	};
	uint32_t needs;

	memset(plan, 0, sizeof(*plan));
	plan->segments = 1;
	plan->complete = !(features->kernel & NEED_CSUM);
	if (len < ETH_LEN)
		return SEGMENT_DROP_SHORT;
	if (len > SEGMENT_FRAME_MAX)
		return SEGMENT_DROP_LONG;
	if (h->gso_type) {
		enum segment_drop drop = judge_type(&r);

		if (drop)
			return drop;
	}
	needs = request_needs(h);
	if (needs & ~features->guest)
		return SEGMENT_DROP_FEATURE;
	if (h->gso_type)
		return plan_gso(plan, &r, needs & ~features->kernel);
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		return plan_checksum(plan, &r);
	return SEGMENT_TAKEN;
}
