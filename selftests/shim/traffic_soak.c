// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_soak.c - continuous traffic while something happens to the guest
 *
 * Each flow is a process with its own control connection.  A wrong byte, or a datagram
 * that arrives twice, is an error whatever happens to the guest.  Lost datagrams are not,
 * because the guest is stopped or migrated; late ones are not if a flow may change its
 * queue.  These are counted.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

#define SOAK_PAUSE 4		/* ms between two super-packets */
#define SOAK_ROOM 65536
#define SOAK_DEADLINE 60	/* seconds that flows have to come to their end */
#define MAX_FLOWS 16
#define FLOOD_PORT 9

/* At the head of each datagram.  The rest is the pattern, at number << 16. */
struct mark {
	uint64_t number;
	uint32_t size, unused;
};

volatile bool *soak_stop;

/* Sizes with different remainders. */
static const struct {
	uint32_t gso, length;
} kinds[] = {
	{ 1400, 1400 * 10 }, { 1448, 1448 * 20 + 300 }, { 600, 600 * 64 }, { 1000, 1000 },
	{ 1333, 1333 * 3 + 17 }, { 1452, 1452 * 44 },
};

/* The number of datagrams in the super-packet that begins with that datagram. */
static unsigned int soak_send(int fd, const struct sockaddr_storage *to, uint64_t seed,
			      uint64_t number)
{
	unsigned int kind = number % (sizeof(kinds) / sizeof(*kinds)), i = 0;
	uint32_t gso = kinds[kind].gso, length = kinds[kind].length, at, size;
	struct mark mark = { 0 };
	char data[SOAK_ROOM];

	for (at = 0; at < length; at += size, i++) {
		size = length - at < gso ? length - at : gso;
		mark.number = number + i;
		mark.size = size;
		memcpy(data + at, &mark, sizeof(mark));
		pattern_fill(data + at + sizeof(mark), seed, mark.number << 16,
			     size - sizeof(mark));
	}
	udp_send(fd, to, data, length, gso);
	return i;
}

/* Datagrams received, by number; the last ones are remembered individually. */
struct arrivals {
	uint64_t next;
	uint64_t seen[8192];	/* 1 + number, at number modulo size */
};

static void soak_count(struct answer *a, struct arrivals *v, uint64_t number)
{
	uint64_t *seen = &v->seen[number % (sizeof(v->seen) / sizeof(*v->seen))];

	if (*seen == number + 1) {
		a->failed = 1;
		snprintf(a->says, sizeof(a->says), "datagram %" PRIu64 " came twice", number);
		return;
	}
	*seen = number + 1;
	a->got++;
	if (number < v->next) {
		a->late++;
		a->lost--;
		return;
	}
	a->lost += number - v->next;
	v->next = number + 1;
}

static void soak_judge(struct answer *a, uint64_t seed, struct arrivals *v, const char *data,
		       size_t n)
{
	struct mark mark = { 0 };
	size_t rest = n < sizeof(mark) ? 0 : n - sizeof(mark);

	memcpy(&mark, data, n - rest);
	if (mark.size == n && rest &&
	    pattern_check(data + sizeof(mark), seed, mark.number << 16, rest) == rest) {
		soak_count(a, v, mark.number);
		return;
	}
	a->failed = 1;
	snprintf(a->says, sizeof(a->says), "a wrong datagram of %zu bytes, number %" PRIu64
		 " of size %u behind number %" PRIu64, n, mark.number, mark.size, v->next);
}

static void soak_receive(int fd, struct answer *a, uint64_t seed, struct arrivals *v)
{
	char data[SOAK_ROOM];
	size_t n, each, at;

	n = udp_receive(fd, data, sizeof(data), &each);
	for (at = 0; at < n; at += each)
		soak_judge(a, seed, v, data + at, n - at < each ? n - at : each);
}

void soak_serve_send(struct link *l, const struct order *o)
{
	struct sockaddr_storage to = wire_to(l, o->port);
	int fd = wire_socket(l, SOCK_DGRAM, NULL);
	struct answer a = { 0 };
	struct order end;

	wire_write(l->fd, &a, sizeof(a));
	while (!wire_readable(l->fd, SOAK_PAUSE))
		a.got += soak_send(fd, &to, o->seed, a.got);
	if (next_order(l, &end))
		wire_write(l->fd, &a, sizeof(a));
	close(fd);
}

