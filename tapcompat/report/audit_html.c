// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * audit_html.c - an audit as one page of HTML that loads nothing
 *
 * Without JavaScript the page is plain tables.  The Content-Security-Policy allows this style
 * and this script by their hashes, so a name that slipped through could still not run.
 */
#include "audit.h"

#include <string.h>

#include "audit_page.h"
#include "table/bit.h"
#include "table/feature.h"

/* ---- Foreign text ---- */

/* Bytes of a character that changes the direction of text, or 0. */
static size_t direction_mark(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	if (p[0] == 0xd8 && p[1] == 0x9c)
		return 2;
	if (p[0] != 0xe2 || !p[1] || !p[2])
		return 0;
	if (p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae)))
		return 3;
	return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9 ? 3 : 0;
}

static void put_foreign(FILE *out, const char *s)
{
	size_t len;

	for (; *s; s++) {
		len = direction_mark(s);
		if (len || (unsigned char)*s < 0x20 || *s == 0x7f) {
			fputs("&#xfffd;", out);
			s += len ? len - 1 : 0;
		} else if (strchr("&<>\"'", *s)) {
			fprintf(out, "&#%d;", *s);
		} else {
			fputc(*s, out);
		}
	}
}

static void put_cell(FILE *out, const char *text)
{
	fputs("<td><bdi>", out);
	put_foreign(out, text);
	fputs("</bdi></td>", out);
}

static void put_heading(FILE *out, const char *text)
{
	fputs("<th scope=col>", out);
	put_foreign(out, text);
	fputs("</th>", out);
}

static const char *card_name(const struct audit_card *card)
{
	return card->alias[0] ? card->alias : card->tap ? card->tap->name : "card";
}

/* ---- Machines and features ---- */

static void put_card(FILE *out, const struct audit_machine *m, const struct audit_card *card)
{
	const struct tapcompat_feature *f;

	fputs("<tr>", out);
	put_cell(out, m->name);
	put_cell(out, card_name(card));
	put_cell(out, audit_link_name(card->link));
	for_each_feature(f) {
		const char *state = audit_state_name(audit_state(card, f->bit));

		fprintf(out, "<td class=%s>%s</td>", state, state);
	}
	fputs("</tr>\n", out);
}

static void put_features(FILE *out, const struct audit *a)
{
	const struct tapcompat_feature *f;
	char name[BIT_NAME];
	unsigned int j;
	size_t i;

	fputs("<h2>Features that the cards hold</h2>\n"
	      "<div><table id=features><thead><tr>", out);
	put_heading(out, "machine");
	put_heading(out, "card");
	put_heading(out, "backend");
	for_each_feature(f)
		put_heading(out, bit_name(f->bit, name));
	fputs("</tr></thead><tbody>\n", out);
	for (i = 0; i < a->machines; i++)
		for (j = 0; j < a->machine[i].cards; j++)
			put_card(out, &a->machine[i], &a->machine[i].card[j]);
	fputs("</tbody></table></div>\n", out);
}

/* ---- Machines and hosts ---- */

static void put_names(FILE *out, const char *title, struct tapcompat_mask mask)
{
	char text[BIT_NAME];
	unsigned int bit;

	if (mask_empty(&mask))
		return;
	fprintf(out, "<br>%s", title);
	for (bit = 0; bit < 128; bit++)
		if (tapcompat_mask_test(&mask, bit))
			fprintf(out, " %s", bit_name(bit, text));
}

static void put_verdict(FILE *out, const struct audit_place *p, const struct audit_machine *m)
{
	struct audit_verdict v = against_machine(p, m);
	bool corrupts = v.go == AUDIT_CAN_GO && !mask_empty(&v.corrupts);

	fprintf(out, "<td class=%s><b>%s</b>", corrupts ? "corrupts" : audit_go_name(v.go),
		corrupts ? "can-go, corrupts" : audit_go_name(v.go));
	if (v.go == AUDIT_CANNOT_GO)
		put_names(out, "it lacks", v.lacks);
	if (v.go == AUDIT_GO_UNKNOWN && v.reason) {
		fputs("<br>", out);
		put_foreign(out, v.reason);
	} else if (v.go == AUDIT_GO_UNKNOWN) {
		put_names(out, "it lacks what the machine may hold:", v.unsure);
		put_names(out, "not known of the host:", v.doubtful);
	}
	put_names(out, "its kernel corrupts frames of", v.corrupts);
	fputs("</td>", out);
}

static void put_places(FILE *out, const struct audit *a, const struct against *g)
{
	char name[400];
	size_t i, j;

	fputs("<h2>Where the machines can go</h2>\n"
	      "<div><table id=hosts><thead><tr>", out);
	put_heading(out, "machine");
	for (j = 0; j < g->places; j++) {
		against_name(&g->place[j], name, sizeof(name));
		put_heading(out, name);
	}
	fputs("</tr></thead><tbody>\n", out);
	for (i = 0; i < a->machines; i++) {
		fputs("<tr>", out);
		put_cell(out, a->machine[i].name);
		for (j = 0; j < g->places; j++)
			put_verdict(out, &g->place[j], &a->machine[i]);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
}

/* ---- The page ---- */

static void put_summary(FILE *out, const struct audit *a, const struct against *g)
{
	char name[400];
	size_t i;

	fputs("<h1>tapcompat audit</h1>\n<ul>\n", out);
	if (a->host[0]) {
		fputs("<li>host <bdi>", out);
		put_foreign(out, a->host);
		fputs("</bdi>, Linux <bdi>", out);
		put_foreign(out, a->kernel);
		fputs("</bdi></li>\n", out);
	}
	fprintf(out, "<li>machines: %zu</li>\n", a->machines);
	for (i = 0; g && i < g->places; i++) {
		const struct audit_place *p = &g->place[i];

		against_name(p, name, sizeof(name));
		fputs("<li><bdi>", out);
		put_foreign(out, name);
		fprintf(out, "</bdi>: %lu can go, %lu cannot go, %lu unknown; %lu would have "
			"frames corrupted there</li>\n", p->can, p->cannot, p->unknown,
			p->corrupted);
	}
	for (i = 0; i < a->notes; i++) {
		fputs("<li>not seen: ", out);
		put_foreign(out, a->note[i]);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

void audit_html(const struct audit *a, const struct against *g, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>\n"
	      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
	      "style-src '" AUDIT_STYLE_HASH "'; script-src '" AUDIT_SCRIPT_HASH "'; "
	      "base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=color-scheme content=\"light dark\">\n"
	      "<meta name=viewport content=\"width=device-width\">\n"
	      "<title>tapcompat audit</title>\n"
	      "<style>" AUDIT_STYLE "</style></head>\n<body>\n", out);
	put_summary(out, a, g);
	fputs("<p id=tools hidden><label>Filter: <input id=text></label>\n"
	      "<label>Verdict: <select id=verdict><option value=\"\">any</option>"
	      "<option>can-go</option><option>corrupts</option><option>cannot-go</option>"
	      "<option>unknown</option><option>held</option><option>not-held</option>"
	      "</select></label></p>\n", out);
	if (g)
		put_places(out, a, g);
	put_features(out, a);
	fputs("<script>" AUDIT_SCRIPT "</script>\n</body></html>\n", out);
}
