// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frontend.c - the shim's vhost-net, as a frontend sees it: rows V by their ids
 */
#include "kselftest_harness.h"

#include <sys/mman.h>

#include <tapcompat_linux.h>

#include "frontend_fixture.h"
#include "ground/bytes.h"

TEST_F(frontend, offers_the_same_everywhere)
{
	static const char *const names[] = {
		"mrg_rxbuf", "indirect_desc", "event_idx", "in_order", "queue_reset",
		"guest_tunnel", "host_tunnel",
	};
	struct tapcompat_mask m, want = {
		{ 1ull << 24 | 1ull << 26 | 1ull << 27 | 1ull << 32, 0 },
	};
	bool array;
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_LENGTH(names); i++)
		tapcompat_mask_set(&want, tapcompat_feature_find(names[i])->bit);
	ASSERT_EQ(0, vhost_features(self->v->fd, &m, &array));
	EXPECT_TRUE(array);
	EXPECT_EQ(want.word[0], m.word[0]);
	EXPECT_EQ(want.word[1], m.word[1]);
}

/* Requests in the wrong order, and for things that do not exist. */
TEST_F(frontend, refusals)
{
	uint64_t no_such = 1ull << 63, fewer = 1ull << VIRTIO_F_VERSION_1, log =
		MOST_FEATURES | 1ull << VHOST_F_LOG_ALL;
	struct vhost_vring_state third = { .index = 2, .num = 64 };
	struct vhost_vring_state cut = { .index = 0xffff0000, .num = 64 };
	struct vhost_vring_state zero = { .index = 0, .num = 0 };
	struct vhost_vring_state three = { .index = 0, .num = 3 };
	struct vhost_vring_state most = { .index = 0, .num = 65536 };
	struct vhost_vring_state running = { .index = 0, .num = 64 };
	struct vhost_vring_file file = { .index = 0, .fd = 0 };
	struct vhost_vring_file closed = { .index = 0, .fd = 999 };
	struct vhost_vring_file nobody = { .index = 2, .fd = -1 };
	const struct {
		const char *id;
		unsigned long request;
		void *arg;
		int error;
	} row[] = {
		{ "V11 not offered", VHOST_SET_FEATURES, &no_such, EOPNOTSUPP },
		{ "V11 changed", VHOST_SET_FEATURES, &fewer, EBUSY },
		{ "the log is no change", VHOST_SET_FEATURES, &log, 0 },
		{ "V8 third ring", VHOST_SET_VRING_NUM, &third, ENOBUFS },
		{ "V8 index is not cut", VHOST_SET_VRING_BASE, &cut, ENOBUFS },
		{ "V8 num 0", VHOST_SET_VRING_NUM, &zero, EINVAL },
		{ "V8 num 3", VHOST_SET_VRING_NUM, &three, EINVAL },
		{ "V8 num 65536", VHOST_SET_VRING_NUM, &most, EINVAL },
		{ "num while it runs", VHOST_SET_VRING_NUM, &running, EBUSY },
		{ "base while it runs", VHOST_SET_VRING_BASE, &running, EBUSY },
		{ "V10 no eventfd", VHOST_SET_VRING_KICK, &file, EINVAL },
		{ "V10 closed", VHOST_SET_VRING_CALL, &closed, EBADF },
		{ "no such ring", VHOST_NET_SET_BACKEND, &nobody, ENOBUFS },
		{ "no tap", VHOST_NET_SET_BACKEND, &file, ENOTSOCK },
		{ "owned already", VHOST_SET_OWNER, NULL, EBUSY },
		{ "no argument", VHOST_SET_FEATURES, NULL, EFAULT },
		{ "unknown", _IOW(VHOST_VIRTIO, 0x7f, int), &zero, ENOTTY },
	};
	size_t i;

	NEEDS(self);
	file.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (i = 0; i < ARRAY_LENGTH(row); i++) {
		int ret = ioctl(self->v->fd, row[i].request, row[i].arg);

		EXPECT_EQ(row[i].error, ret ? errno : 0) {
			TH_LOG("%s", row[i].id);
		}
	}
	EXPECT_EQ(0, frontend_send(&self->d));
}

