// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * life.c - the shim's vhost-net with traffic, restarts and faults: rows F by their ids
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/wait.h>

#include <linux/if_packet.h>

#include "frontend_fixture.h"

TEST_F(frontend, sends_and_receives)
{
	uint8_t packet[2048];
	int i;

	NEEDS(self);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, frontend_send(&self->d));
	EXPECT_EQ(1000, frontend_stat(&self->d)->way[STAT_TRANSMIT].count[STAT_PACKETS]);
	EXPECT_EQ(60000, frontend_stat(&self->d)->way[STAT_TRANSMIT].count[STAT_BYTES]);
	/* The kernel sends packets of its own when a link comes up. */
	EXPECT_LT(VNET_MERGEABLE + 14, vhost_receive(self->v, packet, sizeof(packet), 5000));
}

/* Without kicks and frames no CPU time is used. */
TEST_F(frontend, idle)
{
	uint8_t packet[2048];
	int64_t before;

	NEEDS(self);
	while (vhost_receive(self->v, packet, sizeof(packet), 300) > 0)
		;
	before = cpu_time();
	usleep(500000);
	EXPECT_GT(20000, cpu_time() - before);
}

/* Row F2: the tap goes down, comes up, and is deleted. */
TEST_F(frontend, F2_tap_gone)
{
	struct stat_direction *tx;
	unsigned int i, refused;
	int64_t before;

	NEEDS(self);
	tx = &frontend_stat(&self->d)->way[STAT_TRANSMIT];
	ASSERT_EQ(0, tap0_link(false));
	EXPECT_EQ(0, frontend_send(&self->d));
	/* vhost-net does not say what became of a frame. */
	refused = !frontend_is_split(&self->d);
	EXPECT_EQ(refused, tx->drop[STAT_DROP_KERNEL]);
	ASSERT_EQ(0, tap0_link(true));
	EXPECT_EQ(0, frontend_send(&self->d));
	EXPECT_EQ(refused, tx->drop[STAT_DROP_KERNEL]);
	ASSERT_EQ(0, link_delete(self->d.nl, "tap0"));
	/* With vhost-net's own ring a buffer is not returned then either. */
	EXPECT_EQ(refused ? 0 : -ETIMEDOUT, frontend_send(&self->d));
	EXPECT_EQ(2 * refused, tx->drop[STAT_DROP_KERNEL]);
	before = cpu_time();
	usleep(300000);
	EXPECT_GT(20000, cpu_time() - before);
	for (i = 0; i < VHOST_RINGS; i++) {
		struct vhost_vring_file none = { .index = i, .fd = -1 };

		EXPECT_EQ(0, ioctl(self->v->fd, VHOST_NET_SET_BACKEND, &none));
	}
}

/* Row F9: the device's thread handles no signals. */
static volatile sig_atomic_t handled, handled_elsewhere;
static pthread_t main_thread;

static void on_signal(int number)
{
	handled++;
	if (!pthread_equal(pthread_self(), main_thread))
		handled_elsewhere++;
}

TEST_F(frontend, F9_signals)
{
	int i;

	NEEDS(self);
	main_thread = pthread_self();
	signal(SIGUSR1, on_signal);
	for (i = 0; i < 5000; i++) {
		kill(getpid(), SIGUSR1);
		if (i % 50 == 0)
			ASSERT_EQ(0, frontend_send(&self->d));
	}
	EXPECT_LT(0, handled);
	EXPECT_EQ(0, handled_elsewhere);
}

/* Row F9: twice SIGTERM to a program that blocks it, as QEMU's threads do: it stays pending. */
TEST_F(frontend, F9_blocked_signals)
{
	sigset_t blocked, pending;
	int i;

	NEEDS(self);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &blocked, NULL));
	for (i = 0; i < 2; i++) {
		kill(getpid(), SIGTERM);
		ASSERT_EQ(0, frontend_send(&self->d));
	}
	ASSERT_EQ(0, sigpending(&pending));
	EXPECT_EQ(1, sigismember(&pending, SIGTERM));
}

