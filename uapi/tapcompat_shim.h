/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tapcompat_shim.h - public API of libtapcompat: the shim, tapcompat-shim(7)
 *
 * Where it is installed, and what it counts in a process that it was loaded into.
 * Conventions are those of tapcompat.h.
 */
#ifndef TAPCOMPAT_SHIM_H
#define TAPCOMPAT_SHIM_H

#include <sys/types.h>

#include <tapcompat.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * tapcompat_shim_path() - path of the shim, for LD_PRELOAD
 * @path: @size bytes; set to its absolute path, in the directory that this library is in
 * Return: 0; -ENAMETOOLONG, and @path is empty; or another negative errno if it
 *	cannot be read
 */
int tapcompat_shim_path(char *path, size_t size);

/* What the shim of a process has counted.  Opaque; made by tapcompat_stat_read(). */
struct tapcompat_stat;

/**
 * tapcompat_stat_read() - read the counters of a process
 * @pid: of a QEMU with the shim
 * @stat: set on success; release it with tapcompat_stat_free()
 * @error: set on failure; may be NULL
 *
 * The shim is not stopped while it is read, so counters need not agree with each other.
 * What the process has there is checked, and taken for numbers only.
 *
 * Return: 0; -ESRCH: no such process; -ENOENT: it has no shim; -EPROTO: its shim is of
 *	another version; another negative errno: it cannot be read
 */
int tapcompat_stat_read(pid_t pid, struct tapcompat_stat **stat, struct tapcompat_error *error);

/**
 * tapcompat_stat_free() - release what was read
 */
void tapcompat_stat_free(struct tapcompat_stat *stat);

/**
 * tapcompat_stat_json() - as a document, schema tapcompat-stat
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_stat_json(const struct tapcompat_stat *stat, unsigned int flags);

#ifdef __cplusplus
}
#endif

#endif /* TAPCOMPAT_SHIM_H */
