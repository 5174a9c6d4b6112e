// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * message.c - the table of messages
 */
#include "message.h"

#include <string.h>

#include "ground/bytes.h"

static const struct message messages[] = {
#define MESSAGE(id, shape, by, anchor, with, says, cure, libvirt, more) \
	{ MESSAGE_##id, SHAPE_##shape, by, anchor, with, says, cure, libvirt, more },
#define ERROR(id, text, name, says, cure)
#include "message.def"
#undef MESSAGE
#undef ERROR
};

static const struct message_error errors[] = {
#define MESSAGE(id, shape, by, anchor, with, says, cure, libvirt, more)
#define ERROR(id, text, name, says, cure) { MESSAGE_##id, text, name, says, cure },
#include "message.def"
#undef MESSAGE
#undef ERROR
};

#define WITHIN 200	/* bytes around an anchor that are of its message */

const struct message *message_at(unsigned int index)
{
	return index < ARRAY_LENGTH(messages) ? &messages[index] : NULL;
}

const struct message *message_found(const struct message *m, const char *at, size_t n)
{
	const char *anchor = m->anchor;

	if (n > WITHIN)
		n = WITHIN;
	for (; m < messages + ARRAY_LENGTH(messages); m++)
		if (!strcmp(m->anchor, anchor) &&
		    (!m->with[0] || memmem(at, n, m->with, strlen(m->with))))
			return m;
	return NULL;
}

/* A number is behind a colon or in parentheses; words may stand anywhere. */
static int error_fits(const char *text, size_t n, const char *error)
{
	size_t len = strlen(error);
	const char *at = memmem(text, n, error, len);

	if (!at || error[0] > '9')
		return !!at;
	return at > text && (at[-1] == '(' || at[-1] == ' ' || at[-1] == '-') &&
	       (at + len == text + n || at[len] < '0' || at[len] > '9');
}

const struct message_error *message_error(enum message_id id, const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n);
	size_t i;

	n = end ? (size_t)(end - text) : n;
	if (n > WITHIN)
		n = WITHIN;
	for (i = 0; i < ARRAY_LENGTH(errors); i++)
		if (errors[i].id == id && error_fits(text, n, errors[i].text))
			return &errors[i];
	return NULL;
}
