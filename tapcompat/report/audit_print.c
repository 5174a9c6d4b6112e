// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * audit_print.c - an audit as text
 */
#include <string.h>

#include "audit.h"
#include "report.h"
#include "table/bit.h"
#include "table/feature.h"

#define INDENT "    "

static const char *colour(unsigned int flags, const char *code)
{
	return flags & REPORT_COLOUR ? code : "";
}

static void print_names(FILE *out, struct tapcompat_mask mask)
{
	char text[BIT_NAME];
	unsigned int bit;

	for (bit = 0; bit < 128; bit++)
		if (tapcompat_mask_test(&mask, bit))
			fprintf(out, " %s", bit_name(bit, text));
	fputc('\n', out);
}

/* ---- Taps ---- */

static void print_attachment(const struct audit_tap *t, FILE *out)
{
	if (!t->counted)
		fputs(", whether it is attached is not shown by this kernel", out);
	else if (!t->queues && !t->disabled)
		fputs(", not attached", out);
	else
		fprintf(out, ", attached: %u queue%s", t->queues, t->queues == 1 ? "" : "s");
	if (t->disabled)
		fprintf(out, " and %u disabled", t->disabled);
}

static void print_cuts(const struct audit_tap *t, unsigned int to, FILE *out)
{
	unsigned int kind;
	int at;

	for (kind = 0; kind < AUDIT_PACKETS; kind++) {
		at = audit_tap_cut(t, to, (enum audit_packet)kind);
		fprintf(out, INDENT "  %-7s", audit_packet_name((enum audit_packet)kind));
		if (at >= 0)
			fprintf(out, "segmented by the kernel at %s\n", t->step[at].name);
		else if (at == -1)
			fprintf(out, "whole up to %s, which segments it itself\n",
				t->step[to].name);
		else
			fputs("not known: the features of a device on the way are not\n", out);
	}
}

static void print_way(const struct audit_tap *t, unsigned int to, FILE *out)
{
	unsigned int way[AUDIT_STEPS] = { 0 }, n = audit_tap_way(t, to, way), i;

	fprintf(out, INDENT "way out: %s", t->name);
	for (i = 0; i < n; i++) {
		const struct audit_step *s = &t->step[way[i]];

		fprintf(out, " > %s%s%s%s", s->name, s->kind[0] ? " (" : "", s->kind,
			s->kind[0] ? ")" : "");
	}
	fputc('\n', out);
	print_cuts(t, to, out);
}

static void print_ways(const struct audit_tap *t, FILE *out)
{
	unsigned int i;

	if (!t->steps)
		fputs(INDENT "way out: none but this host's own stack: it is in no bridge\n", out);
	else if (t->steps == 1 && !t->step[0].crossed)
		fprintf(out, INDENT "way out: none: %s has no other port than those of machines\n",
			t->step[0].name);
	for (i = 0; i < t->steps; i++)
		if (audit_tap_ends(t, i) && t->step[i].crossed)
			print_way(t, i, out);
	if (t->more_steps)
		fputs(INDENT "further devices are left out\n", out);
}

static void print_tap(const struct audit_tap *t, FILE *out)
{
	struct tapcompat_mask on = audit_tap_offloads(t);
	char text[AUDIT_NOTE];
	unsigned int i;

	if (!t->seen) {
		fprintf(out, "  %s: could not be looked at: %s\n", t->name, t->why);
		return;
	}
	fprintf(out, "  %s: %s", t->name, t->macvtap ? "macvtap" : t->tap ? "tap" : "tun");
	if (!t->macvtap) {
		fprintf(out, ", %s-queue, %s vnet header%s", t->multi_queue ? "multi" : "single",
			t->vnet_hdr ? "with" : "without", t->persist ? ", persistent" : "");
		print_attachment(t, out);
	}
	fputc('\n', out);
	if (t->has_features) {
		fprintf(out, INDENT "receive offloads on:%s", mask_empty(&on) ? " none" : "");
		print_names(out, on);
	}
	for (i = 0; audit_tap_meets(t, i, text, sizeof(text)); i++)
		fprintf(out, INDENT "QEMU: %s\n", text);
	print_ways(t, out);
}

/* ---- Cards ---- */

