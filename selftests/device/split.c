// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * split.c - super-packets through the kernel's vhost-net: none is lost, repeated or changed,
 * whatever is done to the device meanwhile
 *
 * Only where there is a /dev/vhost-net.  The program sets TAPCOMPAT_ENGINE itself, so that
 * nothing else moves the frames.
 */
#include "kselftest_harness.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <linux/if_packet.h>

#include "frontend_fixture.h"
#include "ground/bytes.h"
#include "packet/flow.h"

#define PAYLOAD 7000u
#define FIRST_PORT 2048u
#define SEQUENCE 0xffffff00u	/* of TCP; wraps */
#define BACKLOG 4000u		/* frames that the receiver may be behind */

__attribute__((constructor(102))) static void by_vhost(void)
{
	setenv("TAPCOMPAT_ENGINE", "vhost", 1);
	/* TCP is segmented as well. */
	setenv("TAPCOMPAT_MASK", SHIM_ENVIRONMENT ",host_tso4,host_tso6,host_ecn", 1);
}

/* ---- What is sent, and what has to arrive ---------------------------------------- */

static uint16_t segment_bytes(unsigned int id)
{
	static const uint16_t sizes[] = { 1400, 100, 1333, 996, 6999 };

	return sizes[id % ARRAY_LENGTH(sizes)];
}

static struct flow flow_of(unsigned int id)
{
	bool tcp = id & 1, v6 = id & 2;

	return (struct flow){
		.ether = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } },
		.ip = { .family = v6 ? 6 : 4, .src = { 198, 51, 100, 1, 5 },
			.dst = { 198, 51, 100, 2, 6 }, .ttl = 64, .id = 0xfffe },
		.proto = tcp ? IPPROTO_TCP : IPPROTO_UDP, .sport = (uint16_t)(FIRST_PORT + id),
		.dport = 9, .seq = SEQUENCE, .ack = 1, .window = 100, .tcp_flags = TCP_ACK,
		.gso_type = tcp ? (v6 ? 4 : 1) : 5, .gso_size = segment_bytes(id),
		.payload = PAYLOAD, .seed = id, .partial_csum = true,
	};
}

struct receiver {
	int fd;
	volatile bool stop;
	volatile unsigned int frames, id;	/* so far; the next super-packet */
	uint32_t at;				/* its next byte */
	unsigned int wrong;
	char says[128];
};

/* One frame: the next segment of the super-packet whose turn it is. */
static bool check_frame(struct receiver *r, const uint8_t *frame, size_t len)
{
	struct flow f = flow_of(r->id);
	const uint8_t *l4 = frame + 14 + (f.ip.family == 4 ? 20 : 40);
	size_t head = (size_t)(l4 - frame) + (f.proto == IPPROTO_TCP ? 20 : 8), i;
	uint32_t want = PAYLOAD - r->at < f.gso_size ? PAYLOAD - r->at : f.gso_size;

	if (len != head + want || get_be16(l4) != f.sport)
		return false;
	if (f.proto == IPPROTO_TCP ? get_be32(l4 + 4) != (uint32_t)(SEQUENCE + r->at) :
				     get_be16(l4 + 4) != want + 8)
		return false;
	for (i = 0; i < want; i++)
		if (frame[head + i] != flow_byte(r->id, r->at + (uint32_t)i))
			return false;
	r->at += want;
	return true;
}

/* Not those that the kernel sends when the link comes up. */
static bool is_ours(const uint8_t *frame, size_t len)
{
	return len > 42 && frame[5] + frame[11] == 3 && frame[6] == 2;
}

static void take_frame(struct receiver *r, const uint8_t *frame, size_t len)
{
	if (!check_frame(r, frame, len) && !r->wrong++)
		snprintf(r->says, sizeof(r->says), "super-packet %u at %u: %zu bytes, port %u",
			 r->id, r->at, len, get_be16(frame + (frame[12] == 8 ? 34 : 54)) -
			 FIRST_PORT);
	r->frames++;
	if (r->at == PAYLOAD) {
		r->at = 0;
		r->id++;
	}
}

