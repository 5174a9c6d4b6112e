/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qmp_server.h - a QMP server, from inside
 *
 * Bytes become messages (qmp_stream.c) and messages calls (qmp_server.c).  What a call
 * may have for arguments, and what it returns, stands in tables (qmp_types.c,
 * qmp_commands.c); calls are checked against them and query-qmp-schema is made of them
 * (qmp_schema.c), so that neither knows what the other does not.
 */
#ifndef TAPCOMPAT_SERVICE_QMP_SERVER_H
#define TAPCOMPAT_SERVICE_QMP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <tapcompat.h>

#include "document/document.h"

/* ---- Messages in a stream ----------------------------------------------- */

#define QMP_MESSAGE_MAX 0x1000000ul	/* bytes */
#define QMP_MESSAGE_DEPTH 24u
#define QMP_MESSAGE_VALUES 0x100000ul	/* each takes far more memory than its text */

enum qmp_event {
	QMP_MORE,	/* go on */
	QMP_MESSAGE,	/* @text is one, by its brackets */
	QMP_BAD,	/* something is dropped, @why says why */
};

/* What has come of a message, and where in it we are. */
struct qmp_stream {
	char *text;
	size_t len, size;
	unsigned int depth;
	uint32_t square;	/* bit n: the bracket at depth n is '[' */
	unsigned long values;
	bool string, escape;
	bool skip;		/* what is bad, to the end of its line */
	const char *why;
};

/**
 * qmp_stream_put() - one more byte
 *
 * After QMP_MESSAGE: take @text and call qmp_stream_reset().
 */
enum qmp_event qmp_stream_put(struct qmp_stream *s, unsigned char c);
void qmp_stream_reset(struct qmp_stream *s);
void qmp_stream_free(struct qmp_stream *s);

/* ---- Types -------------------------------------------------------------- */

/*
 * Lists of these end with a row without a name.
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
 * struct qmp_type - as QAPI has them
 * @json: a builtin's JSON type, as query-qmp-schema calls it
 * @kind: and as jansson does; bool is JSON_TRUE
 * @member: of an object; of an alternate, whose names do not matter
 * @word: of an enum, one by one, NULL behind the last
 */
struct qmp_type {
	const char *name;
	const char *json;
	enum qmp_meta meta;
	json_type kind;
	const struct qmp_member *member;
	const char *(*word)(unsigned int index);
};

/* Return: NULL where there is none */
const struct qmp_type *qmp_type_find(const char *name);

/* ---- Commands ----------------------------------------------------------- */

struct qmp_session {
	bool negotiated, quit;
};

/* A command in work. */
struct qmp_call {
	struct qmp_session *session;
	json_t *arguments;	/* an object, as the command's table says */
	struct document d;	/* what is returned is made with it */
	const char *error;	/* its class; NULL: there is none */
	struct tapcompat_error why;
};

#define QMP_GENERIC "GenericError"
#define QMP_NOT_FOUND "CommandNotFound"

/**
 * qmp_fail() - end a call with an error; the first one counts
 * @error: its class
 * Return: NULL
 */
json_t *qmp_fail(struct qmp_call *call, const char *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * struct qmp_command - a command
 * @argument: what it takes
 * @returns: type of it
 * @handle: do it.  Return: what is returned, or NULL after qmp_fail()
 */
struct qmp_command {
	const char *name;
	const struct qmp_member *argument;
	const char *returns;
	json_t *(*handle)(struct qmp_call *call);
};

/* Walk the commands; NULL behind the last one. */
const struct qmp_command *qmp_command_at(unsigned int index);

/* Return: NULL where there is none */
const struct qmp_command *qmp_command_find(const char *name);

/* An argument by its name; borrowed, NULL where it is not there. */
static inline json_t *qmp_argument(const struct qmp_call *call, const char *name)
{
	return json_object_get(call->arguments, name);
}

/**
 * qmp_arguments_check() - are a call's arguments as its command wants them?
 *
 * If not, qmp_fail() has been called.
 */
bool qmp_arguments_check(struct qmp_call *call, const struct qmp_command *command);

/* What query-qmp-schema and query-version return. */
json_t *qmp_schema(struct document *d);
json_t *qmp_version(struct document *d);

#endif /* TAPCOMPAT_SERVICE_QMP_SERVER_H */
