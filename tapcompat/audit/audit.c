// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * audit.c - the plain data of an audit, and what follows from several kinds of evidence
 */
#include "audit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "table/feature.h"

/* ---- Words of documents ---- */

static const char *const source_names[AUDIT_SOURCES] = {
	[AUDIT_RECORD] = "record", [AUDIT_QMP] = "qmp", [AUDIT_STATE] = "saved-state",
	[AUDIT_GUEST] = "guest", [AUDIT_OPTIONS] = "options", [AUDIT_KERNEL] = "kernel",
};

static const char *const state_names[] = {
	[AUDIT_UNKNOWN] = "unknown", [AUDIT_HELD] = "held", [AUDIT_NOT_HELD] = "not-held",
};

static const char *const link_names[AUDIT_LINKS] = {
	[AUDIT_LINK_UNKNOWN] = "unknown", [AUDIT_LINK_TAP] = "tap",
	[AUDIT_LINK_VHOST] = "vhost-net", [AUDIT_LINK_MACVTAP] = "macvtap",
	[AUDIT_LINK_OTHER] = "other",
};

static const char *const run_names[AUDIT_RUNS] = {
	[AUDIT_RUN_UNKNOWN] = "unknown", [AUDIT_RUNNING] = "running", [AUDIT_PAUSED] = "paused",
	[AUDIT_OFF] = "shut-off", [AUDIT_SAVED] = "saved",
};

static const char *const packet_names[AUDIT_PACKETS] = {
	[AUDIT_TCP4] = "tcp4", [AUDIT_TCP6] = "tcp6", [AUDIT_UDP] = "udp",
	[AUDIT_TUNNEL] = "tunnel",
};

static const char *name_of(const char *const *names, size_t n, unsigned int i)
{
	return i < n ? names[i] : "?";
}

const char *audit_source_name(enum audit_source source)
{
	return name_of(source_names, AUDIT_SOURCES, source);
}

const char *audit_state_name(enum audit_state state)
{
	return name_of(state_names, ARRAY_LENGTH(state_names), state);
}

const char *audit_link_name(enum audit_link link)
{
	return name_of(link_names, AUDIT_LINKS, link);
}

const char *audit_run_name(enum audit_run run)
{
	return name_of(run_names, AUDIT_RUNS, run);
}

const char *audit_packet_name(enum audit_packet packet)
{
	return name_of(packet_names, AUDIT_PACKETS, packet);
}

/* ---- Memory ---- */

void audit_init(struct audit *a, bool this_host)
{
	struct utsname u;

	memset(a, 0, sizeof(*a));
	a->when = time(NULL);
	if (!this_host || uname(&u))
		return;
	text_escape(a->host, sizeof(a->host), u.nodename);
	text_escape(a->kernel, sizeof(a->kernel), u.release);
	text_escape(a->arch, sizeof(a->arch), u.machine);
}

static void machine_free(struct audit_machine *m)
{
	unsigned int i;

	for (i = 0; i < m->cards; i++)
		free(m->card[i].tap);
	free(m->card);
}

void audit_free(struct audit *a)
{
	size_t i;

	for (i = 0; i < a->machines; i++)
		machine_free(&a->machine[i]);
	free(a->machine);
	free(a->tap);
	a->machines = a->room = a->taps = a->tap_room = 0;
	a->machine = NULL;
	a->tap = NULL;
}

void audit_note(struct audit *a, const char *format, ...)
{
	char text[AUDIT_NOTE];
	va_list args;

	if (a->notes == ARRAY_LENGTH(a->note))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_escape(a->note[a->notes++], AUDIT_NOTE, text);
}

/* Room for one more.  Return: its address, set to zero; NULL: no memory, or @most are there */
static void *grow(void **list, size_t *n, size_t *room, size_t size, size_t most)
{
	size_t more = *room ? 2 * *room : 4;
	char *new;

	if (*n == most)
		return NULL;
	if (*n == *room) {
		new = realloc(*list, more * size);
		if (!new)
			return NULL;
		*list = new;
		*room = more;
	}
	new = (char *)*list + size * (*n)++;
	memset(new, 0, size);
	return new;
}

struct audit_machine *audit_machine(struct audit *a)
{
	return grow((void **)&a->machine, &a->machines, &a->room, sizeof(*a->machine),
		    AUDIT_MACHINES);
}

static struct audit_tap *tap_add(struct audit *a)
{
	return grow((void **)&a->tap, &a->taps, &a->tap_room, sizeof(*a->tap), AUDIT_MACHINES);
}

struct audit_card *audit_card(struct audit_machine *m)
{
	size_t n = m->cards, room = m->room;
	struct audit_card *card = grow((void **)&m->card, &n, &room, sizeof(*card), AUDIT_CARDS);

	m->cards = (unsigned int)n;
	m->room = (unsigned int)room;
	if (card)
		card->nic = (struct audit_nic){ -1, -1, -1, -1, -1 };
	return card;
}

