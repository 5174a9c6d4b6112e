// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * document_read.c - capability documents of others
 *
 * A document may come from anywhere.  What is wrong with it is said with its
 * place, as "node1.json: backends[0].features[3].bit: ...", and nothing of it is
 * used.  What this version does not know is left out and never counts as there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "document.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "pure/caps.h"

#define DOCUMENT_MAX 0x100000ul	/* bytes */
#define DOCUMENT_DEPTH 8
#define DOCUMENT_PATIENCE 10000	/* ms without a byte from a pipe */

/* A reader, and the place that it is at. */
struct reader {
	const char *name;	/* of the file */
	char place[128];	/* as "backends[0]" */
	struct tapcompat_error *error;
	bool failed;
};

__attribute__((format(printf, 2, 3)))
static void reader_fail(struct reader *r, const char *format, ...)
{
	char what[256], safe[sizeof(r->error->text)];
	va_list args;

	if (r->failed)
		return;
	r->failed = true;
	if (!r->error)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	text_set(r->error->text, sizeof(r->error->text), "%s: ", r->name);
	text_add(r->error->text, sizeof(r->error->text), "%s%s%s", r->place,
		 r->place[0] ? ": " : "", what);
	/* Names of files and members are as foreign as the rest. */
	tapcompat_escape(safe, sizeof(safe), r->error->text);
	text_set(r->error->text, sizeof(r->error->text), "%s", safe);
}

/* Go to a member or an element; what is returned leads back. */
__attribute__((format(printf, 2, 3)))
static size_t reader_enter(struct reader *r, const char *format, ...)
{
	size_t at = strlen(r->place);
	va_list args;

	va_start(args, format);
	vsnprintf(r->place + at, sizeof(r->place) - at, format, args);
	va_end(args);
	return at;
}

static void reader_leave(struct reader *r, size_t at)
{
	r->place[at] = '\0';
}

static const char *const type_names[] = {
	[JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
	[JSON_INTEGER] = "an integer", [JSON_REAL] = "a real number", [JSON_TRUE] = "true",
	[JSON_FALSE] = "false", [JSON_NULL] = "null",
};

/* A member of the type that it must have; NULL where it is not there. */
static json_t *reader_member(struct reader *r, json_t *o, const char *key, json_type type,
			     bool needed)
{
	json_t *value = json_object_get(o, key);
	bool right = value && (json_typeof(value) == type ||
			       (type == JSON_TRUE && json_is_false(value)));

	if (right)
		return value;
	if (value)
		reader_fail(r, "%s is %s, and must be %s", key, type_names[json_typeof(value)],
			    type == JSON_TRUE ? "true or false" : type_names[type]);
	else if (needed)
		reader_fail(r, "%s is missing", key);
	return NULL;
}

static const char *reader_string(struct reader *r, json_t *o, const char *key, bool needed)
{
	json_t *value = reader_member(r, o, key, JSON_STRING, needed);

	return value ? json_string_value(value) : "";
}

static void reader_text(struct reader *r, json_t *o, const char *key, bool needed, char *text,
			size_t size)
{
	tapcompat_escape(text, size, reader_string(r, o, key, needed));
}

static struct tapcompat_mask reader_mask(struct reader *r, json_t *o, const char *key,
					 bool needed)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const char *text = reader_string(r, o, key, needed);

	if (text[0] && tapcompat_mask_parse(text, &mask))
		reader_fail(r, "%s is \"%.40s\", and must be \"0x\" and up to 32 "
			    "hexadecimal digits", key, text);
	return mask;
}

/* The number of a word, or -1 for one that this version does not know. */
static int word_find(const char *word, const char *(*name)(unsigned int), unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(name(i), word))
			return (int)i;
	return -1;
}

static const char *state_word(unsigned int i)
{
	return i == TAPCOMPAT_UNLISTED ? "" : tapcompat_state_name((enum tapcompat_state)i);
}

static const char *verified_word(unsigned int i)
{
	return tapcompat_verified_name((enum tapcompat_verified)i);
}

/* Words of later versions say nothing that could be relied on. */
static void read_states(struct reader *r, json_t *o, struct caps_feature *c)
{
	const char *state = reader_string(r, o, "state", true);
	const char *verified = reader_string(r, o, "verified", true);
	int n = word_find(state, state_word, TAPCOMPAT_UNKNOWN + 1);

	c->state = n > 0 ? (enum tapcompat_state)n : TAPCOMPAT_UNKNOWN;
	n = word_find(verified, verified_word, TAPCOMPAT_FAILED + 1);
	c->verified = n > 0 ? (enum tapcompat_verified)n : TAPCOMPAT_UNTESTED;
	if (c->verified == TAPCOMPAT_FAILED && c->state == TAPCOMPAT_NATIVE)
		reader_fail(r, "it is native and has failed: a failure overrules");
}

