// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * look.c - taps as the kernel shows them, in any network namespace
 *
 * A child process enters each namespace, asks over netlink, and writes what it found to a
 * pipe.  So the caller stays where it is, and a kernel that does not answer costs some
 * seconds at most.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"
#include "child.h"
#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "kernel/iface.h"

#define LOOK_PATIENCE 30	/* seconds for all namespaces */

/* A tap to look at, in the order in which the child answers. */
struct wish {
	long pid;		/* whose namespace; 0: the caller's own */
	uint64_t space;
	const char *raw;	/* its name */
	struct audit_tap *tap;
};

struct wishes {
	const struct wish *wish;
	size_t n;
};

/* ---- In the child: the way out ---- */

struct space {
	struct ifaces sockets;
	struct iface *list;
	size_t n;
};

static struct iface *by_index(const struct space *s, int index)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->list[i].index == index)
			return &s->list[i];
	return NULL;
}

static struct iface *by_name(const struct space *s, const char *name)
{
	char safe[AUDIT_WORD];
	size_t i;

	for (i = 0; i < s->n; i++) {
		text_escape(safe, sizeof(safe), s->list[i].name);
		if (!strcmp(safe, name))
			return &s->list[i];
	}
	return NULL;
}

static void ask(struct space *s, struct iface *iface)
{
	if (!iface->has_features)
		iface_ask_features(&s->sockets, iface);
}

static bool is_on_way(const struct audit_tap *tap, const char *name)
{
	unsigned int i;

	for (i = 0; i < tap->steps; i++)
		if (!strcmp(tap->step[i].name, name))
			return true;
	return false;
}

/* Return: the new step's number, or -1 if there is no room or it is there already */
static int step_add(struct space *s, struct audit_tap *tap, struct iface *iface, int from,
		    bool crossed)
{
	struct audit_step *step = &tap->step[tap->steps];
	char safe[AUDIT_WORD];

	text_escape(safe, sizeof(safe), iface->name);
	if (is_on_way(tap, safe))
		return -1;
	if (tap->steps == AUDIT_STEPS) {
		tap->more_steps = true;
		return -1;
	}
	ask(s, iface);
	*step = (struct audit_step){
		.from = from, .mtu = iface->mtu, .crossed = crossed,
		.has_features = iface->has_features, .features = iface->features,
	};
	text_set(step->name, sizeof(step->name), "%s", safe);
	text_escape(step->kind, sizeof(step->kind), iface->kind);
	return (int)tap->steps++;
}

/* Other machines' ports lead to no wire. */
static bool leads_out(const struct iface *port, const struct iface *tap)
{
	return port != tap && !port->is_tun && strcmp(port->kind, "veth");
}

static bool bundles(const struct iface *iface)
{
	return !strcmp(iface->kind, "bond") || !strcmp(iface->kind, "team");
}

/*
 * Steps are in the order in which they were found, so each is looked behind once.  What is
 * behind a bridge are its ports, behind a bond its links, behind a VLAN what it is on.
 */
static void way_out(struct space *s, struct audit_tap *tap, struct iface *start)
{
	struct iface *next = start->master ? by_index(s, start->master) :
			     start->lower && !start->lower_elsewhere ?
			     by_index(s, start->lower) : NULL;
	unsigned int at;
	size_t i;

	if (next)
		step_add(s, tap, next, -1, !start->master);
	for (at = 0; at < tap->steps; at++) {
		struct iface *here = by_name(s, tap->step[at].name);
		bool bridge = here && !tap->step[at].crossed;

		for (i = 0; here && (bridge || bundles(here)) && i < s->n; i++)
			if (s->list[i].master == here->index && leads_out(&s->list[i], start))
				step_add(s, tap, &s->list[i], (int)at, true);
		next = here && here->lower && !here->lower_elsewhere ?
		       by_index(s, here->lower) : NULL;
		if (next && !bridge && strcmp(here->kind, "veth"))
			step_add(s, tap, next, (int)at, true);
	}
}

static void fill(struct space *s, struct audit_tap *tap, struct iface *iface)
{
	const struct iface_tun *t = &iface->tun;

	ask(s, iface);
	tap->seen = true;
	tap->macvtap = !strcmp(iface->kind, "macvtap") || !strcmp(iface->kind, "ipvtap");
	tap->tap = iface->is_tun ? t->tap : tap->macvtap;
	tap->vnet_hdr = t->vnet_hdr;
	tap->multi_queue = t->multi_queue;
	tap->persist = t->persist;
	tap->counted = t->counted;
	tap->queues = t->queues;
	tap->disabled = t->disabled;
	tap->has_owner = t->has_owner;
	tap->owner = t->owner;
	tap->has_group = t->has_group;
	tap->group = t->group;
	/* A macvtap's features are those of the link that it is on. */
	tap->has_features = iface->has_features && iface->is_tun;
	tap->features = iface->features;
	way_out(s, tap, iface);
}

/* ---- In the child: namespaces ---- */

