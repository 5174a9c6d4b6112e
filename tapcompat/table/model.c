// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * model.c - the table of models
 */
#include "model.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "feature.h"
#include "ground/bytes.h"
#include "ground/mask.h"

#define RELEASE TAPCOMPAT_VERSION_MINOR
static_assert(TAPCOMPAT_VERSION_MAJOR == 0, "releases are counted by the minor number");

#define PATIENCE 2	/* releases between announced and stable */

/* As a constant expression, for the table. */
#define IS_STABLE(announced, release) (!(announced) || (announced) + PATIENCE <= (release))

#define EXCLUSION(...)
static const struct tapcompat_model models[] = {
#define MODEL(version, announced, linux_release, qemu, about) \
	{ MODEL_ALIAS "-v" #version, version, \
	  IS_STABLE(announced, RELEASE) ? "stable" : "announced", linux_release, qemu, about },
#include "model.def"
#undef MODEL
};

static const unsigned int announced_in[] = {
#define MODEL(version, announced, ...) announced,
#include "model.def"
#undef MODEL
};
#undef EXCLUSION

#define MODEL(...)
static const struct tapcompat_exclusion exclusions[] = {
#define EXCLUSION(name, version, linux_release, list, about) \
	{ #name "-v" #version, linux_release, list, about },
#include "model.def"
#undef EXCLUSION
};
#undef MODEL

const struct tapcompat_model *tapcompat_model_at(unsigned int index)
{
	return index < ARRAY_LENGTH(models) ? &models[index] : NULL;
}

const struct tapcompat_model *model_alias(unsigned int release)
{
	size_t i = ARRAY_LENGTH(models);

	while (i--)
		if (IS_STABLE(announced_in[i], release))
			return &models[i];
	return NULL;
}

const struct tapcompat_model *tapcompat_model_find(const char *name)
{
	size_t i;

	if (!strcasecmp(name, MODEL_ALIAS))
		return model_alias(RELEASE);
	for (i = 0; i < ARRAY_LENGTH(models); i++)
		if (!strcasecmp(models[i].name, name))
			return &models[i];
	return NULL;
}

struct tapcompat_mask tapcompat_model_features(const struct tapcompat_model *model)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->model && f->model <= model->version)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

struct tapcompat_mask model_current(const struct tapcompat_model *model)
{
	return mask_minus(tapcompat_model_features(model), features_deprecated());
}

const struct tapcompat_model *tapcompat_model_best(const struct tapcompat_mask *mask)
{
	size_t i = ARRAY_LENGTH(models);

	while (i--) {
		struct tapcompat_mask has = tapcompat_model_features(&models[i]);

		if (mask_contains(mask, &has))
			return &models[i];
	}
	return NULL;
}

const struct tapcompat_exclusion *tapcompat_exclusion_at(unsigned int index)
{
	return index < ARRAY_LENGTH(exclusions) ? &exclusions[index] : NULL;
}

const struct tapcompat_exclusion *tapcompat_exclusion_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(exclusions); i++)
		if (!strcasecmp(exclusions[i].name, name))
			return &exclusions[i];
	return NULL;
}

/* Is a name in "a,b,c"? */
static bool list_has(const char *list, const char *name)
{
	size_t n = strlen(name), word;

	for (; *list; list += word + (list[word] == ',')) {
		word = strcspn(list, ",");
		if (word == n && !strncmp(list, name, n))
			return true;
	}
	return false;
}

struct tapcompat_mask tapcompat_exclusion_features(const struct tapcompat_exclusion *exclusion)
{
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (list_has(exclusion->features, f->name))
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}
