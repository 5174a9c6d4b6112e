// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * threads.c - a device under two drivers and control calls, for ThreadSanitizer
 *
 * threads.sh runs it.  The guest's drivers behave well and every word that they share with the
 * device is synchronised as virtio has it, so ThreadSanitizer has nothing to report: what it
 * reports is the device's.  A pair of sockets takes the tap's place, and what is sent there
 * comes back to be received.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "device/device.h"
#include "port_fixture.h"
#include "ring/vring.h"

#define HEADER VNET_MERGEABLE
#define FRAME 60
#define BUFFER 2048
#define BASE 0x100000u		/* guest address of all memory */
#define USER 0x70000000u
#define MEMORY (DEVICE_RINGS * (VRING_BYTES + VRING_SIZE * BUFFER))
#define LOG_BYTES ((BASE + MEMORY) / DIRTY_PAGE / 8 + 1)
#define ROUNDS 400		/* of control calls */

struct guest_ring {
	struct vring_driver driver;
	int kick, call;
};

FIXTURE(threads) {
	struct port port;
	struct device_port device_port;
	struct device *d;
	struct stat_port stat;
	uint32_t offload;
	uint8_t *memory, *log;
	struct guest_ring ring[DEVICE_RINGS];
	pthread_t tx, rx, wire;
	bool stop;
	unsigned long sent, received, wrong, dirty;
};

static bool stopped(const FIXTURE_DATA(threads) *self)
{
	return __atomic_load_n(&self->stop, __ATOMIC_RELAXED);
}

static uint32_t buffer_at(unsigned int ring, uint16_t i)
{
	return DEVICE_RINGS * VRING_BYTES + (ring * VRING_SIZE + i) * BUFFER;
}

static void offer(FIXTURE_DATA(threads) *self, unsigned int ring, uint16_t i, uint32_t len)
{
	struct guest_ring *r = &self->ring[ring];

	vring_describe(&r->driver.desc[i], BASE + buffer_at(ring, i), len,
		       ring == DEVICE_RX ? VRING_DESC_F_WRITE : 0, 0);
	if (vring_publish(&r->driver, i, false))
		eventfd_write(r->kick, 1);
}

/* Wait until the device has used something, but not for ever: it may be stopped just now. */
static void wait_call(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	eventfd_t value;

	if (poll(&p, 1, 5) == 1)
		eventfd_read(fd, &value);
}

static void *tx_driver(void *arg)
{
	FIXTURE_DATA(threads) *self = arg;
	uint16_t free = VRING_SIZE, next = 0;
	uint32_t len;

	while (!stopped(self)) {
		while (free) {
			uint8_t *packet = self->memory + buffer_at(DEVICE_TX, next);

			memset(packet, 0, HEADER);
			memset(packet + HEADER, (int)(self->sent++ & 0xff), FRAME);
			offer(self, DEVICE_TX, next, HEADER + FRAME);
			next = (uint16_t)((next + 1) % VRING_SIZE);
			free--;
		}
		wait_call(self->ring[DEVICE_TX].call);
		while (vring_collect(&self->ring[DEVICE_TX].driver, &len) >= 0)
			free++;
	}
	return NULL;
}

/* A frame is of one byte, repeated. */
static bool frame_is_whole(const uint8_t *packet, uint32_t len)
{
	uint32_t i;

	for (i = HEADER + 1; i < len; i++)
		if (packet[i] != packet[HEADER])
			return false;
	return len == HEADER + FRAME;
}

static void *rx_driver(void *arg)
{
	FIXTURE_DATA(threads) *self = arg;
	uint32_t len;
	uint16_t i;
	int head;

	for (i = 0; i < VRING_SIZE; i++)
		offer(self, DEVICE_RX, i, BUFFER);
	while (!stopped(self)) {
		wait_call(self->ring[DEVICE_RX].call);
		while ((head = vring_collect(&self->ring[DEVICE_RX].driver, &len)) >= 0) {
			self->received++;
			self->wrong += !frame_is_whole(self->memory +
						       buffer_at(DEVICE_RX, (uint16_t)head), len);
			offer(self, DEVICE_RX, (uint16_t)head, BUFFER);
		}
	}
	return NULL;
}

static void *wire(void *arg)
{
	FIXTURE_DATA(threads) *self = arg;
	struct pollfd p = { .fd = self->port.far, .events = POLLIN };
	uint8_t frame[BUFFER];
	ssize_t n;

	while (!stopped(self)) {
		if (poll(&p, 1, 5) != 1)
			continue;
		n = read(p.fd, frame, sizeof(frame));
		/* Where the device does not read, it is lost, as on any wire. */
		if (n > 0 && write(p.fd, frame, (size_t)n) < 0 && errno != EAGAIN)
			return NULL;
	}
	return NULL;
}

static int set_rings(FIXTURE_DATA(threads) *self, unsigned int ring)
{
	uint64_t user = USER + ring * VRING_BYTES;

	return device_set_rings(self->d, ring, user, user + VRING_AVAIL, user + VRING_USED, true,
				BASE + ring * VRING_BYTES + VRING_USED);
}

static int set_memory(FIXTURE_DATA(threads) *self)
{
	struct memory_region region = { BASE, USER, MEMORY, self->memory };

	return device_set_memory(self->d, &region, 1);
}

