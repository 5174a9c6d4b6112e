// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * writes.c - QEMU's own writes on a full tap: vhost=off, sndbuf= and a slow outgoing link
 *
 * Frames that are queued on the outgoing link are charged to the tap's send buffer.  QEMU
 * retries a packet that the tap did not accept, from a copy, when the tap can be written to.
 */
#include "kselftest_harness.h"

#include <netlink/errno.h>
#include <netlink/route/link.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/tbf.h>
#include <netlink/route/tc.h>

#include "frontend_fixture.h"
#include "ground/bytes.h"
#include "packet/flow.h"

#define PACKETS 20
#define PAYLOAD 60000u
#define MSS 1400u
#define SEGMENTS ((PAYLOAD + MSS - 1) / MSS)
#define HEADERS (14 + 20 + 8)	/* before the payload of each */
#define SNDBUF 20000		/* bytes: room for a few frames */
#define RATE 12500000		/* bytes per second: a packet is on its way for milliseconds */
#define BACKLOG (4 << 20)

FIXTURE(writes) {
	FIXTURE_SKIP;
	struct frontend d;
	int out;		/* the other port of the bridge, as its reader has it */
	uint8_t *packet, *copy;
	size_t len;
	unsigned int frames, wrong;
};

/* Limit the rate of an interface.  Return: 0 or libnl's error */
static int slow_down(struct nl_sock *nl, int index)
{
	struct rtnl_qdisc *q = rtnl_qdisc_alloc();
	int ret;

	if (!q)
		return -NLE_NOMEM;
	rtnl_tc_set_ifindex(TC_CAST(q), index);
	rtnl_tc_set_parent(TC_CAST(q), TC_H_ROOT);
	rtnl_tc_set_kind(TC_CAST(q), "tbf");
	rtnl_qdisc_tbf_set_limit(q, BACKLOG);
	rtnl_qdisc_tbf_set_rate(q, RATE, 2 * MSS, 0);
	ret = rtnl_qdisc_add(nl, q, NLM_F_CREATE);
	rtnl_qdisc_put(q);
	return ret;
}

/* With netfilter on bridges, IP packets are no longer charged to the tap. */
static void call_no_netfilter(void)
{
	int fd = open("/proc/sys/net/bridge/bridge-nf-call-iptables", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "0", 1) < 0)
		perror("bridge-nf-call-iptables");
	if (fd >= 0)
		close(fd);
}

static int build_bridge(FIXTURE_DATA(writes) *self)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 0xbb };
	struct nl_sock *nl = self->d.nl;
	int ret = link_add_bridge(nl, "br0");

	if (!ret)
		ret = link_set(nl, "br0", mac, NULL);
	if (!ret)
		ret = link_join(nl, "tap0", link_index(nl, "br0"), 1500);
	if (!ret)
		ret = link_join(nl, "tap1", link_index(nl, "br0"), 1500);
	return ret;
}

/* A datagram of the guest that has to be segmented, to a host behind the bridge. */
static void build_packet(FIXTURE_DATA(writes) *self)
{
	struct flow flow = {
		.ether = { .src = { 2, 0, 0, 0, 0, 1 }, .dst = { 2, 0, 0, 0, 0, 2 } },
		.ip = { .family = 4, .src = { 10, 0, 0, 1 }, .dst = { 10, 0, 0, 2 }, .ttl = 64,
			.id = 1, .df = true },
		.proto = IPPROTO_UDP, .sport = 1, .dport = 2,
		.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4, .gso_size = MSS, .payload = PAYLOAD,
		.partial_csum = true,
	};
	struct vnet h;

	self->packet = malloc(FRAME_MAX + VNET_MERGEABLE);
	self->copy = malloc(FRAME_MAX + VNET_MERGEABLE);
	self->len = VNET_MERGEABLE + flow_build(&flow, self->packet + VNET_MERGEABLE, &h);
	vnet_encode(&h, self->packet, VNET_MERGEABLE);
}

