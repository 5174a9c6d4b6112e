/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * release.h - the release of a QEMU that is not run
 */
#ifndef TAPCOMPAT_QEMU_RELEASE_H
#define TAPCOMPAT_QEMU_RELEASE_H

#define QEMU_RELEASE 32		/* bytes of it as text */

/**
 * qemu_release() - find the release of a QEMU in its file
 * @path: of the program, or of a script that starts it
 * @release: QEMU_RELEASE bytes; set to such as "10.0.2", or to "" if it is not found
 *
 * Nothing is executed: the path may come from a domain, and libvirt's hook runs as root.
 */
void qemu_release(const char *path, char *release);

#endif /* TAPCOMPAT_QEMU_RELEASE_H */
