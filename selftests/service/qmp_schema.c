// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp_schema.c - query-qmp-schema matches the commands, and QEMU's client works
 */
#include "kselftest_harness.h"

#include <jansson.h>

#include "qemu/qmp.h"
#include "qmp_fixture.h"
#include "run.h"

static char answers[ANSWERS];

/* ---- The schema --------------------------------------------------------- */

/* The result of a command; NULL on error. */
static json_t *ask(const char *command, const char *arguments)
{
	char text[4096], *rest = answers, *line;
	json_t *o, *returned;

	snprintf(text, sizeof(text), CAPS "{\"execute\":\"%s\",\"arguments\":%s}", command,
		 arguments);
	if (converse(text, strlen(text), ANSWERS, answers) || !line_next(&rest) ||
	    !line_next(&rest))
		return NULL;
	line = line_next(&rest);
	o = line ? json_loads(line, JSON_REJECT_DUPLICATES, NULL) : NULL;
	returned = json_incref(json_object_get(o, "return"));
	json_decref(o);
	return returned;
}

static const char *string_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* An entry by name, which is unique among commands and types. */
static json_t *entry_find(json_t *list, const char *name)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
		if (!strcmp(string_of(o, "name"), name))
			return o;
	return NULL;
}

static bool type_exists(json_t *schema, const char *name)
{
	json_t *o = entry_find(schema, name);

	return o && strcmp(string_of(o, "meta-type"), "command");
}

TEST(schema_and_commands_agree)
{
	json_t *schema = ask("query-qmp-schema", "{}"), *commands = ask("query-commands", "{}"), *o;
	size_t i, n = 0;

	ASSERT_NE(NULL, schema);
	ASSERT_NE(NULL, commands);
	json_array_foreach(commands, i, o)
		EXPECT_STREQ("command", string_of(entry_find(schema, string_of(o, "name")),
						  "meta-type"));
	json_array_foreach(schema, i, o) {
		EXPECT_EQ(o, entry_find(schema, string_of(o, "name")));
		if (strcmp(string_of(o, "meta-type"), "command"))
			continue;
		EXPECT_NE(NULL, entry_find(commands, string_of(o, "name")));
		n++;
	}
	EXPECT_EQ(json_array_size(commands), n);
	EXPECT_NE(NULL, entry_find(commands, "query-tap"));
	json_decref(schema);
	json_decref(commands);
}

TEST(schema_types_exist)
{
	static const char *const keys[] = { "arg-type", "ret-type", "element-type" };
	json_t *schema = ask("query-qmp-schema", "{}"), *o, *m = NULL;
	size_t i, k;

	ASSERT_NE(NULL, schema);
	json_array_foreach(schema, i, o) {
		for (k = 0; k < 3; k++)
			if (json_object_get(o, keys[k]))
				EXPECT_TRUE(type_exists(schema, string_of(o, keys[k]))) {
					TH_LOG("%s", string_of(o, keys[k]));
				}
		if (!strcmp(string_of(o, "meta-type"), "enum"))
			continue;
		json_array_foreach(json_object_get(o, "members"), k, m)
			EXPECT_TRUE(type_exists(schema, string_of(m, "type"))) {
				TH_LOG("%s: %s", string_of(o, "name"), string_of(m, "type"));
			}
	}
	json_decref(schema);
}

/* Each feature of the table is a value of some enum. */
TEST(schema_has_the_features)
{
	json_t *schema = ask("query-qmp-schema", "{}"), *members;
	const struct tapcompat_feature *f;
	unsigned int i;

	members = json_object_get(entry_find(schema, "TapFeature"), "members");
	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		EXPECT_NE(NULL, entry_find(members, f->name));
	EXPECT_EQ(i, json_array_size(members));
	json_decref(schema);
}

/* ---- Results match the schema ------------------------------------------- */

static const struct {
	const char *json;
	json_type type;
} plain[] = {
	{ "string", JSON_STRING }, { "int", JSON_INTEGER }, { "boolean", JSON_TRUE },
};

static bool builtin_holds(json_t *type, json_t *value)
{
	const char *json = string_of(type, "json-type");
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (!strcmp(plain[i].json, json))
			return json_typeof(value) == plain[i].type ||
			       (plain[i].type == JSON_TRUE && json_is_false(value));
	return !strcmp(json, "value");
}

static bool holds(json_t *schema, const char *name, json_t *value);

static bool object_holds(json_t *schema, json_t *type, json_t *value)
{
	json_t *members = json_object_get(type, "members"), *m, *v;
	const char *key;
	size_t i;

	if (!json_is_object(value))
		return false;
	json_array_foreach(members, i, m)
		if (!json_object_get(m, "default") && !json_object_get(value, string_of(m, "name")))
			return false;
	json_object_foreach(value, key, v) {
		m = entry_find(members, key);
		if (!m || !holds(schema, string_of(m, "type"), v)) {
			printf("# %s.%s\n", string_of(type, "name"), key);
			return false;
		}
	}
	return true;
}

