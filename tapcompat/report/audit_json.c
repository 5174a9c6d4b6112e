// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * audit_json.c - an audit as a document
 */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "document/document.h"
#include "table/bit.h"
#include "table/feature.h"

static void put_text(struct document *d, json_t *o, const char *key, const char *text)
{
	if (text[0])
		put(d, o, key, json_string(text));
}

static void put_number(struct document *d, json_t *o, const char *key, long n)
{
	if (n >= 0)
		put(d, o, key, json_integer(n));
}

/* ---- Taps ---- */

static json_t *tap_way(struct document *d, const struct audit_tap *t)
{
	json_t *list = json_array(), *o;
	unsigned int i;

	for (i = 0; i < t->steps; i++) {
		const struct audit_step *s = &t->step[i];

		o = json_object();
		put(d, o, "device", json_string(s->name));
		put_text(d, o, "kind", s->kind);
		if (s->from >= 0)
			put(d, o, "behind", json_string(t->step[s->from].name));
		put(d, o, "mtu", json_integer(s->mtu));
		put(d, o, "segments", json_boolean(s->crossed));
		append(d, list, o);
	}
	return list;
}

/* Where each kind of super-packet is cut, by the device at the end of the way. */
static json_t *tap_cuts(struct document *d, const struct audit_tap *t)
{
	json_t *list = json_array(), *o;
	unsigned int i, kind;
	int at;

	for (i = 0; i < t->steps; i++) {
		if (!audit_tap_ends(t, i))
			continue;
		for (kind = 0; kind < AUDIT_PACKETS; kind++) {
			const char *name = audit_packet_name((enum audit_packet)kind);

			at = audit_tap_cut(t, i, (enum audit_packet)kind);
			o = json_object();
			put(d, o, "to", json_string(t->step[i].name));
			put(d, o, "packet", json_string(name));
			put(d, o, "cut-at", at < 0 ? json_null() : json_string(t->step[at].name));
			put(d, o, "known", json_boolean(at != -2));
			append(d, list, o);
		}
	}
	return list;
}

static json_t *tap_meets(struct document *d, const struct audit_tap *t)
{
	json_t *list = json_array();
	char text[AUDIT_NOTE];
	unsigned int i;

	for (i = 0; audit_tap_meets(t, i, text, sizeof(text)); i++)
		append(d, list, json_string(text));
	return list;
}

static void put_tun(struct document *d, json_t *o, const struct audit_tap *t)
{
	put(d, o, "multi-queue", json_boolean(t->multi_queue));
	put(d, o, "vnet-hdr", json_boolean(t->vnet_hdr));
	put(d, o, "persist", json_boolean(t->persist));
	if (t->counted) {
		put(d, o, "queues", json_integer(t->queues));
		put(d, o, "disabled-queues", json_integer(t->disabled));
		put(d, o, "attached", json_boolean(t->queues || t->disabled));
	}
	if (t->has_owner)
		put(d, o, "owner", json_integer(t->owner));
	if (t->has_group)
		put(d, o, "group", json_integer(t->group));
	if (t->has_features)
		put(d, o, "offloads", json_names(d, audit_tap_offloads(t)));
	put(d, o, "qemu", tap_meets(d, t));
}

static json_t *tap_json(struct document *d, const struct audit_tap *t)
{
	json_t *o = json_object();

	put(d, o, "name", json_string(t->name));
	put(d, o, "seen", json_boolean(t->seen));
	if (!t->seen) {
		put_text(d, o, "detail", t->why);
		return o;
	}
	put(d, o, "type", json_string(t->macvtap ? "macvtap" : t->tap ? "tap" : "tun"));
	if (!t->macvtap)
		put_tun(d, o, t);
	put(d, o, "way", tap_way(d, t));
	put(d, o, "cuts", tap_cuts(d, t));
	return o;
}

/* ---- Cards ---- */

static json_t *card_features(struct document *d, const struct audit_card *card)
{
	json_t *list = json_array(), *o;
	const struct tapcompat_feature *f;
	enum audit_source source;

	for_each_feature(f) {
		source = audit_rests_on(card, f->bit);
		o = json_object();
		put(d, o, "name", json_string(f->name));
		put(d, o, "bit", json_integer(f->bit));
		put(d, o, "state", json_string(audit_state_name(audit_state(card, f->bit))));
		if (source != AUDIT_SOURCES)
			put(d, o, "evidence", json_string(audit_source_name(source)));
		append(d, list, o);
	}
	return list;
}

