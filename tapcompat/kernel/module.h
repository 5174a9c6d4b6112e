/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * module.h - kernel modules, by libkmod
 *
 * The kernel loads modules behind one's back: opening /dev/net/tun, making a
 * link or asking for a netlink family is enough.  Who has promised to load
 * none asks here first.
 */
#ifndef TAPCOMPAT_KERNEL_MODULE_H
#define TAPCOMPAT_KERNEL_MODULE_H

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
 * module_load() - load a module and what it needs
 * Return: 0, also where it is loaded already; -ENOENT where there is none; or
 *	another negative errno
 */
int module_load(const char *module);

/* Those that the probe has use for. */
enum module {
	MODULE_TUN, MODULE_BRIDGE, MODULE_VXLAN, MODULE_MACVTAP, MODULE_VHOST_NET, MODULE_VDPA,
	MODULES,
};

/*
 * May it be used?  Zeroed: it may, and the kernel loads it where need be.
 */
struct module_permit {
	char why[224];		/* if not, why and what to do; else "" */
	bool uncertain;		/* whether there is one could not be told */
};

struct module_permits {
	struct module_permit of[MODULES];
};

/**
 * modules_permit() - find out which modules may be used
 * @wanted: bit set of 1 << enum module
 * @load: whether those that are not loaded are to be
 */
void modules_permit(struct module_permits *permits, unsigned int wanted, bool load);

#endif /* TAPCOMPAT_KERNEL_MODULE_H */