static void *receive_frames(void *arg)
{
	struct receiver *r = arg;
	static uint8_t frame[16384];

	while (!r->stop) {
		struct pollfd p = { .fd = r->fd, .events = POLLIN };
		ssize_t n = poll(&p, 1, 10) > 0 ? recv(r->fd, frame, sizeof(frame), MSG_DONTWAIT) :
						  -1;

		if (n > 0 && is_ours(frame, (size_t)n))
			take_frame(r, frame, (size_t)n);
	}
	return NULL;
}

static int receiver_open(struct receiver *r)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex("tap0") };
	int bytes = 64 << 20;

	*r = (struct receiver){ .fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) };
	if (r->fd < 0 || setsockopt(r->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		return -errno;
	return bind(r->fd, (struct sockaddr *)&to, sizeof(to)) ? -errno : 0;
}

/* ---- What is done meanwhile --------------------------------------------------------- */

struct run {
	struct frontend *d;
	struct receiver r;
	void *more;		/* memory of another region */
	unsigned int sent;	/* published */
	uint64_t logged;
};

#define MORE_BYTES (2u << 20)

static int set_table(struct run *t, unsigned int variant)
{
	struct vhost *v = &t->d->v;
	uint64_t size = 2 * (VRING_BYTES + VRING_SIZE * VHOST_BUFFER), cut;
	struct {
		struct vhost_memory head;
		struct vhost_memory_region region[3];
	} table = { .head.nregions = 1 };

	cut = variant % 2 ? v->queue[VHOST_TX].buffers + 12345 : size;
	table.region[0] = (struct vhost_memory_region){ v->base, cut, (uintptr_t)v->memory, 0 };
	if (cut < size)
		table.region[table.head.nregions++] = (struct vhost_memory_region){
			v->base + cut, size - cut, (uintptr_t)v->memory + cut, 0 };
	if (variant % 3 == 0)
		table.region[table.head.nregions++] = (struct vhost_memory_region){
			v->base + (1u << 30), MORE_BYTES, (uintptr_t)t->more, 0 };
	return ioctl(v->fd, VHOST_SET_MEM_TABLE, &table) ? -errno : 0;
}

static int restart(struct run *t, unsigned int ring)
{
	struct vhost_vring_file none = { .index = ring, .fd = -1 };
	struct vhost_vring_file tap = { .index = ring, .fd = t->d->tap };
	struct vhost_vring_state base = { .index = ring };
	int fd = t->d->v.fd;

	if (ioctl(fd, VHOST_NET_SET_BACKEND, &none) || ioctl(fd, VHOST_GET_VRING_BASE, &base) ||
	    ioctl(fd, VHOST_SET_VRING_BASE, &base) || ioctl(fd, VHOST_NET_SET_BACKEND, &tap))
		return -errno;
	/* As QEMU does: there may be chains that nobody kicks for. */
	vhost_kick(&t->d->v, ring);
	return 0;
}

static int set_log(struct run *t, bool on)
{
	uint64_t features = MOST_FEATURES | (on ? 1ull << VHOST_F_LOG_ALL : 0);

	return ioctl(t->d->v.fd, VHOST_SET_LOG_BASE, &t->logged) ||
		ioctl(t->d->v.fd, VHOST_SET_FEATURES, &features) ? -errno : 0;
}

static int disturb(struct run *t, unsigned int round)
{
	int ret;

	switch (round % 5) {
	case 0:
		return set_table(t, round / 5);
	case 1:
		return restart(t, VHOST_TX);
	case 2:
		ret = restart(t, VHOST_RX);
		return ret ? ret : restart(t, VHOST_TX);
	case 3:
		return set_log(t, round & 1);
	default:
		return 0;
	}
}

static unsigned int waiting(const struct run *t)
{
	const struct vring_driver *r = &t->d->v.queue[VHOST_TX].ring;

	return (uint16_t)(r->published - vring_used_index(r));
}

static int publish(struct run *t)
{
	static uint8_t packet[VHOST_BUFFER];
	struct flow f = flow_of(t->sent);
	struct vnet h;
	size_t len = flow_build(&f, packet + VNET_MERGEABLE, &h);

	vnet_encode(&h, packet, VNET_MERGEABLE);
	t->sent++;
	return vhost_publish(&t->d->v, packet, VNET_MERGEABLE + len);
}

static unsigned int frames_of(unsigned int id)
{
	return (PAYLOAD + segment_bytes(id) - 1) / segment_bytes(id);
}

/* Until at most @left chains are with the device, and the receiver keeps up. */
static bool wait_for(struct run *t, unsigned int left, unsigned int frames)
{
	int ms;

	for (ms = 0; ms < 20000; ms++) {
		if (waiting(t) <= left && t->r.frames + BACKLOG >= frames)
			return true;
		usleep(1000);
	}
	return false;
}

static void close_run(struct run *t, pthread_t thread)
{
	t->r.stop = true;
	pthread_join(thread, NULL);
	close(t->r.fd);
}

TEST_F(frontend, nothing_lost_nothing_twice)
{
	uint64_t size = 1ull << 44;
	struct run t = { .d = &self->d };
	unsigned int frames = 0, round, ms;
	pthread_t thread;

	NEEDS(self);
	ASSERT_EQ(STAT_VHOST, frontend_stat(&self->d)->engine);
	t.more = mmap(NULL, MORE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	t.logged = (uintptr_t)mmap(NULL, size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_EQ(0, receiver_open(&t.r));
	ASSERT_EQ(0, pthread_create(&thread, NULL, receive_frames, &t.r));
	for (round = 0; round < 600; round++) {
		unsigned int i, burst = 1 + round * 7 % 60;

		for (i = 0; i < burst; i++) {
			if (i + waiting(&t) >= VRING_SIZE)
				break;
			frames += frames_of(t.sent);
			if (publish(&t))
				vhost_kick(self->v, VHOST_TX);
		}
		ASSERT_EQ(0, disturb(&t, round)) {
			TH_LOG("round %u", round);
		}
		ASSERT_TRUE(wait_for(&t, round % 4 ? 30 : 0, frames)) {
			TH_LOG("round %u: %u wait, %u of %u frames: %s", round, waiting(&t),
			       t.r.frames, frames, t.r.says);
		}
	}
	EXPECT_TRUE(wait_for(&t, 0, frames));
	for (ms = 0; ms < 5000 && t.r.id != t.sent; ms++)
		usleep(1000);
	EXPECT_EQ(t.sent, t.r.id);
	EXPECT_EQ(frames, t.r.frames);
	EXPECT_EQ(0, t.r.wrong) {
		TH_LOG("%s", t.r.says);
	}
	close_run(&t, thread);
}

/*
 * A guest that guesses where headers are for the kernel: a frame is not received there, and is
 * not lost either.
 */
TEST_F(frontend, area_is_read_only)
{
	struct vhost_vring_file none = { .index = VHOST_RX, .fd = -1 };
	struct vhost_vring_file tap = { .index = VHOST_RX, .fd = self->d.tap };
	struct vhost_vring_state base = { .index = VHOST_RX };
	uint64_t size = 2 * (VRING_BYTES + VRING_SIZE * VHOST_BUFFER), area;
	struct vring_driver *r;
	uint8_t packet[2048];
	int i;

	NEEDS(self);
	area = ((self->v->base + size - 1) | ((2ull << 20) - 1)) + 1;
	r = &self->v->queue[VHOST_RX].ring;
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_NET_SET_BACKEND, &none));
	vring_reset(r, self->v->memory + self->v->queue[VHOST_RX].memory);
	for (i = 0; i < 8; i++) {
		vring_describe(&r->desc[i], area + (uint64_t)i * 4096, 4096, VRING_DESC_F_WRITE, 0);
		vring_publish(r, (uint16_t)i, true);
	}
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_BASE, &base));
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_NET_SET_BACKEND, &tap));
	vhost_kick(self->v, VHOST_RX);
	tap0_link(false);
	tap0_link(true);
	usleep(500000);
	EXPECT_EQ(0, vring_used_index(r));
	/* It is in the table nevertheless: elsewhere the ring would break. */
	EXPECT_FALSE(frontend_broke(&self->d, VHOST_RX, 0));
	EXPECT_EQ(0, frontend_send(&self->d));
	ASSERT_EQ(0, vhost_ring_reset(self->v, VHOST_RX));
	tap0_link(false);
	tap0_link(true);
	EXPECT_LT(0, vhost_receive(self->v, packet, sizeof(packet), 5000));
}