TEST_F(frontend, nobody_owns_it)
{
	uint64_t features = MOST_FEATURES;
	int fd = open(VHOST_NODE, O_RDWR | O_CLOEXEC);

	NEEDS(self);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, ioctl(fd, VHOST_SET_FEATURES, &features));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(0, ioctl(fd, VHOST_GET_FEATURES, &features));
	close(fd);
}

static int set_memory(int fd, uint32_t n, const struct vhost_memory_region *region)
{
	struct {
		struct vhost_memory head;
		struct vhost_memory_region region[512];
	} table = { .head.nregions = n };

	if (region)
		memcpy(table.region, region, (n < 512 ? n : 512) * sizeof(*region));
	return ioctl(fd, VHOST_SET_MEM_TABLE, &table) ? -errno : 0;
}

/* Row V5: an invalid table is refused, and the one before stays in use. */
TEST_F(frontend, V5_memory)
{
	uint64_t at = self->v->base;
	const struct {
		const char *what;
		uint32_t n;
		struct vhost_memory_region region[2];
		int error;
	} row[] = {
		{ "overlap for the guest", 2, { { at, 4096, at, 0 }, { at, 4096, at + 8192, 0 } },
		  -EINVAL },
		{ "empty", 1, { { at, 0, at, 0 } }, -EINVAL },
		{ "wraps", 1, { { at, ~0ull, at, 0 } }, -EINVAL },
		{ "not mapped", 1, { { 0, 4096, 0, 0 } }, -EINVAL },
	};
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_LENGTH(row); i++) {
		EXPECT_EQ(row[i].error, set_memory(self->v->fd, row[i].n, row[i].region)) {
			TH_LOG("%s", row[i].what);
		}
		ASSERT_EQ(0, frontend_send(&self->d));
	}
	EXPECT_EQ(-E2BIG, set_memory(self->v->fd, 510, NULL));
	EXPECT_EQ(-E2BIG, set_memory(self->v->fd, ~0u, NULL));
	ASSERT_EQ(0, frontend_send(&self->d));
}

/* Row V9: replaced while the queues run, with traffic. */
TEST_F(frontend, V9_memory_replaced)
{
	struct vhost_memory_region r = {
		.guest_phys_addr = self->v->base, .memory_size = 0x108000,
		.userspace_addr = (uintptr_t)self->v->memory,
	};
	int i;

	NEEDS(self);
	for (i = 0; i < 2000; i++) {
		ASSERT_EQ(0, set_memory(self->v->fd, 1, &r));
		ASSERT_EQ(0, frontend_send(&self->d));
	}
	/* The rings are no longer in it: they break, and report that. */
	r.guest_phys_addr = r.userspace_addr = (uintptr_t)self;
	r.memory_size = 4096;
	EXPECT_EQ(-EFAULT, set_memory(self->v->fd, 1, &r));
	EXPECT_TRUE(frontend_broke(&self->d, VHOST_TX, 1000));
	EXPECT_TRUE(frontend_broke(&self->d, VHOST_RX, 1000));
}

/*
 * As many regions as the kernel's vhost permits by default, and so one too many for what it is
 * given: from then on the device does without it.
 */
TEST_F(frontend, more_memory_than_vhost_takes)
{
	static struct vhost_memory_region r[64];
	static uint8_t more[4096];
	uint8_t packet[2048];
	bool split, forced;
	unsigned int i;

	NEEDS(self);
	split = frontend_is_split(&self->d);
	forced = !strcmp(frontend_engine(), "vhost");
	r[0] = (struct vhost_memory_region){ self->v->base, 0x104000,
					     (uintptr_t)self->v->memory, 0 };
	for (i = 1; i < ARRAY_LENGTH(r); i++)
		r[i] = (struct vhost_memory_region){ self->v->base + (1ull << 30) + i * 8192ull,
						     4096, (uintptr_t)more, 0 };
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, frontend_send(&self->d));
	ASSERT_EQ(0, set_memory(self->v->fd, 63, r));
	ASSERT_EQ(0, frontend_send(&self->d));
	EXPECT_EQ(split, frontend_is_split(&self->d));
	EXPECT_EQ(split && forced ? -E2BIG : 0, set_memory(self->v->fd, 64, r));
	if (split && forced) {
		EXPECT_TRUE(frontend_broke(&self->d, VHOST_TX, 1000));
		return;
	}
	EXPECT_FALSE(frontend_is_split(&self->d));
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, frontend_send(&self->d));
	tap0_link(false);
	tap0_link(true);
	for (i = 0; i < 3; i++)
		EXPECT_LT(0, vhost_receive(self->v, packet, sizeof(packet), 5000));
	/* With a device that starts again it is tried again. */
	frontend_stop(&self->d);
	ASSERT_EQ(0, frontend_start(&self->d, MOST_FEATURES));
	EXPECT_EQ(split, frontend_is_split(&self->d));
	EXPECT_EQ(0, frontend_send(&self->d));
}

