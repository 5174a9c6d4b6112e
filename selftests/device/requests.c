// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * requests.c - what the shim's requests refuse, and what they leave behind
 */
#include "kselftest_harness.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <time.h>

#include "frontend_fixture.h"
#include "ground/bytes.h"

/* Ring reset is masked and not emulated, so it is hidden; the tap is emulated all the same. */
__attribute__((constructor(102))) static void hide_ring_reset(void)
{
	setenv("TAPCOMPAT_EMULATE", "host_uso,guest_uso4,guest_uso6", 1);
}

static time_t fake_time;	/* 0: the real one */

/* In place of libc's, for the limit of messages. */
time_t time(time_t *out)
{
	struct timespec now;
	time_t t = fake_time;

	if (!t && !clock_gettime(CLOCK_REALTIME, &now))
		t = now.tv_sec;
	if (out)
		*out = t;
	return t;
}

/* ---- Refused ----------------------------------------------------------------------------- */

TEST_F(frontend, padding_of_the_memory_table)
{
	struct {
		struct vhost_memory head;
		struct vhost_memory_region region;
	} table = {
		.head = { .nregions = 1, .padding = 1 },
		.region = { self->v->base, 0x108000, (uintptr_t)self->v->memory, 0 },
	};

	NEEDS(self);
	EXPECT_EQ(-1, ioctl(self->v->fd, VHOST_SET_MEM_TABLE, &table));
	EXPECT_EQ(EOPNOTSUPP, errno);
	table.head.padding = 0;
	EXPECT_EQ(0, ioctl(self->v->fd, VHOST_SET_MEM_TABLE, &table));
	EXPECT_EQ(0, frontend_send(&self->d));
}

/* Row V11: a device could do this, but it is masked, and so it was not offered. */
TEST_F(frontend, V11_masked_features)
{
	uint64_t masked = 1ull << tapcompat_feature_find("queue_reset")->bit;
	uint64_t features = MOST_FEATURES | masked;
	uint64_t array[] = { 2, features, 0 }, more[] = { 3, MOST_FEATURES, 0, 1 };
	int fd;

	NEEDS(self);
	fd = open(VHOST_NODE, O_RDWR | O_CLOEXEC);
	ASSERT_EQ(0, ioctl(fd, VHOST_SET_OWNER));
	EXPECT_EQ(-1, ioctl(fd, VHOST_SET_FEATURES, &features));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, ioctl(fd, TAPCOMPAT_VHOST_SET_FEATURES_ARRAY, array));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, ioctl(fd, TAPCOMPAT_VHOST_SET_FEATURES_ARRAY, more));
	EXPECT_EQ(EOPNOTSUPP, errno);
	features = array[1] = MOST_FEATURES;
	EXPECT_EQ(0, ioctl(fd, VHOST_SET_FEATURES, &features));
	EXPECT_EQ(0, ioctl(fd, TAPCOMPAT_VHOST_SET_FEATURES_ARRAY, array));
	close(fd);
}

/* The kernel refuses what it accepted when it was asked first: what was set stays in force. */
TEST_F(frontend, offload_that_the_kernel_refuses)
{
	uint32_t wanted = TUN_F_CSUM | TUN_F_TSO4, before;
	scmp_filter_ctx ctx;

	NEEDS(self);
	before = shim_tap(self->d.tap)->interface->offload;
	ctx = seccomp_init(SCMP_ACT_ALLOW);
	ASSERT_EQ(0, seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(ioctl), 2,
				      SCMP_A1(SCMP_CMP_EQ, TUNSETOFFLOAD),
				      SCMP_A2(SCMP_CMP_EQ, wanted)));
	ASSERT_EQ(0, seccomp_load(ctx));
	seccomp_release(ctx);
	EXPECT_EQ(-EINVAL, tap_offload(self->d.tap, wanted));
	EXPECT_EQ(before, shim_tap(self->d.tap)->interface->offload);
	EXPECT_EQ(0, tap_offload(self->d.tap, TUN_F_CSUM));
	EXPECT_EQ(TUN_F_CSUM, shim_tap(self->d.tap)->interface->offload);
}

/* ---- Left behind ------------------------------------------------------------------------- */

static int open_tap(const char *name)
{
	int fd = tap_open(name, false);

	if (fd >= 0 && (tap_header(fd, VNET_MERGEABLE) ||
			tap_offload(fd, TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6)))
		return -1;
	return fd;
}

