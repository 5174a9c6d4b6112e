/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment_rows.h - table of packets of a hostile guest
 *
 * Each row is a super-packet of a base kind with a few changes, and the expected
 * result.  The unit test checks the rows, the fuzzer uses them as its seeds.
 */
#ifndef SEGMENT_ROWS_H
#define SEGMENT_ROWS_H

#include <netinet/in.h>
#include <string.h>

#include "ground/bytes.h"
#include "packet/flow.h"
#include "packet/segment.h"
#include "table/feature.h"

enum row_base {
	ROW_TCP4, ROW_TCP6, ROW_UDP4, ROW_UDP6, ROW_UFO4, ROW_UFO6,
	ROW_OPEN4, ROW_OPEN6,	/* plain datagrams with a partial checksum */
	ROW_PLAIN,
	ROW_TCP4_IN4, ROW_UDP6_IN6, ROW_UDP4_IN6_CSUM, ROW_TCP6_IN4_CSUM,
	ROW_BASES
};

/* Changes to the base, in the order given. */
enum row_op {
	OP_END, OP_BYTE, OP_WORD, OP_INSERT,	/* in the frame, at .at */
	OP_FLAGS, OP_TYPE, OP_HDR_LEN, OP_SIZE, OP_START, OP_OFFSET, OP_OUTER, OP_INNER,
	OP_LENGTH,		/* of the frame, as passed in */
	OP_WITHOUT,		/* a feature bit that is not negotiated */
};

struct row {
	const char *id;
	const char *what;
	enum row_base base;
	enum segment_drop drop;
	enum segment_kind kind;		/* if it is accepted */
	struct {
		enum row_op op;
		uint32_t at;
		uint32_t value;
	} edit[5];
};

#define ROW_FRAME 72000

/* A packet as passed by a guest. */
struct row_packet {
	struct vnet h;
	struct segment_features features;
	size_t len;
	uint8_t frame[ROW_FRAME];
};

static const uint8_t row_bits[] = { 0, 11, 12, 13, 14, 56, 67, 68 };

static inline uint32_t row_features(int without)
{
	struct tapcompat_mask all = { { 0, 0 } };
	size_t i;

	for (i = 0; i < sizeof(row_bits); i++)
		if (row_bits[i] != without)
			tapcompat_mask_set(&all, row_bits[i]);
	return segment_features(&all);
}

static inline struct flow row_flow(enum row_base base, struct tunnel *tunnel)
{
	static const struct {
		uint8_t family, proto, gso, outer;
		bool csum;
	} kinds[ROW_BASES] = {
		[ROW_TCP4] = { 4, IPPROTO_TCP, 1, 0, false },
		[ROW_TCP6] = { 6, IPPROTO_TCP, 4, 0, false },
		[ROW_UDP4] = { 4, IPPROTO_UDP, 5, 0, false },
		[ROW_UDP6] = { 6, IPPROTO_UDP, 5, 0, false },
		[ROW_UFO4] = { 4, IPPROTO_UDP, 3, 0, false },
		[ROW_UFO6] = { 6, IPPROTO_UDP, 3, 0, false },
		[ROW_OPEN4] = { 4, IPPROTO_UDP, 0, 0, false },
		[ROW_OPEN6] = { 6, IPPROTO_UDP, 0, 0, false },
		[ROW_PLAIN] = { 4, IPPROTO_UDP, 0, 0, false },
		[ROW_TCP4_IN4] = { 4, IPPROTO_TCP, 1, 4, false },
		[ROW_UDP6_IN6] = { 6, IPPROTO_UDP, 5, 6, false },
		[ROW_UDP4_IN6_CSUM] = { 4, IPPROTO_UDP, 5, 6, true },
		[ROW_TCP6_IN4_CSUM] = { 6, IPPROTO_TCP, 4, 4, true },
	};
	struct flow f = {
		.ether = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } },
		.ip = { .family = kinds[base].family, .src = { 198, 51, 100, 1, 5 },
			.dst = { 198, 51, 100, 2, 6 }, .tos = 2, .ttl = 64, .id = 0xfffe },
		.proto = kinds[base].proto, .sport = 4097, .dport = 8193,
		.seq = 0xfffffc00, .ack = 77, .window = 1234,
		.tcp_flags = TCP_ACK | TCP_PSH, .gso_type = kinds[base].gso,
		.gso_size = kinds[base].gso ? 1000 : 0, .payload = 3500, .seed = base,
		.partial_csum = base != ROW_PLAIN,
	};

	if (!kinds[base].outer)
		return f;
	*tunnel = (struct tunnel){
		.ether = { { 2, 0, 0, 0, 0, 3 }, { 2, 0, 0, 0, 0, 4 } },
		.ip = { .family = kinds[base].outer, .src = { 203, 0, 113, 1 },
			.dst = { 203, 0, 113, 2 }, .ttl = 9, .id = 0xfffd },
		.sport = 9999, .vni = 123, .csum = kinds[base].csum,
	};
	f.tunnel = tunnel;
	return f;
}

