/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine.h - features that QEMU's machine types have off
 */
#ifndef TAPCOMPAT_FEATURE_MACHINE_H
#define TAPCOMPAT_FEATURE_MACHINE_H

#include "ground/mask.h"

/**
 * machine_off() - features that QEMU has on by default, and a machine type off
 * @machine: such as "pc-q35-8.1"
 */
struct tapcompat_mask machine_off(const char *machine);

#endif /* TAPCOMPAT_FEATURE_MACHINE_H */