static int set_features(FIXTURE_DATA(threads) *self, bool log)
{
	struct tapcompat_mask features = {
		{ 1ull << VIRTIO_F_VERSION_1 | 1ull << VIRTIO_NET_F_MRG_RXBUF |
		  (log ? 1ull << VHOST_F_LOG_ALL : 0), 0 },
	};

	return device_set_features(self->d, &features);
}

static int start_ring(FIXTURE_DATA(threads) *self, unsigned int ring)
{
	struct guest_ring *r = &self->ring[ring];
	int ret = device_set_size(self->d, ring, VRING_SIZE);

	r->kick = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	r->call = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	vring_reset(&r->driver, self->memory + ring * VRING_BYTES);
	if (!ret)
		ret = set_rings(self, ring);
	if (!ret)
		ret = device_set_event(self->d, ring, DEVICE_KICK, r->kick);
	if (!ret)
		ret = device_set_event(self->d, ring, DEVICE_CALL, r->call);
	return ret ? ret : device_attach(self->d, ring, &self->device_port);
}

FIXTURE_SETUP(threads)
{
	unsigned int ring;

	memset(self, 0, sizeof(*self));
	ASSERT_TRUE(port_open(&self->port, 1 << 20));
	self->memory = aligned_alloc(4096, MEMORY);
	self->log = calloc(1, LOG_BYTES);
	self->device_port = (struct device_port){
		.fd = self->port.near, .header = HEADER, .offload = &self->offload,
		.stat = &self->stat,
	};
	ASSERT_EQ(0, device_open(&self->d));
	ASSERT_EQ(0, device_set_owner(self->d));
	ASSERT_EQ(0, set_features(self, false));
	ASSERT_EQ(0, set_memory(self));
	for (ring = 0; ring < DEVICE_RINGS; ring++)
		ASSERT_EQ(0, start_ring(self, ring));
	ASSERT_EQ(0, pthread_create(&self->rx, NULL, rx_driver, self));
	ASSERT_EQ(0, pthread_create(&self->tx, NULL, tx_driver, self));
	ASSERT_EQ(0, pthread_create(&self->wire, NULL, wire, self));
}

FIXTURE_TEARDOWN(threads)
{
	unsigned int ring;

	for (ring = 0; ring < DEVICE_RINGS; ring++) {
		close(self->ring[ring].kick);
		close(self->ring[ring].call);
	}
	port_close(&self->port);
	free(self->memory);
	free(self->log);
}

static void stop(FIXTURE_DATA(threads) *self)
{
	__atomic_store_n(&self->stop, true, __ATOMIC_RELAXED);
	pthread_join(self->tx, NULL);
	pthread_join(self->rx, NULL);
	pthread_join(self->wire, NULL);
	device_close(self->d);
}

/* A ring stops and goes on where it was. */
static int restart(FIXTURE_DATA(threads) *self, unsigned int ring)
{
	uint32_t base;
	int ret = device_detach(self->d, ring);

	if (!ret)
		ret = device_get_base(self->d, ring, &base);
	if (!ret)
		ret = device_set_base(self->d, ring, base);
	return ret ? ret : device_attach(self->d, ring, &self->device_port);
}

/* Another descriptor for kicks or calls in between would lose some. */
static int set_events(FIXTURE_DATA(threads) *self, unsigned int ring)
{
	int ret = device_set_event(self->d, ring, DEVICE_CALL, self->ring[ring].call);

	if (!ret)
		ret = device_set_event(self->d, ring, DEVICE_KICK, self->ring[ring].kick);
	return ret ? ret : device_set_event(self->d, ring, DEVICE_ERR, -1);
}

/* As a live migration does. */
static int set_log(FIXTURE_DATA(threads) *self, bool on)
{
	int ret = device_set_log(self->d, self->log, LOG_BYTES);

	return ret ? ret : set_features(self, on);
}

/* What QEMU does with the log, in its migration thread. */
static unsigned long take_dirty(uint8_t *log)
{
	unsigned long taken = 0;
	size_t i;

	for (i = 0; i < LOG_BYTES; i++)
		taken += !!__atomic_exchange_n(&log[i], 0, __ATOMIC_SEQ_CST);
	return taken;
}

TEST_F(threads, control_calls)
{
	unsigned int i, ring;
	uint32_t base;

	for (i = 0; i < ROUNDS; i++) {
		ring = i / 6 % DEVICE_RINGS;
		switch (i % 6) {
		case 0: ASSERT_EQ(0, set_memory(self)); break;
		case 1: ASSERT_EQ(0, restart(self, ring)); break;
		case 2: ASSERT_EQ(0, set_events(self, ring)); break;
		case 3: ASSERT_EQ(0, set_log(self, i % 12 < 6)); break;
		case 4: ASSERT_EQ(0, set_rings(self, ring)); break;
		case 5: ASSERT_EQ(0, device_get_base(self->d, ring, &base)); break;
		}
		__atomic_store_n(&self->offload, i & 1 ? TUN_F_CSUM : 0, __ATOMIC_RELAXED);
		usleep(1000);
		self->dirty += take_dirty(self->log);
	}
	stop(self);
	EXPECT_LT(1000, self->sent);
	EXPECT_LT(1000, self->received);
	EXPECT_EQ(0, self->wrong);
	EXPECT_LT(0, self->dirty);
	TH_LOG("sent %lu, received %lu", self->sent, self->received);
}

TEST_HARNESS_MAIN
