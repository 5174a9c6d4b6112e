// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * caps.c - a host's capabilities, as the probe records them
 */
#include "caps.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"
#include "require.h"

static const char *const backend_names[] = {
	[TAPCOMPAT_TAP] = "tap",
	[TAPCOMPAT_MACVTAP] = "macvtap",
	[TAPCOMPAT_VHOST_NET] = "vhost-net",
	[TAPCOMPAT_VHOST_VDPA] = "vhost-vdpa",
	[TAPCOMPAT_EBPF_RSS] = "ebpf-rss",
};
_Static_assert(ARRAY_LENGTH(backend_names) == TAPCOMPAT_BACKENDS, "a name each");

static const char *const state_names[] = {
	[TAPCOMPAT_UNLISTED] = "unlisted",
	[TAPCOMPAT_NATIVE] = "native",
	[TAPCOMPAT_EMULATED] = "emulated",
	[TAPCOMPAT_ABSENT] = "absent",
	[TAPCOMPAT_UNKNOWN] = "unknown",
};

static const char *const verified_names[] = {
	[TAPCOMPAT_UNTESTED] = "untested",
	[TAPCOMPAT_PASSED] = "passed",
	[TAPCOMPAT_INEFFECTIVE] = "ineffective",
	[TAPCOMPAT_FAILED] = "failed",
};

/* Callers may pass any number. */
static const char *name_of(const char *const names[], size_t n, unsigned int i)
{
	return i < n ? names[i] : "?";
}

const char *tapcompat_backend_name(enum tapcompat_backend_type type)
{
	return name_of(backend_names, ARRAY_LENGTH(backend_names), type);
}

const char *tapcompat_state_name(enum tapcompat_state state)
{
	return name_of(state_names, ARRAY_LENGTH(state_names), state);
}

const char *tapcompat_verified_name(enum tapcompat_verified verified)
{
	return name_of(verified_names, ARRAY_LENGTH(verified_names), verified);
}

int tapcompat_backend_find(const char *name)
{
	int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (!strcmp(backend_names[i], name))
			return i;
	return -EINVAL;
}

void caps_set(struct caps_backend *b, const struct tapcompat_feature *f,
	      enum tapcompat_state state, const char *detail, ...)
{
	struct caps_feature *c = &b->feature[feature_index(f)];
	va_list args;

	c->state = state;
	va_start(args, detail);
	vsnprintf(c->detail, sizeof(c->detail), detail, args);
	va_end(args);
}

void caps_verdict(struct caps_backend *b, const struct tapcompat_feature *f,
		  enum tapcompat_verified verified, const char *detail, ...)
{
	struct caps_feature *c = &b->feature[feature_index(f)];
	va_list args;

	c->verified = verified;
	if (verified == TAPCOMPAT_FAILED)
		c->state = TAPCOMPAT_ABSENT;
	va_start(args, detail);
	vsnprintf(c->detail, sizeof(c->detail), detail, args);
	va_end(args);
}

/* The worst state among the features in @needs, or with @any the best. */
static enum tapcompat_state needs_state(const struct caps_backend *b,
					const struct tapcompat_mask *needs, bool any,
					const struct tapcompat_feature **which)
{
	enum tapcompat_state chosen = TAPCOMPAT_NATIVE;
	const struct tapcompat_feature *f;
	bool first = true;

	for_each_feature(f) {
		enum tapcompat_state state = caps_state(b, f);

		if (!tapcompat_mask_test(needs, f->bit) || state == TAPCOMPAT_UNLISTED)
			continue;
		/* Unknown ranks above absent. */
		if (first || (any ? state == TAPCOMPAT_NATIVE || chosen == TAPCOMPAT_ABSENT
				  : chosen == TAPCOMPAT_NATIVE || state == TAPCOMPAT_ABSENT)) {
			chosen = state;
			*which = f;
		}
		first = false;
		if (any && chosen == TAPCOMPAT_NATIVE)
			break;
	}
	return chosen;
}

