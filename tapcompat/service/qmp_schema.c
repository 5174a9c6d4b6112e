// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qmp_schema.c - query-qmp-schema, and the check of arguments against it
 */
#include "qmp_server.h"

#include <string.h>

#include "ground/text.h"

#define SCHEMA_NAME 128

/* ---- Schema ------------------------------------------------------------- */

/* Lists each type that some command refers to, once. */
struct schema {
	struct document *d;
	json_t *list;		/* the result */
	json_t *names;		/* types in the order in which they were first referred to */
	json_t *seen;		/* the same names as keys */
};

static json_t *schema_entry(struct schema *s, const char *name, const char *meta)
{
	json_t *o = json_object();

	put(s->d, o, "name", json_string(name));
	put(s->d, o, "meta-type", json_string(meta));
	return o;
}

static json_t *schema_mention(struct schema *s, const char *type)
{
	if (!json_object_get(s->seen, type)) {
		put(s->d, s->seen, type, json_true());
		append(s->d, s->names, json_string(type));
	}
	return json_string(type);
}

static json_t *schema_members(struct schema *s, const struct qmp_type *t)
{
	json_t *list = json_array();
	const struct qmp_member *m;

	for (m = t->member; m->name; m++) {
		json_t *o = json_object();

		if (t->meta == QMP_OBJECT)
			put(s->d, o, "name", json_string(m->name));
		put(s->d, o, "type", schema_mention(s, m->type));
		if (m->optional)
			put(s->d, o, "default", json_null());
		append(s->d, list, o);
	}
	return list;
}

/* As in QEMU: "values" is for clients that predate "members". */
static void schema_words(struct schema *s, json_t *o, const struct qmp_type *t)
{
	json_t *members = json_array(), *values = json_array();
	const char *word;
	unsigned int i;

	for (i = 0; (word = t->word(i)); i++) {
		json_t *member = json_object();

		put(s->d, member, "name", json_string(word));
		append(s->d, members, member);
		append(s->d, values, json_string(word));
	}
	put(s->d, o, "members", members);
	put(s->d, o, "values", values);
}

static json_t *schema_type(struct schema *s, const struct qmp_type *t)
{
	static const char *const meta[] = {
		[QMP_BUILTIN] = "builtin", [QMP_OBJECT] = "object", [QMP_ENUM] = "enum",
		[QMP_ALTERNATE] = "alternate",
	};
	json_t *o = schema_entry(s, t->name, meta[t->meta]);

	if (t->meta == QMP_BUILTIN)
		put(s->d, o, "json-type", json_string(t->json));
	else if (t->meta == QMP_ENUM)
		schema_words(s, o, t);
	else
		put(s->d, o, "members", schema_members(s, t));
	return o;
}

/* "[int]" is an array of "int". */
static bool schema_element(const char *type, char *element)
{
	if (type[0] != '[')
		return false;
	text_set(element, SCHEMA_NAME, "%.*s", (int)strlen(type) - 2, type + 1);
	return true;
}

static json_t *schema_array(struct schema *s, const char *name, const char *element)
{
	json_t *o = schema_entry(s, name, "array");

	put(s->d, o, "element-type", schema_mention(s, element));
	return o;
}

static void schema_types(struct schema *s)
{
	size_t i;

	for (i = 0; i < json_array_size(s->names); i++) {
		const char *name = json_string_value(json_array_get(s->names, i));
		const struct qmp_type *t = qmp_type_find(name);
		char element[SCHEMA_NAME];

		if (schema_element(name, element))
			append(s->d, s->list, schema_array(s, name, element));
		else if (t)
			append(s->d, s->list, schema_type(s, t));
	}
}

/* The arguments of a command are an object type. */
static json_t *schema_arguments(struct schema *s, const struct qmp_command *c)
{
	char name[SCHEMA_NAME];
	const struct qmp_type t = { .name = name, .meta = QMP_OBJECT, .member = c->argument };

	if (!c->argument[0].name)
		return schema_mention(s, "q_empty");
	text_set(name, sizeof(name), "q_obj_%s-arg", c->name);
	append(s->d, s->list, schema_type(s, &t));
	return json_string(name);
}

static void schema_command(struct schema *s, const struct qmp_command *c)
{
	json_t *o = schema_entry(s, c->name, "command");

	put(s->d, o, "arg-type", schema_arguments(s, c));
	put(s->d, o, "ret-type", schema_mention(s, c->returns));
	put(s->d, o, "allow-oob", json_false());
	append(s->d, s->list, o);
}