void soak_serve_receive(struct link *l, const struct order *o)
{
	static struct arrivals arrivals;
	struct answer a = { 0 };
	struct order more = { .kind = ORDER_SOAK_COUNT };
	int fd = udp_receiver(l, true, &a.port);

	wire_write(l->fd, &a, sizeof(a));
	while (more.kind == ORDER_SOAK_COUNT) {
		while (wire_readable(fd, 20) && !wire_readable(l->fd, 0))
			soak_receive(fd, &a, o->seed, &arrivals);
		if (!wire_readable(l->fd, 0))
			continue;
		if (!wire_read(l->fd, &more, sizeof(more)))
			break;
		wire_write(l->fd, &a, sizeof(a));
	}
	close(fd);
}

void soak_fail(struct flow *f, const struct answer *a)
{
	f->lost = a->lost;
	f->late = a->late;
	if (f->failed || !a->failed)
		return;
	f->failed = true;
	memcpy(f->says, a->says, sizeof(f->says));
}

/* Keeps sending while it waits for an answer, so that the guest's queue is never idle. */
static void flow_to_guest(struct link *l, struct flow *f)
{
	struct order o = { .kind = ORDER_SOAK_UDP_RECEIVE, .seed = getpid() };
	struct order count = { .kind = ORDER_SOAK_COUNT }, end = { .kind = ORDER_END };
	struct sockaddr_storage to = wire_to(l, ask(l, &o).port);
	int fd = wire_socket(l, SOCK_DGRAM, NULL);
	uint64_t number = 0;
	struct answer a = { 0 };

	while (!*soak_stop) {
		wire_write(l->fd, &count, sizeof(count));
		do {
			number += soak_send(fd, &to, o.seed, number);
		} while (!wire_readable(l->fd, SOAK_PAUSE));
		errno = ECONNRESET;
		if (!wire_read(l->fd, &a, sizeof(a)))
			die("no answer to UDP to the guest");
		f->moved = a.got;
		soak_fail(f, &a);
		usleep(SOAK_PAUSE * 1000);
	}
	a = ask(l, &end);
	a.lost += number - a.got - a.lost;
	soak_fail(f, &a);
}

static void flow_from_guest(struct link *l, struct flow *f)
{
	struct order o = { .kind = ORDER_SOAK_UDP_SEND, .seed = getpid() };
	struct order end = { .kind = ORDER_END };
	int fd = udp_receiver(l, true, &o.port);
	static struct arrivals arrivals;
	struct answer a = { 0 };
	bool more = true;

	ask(l, &o);
	do {
		if (*soak_stop && more) {
			end.bytes = ask(l, &end).got;
			more = false;
		}
		while (wire_readable(fd, 300) && (!more || !*soak_stop)) {
			soak_receive(fd, &a, o.seed, &arrivals);
			f->moved = a.got;
		}
		soak_fail(f, &a);
	} while (more);
	a.lost = end.bytes - a.got;
	soak_fail(f, &a);
}

/* Ends when told to, and then the guest's end, too. */
static void stream_watch(struct stream *s, void *context)
{
	struct flow *f = context;

	f->moved = s->got < s->sent ? s->got : s->sent;
	if (*soak_stop)
		s->limit = s->sent;
}

/* If one end fails, the other only sees a closed connection. */
static void flow_tcp(struct link *l, struct flow *f)
{
	struct order o = { .kind = ORDER_TCP, .seed = (uint64_t)getpid() << 8,
			   .bytes = UINT64_MAX, .back = UINT64_MAX };
	struct stream s = { .limit = UINT64_MAX, .tx_seed = o.seed, .rx_seed = o.seed + 1,
			    .pause = 1000, .step = stream_watch, .context = f };
	struct answer here = { 0 }, there;

	s.fd = wire_connect(l, ask(l, &o).port);
	here.failed = !stream_run(&s);
	memcpy(here.says, s.says, sizeof(here.says));
	close(s.fd);
	errno = ECONNRESET;
	if (!wire_read(l->fd, &there, sizeof(there)))
		die("no answer about TCP: %s", here.says);
	soak_fail(f, there.failed ? &there : &here);
}

