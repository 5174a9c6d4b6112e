// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost.c - vhost-net, driven through its rings
 */
#include "kselftest_harness.h"
#include "netns_fixture.h"

#include <errno.h>
#include <fcntl.h>

#include <linux/virtio_config.h>

#include "kernel/tap.h"
#include "kernel/vhost.h"
#include "packet/vnet.h"
#include "table/feature.h"

FIXTURE(vhost) {
	FIXTURE_SKIP;
	int tap;
};

FIXTURE_SETUP(vhost)
{
	int fd;

	self->tap = -1;
	NETNS_OR_SKIP();
	fd = vhost_open();
	if (fd < 0)
		SKIP_TEST("there is no " VHOST_NODE);
	close(fd);
	self->tap = tap_open("tap0", false);
	ASSERT_GE(self->tap, 0);
	ASSERT_EQ(0, tap_header(self->tap, VNET_MERGEABLE));
}

FIXTURE_TEARDOWN(vhost)
{
	if (self->tap >= 0)
		close(self->tap);
}

TEST_F(vhost, features_that_every_one_has)
{
	struct tapcompat_mask m;
	uint64_t backend = 0;
	bool array;
	int fd = vhost_open();

	NEEDS(self);
	ASSERT_EQ(0, vhost_features(fd, &m, &array));
	EXPECT_TRUE(tapcompat_mask_test(&m, VIRTIO_F_VERSION_1));
	EXPECT_TRUE(tapcompat_mask_test(&m, VIRTIO_NET_F_MRG_RXBUF));
	EXPECT_TRUE(tapcompat_mask_test(&m, VIRTIO_RING_F_EVENT_IDX));
	/* Offloads depend on the tap: vhost-net offers none below bit 64. */
	EXPECT_EQ(0, m.word[0] & (1ull << VIRTIO_NET_F_CSUM | 1ull << 54 | 1ull << 56));
	EXPECT_TRUE(array || !m.word[1]);
	EXPECT_EQ(0, vhost_backend_features(fd, &backend));
	close(fd);
}

/* Sent frames are returned, more of them than there are slots. */
TEST_F(vhost, sends)
{
	static const uint8_t packet[VNET_MERGEABLE + 60];
	struct tapcompat_mask m = { { 1ull << VIRTIO_F_VERSION_1, 0 } };
	struct vhost v;
	int i;

	NEEDS(self);
	ASSERT_EQ(0, vhost_start(&v, self->tap, &m, VNET_MERGEABLE, VHOST_BUFFER));
	for (i = 0; i < 3 * VRING_SIZE; i++)
		ASSERT_EQ(0, vhost_send(&v, packet, sizeof(packet)));
	vhost_stop(&v);
}

TEST_F(vhost, nothing_to_receive)
{
	struct tapcompat_mask m = { { 1ull << VIRTIO_F_VERSION_1, 0 } };
	uint8_t packet[256];
	struct vhost v;

	NEEDS(self);
	ASSERT_EQ(0, vhost_start(&v, self->tap, &m, VNET_MERGEABLE, VHOST_BUFFER));
	EXPECT_EQ(-ETIMEDOUT, vhost_receive(&v, packet, sizeof(packet), 10));
	vhost_stop(&v);
}

TEST_F(vhost, features_it_does_not_have_are_refused)
{
	struct tapcompat_mask m = { { 1ull << VIRTIO_F_VERSION_1 | 1ull << 56, 0 } };
	struct vhost v;

	NEEDS(self);
	EXPECT_EQ(-EOPNOTSUPP, vhost_start(&v, self->tap, &m, VNET_MERGEABLE, VHOST_BUFFER));
}

TEST_F(vhost, leaves_no_descriptor)
{
	struct tapcompat_mask m = { { 1ull << VIRTIO_F_VERSION_1, 0 } };
	int before = dup(0), after, i;
	struct vhost v;

	NEEDS(self);
	close(before);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, vhost_start(&v, self->tap, &m, VNET_MERGEABLE, VHOST_BUFFER));
		vhost_stop(&v);
	}
	EXPECT_NE(0, vhost_start(&v, 0x7fff, &m, VNET_MERGEABLE, VHOST_BUFFER));
	after = dup(0);
	EXPECT_EQ(before, after);
	close(after);
}

TEST_HARNESS_MAIN
