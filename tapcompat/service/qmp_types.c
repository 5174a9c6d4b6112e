// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_types.c - types of the arguments and results of QMP commands
 *
 * Types without the prefix Tap are those of QEMU's schema.  The documents of tapcompat(1)
 * are described as this version writes them.
 */
#include "qmp_server.h"

#include <string.h>

#include <tapcompat_fleet.h>

#include "ground/bytes.h"
#include "table/feature.h"

#define NONE { NULL, NULL, false }

/* ---- Enums -------------------------------------------------------------- */

static const char *word_backend(unsigned int i)
{
	return i < TAPCOMPAT_BACKENDS ? tapcompat_backend_name((enum tapcompat_backend_type)i)
				      : NULL;
}

static const char *word_feature(unsigned int i)
{
	const struct tapcompat_feature *f = tapcompat_feature_at(i);

	return f ? f->name : NULL;
}

/* Skips TAPCOMPAT_UNLISTED, which does not occur in documents. */
static const char *word_state(unsigned int i)
{
	return i < TAPCOMPAT_UNKNOWN ? tapcompat_state_name((enum tapcompat_state)(i + 1)) : NULL;
}

static const char *word_verified(unsigned int i)
{
	return i <= TAPCOMPAT_FAILED ? tapcompat_verified_name((enum tapcompat_verified)i) : NULL;
}

static const char *word_endian(unsigned int i)
{
	static const char *const words[] = { "little", "big" };

	return i < ARRAY_LENGTH(words) ? words[i] : NULL;
}

static const char *word_status(unsigned int i)
{
	static const char *const words[] = { "announced", "stable" };

	return i < ARRAY_LENGTH(words) ? words[i] : NULL;
}

static const char *word_relation(unsigned int i)
{
	return i <= TAPCOMPAT_SUBSET ? tapcompat_relation_name((enum tapcompat_relation)i) : NULL;
}

static const char *word_format(unsigned int i)
{
	return i < TAPCOMPAT_FORMATS ? tapcompat_format_name((enum tapcompat_format)i) : NULL;
}

/* QEMU's "oob" is not supported. */
static const char *word_capability(unsigned int i)
{
	(void)i;
	return NULL;
}

static const char *word_json(unsigned int i)
{
	static const char *const words[] = {
		"string", "number", "int", "boolean", "null", "object", "array", "value",
	};

	return i < ARRAY_LENGTH(words) ? words[i] : NULL;
}

static const char *word_meta(unsigned int i)
{
	static const char *const words[] = {
		"builtin", "enum", "array", "object", "alternate", "command",
	};

	return i < ARRAY_LENGTH(words) ? words[i] : NULL;
}

/* ---- Members ------------------------------------------------------------ */

static const struct qmp_member empty[] = { NONE };

static const struct qmp_member version_triple[] = {
	{ "major", "int", false }, { "minor", "int", false }, { "micro", "int", false }, NONE,
};

static const struct qmp_member version_info[] = {
	{ "qemu", "VersionTriple", false }, { "package", "str", false }, NONE,
};

static const struct qmp_member command_info[] = { { "name", "str", false }, NONE };

/* A union in QEMU; here, too, the members depend on meta-type. */
static const struct qmp_member schema_info[] = {
	{ "name", "str", false }, { "meta-type", "SchemaMetaType", false },
	{ "json-type", "JSONType", true }, { "element-type", "str", true },
	{ "members", "[SchemaInfoMember]", true }, { "values", "[str]", true },
	{ "arg-type", "str", true }, { "ret-type", "str", true },
	{ "allow-oob", "bool", true }, NONE,
};

static const struct qmp_member schema_info_member[] = {
	{ "name", "str", true }, { "type", "str", true }, { "default", "any", true }, NONE,
};

static const struct qmp_member capabilities[] = {
	{ "schema", "str", false }, { "version", "int", false }, { "host", "TapHost", false },
	{ "probed-at", "str", false }, { "backends", "[TapBackend]", false }, NONE,
};

static const struct qmp_member host[] = {
	{ "name", "str", false }, { "kernel", "str", false }, { "machine", "str", false }, NONE,
};

static const struct qmp_member backend[] = {
	{ "type", "TapBackendType", false }, { "available", "bool", false },
	{ "state", "TapState", true }, { "detail", "str", true },
	{ "vnet-hdr-sizes", "[int]", true }, { "vnet-endian", "[TapEndian]", true },
	{ "multi-queue", "bool", true }, { "unknown-offloads", "str", true },
	{ "vhost-features", "str", true }, { "features-array", "bool", true },
	{ "backend-features", "str", true }, { "management-devices", "[TapVdpa]", true },
	{ "devices", "[TapVdpa]", true }, { "unlisted", "int", true },
	{ "native", "str", true }, { "emulated", "str", true },
	{ "features", "[TapFeatureInfo]", true }, NONE,
};