static inline void row_edit(struct row_packet *p, enum row_op op, uint32_t at, uint32_t value)
{
	uint16_t word = (uint16_t)value;

	switch (op) {
	case OP_BYTE: p->frame[at] = (uint8_t)value; break;
	case OP_WORD: put_be16(p->frame + at, word); break;
	case OP_INSERT:
		memmove(p->frame + at + value, p->frame + at, p->len - at);
		memset(p->frame + at, 0, value);
		p->len += value;
		p->h.csum_start = (uint16_t)(p->h.csum_start + value);
		break;
	case OP_FLAGS: p->h.flags = (uint8_t)value; break;
	case OP_TYPE: p->h.gso_type = (uint8_t)value; break;
	case OP_HDR_LEN: p->h.hdr_len = word; break;
	case OP_SIZE: p->h.gso_size = word; break;
	case OP_START: p->h.csum_start = word; break;
	case OP_OFFSET: p->h.csum_offset = word; break;
	case OP_OUTER: p->h.outer_th = word; break;
	case OP_INNER: p->h.inner_nh = word; break;
	case OP_LENGTH: p->len = value; break;
	case OP_WITHOUT: p->features.guest = row_features((int)value); break;
	case OP_END: break;
	}
}

/* The packet of a row. */
static inline void row_packet(const struct row *row, struct row_packet *p)
{
	struct tunnel tunnel;
	struct flow f = row_flow(row->base, &tunnel);
	size_t i;

	memset(p, 0, sizeof(*p));
	p->features.guest = row_features(-1);
	p->len = flow_build(&f, p->frame, &p->h);
	for (i = 0; i < ARRAY_LENGTH(row->edit) && row->edit[i].op; i++)
		row_edit(p, row->edit[i].op, row->edit[i].at, row->edit[i].value);
}

#define B(at, value) { OP_BYTE, at, value }
#define W(at, value) { OP_WORD, at, value }
#define INS(at, value) { OP_INSERT, at, value }
#define H(what, value) { OP_##what, 0, value }

#define DROPS(why) SEGMENT_DROP_##why, SEGMENT_PASS
#define TAKES(kind) SEGMENT_TAKEN, SEGMENT_##kind

