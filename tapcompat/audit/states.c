// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * states.c - evidence in QEMU's device state: of a file, or of a QEMU that is asked
 */
#include "states.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "document/domain.h"
#include "evidence.h"
#include "ground/text.h"
#include "state/state.h"
#include "table/feature.h"

/* A guest without a driver holds nothing, whatever its card remembers. */
static void card_evidence(struct audit_card *card, const struct state_card *s,
			  enum audit_source source)
{
	struct tapcompat_mask held = s->driver ? mask_and(s->acked, features_all()) : MASK_NONE;
	char detail[STATE_PATH + 32];

	text_set(detail, sizeof(detail), "%s%s", s->path, s->driver ? "" : ": no driver");
	audit_evidence(card, source, held, mask_minus(features_all(), held), detail);
}

static void mac_text(const struct state_card *s, char text[24])
{
	text_set(text, 24, "%02x:%02x:%02x:%02x:%02x:%02x", s->mac[0], s->mac[1], s->mac[2],
		 s->mac[3], s->mac[4], s->mac[5]);
}

/* The card of the machine that it is: by its address, or the only one on both sides. */
static struct audit_card *card_of(struct audit_machine *m, const struct state *state,
				  const char *mac)
{
	struct audit_card *found = NULL;
	unsigned int i;

	if (m->cards == 1 && state->cards == 1)
		return &m->card[0];
	for (i = 0; i < m->cards; i++) {
		if (!m->card[i].virtio || strcasecmp(m->card[i].mac, mac))
			continue;
		if (found)
			return NULL;
		found = &m->card[i];
	}
	return found;
}

static struct audit_card *card_new(struct audit_machine *m, const struct state_card *s,
				   const char *mac)
{
	struct audit_card *card = audit_card(m);

	if (!card)
		return NULL;
	card->virtio = true;
	text_set(card->path, sizeof(card->path), "%s", s->path);
	text_set(card->mac, sizeof(card->mac), "%s", mac);
	if (!s->partial && s->known) {
		card->nic.queue_pairs = s->queue_pairs_max;
		card->nic.rx_queue_size = s->rx_ring_default;
		card->nic.tx_queue_size = s->tx_ring_default;
	}
	return card;
}

/* @fresh: the machine has no cards yet, and gets those of the state */
static int take(struct audit *a, struct audit_machine *m, const struct state *state,
		enum audit_source source, bool fresh)
{
	unsigned int i;

	for (i = 0; i < state->cards; i++) {
		const struct state_card *s = &state->card[i];
		struct audit_card *card;
		char mac[24];

		mac_text(s, mac);
		card = fresh ? card_new(m, s, mac) : card_of(m, state, mac);
		if (!card && fresh)
			return -ENOMEM;
		if (!card)
			audit_note(a, "%s: no card of it has the address %s of %s", m->name, mac,
				   s->path);
		else if (!s->known)
			audit_note(a, "%s: card %s: %s", m->name, s->path, s->why);
		else
			card_evidence(card, s, source);
	}
	audit_settle_machine(m);
	return 0;
}

static struct audit_machine *machine_new(struct audit *a, const char *path, enum audit_run run)
{
	const char *slash = strrchr(path, '/');
	struct audit_machine *m = audit_machine(a);

	if (m) {
		m->run = run;
		text_escape(m->name, sizeof(m->name), slash && slash[1] ? slash + 1 : path);
	}
	return m;
}

/* Interfaces and cards are not in the same order: they must be alike. */
static void links_of(struct audit_machine *m, const struct domain *d)
{
	unsigned int i;

	for (i = 1; i < d->interfaces; i++)
		if (d->interface[i].link != d->interface[0].link)
			return;
	for (i = 0; d->interfaces && i < m->cards; i++)
		m->card[i].link = audit_domain_link(d->interface[0].link);
}

/* The domain in libvirt's save image. */
static void take_xml(struct audit *a, struct audit_machine *m, const char *xml)
{
	struct tapcompat_error error = { "" };
	struct domain d;

	text_set(m->manager, sizeof(m->manager), "libvirt");
	if (domain_parse_all(&d, xml, strlen(xml), &error)) {
		audit_note(a, "%s: its XML was not read: %s", m->name, error.text);
	} else {
		if (d.name[0])
			text_set(m->name, sizeof(m->name), "%s", d.name);
		text_set(m->uuid, sizeof(m->uuid), "%s", d.uuid);
		if (!m->type[0])
			text_set(m->type, sizeof(m->type), "%s", d.machine);
		links_of(m, &d);
		if (d.record && evidence_record(m, d.record, strlen(d.record), m->name, &error))
			audit_note(a, "the record in the metadata is not used: %s", error.text);
	}
	domain_free(&d);
}

static int add(struct audit *a, const char *path, const struct state *state,
	       enum audit_source source, enum audit_run run, const char *qemu)
{
	struct audit_machine *m = machine_new(a, path, run);
	int ret;

	if (!m)
		return -ENOMEM;
	text_set(m->type, sizeof(m->type), "%s", state->machine);
	text_set(m->qemu, sizeof(m->qemu), "%s", qemu);
	ret = take(a, m, state, source, true);
	if (!ret && state->xml)
		take_xml(a, m, state->xml);
	audit_settle_machine(m);
	return ret;
}

int audit_state_file(struct audit *a, const char *path, struct tapcompat_error *error)
{
	struct state *state;
	struct stat st;
	int ret;

	/* What cannot be read a second time is text. */
	if (stat(path, &st) || (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)))
		return -ENOMSG;
	ret = state_load(path, NULL, &state, error);
	if (!ret)
		ret = add(a, path, state, AUDIT_STATE, AUDIT_SAVED, "");
	state_free(state);
	return ret == -EBADMSG || ret == -ENODATA ? -EINVAL : ret;
}

static void note_answer(struct audit *a, const char *path, const struct state_answer *answer)
{
	if (answer->stopped && answer->stopped_us >= 0)
		audit_note(a, "%s: the guest stood still for %ld.%ld ms", path,
			   answer->stopped_us / 1000, answer->stopped_us % 1000 / 100);
	else if (answer->stopped)
		audit_note(a, "%s: QEMU was asked for its state; the guest was not running", path);
}

int audit_qmp(struct audit *a, struct audit_machine *m, const char *path, bool stop,
	      struct tapcompat_error *error)
{
	/* Writing the state of many devices takes longer than an answer. */
	const struct state_asking asking = {
		.path = path, .fd = -1, .stop = stop, .total_ms = stop ? 0 : 1000,
	};
	struct state_answer answer;
	struct state *state;
	int ret = state_ask(&asking, &answer, &state, error);

	note_answer(a, path, &answer);
	if (!ret && m)
		ret = take(a, m, state, AUDIT_QMP, false);
	else if (!ret)
		ret = add(a, path, state, AUDIT_QMP, AUDIT_RUNNING, answer.version);
	state_free(state);
	return ret;
}