static int set_backend(struct frontend *d, unsigned int ring, int fd)
{
	struct vhost_vring_file file = { .index = ring, .fd = fd };

	return ioctl(d->v.fd, VHOST_NET_SET_BACKEND, &file) ? -errno : 0;
}

/* The counters of a tap that was closed are free for another one. */
TEST_F(frontend, counters_are_freed)
{
	struct stat_port *first, *second;
	int tap;

	NEEDS(self);
	tap = open_tap("tap1");
	ASSERT_LE(0, tap);
	first = shim_tap(tap)->stat;
	close(tap);
	EXPECT_EQ(STAT_NOBODY, first->datapath);
	tap = open_tap("tap2");
	second = shim_tap(tap)->stat;
	EXPECT_EQ(first, second);
	EXPECT_STREQ("tap2", second->name);
	close(tap);
}

/* A ring that could not be attached to another tap is on no tap. */
TEST_F(frontend, failed_attach)
{
	struct stat_port *stat;
	int other;

	NEEDS(self);
	other = open_tap("tap1");
	ASSERT_LE(0, other);
	stat = frontend_stat(&self->d);
	EXPECT_EQ(-EBUSY, set_backend(&self->d, VHOST_RX, other));
	EXPECT_EQ(STAT_DEVICE, stat->datapath);
	ASSERT_EQ(0, set_backend(&self->d, VHOST_TX, -1));
	EXPECT_EQ(STAT_CALLER, stat->datapath);
	close(self->d.tap);
	EXPECT_EQ(STAT_NOBODY, stat->datapath);
	/* Both rings can have the other one now. */
	EXPECT_EQ(0, set_backend(&self->d, VHOST_RX, other));
	EXPECT_EQ(0, set_backend(&self->d, VHOST_TX, other));
	EXPECT_EQ(STAT_DEVICE, shim_tap(other)->stat->datapath);
	self->d.tap = other;
}

/* What had a descriptor's number before is released: by dup2(2). */
TEST_F(frontend, duplicate_in_place_of_a_tap)
{
	struct stat_port *stat;
	int tap;

	NEEDS(self);
	tap = open_tap("tap1");
	ASSERT_LE(0, tap);
	stat = shim_tap(tap)->stat;
	ASSERT_EQ(tap, dup2(self->d.tap, tap));
	EXPECT_EQ(shim_tap(self->d.tap), shim_tap(tap));
	EXPECT_EQ(STAT_NOBODY, stat->datapath);
	close(tap);
}

/* The same where it was closed unseen, and is a new vhost-net. */
TEST_F(frontend, frontend_in_place_of_another)
{
	unsigned int before;
	uint64_t features;
	int fd;

	NEEDS(self);
	fd = vhost_placeholder();
	ASSERT_LE(0, fd);
	before = count_fds();
	ASSERT_EQ(0, vhost_frontend_open(fd, true));
	ASSERT_EQ(0, ioctl(fd, VHOST_GET_FEATURES, &features));
	EXPECT_LT(before, count_fds());
	ASSERT_EQ(0, vhost_frontend_open(fd, true));
	EXPECT_EQ(before, count_fds());
	close(fd);
}

/* Kilobytes of this process that are in memory. */
static long resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Row V12: a million setters on a stopped ring, and on a running one what may be set there. */
TEST_F(frontend, V12_million)
{
	struct vhost_vring_state size = { VHOST_RX, 64 }, base = { VHOST_RX, 7 };
	struct vhost_vring_file call = { VHOST_TX, self->v->queue[VHOST_TX].call };
	struct vhost_vring_file third = { VHOST_RINGS, self->v->queue[VHOST_TX].call };
	struct {
		struct vhost_memory head;
		struct vhost_memory_region region;
	} table = {
		.head.nregions = 1,
		.region = { self->v->base, 0x108000, (uintptr_t)self->v->memory, 0 },
	};
	unsigned int fds, i;
	long before;

	NEEDS(self);
	ASSERT_EQ(0, set_backend(&self->d, VHOST_RX, -1));
	fds = count_fds();
	before = resident();
	for (i = 0; i < 1000000; i++) {
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_NUM, &size));
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_BASE, &base));
		if (i % 64)
			continue;
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_CALL, &call));
		/* One that is refused keeps nothing either. */
		ASSERT_EQ(-1, ioctl(self->v->fd, VHOST_SET_VRING_CALL, &third));
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_MEM_TABLE, &table));
	}
	EXPECT_EQ(fds, count_fds());
	EXPECT_GT(before + 1024, resident());
	EXPECT_EQ(0, frontend_send(&self->d));
}

