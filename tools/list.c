// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list.c - lists in messages: "a, b, c"
 */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

void list_add(char *text, size_t size, const char *word)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", used ? ", " : "", word);
}

const char *list_features(char *text, size_t size, struct tapcompat_mask mask)
{
	const struct tapcompat_feature *f;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		if (tapcompat_mask_test(&mask, f->bit))
			list_add(text, size, f->name);
	return text;
}

void complain_added(const struct output *out, struct tapcompat_mask asked)
{
	const struct tapcompat_feature *f, *reason;
	char names[512] = "", one[64];
	unsigned int i;

	for (i = 0; (f = tapcompat_feature_at(i)); i++) {
		reason = tapcompat_require_reason(&asked, f);
		if (!reason)
			continue;
		snprintf(one, sizeof(one), "%s (%s needs it)", f->name, reason->name);
		list_add(names, sizeof(names), one);
	}
	if (*names && !out->quiet)
		complain("added: %s", names);
}
