// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * model.c - the table of models
 */
#include <string.h>
#include <strings.h>

#include "feature.h"
#include "ground/bytes.h"

#define ALIAS "tapnet"

static const struct tapcompat_model models[] = {
#define MODEL(version, status, linux_release, qemu, about) \
	{ ALIAS "-v" #version, version, #status, linux_release, qemu, about },
#include "model.def"
#undef MODEL
};

const struct tapcompat_model *tapcompat_model_at(unsigned int index)
{
	return index < ARRAY_LENGTH(models) ? &models[index] : NULL;
}

const struct tapcompat_model *tapcompat_model_find(const char *name)
{
	size_t i = ARRAY_LENGTH(models);
	bool alias = !strcasecmp(name, ALIAS);

	while (i--)
		if (alias ? !strcmp(models[i].status, "stable") : !strcasecmp(models[i].name, name))
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