/* Row F10: no descriptors are left.  What was set stays, and nothing is lost. */
TEST_F(frontend, F10_no_descriptors)
{
	struct vhost_vring_file call = { VHOST_TX, self->v->queue[VHOST_TX].call };
	struct rlimit limit, none;
	unsigned int before;
	int fd, ret[3];

	NEEDS(self);
	ASSERT_EQ(0, set_backend(&self->d, VHOST_RX, -1));
	ASSERT_EQ(0, set_backend(&self->d, VHOST_TX, -1));
	before = count_fds();
	getrlimit(RLIMIT_NOFILE, &limit);
	none = (struct rlimit){ 3, limit.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	ret[0] = ioctl(self->v->fd, VHOST_SET_VRING_CALL, &call) ? -errno : 0;
	ret[1] = set_backend(&self->d, VHOST_TX, self->d.tap);
	fd = open(VHOST_NODE, O_RDWR | O_CLOEXEC);
	ret[2] = -errno;
	setrlimit(RLIMIT_NOFILE, &limit);
	EXPECT_EQ(-EMFILE, ret[0]);
	EXPECT_EQ(-EMFILE, ret[1]);
	EXPECT_EQ(-1, fd);
	EXPECT_EQ(-EMFILE, ret[2]);
	EXPECT_EQ(before, count_fds());
	ASSERT_EQ(0, set_backend(&self->d, VHOST_TX, self->d.tap));
	EXPECT_EQ(0, frontend_send(&self->d));
}

/* ---- Queues ------------------------------------------------------------------------------ */

static int queue_enable(int fd, bool on)
{
	struct ifreq ifr = { .ifr_flags = on ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE };

	return ioctl(fd, TUNSETQUEUE, &ifr) ? -errno : 0;
}

static int open_pair(struct frontend *pair, const char *name)
{
	pair->tap = tap_open(name, true);
	return pair->tap < 0 || tap_header(pair->tap, VNET_MERGEABLE) ||
		tap_offload(pair->tap, TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6) ||
		frontend_start(pair, MOST_FEATURES);
}

/*
 * Row F16: a queue is disabled under its running device, and enabled again, as when a guest
 * changes the number of its queues: all packets are returned, and the other queue goes on.
 */
TEST_F(frontend, F16_queue_disabled)
{
	struct frontend pair[2];
	int64_t before;
	int i, round;

	NEEDS(self);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, open_pair(&pair[i], "tap1"));
	ASSERT_EQ(0, system("ip link set tap1 up"));
	for (round = 1; round <= 20; round++) {
		ASSERT_EQ(0, queue_enable(pair[1].tap, false));
		EXPECT_EQ(0, frontend_send(&pair[1]));
		EXPECT_EQ(0, frontend_send(&pair[0]));
		ASSERT_EQ(0, queue_enable(pair[1].tap, true));
		for (i = 0; i < VHOST_RINGS; i++) {
			ASSERT_EQ(0, set_backend(&pair[1], (unsigned int)i, -1));
			ASSERT_EQ(0, set_backend(&pair[1], (unsigned int)i, pair[1].tap));
		}
		EXPECT_EQ(0, frontend_send(&pair[1]));
	}
	ASSERT_EQ(0, queue_enable(pair[1].tap, false));
	before = cpu_time();
	usleep(200000);
	EXPECT_GT(20000, cpu_time() - before);
	for (i = 0; i < 2; i++) {
		frontend_stop(&pair[i]);
		close(pair[i].tap);
	}
}

/* Row F16: once it is enabled again, the queue receives as before. */
TEST_F(frontend, F16_queue_enabled)
{
	uint8_t packet[2048];
	unsigned int i;

	NEEDS(self);
	frontend_stop(&self->d);
	close(self->d.tap);
	ASSERT_EQ(0, open_pair(&self->d, "tap0"));
	ASSERT_EQ(0, tap0_link(true));
	ASSERT_EQ(0, queue_enable(self->d.tap, false));
	EXPECT_EQ(0, frontend_send(&self->d));
	ASSERT_EQ(0, queue_enable(self->d.tap, true));
	for (i = 0; i < VHOST_RINGS; i++)
		ASSERT_EQ(0, set_backend(&self->d, i, -1));
	for (i = 0; i < VHOST_RINGS; i++)
		ASSERT_EQ(0, set_backend(&self->d, i, self->d.tap));
	EXPECT_EQ(0, frontend_send(&self->d));
	while (vhost_receive(self->v, packet, sizeof(packet), 100) > 0)
		;
	ASSERT_EQ(0, tap0_link(false));
	ASSERT_EQ(0, tap0_link(true));
	EXPECT_LT(0, vhost_receive(self->v, packet, sizeof(packet), 5000));
}