/* A forked child closes its descriptors, and the device of its parent goes on. */
TEST_F(frontend, fork_child)
{
	int status, i;
	pid_t pid;

	NEEDS(self);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, frontend_send(&self->d));
		pid = fork();
		if (!pid) {
			close(self->v->fd);
			close(self->d.tap);
			_exit(0);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_EQ(0, status);
		ASSERT_EQ(STAT_DEVICE, frontend_stat(&self->d)->datapath);
		ASSERT_EQ(0, frontend_send(&self->d));
	}
}

/* Row F4: without permission for io_uring, packets are moved one by one. */
TEST_F(frontend, F4_without_io_uring)
{
	scmp_filter_ctx ctx;
	uint8_t packet[2048];
	int i;

	NEEDS(self);
	frontend_stop(&self->d);
	ctx = seccomp_init(SCMP_ACT_ALLOW);
	ASSERT_EQ(0, seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(io_uring_setup), 0));
	ASSERT_EQ(0, seccomp_load(ctx));
	seccomp_release(ctx);
	/* Not if io_uring is what was asked for. */
	if (!strcmp(frontend_engine(), "uring")) {
		ASSERT_EQ(-ENOSYS, frontend_start(&self->d, MOST_FEATURES));
		return;
	}
	ASSERT_EQ(0, frontend_start(&self->d, MOST_FEATURES));
	if (!frontend_is_split(&self->d))
		EXPECT_EQ(STAT_CALL_EACH, frontend_stat(&self->d)->engine);
	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, frontend_send(&self->d));
	tap0_link(false);
	tap0_link(true);
	EXPECT_LT(0, vhost_receive(self->v, packet, sizeof(packet), 5000));
}

/* Several queue pairs of one tap, each with a device and a thread of its own. */
TEST_F(frontend, queue_pairs)
{
	struct tapcompat_mask mask = { { MOST_FEATURES, 0 } };
	struct vhost v[4];
	int tap[4], i, n;

	NEEDS(self);
	for (i = 0; i < 4; i++) {
		tap[i] = tap_open("tap1", true);
		ASSERT_LE(0, tap[i]);
		ASSERT_EQ(0, tap_header(tap[i], VNET_MERGEABLE));
		ASSERT_EQ(0, tap_offload(tap[i], TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6));
		ASSERT_EQ(0, vhost_start(&v[i], tap[i], &mask, VNET_MERGEABLE, VHOST_BUFFER));
		EXPECT_EQ(i, shim_tap(tap[i])->stat->queue);
		EXPECT_EQ(STAT_DEVICE, shim_tap(tap[i])->stat->datapath);
	}
	/* QEMU sets the offloads of one queue, for all of them. */
	ASSERT_EQ(0, tap_offload(tap[0], TUN_F_CSUM | TUN_F_TSO4));
	EXPECT_EQ(TUN_F_CSUM | TUN_F_TSO4, shim_tap(tap[3])->interface->offload);
	for (n = 0; n < 100; n++)
		for (i = 0; i < 4; i++) {
			static const uint8_t packet[VNET_MERGEABLE + 60];

			ASSERT_EQ(0, vhost_send(&v[i], packet, sizeof(packet)));
		}
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(100, shim_tap(tap[i])->stat->way[STAT_TRANSMIT].count[STAT_PACKETS]);
		vhost_stop(&v[i]);
		close(tap[i]);
	}
}

/* Frames that the host sends to the tap, as fast as it can. */
static void *send_frames(void *arg)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6,
				  .sll_ifindex = (int)if_nametoindex("tap0") };
	uint8_t frame[100] = { [12] = 0x88, [13] = 0xb5 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), i;

	for (i = 0; i < 200000; i++)
		sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to));
	close(fd);
	return NULL;
}

