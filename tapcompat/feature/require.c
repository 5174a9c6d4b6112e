// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * require.c - lists of required features
 */
#include "require.h"

#include <errno.h>
#include <string.h>

#include "ground/guess.h"
#include "ground/text.h"
#include "table/bit.h"

#define SEPARATORS ",:"
#define NAME_MAX_LENGTH 48	/* longer than any feature's name */

void mask_names(const struct tapcompat_mask *mask, char *text, size_t size)
{
	char name[BIT_NAME];
	unsigned int bit;

	text[0] = '\0';
	for (bit = 0; bit < 128; bit++)
		if (tapcompat_mask_test(mask, bit))
			text_add(text, size, "%s%s", *text ? "," : "", bit_name(bit, name));
}

static int require_error(struct tapcompat_error *error, const char *format, const char *name,
			 const char *more)
{
	char safe[4 * NAME_MAX_LENGTH];

	if (error)
		text_set(error->text, sizeof(error->text), format,
			 text_escape(safe, sizeof(safe), name), more);
	return -EINVAL;
}

static int require_unknown(const char *name, struct tapcompat_error *error)
{
	struct guess guess = GUESS(name);
	struct tapcompat_mask all = features_all();
	const struct tapcompat_feature *f;
	char names[448], more[sizeof(names) + GUESS_HINT], hint[GUESS_HINT];

	for_each_feature(f)
		guess_consider(&guess, f->name);
	mask_names(&all, names, sizeof(names));
	text_set(more, sizeof(more), "%smust be one of %s", guess_hint(&guess, hint), names);
	return require_error(error, "unknown feature '%s': %s", name, more);
}

static int require_name(const char *name, struct tapcompat_mask *mask,
			struct tapcompat_error *error)
{
	const struct tapcompat_feature *f = tapcompat_feature_find(name);

	if (!name[0])
		return require_error(error, "empty name in the list of features%s%s", "", "");
	if (!f)
		return require_unknown(name, error);
	tapcompat_mask_set(mask, f->bit);
	return 0;
}

int tapcompat_require_parse(const char *list, struct tapcompat_mask *mask,
			    struct tapcompat_error *error)
{
	struct tapcompat_mask m = { { 0, 0 } };
	char name[NAME_MAX_LENGTH];
	int ret = 0;

	while (!ret) {
		size_t n = strcspn(list, SEPARATORS);

		text_set(name, sizeof(name), "%.*s", n > sizeof(name) ? (int)sizeof(name) : (int)n,
			 list);
		ret = require_name(name, &m, error);
		list += n;
		if (!*list++)
			break;
	}
	if (!ret)
		*mask = m;
	return ret;
}

int require_check(const struct tapcompat_mask *mask, struct tapcompat_error *error)
{
	const struct tapcompat_feature *f;
	char names[128];

	for_each_feature(f) {
		if (!tapcompat_mask_test(mask, f->bit) || feature_satisfied(f, mask))
			continue;
		if (!mask_contains(mask, &f->needs)) {
			mask_names(&f->needs, names, sizeof(names));
			return require_error(error, "%s needs %s: require it as well", f->name,
					     names);
		}
		mask_names(&f->needs_any, names, sizeof(names));
		return require_error(error, "%s needs one of %s: require one as well", f->name,
				     names);
	}
	return 0;
}

/* The first of several is the one that all kernels have. */
static void require_any(struct tapcompat_mask *mask, const struct tapcompat_mask *any)
{
	const struct tapcompat_feature *f;

	if (mask_empty(any) || mask_intersects(mask, any))
		return;
	for_each_feature(f)
		if (tapcompat_mask_test(any, f->bit)) {
			tapcompat_mask_set(mask, f->bit);
			return;
		}
}

void tapcompat_require_complete(struct tapcompat_mask *mask)
{
	const struct tapcompat_feature *f;
	struct tapcompat_mask before;

	do {
		before = *mask;
		for_each_feature(f) {
			if (!tapcompat_mask_test(mask, f->bit))
				continue;
			mask->word[0] |= f->needs.word[0];
			mask->word[1] |= f->needs.word[1];
			require_any(mask, &f->needs_any);
		}
	} while (!mask_contains(&before, mask));
}

static bool brings(struct tapcompat_mask mask, const struct tapcompat_feature *f)
{
	tapcompat_require_complete(&mask);
	return tapcompat_mask_test(&mask, f->bit);
}

const struct tapcompat_feature *tapcompat_require_reason(const struct tapcompat_mask *asked,
							 const struct tapcompat_feature *feature)
{
	const struct tapcompat_feature *f;

	if (tapcompat_mask_test(asked, feature->bit) || !brings(*asked, feature))
		return NULL;
	for_each_feature(f) {
		struct tapcompat_mask alone = MASK_NONE;

		tapcompat_mask_set(&alone, f->bit);
		if (tapcompat_mask_test(asked, f->bit) && brings(alone, feature))
			return f;
	}
	return NULL;
}
