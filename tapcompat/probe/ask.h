/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask.h - the kernel's own word, by ioctl
 */
#ifndef TAPCOMPAT_PROBE_ASK_H
#define TAPCOMPAT_PROBE_ASK_H

#include "feature/caps.h"

/**
 * ask_tap() - what a tap or macvtap says it takes
 * @fd: of a throw-away device: its settings are changed
 * @b: filled in; the backend's availability is not
 */
void ask_tap(int fd, struct caps_backend *b);

/**
 * ask_vhost() - what holds with vhost=on: the tap and vhost-net together
 * @fd: of /dev/vhost-net, owned
 * @tap: what the tap says
 * @steering: what the steering program gives
 * @b: filled in
 */
void ask_vhost(int fd, const struct caps_backend *tap, const struct caps_backend *steering,
	       struct caps_backend *b);

/**
 * ask_vdpa() - what every vDPA device of the host offers
 * @b: its devices are set; its features are filled in
 */
void ask_vdpa(struct caps_backend *b);

#endif /* TAPCOMPAT_PROBE_ASK_H */
