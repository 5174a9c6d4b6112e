/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * module.h - kernel modules, by libkmod
 *
 * The kernel loads modules implicitly: opening /dev/net/tun, creating a link or resolving
 * a netlink family is enough.  Callers that must not load modules check here first.
 */
#ifndef TAPCOMPAT_KERNEL_MODULE_H
#define TAPCOMPAT_KERNEL_MODULE_H

#include <stdbool.h>
#include <stddef.h>

enum module_state {
	MODULE_READY,		/* loaded, built in, or nonexistent: use loads nothing */
	MODULE_LOADABLE,	/* the module exists and is not loaded */
	MODULE_UNCERTAIN,	/* not visible, and there is no index of modules */
};

/**
 * module_state() - would using @module load it?
 * @module: its name, such as "vhost_net"
 *
 * In a container /lib/modules may be missing, although the kernel would load the host's
 * module.
 */
enum module_state module_state(const char *module);

/**
 * module_load() - load a module and its dependencies
 * Return: 0, also if it is already loaded; -ENOENT if it does not exist; or
 *	another negative errno
 */
int module_load(const char *module);

/* The modules that the probe uses. */
enum module {
	MODULE_TUN, MODULE_BRIDGE, MODULE_VXLAN, MODULE_MACVTAP, MODULE_VHOST_NET, MODULE_VDPA,
	MODULES,
};

/*
 * May a module be used?  Zeroed: yes, and the kernel loads it if necessary.
 */
struct module_permit {
	char why[224];		/* if not: why, and what to do; else "" */
	bool uncertain;		/* it is unknown whether the module exists */
};

struct module_permits {
	struct module_permit of[MODULES];
};

/**
 * modules_permit() - determine which modules may be used
 * @wanted: bit set of 1 << enum module
 * @load: load those that are not loaded
 */
void modules_permit(struct module_permits *permits, unsigned int wanted, bool load);

#endif /* TAPCOMPAT_KERNEL_MODULE_H */