/* Of the transmit ring only the used ring is written to, and its page is marked. */
TEST_F(frontend, dirty_log)
{
	uint64_t features = MOST_FEATURES | 1ull << VHOST_F_LOG_ALL, base, at;
	struct vhost_vring_addr addr = {
		.index = VHOST_TX, .flags = 1u << VHOST_VRING_F_LOG,
	};
	struct vhost_vring_file none = { .index = VHOST_RX, .fd = -1 };
	uint64_t page, used, size = 1ull << 44;
	unsigned int dirty = 0;
	uint8_t *log;

	NEEDS(self);
	log = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, log);
	base = (uintptr_t)log;
	at = self->v->base + self->v->queue[VHOST_TX].memory;
	addr.desc_user_addr = at;
	addr.avail_user_addr = at + VRING_AVAIL;
	addr.used_user_addr = addr.log_guest_addr = at + VRING_USED;
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_NET_SET_BACKEND, &none));
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_LOG_BASE, &base));
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_FEATURES, &features));
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_VRING_ADDR, &addr));
	ASSERT_EQ(0, frontend_send(&self->d));
	used = (at + VRING_USED) / 4096;
	EXPECT_TRUE(log[used / 8] >> used % 8 & 1);
	for (page = self->v->base / 4096; page < (self->v->base + 0x104000) / 4096; page++)
		dirty += log[page / 8] >> page % 8 & 1;
	EXPECT_EQ(1, dirty);
	/* The device's thread may still mark pages. */
	features = MOST_FEATURES;
	ASSERT_EQ(0, ioctl(self->v->fd, VHOST_SET_FEATURES, &features));
	munmap(log, size);
}

