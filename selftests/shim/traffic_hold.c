// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_hold.c - received data that has not been read yet
 *
 * The memory of a guest's programs was written by the guest's CPU.  Data written by a
 * device is in the pages of its receive buffers, until a program reads it.  A device that
 * forgets to log a page as dirty is only detected if that page stays unread while the guest
 * migrates.  So the guest keeps megabytes in its sockets: it reads the bytes of a connection
 * when those of all others have been replaced.  Data read goes to a big circular buffer,
 * each part of which is checked again before it is overwritten.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "traffic.h"

#define HOLDERS 4
#define HOLD_BYTES (6 << 20)
#define HOLD_PARTS 11		/* of the big buffer: 66 MiB */
#define HOLD_BUFFER (64 << 20)	/* room for the overhead of small pieces */
#define HOLD_PAUSE 150		/* ms */

struct holder {
	int fd[HOLDERS];
	uint64_t waiting[HOLDERS];	/* seeds of unread data, 0: none */
	uint64_t kept[HOLD_PARTS];	/* seeds of the data in the buffer */
	char *buffer;
	unsigned int part;
};

static bool hold_check(struct answer *a, const char *data, uint64_t seed, const char *where)
{
	size_t good = pattern_check(data, seed, 0, HOLD_BYTES);

	if (good == HOLD_BYTES)
		return true;
	a->failed = 1;
	snprintf(a->says, sizeof(a->says), "%s: byte %zu of %d is wrong", where, good,
		 HOLD_BYTES);
	return false;
}

/* Read the unread data of a connection over the oldest part of the buffer. */
static void hold_take(struct holder *h, unsigned int which, struct answer *a)
{
	char *to = h->buffer + (size_t)h->part * HOLD_BYTES;
	uint64_t seed = h->waiting[which];

	if (!seed || (h->kept[h->part] &&
		      !hold_check(a, to, h->kept[h->part], "the guest's own memory")))
		return;
	errno = ECONNRESET;
	if (!wire_read(h->fd[which], to, HOLD_BYTES))
		die("what a connection holds");
	h->kept[h->part] = seed;
	h->waiting[which] = 0;
	if (hold_check(a, to, seed, "what a device wrote"))
		a->got++;
	h->part = (h->part + 1) % HOLD_PARTS;
}

/* Connections may arrive in another order than they were made. */
static void hold_accept(struct holder *h, int listener)
{
	uint32_t which = HOLDERS;
	int fd = accept(listener, NULL, NULL);

	if (fd < 0 || !wire_read(fd, &which, sizeof(which)) || which >= HOLDERS)
		die("accept connection %u", which);
	h->fd[which] = fd;
}

static void hold_open(struct holder *h, struct link *l)
{
	struct answer a = { 0 };
	int i, listener = wire_socket(l, SOCK_STREAM, &a.port);

	h->buffer = malloc((size_t)HOLD_PARTS * HOLD_BYTES);
	/* Connections inherit it, and with it the window, from the listener. */
	wire_buffer(listener, HOLD_BUFFER);
	if (!h->buffer || listen(listener, HOLDERS))
		die("listen");
	wire_write(l->fd, &a, sizeof(a));
	for (i = 0; i < HOLDERS; i++)
		hold_accept(h, listener);
	close(listener);
}

void hold_serve(struct link *l, const struct order *unused)
{
	struct holder h = { 0 };
	struct answer a = { 0 };
	struct order turn = { .kind = ORDER_HOLD_TURN };
	unsigned int i;

	hold_open(&h, l);
	while (turn.kind == ORDER_HOLD_TURN && next_order(l, &turn)) {
		for (i = 0; i < HOLDERS && turn.kind == ORDER_END; i++)
			hold_take(&h, i, &a);
		if (turn.kind == ORDER_HOLD_TURN) {
			hold_take(&h, turn.count % HOLDERS, &a);
			h.waiting[turn.count % HOLDERS] = turn.seed;
		}
		wire_write(l->fd, &a, sizeof(a));
	}
	for (i = 0; i < HOLDERS; i++)
		close(h.fd[i]);
	free(h.buffer);
}

/* Wait until the guest has received all of it. */
static void hold_fill(int fd, uint64_t seed)
{
	static char data[HOLD_BYTES];
	int waiting = 1;

	pattern_fill(data, seed, 0, sizeof(data));
	wire_write(fd, data, sizeof(data));
	while (!ioctl(fd, SIOCOUTQ, &waiting) && waiting)
		usleep(10 * 1000);
}

void hold_flow(struct link *l, struct flow *f)
{
	struct order o = { .kind = ORDER_SOAK_HOLD, .seed = (uint64_t)getpid() << 20 };
	uint32_t port = ask(l, &o).port;
	struct answer a = { 0 };
	int fd[HOLDERS];
	uint32_t i;

	for (i = 0; i < HOLDERS; i++) {
		fd[i] = wire_connect(l, port);
		wire_write(fd[i], &i, sizeof(i));
	}
	o.kind = ORDER_HOLD_TURN;
	for (; !*soak_stop && !a.failed; o.count++) {
		o.seed++;
		a = ask(l, &o);
		hold_fill(fd[o.count % HOLDERS], o.seed);
		f->moved = a.got;
		soak_fail(f, &a);
		usleep(HOLD_PAUSE * 1000);
	}
	/* Data still held is read and checked. */
	o.kind = ORDER_END;
	a = ask(l, &o);
	soak_fail(f, &a);
}
