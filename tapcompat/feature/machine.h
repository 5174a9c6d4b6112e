/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine.h - features that QEMU's machine types have off
 */
#ifndef TAPCOMPAT_FEATURE_MACHINE_H
#define TAPCOMPAT_FEATURE_MACHINE_H

#include "ground/mask.h"

/**
 * machine_release() - the release of QEMU that a machine type is of
 * @machine: such as "pc-q35-8.1"
 * @release: @size bytes; set to such as "8.1"
 * Return: @release; "" for an alias such as "q35", and for types of a distribution, which
 *	has features of its own choice off
 */
const char *machine_release(const char *machine, char *release, size_t size);

/**
 * machine_off() - features that QEMU has on by default, and a machine type off
 */
struct tapcompat_mask machine_off(const char *machine);

#endif /* TAPCOMPAT_FEATURE_MACHINE_H */
