/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program.h - the program that is to be started with the shim
 */
#ifndef TAPCOMPAT_TOOLS_PROGRAM_H
#define TAPCOMPAT_TOOLS_PROGRAM_H

#include "cmd.h"

/**
 * program_find() - where a program is, as execvp(3) finds it
 * @path: PATH_MAX bytes
 * Return: EXIT_YES, or what to end with, and it has been said why
 */
int program_find(const struct output *out, const char *name, char *path);

/**
 * program_takes() - would the dynamic linker load a library into it?
 * @shim: the library
 * Return: EXIT_YES, or what to end with, and it has been said why
 */
int program_takes(const struct output *out, const char *path, const char *shim);

/**
 * program_start() - become it
 * @argv: with its name as it was typed
 * Return: what to end with, where that failed, and it has been said why
 */
int program_start(const struct output *out, const char *path, char **argv);

#endif /* TAPCOMPAT_TOOLS_PROGRAM_H */
