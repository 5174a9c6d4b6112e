// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stat_fuzz.c - a page of counters, into which its process writes anything
 */
#include <jansson.h>
#include <stdlib.h>

#include "mutate.h"
#include "stat/stat_view.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stat_page *page = calloc(1, sizeof(*page));
	struct tapcompat_stat *stat = calloc(1, sizeof(*stat));
	unsigned int i;
	char *text;
	json_t *o;

	if (!page || !stat)
		abort();
	memcpy(page, data, size < sizeof(*page) ? size : sizeof(*page));
	view_page(stat, page);
	if (stat->queues > STAT_PORTS)
		broken("stat: queues");
	for (i = 0; i < stat->queues; i++) {
		printable(stat->queue[i].interface, "stat: interface");
		if (stat->queue[i].datapath > VIEW_QEMU)
			broken("stat: datapath");
	}
	text = tapcompat_stat_json(stat, 0);
	if (!text)
		broken("stat: no document");
	printable_lines(text, "stat: document");
	o = json_loads(text, 0, NULL);
	if (!o)
		broken("stat: the document is not JSON");
	json_decref(o);
	free(text);
	free(stat);
	free(page);
	return 0;
}
