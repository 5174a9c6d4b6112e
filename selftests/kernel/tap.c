// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tap.c - answers of this kernel's tap that all kernels have in common
 *
 * The rules that the probe relies on.  If a kernel breaks one of them, the probe would give
 * wrong results without noticing.
 */
#include "kselftest_harness.h"
#include "netns_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "kernel/tap.h"
#include "table/feature.h"

FIXTURE(tap) {
	FIXTURE_SKIP;
	int fd;
};

FIXTURE_SETUP(tap)
{
	self->fd = -1;
	NETNS_OR_SKIP();
	self->fd = tap_open("tap0", false);
	if (self->fd == -ENOENT)
		SKIP_TEST("there is no " TAP_NODE);
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(tap)
{
	if (self->fd >= 0)
		close(self->fd);
}

/* Masks that all kernels since 2.6.27 accept, and masks that none accepts. */
TEST_F(tap, offloads)
{
	static const struct {
		unsigned int mask;
		int result;
	} masks[] = {
		{ 0, 0 },
		{ TUN_F_CSUM, 0 },
		{ TUN_F_CSUM | TUN_F_TSO4, 0 },
		{ TUN_F_CSUM | TUN_F_TSO6, 0 },
		{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN, 0 },
		{ TUN_F_TSO4, -EINVAL },
		{ TUN_F_UFO, -EINVAL },
		{ TUN_F_USO4 | TUN_F_USO6, -EINVAL },
		{ TUN_F_CSUM | TUN_F_TSO_ECN, -EINVAL },
		{ TUN_F_CSUM | TUN_F_USO4, -EINVAL },
		{ TUN_F_CSUM | TUN_F_USO6, -EINVAL },
		{ TUN_F_CSUM | TUN_F_UDP_TUNNEL_GSO, -EINVAL },
		{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_UDP_TUNNEL_GSO_CSUM, -EINVAL },
		{ TUN_F_CSUM | 0x80000000, -EINVAL },
	};
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		EXPECT_EQ(masks[i].result, tap_offload(self->fd, masks[i].mask)) {
			TH_LOG("mask %#x", masks[i].mask);
		}
	}
}

TEST_F(tap, header_sizes)
{
	static const unsigned int sizes[] = { 10, 12, 20, 24 };
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		EXPECT_EQ(0, tap_header(self->fd, sizes[i]));
	EXPECT_EQ(-EINVAL, tap_header(self->fd, 9));
	EXPECT_EQ(-EINVAL, tap_header(self->fd, 0));
}

TEST_F(tap, little_endian_can_be_set)
{
	NEEDS(self);
	EXPECT_EQ(0, tap_endian(self->fd, true, true));
	EXPECT_EQ(0, tap_endian(self->fd, true, false));
	EXPECT_EQ(0, tap_endian(self->fd, true, true));
}

/* Without a device it cannot be queried, so the probe creates one. */
TEST_F(tap, nothing_without_a_device)
{
	int fd = open(TAP_NODE, O_RDWR | O_CLOEXEC);

	NEEDS(self);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EBADFD, tap_offload(fd, 0));
	EXPECT_EQ(-EBADFD, tap_header(fd, 12));
	close(fd);
}

TEST_F(tap, queues)
{
	int a = tap_open("multi", true), b = tap_open("multi", true);

	NEEDS(self);
	EXPECT_GE(a, 0);
	EXPECT_GE(b, 0);
	EXPECT_EQ(-EBUSY, tap_open("tap0", false));
	EXPECT_EQ(-EINVAL, tap_open("tap0", true));
	close(a);
	close(b);
}

/* Closing the descriptor removes the tap. */
TEST_F(tap, is_gone_when_closed)
{
	NEEDS(self);
	EXPECT_NE(0, if_nametoindex("tap0"));
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(0, if_nametoindex("tap0"));
}

TEST_F(tap, steering_wants_a_program)
{
	NEEDS(self);
	EXPECT_EQ(0, tap_steer(self->fd, -1));
	EXPECT_NE(0, tap_steer(self->fd, 0x7fff));
}

TEST_HARNESS_MAIN