static void read_feature(struct reader *r, json_t *o, struct caps_backend *b)
{
	const struct tapcompat_feature *f;
	struct caps_feature *c;
	json_t *bit;

	if (!json_is_object(o)) {
		reader_fail(r, "it is %s, and must be an object", type_names[json_typeof(o)]);
		return;
	}
	f = tapcompat_feature_find(reader_string(r, o, "name", true));
	bit = reader_member(r, o, "bit", JSON_INTEGER, true);
	if (!f || !bit)
		return;
	c = &b->feature[feature_index(f)];
	if (json_integer_value(bit) != f->bit)
		reader_fail(r, "bit is %lld, and %s is bit %u", (long long)json_integer_value(bit),
			    f->name, f->bit);
	if (c->state != TAPCOMPAT_UNLISTED)
		reader_fail(r, "%s is there twice", f->name);
	read_states(r, o, c);
	reader_text(r, o, "detail", false, c->detail, sizeof(c->detail));
}

static void read_features(struct reader *r, json_t *o, struct caps_backend *b)
{
	json_t *list = reader_member(r, o, "features", JSON_ARRAY, true), *f;
	size_t i, at;

	json_array_foreach(list, i, f) {
		at = reader_enter(r, ".features[%zu]", i);
		read_feature(r, f, b);
		reader_leave(r, at);
	}
}

/* The masks and the list must say the same. */
static void read_masks(struct reader *r, json_t *o, const struct caps_backend *b)
{
	const struct {
		const char *key;
		enum tapcompat_state state;
	} masks[] = { { "native", TAPCOMPAT_NATIVE }, { "emulated", TAPCOMPAT_EMULATED } };
	const struct tapcompat_feature *f;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(masks); i++) {
		struct tapcompat_mask mask = reader_mask(r, o, masks[i].key, true);

		for_each_feature(f)
			if (tapcompat_mask_test(&mask, f->bit) !=
			    (caps_state(b, f) == masks[i].state))
				reader_fail(r, "%s and features contradict each other: %s",
					    masks[i].key, f->name);
	}
}

static void read_available(struct reader *r, json_t *o, struct caps_backend *b)
{
	json_t *multi_queue = reader_member(r, o, "multi-queue", JSON_TRUE, false);

	b->availability = TAPCOMPAT_AVAILABLE;
	b->multi_queue = json_is_true(multi_queue);
	b->vhost_features = reader_mask(r, o, "vhost-features", false);
	read_features(r, o, b);
	read_masks(r, o, b);
}

static void read_backend(struct reader *r, json_t *o, struct tapcompat_caps *caps)
{
	json_t *available = reader_member(r, o, "available", JSON_TRUE, true);
	int type = tapcompat_backend_find(reader_string(r, o, "type", true));
	struct caps_backend *b;

	if (type < 0 || !available)
		return;
	b = &caps->backend[type];
	if (b->availability != TAPCOMPAT_NOT_ASKED)
		reader_fail(r, "%s is there twice",
			    tapcompat_backend_name((enum tapcompat_backend_type)type));
	reader_text(r, o, "detail", false, b->detail, sizeof(b->detail));
	if (json_is_true(available))
		read_available(r, o, b);
	else if (!strcmp(reader_string(r, o, "state", false),
			 tapcompat_state_name(TAPCOMPAT_UNKNOWN)))
		b->availability = TAPCOMPAT_UNDECIDED;
	else
		b->availability = TAPCOMPAT_UNAVAILABLE;
}

static void read_host(struct reader *r, json_t *o, struct tapcompat_caps *caps)
{
	json_t *host = reader_member(r, o, "host", JSON_OBJECT, true);
	size_t at = reader_enter(r, "host");

	if (host) {
		reader_text(r, host, "name", true, caps->host, sizeof(caps->host));
		reader_text(r, host, "kernel", true, caps->kernel, sizeof(caps->kernel));
		reader_text(r, host, "machine", false, caps->machine, sizeof(caps->machine));
	}
	reader_leave(r, at);
}

