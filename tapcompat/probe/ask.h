/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask.h - query the kernel by ioctl
 */
#ifndef TAPCOMPAT_PROBE_ASK_H
#define TAPCOMPAT_PROBE_ASK_H

#include "feature/caps.h"

/**
 * ask_tap() - what a tap or macvtap accepts
 * @fd: of a throw-away device: its settings are changed
 * @b: filled in, except for the availability
 */
void ask_tap(int fd, struct caps_backend *b);

/**
 * ask_vhost() - what vhost=on provides: the tap and vhost-net together
 * @fd: of /dev/vhost-net, with its owner set
 * @tap: result for the tap
 * @steering: result for the steering program
 * @b: filled in
 */
void ask_vhost(int fd, const struct caps_backend *tap, const struct caps_backend *steering,
	       struct caps_backend *b);

/**
 * ask_vdpa() - what all vDPA devices of the host offer
 * @b: with its devices; its features are filled in
 */
void ask_vdpa(struct caps_backend *b);

#endif /* TAPCOMPAT_PROBE_ASK_H */