/* Row V12: setters release what they replace. */
TEST_F(frontend, V12_setters)
{
	struct vhost_vring_file kick = { .index = 1, .fd = self->v->queue[1].kick };
	struct vhost_vring_file call = { .index = 1, .fd = self->v->queue[1].call };
	struct vhost_vring_file none = { .index = 1, .fd = -1 };
	unsigned int before, i;

	NEEDS(self);
	before = count_fds();
	for (i = 0; i < 20000; i++) {
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_KICK, i & 1 ? &none : &kick));
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_CALL, i & 1 ? &none : &call));
	}
	EXPECT_GE(before, count_fds());
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_KICK, &kick));
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_CALL, &call));
	EXPECT_EQ(0, frontend_send(&self->d));
}

/* Rows V10, G23: kick and call are the same eventfd, blocking and at its maximum. */
TEST_F(frontend, V10_one_descriptor)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct vhost_vring_file both = { .index = VHOST_TX, .fd = fd };
	static const uint8_t packet[VNET_MERGEABLE + 60];
	int i;

	NEEDS(self);
	ASSERT_EQ(0, eventfd_write(fd, 0xfffffffffffffffe));
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_CALL, &both));
	for (i = 0; i < 200; i++) {
		vhost_publish(self->v, packet, sizeof(packet));
		vhost_kick(self->v, VHOST_TX);
		while (vring_used_index(&self->v->queue[VHOST_TX].ring) != (uint16_t)(i + 1))
			usleep(10);
	}
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_KICK, &both));
	vhost_publish(self->v, packet, sizeof(packet));
	for (i = 0; i < 1000 && vring_used_index(&self->v->queue[VHOST_TX].ring) != 201; i++) {
		eventfd_write(fd, 1);
		usleep(1000);
	}
	EXPECT_EQ(201, vring_used_index(&self->v->queue[VHOST_TX].ring));
	close(fd);
}

/* Row V16: stopped and started, it continues at the same index. */
TEST_F(frontend, V16_base)
{
	struct vhost_vring_file none = { .index = VHOST_TX, .fd = -1 };
	struct vhost_vring_file tap = { .index = VHOST_TX, .fd = self->d.tap };
	struct vhost_vring_state base = { .index = VHOST_TX };
	int i;

	NEEDS(self);
	for (i = 1; i <= 100; i++) {
		ASSERT_EQ(0, frontend_send(&self->d));
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_GET_VRING_BASE, &base));
		ASSERT_EQ(i, base.num);
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_NET_SET_BACKEND, &none));
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_GET_VRING_BASE, &base));
		ASSERT_EQ(i, base.num);
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_BASE, &base));
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_NET_SET_BACKEND, &tap));
	}
}

TEST_F(frontend, ring_reset)
{
	uint8_t packet[2048];
	int i;

	NEEDS(self);
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, vhost_ring_reset(self->v, VHOST_RX));
		ASSERT_EQ(0, frontend_send(&self->d));
		ASSERT_EQ(0, vhost_ring_reset(self->v, VHOST_TX));
		ASSERT_EQ(0, frontend_send(&self->d));
	}
	EXPECT_LT(0, vhost_receive(self->v, packet, sizeof(packet), 5000));
}

/* All descriptors are released, with packets in flight. */
TEST_F(frontend, opened_and_closed)
{
	unsigned int before, i;

	NEEDS(self);
	frontend_stop(&self->d);
	before = count_fds();
	for (i = 0; i < 200; i++) {
		static const uint8_t packet[VNET_MERGEABLE + 60];
		int n;

		ASSERT_EQ(0, frontend_start(&self->d, MOST_FEATURES));
		for (n = 0; n < 60; n++)
			vhost_publish(self->v, packet, sizeof(packet));
		vhost_kick(self->v, VHOST_TX);
		frontend_stop(&self->d);
	}
	EXPECT_EQ(before, count_fds());
	ASSERT_EQ(0, frontend_start(&self->d, MOST_FEATURES));
	EXPECT_EQ(0, frontend_send(&self->d));
}

