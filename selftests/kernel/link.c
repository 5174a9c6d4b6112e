// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * link.c - links by libnl
 */
#include "kselftest_harness.h"
#include "netns_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kernel/link.h"
#include "kernel/module.h"
#include "kernel/tap.h"

static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x55 };

FIXTURE(links) {
	FIXTURE_SKIP;
	struct nl_sock *nl;
	int fd;
};

FIXTURE_SETUP(links)
{
	self->fd = -1;
	self->nl = NULL;
	NETNS_OR_SKIP();
	ASSERT_EQ(0, links_open(&self->nl));
	self->fd = tap_open("tap0", false);
	if (self->fd == -ENOENT)
		SKIP_TEST("there is no " TAP_NODE);
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(links)
{
	if (self->fd >= 0)
		close(self->fd);
	if (self->nl)
		links_close(self->nl);
}

TEST_F(links, index)
{
	NEEDS(self);
	EXPECT_EQ((int)if_nametoindex("tap0"), link_index(self->nl, "tap0"));
	EXPECT_EQ(-ENODEV, link_index(self->nl, "nowhere"));
}

TEST_F(links, up_with_an_address_of_its_own)
{
	struct ifreq ifr = { .ifr_name = "tap0" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	NEEDS(self);
	ASSERT_EQ(0, link_set(self->nl, "tap0", mac, NULL));
	ASSERT_EQ(0, ioctl(fd, SIOCGIFFLAGS, &ifr));
	EXPECT_TRUE(ifr.ifr_flags & IFF_UP);
	ASSERT_EQ(0, ioctl(fd, SIOCGIFHWADDR, &ifr));
	EXPECT_EQ(0, memcmp(mac, ifr.ifr_hwaddr.sa_data, 6));
	close(fd);
}

/* An address is usable when the call returns, also with IPv6. */
TEST_F(links, addresses_are_local_at_once)
{
	static const uint8_t v4[4] = { 192, 0, 2, 1 };
	static const uint8_t v6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(7) };
	struct sockaddr_in6 own;
	socklen_t len = sizeof(own);
	int fd;

	NEEDS(self);
	ASSERT_EQ(0, link_set(self->nl, "tap0", mac, NULL));
	EXPECT_EQ(0, link_address(self->nl, "tap0", 4, v4, 24));
	EXPECT_EQ(-EEXIST, link_address(self->nl, "tap0", 4, v4, 24));
	ASSERT_EQ(0, link_address(self->nl, "tap0", 6, v6, 64));
	EXPECT_EQ(0, link_neighbour(self->nl, "tap0", 6, v6, mac));
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	memcpy(&sin6.sin6_addr, v6, 16);
	ASSERT_EQ(0, connect(fd, (struct sockaddr *)&sin6, sizeof(sin6)));
	ASSERT_EQ(0, getsockname(fd, (struct sockaddr *)&own, &len));
	EXPECT_EQ(0, memcmp(&own.sin6_addr, v6, 16));
	close(fd);
}

TEST_F(links, bridge)
{
	NEEDS(self);
	if (module_state("bridge") != MODULE_READY)
		SKIP(return, "the module bridge is not loaded");
	ASSERT_EQ(0, link_add_bridge(self->nl, "br0"));
	EXPECT_EQ(-EEXIST, link_add_bridge(self->nl, "br0"));
	EXPECT_EQ(0, link_set(self->nl, "tap0", mac, "br0"));
	EXPECT_EQ(-ENODEV, link_set(self->nl, "tap0", mac, "br1"));
	EXPECT_EQ(0, link_delete(self->nl, "br0"));
	EXPECT_EQ(-ENODEV, link_index(self->nl, "br0"));
}

TEST_F(links, index_of_choice)
{
	NEEDS(self);
	if (module_state("macvtap") != MODULE_READY)
		SKIP(return, "the module macvtap is not loaded");
	ASSERT_EQ(0, link_add_macvlan(self->nl, "mv0", "tap0", true, 0x1234567));
	EXPECT_EQ(0x1234567, link_index(self->nl, "mv0"));
	EXPECT_EQ(-ENODEV, link_add_macvlan(self->nl, "mv1", "nowhere", true, 0));
}

/* The host does not see devices created here. */
TEST(other_namespace)
{
	struct nl_sock *host;

	if (geteuid() != 0)
		SKIP(return, "needs root");
	ASSERT_EQ(0, links_open(&host));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	int fd = tap_open("tapcompat-ns", false);

	if (fd == -ENOENT)
		SKIP(return, "there is no " TAP_NODE);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(-ENODEV, link_index(host, "tapcompat-ns"));
	close(fd);
	links_close(host);
}

TEST_HARNESS_MAIN
