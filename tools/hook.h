/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook.h - the calls that libvirt makes
 */
#ifndef TAPCOMPAT_TOOLS_HOOK_H
#define TAPCOMPAT_TOOLS_HOOK_H

#include "cmd.h"

/**
 * hook_linked() - was the program called by libvirt, as a link?
 * @command: argv[1] is the name of a command, and possibly of a guest
 *
 * libvirt gives a hook four arguments, of which the third is "begin" or "end".  With
 * the name of a command as the first, the second must be one of libvirt's operations too:
 * else it is a command on files that are called "start" and "begin".
 */
bool hook_linked(int argc, char **argv, bool command);

/**
 * hook_spares() - is it a call that must succeed, whatever its arguments?
 *
 * That is "reconnect": if a hook fails then, libvirt kills the running guest.  Standard
 * input has been read.
 */
bool hook_spares(int argc, char **argv, bool linked);

/**
 * hook_run() - run as the link
 * Return: the exit status
 */
int hook_run(char **argv);

extern const struct command cmd_hook;

#endif /* TAPCOMPAT_TOOLS_HOOK_H */