FIXTURE_SETUP(writes)
{
	int room = SNDBUF, ret;

	memset(self, 0, sizeof(*self));
	NETNS_OR_SKIP();
	if (access("/dev/net/tun", R_OK | W_OK))
		SKIP_TEST("there is no /dev/net/tun");
	ASSERT_EQ(0, frontend_tap(&self->d));
	ASSERT_EQ(0, ioctl(self->d.tap, TUNSETSNDBUF, &room));
	self->out = tap_open("tap1", false);
	ASSERT_LE(0, self->out);
	ASSERT_EQ(0, tap_header(self->out, VNET_MERGEABLE));
	ASSERT_EQ(0, tap_offload(self->out, TUN_F_CSUM));
	call_no_netfilter();
	ASSERT_EQ(0, build_bridge(self));
	build_packet(self);
	ret = slow_down(self->d.nl, link_index(self->d.nl, "tap1"));
	if (ret == -NLE_OBJ_NOTFOUND || ret == -NLE_OPNOTSUPP)
		SKIP_TEST("this kernel has no tbf qdisc");
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(writes)
{
	if (self->skip)
		return;
	free(self->packet);
	free(self->copy);
	links_close(self->d.nl);
	close(self->out);
	close(self->d.tap);
}

/* Each frame of ours that arrives has to be the next segment. */
static void look(FIXTURE_DATA(writes) *self)
{
	uint8_t got[VNET_MERGEABLE + 2048], *frame = got + VNET_MERGEABLE;
	ssize_t n;

	while ((n = read(self->out, got, sizeof(got))) > 0) {
		uint32_t from = self->frames % SEGMENTS * MSS;
		uint32_t len = PAYLOAD - from < MSS ? PAYLOAD - from : MSS;

		/* The kernel sends packets of its own to the bridge. */
		if (memcmp(frame, self->packet + VNET_MERGEABLE, 12) != 0)
			continue;
		self->frames++;
		self->wrong += n != (ssize_t)(VNET_MERGEABLE + HEADERS + len) ||
			memcmp(frame + HEADERS, self->packet + VNET_MERGEABLE + HEADERS + from,
			       len);
	}
}

/* First in pieces as from a guest's ring, then from QEMU's copy.  Return: EAGAINs, or -1 */
static int write_patiently(FIXTURE_DATA(writes) *self)
{
	struct iovec pieces[] = {
		{ self->packet, VNET_MERGEABLE },
		{ self->packet + VNET_MERGEABLE, 30000 },
		{ self->packet + VNET_MERGEABLE + 30000, self->len - VNET_MERGEABLE - 30000 },
	};
	struct pollfd p = { .fd = self->d.tap, .events = POLLOUT };
	ssize_t n = writev(self->d.tap, pieces, ARRAY_LENGTH(pieces));
	int again = 0;

	while (n < 0 && errno == EAGAIN && again < 1000) {
		again++;
		memcpy(self->copy, self->packet, self->len);
		poll(&p, 1, 1000);
		look(self);
		n = write(self->d.tap, self->copy, self->len);
		memset(self->copy, 0x55, self->len);
	}
	return n == (ssize_t)self->len ? again : -1;
}

/* Each segment once, and each packet counted once. */
TEST_F(writes, full_tap)
{
	struct stat_direction *tx;
	int i, again, most = 0;

	NEEDS(self);
	for (i = 0; i < PACKETS; i++) {
		again = write_patiently(self);
		ASSERT_LE(0, again);
		most = again > most ? again : most;
	}
	for (i = 0; i < 300 && self->frames < PACKETS * SEGMENTS; i++) {
		usleep(10000);
		look(self);
	}
	EXPECT_LT(1, most);
	EXPECT_EQ(PACKETS * SEGMENTS, self->frames);
	EXPECT_EQ(0, self->wrong);
	tx = &shim_tap(self->d.tap)->stat->way[STAT_TRANSMIT];
	EXPECT_EQ(PACKETS, tx->count[STAT_PACKETS]);
	EXPECT_EQ(PACKETS * SEGMENTS, tx->count[STAT_SEGMENTS]);
	EXPECT_EQ(PACKETS * SEGMENTS, tx->count[STAT_FRAMES]);
	EXPECT_EQ(0, tx->drop[STAT_DROP_FULL]);
}

/* A masked feature is not used by the kernel, even if QEMU has not requested it. */
TEST_F(writes, masked_and_not_asked_for)
{
	struct stat_direction *tx;
	int fd;

	NEEDS(self);
	fd = tap_open("tap2", false);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, tap_header(fd, VNET_MERGEABLE));
	ASSERT_EQ(0, tap_offload(fd, TUN_F_CSUM));
	ASSERT_EQ(0, link_join(self->d.nl, "tap2", link_index(self->d.nl, "br0"), 1500));
	EXPECT_EQ(self->len, write(fd, self->packet, self->len));
	tx = &shim_tap(fd)->stat->way[STAT_TRANSMIT];
	EXPECT_EQ(1, tx->count[STAT_PACKETS]);
	EXPECT_EQ(SEGMENTS, tx->count[STAT_SEGMENTS]);
	close(fd);
}

TEST_HARNESS_MAIN
