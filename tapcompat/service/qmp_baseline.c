// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_baseline.c - query-tap-baseline: features that a machine can use on all hosts
 */
#include "qmp_fleet.h"

#include <stdlib.h>
#include <string.h>

#include <tapcompat_fleet.h>

#include "fleet/fleet.h"
#include "ground/bytes.h"
#include "ground/text.h"

/* ---- Arguments ---------------------------------------------------------- */

static unsigned int baseline_flags(const struct qmp_call *call)
{
	static const struct {
		const char *name;
		unsigned int flag;
	} flags[] = {
		{ "allow-emulated", TAPCOMPAT_FLEET_EMULATED },
		{ "disable-deprecated-features", TAPCOMPAT_FLEET_NO_DEPRECATED },
	};
	unsigned int set = 0;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(flags); i++)
		if (json_is_true(qmp_argument(call, flags[i].name)))
			set |= flags[i].flag;
	return set;
}

/* Backends and features have been checked against their enums. */
static struct tapcompat_fleet *baseline_fleet(struct qmp_call *call)
{
	struct tapcompat_fleet_options o = { .size = sizeof(o), .flags = baseline_flags(call) };
	const char *acked = json_string_value(qmp_argument(call, "holds"));
	struct tapcompat_fleet *fleet;
	struct tapcompat_error error;
	json_t *word;
	size_t i;

	o.qemu = json_string_value(qmp_argument(call, "qemu-version"));
	json_array_foreach(qmp_argument(call, "backends"), i, word) {
		o.backends |= 1u << tapcompat_backend_find(json_string_value(word));
	}
	json_array_foreach(qmp_argument(call, "with"), i, word) {
		tapcompat_mask_set(&o.ask_for,
				   tapcompat_feature_find(json_string_value(word))->bit);
	}
	if (acked && tapcompat_mask_parse(acked, &o.acked)) {
		qmp_fail(call, QMP_GENERIC, "Parameter 'holds' must be \"0x\" and up to 32 "
			 "hexadecimal digits");
		return NULL;
	}
	if (tapcompat_fleet_new(&o, &fleet, &error))
		qmp_fail(call, QMP_GENERIC, "%s", error.text);
	return fleet;
}

static bool baseline_add(struct qmp_call *call, struct tapcompat_fleet *fleet)
{
	const char *why;
	json_t *document;
	size_t i;

	json_array_foreach(qmp_argument(call, "documents"), i, document) {
		struct tapcompat_caps *caps;
		char place[32];

		text_set(place, sizeof(place), "documents[%zu]", i);
		caps = qmp_caps_of(call, document, place);
		if (caps && tapcompat_fleet_add(fleet, caps))
			qmp_fail(call, QMP_GENERIC, "out of memory");
		tapcompat_caps_free(caps);
		if (call->error)
			return false;
	}
	if (!i)
		qmp_fail(call, QMP_GENERIC, "Parameter 'documents' is empty: give a document of "
			 "each host");
	why = tapcompat_fleet_undecided(fleet);
	if (!why)
		why = tapcompat_fleet_lacks(fleet);
	if (why)
		qmp_fail(call, QMP_GENERIC, "%s", why);
	return !call->error;
}

/* ---- Result ------------------------------------------------------------- */

static enum tapcompat_format baseline_format(const struct qmp_call *call)
{
	const char *name = json_string_value(qmp_argument(call, "format"));
	unsigned int i = TAPCOMPAT_FORMAT_JSON;

	while (name && i < TAPCOMPAT_FORMATS - 1 &&
	       strcmp(name, tapcompat_format_name((enum tapcompat_format)i)))
		i++;
	return (enum tapcompat_format)i;
}

static void put_warnings(struct document *d, json_t *o, struct tapcompat_fleet *fleet)
{
	const char *why = tapcompat_fleet_fallback(fleet);
	const char *later = tapcompat_fleet_later(fleet);
	json_t *list = json_array();

	if (why)
		append(d, list, json_string(why));
	if (later)
		append(d, list, json_string(later));
	put(d, o, "warnings", list);
}

static json_t *baseline_info(struct qmp_call *call, struct tapcompat_fleet *fleet)
{
	const char *guest = json_string_value(qmp_argument(call, "guest"));
	enum tapcompat_format format = baseline_format(call);
	char *text = tapcompat_fleet_format(fleet, format, guest, 0);
	struct document *d = &call->d;
	json_t *o = json_object();

	put(d, o, "hosts", json_integer((json_int_t)tapcompat_fleet_hosts(fleet)));
	put(d, o, "mask", json_mask(tapcompat_fleet_mask(fleet)));
	put(d, o, "features", json_names(d, tapcompat_fleet_mask(fleet)));
	put(d, o, "off", json_names(d, tapcompat_fleet_off(fleet)));
	put_added(d, o, fleet_asked(fleet, tapcompat_fleet_mask(fleet)));
	put_warnings(d, o, fleet);
	/* The document is available as text only.  NULL: no memory */
	if (format == TAPCOMPAT_FORMAT_JSON)
		put(d, o, "document", text ? json_loads(text, 0, NULL) : NULL);
	else
		put(d, o, "text", text ? json_string(text) : NULL);
	free(text);
	return o;
}

json_t *qmp_handle_baseline(struct qmp_call *call)
{
	struct tapcompat_fleet *fleet = baseline_fleet(call);
	json_t *o = NULL;

	if (fleet && baseline_add(call, fleet))
		o = baseline_info(call, fleet);
	tapcompat_fleet_free(fleet);
	return o;
}