struct audit_tap *audit_card_tap(struct audit_card *card)
{
	if (!card->tap)
		card->tap = calloc(1, sizeof(*card->tap));
	return card->tap;
}

void audit_drop(struct audit *a, size_t index)
{
	machine_free(&a->machine[index]);
	a->machines--;
	memmove(&a->machine[index], &a->machine[index + 1],
		(a->machines - index) * sizeof(*a->machine));
}

/* ---- Evidence ---- */

void audit_evidence(struct audit_card *card, enum audit_source source, struct tapcompat_mask held,
		    struct tapcompat_mask not_held, const char *detail)
{
	struct audit_evidence *e = &card->evidence[source];

	e->held = e->present ? mask_or(e->held, held) : held;
	e->not_held = e->present ? mask_or(e->not_held, not_held) : not_held;
	e->present = true;
	text_escape(e->detail, sizeof(e->detail), detail);
}

/* What sees the guest's own choice. */
static bool is_direct(unsigned int source)
{
	return source == AUDIT_QMP || source == AUDIT_STATE || source == AUDIT_GUEST;
}

void audit_settle(struct audit_card *card)
{
	struct tapcompat_mask held = MASK_NONE, not_held = MASK_NONE, direct;
	struct audit_evidence record = card->evidence[AUDIT_RECORD];
	unsigned int i;

	for (i = 0; i < AUDIT_SOURCES; i++)
		if (is_direct(i)) {
			held = mask_or(held, card->evidence[i].held);
			not_held = mask_or(not_held, card->evidence[i].not_held);
		}
	/* A record says what is offered: a driver that is too old for it has not acked it. */
	direct = mask_or(held, not_held);
	held = mask_or(held, mask_minus(record.held, direct));
	not_held = mask_or(not_held, record.not_held);
	for (i = AUDIT_OPTIONS; i < AUDIT_SOURCES; i++) {
		held = mask_or(held, card->evidence[i].held);
		not_held = mask_or(not_held, card->evidence[i].not_held);
	}
	card->disputed = mask_and(held, not_held);
	card->held = mask_minus(held, card->disputed);
	card->not_held = mask_minus(not_held, card->disputed);
}

void audit_settle_machine(struct audit_machine *m)
{
	unsigned int i;

	for (i = 0; i < m->cards; i++)
		audit_settle(&m->card[i]);
}

void audit_settle_all(struct audit *a)
{
	size_t i;

	for (i = 0; i < a->machines; i++)
		audit_settle_machine(&a->machine[i]);
}

enum audit_state audit_state(const struct audit_card *card, unsigned int bit)
{
	if (tapcompat_mask_test(&card->held, bit))
		return AUDIT_HELD;
	return tapcompat_mask_test(&card->not_held, bit) ? AUDIT_NOT_HELD : AUDIT_UNKNOWN;
}

enum audit_source audit_rests_on(const struct audit_card *card, unsigned int bit)
{
	enum audit_state state = audit_state(card, bit);
	unsigned int i;

	for (i = 0; i < AUDIT_SOURCES && state != AUDIT_UNKNOWN; i++)
		if (tapcompat_mask_test(state == AUDIT_HELD ? &card->evidence[i].held :
					&card->evidence[i].not_held, bit))
			return (enum audit_source)i;
	return AUDIT_SOURCES;
}

struct tapcompat_mask audit_may_hold(const struct audit_card *card)
{
	/* A card of another kind has none of them. */
	if (!card->virtio)
		return MASK_NONE;
	return mask_minus(features_all(), card->not_held);
}

/* ---- What was asked for ---- */

static bool machine_is(const struct audit_machine *m, const char *what)
{
	char pid[24];
	unsigned int i;

	snprintf(pid, sizeof(pid), "%ld", m->pid);
	if ((m->pid && !strcmp(pid, what)) || !strcmp(m->name, what) || !strcasecmp(m->uuid, what))
		return true;
	for (i = 0; i < m->cards; i++)
		if (m->card[i].tap && !strcmp(m->card[i].tap->name, what))
			return true;
	return false;
}

/* A tap without a machine: audit_look() finds out whether it is there. */
static int select_tap(struct audit *a, const char *what)
{
	struct audit_tap *tap = tap_add(a);

	if (!tap)
		return -ENOMEM;
	text_set(tap->name, sizeof(tap->name), "%s", what);
	return 0;
}

int audit_select(struct audit *a, int n, char *const *operand, bool *matched)
{
	char safe[AUDIT_NAME];
	size_t i = 0;
	int j, ret = 0;
	bool any;

	while (i < a->machines) {
		for (any = false, j = 0; j < n; j++) {
			text_escape(safe, sizeof(safe), operand[j]);
			if (!machine_is(&a->machine[i], safe))
				continue;
			matched[j] = any = true;
		}
		if (any)
			i++;
		else
			audit_drop(a, i);
	}
	for (j = 0; j < n && !ret; j++) {
		text_escape(safe, sizeof(safe), operand[j]);
		if (!matched[j])
			ret = select_tap(a, safe);
	}
	return ret;
}
