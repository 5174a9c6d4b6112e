/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook.h - the calls that libvirt makes
 */
#ifndef TAPCOMPAT_TOOLS_HOOK_H
#define TAPCOMPAT_TOOLS_HOOK_H

#include "cmd.h"

/**
 * hook_linked() - is it libvirt that calls, by the name of a link?
 * @command: argv[1] is a command's name, and may be a guest's as well
 *
 * libvirt gives a hook four arguments, of which the third is "begin" or "end".  With
 * the name of a command in front, the second must be one of libvirt's operations too:
 * what is left is a command on files that are called "start" and "begin".
 */
bool hook_linked(int argc, char **argv, bool command);

/**
 * hook_spares() - is it a call that must succeed, whatever else is wrong with it?
 *
 * Of "reconnect": where a hook fails then, libvirt kills a guest that runs.  What there
 * is on standard input has been read.
 */
bool hook_spares(int argc, char **argv, bool linked);

/**
 * hook_run() - the call by a link
 * Return: what to end with
 */
int hook_run(char **argv);

extern const struct command cmd_hook;

#endif /* TAPCOMPAT_TOOLS_HOOK_H */
