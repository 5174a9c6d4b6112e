// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * segment_oracle.c - compare our segments with those of the running kernel
 *
 * A super-packet is written to a tap whose bridge has another tap as its other port,
 * with all offloads off: so the kernel segments it, completes the checksums, and
 * changes nothing else.  What arrives must be what our own segments come to, byte for
 * byte.
 */
#include "kselftest_harness.h"
#include "netns_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "probe/testbed.h"
#include "probe/trial.h"
#include "segment_fixture.h"
#include "segment_rows.h"

#define ROOMY 65521	/* the largest MTU of a tap */
#define SPARE 5	/* ms to wait for an unexpected frame */

static struct row_packet packet;
static struct segment_check check;
static uint8_t arrived[FRAME_MAX];

/* What happened to a super-packet. */
enum outcome {
	SAME, OTHER,
	REFUSED,	/* the kernel refuses it; our segments are correct */
	DROPPED,	/* we refuse it, too */
};

FIXTURE(oracle) {
	FIXTURE_SKIP;
	struct testbed bed;
	struct module_permits permits;
};

/* By default a bridge checks IP headers, and drops or trims packets. */
static void no_bridge_filter(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/bridge/bridge-nf-call-%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "0", 1) < 0)
		perror(path);
	close(fd);
}

/* So that unsegmented frames of any size pass the bridge. */
static int roomy(const char *link)
{
	struct ifreq ifr = { .ifr_mtu = ROOMY };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret;

	strcpy(ifr.ifr_name, link);
	ret = ioctl(fd, SIOCSIFMTU, &ifr);
	close(fd);
	return ret;
}

FIXTURE_SETUP(oracle)
{
	char why[160];

	memset(&self->bed, 0, sizeof(self->bed));
	NETNS_OR_SKIP();
	if (access("/dev/net/tun", F_OK))
		SKIP_TEST("there is no /dev/net/tun");
	memset(&self->permits, 0, sizeof(self->permits));
	ASSERT_EQ(0, testbed_open(&self->bed, &self->permits));
	ASSERT_EQ(0, testbed_make_taps(&self->bed, why, sizeof(why))) {
		TH_LOG("%s", why);
	}
	if (self->bed.no_forward[0])
		SKIP_TEST("this kernel has no bridge");
	ASSERT_EQ(0, roomy("bridged"));
	ASSERT_EQ(0, roomy("wire"));
	ASSERT_EQ(0, roomy("bridge"));
	no_bridge_filter("iptables");
	no_bridge_filter("ip6tables");
	ASSERT_EQ(0, port_set(self->bed.bridged, VNET_TUNNEL, 0));
	ASSERT_EQ(0, port_set(self->bed.wire, VNET_MERGEABLE, 0));
}

FIXTURE_TEARDOWN(oracle)
{
	testbed_close(&self->bed);
}

/* The next frame from the rows' sender; the bridge sends frames, too. */
static int receive_ours(struct testbed *bed, int timeout)
{
	struct vnet h;
	int n;

	do {
		n = port_receive(bed->wire, &h, arrived, timeout);
	} while (n >= ETH_LEN && memcmp(arrived + 6, packet.frame + 6, 6));
	return n;
}

static bool frames_differ(const uint8_t *want, size_t len, int n, uint32_t segment)
{
	size_t i;

	if (n < 0)
		return !SAY(&check, "segment %u does not arrive: %s", segment, strerror(-n));
	for (i = 0; i < len && i < (size_t)n && want[i] == arrived[i]; i++)
		;
	if (i == len && i == (size_t)n)
		return false;
	return !SAY(&check, "segment %u of %zu bytes, byte %zu: %#x, kernel %d bytes, %#x",
		    segment, len, i, i < len ? want[i] : 0, n, i < (size_t)n ? arrived[i] : 0);
}

/* One segment as we make it, in check.out: its length. */
static size_t make_segment(const struct segment_template *t, uint32_t n, bool closed)
{
	size_t head = segment_write(t, n, check.out);
	uint32_t from, len = segment_range(&t->plan, n, &from);

	memcpy(check.out + head, packet.frame + t->plan.header + from, len);
	if (closed)
		segment_complete_csum(t, check.out, csum_add(check.out + head, len, 0));
	return head + len;
}

/* Send the kernel one segment with a partial checksum. */
static int send_open(struct testbed *bed, const struct segment_template *t, uint32_t n)
{
	size_t len = make_segment(t, n, false);
	struct vnet h;

	vnet_decode(&h, check.out, VNET_TUNNEL);
	return port_send(bed->bridged, &h, check.out + VNET_TUNNEL, len - VNET_TUNNEL);
}

