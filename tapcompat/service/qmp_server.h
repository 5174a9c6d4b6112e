/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qmp_server.h - the QMP server, internal
 *
 * qmp_stream.c splits the input into messages, qmp_server.c turns a message into a call.
 * Tables in qmp_types.c and qmp_commands.c describe the arguments and results of commands;
 * qmp_schema.c checks calls against these tables and generates query-qmp-schema from
 * them, so the two cannot disagree.
 */
#ifndef TAPCOMPAT_SERVICE_QMP_SERVER_H
#define TAPCOMPAT_SERVICE_QMP_SERVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tapcompat.h>

#include "document/document.h"

/* ---- Messages in a stream ----------------------------------------------- */

#define QMP_MESSAGE_MAX 0x1000000ul	/* bytes */
#define QMP_MESSAGE_DEPTH 24u
#define QMP_MESSAGE_VALUES 0x100000ul	/* each takes far more memory than its text */

enum qmp_event {
	QMP_MORE,	/* the message is not complete */
	QMP_MESSAGE,	/* @text is a message, its brackets match */
	QMP_BAD,	/* input is dropped for the reason in @why */
};

/* The part of a message received so far. */
struct qmp_stream {
	char *text;
	size_t len, size;
	unsigned int depth;
	uint32_t square;	/* bit n: the bracket at depth n is '[' */
	unsigned long values;
	bool string, escape;
	bool skip;		/* drop input up to the end of the line */
	const char *why;
};

/**
 * qmp_stream_put() - add a byte to the message
 *
 * After QMP_MESSAGE, use @text and call qmp_stream_reset().
 */
enum qmp_event qmp_stream_put(struct qmp_stream *s, unsigned char c);
void qmp_stream_reset(struct qmp_stream *s);
void qmp_stream_free(struct qmp_stream *s);

/* ---- Types -------------------------------------------------------------- */

/*
 * Arrays of these end with an entry without a name.
 * @type: name of a struct qmp_type; in brackets: an array of it
 */
struct qmp_member {
	const char *name;
	const char *type;
	bool optional;
};

enum qmp_meta {
	QMP_BUILTIN,
	QMP_OBJECT,
	QMP_ENUM,
	QMP_ALTERNATE,
};

/**
 * struct qmp_type - a QAPI type
 * @json: JSON type of a builtin, as in query-qmp-schema
 * @kind: the same for jansson; bool is JSON_TRUE
 * @member: members of an object or an alternate; names of the latter are not used
 * @word: values of an enum by index; NULL after the last one
 */
struct qmp_type {
	const char *name;
	const char *json;
	enum qmp_meta meta;
	json_type kind;
	const struct qmp_member *member;
	const char *(*word)(unsigned int index);
};

/* Return: NULL if there is no such type */
const struct qmp_type *qmp_type_find(const char *name);

/* ---- Commands ----------------------------------------------------------- */

struct qmp_session {
	bool negotiated, quit;
};

/* A command being executed. */
struct qmp_call {
	struct qmp_session *session;
	json_t *arguments;	/* an object, checked against the command's table */
	struct document d;	/* to build the result with */
	const char *error;	/* class of the error, or NULL */
	struct tapcompat_error why;
};

#define QMP_GENERIC "GenericError"
#define QMP_NOT_FOUND "CommandNotFound"

/**
 * qmp_fail() - report an error; the first one of a call counts
 * @error: class of the error
 * Return: NULL
 */
json_t *qmp_fail(struct qmp_call *call, const char *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * struct qmp_command - a command
 * @argument: its arguments
 * @returns: type of its result
 * @handle: execute it.  Return: the result, or NULL after qmp_fail()
 */
struct qmp_command {
	const char *name;
	const struct qmp_member *argument;
	const char *returns;
	json_t *(*handle)(struct qmp_call *call);
};

/* Iterate over the commands.  Return: NULL after the last one */
const struct qmp_command *qmp_command_at(unsigned int index);

/* Return: NULL if there is no such command */
const struct qmp_command *qmp_command_find(const char *name);

/* Return: a borrowed reference; NULL if the argument was not given */
static inline json_t *qmp_argument(const struct qmp_call *call, const char *name)
{
	return json_object_get(call->arguments, name);
}

/**
 * qmp_arguments_check() - check the arguments of a call against its command's table
 * Return: false after qmp_fail()
 */
bool qmp_arguments_check(struct qmp_call *call, const struct qmp_command *command);

/* The results of query-qmp-schema and query-version. */
json_t *qmp_schema(struct document *d);
json_t *qmp_version(struct document *d);

#endif /* TAPCOMPAT_SERVICE_QMP_SERVER_H */
