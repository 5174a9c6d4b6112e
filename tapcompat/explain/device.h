/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device.h - which virtio device a message is about
 */
#ifndef TAPCOMPAT_EXPLAIN_DEVICE_H
#define TAPCOMPAT_EXPLAIN_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

struct device {
	const char *name;	/* as QEMU has it */
	const char *about;	/* "a disk" */
};

/**
 * device_within() - the device that a text names
 * @last: the last one of several, else the first
 * Return: NULL where it names none
 */
const struct device *device_within(const char *text, size_t n, bool last);

/* Is it virtio-net? */
bool device_is_net(const struct device *d);

/**
 * device_bit() - what a bit means to a device that is no network card
 * Return: "?" where that is not known
 */
const char *device_bit(const struct device *d, unsigned int bit);

#endif /* TAPCOMPAT_EXPLAIN_DEVICE_H */
