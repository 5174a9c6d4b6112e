/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * level.h - how much the shim writes to standard error: TAPCOMPAT_LOG
 */
#ifndef TAPCOMPAT_FEATURE_LEVEL_H
#define TAPCOMPAT_FEATURE_LEVEL_H

enum tapcompat_shim_level {
	TAPCOMPAT_SHIM_ERROR, TAPCOMPAT_SHIM_WARNING, TAPCOMPAT_SHIM_INFO, TAPCOMPAT_SHIM_DEBUG,
};

/**
 * shim_level() - what a word of TAPCOMPAT_LOG means
 * @word: NULL or empty for the default
 * Return: of enum tapcompat_shim_level, or -EINVAL
 */
int shim_level(const char *word);

#endif /* TAPCOMPAT_FEATURE_LEVEL_H */