/*
 * Segment by segment: first those that the kernel made of the super-packet, then our own,
 * as the kernel completes them.  Identification of IPv6 fragments is the kernel's choice.
 */
static bool compare_segments(struct testbed *bed, const struct segment_plan *plan, bool open)
{
	static struct segment_template t;
	static uint32_t id;
	uint32_t sum = csum_piece(packet.frame + plan->header, plan->payload, 0, 0), i;
	size_t len;
	int n, ret;

	if (open)
		segment_begin(&t, plan, packet.frame, VNET_TUNNEL, id, sum);
	for (i = 0; i < plan->segments; i++) {
		ret = open ? send_open(bed, &t, i) : 0;
		if (ret)
			return SAY(&check, "segment %u is refused: %s", i, strerror(-ret));
		n = receive_ours(bed, TRIAL_PATIENCE);
		if (!open && i == 0) {
			id = get_be32(arrived + plan->l4 + 4);
			segment_begin(&t, plan, packet.frame, VNET_TUNNEL, id, sum);
		}
		len = make_segment(&t, i, true);
		if (frames_differ(check.out + VNET_TUNNEL, len - VNET_TUNNEL, n, i))
			return false;
	}
	return true;
}

/*
 * A super-packet of a tunnel that fits into one segment is taken, and then read(2) of the
 * tap that it leaves by fails with EINVAL.
 */
static bool lost_by_linux(const struct segment_plan *plan)
{
	return plan->outer_family && plan->segments == 1;
}

static bool compare(struct testbed *bed, const struct segment_plan *plan)
{
	if (plan->kind > SEGMENT_CHECKSUM) {
		if (!lost_by_linux(plan) && !compare_segments(bed, plan, false))
			return false;
		if (!compare_segments(bed, plan, true))
			return false;
	} else {
		if (plan->kind == SEGMENT_CHECKSUM)
			segment_checksum(plan, packet.frame, packet.len);
		if (frames_differ(packet.frame, packet.len, receive_ours(bed, TRIAL_PATIENCE), 0))
			return false;
	}
	return receive_ours(bed, SPARE) < 0 || SAY(&check, "a frame too many");
}

/* Give the packet to both; the kernel gets the vnet header of the plan. */
static enum outcome ask(struct testbed *bed, enum segment_drop *drop)
{
	struct segment_features all = { packet.features.guest, packet.features.guest };
	struct segment_plan plan, whole;
	int ret = 0;

	port_drain(bed->wire);
	*drop = segment_plan(&plan, &packet.h, packet.frame, packet.len, &packet.features);
	if (*drop)
		return DROPPED;
	segment_plan(&whole, &packet.h, packet.frame, packet.len, &all);
	if (!lost_by_linux(&plan))
		ret = port_send(bed->bridged, &whole.vnet, packet.frame, packet.len);
	if (ret && whole.whole)
		return compare_segments(bed, &plan, true) ? REFUSED : OTHER;
	if (ret) {
		snprintf(check.why, sizeof(check.why), "write: %s", strerror(-ret));
		return OTHER;
	}
	return compare(bed, &plan) ? SAME : OTHER;
}

FIXTURE_VARIANT(oracle) {
	enum row_base base;
	uint8_t tcp_flags;
	uint8_t ecn;		/* of the gso type */
	bool rows;		/* those of this base as well */
};

FIXTURE_VARIANT_ADD(oracle, tcp4) { ROW_TCP4, TCP_ACK | TCP_PSH, 0, true };
FIXTURE_VARIANT_ADD(oracle, tcp6) { ROW_TCP6, TCP_ACK, 0, true };
FIXTURE_VARIANT_ADD(oracle, tcp4_fin) { ROW_TCP4, TCP_ACK | TCP_PSH | TCP_FIN, 0, false };
FIXTURE_VARIANT_ADD(oracle, tcp6_fin) { ROW_TCP6, TCP_ACK | TCP_FIN, 0, false };
FIXTURE_VARIANT_ADD(oracle, tcp4_ecn) { ROW_TCP4, TCP_ACK | TCP_ECE | TCP_CWR, 0x80, false };
FIXTURE_VARIANT_ADD(oracle, tcp6_ecn) { ROW_TCP6, TCP_ACK | TCP_PSH | TCP_CWR, 0x80, false };
FIXTURE_VARIANT_ADD(oracle, tcp4_cwr_without_ecn) { ROW_TCP4, TCP_ACK | TCP_CWR, 0, false };
FIXTURE_VARIANT_ADD(oracle, udp4) { .base = ROW_UDP4, .rows = true };
FIXTURE_VARIANT_ADD(oracle, udp6) { .base = ROW_UDP6, .rows = true };
FIXTURE_VARIANT_ADD(oracle, fragments4) { .base = ROW_UFO4, .rows = true };
FIXTURE_VARIANT_ADD(oracle, fragments6) { .base = ROW_UFO6, .rows = true };
FIXTURE_VARIANT_ADD(oracle, checksum4) { .base = ROW_OPEN4, .rows = true };
FIXTURE_VARIANT_ADD(oracle, checksum6) { .base = ROW_OPEN6, .rows = true };
FIXTURE_VARIANT_ADD(oracle, tcp4_in_4) { ROW_TCP4_IN4, TCP_ACK | TCP_PSH, 0, true };
FIXTURE_VARIANT_ADD(oracle, udp6_in_6) { .base = ROW_UDP6_IN6, .rows = true };
FIXTURE_VARIANT_ADD(oracle, udp4_in_6_csum) { .base = ROW_UDP4_IN6_CSUM, .rows = true };
FIXTURE_VARIANT_ADD(oracle, tcp6_in_4_csum) { ROW_TCP6_IN4_CSUM, TCP_ACK | TCP_FIN, 0, true };

