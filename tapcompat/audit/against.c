// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * against.c - where can machines go?
 */
#include "against.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/stream.h"
#include "explain/explain.h"
#include "ground/bytes.h"
#include "ground/text.h"

const char *audit_go_name(enum audit_go go)
{
	static const char *const names[] = {
		[AUDIT_CAN_GO] = "can-go", [AUDIT_GO_UNKNOWN] = "unknown",
		[AUDIT_CANNOT_GO] = "cannot-go",
	};

	return go < ARRAY_LENGTH(names) ? names[go] : "?";
}

/* ---- Places ---- */

void against_free(struct against *g)
{
	size_t i;

	for (i = 0; i < g->places; i++)
		tapcompat_caps_free(g->place[i].caps);
	free(g->place);
	g->place = NULL;
	g->places = g->room = 0;
}

/* "6.1" of "6.1.0-56-cloud-amd64" */
static void release_of(const char *kernel, char *text, size_t size)
{
	size_t n = strspn(kernel, "0123456789");

	if (kernel[n] == '.')
		n += 1 + strspn(kernel + n + 1, "0123456789");
	text_set(text, size, "%.*s", (int)(n < size ? n : 0), kernel);
}

static void place_of(struct audit_place *p, const struct tapcompat_caps *caps, bool emulated)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	text_set(p->name, sizeof(p->name), "%s", caps->host);
	text_set(p->kernel, sizeof(p->kernel), "%s", caps->kernel);
	release_of(caps->kernel, p->release, sizeof(p->release));
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		p->availability[i] = caps->backend[i].availability;
		p->provided[i] = provided_of(caps, (enum tapcompat_backend_type)i);
		if (emulated)
			provided_add_emulated(&p->provided[i], MASK_ALL);
	}
}

static bool same_place(const struct audit_place *a, const struct audit_place *b)
{
	return !strcmp(a->release, b->release) &&
	       !memcmp(a->availability, b->availability, sizeof(a->availability)) &&
	       !memcmp(a->provided, b->provided, sizeof(a->provided));
}

static struct audit_place *place_new(struct against *g)
{
	size_t room = g->room ? 2 * g->room : 8;
	struct audit_place *list;

	if (g->places == g->room) {
		list = realloc(g->place, room * sizeof(*list));
		if (!list)
			return NULL;
		g->place = list;
		g->room = room;
	}
	return &g->place[g->places++];
}

int against_host(struct against *g, struct tapcompat_caps *caps)
{
	struct audit_place new, *p;
	size_t i;

	place_of(&new, caps, g->emulated);
	for (i = 0; i < g->places; i++)
		if (same_place(&g->place[i], &new)) {
			g->place[i].hosts++;
			g->hosts++;
			tapcompat_caps_free(caps);
			return 0;
		}
	p = g->places < AGAINST_PLACES ? place_new(g) : NULL;
	if (!p) {
		tapcompat_caps_free(caps);
		return g->places < AGAINST_PLACES ? -ENOMEM : -E2BIG;
	}
	*p = new;
	p->caps = caps;
	p->hosts = 1;
	g->hosts++;
	return 0;
}

void against_name(const struct audit_place *p, char *text, size_t size)
{
	if (p->hosts == 1)
		text_set(text, size, "%s (Linux %s)", p->name, p->kernel);
	else
		text_set(text, size, "%lu hosts with Linux %s (such as %s)", p->hosts, p->release,
			 p->name);
}

/* ---- Verdicts ---- */

/* Without vhost-net QEMU does with vhost=on as it does without it, after a warning. */
static enum tapcompat_backend_type backend_there(const struct audit_place *p, enum audit_link link)
{
	if (link == AUDIT_LINK_MACVTAP)
		return TAPCOMPAT_MACVTAP;
	if (link == AUDIT_LINK_TAP ||
	    p->availability[TAPCOMPAT_VHOST_NET] == TAPCOMPAT_UNAVAILABLE)
		return TAPCOMPAT_TAP;
	return TAPCOMPAT_VHOST_NET;
}

static struct audit_verdict verdict_on(const struct audit_place *p, const struct audit_card *card,
				       enum tapcompat_backend_type type)
{
	const struct provided *there = &p->provided[type];
	struct tapcompat_mask decided = features_decided_by(type);
	struct tapcompat_mask held = mask_and(card->held, decided);
	struct tapcompat_mask may = mask_minus(mask_and(audit_may_hold(card), decided), held);
	struct audit_verdict v = {
		.lacks = mask_minus(held, there->possible),
		.doubtful = mask_minus(mask_and(held, there->possible), there->accepted),
		.unsure = mask_minus(may, there->accepted),
		.corrupts = mask_minus(mask_and(held, there->accepted), there->counted),
	};

	if (!mask_empty(&v.lacks))
		v.go = AUDIT_CANNOT_GO;
	else if (!mask_empty(&v.doubtful) || !mask_empty(&v.unsure))
		v.go = AUDIT_GO_UNKNOWN;
	return v;
}

static const char *not_probed(const struct audit_place *p, enum tapcompat_backend_type type)
{
	switch (p->availability[type]) {
	case TAPCOMPAT_AVAILABLE:
		return NULL;
	case TAPCOMPAT_UNAVAILABLE:
		return "the host has no such backend";
	default:
		return "the backend was not probed there: run tapcompat probe on it as root, with "
		       "--load-modules";
	}
}

struct audit_verdict against_card(const struct audit_place *p, const struct audit_card *card)
{
	enum tapcompat_backend_type type = backend_there(p, card->link);
	struct audit_verdict v = { .go = AUDIT_CAN_GO }, tap;