/* The pages of the buffer and of the used ring are marked, and no others. */
TEST_F(frontend, dirty_log)
{
	uint64_t features = MOST_FEATURES | 1ull << VHOST_F_LOG_ALL, base;
	uint64_t at = self->v->base + self->v->queue[VHOST_RX].memory;
	struct vhost_vring_addr addr = {
		.index = VHOST_RX, .flags = 1u << VHOST_VRING_F_LOG, .desc_user_addr = at,
		.avail_user_addr = at + VRING_AVAIL, .used_user_addr = at + VRING_USED,
		.log_guest_addr = at + VRING_USED,
	};
	uint8_t packet[2048], *log;
	uint64_t page, used, size = 1ull << 44;
	unsigned int dirty = 0;
	int len;

	NEEDS(self);
	/* Guest addresses are this process' own here, so the log is large and sparse. */
	log = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, log);
	base = (uintptr_t)log;
	while (vhost_receive(self->v, packet, sizeof(packet), 300) > 0)
		;
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_LOG_BASE, &base));
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_FEATURES, &features));
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_ADDR, &addr));
	ASSERT_EQ(0, tap0_link(false));
	ASSERT_EQ(0, tap0_link(true));
	len = vhost_receive(self->v, packet, sizeof(packet), 5000);
	ASSERT_LT(0, len);
	used = (at + VRING_USED) / 4096;
	EXPECT_TRUE(log[used / 8] >> used % 8 & 1);
	for (page = self->v->base / 4096; page < (self->v->base + 0x108000) / 4096; page++)
		dirty += log[page / 8] >> page % 8 & 1;
	EXPECT_LE(2, dirty);
	EXPECT_GE(8, dirty);
	munmap(log, size);
}

/* A log that ends before the memory does is refused, as by the kernel, and nobody writes there. */
TEST_F(frontend, dirty_log_too_short)
{
	uint64_t base;
	char *log;

	NEEDS(self);
	log = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, log);
	ASSERT_EQ(0, mprotect(log + 8192, 4096, PROT_READ));
	base = (uintptr_t)log;
	EXPECT_EQ(-1, ioctl(self->v->fd, VHOST_SET_LOG_BASE, &base));
	EXPECT_EQ(EFAULT, errno);
	base = 0;
	EXPECT_EQ(0, ioctl(self->v->fd, VHOST_SET_LOG_BASE, &base));
	EXPECT_EQ(8192, mapping_room(log));
	EXPECT_EQ(4096, mapping_room(log + 4096));
	EXPECT_EQ(0, mapping_room(log + 8192));
	munmap(log, 3 * 4096);
}

/* The tap accepts what the kernel has or the shim emulates, and nothing else. */
TEST_F(frontend, tap_answers)
{
	static const struct {
		unsigned int flags;
		int ret;
	} row[] = {
		{ 0, 0 }, { TUN_F_CSUM, 0 }, { TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6, 0 },
		{ TUN_F_CSUM | TUN_F_USO4, -EINVAL }, { TUN_F_USO4 | TUN_F_USO6, -EINVAL },
		{ TUN_F_TSO4, -EINVAL }, { TUN_F_CSUM | TUN_F_TSO_ECN, -EINVAL },
		{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN, 0 },
		{ TUN_F_CSUM | TUN_F_TSO6 | TUN_F_USO4 | TUN_F_USO6 | TUN_F_TSO_ECN, 0 },
		{ TUN_F_CSUM | TUN_F_UDP_TUNNEL_GSO, -EINVAL },
		{ TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6 | TUN_F_UDP_TUNNEL_GSO, 0 },
		{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_UDP_TUNNEL_GSO_CSUM, -EINVAL },
		{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_UDP_TUNNEL_GSO | TUN_F_UDP_TUNNEL_GSO_CSUM, 0 },
		{ 0x80000000, -EINVAL }, { ~0u, -EINVAL },
	};
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_LENGTH(row); i++)
		EXPECT_EQ(row[i].ret, tap_offload(self->d.tap, row[i].flags)) {
			TH_LOG("%#x", row[i].flags);
		}
}

TEST_HARNESS_MAIN
