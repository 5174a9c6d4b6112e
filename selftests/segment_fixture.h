/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment_fixture.h - check the segments of a plan
 *
 * Compares every segment with the frame that it was made from, using its own simple and
 * slow checksums.  For the tests and the fuzzer.
 */
#ifndef SEGMENT_FIXTURE_H
#define SEGMENT_FIXTURE_H

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/virtio_net.h>

#include "ground/bytes.h"
#include "packet/csum.h"
#include "packet/segment.h"

/* Longer than any frame, so that any segment fits. */
#define SEGMENT_ROOM (SEGMENT_WRITE_MAX + 70000)

struct segment_check {
	uint8_t out[SEGMENT_ROOM];
	uint8_t complete[SEGMENT_ROOM];
	char why[160];
};

#define SAY(c, ...) (snprintf((c)->why, sizeof((c)->why), __VA_ARGS__), false)

/* RFC 1071, word by word. */
static inline uint16_t slow_add(uint16_t sum, unsigned int word)
{
	unsigned int s = sum + word;

	return (uint16_t)(s > 0xffff ? s - 0xffff : s);
}

static inline uint16_t slow_sum(const uint8_t *p, size_t len, uint16_t sum)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum = slow_add(sum, i & 1 ? p[i] : (unsigned int)p[i] << 8);
	return sum;
}

/* Over transport header and data, with the pseudo header of the IP header at l3. */
static inline uint16_t slow_transport(const uint8_t *frame, uint8_t family, size_t l3,
				      size_t l4, size_t end, uint8_t proto)
{
	size_t length = end - l4;
	uint16_t sum = family == 4 ? slow_sum(frame + l3 + 12, 8, 0)
				   : slow_sum(frame + l3 + 8, 32, 0);

	sum = slow_add(sum, proto);
	sum = slow_add(sum, (unsigned int)(length >> 16));
	sum = slow_add(sum, length & 0xffff);
	return slow_sum(frame + l4, length, sum);
}

/* Check the length and the checksum of an IP header; the packet ends at @end. */
static inline bool check_ip(struct segment_check *c, const uint8_t *frame, uint8_t family,
			    size_t l3, size_t end)
{
	const uint8_t *ip = frame + l3;

	if (family == 6)
		return get_be16(ip + 4) == end - l3 - 40 ||
		       SAY(c, "IPv6 length %u instead of %zu", get_be16(ip + 4), end - l3 - 40);
	if (get_be16(ip + 2) != end - l3)
		return SAY(c, "IPv4 length %u instead of %zu", get_be16(ip + 2), end - l3);
	return slow_sum(ip, (ip[0] & 15) * 4u, 0) == 0xffff || SAY(c, "IPv4 header checksum");
}

static inline bool check_id(struct segment_check *c, const uint8_t *ip, const uint8_t *from,
			    uint32_t n)
{
	return get_be16(ip + 4) == (uint16_t)(get_be16(from + 4) + n) || SAY(c, "IPv4 id");
}

static inline bool check_outer(struct segment_check *c, const struct segment_plan *plan,
			       const uint8_t *frame, const uint8_t *from, uint32_t n, size_t end)
{
	const uint8_t *udp = frame + plan->outer_l4;
	uint8_t family = plan->outer_family;

	if (!check_ip(c, frame, family, plan->outer_l3, end))
		return false;
	if (family == 4 && !check_id(c, frame + plan->outer_l3, from + plan->outer_l3, n))
		return false;
	if (get_be16(udp + 4) != end - plan->outer_l4)
		return SAY(c, "outer UDP length");
	if (!plan->outer_csum)
		return !get_be16(udp + 6) || SAY(c, "an outer checksum");
	if (!get_be16(udp + 6))
		return SAY(c, "no outer checksum");
	return slow_transport(frame, family, plan->outer_l3, plan->outer_l4, end,
			      IPPROTO_UDP) == 0xffff || SAY(c, "outer checksum");
}

static inline bool check_tcp(struct segment_check *c, const struct segment_plan *plan,
			     const uint8_t *tcp, const uint8_t *from, uint32_t n)
{
	uint8_t want = from[13];
	uint32_t at = n * plan->mss;

	if (n)
		want &= 0x7f;
	if (n + 1 < plan->segments)
		want &= 0xf6;
	if (want & 0x20 && at >= get_be16(from + 18) && get_be16(from + 18))
		want &= 0xdf;
	if (tcp[13] != want)
		return SAY(c, "TCP flags %#x instead of %#x", tcp[13], want);
	return get_be32(tcp + 4) == get_be32(from + 4) + at || SAY(c, "TCP sequence");
}

/* A partial checksum is that of the pseudo header, at the place in the vnet header. */
static inline bool check_open(struct segment_check *c, const struct segment_plan *plan,
			      size_t vnet_size, size_t end)
{
	const uint8_t *frame = c->out + vnet_size;
	size_t at = plan->kind == SEGMENT_TCP ? 16 : 6;
	uint8_t proto = plan->kind == SEGMENT_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	uint16_t sum;
	struct vnet h;

	if (vnet_size) {
		vnet_decode(&h, c->out, vnet_size);
		if (h.flags != VIRTIO_NET_HDR_F_NEEDS_CSUM || h.gso_type || h.gso_size ||
		    h.csum_start != plan->l4 || h.csum_offset != at)
			return SAY(c, "vnet header");
	}
	sum = slow_transport(frame, plan->family, plan->l3, plan->l4, plan->l4, proto);
	sum = slow_add(sum, (unsigned int)(end - plan->l4));
	return (uint16_t)(get_be16(frame + plan->l4 + at) % 0xffff) == sum % 0xffff ||
	       SAY(c, "pseudo header checksum");
}

