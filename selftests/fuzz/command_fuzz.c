// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_fuzz.c - command lines of processes: all that the audit takes from them can be shown
 *
 * The first byte is the number of taps that the process has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "mutate.h"
#include "report/audit.h"

#define FDS 8

static void check_cards(const struct audit_machine *m)
{
	unsigned int i, j;

	if (m->cards > AUDIT_CARDS)
		broken("command line: cards");
	for (i = 0; i < m->cards; i++) {
		const struct audit_card *c = &m->card[i];

		printable(c->alias, "alias");
		printable(c->netdev, "netdev");
		printable(c->model, "model");
		printable(c->mac, "mac");
		if (c->tap)
			printable(c->tap->name, "tap");
		for (j = 0; j < AUDIT_SOURCES; j++)
			printable(c->evidence[j].detail, "evidence");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_fd fds[FDS];
	struct audit_machine *m;
	struct audit a;
	unsigned int i;
	char *text, *json;

	if (!size)
		return 0;
	for (i = 0; i < FDS; i++) {
		fds[i] = (struct audit_fd){ .fd = 3 + (int)i, .vhost = i % 3 == 2 };
		snprintf(fds[i].name, sizeof(fds[i].name), "tap\033%u", i);
	}
	text = copy_exact(data + 1, size - 1);
	audit_init(&a, false);
	m = audit_machine(&a);
	if (!m || audit_command_line(m, text, size - 1, fds, data[0] % (FDS + 1)))
		abort();
	printable(m->name, "name");
	printable(m->uuid, "uuid");
	printable(m->manager, "manager");
	printable(m->type, "machine type");
	check_cards(m);
	audit_settle_all(&a);
	json = audit_json(&a, NULL, 0);
	if (!json)
		broken("command line: no document");
	printable_lines(json, "document");
	free(json);
	audit_free(&a);
	free(text);
	return 0;
}
