// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * killed.c - a device in a process that is killed, or stopped, at any time: rows F1 and F13
 *
 * The rings are in shared memory, and the driver, which is the test itself, outlives the device.
 * The next device begins at the index that was used last (VHOST_SET_VRING_BASE): what the former
 * one had taken and not returned is sent again, and nothing is lost.
 */
#include "kselftest_harness.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "device/device.h"
#include "port_fixture.h"
#include "ring/vring.h"

#define HEADER VNET_MERGEABLE
#define FRAME 60
#define BASE 0x100000u
#define USER 0x70000000u
#define BUFFER 128u
#define MEMORY (VRING_BYTES + VRING_SIZE * BUFFER)
#define KILLS 200

FIXTURE(killed) {
	struct port port;
	uint8_t *memory;
	struct vring_driver driver;
	int kick, call;
	pid_t device;
	uint32_t sent;			/* frames, each with its number */
	uint32_t expected;		/* the first number that has not arrived */
	uint32_t again;			/* that have arrived before */
	uint32_t wrong;
};

FIXTURE_SETUP(killed)
{
	memset(self, 0, sizeof(*self));
	ASSERT_TRUE(port_open(&self->port, 1 << 20));
	self->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			    0);
	ASSERT_NE(MAP_FAILED, self->memory);
	vring_reset(&self->driver, self->memory);
	self->kick = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	self->call = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

FIXTURE_TEARDOWN(killed)
{
	if (self->device > 0) {
		kill(self->device, SIGKILL);
		waitpid(self->device, NULL, 0);
	}
	port_close(&self->port);
	munmap(self->memory, MEMORY);
	close(self->kick);
	close(self->call);
}

static int device_run(FIXTURE_DATA(killed) *self)
{
	static struct stat_port stat;
	static uint32_t offload;
	struct tapcompat_mask features = { { 1ull << VIRTIO_F_VERSION_1, 0 } };
	struct memory_region region = { BASE, USER, MEMORY, self->memory };
	struct device_port port = {
		.fd = self->port.near, .header = HEADER, .offload = &offload, .stat = &stat,
	};
	struct device *d;
	int ret = device_open(&d);

	if (!ret)
		ret = device_set_owner(d);
	if (!ret)
		ret = device_set_features(d, &features);
	if (!ret)
		ret = device_set_memory(d, &region, 1);
	if (!ret)
		ret = device_set_size(d, DEVICE_TX, VRING_SIZE);
	if (!ret)
		ret = device_set_base(d, DEVICE_TX, vring_used_index(&self->driver));
	if (!ret)
		ret = device_set_rings(d, DEVICE_TX, USER, USER + VRING_AVAIL, USER + VRING_USED,
				       false, 0);
	if (!ret)
		ret = device_set_event(d, DEVICE_TX, DEVICE_KICK, self->kick);
	if (!ret)
		ret = device_set_event(d, DEVICE_TX, DEVICE_CALL, self->call);
	return ret ? ret : device_attach(d, DEVICE_TX, &port);
}

static void device_start(FIXTURE_DATA(killed) *self)
{
	self->device = fork();
	if (self->device)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (device_run(self))
		_exit(1);
	for (;;)
		pause();
}

static void device_kill(struct __test_metadata *_metadata, FIXTURE_DATA(killed) *self)
{
	int status = 0;

	kill(self->device, SIGKILL);
	ASSERT_EQ(self->device, waitpid(self->device, &status, 0));
	/* It had not ended by itself. */
	ASSERT_TRUE(WIFSIGNALED(status));
	self->device = 0;
}

/* Send as many frames as the ring has room for. */
static void send_some(FIXTURE_DATA(killed) *self)
{
	uint32_t len;

	while (vring_collect(&self->driver, &len) >= 0)
		;
	while ((uint16_t)(self->driver.published - self->driver.collected) < VRING_SIZE) {
		uint16_t i = self->driver.published % VRING_SIZE;
		uint8_t *packet = self->memory + VRING_BYTES + i * BUFFER;

		memset(packet, 0, HEADER + FRAME);
		memcpy(packet + HEADER + 20, &self->sent, sizeof(self->sent));
		self->sent++;
		vring_describe(&self->driver.desc[i], BASE + VRING_BYTES + i * BUFFER,
			       HEADER + FRAME, 0, 0);
		vring_publish(&self->driver, i, false);
	}
	eventfd_write(self->kick, 1);
}

/* Each frame is the next one, or one that has arrived before. */
static void take_arrived(FIXTURE_DATA(killed) *self)
{
	uint8_t frame[HEADER + FRAME];
	uint32_t number;

	while (read(self->port.far, frame, sizeof(frame)) == sizeof(frame)) {
		memcpy(&number, frame + HEADER + 20, sizeof(number));
		if (number == self->expected)
			self->expected++;
		else if (number < self->expected)
			self->again++;
		else
			self->wrong++;
	}
}

static void settle(FIXTURE_DATA(killed) *self)
{
	int i;

	for (i = 0; i < 5000 && vring_used_index(&self->driver) != self->driver.published; i++) {
		take_arrived(self);
		usleep(1000);
	}
	take_arrived(self);
}

TEST_F(killed, F1_killed_and_restarted)
{
	unsigned int i, steps;

	srand(1);
	for (i = 0; i < KILLS; i++) {
		device_start(self);
		for (steps = (unsigned int)rand() % 40; steps; steps--) {
			send_some(self);
			take_arrived(self);
			usleep(rand() % 100);
		}
		device_kill(_metadata, self);
		take_arrived(self);
	}
	device_start(self);
	settle(self);
	device_kill(_metadata, self);
	EXPECT_EQ(self->sent, self->expected);
	EXPECT_EQ(0, self->wrong);
	EXPECT_GE(KILLS * VRING_SIZE, self->again);
	EXPECT_LT(1000, self->sent);
	TH_LOG("%u frames, %u of them again", self->sent, self->again);
}

/* It has no timers, so two seconds are as long as an hour. */
TEST_F(killed, F13_stopped_and_resumed)
{
	int status;

	device_start(self);
	send_some(self);
	settle(self);
	kill(self->device, SIGSTOP);
	ASSERT_EQ(self->device, waitpid(self->device, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	send_some(self);
	sleep(2);
	take_arrived(self);
	EXPECT_GT(self->sent, self->expected);
	kill(self->device, SIGCONT);
	settle(self);
	EXPECT_EQ(self->sent, self->expected);
	EXPECT_EQ(0, self->again);
	EXPECT_EQ(0, self->wrong);
	device_kill(_metadata, self);
}

TEST_HARNESS_MAIN
