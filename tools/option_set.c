// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option_set.c - what options set: flags, texts, words, features, models
 */
#include "cmd.h"

#include <string.h>

#include "feature/require.h"
#include "ground/guess.h"

int option_flag(const struct option_use *use)
{
	bool *flag = use->member;

	*flag = true;
	return EXIT_YES;
}

int option_bit(const struct option_use *use)
{
	unsigned int *bits = use->member;

	*bits |= use->option->bit;
	return EXIT_YES;
}

int option_text(const struct option_use *use)
{
	const char **text = use->member;

	*text = use->text;
	return EXIT_YES;
}

int option_text_filled(const struct option_use *use)
{
	if (*use->text)
		return option_text(use);
	return fail(use->out, EXIT_USAGE, "%s: option '--%s' needs a value", use->command,
		    use->option->name);
}

int option_on_off(const struct option_use *use)
{
	int *on = use->member;

	*on = !strcmp(use->text, "on");
	if (*on || !strcmp(use->text, "off"))
		return EXIT_YES;
	return fail(use->out, EXIT_USAGE, "%s: --%s is 'on' or 'off', not '%s'", use->command,
		    use->option->name, use->text);
}

int option_features(const struct option_use *use)
{
	struct tapcompat_mask *mask = use->member, more;
	struct tapcompat_error error;

	if (tapcompat_require_parse(use->text, &more, &error))
		return fail(use->out, EXIT_USAGE, "%s: --%s: %s", use->command, use->option->name,
			    error.text);
	mask->word[0] |= more.word[0];
	mask->word[1] |= more.word[1];
	return EXIT_YES;
}

int option_mask(const struct option_use *use)
{
	if (!tapcompat_mask_parse(use->text, use->member))
		return EXIT_YES;
	return fail(use->out, EXIT_USAGE, "%s: --%s is \"0x\" and up to 32 hexadecimal digits, "
		    "not '%s'", use->command, use->option->name, use->text);
}

int option_model(const struct option_use *use)
{
	return model_find(use->out, use->command, use->text, use->member);
}

/* ---- Words -------------------------------------------------------------- */

static int word_unknown(const struct output *out, const char *command, const char *what,
		 const char *word, option_words *words)
{
	struct guess guess = GUESS(word);
	char known[256] = "", hint[GUESS_HINT];
	unsigned int i;

	for (i = 0; words(i); i++) {
		guess_consider(&guess, words(i));
		list_add(known, sizeof(known), words(i));
	}
	return fail(out, EXIT_USAGE, "%s: unknown %s '%s': %smust be one of %s", command, what,
		    word, guess_hint(&guess, hint), known);
}

int option_word(const struct option_use *use)
{
	option_words *words = use->option->words;
	unsigned int *index = use->member, i;

	for (i = 0; words(i); i++)
		if (!strcmp(use->text, words(i))) {
			*index = i;
			return EXIT_YES;
		}
	return word_unknown(use->out, use->command, use->option->name, use->text, words);
}

int option_word_set(const struct option_use *use)
{
	unsigned int *set = use->member, index = 0;
	struct option_use one = *use;
	int ret;

	one.member = &index;
	ret = option_word(&one);
	if (!ret)
		*set |= 1u << index;
	return ret;
}

const char *option_backend_word(unsigned int index)
{
	return index < TAPCOMPAT_BACKENDS ?
	       tapcompat_backend_name((enum tapcompat_backend_type)index) : NULL;
}

/* ---- Models ------------------------------------------------------------- */

static const char *model_word(unsigned int index)
{
	const struct tapcompat_model *model = tapcompat_model_at(index);

	return model ? model->name : NULL;
}

static const char *exclusion_word(unsigned int index)
{
	const struct tapcompat_exclusion *exclusion = tapcompat_exclusion_at(index);

	return exclusion ? exclusion->name : NULL;
}

int option_exclusion(const struct option_use *use)
{
	const struct tapcompat_exclusion *exclusion = tapcompat_exclusion_find(use->text);
	struct tapcompat_mask *mask = use->member, more;

	if (!exclusion)
		return word_unknown(use->out, use->command, use->option->name, use->text,
				    exclusion_word);
	more = tapcompat_exclusion_features(exclusion);
	mask->word[0] |= more.word[0];
	mask->word[1] |= more.word[1];
	return EXIT_YES;
}

int model_find(const struct output *out, const char *command, const char *name,
	       const struct tapcompat_model **model)
{
	*model = tapcompat_model_find(name);
	return *model ? EXIT_YES : word_unknown(out, command, "model", name, model_word);
}
