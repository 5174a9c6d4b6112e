/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * module.h - kernel modules, by libkmod
 *
 * The kernel loads modules behind one's back: opening /dev/net/tun, making a
 * link or asking for a netlink family is enough.  Who has promised to load
 * none asks here first.
 */
#ifndef TAPCOMPAT_EDGE_MODULE_H
#define TAPCOMPAT_EDGE_MODULE_H

#include <stdbool.h>
#include <stddef.h>

enum module_state {
	MODULE_READY,		/* loaded or built in, or nothing that could be loaded */
	MODULE_LOADABLE,	/* there is a module, and it is not loaded */
	MODULE_UNCERTAIN,	/* it does not show, and no index tells what there is */
};

/**
 * module_state() - would using @module load it?
 * @module: its name, such as "vhost_net"
 *
 * In a container there may be no /lib/modules, and yet the kernel would load the
 * host's module.
 */
enum module_state module_state(const char *module);

/**
 * driver_registered() - is there a character device driver of this name?
 *
 * As /proc/misc and /proc/devices list them, whatever became of device nodes.
 */
bool driver_registered(const char *name);

/**
 * module_permit() - may @module be used?
 * @load: whether it may be loaded for that
 * @why: @size bytes; if not, what to do
 * Return: 0 or -ENODEV
 */
int module_permit(const char *module, bool load, char *why, size_t size);

/**
 * module_load() - load a module and what it needs
 * Return: 0, also where it is loaded already; -ENOENT where there is none; or
 *	another negative errno
 */
int module_load(const char *module);

#endif /* TAPCOMPAT_EDGE_MODULE_H */
