// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostile.c - a malicious guest, through vhost-net's ioctls: rows G and H by their ids
 *
 * That each is judged right is for the unit tests of rings and segments; here the whole
 * device has to outlive it: one ring breaks and says so, the other one works on, and after
 * a reset so does the broken one.
 */
#include "kselftest_harness.h"

#include <pthread.h>

#include "frontend_fixture.h"
#include "ground/bytes.h"
#include "segment_rows.h"

#define NEXT VRING_DESC_F_NEXT
#define WRITE VRING_DESC_F_WRITE
#define INDIRECT VRING_DESC_F_INDIRECT

#define NOWHERE 0x123456000ull	/* in no region, as memory is where this process has it */

/* What is done to the ring: descriptors 0 and 1, and an index. */
struct trick {
	const char *id, *what;
	enum vqueue_fault fault;
	struct {
		uint64_t addr;		/* below 64 KiB: from the buffers on */
		uint32_t len;
		uint16_t flags, next;
	} desc[2];
	uint16_t head, ahead;
	bool rx;
	struct {
		uint64_t addr;
		uint32_t len;
		uint16_t flags, next;
	} table[2];			/* at the buffers' start */
};

static const struct trick tricks[] = {
	{ "G1", "a loop of one", VQUEUE_BAD_LOOP, { { 0, 64, NEXT, 0 } }, 0, 1, false, {} },
	{ "G1", "a loop of two", VQUEUE_BAD_LOOP, { { 0, 64, NEXT, 1 }, { 0, 64, NEXT, 0 } },
	  0, 1, false, {} },
	{ "G2", "next beyond the ring", VQUEUE_BAD_NEXT, { { 0, 64, NEXT, 64 } }, 0, 1, false, {} },
	{ "G3", "head beyond the ring", VQUEUE_BAD_HEAD, { { 0, 64, 0, 0 } }, 64, 1, false, {} },
	{ "G4", "index ahead", VQUEUE_BAD_INDEX, { { 0, 64, 0, 0 } }, 0, 65, false, {} },
	{ "G5", "index back", VQUEUE_BAD_INDEX, { { 0, 64, 0, 0 } }, 0, 65535, false, {} },
	{ "G7", "outside", VQUEUE_BAD_ADDRESS, { { NOWHERE, 64, 0, 0 } }, 0, 1, false, {} },
	{ "G7", "wraps", VQUEUE_BAD_ADDRESS, { { ~0ull - 10, 64, 0, 0 } }, 0, 1, false, {} },
	{ "G8", "into a hole", VQUEUE_BAD_ADDRESS, { { 0, 0x7fffffff, 0, 0 } }, 0, 1, false, {} },
	{ "G9", "empty", VQUEUE_BAD_EMPTY, { { 0, 0, 0, 0 } }, 0, 1, false, {} },
	{ "G10", "the most there can be", VQUEUE_BAD_ADDRESS, { { 0, ~0u, 0, 0 } }, 0, 1, false,
	  {} },
	{ "G11", "an empty table", VQUEUE_BAD_TABLE, { { 0, 0, INDIRECT, 0 } }, 0, 1, false, {} },
	{ "G11", "unaligned table", VQUEUE_BAD_TABLE, { { 0, 17, INDIRECT, 0 } }, 0, 1, false, {} },
	{ "G11", "a table too long", VQUEUE_BAD_TABLE, { { 0, 16 * 1025, INDIRECT, 0 } }, 0, 1,
	  false, {} },
	{ "G12", "nested", VQUEUE_BAD_NESTED, { { 0, 32, INDIRECT, 0 } }, 0, 1, false,
	  { { 0, 32, INDIRECT, 0 } } },
	{ "G12", "a table and a next", VQUEUE_BAD_INDIRECT, { { 0, 32, INDIRECT | NEXT, 1 } }, 0, 1,
	  false, {} },
	{ "G12", "a loop in a table", VQUEUE_BAD_LOOP, { { 0, 32, INDIRECT, 0 } }, 0, 1, false,
	  { { 0, 64, NEXT, 1 }, { 0, 64, NEXT, 0 } } },
	{ "G15", "writable to transmit", VQUEUE_BAD_DIRECTION, { { 0, 64, WRITE, 0 } }, 0, 1,
	  false, {} },
	{ "G15", "readable to receive", VQUEUE_BAD_DIRECTION, { { 0, 64, 0, 0 } }, 0, 1, true, {} },
	{ "G7", "receive to nowhere", VQUEUE_BAD_ADDRESS, { { NOWHERE, 64, WRITE, 0 } }, 0, 1,
	  true, {} },
	{ "G3", "receive, head beyond the ring", VQUEUE_BAD_HEAD, { { 0, 64, WRITE, 0 } }, 99, 1,
	  true, {} },
};