static json_t *card_evidence(struct document *d, const struct audit_card *card)
{
	json_t *list = json_array(), *o;
	unsigned int i;

	for (i = 0; i < AUDIT_SOURCES; i++) {
		const struct audit_evidence *e = &card->evidence[i];

		if (!e->present)
			continue;
		o = json_object();
		put(d, o, "source", json_string(audit_source_name((enum audit_source)i)));
		put(d, o, "held", json_mask(e->held));
		put(d, o, "not-held", json_mask(e->not_held));
		put_text(d, o, "detail", e->detail);
		append(d, list, o);
	}
	return list;
}

static json_t *card_nic(struct document *d, const struct audit_nic *nic)
{
	json_t *o = json_object();

	put_number(d, o, "host-mtu", nic->host_mtu);
	put_number(d, o, "queue-pairs", nic->queue_pairs);
	put_number(d, o, "rx-queue-size", nic->rx_queue_size);
	put_number(d, o, "tx-queue-size", nic->tx_queue_size);
	if (nic->failover >= 0)
		put(d, o, "failover", json_boolean(nic->failover));
	return o;
}

static void put_cures(struct document *d, json_t *o, const struct audit_place *p,
		      const struct audit_machine *m, struct tapcompat_mask lacks)
{
	char *cure[AGAINST_CURES];
	unsigned int i, n = against_cures(p, m, lacks, cure);
	json_t *list = json_array();

	for (i = 0; i < n; i++) {
		append(d, list, json_string(cure[i]));
		free(cure[i]);
	}
	put(d, o, "remedies", list);
}

static const char not_held_or[] =
	"whether the card holds these features is unknown, and the host lacks them";
static const char not_there_or[] = "whether the host has these features is unknown";

static json_t *verdict_json(struct document *d, const struct audit_place *p,
			    const struct audit_machine *m, const struct audit_card *card)
{
	struct audit_verdict v = against_card(p, card);
	json_t *o = json_object();
	char name[400];

	against_name(p, name, sizeof(name));
	put(d, o, "host", json_string(name));
	put(d, o, "verdict", json_string(audit_go_name(v.go)));
	if (v.go == AUDIT_CANNOT_GO)
		put(d, o, "features", json_names(d, v.lacks));
	if (v.go == AUDIT_GO_UNKNOWN)
		put(d, o, "features", json_names(d, mask_or(v.unsure, v.doubtful)));
	if (!mask_empty(&v.corrupts))
		put(d, o, "corrupted", json_names(d, v.corrupts));
	if (v.reason)
		put(d, o, "reason", json_string(v.reason));
	else if (v.go == AUDIT_GO_UNKNOWN)
		put(d, o, "reason", json_string(mask_empty(&v.doubtful) ? not_held_or :
						not_there_or));
	if (v.go == AUDIT_CANNOT_GO)
		put_cures(d, o, p, m, v.lacks);
	return o;
}

static void put_verdicts(struct document *d, json_t *o, const struct audit_machine *m,
			 const struct audit_card *card, const struct against *g)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < g->places; i++)
		append(d, list, verdict_json(d, &g->place[i], m, card));
	put(d, o, "verdicts", list);
}

static json_t *card_json(struct document *d, const struct audit_machine *m,
			 const struct audit_card *card, const struct against *g)
{
	json_t *o = json_object();

	put_text(d, o, "alias", card->alias);
	put_text(d, o, "netdev", card->netdev);
	put_text(d, o, "model", card->model);
	put_text(d, o, "mac", card->mac);
	put_text(d, o, "path", card->path);
	if (card->tap)
		put(d, o, "tap", json_string(card->tap->name));
	put(d, o, "backend", json_string(audit_link_name(card->link)));
	put(d, o, "virtio", json_boolean(card->virtio));
	put(d, o, "mask", json_mask(card->held));
	put(d, o, "known", json_mask(mask_or(card->held, card->not_held)));
	if (!mask_empty(&card->disputed))
		put(d, o, "disputed", json_mask(card->disputed));
	if (card->virtio)
		put(d, o, "features", card_features(d, card));
	put(d, o, "evidence", card_evidence(d, card));
	if (card->evidence[AUDIT_RECORD].present)
		put(d, o, "record", json_string(m->record));
	put(d, o, "nic", card_nic(d, &card->nic));
	/* One that was read from a document was never looked at. */
	if (card->tap && m->pid && (card->tap->seen || card->tap->why[0]))
		put(d, o, "tap-state", tap_json(d, card->tap));
	if (g && g->places)
		put_verdicts(d, o, m, card, g);
	return o;
}

