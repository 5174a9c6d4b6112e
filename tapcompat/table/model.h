/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * model.h - the models, from inside the library
 */
#ifndef TAPCOMPAT_TABLE_MODEL_H
#define TAPCOMPAT_TABLE_MODEL_H

#include <tapcompat_fleet.h>

#define MODEL_ALIAS "tapnet"

/**
 * model_status() - the status of a model in a release
 * @release: this project's, 1 being 0.1
 * Return: "stable" or "announced"; NULL if that release does not have it yet
 */
const char *model_status(const struct tapcompat_model *model, unsigned int release);

/**
 * model_alias() - what the alias stands for in a release
 */
const struct tapcompat_model *model_alias(unsigned int release);

#endif /* TAPCOMPAT_TABLE_MODEL_H */