static bool array_holds(json_t *schema, json_t *type, json_t *value)
{
	json_t *v;
	size_t i;

	if (!json_is_array(value))
		return false;
	json_array_foreach(value, i, v)
		if (!holds(schema, string_of(type, "element-type"), v))
			return false;
	return true;
}

static bool holds(json_t *schema, const char *name, json_t *value)
{
	json_t *type = entry_find(schema, name);
	const char *meta = string_of(type, "meta-type");

	if (!strcmp(meta, "object"))
		return object_holds(schema, type, value);
	if (!strcmp(meta, "array"))
		return array_holds(schema, type, value);
	if (!strcmp(meta, "enum"))
		return json_is_string(value) && entry_find(json_object_get(type, "members"),
							   json_string_value(value));
	return !strcmp(meta, "builtin") && builtin_holds(type, value);
}

static const struct {
	const char *command, *arguments;
} asked[] = {
	{ "qmp_capabilities", NULL },	/* sent already */
	{ "query-commands", "{}" },
	{ "query-qmp-schema", "{}" },
	{ "query-version", "{}" },
	{ "query-tap", "{\"verify\":false}" },
	{ "query-tap", "{\"verify\":false,\"backend\":\"tap\",\"load-modules\":false}" },
	{ "query-tap-models", "{}" },
	{ "query-tap-models", "{\"name\":\"tapnet\"}" },
	{ "query-tap-baseline", "{\"documents\":[" DOCUMENT("a", "0x1", "native") ","
	  DOCUMENT("b", "0x0", "absent") "]}" },
	{ "query-tap-baseline", "{\"documents\":[" DOCUMENT("a", "0x1", "native") "],\"backends\":"
	  "[\"tap\"],\"format\":\"qemu\",\"qemu-version\":\"8.2\",\"holds\":\"0x1\","
	  "\"guest\":\"g\",\"with\":[\"csum\"]}" },
	{ "query-tap-comparison", "{\"a\":\"tapnet-v1\",\"b\":\"0x1\"}" },
	{ "query-tap-comparison", "{\"a\":" DOCUMENT("a", "0x1", "native") ",\"backend\":\"tap\","
	  "\"b\":" DOCUMENT("b", "0x0", "absent") "}" },
	{ "query-tap-comparison", "{\"a\":" DOCUMENT("a", "0x1", "native") ",\"b\":\"tapnet\","
	  "\"allow-emulated\":true}" },
	{ "quit", NULL },
};

TEST(answers_as_the_schema_says)
{
	json_t *schema = ask("query-qmp-schema", "{}"), *commands = ask("query-commands", "{}"), *o;
	size_t i, k;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		if (!asked[i].arguments)
			continue;
		o = ask(asked[i].command, asked[i].arguments);
		if (!o && !strcmp(asked[i].command, "query-tap") &&
		    strstr(answers, "no backend could be probed"))
			continue;
		EXPECT_TRUE(o && holds(schema, string_of(entry_find(schema, asked[i].command),
							 "ret-type"), o)) {
			TH_LOG("%s %s: %.400s", asked[i].command, asked[i].arguments, answers);
		}
		json_decref(o);
	}
	/* All commands are tested. */
	json_array_foreach(commands, i, o) {
		for (k = 0; k < sizeof(asked) / sizeof(asked[0]); k++)
			if (!strcmp(asked[k].command, string_of(o, "name")))
				break;
		EXPECT_LT(k, sizeof(asked) / sizeof(asked[0])) {
			TH_LOG("%s", string_of(o, "name"));
		}
	}
	json_decref(schema);
	json_decref(commands);
}

/* ---- QEMU's client ------------------------------------------------------- */

/* The client adds QEMU-specific options. */
static bool wrapper_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		return false;
	fprintf(f, "#!/bin/sh\nexec %s qmp\n", run_tapcompat());
	return !fclose(f);
}

TEST(client_of_qemu)
{
	char path[64], why[256] = "";
	const char *const argv[] = { path, NULL };
	json_t *answer = NULL, *version;
	struct qmp q;

	snprintf(path, sizeof(path), "/tmp/tapcompat-qmp.%d", getpid());
	ASSERT_TRUE(wrapper_write(path));
	EXPECT_EQ(0, qmp_start(&q, argv, why, sizeof(why))) {
		TH_LOG("%s", why);
	}
	unlink(path);
	EXPECT_STREQ(tapcompat_version(), q.version);
	EXPECT_EQ(0, qmp_execute(&q, "query-version", NULL, &answer));
	version = json_object_get(answer, "qemu");
	EXPECT_TRUE(json_is_integer(json_object_get(version, "major")));
	json_decref(answer);
	EXPECT_EQ(0, qmp_execute(&q, "query-commands", NULL, &answer));
	EXPECT_NE(NULL, entry_find(answer, "query-tap"));
	json_decref(answer);
	EXPECT_EQ(0, qmp_execute(&q, "nonsense", NULL, &answer));
	EXPECT_EQ(NULL, answer);
	qmp_stop(&q);
}

TEST_HARNESS_MAIN