static uint64_t frames_read(void)
{
	uint64_t n = 0;
	FILE *f = fopen("/proc/self/net/dev", "r");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, " tap0: %*u %*u %*u %*u %*u %*u %*u %*u %*u %lu", &n);
	if (f)
		fclose(f);
	return n;
}

/* Every frame that was read from the tap reaches the guest or is counted as dropped. */
TEST_F(frontend, nothing_is_lost_in_between)
{
	struct stat_direction *rx;
	uint64_t got = 0, dropped = 0;
	uint8_t packet[2048];
	pthread_t thread;
	unsigned int i;

	NEEDS(self);
	rx = &frontend_stat(&self->d)->way[STAT_RECEIVE];
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_frames, NULL));
	while (pthread_tryjoin_np(thread, NULL))
		while (vhost_receive(self->v, packet, sizeof(packet), 10) > 0)
			got++;
	while (vhost_receive(self->v, packet, sizeof(packet), 300) > 0)
		got++;
	for (i = 0; i < STAT_DROPS; i++)
		dropped += rx->drop[i];
	EXPECT_EQ(frames_read(), got + dropped);
	EXPECT_EQ(frontend_is_split(&self->d) ? 0 : got, rx->count[STAT_PACKETS]);
	EXPECT_LT(1000, got);
}

/* A frame needs more buffers than the guest has provided: waiting for them takes no CPU time. */
TEST_F(frontend, idle_with_too_few_buffers)
{
	struct tapcompat_mask mask = { { MOST_FEATURES, 0 } };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6 };
	uint8_t frame[1400] = { [12] = 0x88, [13] = 0xb5 }, packet[2048];
	int64_t before;
	int fd, i;

	NEEDS(self);
	frontend_stop(&self->d);
	ASSERT_EQ(0, vhost_start(self->v, self->d.tap, &mask, VNET_MERGEABLE, 100));
	ASSERT_EQ(0, frontend_watch_errors(&self->d));
	to.sll_ifindex = (int)if_nametoindex("tap0");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	for (i = 0; i < 6; i++)
		sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to));
	usleep(200000);
	before = cpu_time();
	usleep(300000);
	/* Linux 6.12 looks for buffers without end, in what counts as a thread of ours. */
	if (!frontend_is_split(&self->d))
		EXPECT_GT(20000, cpu_time() - before);
	for (i = 0; i < 6;)
		if (vhost_receive(self->v, packet, sizeof(packet), 2000) ==
		    VNET_MERGEABLE + sizeof(frame))
			i++;
	close(fd);
}

/* Stopped and started again without a pause: it still receives. */
TEST_F(frontend, restarts)
{
	uint8_t packet[2048];
	int i;

	NEEDS(self);
	for (i = 0; i < 200; i++) {
		struct vhost_vring_file none[2] = { { 0, -1 }, { 1, -1 } };

		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_NET_SET_BACKEND, &none[0]));
		ASSERT_EQ(0, ioctl(self->v->fd, VHOST_NET_SET_BACKEND, &none[1]));
		ASSERT_EQ(0, vhost_ring_reset(self->v, VHOST_RX));
		ASSERT_EQ(0, vhost_ring_reset(self->v, VHOST_TX));
		if (i % 100)
			continue;
		tap0_link(false);
		tap0_link(true);
		ASSERT_LT(0, vhost_receive(self->v, packet, sizeof(packet), 5000)) {
			TH_LOG("restart %d", i);
		}
	}
}

/* After a tap was closed, one of the same name can be created immediately. */
TEST_F(frontend, tap_is_free_again)
{
	int i;

	NEEDS(self);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, frontend_send(&self->d));
		frontend_stop(&self->d);
		close(self->d.tap);
		links_close(self->d.nl);
		ASSERT_EQ(0, frontend_tap(&self->d));
		ASSERT_EQ(0, frontend_start(&self->d, MOST_FEATURES));
	}
}

TEST_HARNESS_MAIN