/* Row F2: deleted while nothing is sent: the tap is "readable" for ever, and nobody reads. */
TEST_F(frontend, F2_tap_deleted)
{
	uint8_t packet[2048];
	int64_t before;
	unsigned int i;

	NEEDS(self);
	ASSERT_EQ(0, link_delete(self->d.nl, "tap0"));
	usleep(50000);
	before = cpu_time();
	usleep(300000);
	EXPECT_GT(20000, cpu_time() - before);
	EXPECT_EQ(0, frontend_send(&self->d));
	/* With another tap the device receives again. */
	for (i = 0; i < VHOST_RINGS; i++)
		ASSERT_EQ(0, set_backend(&self->d, i, -1));
	close(self->d.tap);
	links_close(self->d.nl);
	ASSERT_EQ(0, frontend_tap(&self->d));
	for (i = 0; i < VHOST_RINGS; i++)
		ASSERT_EQ(0, set_backend(&self->d, i, self->d.tap));
	while (vhost_receive(self->v, packet, sizeof(packet), 100) > 0)
		;
	ASSERT_EQ(0, tap0_link(false));
	ASSERT_EQ(0, tap0_link(true));
	EXPECT_LT(0, vhost_receive(self->v, packet, sizeof(packet), 5000));
}

/* Row F2: moved to another namespace, where it is down at first. */
TEST_F(frontend, F2_tap_moved)
{
	struct stat_direction *tx;
	char command[128];
	int netns;

	NEEDS(self);
	tx = &frontend_stat(&self->d)->way[STAT_TRANSMIT];
	netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	snprintf(command, sizeof(command), "nsenter --net=/proc/%d/fd/%d ip link set tap0 netns %d",
		 getpid(), netns, getpid());
	ASSERT_EQ(0, system(command));
	EXPECT_EQ(0, frontend_send(&self->d));
	EXPECT_EQ(1, tx->drop[STAT_DROP_KERNEL]);
	ASSERT_EQ(0, tap0_link(true));
	EXPECT_EQ(0, frontend_send(&self->d));
	EXPECT_EQ(1, tx->drop[STAT_DROP_KERNEL]);
	EXPECT_EQ(STAT_DEVICE, frontend_stat(&self->d)->datapath);
	EXPECT_EQ(0, tap_offload(self->d.tap, TUN_F_CSUM));
	close(netns);
}

/* ---- Said -------------------------------------------------------------------------------- */

/* Say something @times.  Return: lines that came out */
static unsigned int lines_of(enum tapcompat_shim_level level, unsigned int times)
{
	int out = memfd_create("stderr", MFD_CLOEXEC), before = dup(STDERR_FILENO);
	static char text[1 << 17];
	unsigned int lines = 0;
	char *p = text;
	ssize_t n;

	dup2(out, STDERR_FILENO);
	while (times--)
		shim_say(level, "%s", "said");
	dup2(before, STDERR_FILENO);
	n = pread(out, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	while ((p = strstr(p, "tapcompat: said\n"))) {
		lines++;
		p++;
	}
	close(before);
	close(out);
	return lines;
}

/* Row F11: a clock that jumps neither silences the messages nor lets all of them through. */
TEST(F11_ten_lines_a_second)
{
	static const time_t jump[] = { 1, 3600, -86400, 0x7fffffff, 1 };
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(jump); i++) {
		fake_time = jump[i] < 0 ? fake_time + jump[i] : 1000000 + jump[i];
		EXPECT_EQ(10, lines_of(TAPCOMPAT_SHIM_WARNING, 500));
		EXPECT_EQ(0, lines_of(TAPCOMPAT_SHIM_WARNING, 500));
		EXPECT_EQ(20, lines_of(TAPCOMPAT_SHIM_ERROR, 20));
		EXPECT_EQ(0, lines_of(TAPCOMPAT_SHIM_DEBUG, 20));
	}
}

TEST_HARNESS_MAIN
