/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hidden.h - what the shim can hide from QEMU
 */
#ifndef TAPCOMPAT_FEATURE_HIDDEN_H
#define TAPCOMPAT_FEATURE_HIDDEN_H

#include <tapcompat.h>

/**
 * shim_answers() - can the shim treat a feature as if the kernel did not have it?
 */
int shim_answers(const struct tapcompat_feature *feature);

/**
 * shim_hides() - and does QEMU then go without it, where it is not emulated?
 *
 * Not where QEMU assumes the feature with any tap that has a vnet header.
 */
int shim_hides(const struct tapcompat_feature *feature);

/**
 * shim_hidden() - all that QEMU goes without if these are hidden
 *
 * More than these, as QEMU asks for some of them together.
 */
struct tapcompat_mask shim_hidden(struct tapcompat_mask mask);

#endif /* TAPCOMPAT_FEATURE_HIDDEN_H */
