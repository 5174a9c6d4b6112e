// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_run.c - all cases, over IPv4 and IPv6, in both directions
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "traffic.h"

/* A lost datagram is not an error, unless it is lost five times in a row. */
#define TRIES 5

/* Connections of a stream case: the kernel spreads them over the queues of a device. */
#define CONNECTIONS 5

/* Per family: the payload of a full frame, the longest datagram, and the longest one whose
 * super-packet is below 64 KiB including its Ethernet header. */
#define FULL 100001
#define LONGEST 100002
#define LONGEST_WHOLE 100003

static const struct shape {
	const char *name;
	uint32_t gso, length, count;
} shapes[] = {
	{ "equal segments", 1448, 1448 * 40, 2 },
	{ "a short tail", 1200, 1200 * 20 + 517, 2 },
	{ "a tail of one byte", 1000, 1001, 4 },
	{ "one segment", 1400, 1400, 4 },
	{ "less than a segment", 1400, 900, 4 },
	{ "the most segments", 500, 500 * 128, 2 },
	{ "the most segments, of one byte", 1, 128, 2 },
	{ "odd sizes", 1001, 1001 * 31 + 7, 3 },
	{ "small odd sizes", 7, 703, 2 },
	{ "full frames, the longest", FULL, LONGEST, 2 },
	{ "full frames, the longest in one piece", FULL, LONGEST_WHOLE, 2 },
	{ "a burst", 1448, 1448 * 43, 8 },
	{ "plain, small", 0, 18, 16 },
	{ "plain, one byte", 0, 1, 4 },
	{ "plain, empty", 0, 0, 4 },
	{ "plain, full frames", 0, FULL, 16 },
	{ "plain, in fragments", 0, 20000, 4 },
};

static const struct {
	const char *name;
	uint64_t bytes, back;
} streams[] = {
	{ "TCP to the guest", 1200007, 0 },
	{ "TCP from the guest", 0, 1200007 },
	{ "TCP both ways", 800011, 800011 },
};

static struct {
	unsigned int cases, failed;
	unsigned long long lost;
} total;

static uint32_t of_family(uint32_t size, bool v4)
{
	switch (size) {
	case FULL:	return v4 ? 1472 : 1452;
	case LONGEST:	return v4 ? 65507 : 65527;
	case LONGEST_WHOLE: return v4 ? 65493 : 65473;
	default:	return size;
	}
}

/* Seeds differ by two: a stream uses one per direction. */
static uint64_t new_seed(void)
{
	static uint64_t seed;

	if (!seed)
		seed = (uint64_t)getpid() << 32;
	return seed += 2;
}

static const char *only = "";

/* Names as in the report, from the protocol on. */
static bool wanted(const char *name, const char *how)
{
	char both[128];

	snprintf(both, sizeof(both), "%s%s", name, how);
	return strstr(both, only);
}

static void report(const struct link *l, const char *name, const char *how,
		   const struct answer *a, unsigned long long lost)
{
	total.cases++;
	total.failed += a->failed != 0;
	total.lost += lost;
	printf("%s IPv%d, %s%s", a->failed ? "not ok" : "ok",
	       l->peer.ss_family == AF_INET ? 4 : 6, name, how);
	if (a->failed)
		printf(": %s", a->says);
	else if (lost)
		printf(" (%llu lost and sent again)", lost);
	printf("\n");
	fflush(stdout);
}

static struct answer try_shape(struct link *l, struct order o, bool to_guest,
			       unsigned long long *lost)
{
	struct answer a = { 0 };
	int try;

	for (try = 0; try < TRIES; try++) {
		o.seed = new_seed();
		a = to_guest ? udp_to_guest(l, o) : udp_from_guest(l, o);
		if (a.failed || !a.lost)
			return a;
		*lost += a.lost;
	}
	a.failed = 1;
	snprintf(a.says, sizeof(a.says), "%d times in a row some were lost, at last %llu of %llu",
		 TRIES, (unsigned long long)a.lost, (unsigned long long)(a.got + a.lost));
	return a;
}

static void run_shape(struct link *l, const struct shape *s, bool to_guest)
{
	bool v4 = l->peer.ss_family == AF_INET;
	struct order o = { .gso = of_family(s->gso, v4), .length = of_family(s->length, v4),
			   .count = s->count };
	const char *direction = to_guest ? "UDP to the guest: " : "UDP from the guest: ";
	unsigned long long lost = 0;
	struct answer a;

	if (!wanted(direction, s->name))
		return;
	for (o.gro = 0; o.gro < 2; o.gro++) {
		a = try_shape(l, o, to_guest, &lost);
		if (!a.failed)
			continue;
		if (o.gro)
			strncat(a.says, ", with UDP_GRO", sizeof(a.says) - strlen(a.says) - 1);
		break;
	}
	report(l, direction, s->name, &a, lost);
}

static void run_stream(struct link *l, unsigned int i)
{
	struct order o = { .bytes = streams[i].bytes, .back = streams[i].back };
	struct answer a = { 0 };
	int n;

	if (!wanted(streams[i].name, ""))
		return;
	for (n = 0; n < CONNECTIONS && !a.failed; n++) {
		o.seed = new_seed();
		a = tcp_case(l, o);
	}
	report(l, streams[i].name, "", &a, 0);
}

static void run_address(const char *address)
{
	struct link l = { 0 };
	unsigned int i;

	link_open(&l, address);
	for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		run_shape(&l, &shapes[i], true);
	for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		run_shape(&l, &shapes[i], false);
	for (i = 0; i < sizeof(streams) / sizeof(*streams); i++)
		run_stream(&l, i);
	close(l.fd);
}

int run_cases(const char *part, int addresses, char **address)
{
	int i;

	only = part;
	for (i = 0; i < addresses; i++)
		run_address(address[i]);
	printf("traffic: %u cases, %u failed, %llu datagrams lost and sent again\n",
	       total.cases, total.failed, total.lost);
	return total.failed || !total.cases;
}
