// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * audit_table.c - cards, features and hosts as a matrix; equal cards are one column
 */
#include "audit.h"

#include <errno.h>
#include <stdlib.h>

#include "report.h"
#include "table/feature.h"

#define COLUMNS 16	/* of one matrix; further ones are below it */
#define NAMES_SHOWN 4

struct column {
	const struct audit_card *card;	/* the first of its cards */
	unsigned long cards;
	const char *name[NAMES_SHOWN];	/* of machines */
};

struct matrix {
	const struct against *g;
	struct column *column;
	size_t columns;
	FILE *out;
	unsigned int flags;
};

struct cell {
	char sign;
	const char *colour;
};

static struct cell state_cell(const struct audit_card *card, unsigned int bit)
{
	static const struct cell cells[] = {
		[AUDIT_UNKNOWN] = { '?', "\033[33m" },
		[AUDIT_HELD] = { '+', "\033[32m" },
		[AUDIT_NOT_HELD] = { '.', "\033[2m" },
	};

	return cells[audit_state(card, bit)];
}

static struct cell verdict_cell(const struct audit_place *p, const struct audit_card *card)
{
	static const struct cell cells[] = {
		[AUDIT_CAN_GO] = { '+', "\033[32m" },
		[AUDIT_GO_UNKNOWN] = { '?', "\033[33m" },
		[AUDIT_CANNOT_GO] = { '-', "\033[31m" },
	};
	struct audit_verdict v = against_card(p, card);

	if (v.go == AUDIT_CAN_GO && !mask_empty(&v.corrupts))
		return (struct cell){ '!', "\033[31m" };
	return cells[v.go];
}

static bool same(const struct matrix *m, const struct audit_card *a, const struct audit_card *b)
{
	size_t i;

	if (!mask_equal(&a->held, &b->held) || !mask_equal(&a->not_held, &b->not_held))
		return false;
	for (i = 0; i < m->g->places; i++)
		if (verdict_cell(&m->g->place[i], a).sign != verdict_cell(&m->g->place[i], b).sign)
			return false;
	return true;
}

static int add_card(struct matrix *m, const char *name, const struct audit_card *card)
{
	struct column *list;
	size_t i;

	for (i = 0; i < m->columns && !same(m, m->column[i].card, card); i++)
		;
	if (i == m->columns) {
		list = realloc(m->column, (i + 1) * sizeof(*list));
		if (!list)
			return -ENOMEM;
		m->column = list;
		m->column[m->columns++] = (struct column){ .card = card };
	}
	if (m->column[i].cards < NAMES_SHOWN)
		m->column[i].name[m->column[i].cards] = name;
	m->column[i].cards++;
	return 0;
}

static void print_cell(const struct matrix *m, struct cell cell)
{
	bool colour = m->flags & REPORT_COLOUR;

	fprintf(m->out, "   %s%c%s", colour ? cell.colour : "", cell.sign,
		colour ? "\033[0m" : "");
}

static void print_part(const struct matrix *m, size_t from, size_t to)
{
	const struct tapcompat_feature *f;
	char name[400];
	size_t i, p;

	fprintf(m->out, "\n%-20s", "group");
	for (i = from; i < to; i++)
		fprintf(m->out, "%4zu", i + 1);
	fputc('\n', m->out);
	for_each_feature(f) {
		fprintf(m->out, "%-20s", f->name);
		for (i = from; i < to; i++)
			print_cell(m, state_cell(m->column[i].card, f->bit));
		fputc('\n', m->out);
	}
	for (p = 0; p < m->g->places; p++) {
		fprintf(m->out, "%-20s", p ? "" : "can go");
		for (i = from; i < to; i++)
			print_cell(m, verdict_cell(&m->g->place[p], m->column[i].card));
		against_name(&m->g->place[p], name, sizeof(name));
		fprintf(m->out, "  to %s\n", name);
	}
}

static void print_group(const struct matrix *m, size_t index)
{
	const struct column *c = &m->column[index];
	unsigned long i;

	fprintf(m->out, "group %zu: %lu card%s: ", index + 1, c->cards, c->cards == 1 ? "" : "s");
	for (i = 0; i < c->cards && i < NAMES_SHOWN; i++)
		fprintf(m->out, "%s%s", i ? ", " : "", c->name[i]);
	if (c->cards > NAMES_SHOWN)
		fprintf(m->out, " and %lu more", c->cards - NAMES_SHOWN);
	fputc('\n', m->out);
}

int audit_table(const struct audit *a, const struct against *g, FILE *out, unsigned int flags)
{
	struct matrix m = { .g = g, .out = out, .flags = flags };
	unsigned int j;
	int ret = 0;
	size_t i;

	for (i = 0; i < a->machines; i++)
		for (j = 0; j < a->machine[i].cards && !ret; j++)
			ret = add_card(&m, a->machine[i].name, &a->machine[i].card[j]);
	for (i = 0; i < m.columns && !ret; i++)
		print_group(&m, i);
	for (i = 0; i < m.columns && !ret; i += COLUMNS)
		print_part(&m, i, i + COLUMNS < m.columns ? i + COLUMNS : m.columns);
	if (m.columns && !ret)
		fprintf(out, "\n+ held%s, . not held, ? unknown%s\n", g->places ? " or can go" : "",
			g->places ? ", - cannot go, ! can go, but frames are corrupted" : "");
	free(m.column);
	return ret;
}