static void read_time(struct reader *r, json_t *o, struct tapcompat_caps *caps)
{
	const char *text = reader_string(r, o, "probed-at", false), *end;
	struct tm tm = { .tm_year = 0 };

	if (!text[0])
		return;
	end = strptime(text, DOCUMENT_TIME, &tm);
	if (!end || *end)
		reader_fail(r, "probed-at is \"%.40s\", and must be as 2026-11-21T08:00:00Z", text);
	caps->probed_at = timegm(&tm);
}

static void read_document(struct reader *r, json_t *o, struct tapcompat_caps *caps)
{
	json_t *version = reader_member(r, o, "version", JSON_INTEGER, true), *list, *b;
	const char *schema = reader_string(r, o, "schema", true);
	size_t i, at;

	if (!r->failed && strcmp(schema, DOCUMENT_SCHEMA))
		reader_fail(r, "schema is \"%.40s\", and must be \"" DOCUMENT_SCHEMA "\"", schema);
	if (!r->failed && json_integer_value(version) != DOCUMENT_VERSION)
		reader_fail(r, "version is %lld, and this tapcompat knows %d: use a newer one",
			    (long long)json_integer_value(version), DOCUMENT_VERSION);
	read_host(r, o, caps);
	read_time(r, o, caps);
	list = reader_member(r, o, "backends", JSON_ARRAY, true);
	json_array_foreach(list, i, b) {
		at = reader_enter(r, "backends[%zu]", i);
		if (json_is_object(b))
			read_backend(r, b, caps);
		else
			reader_fail(r, "it is %s, and must be an object",
				    type_names[json_typeof(b)]);
		reader_leave(r, at);
	}
}

/* How deep are arrays and objects nested?  Outside of strings, brackets count. */
static bool too_deep(const char *text, size_t len)
{
	int depth = 0;
	bool string = false;
	size_t i;

	for (i = 0; i < len; i++) {
		if (string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			string = !string;
		else if (!string && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!string && (text[i] == '}' || text[i] == ']'))
			depth--;
		if (depth > DOCUMENT_DEPTH)
			return true;
	}
	return false;
}

static json_t *read_json(struct reader *r, const char *text, size_t len)
{
	json_error_t e;
	json_t *o;

	if (len > DOCUMENT_MAX)
		reader_fail(r, "it is larger than %lu bytes", DOCUMENT_MAX);
	else if (too_deep(text, len))
		reader_fail(r, "it is nested deeper than %d", DOCUMENT_DEPTH);
	if (r->failed)
		return NULL;
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	if (!o)
		reader_fail(r, "line %d, column %d: %s", e.line, e.column, e.text);
	else if (!json_is_object(o))
		reader_fail(r, "it is %s, and must be an object", type_names[json_typeof(o)]);
	return o;
}

int tapcompat_caps_parse(const char *text, size_t len, const char *name,
			 struct tapcompat_caps **caps, struct tapcompat_error *error)
{
	struct reader r = { .name = name, .error = error };
	json_t *o;

	*caps = calloc(1, sizeof(**caps));
	if (!*caps) {
		reader_fail(&r, "out of memory");
		return -ENOMEM;
	}
	o = read_json(&r, text, len);
	if (!r.failed)
		read_document(&r, o, *caps);
	json_decref(o);
	if (!r.failed)
		return 0;
	free(*caps);
	*caps = NULL;
	return -EINVAL;
}

/* All that a descriptor gives, and one byte more than may be. */
static int read_all(int fd, char *text, size_t *len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (*len = 0; *len <= DOCUMENT_MAX; *len += (size_t)n) {
		if (poll(&p, 1, DOCUMENT_PATIENCE) == 0)
			return -ETIMEDOUT;
		n = read(fd, text + *len, DOCUMENT_MAX + 1 - *len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			n = 0;
		else if (n < 0)
			return -errno;
		else if (n == 0)
			return 0;
	}
	return 0;
}

int tapcompat_caps_load(const char *path, struct tapcompat_caps **caps,
			struct tapcompat_error *error)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct reader r = { .name = standard ? "standard input" : path, .error = error };
	char *text = malloc(DOCUMENT_MAX + 1);
	size_t len = 0;
	int ret;

	*caps = NULL;
	ret = fd < 0 ? -errno : !text ? -ENOMEM : read_all(fd, text, &len);
	if (ret)
		reader_fail(&r, "%s", strerror(-ret));
	else
		ret = tapcompat_caps_parse(text, len, r.name, caps, error);
	free(text);
	if (fd >= 0 && !standard)
		close(fd);
	return ret;
}