static const struct qmp_member feature_info[] = {
	{ "name", "TapFeature", false }, { "bit", "int", false }, { "state", "TapState", false },
	{ "verified", "TapVerified", false }, { "detail", "str", true },
	{ "since-kernel", "str", true }, NONE,
};

static const struct qmp_member vdpa[] = {
	{ "name", "str", false }, { "management-device", "str", true },
	{ "features", "str", true }, NONE,
};

static const struct qmp_member models[] = {
	{ "schema", "str", false }, { "version", "int", false }, { "alias", "str", false },
	{ "stands-for", "str", false }, { "models", "[TapModel]", false },
	{ "exclusions", "[TapExclusion]", true }, NONE,
};

static const struct qmp_member exclusion[] = {
	{ "name", "str", false }, { "linux", "str", false }, { "about", "str", false },
	{ "mask", "str", false }, { "features", "[str]", false }, NONE,
};

static const struct qmp_member model[] = {
	{ "name", "str", false }, { "status", "TapModelStatus", false },
	{ "linux", "str", false }, { "qemu", "str", false }, { "about", "str", false },
	{ "fingerprint", "str", false }, { "mask", "str", false },
	{ "features", "[TapFeature]", false }, { "deprecated", "[TapDeprecated]", false },
	NONE,
};

static const struct qmp_member deprecated[] = {
	{ "name", "TapFeature", false }, { "since-kernel", "str", false },
	{ "replacement", "[TapFeature]", false }, NONE,
};

/* The name of a model or a mask; or a capability document. */
static const struct qmp_member set[] = {
	{ "name", "str", false }, { "document", "TapCapabilities", false }, NONE,
};

static const struct qmp_member comparison[] = {
	{ "schema", "str", false }, { "version", "int", false }, { "first", "str", false },
	{ "second", "str", false }, { "result", "TapRelation", false },
	{ "responsible-properties", "[str]", false },
	{ "backends", "[TapDifference]", false }, { "left-out", "[TapBackendType]", false },
	NONE,
};

static const struct qmp_member difference[] = {
	{ "type", "TapBackendType", true }, { "result", "TapRelation", false },
	{ "only-first", "[str]", false }, { "only-second", "[str]", false },
	{ "unknown", "[TapFeature]", false }, NONE,
};

static const struct qmp_member baseline_info[] = {
	{ "hosts", "int", false }, { "mask", "str", false }, { "features", "[TapFeature]", false },
	{ "off", "[TapFeature]", false }, { "added", "[TapAdded]", true },
	{ "warnings", "[str]", false }, { "document", "any", true }, { "text", "str", true },
	NONE,
};

/* What was not asked for, and is needed by something that was. */
static const struct qmp_member added[] = {
	{ "name", "TapFeature", false }, { "for", "TapFeature", false }, NONE,
};

/* ---- Types -------------------------------------------------------------- */

#define BUILTIN(n, j, k) { .name = (n), .meta = QMP_BUILTIN, .json = (j), .kind = (k) }
#define OBJECT(n, m) { .name = (n), .meta = QMP_OBJECT, .member = (m) }
#define ENUM(n, w) { .name = (n), .meta = QMP_ENUM, .word = (w) }

static const struct qmp_type types[] = {
	BUILTIN("str", "string", JSON_STRING),
	BUILTIN("int", "int", JSON_INTEGER),
	BUILTIN("bool", "boolean", JSON_TRUE),
	BUILTIN("any", "value", JSON_NULL),
	OBJECT("q_empty", empty),
	OBJECT("VersionTriple", version_triple),
	OBJECT("VersionInfo", version_info),
	OBJECT("CommandInfo", command_info),
	OBJECT("SchemaInfo", schema_info),
	OBJECT("SchemaInfoMember", schema_info_member),
	ENUM("SchemaMetaType", word_meta),
	ENUM("JSONType", word_json),
	ENUM("QMPCapability", word_capability),
	OBJECT("TapCapabilities", capabilities),
	OBJECT("TapHost", host),
	OBJECT("TapBackend", backend),
	OBJECT("TapFeatureInfo", feature_info),
	OBJECT("TapVdpa", vdpa),
	OBJECT("TapModels", models),
	OBJECT("TapModel", model),
	OBJECT("TapExclusion", exclusion),
	OBJECT("TapDeprecated", deprecated),
	{ .name = "TapSet", .meta = QMP_ALTERNATE, .member = set },
	OBJECT("TapComparison", comparison),
	OBJECT("TapDifference", difference),
	OBJECT("TapBaselineInfo", baseline_info),
	OBJECT("TapAdded", added),
	ENUM("TapBackendType", word_backend),
	ENUM("TapFeature", word_feature),
	ENUM("TapState", word_state),
	ENUM("TapVerified", word_verified),
	ENUM("TapEndian", word_endian),
	ENUM("TapModelStatus", word_status),
	ENUM("TapRelation", word_relation),
	ENUM("TapFormat", word_format),
};

const struct qmp_type *qmp_type_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(types); i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	return NULL;
}
