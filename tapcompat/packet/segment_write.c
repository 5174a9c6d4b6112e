// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * segment_write.c - write the headers of segments
 *
 * The plan has been checked (segment_plan.c): all offsets are in range, headers are at even
 * distances from each other, and the sums below fit into 32 bits.
 */
#include "segment.h"

#include <netinet/in.h>
#include <string.h>

#include <linux/virtio_net.h>

#include "csum.h"
#include "flow.h"
#include "ground/bytes.h"

#define TCP_URG 0x20

/* In IP and transport headers */
#define IP4_TOTAL 2
#define IP4_ID 4
#define IP4_FRAGMENT 6
#define IP4_CSUM 10
#define IP4_MORE 0x2000
#define IP6_PAYLOAD 4
#define UDP_TOTAL 4
#define UDP_CSUM 6
#define TCP_SEQ 4
#define TCP_FLAGS 13
#define TCP_URGENT 18

#define COPY_PIECE 32
_Static_assert(SEGMENT_WRITE_MAX % COPY_PIECE == 0, "headers are copied in whole pieces");

/* The checksum field's value for a running sum. */
static uint16_t csum_done(uint32_t sum)
{
	return (uint16_t)~csum_fold(sum);
}

/* In UDP, 0 means no checksum. */
static uint16_t csum_udp(uint32_t sum)
{
	uint16_t csum = csum_done(sum);

	return csum ? csum : 0xffff;
}

/* Sum of a pseudo header without its length. */
static uint32_t pseudo_sum(const uint8_t *frame, size_t l3, uint8_t family, uint8_t proto)
{
	struct packet p = { .family = family, .proto = proto, .l3 = l3 };

	return packet_pseudo(frame, &p, 0);
}

/* Clear length, checksum and the varying field of an IPv4 header; return the sum of the rest. */
static uint32_t ip4_prepare(uint8_t *ip, size_t varies)
{
	put_be16(ip + IP4_TOTAL, 0);
	put_be16(ip + IP4_CSUM, 0);
	put_be16(ip + varies, 0);
	return csum_add(ip, (size_t)(ip[0] & 15) * 4, 0);
}

static void ip4_length(uint8_t *ip, uint32_t sum, size_t length)
{
	put_be16(ip + IP4_TOTAL, (uint16_t)length);
	put_be16(ip + IP4_CSUM, csum_done(sum + (uint32_t)length));
}

/* @length: of the IP header and what follows */
static void ip_length(uint8_t *ip, uint8_t family, uint32_t sum, size_t length)
{
	if (family == 4)
		ip4_length(ip, sum, length);
	else
		put_be16(ip + IP6_PAYLOAD, (uint16_t)(length - IP6_LEN));
}

/* Set the varying field of an otherwise complete header (RFC 1624). */
static void ip4_fill(uint8_t *ip, size_t at, uint16_t value)
{
	uint32_t sum = (uint16_t)~get_be16(ip + IP4_CSUM);

	put_be16(ip + at, value);
	put_be16(ip + IP4_CSUM, csum_done(sum + value));
}

/*
 * The outer checksum.  The packet from its inner transport header on sums up to the
 * complement of its pseudo header; an inner IPv4 header with its checksum sums up to zero,
 * and only the length of an inner IPv6 header varies.
 */
static void outer_csum(const struct segment_template *t, uint8_t *frame, uint32_t length)
{
	const struct segment_plan *plan = &t->plan;
	uint32_t sum = t->outer_pseudo + t->inside + 2 * length;
	const uint8_t *udp = frame + plan->outer_l4;

	if (plan->family == 6)
		sum += get_be16(frame + plan->l3 + IP6_PAYLOAD);
	sum += (uint16_t)~get_be16(frame + plan->l4 + plan->vnet.csum_offset);
	sum += csum_add(udp, 4, 0);
	put_be16(frame + plan->outer_l4 + UDP_CSUM, csum_udp(sum));
}

static void outer_length(const struct segment_template *t, uint8_t *frame, uint32_t data)
{
	const struct segment_plan *plan = &t->plan;
	size_t end = t->headers + data, length = end - plan->outer_l4;

	ip_length(frame + plan->outer_l3, plan->outer_family, t->outer_ip_sum,
		  end - plan->outer_l3);
	put_be16(frame + plan->outer_l4 + UDP_TOTAL, (uint16_t)length);
	if (plan->outer_csum)
		outer_csum(t, frame, (uint32_t)length);
}

