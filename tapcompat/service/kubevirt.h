/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kubevirt.h - what KubeVirt's onDefineDomain hook is told of a virtual machine
 */
#ifndef TAPCOMPAT_SERVICE_KUBEVIRT_H
#define TAPCOMPAT_SERVICE_KUBEVIRT_H

#include <tapcompat.h>

#define KUBEVIRT_MODEL "tapcompat.io/model"
#define KUBEVIRT_QEMU "tapcompat.io/qemu-version"

/* Of a VirtualMachineInstance: escaped; "" for annotations that it does not have. */
struct kubevirt {
	char name[256];
	char model[64], qemu[32];
};

/**
 * kubevirt_parse() - read a VirtualMachineInstance
 * @vmi: JSON, as the sidecar gets it
 * @error: set on failure
 * Return: 0, -EINVAL or -ENOMEM
 */
int kubevirt_parse(struct kubevirt *k, const char *vmi, struct tapcompat_error *error);

#endif /* TAPCOMPAT_SERVICE_KUBEVIRT_H */