/* ---- Machines ---- */

static json_t *machine_json(struct document *d, const struct audit_machine *m,
			    const struct against *g)
{
	json_t *o = json_object(), *list = json_array();
	unsigned int i;

	put(d, o, "name", json_string(m->name));
	put_text(d, o, "uuid", m->uuid);
	if (m->pid)
		put(d, o, "pid", json_integer(m->pid));
	put(d, o, "state", json_string(audit_run_name(m->run)));
	put_text(d, o, "manager", m->manager);
	put_text(d, o, "program", m->program);
	put_text(d, o, "qemu", m->qemu);
	put_text(d, o, "machine-type", m->type);
	if (m->pid)
		put(d, o, "vhost-nets", json_integer(m->vhosts));
	for (i = 0; i < m->cards; i++)
		append(d, list, card_json(d, m, &m->card[i], g));
	put(d, o, "cards", list);
	return o;
}

/* ---- Counts ---- */

static json_t *counts_json(struct document *d, const unsigned long *counts)
{
	json_t *list = json_array(), *o;
	char text[BIT_NAME];
	unsigned int bit;

	for (bit = 0; bit < 128; bit++) {
		if (!counts[bit])
			continue;
		o = json_object();
		put(d, o, "name", json_string(bit_name(bit, text)));
		put(d, o, "machines", json_integer((json_int_t)counts[bit]));
		append(d, list, o);
	}
	return list;
}

static json_t *place_json(struct document *d, const struct audit_place *p)
{
	json_t *o = json_object();
	char name[400];

	against_name(p, name, sizeof(name));
	put(d, o, "host", json_string(name));
	put(d, o, "hosts", json_integer((json_int_t)p->hosts));
	put(d, o, "kernel", json_string(p->hosts == 1 ? p->kernel : p->release));
	put(d, o, "can-go", json_integer((json_int_t)p->can));
	put(d, o, "cannot-go", json_integer((json_int_t)p->cannot));
	put(d, o, "unknown", json_integer((json_int_t)p->unknown));
	put(d, o, "corrupted", json_integer((json_int_t)p->corrupted));
	put(d, o, "hold", counts_json(d, p->lacks));
	put(d, o, "may-hold", counts_json(d, p->unsure));
	return o;
}

static json_t *summary_json(struct document *d, const struct against *g)
{
	json_t *o = json_object(), *list = json_array();
	size_t i;

	put(d, o, "machines", json_integer((json_int_t)g->machines));
	put(d, o, "hold", counts_json(d, g->held));
	put(d, o, "may-hold", counts_json(d, g->maybe));
	for (i = 0; i < g->places; i++)
		append(d, list, place_json(d, &g->place[i]));
	put(d, o, "hosts", list);
	return o;
}

static void put_host(struct document *d, json_t *o, const struct audit *a)
{
	json_t *host = json_object();

	put(d, host, "name", json_string(a->host));
	put(d, host, "kernel", json_string(a->kernel));
	put_text(d, host, "machine", a->arch);
	put(d, o, "host", host);
	put(d, o, "audited-at", json_time(a->when));
}

static void put_notes(struct document *d, json_t *o, const struct audit *a)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < a->notes; i++)
		append(d, list, json_string(a->note[i]));
	put(d, o, "not-seen", list);
}

char *audit_json(const struct audit *a, const struct against *g, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_new(&d, AUDIT_SCHEMA), *list = json_array();
	size_t i;

	put_host(&d, o, a);
	put_notes(&d, o, a);
	if (g)
		put(&d, o, "summary", summary_json(&d, g));
	for (i = 0; i < a->machines; i++)
		append(&d, list, machine_json(&d, &a->machine[i], g));
	put(&d, o, "machines", list);
	list = json_array();
	for (i = 0; i < a->taps; i++)
		append(&d, list, tap_json(&d, &a->tap[i]));
	put(&d, o, "taps", list);
	return document_text(&d, o, flags);
}
