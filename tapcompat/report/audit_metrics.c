// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * audit_metrics.c - an audit for node_exporter's textfile collector
 */
#include "audit.h"

#include "table/feature.h"

static void put_metric(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP tapcompat_audit_%s %s\n# TYPE tapcompat_audit_%s gauge\n", name, help,
		name);
}

static void put_value(FILE *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		fputs(*value == '\n' ? "\\n" : (char[]){ *value, '\0' }, out);
	}
}

/* A machine holds what one of its cards holds; without a card it holds nothing. */
static enum audit_state machine_state(const struct audit_machine *m, unsigned int bit)
{
	enum audit_state is = AUDIT_NOT_HELD;
	unsigned int i;

	for (i = 0; i < m->cards && is != AUDIT_HELD; i++)
		if (audit_state(&m->card[i], bit) != AUDIT_NOT_HELD)
			is = audit_state(&m->card[i], bit);
	return is;
}

static void put_features(const struct audit *a, FILE *out)
{
	const struct tapcompat_feature *f;
	int state;
	size_t i;

	for_each_feature(f) {
		unsigned long count[AUDIT_NOT_HELD + 1] = { 0 };

		for (i = 0; i < a->machines; i++)
			count[machine_state(&a->machine[i], f->bit)]++;
		for (state = AUDIT_UNKNOWN; state <= AUDIT_NOT_HELD; state++)
			fprintf(out, "tapcompat_audit_feature_machines{feature=\"%s\","
				"state=\"%s\"} %lu\n", f->name,
				audit_state_name((enum audit_state)state), count[state]);
	}
}

/* The verdicts exclude each other: machines that go and are then broken are not can-go. */
static void put_place(const struct audit *a, const struct audit_place *p, FILE *out)
{
	enum { CORRUPTS = AUDIT_CANNOT_GO + 1, VERDICTS };
	unsigned long count[VERDICTS] = { 0 };
	char name[400];
	size_t i;
	int go;

	for (i = 0; i < a->machines; i++) {
		struct audit_verdict v = against_machine(p, &a->machine[i]);

		count[v.go == AUDIT_CAN_GO && !mask_empty(&v.corrupts) ? CORRUPTS : v.go]++;
	}
	against_name(p, name, sizeof(name));
	for (go = 0; go < VERDICTS; go++) {
		fputs("tapcompat_audit_host_machines{host=\"", out);
		put_value(out, name);
		fprintf(out, "\",verdict=\"%s\"} %lu\n",
			go == CORRUPTS ? "corrupts" : audit_go_name((enum audit_go)go), count[go]);
	}
}

void audit_metrics(const struct audit *a, const struct against *g, FILE *out)
{
	size_t i;

	put_metric(out, "machines", "Machines that were audited.");
	fprintf(out, "tapcompat_audit_machines %zu\n", a->machines);
	put_metric(out, "feature_machines", "Machines by feature, and whether they hold it.");
	put_features(a, out);
	if (g && g->places)
		put_metric(out, "host_machines", "Machines by host and whether they can go there; "
			   "corrupts: they can, and have frames corrupted there.");
	for (i = 0; g && i < g->places; i++)
		put_place(a, &g->place[i], out);
}