static uint64_t place(const struct vhost *v, enum vhost_ring ring, uint64_t addr)
{
	return addr < 0x10000 ? v->base + v->queue[ring].buffers + addr : addr;
}

static void play(struct vhost *v, const struct trick *t)
{
	enum vhost_ring ring = t->rx ? VHOST_RX : VHOST_TX;
	struct vring_driver *r = &v->queue[ring].ring;
	struct vring_desc *table = (void *)(v->memory + v->queue[ring].buffers);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (t->table[i].len)
			vring_describe(&table[i], place(v, ring, t->table[i].addr),
				       t->table[i].len, t->table[i].flags, t->table[i].next);
		vring_describe(&r->desc[i], place(v, ring, t->desc[i].addr), t->desc[i].len,
			       t->desc[i].flags, t->desc[i].next);
	}
	r->avail->ring[r->published % VRING_SIZE] = htole16(t->head);
	__atomic_store_n(&r->avail->idx, htole16((uint16_t)(r->published + t->ahead)),
			 __ATOMIC_RELEASE);
	vhost_kick(v, ring);
}

/* Something for the guest to receive: the kernel greets a device that comes up. */
static void provoke(void)
{
	tap0_link(false);
	tap0_link(true);
}

/* The guest has not provided buffers yet; otherwise those would be processed first. */
static int take_buffers_away(struct frontend *d)
{
	struct vhost_vring_file none = { .index = VHOST_RX, .fd = -1 };
	struct vhost_vring_file tap = { .index = VHOST_RX, .fd = d->tap };
	struct vhost_vring_state base = { .index = VHOST_RX };
	int ret = ioctl(d->v.fd, VHOST_NET_SET_BACKEND, &none);

	vring_reset(&d->v.queue[VHOST_RX].ring, d->v.memory + d->v.queue[VHOST_RX].memory);
	return ret || ioctl(d->v.fd, VHOST_SET_VRING_BASE, &base) ||
		ioctl(d->v.fd, VHOST_NET_SET_BACKEND, &tap);
}

TEST_F(frontend, rings)
{
	uint8_t packet[2048];
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_LENGTH(tricks); i++) {
		const struct trick *t = &tricks[i];
		enum vhost_ring ring = t->rx ? VHOST_RX : VHOST_TX;
		struct stat_direction *way =
			&frontend_stat(&self->d)->way[t->rx ? STAT_RECEIVE : STAT_TRANSMIT];

		if (t->rx)
			ASSERT_EQ(0, take_buffers_away(&self->d));
		play(self->v, t);
		if (t->rx)
			provoke();
		EXPECT_TRUE(frontend_broke(&self->d, ring, 2000)) {
			TH_LOG("%s: %s: nobody is told", t->id, t->what);
		}
		/* The kernel does not say what is wrong with its ring. */
		EXPECT_EQ(t->rx && frontend_is_split(&self->d) ? 0 : t->fault, way->fault) {
			TH_LOG("%s: %s: %s", t->id, t->what, vqueue_fault_name(way->fault));
		}
		/* The other ring is not affected, and a reset repairs this one. */
		if (t->rx)
			ASSERT_EQ(0, frontend_send(&self->d));
		ASSERT_EQ(0, vhost_ring_reset(self->v, ring));
		ASSERT_EQ(0, frontend_send(&self->d));
		EXPECT_EQ(0, way->fault);
		provoke();
		EXPECT_LT(0, vhost_receive(self->v, packet, sizeof(packet), 3000)) {
			TH_LOG("%s: %s: nothing is received", t->id, t->what);
		}
	}
}

/* A chain of one long descriptor, over as many buffers as it takes. */
static bool give_packet(struct vhost *v, const struct row_packet *p)
{
	struct vring_driver *r = &v->queue[VHOST_TX].ring;
	uint8_t *at = v->memory + v->queue[VHOST_TX].buffers;
	uint32_t used;
	int try;

	vnet_encode(&p->h, at, VNET_MERGEABLE);
	memcpy(at + VNET_MERGEABLE, p->frame, p->len);
	vring_describe(&r->desc[5], place(v, VHOST_TX, 0), VNET_MERGEABLE + (uint32_t)p->len, 0, 0);
	if (vring_publish(r, 5, true))
		vhost_kick(v, VHOST_TX);
	for (try = 0; try < 20000; try++) {
		if (vring_collect(r, &used) == 5)
			return used == 0;
		usleep(100);
	}
	return false;
}

