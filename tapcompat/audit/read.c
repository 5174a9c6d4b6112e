// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * read.c - read a document of an audit
 *
 * What it says of taps is for people and is not read.  Kinds of evidence that this version
 * does not know are skipped: the document's own conclusion counts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "document/document.h"
#include "document/reader.h"
#include "ground/bytes.h"
#include "ground/text.h"

static unsigned int word_find(const char *word, const char *(*name)(unsigned int), unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(name(i), word))
			return i;
	return n;
}

static const char *link_word(unsigned int i)
{
	return audit_link_name((enum audit_link)i);
}

static const char *run_word(unsigned int i)
{
	return audit_run_name((enum audit_run)i);
}

static const char *source_word(unsigned int i)
{
	return audit_source_name((enum audit_source)i);
}

/* -1 if it is missing */
static long read_number(struct reader *r, json_t *o, const char *key)
{
	json_t *value = reader_member(r, o, key, JSON_INTEGER, false);
	json_int_t n = value ? json_integer_value(value) : -1;

	if (value && (n < 0 || n > 0x7fffffff))
		reader_fail(r, "%s is out of range", key);
	return (long)n;
}

static void read_evidence(struct reader *r, json_t *o, struct audit_card *card)
{
	unsigned int i;
	struct tapcompat_mask held, not_held;
	const char *source;

	if (!reader_object(r, o))
		return;
	source = reader_string(r, o, "source", true);
	held = reader_mask(r, o, "held", true);
	not_held = reader_mask(r, o, "not-held", true);
	i = word_find(source, source_word, AUDIT_SOURCES);
	if (i < AUDIT_SOURCES)
		audit_evidence(card, (enum audit_source)i, held, not_held,
			       reader_string(r, o, "detail", false));
}

static void read_nic(struct reader *r, json_t *o, struct audit_nic *nic)
{
	json_t *failover;

	if (!o)
		return;
	nic->host_mtu = read_number(r, o, "host-mtu");
	nic->queue_pairs = read_number(r, o, "queue-pairs");
	nic->rx_queue_size = read_number(r, o, "rx-queue-size");
	nic->tx_queue_size = read_number(r, o, "tx-queue-size");
	failover = reader_member(r, o, "failover", JSON_TRUE, false);
	nic->failover = failover ? json_is_true(failover) : -1;
}

static void read_tap_name(struct reader *r, json_t *o, struct audit_card *card)
{
	if (!reader_string(r, o, "tap", false)[0])
		return;
	if (!audit_card_tap(card)) {
		reader_fail(r, "out of memory");
		return;
	}
	reader_text(r, o, "tap", false, card->tap->name, sizeof(card->tap->name));
	text_set(card->tap->why, sizeof(card->tap->why), "it is from a document");
}

static void read_list(struct reader *r, json_t *o, const char *key, struct audit_card *card)
{
	json_t *list = reader_member(r, o, key, JSON_ARRAY, false), *e;
	size_t i, at;

	json_array_foreach(list, i, e) {
		at = reader_enter(r, ".%s[%zu]", key, i);
		read_evidence(r, e, card);
		reader_leave(r, at);
	}
}

static void read_card(struct reader *r, json_t *o, struct audit_machine *m)
{
	struct audit_card *card = reader_object(r, o) ? audit_card(m) : NULL;
	struct tapcompat_mask held, known;
	unsigned int link;

	if (!card) {
		reader_fail(r, "out of memory, or more than %d cards", AUDIT_CARDS);
		return;
	}
	reader_text(r, o, "alias", false, card->alias, sizeof(card->alias));
	reader_text(r, o, "netdev", false, card->netdev, sizeof(card->netdev));
	reader_text(r, o, "model", false, card->model, sizeof(card->model));
	reader_text(r, o, "mac", false, card->mac, sizeof(card->mac));
	reader_text(r, o, "path", false, card->path, sizeof(card->path));
	link = word_find(reader_string(r, o, "backend", true), link_word, AUDIT_LINKS);
	card->link = link < AUDIT_LINKS ? (enum audit_link)link : AUDIT_LINK_UNKNOWN;
	card->virtio = json_is_true(reader_member(r, o, "virtio", JSON_TRUE, true));
	read_tap_name(r, o, card);
	read_list(r, o, "evidence", card);
	read_nic(r, reader_member(r, o, "nic", JSON_OBJECT, false), &card->nic);
	held = reader_mask(r, o, "mask", true);
	known = reader_mask(r, o, "known", true);
	if (!mask_contains(&known, &held))
		reader_fail(r, "mask has features that known has not");
	audit_settle(card);
	/* What rests on evidence that this version does not know, or that is not given. */
	held = mask_minus(held, card->held);
	known = mask_minus(mask_minus(known, held), mask_or(card->not_held, card->held));
	if (!mask_empty(&held) || !mask_empty(&known))
		audit_evidence(card, AUDIT_STATE, held, known, "of the document");
	audit_settle(card);
}

