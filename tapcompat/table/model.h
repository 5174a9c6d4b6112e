/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * model.h - the models, from inside the library
 */
#ifndef TAPCOMPAT_TABLE_MODEL_H
#define TAPCOMPAT_TABLE_MODEL_H

#include <tapcompat_fleet.h>

#define MODEL_ALIAS "tapnet"

/**
 * model_alias() - what the alias stands for in a release
 * @release: this project's, 1 being 0.1
 */
const struct tapcompat_model *model_alias(unsigned int release);

/* The features of a model that are not deprecated. */
struct tapcompat_mask model_current(const struct tapcompat_model *model);

#endif /* TAPCOMPAT_TABLE_MODEL_H */
