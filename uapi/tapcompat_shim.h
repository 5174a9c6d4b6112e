/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tapcompat_shim.h - the shim that emulates missing features: tapcompat-shim(7)
 *
 * Its path, and its counters in a process that has loaded it.  The conventions are those
 * of tapcompat.h.
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

/* Verbosity on standard error: TAPCOMPAT_LOG. */
enum tapcompat_shim_level {
	TAPCOMPAT_SHIM_ERROR, TAPCOMPAT_SHIM_WARNING, TAPCOMPAT_SHIM_INFO, TAPCOMPAT_SHIM_DEBUG,
};

/**
 * tapcompat_shim_level() - parse a value of TAPCOMPAT_LOG
 * @word: NULL or empty for the default
 * Return: of enum tapcompat_shim_level, or -EINVAL
 */
int tapcompat_shim_level(const char *word);

/**
 * tapcompat_shim_answers() - can the shim hide that the kernel has a feature?
 */
int tapcompat_shim_answers(const struct tapcompat_feature *feature);

/**
 * tapcompat_shim_hides() - does QEMU then not offer the feature, unless it is emulated?
 *
 * False for features that QEMU assumes with any tap that has a vnet header.
 */
int tapcompat_shim_hides(const struct tapcompat_feature *feature);

/**
 * tapcompat_shim_hidden() - all features that QEMU does not offer if these are hidden
 *
 * May be more than these, because QEMU sets some of them together.
 */
struct tapcompat_mask tapcompat_shim_hidden(struct tapcompat_mask mask);

/* Counters of the shim in a process.  Opaque; returned by tapcompat_stat_read(). */
struct tapcompat_stat;

/**
 * tapcompat_stat_read() - read the counters of a process
 * @pid: of a QEMU with the shim
 * @stat: set on success; release it with tapcompat_stat_free()
 * @error: set on failure; may be NULL
 *
 * The counters are not read atomically, so they may not agree with each other.  The
 * process is not trusted: its values are only used as numbers.
 *
 * Return: 0; -ESRCH: no such process; -ENOENT: it has no shim; -EPROTO: its shim is of
 *	another version; another negative errno: it cannot be read
 */
int tapcompat_stat_read(pid_t pid, struct tapcompat_stat **stat, struct tapcompat_error *error);

void tapcompat_stat_free(struct tapcompat_stat *stat);

/**
 * tapcompat_stat_print() - print the counters as a table
 * @flags: TAPCOMPAT_COLOUR; TAPCOMPAT_QUIET: only what was dropped, and broken queues
 */
void tapcompat_stat_print(const struct tapcompat_stat *stat, FILE *out, unsigned int flags);

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
