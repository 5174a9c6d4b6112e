/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy.h - what the shim emulates and what it hides from QEMU
 *
 * The words of TAPCOMPAT_EMULATE and TAPCOMPAT_MASK, which are those of --emulate and --mask
 * of tapcompat-run(1), and what follows from them.  tapcompat run announces it and the shim
 * does it, so both take it from here.  No system call, no allocation.
 */
#ifndef TAPCOMPAT_FEATURE_POLICY_H
#define TAPCOMPAT_FEATURE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include <tapcompat.h>

/* How much the shim writes to standard error: TAPCOMPAT_LOG. */
enum tapcompat_shim_level {
	TAPCOMPAT_SHIM_ERROR, TAPCOMPAT_SHIM_WARNING, TAPCOMPAT_SHIM_INFO, TAPCOMPAT_SHIM_DEBUG,
};

/* What moves the frames of an emulated tap: TAPCOMPAT_ENGINE. */
enum tapcompat_shim_engine {
	TAPCOMPAT_SHIM_AUTO,	/* the first of the following that is available */
	TAPCOMPAT_SHIM_VHOST,	/* the kernel's vhost-net, which is given segments */
	TAPCOMPAT_SHIM_URING,
	TAPCOMPAT_SHIM_PLAIN,	/* a system call per frame */
};

enum policy_mode { POLICY_AUTO, POLICY_ALL, POLICY_NONE, POLICY_LIST };

/**
 * struct policy - all zero is the default: emulate what the kernel lacks
 * @mode: which features may be emulated; POLICY_ALL: even those that the kernel has
 * @listed: POLICY_LIST: these
 * @masked: to be treated as if the kernel did not have them
 */
struct policy {
	enum policy_mode mode;
	struct tapcompat_mask listed, masked;
};

/**
 * policy_parse_emulate() - auto, all, none, or a list of features
 * policy_parse_mask() - a list of features
 * @error: set on failure
 *
 * A second list adds to the first one.
 *
 * Return: 0; -EINVAL where a word is unknown, or a feature that cannot be emulated or masked
 */
int policy_parse_emulate(struct policy *p, const char *words, struct tapcompat_error *error);
int policy_parse_mask(struct policy *p, const char *words, struct tapcompat_error *error);

/**
 * policy_check() - can QEMU do without all that is masked and not emulated?
 *
 * QEMU assumes checksums and TSO with any tap that has a vnet header, without asking.
 *
 * Return: 0, or -EINVAL and @error is set
 */
int policy_check(const struct policy *p, struct tapcompat_error *error);

/**
 * policy_parse_level() - a word of TAPCOMPAT_LOG
 * @word: NULL or empty for the default
 * Return: 0, or -EINVAL and @error is set
 */
int policy_parse_level(const char *word, enum tapcompat_shim_level *level,
		       struct tapcompat_error *error);

/**
 * policy_parse_engine() - a word of TAPCOMPAT_ENGINE
 * @word: NULL or empty for the default
 * Return: 0, or -EINVAL and @error is set
 */
int policy_parse_engine(const char *word, enum tapcompat_shim_engine *engine,
			struct tapcompat_error *error);

/**
 * policy_format_emulate(), policy_format_mask() - as the environment has them
 * @text: @size bytes; "" for an empty mask
 */
void policy_format_emulate(const struct policy *p, char *text, size_t size);
void policy_format_mask(const struct policy *p, char *text, size_t size);

/**
 * policy_active() - is there anything to emulate or to hide?
 */
static inline bool policy_active(const struct policy *p)
{
	return p->mode != POLICY_NONE || p->masked.word[0] || p->masked.word[1];
}

/* Features that are emulated where the kernel lacks them. */
struct tapcompat_mask policy_emulated(const struct policy *p);

/* Features of the kernel that are not used: masked, or to be emulated in any case. */
struct tapcompat_mask policy_unused(const struct policy *p);

/**
 * policy_hidden() - features that QEMU is not offered
 *
 * May be more than are masked, as QEMU asks for some of them together.
 */
struct tapcompat_mask policy_hidden(const struct policy *p);

/* What QEMU gets, and from whom; no feature is in two of them. */
struct policy_result {
	struct tapcompat_mask native, emulated, hidden;
};

/**
 * policy_tap() - with a tap or macvtap
 * policy_vhost() - with a vhost-net, beside what its tap has
 * @kernel: what the kernel's has
 *
 * vhost-net is not replaced to emulate what QEMU has off by default, unless it is listed.
 */
struct policy_result policy_tap(const struct policy *p, struct tapcompat_mask kernel);
struct policy_result policy_vhost(const struct policy *p, struct tapcompat_mask kernel);

/**
 * policy_mask_corrupted() - mask features whose frames the kernel corrupts, so that they are
 *	emulated
 * Return: those of them that are not emulated, and so are left as they are
 */
struct tapcompat_mask policy_mask_corrupted(struct policy *p, struct tapcompat_mask corrupted);

#endif /* TAPCOMPAT_FEATURE_POLICY_H */