/* Check a segment with its checksum partial and complete. */
static inline bool check_segment(struct segment_check *c, const struct segment_template *t,
				 uint32_t n, const uint8_t *frame, uint32_t *next)
{
	const struct segment_plan *plan = &t->plan;
	size_t vs = t->vnet_size, head = segment_write(t, n, c->out), end;
	uint8_t proto = plan->kind == SEGMENT_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	uint8_t *seg = c->complete + vs;
	uint32_t from, len = segment_range(plan, n, &from);

	if (head != vs + plan->header)
		return SAY(c, "length of the headers");
	if (from != *next || len > plan->mss || from + len > plan->payload)
		return SAY(c, "range %u+%u", from, len);
	*next = from + len;
	memcpy(c->out + head, frame + plan->header + from, len);
	end = head - vs + len;
	memcpy(c->complete, c->out, head + len);
	segment_complete_csum(t, c->complete, csum_add(frame + plan->header + from, len, 0));
	if (!check_open(c, plan, vs, end) || !check_ip(c, seg, plan->family, plan->l3, end))
		return false;
	if (plan->family == 4 && !check_id(c, seg + plan->l3, frame + plan->l3, n))
		return false;
	if (plan->kind == SEGMENT_TCP &&
	    !check_tcp(c, plan, seg + plan->l4, frame + plan->l4, n))
		return false;
	if (plan->kind == SEGMENT_UDP && get_be16(seg + plan->l4 + 4) != end - plan->l4)
		return SAY(c, "UDP length");
	if (plan->kind == SEGMENT_UDP && !get_be16(seg + plan->l4 + 6))
		return SAY(c, "no UDP checksum");
	if (slow_transport(seg, plan->family, plan->l3, plan->l4, end, proto) != 0xffff)
		return SAY(c, "transport checksum");
	return !plan->outer_family || check_outer(c, plan, seg, frame, n, end);
}

/* Check a fragment and copy it to its place in the datagram c->complete. */
static inline bool check_fragment(struct segment_check *c, const struct segment_template *t,
				  uint32_t n, const uint8_t *frame, uint32_t *next)
{
	const struct segment_plan *plan = &t->plan;
	size_t vs = t->vnet_size, head = segment_write(t, n, c->out);
	size_t l4 = plan->l4 + (plan->family == 6 ? 8u : 0), end, offset;
	const uint8_t *ip = c->out + vs + plan->l3, *fh = c->out + vs + l4 - 8;
	uint32_t from, len = segment_range(plan, n, &from);
	bool more;

	if (head != vs + l4 + (n ? 0 : 8))
		return SAY(c, "length of the headers");
	if (from != *next || from + len > plan->payload)
		return SAY(c, "range %u+%u", from, len);
	*next = from + len;
	memcpy(c->out + head, frame + plan->header + from, len);
	end = head - vs + len;
	offset = plan->family == 4 ? (get_be16(ip + 6) & 0x1fff) * 8u : get_be16(fh + 2) & 0xfff8;
	more = plan->family == 4 ? get_be16(ip + 6) & 0x2000 : fh[3] & 1;
	if (offset != (n ? from + 8 : 0) || more != (n + 1 < plan->segments))
		return SAY(c, "fragment offset %zu, more %d", offset, more);
	if (plan->family == 6 && (fh[0] != IPPROTO_UDP || c->out[vs + plan->next] != 44))
		return SAY(c, "fragment header");
	if (plan->family == 4 && !check_id(c, ip, frame + plan->l3, 0))
		return false;
	memcpy(c->complete + plan->l4 + offset, c->out + vs + l4, end - l4);
	memcpy(c->complete, frame, plan->l4);
	return check_ip(c, c->out + vs, plan->family, plan->l3, end);
}

/* Check all segments of a plan. */
static inline bool check_plan(struct segment_check *c, const struct segment_plan *plan,
			      const uint8_t *frame, size_t vnet_size)
{
	bool fragments = plan->kind == SEGMENT_FRAGMENTS;
	static struct segment_template t;
	uint32_t n, next = 0;
	size_t end = (size_t)plan->header + plan->payload;

	segment_begin(&t, plan, frame, vnet_size, 0x12345678,
		      csum_piece(frame + plan->header, plan->payload, 0, 0));
	for (n = 0; n < plan->segments; n++)
		if (!(fragments ? check_fragment : check_segment)(c, &t, n, frame, &next))
			return false;
	if (next != plan->payload)
		return SAY(c, "%u bytes instead of %u", next, plan->payload);
	if (!fragments)
		return true;
	if (get_be16(c->complete + plan->l4 + 4) != end - plan->l4)
		return SAY(c, "UDP length of the datagram");
	return (get_be16(c->complete + plan->l4 + 6) &&
		slow_transport(c->complete, plan->family, plan->l3, plan->l4, end,
			       IPPROTO_UDP) == 0xffff) ||
	       SAY(c, "checksum of the datagram");
}

#endif /* SEGMENT_FIXTURE_H */