/* Payload and gso sizes: equal segments, short tails, odd ones, one byte. */
TEST_F(oracle, sizes)
{
	static const uint16_t sizes[][2] = {
		{ 4000, 1000 }, { 3500, 1000 }, { 4001, 1000 }, { 3999, 999 }, { 3001, 750 },
		{ 1449, 1448 }, { 60001, 1447 }, { 60000, 1440 }, { 1000, 1000 }, { 999, 1000 },
		{ 1201, 601 }, { 300, 16 }, { 9, 8 },
	};
	unsigned int refused = 0;
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tunnel tunnel;
		struct flow f = row_flow(variant->base, &tunnel);
		enum outcome outcome;
		enum segment_drop drop;

		f.payload = sizes[i][0];
		f.gso_size = f.gso_type ? sizes[i][1] : 0;
		if (f.gso_type == VIRTIO_NET_HDR_GSO_UDP)
			f.gso_size &= (uint16_t)~7;
		if (variant->tcp_flags)
			f.tcp_flags = variant->tcp_flags;
		f.gso_type |= f.gso_type ? variant->ecn : 0;
		f.ip.df = i & 1;
		packet.features.guest = row_features(-1);
		packet.len = flow_build(&f, packet.frame, &packet.h);
		outcome = ask(&self->bed, &drop);
		if (outcome == REFUSED) {
			refused++;
			continue;
		}
		EXPECT_EQ(SAME, outcome) {
			TH_LOG("%u by %u: %s", sizes[i][0], sizes[i][1],
			       drop ? segment_drop_name(drop) : check.why);
		}
	}
	if (refused)
		SKIP(return, "this kernel does not segment these; it completes ours");
}

/*
 * The pseudo header's sum that goes with what the row has changed.  Linux corrects it
 * by the length that the UDP header says, and so it has to go with that one.
 */
static void be_honest(const struct segment_plan *plan)
{
	uint8_t *l4 = packet.frame + plan->l4;
	uint8_t proto = plan->vnet.csum_offset == 6 ? IPPROTO_UDP : IPPROTO_TCP;
	size_t length = proto == IPPROTO_UDP ? get_be16(l4 + 4) : packet.len - plan->l4;
	uint16_t sum = slow_transport(packet.frame, plan->family, plan->l3, plan->l4, plan->l4,
				      proto);

	put_be16(l4 + plan->vnet.csum_offset, slow_add(sum, (unsigned int)length));
}

/* See segment.h for the reason. */
static bool differs_on_purpose(const char *what)
{
	return !strcmp(what, "URG") || !strcmp(what, "a checksum that was not asked for");
}

/* Accepted hostile rows must be segmented as the kernel does. */
TEST_F(oracle, rows)
{
	struct segment_plan plan;
	enum segment_drop drop;
	size_t i;

	NEEDS(self);
	for (i = 0; variant->rows && i < ARRAY_SIZE(rows); i++) {
		enum outcome outcome;

		if (rows[i].base != variant->base || differs_on_purpose(rows[i].what))
			continue;
		row_packet(&rows[i], &packet);
		if (!segment_plan(&plan, &packet.h, packet.frame, packet.len, &packet.features) &&
		    plan.vnet.csum_start == plan.l4 && plan.family)
			be_honest(&plan);
		outcome = ask(&self->bed, &drop);
		EXPECT_NE(OTHER, outcome) {
			TH_LOG("%s: %s: %s", rows[i].id, rows[i].what, check.why);
		}
	}
}

TEST_HARNESS_MAIN