/* All fields that depend on a segment's length. */
static void segment_lengths(const struct segment_template *t, uint8_t *frame, uint32_t data)
{
	const struct segment_plan *plan = &t->plan;
	size_t length = t->headers + data - t->l4;

	ip_length(frame + plan->l3, plan->family, t->ip_sum, t->headers + data - plan->l3);
	if (plan->kind == SEGMENT_FRAGMENTS)
		return;
	if (plan->kind == SEGMENT_UDP)
		put_be16(frame + t->l4 + UDP_TOTAL, (uint16_t)length);
	put_be16(frame + t->l4 + plan->vnet.csum_offset,
		 csum_fold(t->pseudo + (uint32_t)length));
	if (plan->outer_family)
		outer_length(t, frame, data);
}

static void begin_tcp(struct segment_template *t, uint8_t *tcp)
{
	t->seq = get_be32(tcp + TCP_SEQ);
	t->urgent = tcp[TCP_FLAGS] & TCP_URG ? get_be16(tcp + TCP_URGENT) : 0;
	t->first = tcp[TCP_FLAGS] & TCP_CWR;
	t->last = tcp[TCP_FLAGS] & (TCP_FIN | TCP_PSH);
	tcp[TCP_FLAGS] &= (uint8_t)~(TCP_CWR | TCP_FIN | TCP_PSH);
}

static void begin_tunnel(struct segment_template *t, uint8_t *frame)
{
	const struct segment_plan *plan = &t->plan;
	size_t inside = (size_t)plan->outer_l4 + UDP_LEN, end = plan->l3;
	uint8_t *ip = frame + plan->outer_l3;

	put_be16(frame + plan->outer_l4 + UDP_CSUM, 0);
	if (plan->outer_family == 4) {
		t->outer_id = get_be16(ip + IP4_ID);
		t->outer_ip_sum = ip4_prepare(ip, IP4_ID);
	}
	t->outer_pseudo = pseudo_sum(frame, plan->outer_l3, plan->outer_family, IPPROTO_UDP);
	if (plan->family == 6) {
		put_be16(frame + plan->l3 + IP6_PAYLOAD, 0);
		end = plan->l4;
	}
	t->inside = csum_add(frame + inside, end - inside, 0);
}

/* The UDP header of a fragmented datagram, with a complete checksum. */
static void fragments_udp(const struct segment_template *t, uint8_t *udp, uint32_t payload_sum)
{
	uint32_t length = UDP_LEN + t->plan.payload;

	put_be16(udp + UDP_TOTAL, (uint16_t)length);
	put_be16(udp + UDP_CSUM, 0);
	put_be16(udp + UDP_CSUM, csum_udp(csum_add(udp, UDP_LEN, t->pseudo + length) +
					  csum_fold(payload_sum)));
}

/* Insert IPv6's fragment header before the UDP header. */
static void fragments_ip6(struct segment_template *t, uint8_t *frame, uint32_t id)
{
	uint8_t *h = frame + t->l4;

	memmove(h + IP6_FRAGMENT_LEN, h, UDP_LEN);
	h[0] = IPPROTO_UDP;
	h[1] = 0;
	put_be16(h + 2, 0);
	put_be32(h + 4, id);
	frame[t->plan.next] = IPPROTO_FRAGMENT;
	t->l4 += IP6_FRAGMENT_LEN;
}

static void begin_fragments(struct segment_template *t, uint8_t *frame, uint32_t id,
			    uint32_t payload_sum)
{
	fragments_udp(t, frame + t->l4, payload_sum);
	if (t->plan.family == 6)
		fragments_ip6(t, frame, id);
	t->headers = t->l4;
}

static void begin_vnet(struct segment_template *t)
{
	struct vnet h = { 0 };
	uint8_t bytes[VNET_TUNNEL];

	if (t->plan.kind != SEGMENT_FRAGMENTS) {
		h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h.hdr_len = t->plan.header;
		h.csum_start = t->plan.l4;
		h.csum_offset = t->plan.vnet.csum_offset;
	}
	vnet_encode(&h, bytes, sizeof(bytes));
	memcpy(t->bytes, bytes, t->vnet_size);
}

void segment_begin(struct segment_template *t, const struct segment_plan *plan,
		   const uint8_t *head, size_t vnet_size, uint32_t fragment_id,
		   uint32_t payload_sum)
{
	uint8_t proto = plan->kind == SEGMENT_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	uint8_t *frame = t->bytes + vnet_size;

	memset(t, 0, sizeof(*t));
	t->plan = *plan;
	t->vnet_size = vnet_size;
	t->headers = plan->header;
	t->l4 = plan->l4;
	memcpy(frame, head, plan->header);
	begin_vnet(t);
	t->pseudo = pseudo_sum(frame, plan->l3, plan->family, proto);
	if (plan->kind == SEGMENT_TCP)
		begin_tcp(t, frame + t->l4);
	if (plan->kind == SEGMENT_FRAGMENTS)
		begin_fragments(t, frame, fragment_id, payload_sum);
	if (plan->family == 4) {
		t->id = get_be16(frame + plan->l3 + IP4_ID);
		t->ip_sum = ip4_prepare(frame + plan->l3, plan->kind == SEGMENT_FRAGMENTS ?
				IP4_FRAGMENT : IP4_ID);
	}
	if (plan->outer_family)
		begin_tunnel(t, frame);
	segment_lengths(t, frame, plan->mss);
}