static const struct {
	const char *name;
	void (*run)(struct link *l, struct flow *f);
} flow_kinds[] = {
	{ "TCP both ways", flow_tcp },
	{ "UDP to the guest", flow_to_guest },
	{ "UDP from the guest", flow_from_guest },
	{ "held", hold_flow },
};

#define KINDS (int)(sizeof(flow_kinds) / sizeof(*flow_kinds))

/* Ends with its parent. */
static pid_t flow_start(int kind, const char *address, struct flow *f)
{
	struct link l = { 0 };
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	link_open(&l, address);
	flow_kinds[kind].run(&l, f);
	exit(f->failed);
}

/* A turn is over when every flow made progress since the last one. */
static bool all_moved(struct flow *flows, uint64_t *before, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (flows[i].moved == before[i])
			return false;
	for (i = 0; i < n; i++)
		before[i] = flows[i].moved;
	return true;
}

/* Sent without a receiver or answers, so that it continues whatever happens to the guest. */
int flood(const char *address)
{
	struct link l = { 0 };
	struct sockaddr_storage to;
	uint64_t number = 0;
	int fd;

	if (!link_address(&l, address))
		return 2;
	to = wire_to(&l, FLOOD_PORT);
	fd = wire_socket(&l, SOCK_DGRAM, NULL);
	for (;;) {
		number += soak_send(fd, &to, 1, number);
		usleep(SOAK_PAUSE * 1000);
	}
}

static void stop_soak(int signal)
{
	*soak_stop = true;
}

/* A line for each turn, so that tests can wait until traffic flows again. */
static void watch(struct flow *flows, int n, int seconds)
{
	uint64_t before[MAX_FLOWS] = { 0 };
	time_t end = time(NULL) + seconds;
	unsigned int turns = 0;
	int i;

	while (!*soak_stop && (!seconds || time(NULL) < end)) {
		usleep(100 * 1000);
		for (i = 0; i < n; i++)
			*soak_stop |= flows[i].failed;
		if (!all_moved(flows, before, n))
			continue;
		printf("moved %u\n", ++turns);
		fflush(stdout);
	}
	*soak_stop = true;
}

static void too_late(int signal)
{
	errno = ETIMEDOUT;
	die("flows do not end");
}

/* Exit status of the flows: 0 if all succeeded. */
static int gather(pid_t *pids, int n)
{
	int i, status, bad = 0;

	signal(SIGALRM, too_late);
	alarm(SOAK_DEADLINE);
	for (i = 0; i < n; i++)
		if (waitpid(pids[i], &status, 0) < 0 || status)
			bad = 1;
	return bad;
}

static bool soak_report(const struct flow *f, const char *name, const char *address)
{
	bool ok = f->moved && !f->failed;

	printf("%s %s, %s: %" PRIu64 " moved, %" PRIu64 " lost, %" PRIu64 " late%s%s\n",
	       ok ? "ok" : "not ok", address, name, f->moved, f->lost, f->late,
	       f->failed ? ": " : "", f->says);
	return ok;
}

static struct flow *shared_flows(int n)
{
	size_t size = n * sizeof(struct flow) + sizeof(*soak_stop);
	struct flow *flows = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (flows == MAP_FAILED)
		die("shared memory");
	soak_stop = (volatile bool *)&flows[n];
	return flows;
}

int soak(int seconds, int addresses, char **address)
{
	int i, n = addresses * KINDS, failed = 0;
	pid_t pids[MAX_FLOWS];
	struct flow *flows;
	bool bad;

	errno = E2BIG;
	if (n > MAX_FLOWS)
		die("%d addresses", addresses);
	flows = shared_flows(n);
	signal(SIGTERM, stop_soak);
	signal(SIGINT, stop_soak);
	for (i = 0; i < n; i++)
		pids[i] = flow_start(i % KINDS, address[i / KINDS], &flows[i]);
	watch(flows, n, seconds);
	bad = gather(pids, n);
	for (i = 0; i < n; i++)
		failed += !soak_report(&flows[i], flow_kinds[i % KINDS].name, address[i / KINDS]);
	failed += bad && !failed;
	printf("traffic: %d flows, %d failed\n", n, failed);
	return failed != 0;
}