/* Return: 0, or a negative errno with a reason */
static int space_enter(const struct wish *w, char *why, size_t size)
{
	char path[48];
	int fd, ret = 0;

	if (!w->pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/ns/net", w->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		ret = -errno;
	if (fd >= 0)
		close(fd);
	if (ret == -ENOENT)
		text_set(why, size, "process %ld has ended", w->pid);
	else if (ret)
		text_set(why, size, "its network namespace cannot be entered: %s: run it as root",
			 answer_errno(ret));
	return ret;
}

static int space_open(struct space *s, const struct wish *w, char *why, size_t size)
{
	int ret = space_enter(w, why, size);

	memset(s, 0, sizeof(*s));
	if (ret)
		return ret;
	ret = ifaces_open(&s->sockets);
	if (!ret)
		ret = ifaces_dump(&s->sockets, &s->list, &s->n);
	if (ret)
		text_set(why, size, "rtnetlink does not answer: %s", answer_errno(ret));
	return ret;
}

static void space_close(struct space *s)
{
	ifaces_close(&s->sockets);
	free(s->list);
}

/* By its name, or of a macvtap's descriptor by its number. */
static struct iface *find_wish(const struct space *s, const char *name)
{
	return name[0] == '#' ? by_index(s, (int)strtol(name + 1, NULL, 10)) : by_name(s, name);
}

static void child_tap(struct space *s, const struct wish *w, const char *why, int fd)
{
	static struct audit_tap tap;
	struct iface *iface;

	tap = *w->tap;
	iface = *why ? NULL : find_wish(s, tap.name);
	if (iface) {
		text_escape(tap.name, sizeof(tap.name), iface->name);
		if (iface->is_tun || !strcmp(iface->kind, "macvtap"))
			fill(s, &tap, iface);
		else
			text_set(tap.why, sizeof(tap.why), "it is no tap, but %s%s",
				 iface->kind[0] ? "a " : "hardware",
				 iface->kind[0] ? iface->kind : "");
	} else {
		text_set(tap.why, sizeof(tap.why), "%s", *why ? why :
			 w->pid ? "it is not in the network namespace of its process" :
			 "there is no such link in this network namespace");
	}
	child_write(fd, &tap, sizeof(tap));
}

/* Wishes of one namespace follow one another. */
static void child_run(void *arg, int fd)
{
	const struct wishes *all = arg;
	const struct wish *wish = all->wish;
	char why[AUDIT_NOTE] = "";
	struct space s;
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (!i || wish[i].space != wish[i - 1].space) {
			if (i)
				space_close(&s);
			why[0] = '\0';
			space_open(&s, &wish[i], why, sizeof(why));
		}
		child_tap(&s, &wish[i], why, fd);
	}
}

/* ---- In the parent ---- */

/* Return: 0, or a negative errno if there is no child */
static int look_run(const struct wish *wish, size_t n)
{
	struct wishes all = { wish, n };
	static struct audit_tap tap;
	struct child c;
	bool alive = true;
	size_t i;
	int ret = child_start(&c, child_run, &all, LOOK_PATIENCE);

	if (ret)
		return ret;
	for (i = 0; i < n; i++) {
		alive = alive && child_read(&c, &tap, sizeof(tap));
		if (alive)
			*wish[i].tap = tap;
		else
			text_set(wish[i].tap->why, sizeof(wish[i].tap->why),
				 "the kernel did not answer in %d seconds", LOOK_PATIENCE);
	}
	child_end(&c);
	return 0;
}

static int wish_order(const void *a, const void *b)
{
	const struct wish *x = a, *y = b;

	/* The caller's own namespace first: the child cannot return to it. */
	if (!x->pid != !y->pid)
		return !x->pid ? -1 : 1;
	return x->space < y->space ? -1 : x->space > y->space;
}

static uint64_t own_space(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

static size_t wishes_of(struct audit *a, struct wish *wish)
{
	uint64_t own = own_space();
	size_t i, n = 0;
	unsigned int j;

	for (i = 0; i < a->machines; i++) {
		struct audit_machine *m = &a->machine[i];

		for (j = 0; j < m->cards; j++)
			if (m->card[j].tap && m->pid)
				wish[n++] = (struct wish){
					.pid = m->space && m->space == own ? 0 : m->pid,
					.space = m->space, .tap = m->card[j].tap,
				};
	}
	for (i = 0; i < a->taps; i++)
		wish[n++] = (struct wish){ .space = own, .tap = &a->tap[i] };
	qsort(wish, n, sizeof(*wish), wish_order);
	return n;
}

/* What the kernel's view says of the features. */
static void cards_settle(struct audit *a)
{
	size_t i;
	unsigned int j;

	for (i = 0; i < a->machines; i++)
		for (j = 0; j < a->machine[i].cards; j++) {
			struct audit_card *card = &a->machine[i].card[j];

			/* Off says nothing: a guest may switch off what it has acked. */
			if (card->tap && card->tap->seen && card->tap->has_features && card->virtio)
				audit_evidence(card, AUDIT_KERNEL, audit_tap_offloads(card->tap),
					       MASK_NONE, "offloads of the tap");
		}
}

int audit_look(struct audit *a)
{
	size_t most = a->taps, i;
	struct wish *wish;
	int ret = 0;

	for (i = 0; i < a->machines; i++)
		most += a->machine[i].cards;
	wish = calloc(most + 1, sizeof(*wish));
	if (!wish)
		return -ENOMEM;
	most = wishes_of(a, wish);
	if (most)
		ret = look_run(wish, most);
	free(wish);
	if (ret) {
		audit_note(a, "taps could not be looked at: %s", answer_errno(ret));
		ret = ret == -ENOMEM ? ret : 0;
	}
	cards_settle(a);
	return ret;
}
