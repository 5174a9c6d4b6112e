// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_commands.c - table of the QMP commands, and the short ones
 */
#include "qmp_server.h"

#include <string.h>

#include "ground/bytes.h"
#include "qmp_fleet.h"

#define NONE { NULL, NULL, false }

static json_t *handle_capabilities(struct qmp_call *call)
{
	if (call->session->negotiated)
		return qmp_fail(call, QMP_NOT_FOUND, "Capabilities negotiation is already "
				"complete, command ignored");
	call->session->negotiated = true;
	return json_object();
}

static json_t *handle_quit(struct qmp_call *call)
{
	call->session->quit = true;
	return json_object();
}

static json_t *handle_version(struct qmp_call *call)
{
	return qmp_version(&call->d);
}

static json_t *handle_commands(struct qmp_call *call)
{
	json_t *list = json_array(), *o;
	const struct qmp_command *c;
	unsigned int i;

	for (i = 0; (c = qmp_command_at(i)); i++) {
		o = json_object();
		put(&call->d, o, "name", json_string(c->name));
		append(&call->d, list, o);
	}
	return list;
}

static json_t *handle_schema(struct qmp_call *call)
{
	return qmp_schema(&call->d);
}

/* ---- query-tap ---------------------------------------------------------- */

static const struct qmp_member tap_arguments[] = {
	{ "verify", "bool", true }, { "backend", "TapBackendType", true },
	{ "load-modules", "bool", true }, NONE,
};

static struct tapcompat_probe_options tap_options(json_t *arguments)
{
	struct tapcompat_probe_options options = { .size = sizeof(options) };
	json_t *backend = json_object_get(arguments, "backend");

	if (json_is_false(json_object_get(arguments, "verify")))
		options.flags |= TAPCOMPAT_PROBE_NO_VERIFY;
	if (json_is_true(json_object_get(arguments, "load-modules")))
		options.flags |= TAPCOMPAT_PROBE_LOAD_MODULES;
	if (backend)
		options.backends = 1u << tapcompat_backend_find(json_string_value(backend));
	return options;
}

static json_t *handle_tap(struct qmp_call *call)
{
	struct tapcompat_probe_options options = tap_options(call->arguments);
	struct tapcompat_caps *caps;
	struct tapcompat_error error;
	const char *undecided;
	json_t *o = NULL;

	if (tapcompat_probe(&options, &caps, &error))
		return qmp_fail(call, QMP_GENERIC, "%s", error.text);
	undecided = tapcompat_caps_undecided(caps);
	if (undecided)
		qmp_fail(call, QMP_GENERIC, "no backend could be probed: %s", undecided);
	else
		o = document_caps(&call->d, caps);
	tapcompat_caps_free(caps);
	return o;
}

/* ---- Table -------------------------------------------------------------- */

static const struct qmp_member no_arguments[] = { NONE };

static const struct qmp_member capabilities_arguments[] = {
	{ "enable", "[QMPCapability]", true }, NONE,
};

static const struct qmp_member models_arguments[] = { { "name", "str", true }, NONE };

static const struct qmp_member comparison_arguments[] = {
	{ "a", "TapSet", false }, { "b", "TapSet", false }, { "backend", "TapBackendType", true },
	{ "allow-emulated", "bool", true }, NONE,
};

static const struct qmp_member baseline_arguments[] = {
	{ "documents", "[any]", false }, { "backends", "[TapBackendType]", true },
	{ "allow-emulated", "bool", true }, { "disable-deprecated-features", "bool", true },
	{ "qemu-version", "str", true }, { "with", "[TapFeature]", true },
	{ "holds", "str", true },
	{ "format", "TapFormat", true }, { "guest", "str", true }, NONE,
};

static const struct qmp_command commands[] = {
	{ "qmp_capabilities", capabilities_arguments, "q_empty", handle_capabilities },
	{ "query-commands", no_arguments, "[CommandInfo]", handle_commands },
	{ "query-qmp-schema", no_arguments, "[SchemaInfo]", handle_schema },
	{ "query-tap", tap_arguments, "TapCapabilities", handle_tap },
	{ "query-tap-baseline", baseline_arguments, "TapBaselineInfo", qmp_handle_baseline },
	{ "query-tap-comparison", comparison_arguments, "TapComparison", qmp_handle_comparison },
	{ "query-tap-models", models_arguments, "TapModels", qmp_handle_models },
	{ "query-version", no_arguments, "VersionInfo", handle_version },
	{ "quit", no_arguments, "q_empty", handle_quit },
};

const struct qmp_command *qmp_command_at(unsigned int index)
{
	return index < ARRAY_LENGTH(commands) ? &commands[index] : NULL;
}

const struct qmp_command *qmp_command_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}