static bool settle_feature(struct caps_backend *b, const struct tapcompat_feature *f)
{
	const struct tapcompat_feature *lacks = NULL;
	enum tapcompat_state state = needs_state(b, &f->needs, false, &lacks);
	struct tapcompat_mask needed = { { 0, 0 } };
	bool any = state == TAPCOMPAT_NATIVE;
	char names[128];

	if (caps_state(b, f) != TAPCOMPAT_NATIVE)
		return false;
	if (any)
		state = needs_state(b, &f->needs_any, true, &lacks);
	if (state == TAPCOMPAT_NATIVE)
		return false;
	tapcompat_mask_set(&needed, lacks->bit);
	mask_names(any ? &f->needs_any : &needed, names, sizeof(names));
	caps_set(b, f, state, "needs %s%s, which %s", any ? "one of " : "", names,
		 state == TAPCOMPAT_UNKNOWN ? "the probe could not determine" :
		 "the kernel does not provide");
	b->feature[feature_index(f)].verified = TAPCOMPAT_UNTESTED;
	return true;
}

void caps_settle(struct caps_backend *b)
{
	const struct tapcompat_feature *f;
	bool again;

	do {
		again = false;
		for_each_feature(f)
			again |= settle_feature(b, f);
	} while (again);
}

void caps_emulate(struct tapcompat_caps *caps)
{
	/* The backends whose file descriptors the shim can handle. */
	static const enum tapcompat_backend_type types[] = {
		TAPCOMPAT_TAP, TAPCOMPAT_MACVTAP, TAPCOMPAT_VHOST_NET,
	};
	const struct tapcompat_feature *f;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(types); i++) {
		struct caps_backend *b = &caps->backend[types[i]];

		if (b->availability != TAPCOMPAT_AVAILABLE)
			continue;
		for_each_feature(f)
			if (caps_state(b, f) == TAPCOMPAT_ABSENT &&
			    f->emulation != TAPCOMPAT_BY_NOTHING)
				b->feature[feature_index(f)].state = TAPCOMPAT_EMULATED;
	}
}

void caps_available(struct caps_backend *b, enum tapcompat_availability availability,
		    const char *detail, ...)
{
	va_list args;

	b->availability = availability;
	va_start(args, detail);
	vsnprintf(b->detail, sizeof(b->detail), detail, args);
	va_end(args);
}

/* Callers may pass any number here as well. */
static const struct caps_backend *backend_of(const struct tapcompat_caps *caps,
					     enum tapcompat_backend_type type)
{
	static const struct caps_backend none;

	return (unsigned int)type < TAPCOMPAT_BACKENDS ? &caps->backend[type] : &none;
}

struct tapcompat_host tapcompat_caps_host(const struct tapcompat_caps *caps)
{
	return (struct tapcompat_host){
		.name = caps->host, .kernel = caps->kernel, .machine = caps->machine,
		.probed_at = caps->probed_at,
	};
}

const char *tapcompat_caps_undecided(const struct tapcompat_caps *caps)
{
	const char *why = NULL;
	int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		const struct caps_backend *b = &caps->backend[i];

		if (b->availability == TAPCOMPAT_AVAILABLE)
			return NULL;
		if (b->availability == TAPCOMPAT_UNDECIDED && !why)
			why = b->detail;
	}
	return why;
}

unsigned int tapcompat_caps_headers(const struct tapcompat_caps *caps,
				    enum tapcompat_backend_type type,
				    const unsigned int **sizes)
{
	*sizes = backend_of(caps, type)->size;
	return backend_of(caps, type)->sizes;
}

int tapcompat_caps_multi_queue(const struct tapcompat_caps *caps,
			       enum tapcompat_backend_type type)
{
	return backend_of(caps, type)->multi_queue;
}

enum tapcompat_availability
tapcompat_caps_availability(const struct tapcompat_caps *caps,
			    enum tapcompat_backend_type type)
{
	return backend_of(caps, type)->availability;
}

const char *tapcompat_caps_detail(const struct tapcompat_caps *caps,
				  enum tapcompat_backend_type type)
{
	return backend_of(caps, type)->detail;
}

struct tapcompat_report
tapcompat_caps_report(const struct tapcompat_caps *caps,
		      enum tapcompat_backend_type type,
		      const struct tapcompat_feature *feature)
{
	const struct caps_feature *c =
		&backend_of(caps, type)->feature[feature_index(feature)];

	return (struct tapcompat_report){ c->state, c->verified, c->detail };
}

struct tapcompat_mask
tapcompat_caps_mask(const struct tapcompat_caps *caps,
		    enum tapcompat_backend_type type, enum tapcompat_state state)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (caps_state(backend_of(caps, type), f) == state)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

void tapcompat_caps_free(struct tapcompat_caps *caps)
{
	free(caps);
}