/* Segments after the urgent data must not have the URG flag. */
static void write_urgent(const struct segment_template *t, uint32_t n, uint8_t *tcp)
{
	uint32_t before = n * t->plan.mss;

	put_be16(tcp + TCP_URGENT, before < t->urgent ? (uint16_t)(t->urgent - before) : 0);
	if (before >= t->urgent)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_URG;
}

static void write_tcp(const struct segment_template *t, uint32_t n, uint8_t *tcp)
{
	put_be32(tcp + TCP_SEQ, t->seq + n * t->plan.mss);
	if (n == 0)
		tcp[TCP_FLAGS] |= t->first;
	if (n == t->plan.segments - 1)
		tcp[TCP_FLAGS] |= t->last;
	if (t->urgent)
		write_urgent(t, n, tcp);
}

/* The first fragment's data begins with the UDP header. */
static size_t write_fragment(const struct segment_template *t, uint32_t n, uint8_t *frame)
{
	uint16_t offset = (uint16_t)(n * t->plan.mss);
	bool more = n < t->plan.segments - 1;

	if (t->plan.family == 4)
		ip4_fill(frame + t->plan.l3, IP4_FRAGMENT,
			  (uint16_t)(offset / 8 | (more ? IP4_MORE : 0)));
	else
		put_be16(frame + t->l4 - IP6_FRAGMENT_LEN + 2, (uint16_t)(offset | more));
	return n ? 0 : UDP_LEN;
}

/* Fixed-size copies are inlined; they may copy some bytes past the headers. */
static void write_template(const struct segment_template *t, size_t len, uint8_t *out)
{
	size_t i;

	for (i = 0; i < len; i += COPY_PIECE)
		memcpy(out + i, t->bytes + i, COPY_PIECE);
}

size_t segment_write(const struct segment_template *t, uint32_t n, uint8_t *out)
{
	const struct segment_plan *plan = &t->plan;
	bool fragments = plan->kind == SEGMENT_FRAGMENTS;
	uint8_t *frame = out + t->vnet_size;
	uint32_t from, data;

	write_template(t, t->vnet_size + t->headers + (fragments ? UDP_LEN : 0), out);
	if (n == plan->segments - 1) {
		data = segment_range(plan, n, &from);
		segment_lengths(t, frame, data);
	}
	if (fragments)
		return t->vnet_size + t->headers + write_fragment(t, n, frame);
	if (plan->kind == SEGMENT_TCP)
		write_tcp(t, n, frame + t->l4);
	if (plan->family == 4)
		ip4_fill(frame + plan->l3, IP4_ID, (uint16_t)(t->id + n));
	if (plan->outer_family == 4)
		ip4_fill(frame + plan->outer_l3, IP4_ID, (uint16_t)(t->outer_id + n));
	return t->vnet_size + t->headers;
}

uint32_t segment_range(const struct segment_plan *plan, uint32_t n, uint32_t *from)
{
	uint32_t udp = plan->kind == SEGMENT_FRAGMENTS ? UDP_LEN : 0;
	uint32_t start = n * plan->mss, end = start + plan->mss - udp;

	*from = n ? start - udp : 0;
	if (plan->kind <= SEGMENT_CHECKSUM || plan->whole)
		end = plan->payload;
	return (end < plan->payload ? end : plan->payload) - *from;
}

void segment_complete_csum(const struct segment_template *t, uint8_t *out, uint32_t payload_sum)
{
	const struct segment_plan *plan = &t->plan;
	uint8_t *l4 = out + t->vnet_size + t->l4;
	uint32_t sum = csum_fold(payload_sum);
	size_t i;

	if (plan->kind == SEGMENT_FRAGMENTS)
		return;
	/* Read in the width of the writes, for store-to-load forwarding. */
	for (i = 0; i < t->headers - t->l4; i += 2)
		sum += get_be16(l4 + i);
	put_be16(l4 + plan->vnet.csum_offset,
		 plan->kind == SEGMENT_UDP ? csum_udp(sum) : csum_done(sum));
	/* No field beyond these was written. */
	if (t->vnet_size)
		memset(out, 0, VNET_LEGACY);
}

void segment_checksum(const struct segment_plan *plan, uint8_t *frame, size_t len)
{
	size_t start = plan->vnet.csum_start;
	uint8_t *field = frame + start + plan->vnet.csum_offset;
	uint32_t sum = csum_add(frame + start, len - start, 0);

	put_be16(field, plan->vnet.csum_offset == UDP_CSUM ? csum_udp(sum) : csum_done(sum));
}
