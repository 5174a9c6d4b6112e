/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * launch.h - what tapcompat run does before it becomes QEMU
 */
#ifndef TAPCOMPAT_QEMU_LAUNCH_H
#define TAPCOMPAT_QEMU_LAUNCH_H

#include <limits.h>
#include <stdbool.h>

#include "feature/policy.h"

/**
 * struct launch - all zero to begin with
 * @emulate_given, @mask_given: by an option, so the environment does not count
 * @shim: set by launch_find_shim()
 * @say: takes a line for people
 */
struct launch {
	struct policy policy;
	bool emulate_given, mask_given;
	enum tapcompat_shim_engine engine;	/* from the environment only */
	char shim[PATH_MAX];
	void (*say)(const char *line);
};

/**
 * launch_emulate(), launch_mask() - take an option's value
 * launch_environment() - take the environment where no option was given, when all options are
 *	in, and check that all fits together
 * @error: set on failure
 * Return: 0 or -EINVAL
 */
int launch_emulate(struct launch *l, const char *words, struct tapcompat_error *error);
int launch_mask(struct launch *l, const char *words, struct tapcompat_error *error);
int launch_environment(struct launch *l, struct tapcompat_error *error);

/**
 * launch_active() - is there anything for a shim to do?
 */
bool launch_active(const struct launch *l);

/**
 * launch_probe_options() - what is to be probed
 * @announce: it will be said what is native and what is emulated
 * @options: backends are set, and frames are left out where nothing depends on them
 * Return: whether a probe is of any use
 */
bool launch_probe_options(const struct launch *l, bool announce,
			  struct tapcompat_probe_options *options);

/**
 * launch_find_shim() - where the shim is, and whether it can be loaded from there
 * Return: 0, or a negative errno and @error is set
 */
int launch_find_shim(struct launch *l, struct tapcompat_error *error);

/**
 * launch_check_document() - were these capabilities probed under the kernel that runs?
 * @name: of the document
 * Return: 0, or -EINVAL and @error is set
 */
int launch_check_document(const struct tapcompat_caps *caps, const char *name,
			  struct tapcompat_error *error);

/**
 * launch_mask_corrupted() - mask what the kernel corrupts, and say what cannot be helped
 */
void launch_mask_corrupted(struct launch *l, const struct tapcompat_caps *caps);

/**
 * launch_announce() - say what is native, emulated and hidden
 * @caps: NULL where this host could not be probed
 */
void launch_announce(const struct launch *l, const struct tapcompat_caps *caps);

/**
 * launch_set_environment() - as the shim and the dynamic linker are to find it
 * Return: 0, or a negative errno and @error is set
 */
int launch_set_environment(const struct launch *l, struct tapcompat_error *error);

#endif /* TAPCOMPAT_QEMU_LAUNCH_H */