json_t *qmp_schema(struct document *d)
{
	struct schema s = {
		.d = d, .list = json_array(), .names = json_array(), .seen = json_object(),
	};
	const struct qmp_command *c;
	unsigned int i;

	for (i = 0; (c = qmp_command_at(i)); i++)
		schema_command(&s, c);
	schema_types(&s);
	json_decref(s.names);
	json_decref(s.seen);
	return s.list;
}

/* ---- Checking ----------------------------------------------------------- */

static bool shape_plain(const struct qmp_type *t, const json_t *value)
{
	switch (t->meta) {
	case QMP_OBJECT:
		return json_is_object(value);
	case QMP_ENUM:
		return json_is_string(value);
	default:
		return t->kind == JSON_NULL || json_typeof(value) == t->kind ||
		       (t->kind == JSON_TRUE && json_is_false(value));
	}
}

static bool shape_right(const struct qmp_type *t, const json_t *value)
{
	const struct qmp_member *m;

	if (t->meta != QMP_ALTERNATE)
		return shape_plain(t, value);
	for (m = t->member; m->name; m++)
		if (shape_plain(qmp_type_find(m->type), value))
			return true;
	return false;
}

static const char *shape_name(const struct qmp_type *t)
{
	static const char *const names[] = { [QMP_OBJECT] = "object", [QMP_ENUM] = "string" };

	if (t->meta == QMP_ALTERNATE)
		return t->name;
	if (t->meta == QMP_BUILTIN)
		return t->kind == JSON_INTEGER ? "integer" : t->json;
	return names[t->meta];
}

static void word_check(struct qmp_call *call, const struct qmp_type *t, const json_t *value,
		       const char *place)
{
	char known[256] = "";
	const char *word;
	unsigned int i;

	for (i = 0; (word = t->word(i)); i++) {
		if (!strcmp(word, json_string_value(value)))
			return;
		text_add(known, sizeof(known), "%s%s", i ? ", " : "", word);
	}
	qmp_fail(call, QMP_GENERIC, "Parameter '%s' does not accept value '%.64s': %s%s", place,
		 json_string_value(value), i ? "expected one of " : "no value is accepted", known);
}

/* Members of an object are checked by the command that reads it. */
static void value_check(struct qmp_call *call, const char *type, const json_t *value,
			const char *place)
{
	const struct qmp_type *t = qmp_type_find(type);

	if (!shape_right(t, value))
		qmp_fail(call, QMP_GENERIC, "Invalid parameter type for '%s', expected: %s", place,
			 shape_name(t));
	else if (t->meta == QMP_ENUM)
		word_check(call, t, value, place);
}

static void array_check(struct qmp_call *call, const char *element, const json_t *list,
			const char *name)
{
	char place[SCHEMA_NAME];
	json_t *value;
	size_t i;

	if (!json_is_array(list))
		qmp_fail(call, QMP_GENERIC, "Invalid parameter type for '%s', expected: array",
			 name);
	json_array_foreach(list, i, value) {
		text_set(place, sizeof(place), "%s[%zu]", name, i);
		value_check(call, element, value, place);
	}
}

static void member_check(struct qmp_call *call, const struct qmp_member *m, const json_t *value)
{
	char element[SCHEMA_NAME];

	if (!value && m->optional)
		return;
	if (!value)
		qmp_fail(call, QMP_GENERIC, "Parameter '%s' is missing", m->name);
	else if (schema_element(m->type, element))
		array_check(call, element, value, m->name);
	else
		value_check(call, m->type, value, m->name);
}

static bool member_known(const struct qmp_member *m, const char *name)
{
	while (m->name && strcmp(m->name, name))
		m++;
	return m->name;
}

bool qmp_arguments_check(struct qmp_call *call, const struct qmp_command *command)
{
	const struct qmp_member *m;
	const char *name;
	json_t *value;

	for (m = command->argument; m->name; m++)
		member_check(call, m, json_object_get(call->arguments, m->name));
	json_object_foreach(call->arguments, name, value) {
		if (!member_known(command->argument, name))
			qmp_fail(call, QMP_GENERIC, "Parameter '%.64s' is unexpected", name);
	}
	return !call->error;
}