/* Features of one state, by the evidence that they rest on. */
static void print_state(const struct audit_card *card, enum audit_state state, FILE *out)
{
	unsigned int source;

	for (source = 0; source <= AUDIT_SOURCES; source++) {
		struct tapcompat_mask mask = MASK_NONE;
		const struct tapcompat_feature *f;

		for_each_feature(f)
			if (audit_state(card, f->bit) == state &&
			    audit_rests_on(card, f->bit) == source)
				tapcompat_mask_set(&mask, f->bit);
		if (mask_empty(&mask))
			continue;
		fprintf(out, INDENT "%s", audit_state_name(state));
		if (source < AUDIT_SOURCES)
			fprintf(out, " (%s)", audit_source_name((enum audit_source)source));
		fputc(':', out);
		print_names(out, mask);
	}
}

static void print_card_head(const struct audit_card *card, FILE *out)
{
	fprintf(out, "  %s:", card->alias[0] ? card->alias : "card");
	if (card->model[0])
		fprintf(out, " %s,", card->model);
	if (card->tap)
		fprintf(out, " tap %s,", card->tap->name);
	fprintf(out, " backend %s", audit_link_name(card->link));
	if (card->mac[0])
		fprintf(out, ", %s", card->mac);
	if (card->nic.queue_pairs > 1)
		fprintf(out, ", %ld queue pairs", card->nic.queue_pairs);
	if (card->nic.host_mtu > 0)
		fprintf(out, ", host_mtu %ld", card->nic.host_mtu);
	fputc('\n', out);
}

static void print_card(const struct audit_machine *m, const struct audit_card *card, FILE *out,
		       unsigned int flags)
{
	print_card_head(card, out);
	if (!card->virtio)
		fputs(INDENT "it is no virtio-net: it holds none of these features\n", out);
	else
		print_state(card, AUDIT_HELD, out);
	if (card->virtio) {
		print_state(card, AUDIT_NOT_HELD, out);
		print_state(card, AUDIT_UNKNOWN, out);
	}
	if (!mask_empty(&card->disputed)) {
		fputs(INDENT "evidence disagrees on:", out);
		print_names(out, card->disputed);
	}
	if (card->tap && m->pid && (!card->tap->seen || flags & REPORT_TAPS))
		print_tap(card->tap, out);
}

/* ---- Machines ---- */

static void print_machine(const struct audit_machine *m, FILE *out, unsigned int flags)
{
	unsigned int i;

	fprintf(out, "%s%s%s:", colour(flags, "\033[1m"), m->name, colour(flags, "\033[0m"));
	if (m->pid)
		fprintf(out, " PID %ld,", m->pid);
	fprintf(out, " %s", audit_run_name(m->run));
	if (m->manager[0])
		fprintf(out, ", %s", m->manager);
	if (m->type[0])
		fprintf(out, ", %s", m->type);
	if (m->uuid[0])
		fprintf(out, ", %s", m->uuid);
	fputc('\n', out);
	for (i = 0; i < m->cards; i++)
		print_card(m, &m->card[i], out, flags);
	if (!m->cards)
		fputs("  no network card\n", out);
}

/* For scripts: machine, card, what is held, what is known. */
static void print_masks(const struct audit_machine *m, FILE *out)
{
	char held[TAPCOMPAT_MASK_TEXT], known[TAPCOMPAT_MASK_TEXT];
	unsigned int i;

	for (i = 0; i < m->cards; i++) {
		const struct audit_card *c = &m->card[i];
		struct tapcompat_mask all = mask_or(c->held, c->not_held);

		fprintf(out, "%s %s %s %s\n", m->name,
			c->alias[0] ? c->alias : c->tap ? c->tap->name : "-",
			tapcompat_mask_format(&c->held, held), tapcompat_mask_format(&all, known));
	}
}

void audit_print(const struct audit *a, FILE *out, unsigned int flags)
{
	size_t i;

	for (i = 0; i < a->machines; i++)
		if (flags & REPORT_QUIET)
			print_masks(&a->machine[i], out);
		else
			print_machine(&a->machine[i], out, flags);
	for (i = 0; i < a->taps && !(flags & REPORT_QUIET); i++)
		print_tap(&a->tap[i], out);
}
