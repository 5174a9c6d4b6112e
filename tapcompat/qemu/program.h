/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * program.h - the program that is to be started with the shim
 */
#ifndef TAPCOMPAT_QEMU_PROGRAM_H
#define TAPCOMPAT_QEMU_PROGRAM_H

#include <tapcompat.h>

/**
 * program_find() - where a program is, as execvp(3) finds it
 * @path: PATH_MAX bytes
 * @error: set on failure
 * Return: 0 or a negative errno
 */
int program_find(const char *name, char *path, struct tapcompat_error *error);

/**
 * program_check() - would the shim be loaded into it, or into what it starts?
 * @argv: its arguments; argv[0] is not looked at
 * @shim: path of the shim, a valid library
 * @error: set on failure
 *
 * Follows scripts, ld.so(8) and env(1) to what is executed in the end.  Beyond that, as with
 * what a shell script does, LD_PRELOAD is inherited, and nothing is refused.
 *
 * Return: 0 or a negative errno
 */
int program_check(const char *path, char *const argv[], const char *shim,
		  struct tapcompat_error *error);

/**
 * program_start() - replace this process by it
 * @argv: with its name as it was typed
 * @error: set
 * Return: a negative errno
 */
int program_start(const char *path, char *const argv[], struct tapcompat_error *error);

#endif /* TAPCOMPAT_QEMU_PROGRAM_H */