	/* Such a card's features do not depend on the host's kernel. */
	if (!card->virtio || card->link == AUDIT_LINK_OTHER)
		return v;
	v.reason = not_probed(p, type);
	if (v.reason) {
		v.go = AUDIT_GO_UNKNOWN;
		return v;
	}
	v = verdict_on(p, card, type);
	if (card->link != AUDIT_LINK_UNKNOWN || v.go != AUDIT_CANNOT_GO ||
	    type == TAPCOMPAT_TAP)
		return v;
	/* Without vhost-net it may be able to. */
	tap = verdict_on(p, card, TAPCOMPAT_TAP);
	if (tap.go == AUDIT_CANNOT_GO)
		return v;
	v.go = AUDIT_GO_UNKNOWN;
	v.reason = "whether it uses vhost-net is unknown";
	return v;
}

struct audit_verdict against_machine(const struct audit_place *p, const struct audit_machine *m)
{
	struct audit_verdict all = { .go = AUDIT_CAN_GO }, v;
	unsigned int i;

	for (i = 0; i < m->cards; i++) {
		v = against_card(p, &m->card[i]);
		all.go = v.go > all.go ? v.go : all.go;
		all.lacks = mask_or(all.lacks, v.lacks);
		all.doubtful = mask_or(all.doubtful, v.doubtful);
		all.unsure = mask_or(all.unsure, v.unsure);
		all.corrupts = mask_or(all.corrupts, v.corrupts);
		all.reason = all.reason ? all.reason : v.reason;
	}
	return all;
}

/* ---- Counts ---- */

static void count_bits(unsigned long *counts, struct tapcompat_mask mask)
{
	unsigned int bit;

	for (bit = 0; bit < 128; bit++)
		counts[bit] += (unsigned int)tapcompat_mask_test(&mask, bit);
}

static void count_at(struct audit_place *p, const struct audit_machine *m)
{
	struct audit_verdict v = against_machine(p, m);

	p->can += v.go == AUDIT_CAN_GO;
	p->unknown += v.go == AUDIT_GO_UNKNOWN;
	p->cannot += v.go == AUDIT_CANNOT_GO;
	p->corrupted += !mask_empty(&v.corrupts);
	if (v.go == AUDIT_CANNOT_GO)
		count_bits(p->lacks, v.lacks);
	if (v.go == AUDIT_GO_UNKNOWN)
		count_bits(p->unsure, mask_or(v.unsure, v.doubtful));
}

static void count_held(struct against *g, const struct audit_machine *m)
{
	struct tapcompat_mask held = MASK_NONE, may = MASK_NONE;
	unsigned int i;

	for (i = 0; i < m->cards; i++) {
		held = mask_or(held, m->card[i].held);
		may = mask_or(may, audit_may_hold(&m->card[i]));
	}
	count_bits(g->held, held);
	count_bits(g->maybe, mask_minus(may, held));
}

void against_count(struct against *g, const struct audit *a)
{
	size_t i, j;

	for (i = 0; i < a->machines; i++) {
		g->machines++;
		count_held(g, &a->machine[i]);
		for (j = 0; j < g->places; j++)
			count_at(&g->place[j], &a->machine[i]);
	}
}

/* ---- A stream of documents ---- */

static int count_document(struct against *g, const struct stream *doc, const char *name,
		      struct tapcompat_error *error)
{
	struct audit a;
	char place[160];
	int ret;

	text_set(place, sizeof(place), "%.120s: line %lu", name, doc->number);
	audit_init(&a, false);
	ret = audit_parse(&a, doc->text, doc->length, place, doc->number, error);
	if (!ret) {
		against_count(g, &a);
		g->documents++;
	}
	audit_free(&a);
	return ret;
}

int against_read(struct against *g, int fd, const char *name, bool skip_bad,
		 void (*complain)(const char *text), struct tapcompat_error *error)
{
	struct stream doc;
	int ret = stream_open(&doc, fd, AUDIT_MOST), fault = 0;

	while (!ret && !fault && (ret = stream_next(&doc)) > 0) {
		ret = 0;
		fault = count_document(g, &doc, name, error);
		if (fault == -EINVAL && skip_bad) {
			complain(error->text);
			fault = 0;
		}
	}
	if (ret)
		text_set(error->text, sizeof(error->text), "%.120s: %s", name, strerror(-ret));
	stream_close(&doc);
	return ret ? ret : fault;
}

/* ---- What helps ---- */

static enum manager manager_of(const char *name)
{
	static const struct {
		const char *name;
		enum manager manager;
	} managers[] = {
		{ "libvirt", MANAGER_LIBVIRT }, { "kubevirt", MANAGER_KUBEVIRT },
		{ "proxmox", MANAGER_PROXMOX },
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(managers); i++)
		if (!strcmp(managers[i].name, name))
			return managers[i].manager;
	return MANAGER_NONE;
}

unsigned int against_cures(const struct audit_place *p, const struct audit_machine *m,
			   struct tapcompat_mask lacks, char *cure[AGAINST_CURES])
{
	struct situation s = {
		.host = p->caps, .qemu = "", .machine = m->type, .name = "",
		.manager = manager_of(m->manager),
	};
	struct tapcompat_explanation *e = calloc(1, sizeof(*e));
	unsigned int i, n = 0;

	if (!e)
		return 0;
	cure_missing(e, &s, lacks);
	for (i = 0; i < e->cures; i++) {
		if (n < AGAINST_CURES)
			cure[n++] = e->cure[i];
		else
			free(e->cure[i]);
	}
	free(e);
	return n;
}
