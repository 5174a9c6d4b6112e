// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * domain_fuzz.c - domains of others: held to a model, they are valid, have all that they
 * had, and are not changed by doing it again
 */
#include <stdlib.h>
#include <string.h>

#include "document/domain.h"
#include "mutate.h"
#include "service/hold.h"

static struct tapcompat_error error;

static void check_domain(const char *text, size_t size)
{
	struct domain d;
	unsigned int i;
	int ret;

	error.text[0] = '\0';
	ret = domain_parse_all(&d, text, size, &error);
	printable(error.text, "domain: error");
	if (ret && !error.text[0])
		broken("domain: no error is said");
	if (!ret) {
		printable(d.unknown, "domain: unknown");
		printable(d.machine, "domain: machine");
		printable(d.emulator, "domain: emulator");
	}
	for (i = 0; !ret && i < d.interfaces; i++) {
		printable(d.interface[i].type, "domain: type");
		printable(d.interface[i].alias, "domain: alias");
		printable(d.interface[i].target, "domain: target");
	}
	domain_free(&d);
}

static int hold(const char *text, size_t size, char **held)
{
	const struct tapcompat_model *model = tapcompat_model_at(0);
	struct hold_options o = { .xml = text, .len = size, .given = true,
				  .has = tapcompat_model_features(model), .qemu = "8.2" };
	int ret;

	error.text[0] = '\0';
	ret = hold_domain(&o, held, &error);
	printable(error.text, "hold: error");
	if (ret && (!error.text[0] || *held))
		broken("hold: neither a domain nor an error");
	return ret;
}

/* Bytes are only added, so the old ones are in the new ones, in their order. */
static void check_kept(const char *before, size_t size, const char *after)
{
	size_t i = 0;

	for (; *after && i < size; after++)
		i += *after == before[i];
	if (i != size)
		broken("hold: it has removed or changed something");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = copy_exact(data, size), *once, *twice;

	check_domain(text, size);
	if (!hold(text, size, &once)) {
		/* The value of an override that is there may be corrected. */
		if (!memmem(text, size, "override", 8))
			check_kept(text, size, once);
		check_domain(once, strlen(once));
		if (hold(once, strlen(once), &twice) || strcmp(once, twice))
			broken("hold: doing it again changes something");
		free(once);
		free(twice);
	}
	free(text);
	return 0;
}
