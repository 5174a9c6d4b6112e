// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * against_print.c - where machines can go, as text
 */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "ground/text.h"
#include "report.h"
#include "table/bit.h"

#define PLACE 400

/* "5,000" */
static const char *number(unsigned long n, char *text, size_t size)
{
	char digits[24];
	size_t len, i;

	snprintf(digits, sizeof(digits), "%lu", n);
	len = strlen(digits);
	text[0] = '\0';
	for (i = 0; i < len; i++)
		text_add(text, size, "%s%c", i && (len - i) % 3 == 0 ? "," : "", digits[i]);
	return text;
}

/* "409 hold host_uso, 3 hold queue_reset", the most frequent first.  Return: was there any? */
static bool print_counts(const unsigned long *counts, const char *one, const char *more, FILE *out)
{
	unsigned long before = ~0ul, next;
	char name[BIT_NAME], text[32];
	unsigned int bit;

	for (;; before = next) {
		for (next = 0, bit = 0; bit < 128; bit++)
			if (counts[bit] < before && counts[bit] > next)
				next = counts[bit];
		if (!next)
			return before != ~0ul;
		fprintf(out, "%s%s %s", before == ~0ul ? "" : ", ",
			number(next, text, sizeof(text)), next == 1 ? one : more);
		for (bit = 0; bit < 128; bit++)
			if (counts[bit] == next)
				fprintf(out, " %s", bit_name(bit, name));
	}
}

static void print_place(const struct against *g, const struct audit_place *p, FILE *out)
{
	char name[PLACE], some[32], all[32];

	against_name(p, name, sizeof(name));
	number(g->machines, all, sizeof(all));
	if (g->machines && p->can == g->machines)
		fprintf(out, "all of %s machines can go to %s", all, name);
	else
		fprintf(out, "%s of %s machines cannot go to %s",
			number(p->cannot, some, sizeof(some)), all, name);
	if (p->cannot) {
		fputs(": ", out);
		print_counts(p->lacks, "holds", "hold", out);
	}
	fputc('\n', out);
	if (p->unknown) {
		fprintf(out, "  of %s it is unknown: ", number(p->unknown, some, sizeof(some)));
		if (!print_counts(p->unsure, "may hold", "may hold", out))
			fputs("it depends on their backend", out);
		fputc('\n', out);
	}
	if (p->corrupted)
		fprintf(out, "  %s would go and then have frames corrupted there\n",
			number(p->corrupted, some, sizeof(some)));
}

static void print_held(const struct against *g, FILE *out)
{
	char text[32];

	fprintf(out, "%s machine%s", number(g->machines, text, sizeof(text)),
		g->machines == 1 ? ": " : "s: ");
	print_counts(g->held, "holds", "hold", out);
	fputc('\n', out);
}

static void print_names(FILE *out, struct tapcompat_mask mask)
{
	char text[BIT_NAME];
	unsigned int bit;

	for (bit = 0; bit < 128; bit++)
		if (tapcompat_mask_test(&mask, bit))
			fprintf(out, " %s", bit_name(bit, text));
}

static void print_titled(FILE *out, const char *title, struct tapcompat_mask mask)
{
	if (mask_empty(&mask))
		return;
	fprintf(out, " %s", title);
	print_names(out, mask);
}

/* A card that can go without a doubt has no line. */
static bool print_card(const struct audit_place *p, const struct audit_machine *m,
		       const struct audit_card *card, FILE *out)
{
	struct audit_verdict v = against_card(p, card);
	char name[PLACE];

	if (v.go == AUDIT_CAN_GO && mask_empty(&v.corrupts))
		return false;
	against_name(p, name, sizeof(name));
	fprintf(out, "%s %s: %s: %s:", m->name,
		card->alias[0] ? card->alias : card->tap ? card->tap->name : "card",
		audit_go_name(v.go), name);
	if (v.go == AUDIT_CANNOT_GO)
		print_titled(out, "it lacks", v.lacks);
	if (v.go == AUDIT_GO_UNKNOWN && v.reason) {
		fprintf(out, " %s", v.reason);
	} else if (v.go == AUDIT_GO_UNKNOWN) {
		print_titled(out, "it lacks what the card may hold:", v.unsure);
		print_titled(out, "not known of the host:", v.doubtful);
	}
	print_titled(out, "its kernel corrupts frames of", v.corrupts);
	fputc('\n', out);
	return true;
}

/* Of each set of features once. */
static void print_cures(const struct audit_place *p, const struct audit *a, FILE *out)
{
	struct tapcompat_mask said[32];
	char *cure[AGAINST_CURES], name[PLACE];
	unsigned int n, i, count = 0;
	size_t m;

	for (m = 0; m < a->machines; m++) {
		struct audit_verdict v = against_machine(p, &a->machine[m]);

		for (i = 0; i < count && !mask_equal(&said[i], &v.lacks); i++)
			;
		if (v.go != AUDIT_CANNOT_GO || i < count || count == 32)
			continue;
		said[count++] = v.lacks;
		against_name(p, name, sizeof(name));
		fprintf(out, "remedies on %s, for machines that hold", name);
		print_names(out, v.lacks);
		fputs(":\n", out);
		n = against_cures(p, &a->machine[m], v.lacks, cure);
		for (i = 0; i < n; i++) {
			fprintf(out, "  - %s\n", cure[i]);
			free(cure[i]);
		}
	}
}

static void print_cards(const struct audit_place *p, const struct audit *a, FILE *out)
{
	unsigned int j;
	size_t i;

	for (i = 0; i < a->machines; i++)
		for (j = 0; j < a->machine[i].cards; j++)
			print_card(p, &a->machine[i], &a->machine[i].card[j], out);
}

void against_print(const struct audit *a, const struct against *g, FILE *out, unsigned int flags)
{
	size_t i;

	for (i = 0; i < g->places; i++)
		print_place(g, &g->place[i], out);
	if (!g->places)
		print_held(g, out);
	for (i = 0; a && i < g->places && !(flags & REPORT_QUIET); i++) {
		print_cards(&g->place[i], a, out);
		print_cures(&g->place[i], a, out);
	}
}
