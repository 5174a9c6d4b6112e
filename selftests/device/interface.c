// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * interface.c - taps by their interface: queues of one share what is set, and no others do
 */
#include "kselftest_harness.h"

#include <sched.h>

#include <netlink/route/link.h>

#include "frontend_fixture.h"
#include "kernel/macvtap.h"
#include "kernel/module.h"

#define USO (TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6)

FIXTURE(interface) {
	FIXTURE_SKIP;
	int tap;
};

static int open_queue(const char *name)
{
	int fd = tap_open(name, true);
	int ret = fd < 0 ? fd : tap_header(fd, VNET_MERGEABLE);

	if (!ret)
		ret = tap_offload(fd, USO);
	return ret ? ret : fd;
}

FIXTURE_SETUP(interface)
{
	memset(self, 0, sizeof(*self));
	NETNS_OR_SKIP();
	if (access("/dev/net/tun", R_OK | W_OK))
		SKIP_TEST("there is no /dev/net/tun");
	self->tap = open_queue("tap0");
	ASSERT_LE(0, self->tap);
}

FIXTURE_TEARDOWN(interface)
{
	if (!self->skip)
		close(self->tap);
}

static bool share(int a, int b)
{
	return shim_tap(a) && shim_tap(b) && shim_tap(a)->interface == shim_tap(b)->interface;
}

/* Queues of one interface are numbered, and share what is set. */
TEST_F(interface, queues)
{
	int second, third;

	NEEDS(self);
	second = open_queue("tap0");
	third = open_queue("tap1");
	ASSERT_LE(0, second);
	EXPECT_TRUE(share(self->tap, second));
	EXPECT_FALSE(share(self->tap, third));
	EXPECT_EQ(1, shim_tap(second)->stat->queue);
	EXPECT_EQ(0, shim_tap(third)->stat->queue);
	close(self->tap);
	self->tap = open_queue("tap0");
	EXPECT_EQ(0, shim_tap(self->tap)->stat->queue);
	EXPECT_TRUE(share(self->tap, second));
	close(second);
	close(third);
}

static void two_namespaces(struct __test_metadata *_metadata, int tap, bool privileged)
{
	int other, second;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	other = tap_open("tap0", true);
	second = tap_open("tap0", true);
	ASSERT_LE(0, second);
	ASSERT_EQ(0, tap_header(other, VNET_MERGEABLE));
	if (!privileged)
		ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	ASSERT_EQ(0, tap_offload(other, TUN_F_CSUM));
	ASSERT_EQ(0, tap_offload(second, TUN_F_CSUM));
	EXPECT_FALSE(share(tap, other));
	EXPECT_TRUE(share(other, second));
	EXPECT_EQ(0, shim_tap(other)->stat->queue);
	EXPECT_EQ(USO, shim_tap(tap)->interface->offload);
	close(other);
	close(second);
}

TEST_F(interface, two_namespaces)
{
	NEEDS(self);
	two_namespaces(_metadata, self->tap, true);
}

/* The namespace of a tap is told to the privileged only. */
TEST_F(interface, two_namespaces_unprivileged)
{
	NEEDS(self);
	two_namespaces(_metadata, self->tap, false);
}

static int rename_link(const char *from, const char *to)
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret;

	strcpy(ifr.ifr_name, from);
	strcpy(ifr.ifr_newname, to);
	ret = ioctl(fd, SIOCSIFNAME, &ifr);
	close(fd);
	return ret;
}

TEST_F(interface, renamed)
{
	int second, impostor;

	NEEDS(self);
	ASSERT_EQ(0, rename_link("tap0", "tap9"));
	impostor = open_queue("tap0");
	second = open_queue("tap9");
	ASSERT_LE(0, second);
	EXPECT_TRUE(share(self->tap, second));
	EXPECT_FALSE(share(self->tap, impostor));
	EXPECT_EQ(0, tap_offload(self->tap, TUN_F_CSUM));
	EXPECT_EQ(TUN_F_CSUM, shim_tap(second)->interface->offload);
	close(second);
	close(impostor);
}

static int move_link(struct nl_sock *nl, const char *name, int netns)
{
	struct rtnl_link *link = NULL, *changes = rtnl_link_alloc();
	int ret = rtnl_link_get_kernel(nl, 0, name, &link);

	rtnl_link_set_ns_fd(changes, netns);
	if (!ret)
		ret = rtnl_link_change(nl, link, changes, 0);
	rtnl_link_put(link);
	rtnl_link_put(changes);
	return ret;
}

/* Neither a new MAC address nor a new namespace makes it another interface. */
TEST_F(interface, changed_and_moved)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 0xbb };
	struct interface *before;
	struct nl_sock *nl;
	int netns;

	NEEDS(self);
	before = shim_tap(self->tap)->interface;
	ASSERT_EQ(0, links_open(&nl));
	ASSERT_EQ(0, link_set(nl, "tap0", mac, NULL));
	EXPECT_EQ(0, tap_offload(self->tap, TUN_F_CSUM));
	EXPECT_EQ(before, shim_tap(self->tap)->interface);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, move_link(nl, "tap0", netns));
	EXPECT_EQ(0, tap_offload(self->tap, 0));
	EXPECT_EQ(before, shim_tap(self->tap)->interface);
	EXPECT_EQ(USO, before->asked);
	close(netns);
	links_close(nl);
}

static int open_macvtap(const char *name, int index)
{
	struct macvtap_nodes nodes;
	char why[160] = "";
	int ret = macvtap_nodes_open(&nodes, why, sizeof(why)), fd;

	if (ret)
		return ret;
	fd = macvtap_open(&nodes, name, index, true);
	macvtap_nodes_close(&nodes);
	return fd < 0 ? fd : tap_offload(fd, USO) ? -errno : fd;
}

TEST_F(interface, macvtap)
{
	struct nl_sock *nl;
	int fd[3], ret;

	NEEDS(self);
	if (module_state("macvtap") != MODULE_READY)
		SKIP(return, "the module macvtap is not loaded");
	ASSERT_EQ(0, links_open(&nl));
	ret = link_add_macvlan(nl, "mv", "tap0", true, 77);
	if (ret == -ENOENT || ret == -EOPNOTSUPP)
		SKIP(return, "this kernel has no macvtap");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, link_add_macvlan(nl, "mv2", "tap0", true, 78));
	fd[0] = open_macvtap("mv", 77);
	ASSERT_LE(0, fd[0]);
	ASSERT_EQ(0, rename_link("mv", "mv9"));
	fd[1] = open_macvtap("mv9", 77);
	fd[2] = open_macvtap("mv2", 78);
	EXPECT_TRUE(share(fd[0], fd[1]));
	EXPECT_FALSE(share(fd[0], fd[2]));
	close(fd[0]);
	close(fd[1]);
	close(fd[2]);
	links_close(nl);
}

TEST_HARNESS_MAIN