/* Rows H1 to H20: sent, or dropped for the right reason, and always returned. */
TEST_F(frontend, packets)
{
	static struct row_packet p;
	struct stat_direction *way;
	size_t i;

	NEEDS(self);
	way = &frontend_stat(&self->d)->way[STAT_TRANSMIT];
	for (i = 0; i < ARRAY_LENGTH(rows); i++) {
		uint64_t taken = way->count[STAT_PACKETS], dropped;
		bool tunnel, without = false;
		size_t e;

		row_packet(&rows[i], &p);
		tunnel = p.h.gso_type & GSO_TUNNEL;
		for (e = 0; e < ARRAY_LENGTH(rows[i].edit); e++)
			without |= rows[i].edit[e].op == OP_WITHOUT;
		/* What is not negotiated is a matter of this host; so are larger headers. */
		if (without || tunnel)
			continue;
		dropped = way->drop[rows[i].drop];
		EXPECT_TRUE(give_packet(self->v, &p)) {
			TH_LOG("%s: %s: not returned", rows[i].id, rows[i].what);
		}
		EXPECT_EQ(taken + !rows[i].drop, way->count[STAT_PACKETS]) {
			TH_LOG("%s: %s", rows[i].id, rows[i].what);
		}
		EXPECT_EQ(dropped + !!rows[i].drop, way->drop[rows[i].drop]) {
			TH_LOG("%s: %s", rows[i].id, rows[i].what);
		}
		EXPECT_EQ(0, way->fault);
	}
	EXPECT_EQ(0, frontend_send(&self->d));
}

/* Row G23: kicks without end and nothing to do.  They are taken together. */
TEST_F(frontend, G23_kick_storm)
{
	struct stat_direction *way;
	unsigned int i;

	NEEDS(self);
	way = &frontend_stat(&self->d)->way[STAT_TRANSMIT];
	for (i = 0; i < 200000; i++)
		eventfd_write(self->v->queue[VHOST_TX].kick, 1u << 30);
	EXPECT_GT(200000, way->count[STAT_KICKS]);
	EXPECT_EQ(0, frontend_send(&self->d));
}

/*
 * Row G24: nobody kicks; at the next event it is seen.  That of the other ring is one only where
 * one thread serves both.
 */
TEST_F(frontend, G24_no_kick)
{
	static const uint8_t packet[VNET_MERGEABLE + 60];
	int try;

	NEEDS(self);
	usleep(100000);
	vhost_publish(self->v, packet, sizeof(packet));
	if (frontend_is_split(&self->d)) {
		provoke();
		usleep(100000);
		EXPECT_EQ(0, vring_used_index(&self->v->queue[VHOST_TX].ring));
		vhost_kick(self->v, VHOST_TX);
	} else {
		provoke();
	}
	for (try = 0; try < 3000 && vring_used_index(&self->v->queue[VHOST_TX].ring) != 1; try++)
		usleep(1000);
	EXPECT_EQ(1, vring_used_index(&self->v->queue[VHOST_TX].ring));
}

/* Row G25: somebody changes everything in the rings while the device is at work. */
static void *flip(void *arg)
{
	struct vhost *v = arg;
	uint8_t *ring = v->memory + v->queue[VHOST_TX].memory;
	uint8_t *tables = v->memory + v->queue[VHOST_TX].buffers;
	uint32_t x = 12345;
	unsigned int i;

	for (i = 0; i < 3000000; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		/* The last byte of an index alone would break it at once. */
		if (i % 4)
			ring[x % (64 * 16)] ^= (uint8_t)(1u << (x >> 20 & 7));
		else
			tables[x % VHOST_BUFFER * 8] ^= (uint8_t)(1u << (x >> 20 & 7));
	}
	return NULL;
}

TEST_F(frontend, G25_flips)
{
	static struct row_packet p;
	unsigned int round = 0;
	pthread_t thread;

	NEEDS(self);
	row_packet(&(struct row){ .base = ROW_UDP4 }, &p);
	ASSERT_EQ(0, pthread_create(&thread, NULL, flip, self->v));
	while (pthread_tryjoin_np(thread, NULL)) {
		struct vring_driver *r = &self->v->queue[VHOST_TX].ring;
		unsigned int i;

		for (i = 0; i < 32; i++)
			vhost_publish(self->v, p.frame, 8000);
		vhost_kick(self->v, VHOST_TX);
		for (i = 0; i < 100 && vring_used_index(r) != r->published; i++)
			sched_yield();
		if (frontend_broke(&self->d, VHOST_TX, 0) || ++round % 64 == 0)
			ASSERT_EQ(0, vhost_ring_reset(self->v, VHOST_TX));
	}
	ASSERT_EQ(0, vhost_ring_reset(self->v, VHOST_TX));
	EXPECT_EQ(0, frontend_send(&self->d));
}

TEST_HARNESS_MAIN