/* A feature of vhost-net's that is masked, perhaps as it corrupts frames, is not used either. */
TEST_F(frontend, masked_features_are_not_used)
{
	struct tapcompat_mask masked = { { 1ull << VIRTIO_RING_F_EVENT_IDX, 0 } };
	struct tapcompat_mask features = { { MOST_FEATURES, 0 } };
	struct transmit_port port = { .guest_header = VNET_MERGEABLE,
				      .port_header = VNET_MERGEABLE };
	struct device *d;
	int fd;

	NEEDS(self);
	fd = (int)syscall(SYS_openat, AT_FDCWD, VHOST_NODE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, device_open(&d));
	ASSERT_EQ(0, device_use_vhost(d, fd, &masked));
	ASSERT_EQ(0, device_set_features(d, &features));
	EXPECT_EQ(-EOPNOTSUPP, split_open(d, &port));
	EXPECT_STREQ("it lacks features of the rings", d->split.refused);
	features.word[0] &= ~masked.word[0];
	ASSERT_EQ(0, device_set_features(d, &features));
	EXPECT_EQ(0, split_open(d, &port));
	EXPECT_EQ(NULL, d->split.refused);
	split_close(d);
	port.port_header = VNET_TUNNEL;
	EXPECT_EQ(-EOPNOTSUPP, split_open(d, &port));
	device_close(d);
	close(fd);
}

TEST_HARNESS_MAIN
