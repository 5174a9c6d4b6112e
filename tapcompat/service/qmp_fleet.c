// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_fleet.c - the QMP commands that do not probe this host
 *
 * A client may be less trusted than the server's user: nothing that it sends is used as
 * the name of a file.
 */
#include "qmp_fleet.h"

#include <stdlib.h>
#include <string.h>

#include <tapcompat_fleet.h>

/* ---- query-tap-models --------------------------------------------------- */

json_t *qmp_handle_models(struct qmp_call *call)
{
	const char *name = json_string_value(qmp_argument(call, "name"));
	const struct tapcompat_model *model = name ? tapcompat_model_find(name) : NULL;

	if (name && !model)
		return qmp_fail(call, QMP_GENERIC, "Parameter 'name': unknown model '%.64s': "
				"omit it to list all models", name);
	return document_models(&call->d, model, 0);
}

/* ---- Sets to compare ---------------------------------------------------- */

struct tapcompat_caps *qmp_caps_of(struct qmp_call *call, const json_t *document,
				   const char *place)
{
	char *text = document_dump(document, JSON_COMPACT | JSON_ENCODE_ANY, "");
	struct tapcompat_caps *caps = NULL;
	struct tapcompat_error error;

	if (!text)
		qmp_fail(call, QMP_GENERIC, "out of memory");
	else if (tapcompat_caps_parse(text, strlen(text), place, &caps, &error))
		qmp_fail(call, QMP_GENERIC, "%s", error.text);
	free(text);
	return caps;
}

static struct tapcompat_set *set_of_document(struct qmp_call *call, const char *name,
					     unsigned int flags)
{
	struct tapcompat_caps *caps = qmp_caps_of(call, qmp_argument(call, name), name);
	struct tapcompat_set *set = NULL;

	if (caps)
		set = tapcompat_set_of(caps, tapcompat_caps_host(caps).name, flags);
	tapcompat_caps_free(caps);
	return set;
}

static struct tapcompat_set *set_of_words(struct qmp_call *call, const char *name,
					  unsigned int flags)
{
	const char *what = json_string_value(qmp_argument(call, name));
	struct tapcompat_set *set = NULL;
	struct tapcompat_error error;
	struct tapcompat_mask mask;

	/* tapcompat_set_load() would take anything else for a path. */
	if (!tapcompat_model_find(what) && tapcompat_mask_parse(what, &mask))
		qmp_fail(call, QMP_GENERIC, "Parameter '%s' is '%.64s': it must be the name of a "
			 "model, a mask such as \"0x1f\", or a capability document", name, what);
	else if (tapcompat_set_load(what, flags, &set, &error))
		qmp_fail(call, QMP_GENERIC, "Parameter '%s': %s", name, error.text);
	return set;
}

static struct tapcompat_set *set_of(struct qmp_call *call, const char *name)
{
	unsigned int flags = json_is_true(qmp_argument(call, "allow-emulated")) ?
			     TAPCOMPAT_SET_EMULATED : 0;

	return json_is_string(qmp_argument(call, name)) ? set_of_words(call, name, flags) :
						      set_of_document(call, name, flags);
}

/* ---- query-tap-comparison ----------------------------------------------- */

static unsigned int backend_bit(const json_t *name)
{
	return 1u << tapcompat_backend_find(json_string_value(name));
}

json_t *qmp_handle_comparison(struct qmp_call *call)
{
	json_t *backend = qmp_argument(call, "backend"), *o = NULL;
	struct tapcompat_comparison *c = NULL;
	struct tapcompat_set *a = set_of(call, "a"), *b = a ? set_of(call, "b") : NULL;
	struct tapcompat_error error;

	if (a && b) {
		if (tapcompat_compare(a, b, backend ? backend_bit(backend) : 0, &c, &error))
			qmp_fail(call, QMP_GENERIC, "%s", error.text);
		else
			o = document_comparison(&call->d, c);
	}
	tapcompat_comparison_free(c);
	tapcompat_set_free(b);
	tapcompat_set_free(a);
	return o;
}