static void read_machine(struct reader *r, json_t *o, struct audit *a)
{
	struct audit_machine *m = reader_object(r, o) ? audit_machine(a) : NULL;
	json_t *list, *card;
	unsigned int run;
	size_t i, at;
	long pid;

	if (!m) {
		reader_fail(r, "out of memory, or more than %d machines", AUDIT_MACHINES);
		return;
	}
	reader_text(r, o, "name", true, m->name, sizeof(m->name));
	reader_text(r, o, "uuid", false, m->uuid, sizeof(m->uuid));
	reader_text(r, o, "manager", false, m->manager, sizeof(m->manager));
	reader_text(r, o, "program", false, m->program, sizeof(m->program));
	reader_text(r, o, "qemu", false, m->qemu, sizeof(m->qemu));
	reader_text(r, o, "machine-type", false, m->type, sizeof(m->type));
	pid = read_number(r, o, "pid");
	m->pid = pid < 0 ? 0 : pid;
	run = word_find(reader_string(r, o, "state", true), run_word, AUDIT_RUNS);
	m->run = run < AUDIT_RUNS ? (enum audit_run)run : AUDIT_RUN_UNKNOWN;
	list = reader_member(r, o, "cards", JSON_ARRAY, true);
	json_array_foreach(list, i, card) {
		at = reader_enter(r, ".cards[%zu]", i);
		read_card(r, card, m);
		reader_leave(r, at);
	}
}

static void read_host(struct reader *r, json_t *o, struct audit *a)
{
	json_t *host = reader_member(r, o, "host", JSON_OBJECT, true);
	const char *when;
	struct tm tm;
	const char *end;

	if (!host)
		return;
	reader_text(r, host, "name", true, a->host, sizeof(a->host));
	reader_text(r, host, "kernel", true, a->kernel, sizeof(a->kernel));
	reader_text(r, host, "machine", false, a->arch, sizeof(a->arch));
	when = reader_string(r, o, "audited-at", true);
	memset(&tm, 0, sizeof(tm));
	end = strptime(when, DOCUMENT_TIME, &tm);
	if (!end || *end)
		reader_fail(r, "audited-at is \"%.40s\", expected a time such as "
			    "2026-11-21T08:00:00Z", when);
	a->when = timegm(&tm);
}

int audit_parse(struct audit *a, const char *text, size_t len, const char *name,
		unsigned long line, struct tapcompat_error *error)
{
	struct reader r = {
		.name = name, .error = error, .most = AUDIT_MOST, .line = line,
	};
	json_t *o = reader_json(&r, text, len), *list, *m;
	size_t i, at;

	if (!o)
		return r.ret;
	reader_schema(&r, o, AUDIT_SCHEMA);
	if (!r.failed)
		read_host(&r, o, a);
	list = r.failed ? NULL : reader_member(&r, o, "machines", JSON_ARRAY, true);
	json_array_foreach(list, i, m) {
		at = reader_enter(&r, "machines[%zu]", i);
		if (!r.failed)
			read_machine(&r, m, a);
		reader_leave(&r, at);
	}
	json_decref(o);
	return r.failed ? r.ret : 0;
}

bool audit_is(const char *text, size_t len)
{
	return memmem(text, len < 256 ? len : 256, "\"" AUDIT_SCHEMA "\"",
		      sizeof("\"" AUDIT_SCHEMA "\"") - 1);
}