static const struct row rows[] = {
	{ "H1", "the vnet header alone", ROW_UDP4, DROPS(SHORT), { H(LENGTH, 0) } },
	{ "H2", "13 bytes", ROW_PLAIN, DROPS(SHORT), { H(LENGTH, 13) } },
	{ "H2", "14 bytes", ROW_PLAIN, TAKES(PASS), { H(LENGTH, 14) } },
	{ "H2", "14 bytes to segment", ROW_TCP4, DROPS(IP), { H(LENGTH, 14) } },
	{ "H3", "gso_size 0", ROW_UDP4, DROPS(SIZE), { H(SIZE, 0) } },
	{ "H3", "gso_size 0 of TCP", ROW_TCP4, DROPS(SIZE), { H(SIZE, 0) } },
	{ "H3", "gso_size 1 of TCP", ROW_TCP4, DROPS(SIZE), { H(SIZE, 1) } },
	{ "H3", "gso_size 7 of TCP", ROW_TCP6, DROPS(SIZE), { H(SIZE, 7) } },
	{ "H3", "gso_size 7 of fragments", ROW_UFO4, DROPS(SIZE), { H(SIZE, 7) } },
	{ "H3", "gso_size 1 of UDP, 100 datagrams", ROW_UDP4, TAKES(UDP),
	  { H(SIZE, 1), H(LENGTH, 142), W(16, 128), W(38, 108) } },
	{ "H3", "as long as the payload", ROW_UDP4, TAKES(CHECKSUM), { H(SIZE, 3500) } },
	{ "H3", "beyond the payload", ROW_TCP6, TAKES(CHECKSUM), { H(SIZE, 65534) } },
	{ "H3", "GSO_BY_FRAGS", ROW_UDP4, DROPS(SIZE), { H(SIZE, 65535) } },
	{ "H3", "no payload at all", ROW_TCP4, TAKES(CHECKSUM), { H(LENGTH, 54), W(16, 40) } },
	{ "H4", "128 datagrams", ROW_UDP4, TAKES(UDP), { H(SIZE, 28) } },
	{ "H4", "128 datagrams of 27 bytes", ROW_UDP4, TAKES(UDP),
	  { H(LENGTH, 42 + 128 * 27), W(16, 0), W(38, 0), H(SIZE, 27) } },
	{ "H4", "129 datagrams", ROW_UDP4, DROPS(MANY),
	  { H(LENGTH, 42 + 129 * 27), W(16, 0), W(38, 0), H(SIZE, 27) } },
	{ "H4", "130 datagrams", ROW_UDP4, DROPS(MANY), { H(SIZE, 27) } },
	{ "H4", "130 datagrams over IPv6", ROW_UDP6, DROPS(MANY), { H(SIZE, 27) } },
	{ "H5", "type 2", ROW_TCP4, DROPS(TYPE), { H(TYPE, 2) } },
	{ "H5", "type 0x7f", ROW_TCP4, DROPS(TYPE), { H(TYPE, 0x7f) } },
	{ "H5", "type 8", ROW_TCP4, DROPS(TYPE), { H(TYPE, 8) } },
	{ "H5", "ECN alone", ROW_TCP4, DROPS(TYPE), { H(TYPE, 0x80) } },
	{ "H5", "ECN of UDP", ROW_UDP4, DROPS(TYPE), { H(TYPE, 0x85) } },
	{ "H5", "a tunnel alone", ROW_TCP4_IN4, DROPS(TYPE), { H(TYPE, 0x20) } },
	{ "H5", "a tunnel of both families", ROW_TCP4_IN4, DROPS(TYPE), { H(TYPE, 0x61) } },
	{ "H5", "fragments in a tunnel", ROW_TCP4_IN4, DROPS(TYPE), { H(TYPE, 0x23) } },
	{ "H5", "no csum", ROW_TCP4, DROPS(FEATURE), { H(WITHOUT, 0) } },
	{ "H5", "no host_tso4", ROW_TCP4, DROPS(FEATURE), { H(WITHOUT, 11) } },
	{ "H5", "no host_tso6", ROW_TCP6, DROPS(FEATURE), { H(WITHOUT, 12) } },
	{ "H5", "no host_ecn", ROW_TCP6, DROPS(FEATURE), { H(TYPE, 0x84), H(WITHOUT, 13) } },
	{ "H5", "no host_ufo", ROW_UFO6, DROPS(FEATURE), { H(WITHOUT, 14) } },
	{ "H5", "no host_uso", ROW_UDP6, DROPS(FEATURE), { H(WITHOUT, 56) } },
	{ "H5", "no host_tunnel", ROW_TCP4_IN4, DROPS(FEATURE), { H(WITHOUT, 67) } },
	{ "H5", "no host_tunnel_csum", ROW_TCP6_IN4_CSUM, DROPS(FEATURE), { H(WITHOUT, 68) } },
	{ "H5", "reserved flags", ROW_UDP4, TAKES(UDP), { H(FLAGS, 0xfd) } },
	{ "H6", "hdr_len 0", ROW_TCP4, TAKES(TCP), { H(HDR_LEN, 0) } },
	{ "H6", "hdr_len inside the headers", ROW_UDP6, TAKES(UDP), { H(HDR_LEN, 20) } },
	{ "H6", "hdr_len beyond the frame", ROW_TCP6, TAKES(TCP), { H(HDR_LEN, 65535) } },
	{ "H7", "start beyond the frame", ROW_OPEN4, DROPS(CSUM), { H(START, 3600) } },
	{ "H7", "start at its last byte", ROW_OPEN4, DROPS(CSUM), { H(START, 3540) } },
	{ "H7", "the last two bytes", ROW_OPEN4, TAKES(CHECKSUM), { H(START, 3534) } },
	{ "H7", "two bytes later", ROW_OPEN4, DROPS(CSUM), { H(START, 3536) } },
	{ "H7", "start 65535", ROW_OPEN4, DROPS(CSUM), { H(START, 65535) } },
	{ "H7", "start wraps", ROW_OPEN4, DROPS(CSUM), { H(START, 65534), H(OFFSET, 16) } },
	{ "H7", "offset 65535", ROW_OPEN6, DROPS(CSUM), { H(OFFSET, 65535) } },
	{ "H7", "offset wraps", ROW_OPEN6, DROPS(CSUM), { H(OFFSET, 65534) } },
	{ "H7", "start 0", ROW_OPEN4, DROPS(CSUM), { H(START, 0) } },
	{ "H7", "start in the Ethernet header", ROW_OPEN4, DROPS(CSUM), { H(START, 12) } },
	{ "H7", "start in the IP header", ROW_OPEN4, DROPS(CSUM), { H(START, 14) } },
	{ "H7", "start in a VLAN tag", ROW_OPEN4, DROPS(CSUM),
	  { INS(14, 4), W(12, 0x8100), W(16, 0x0800), H(START, 16) } },
	{ "H7", "odd start", ROW_OPEN4, DROPS(CSUM), { H(START, 43) } },
	{ "H7", "odd offset", ROW_OPEN4, DROPS(CSUM), { H(START, 100), H(OFFSET, 7) } },
	{ "H7", "deeper than is known", ROW_OPEN4, TAKES(CHECKSUM), { H(START, 100) } },
	{ "H7", "elsewhere than TCP", ROW_TCP4, DROPS(CSUM), { H(START, 36) } },
	{ "H7", "elsewhere than UDP", ROW_UDP6, DROPS(CSUM), { H(START, 34) } },
	{ "H8", "TCP's offset of UDP", ROW_UDP4, DROPS(CSUM), { H(OFFSET, 16) } },
	{ "H8", "UDP's offset of TCP", ROW_TCP6, DROPS(CSUM), { H(OFFSET, 6) } },
	{ "H8", "offset 0 of fragments", ROW_UFO4, DROPS(CSUM), { H(OFFSET, 0) } },
	{ "H8", "another offset of a datagram", ROW_OPEN4, DROPS(CSUM), { H(OFFSET, 16) } },
	{ "H9", "not negotiated", ROW_OPEN4, DROPS(FEATURE), { H(WITHOUT, 0) } },
	{ "H9", "to segment without a partial checksum", ROW_UDP4, DROPS(CSUM), { H(FLAGS, 0) } },
	{ "H9", "TCP likewise", ROW_TCP4, DROPS(CSUM), { H(FLAGS, 0) } },
	{ "H9", "DATA_VALID instead", ROW_TCP6, DROPS(CSUM), { H(FLAGS, 2) } },
	{ "H9", "DATA_VALID alone", ROW_PLAIN, TAKES(PASS), { H(FLAGS, 2) } },
	{ "H10", "TSO6 of IPv4", ROW_TCP4, DROPS(PROTOCOL), { H(TYPE, 4) } },
	{ "H10", "TSO4 of IPv6", ROW_TCP6, DROPS(PROTOCOL), { H(TYPE, 1) } },
	{ "H10", "TSO4 of UDP", ROW_UDP4, DROPS(PROTOCOL), { H(TYPE, 1) } },
	{ "H10", "USO of TCP", ROW_TCP6, DROPS(PROTOCOL), { H(TYPE, 5) } },
	{ "H10", "ARP", ROW_TCP4, DROPS(PROTOCOL), { W(12, 0x0806) } },
	{ "H10", "another family outside", ROW_TCP4_IN4, DROPS(PROTOCOL), { H(TYPE, 0x41) } },
	{ "H10", "another family inside", ROW_TCP4_IN4, DROPS(PROTOCOL), { H(TYPE, 0x24) } },
	{ "H10", "TCP outside", ROW_TCP4_IN4, DROPS(PROTOCOL), { B(23, 6) } },
	{ "H10", "an ethertype of IPv6", ROW_TCP4, DROPS(PROTOCOL), { W(12, 0x86dd) } },
	{ "H11", "ihl 4", ROW_TCP4, DROPS(IP), { B(14, 0x44) } },
	{ "H11", "ihl 0", ROW_OPEN4, DROPS(IP), { B(14, 0x40) } },
	{ "H11", "ihl beyond the frame", ROW_UDP4, DROPS(IP), { B(14, 0x4f), H(LENGTH, 64) } },
	{ "H11", "version 6", ROW_UDP4, DROPS(IP), { B(14, 0x65) } },
	{ "H11", "version 4 in IPv6", ROW_UDP6, DROPS(IP), { B(14, 0x45) } },
	{ "H11", "no whole header", ROW_TCP6, DROPS(IP), { H(LENGTH, 50) } },
	{ "H11", "ihl 4 inside", ROW_TCP4_IN4, DROPS(IP), { B(64, 0x44) } },
	{ "H12", "a short total length", ROW_TCP4, DROPS(LENGTH), { W(16, 1000) } },
	{ "H12", "shorter than the header", ROW_TCP4, DROPS(LENGTH), { W(16, 19) } },
	{ "H12", "the same, plain", ROW_OPEN4, DROPS(LENGTH), { W(16, 19) } },
	{ "H12", "a long one", ROW_UDP4, DROPS(LENGTH), { W(16, 4000) } },
	{ "H12", "a long one, plain", ROW_OPEN4, DROPS(LENGTH), { W(16, 4000) } },
	{ "H12", "0", ROW_UDP4, TAKES(UDP), { W(16, 0) } },
	{ "H12", "a short payload length", ROW_UDP6, DROPS(LENGTH), { W(18, 1000) } },
	{ "H12", "a long one", ROW_UDP6, DROPS(LENGTH), { W(18, 4000) } },
	{ "H12", "0 (jumbo)", ROW_TCP6, TAKES(TCP), { W(18, 0) } },
	{ "H12", "a short one outside", ROW_TCP4_IN4, DROPS(LENGTH), { W(16, 1000) } },
	{ "H12", "bytes behind the datagram", ROW_OPEN4, TAKES(CHECKSUM), { W(16, 1000) } },
	{ "H13", "a header past the end", ROW_UDP6, DROPS(HEADERS), { B(20, 0), B(55, 255) } },
	{ "H13", "a header that is cut off", ROW_UDP6, DROPS(HEADERS),
	  { B(20, 0), W(18, 0), H(LENGTH, 55) } },
	{ "H13", "a payload shorter than its headers", ROW_OPEN6, DROPS(LENGTH),
	  { INS(54, 8), B(20, 0), W(54, 17 << 8), W(18, 4) } },
	{ "H13", "TCP options beyond what is looked at", ROW_TCP6, DROPS(HEADERS),
	  { INS(54, 160), B(20, 0), W(54, 6 << 8 | 19), B(226, 0xf0), W(18, 3680) } },
	{ "H13", "TCP beyond what is looked at", ROW_TCP6, DROPS(HEADERS),
	  { INS(54, 184), B(20, 0), W(54, 6 << 8 | 22), W(18, 3704) } },
	{ "H13", "UDP at its end", ROW_UDP6, TAKES(UDP),
	  { INS(54, 192), B(20, 0), W(54, 17 << 8 | 23), W(18, 3700) } },
	{ "H13", "a thousand headers", ROW_UDP6, DROPS(HEADERS),
	  { INS(54, 8000), B(20, 60), W(18, 11508), H(START, 8054) } },
	{ "H13", "nine headers", ROW_UDP6, DROPS(HEADERS),
	  { INS(54, 72), B(20, 0), B(118, 17), W(18, 3580) } },
	{ "H13", "eight headers", ROW_UDP6, TAKES(UDP),
	  { INS(54, 64), B(20, 0), B(110, 17), W(18, 3572) } },
	{ "H13", "one of routing options", ROW_UDP6, TAKES(UDP),
	  { INS(54, 8), B(20, 43), B(54, 17), W(18, 3516) } },
	{ "H13", "by way of somebody", ROW_UDP6, DROPS(IP),
	  { INS(54, 8), B(20, 43), W(54, 17 << 8), B(57, 1), W(18, 3516) } },
	{ "H13", "a fragment", ROW_UDP6, DROPS(FRAGMENT),
	  { INS(54, 8), B(20, 44), B(54, 17), W(18, 3516) } },
	{ "H13", "AH", ROW_TCP6, DROPS(PROTOCOL), { B(20, 51) } },
	{ "H13", "ESP", ROW_TCP6, DROPS(PROTOCOL), { B(20, 50) } },
	{ "H13", "no next header", ROW_TCP6, DROPS(PROTOCOL), { B(20, 59) } },
	{ "H13", "not to be segmented", ROW_OPEN6, TAKES(CHECKSUM),
	  { INS(54, 8), B(20, 44), B(54, 17), W(18, 3516) } },
	{ "H14", "one tag", ROW_UDP4, TAKES(UDP), { INS(14, 4), W(12, 0x8100), W(16, 0x0800) } },
	{ "H14", "two tags", ROW_TCP6, TAKES(TCP),
	  { INS(14, 8), W(12, 0x88a8), W(16, 0x8100), W(20, 0x86dd) } },
	{ "H14", "three tags", ROW_TCP4, DROPS(VLAN),
	  { INS(14, 12), W(12, 0x8100), W(16, 0x8100), W(20, 0x8100), W(24, 0x0800) } },
	{ "H14", "a tag that is cut off", ROW_TCP4, DROPS(HEADERS),
	  { W(12, 0x8100), H(LENGTH, 16) } },
	{ "H14", "three tags and a checksum", ROW_OPEN4, TAKES(CHECKSUM),
	  { INS(14, 12), W(12, 0x8100), W(16, 0x8100), W(20, 0x8100), W(24, 0x0800) } },
	{ "H15", "a first fragment", ROW_TCP4, DROPS(FRAGMENT), { W(20, 0x2000) } },
	{ "H15", "a later fragment", ROW_UFO4, DROPS(FRAGMENT), { W(20, 0x0010) } },
	{ "H15", "40 bytes of options", ROW_TCP4, TAKES(TCP),
	  { INS(34, 40), B(14, 0x4f), W(16, 3580) } },
	{ "H15", "40 bytes of options of UDP", ROW_UDP4, TAKES(UDP),
	  { INS(34, 40), B(14, 0x4f), W(16, 3568) } },
	{ "H15", "40 bytes of options of fragments", ROW_UFO4, TAKES(FRAGMENTS),
	  { INS(34, 40), B(14, 0x4f), W(16, 3568) } },
	{ "H15", "a fragment outside", ROW_TCP4_IN4, DROPS(FRAGMENT), { W(20, 0x2000) } },
	{ "H16", "doff 4", ROW_TCP4, DROPS(TCP), { B(46, 0x40) } },
	{ "H16", "doff 0", ROW_TCP6, DROPS(TCP), { B(66, 0) } },
	{ "H16", "doff beyond the frame", ROW_TCP4, DROPS(TCP),
	  { B(46, 0xf0), H(LENGTH, 74), W(16, 60) } },
	{ "H16", "40 bytes of options", ROW_TCP6, TAKES(TCP), { B(66, 0xf0) } },
	{ "H16", "SYN", ROW_TCP4, DROPS(TCP), { B(47, TCP_SYN) } },
	{ "H16", "RST", ROW_TCP4, DROPS(TCP), { B(47, TCP_RST | TCP_ACK) } },
	{ "H16", "FIN", ROW_TCP4, TAKES(TCP), { B(47, TCP_FIN | TCP_PSH | TCP_ACK) } },
	{ "H16", "URG", ROW_TCP6, TAKES(TCP), { B(67, 0x30), W(72, 1500) } },
	{ "H16", "CWR", ROW_TCP6, TAKES(TCP), { B(67, TCP_CWR | TCP_ACK), H(TYPE, 0x84) } },
	{ "H16", "CWR without ECN", ROW_TCP4, TAKES(TCP), { B(47, TCP_CWR | TCP_ACK) } },
	{ "H17", "UDP length short", ROW_UDP4, DROPS(LENGTH), { W(38, 100) } },
	{ "H17", "UDP length 7", ROW_UFO6, DROPS(LENGTH), { W(58, 7) } },
	{ "H17", "UDP length long", ROW_UDP6, DROPS(LENGTH), { W(58, 65535) } },
	{ "H17", "UDP length 0", ROW_UDP6, TAKES(UDP), { W(58, 0) } },
	{ "H17", "checksum 0", ROW_UDP6, TAKES(UDP), { W(60, 0) } },
	{ "H17", "UDP length of the tunnel", ROW_TCP4_IN4, DROPS(LENGTH), { W(38, 100) } },
	{ "H18", "a frame of 65535", ROW_PLAIN, TAKES(PASS), { H(LENGTH, 65535) } },
	{ "H18", "beyond what IP can say", ROW_PLAIN, DROPS(LONG), { H(LENGTH, 65598) } },
	{ "H18", "to segment", ROW_UDP4, DROPS(LENGTH), { H(LENGTH, 65550), W(16, 0), W(38, 0) } },
	{ "H18", "the longest of IPv4", ROW_TCP4, TAKES(TCP), { H(LENGTH, 65549), W(16, 65535) } },
	{ "H18", "the longest of IPv6", ROW_TCP6, TAKES(TCP), { H(LENGTH, 65589), W(18, 65535) } },
	{ "H18", "the longest of fragments", ROW_UFO6, TAKES(FRAGMENTS),
	  { H(LENGTH, 65589), W(18, 65535), W(58, 65535) } },
	{ "H18", "a fragment that grows too long", ROW_UFO6, DROPS(SIZE),
	  { H(LENGTH, 65589), W(18, 65535), W(58, 65535), H(SIZE, 65528) } },
	{ "H19", "8 bytes a segment", ROW_TCP4, DROPS(MANY),
	  { H(LENGTH, 65000), W(16, 64986), H(SIZE, 8) } },
	{ "H19", "the same of fragments", ROW_UFO4, DROPS(MANY),
	  { H(LENGTH, 65000), W(16, 64986), W(38, 64966), H(SIZE, 15) } },
	{ "H19", "as many segments as are free of charge", ROW_TCP4, TAKES(TCP),
	  { H(LENGTH, 1262), W(16, 1248), H(SIZE, 8) } },
	{ "H19", "one more", ROW_TCP4, DROPS(MANY),
	  { H(LENGTH, 1270), W(16, 1256), H(SIZE, 8) } },
	{ "H19", "8 bytes a segment of a short packet", ROW_TCP4, TAKES(TCP),
	  { H(LENGTH, 854), W(16, 840), H(SIZE, 8) } },
	{ "H19", "the smallest segments of real stacks", ROW_TCP6, TAKES(TCP),
	  { H(LENGTH, 65589), W(18, 65535), H(SIZE, 88) } },
	{ "H20", "ids and sequence numbers wrap", ROW_TCP4, TAKES(TCP), { H(SIZE, 500) } },
	{ "tunnel", "IPv4 in IPv4", ROW_TCP4_IN4, TAKES(TCP), { H(SIZE, 500) } },
	{ "tunnel", "IPv6 in IPv6", ROW_UDP6_IN6, TAKES(UDP), { H(SIZE, 501) } },
	{ "tunnel", "IPv4 in IPv6, summed up", ROW_UDP4_IN6_CSUM, TAKES(UDP), { H(SIZE, 999) } },
	{ "tunnel", "IPv6 in IPv4, summed up", ROW_TCP6_IN4_CSUM, TAKES(TCP), { H(SIZE, 999) } },
	{ "tunnel", "one segment", ROW_TCP6_IN4_CSUM, TAKES(TCP), { H(SIZE, 9000) } },
	{ "tunnel", "nothing in it", ROW_TCP4_IN4, TAKES(TCP),
	  { H(LENGTH, 104), W(16, 90), W(38, 70), W(66, 40) } },
	{ "tunnel", "a checksum that was not asked for", ROW_TCP4_IN4, TAKES(TCP),
	  { W(40, 0x1234) } },
	{ "tunnel", "another outer header", ROW_TCP4_IN4, DROPS(TUNNEL), { H(OUTER, 36) } },
	{ "tunnel", "inside the UDP header", ROW_TCP4_IN4, DROPS(TUNNEL), { H(INNER, 38) } },
	{ "tunnel", "an odd place", ROW_TCP4_IN4, DROPS(TUNNEL), { H(INNER, 65) } },
	{ "tunnel", "beyond what is looked at", ROW_TCP4_IN4, DROPS(TUNNEL), { H(INNER, 256) } },
	{ "tunnel", "beyond the frame", ROW_TCP4_IN4, DROPS(TUNNEL), { H(INNER, 65534) } },
	{ "tunnel", "at its last bytes", ROW_TCP4_IN4, DROPS(IP), { H(INNER, 254) } },
};

#undef B
#undef W
#undef INS
#undef H
#undef DROPS
#undef TAKES

#endif /* SEGMENT_ROWS_H */
