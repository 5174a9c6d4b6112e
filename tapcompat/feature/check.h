/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check.h - are the required features there?  The judgement, and its words
 *
 * A check is one plain block without allocations, so that the privileged helper
 * can use it as well.  Findings come first, one for each required feature; when
 * all are in, check_conclude() says what the ways out are.
 */
#ifndef TAPCOMPAT_FEATURE_CHECK_H
#define TAPCOMPAT_FEATURE_CHECK_H

#include "caps.h"

#define CHECK_WAYS 6
#define CHECK_WAY 512
#define CHECK_SUBJECT 64

/* The kernel's layers, by the names that people know. */
#define CHECK_TAP "kernel tap"
#define CHECK_VHOST "vhost-net"
#define CHECK_STEERING "eBPF steering"

/* What stands in for vhost-net, and has less. */
#define CHECK_DEVICE "tapcompat's device"

/* Layers above the host. */
#define CHECK_QEMU "QEMU"	/* whose releases are QEMU's */
#define CHECK_MACHINE "machine type"
#define CHECK_DEFAULT "default"	/* QEMU has it, and it must be asked for */

struct tapcompat_check {
	char subject[CHECK_SUBJECT];	/* what was looked at, such as "tap" */
	enum tapcompat_backend_type backend;
	struct tapcompat_mask require;
	struct tapcompat_mask lacks;	/* of these, what failed */
	struct tapcompat_mask emulated;	/* of these, what passed because tapcompat run has it */
	struct tapcompat_mask offered;	/* by the QEMU that is judged, else all bits */
	bool running;			/* it is of a machine that runs and has them */
	int refused;			/* enum tapcompat_exit: for no feature's sake */
	char refusal[CAPS_DETAIL];	/* why */
	char start[CHECK_WAY];		/* -device options to start it with here, or "" */
	unsigned int findings, ways;
	struct tapcompat_finding finding[FEATURE_COUNT];
	char detail[FEATURE_COUNT][CAPS_DETAIL];
	char way[CHECK_WAYS][CHECK_WAY];
};

/**
 * check_start() - an empty check
 * @subject: what is looked at, for people
 */
void check_start(struct tapcompat_check *c, const char *subject,
		 enum tapcompat_backend_type backend, struct tapcompat_mask require);

/**
 * check_add() - one more finding
 * @code: exit status that it alone would lead to, of enum tapcompat_exit
 * @layer: that lacks it, or ""; a constant
 * @since: release of that layer that brought it, or ""; a constant
 * @detail: printf format
 */
void check_add(struct tapcompat_check *c, const struct tapcompat_feature *f,
	       enum tapcompat_verdict verdict, int code, const char *layer, const char *since,
	       const char *detail, ...) __attribute__((format(printf, 7, 8)));

/**
 * check_refuse() - it cannot be, whatever features there are
 * @code: exit status, of enum tapcompat_exit
 */
void check_refuse(struct tapcompat_check *c, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * check_caps() - find out all of it from what a host gives, and conclude
 * @flags: TAPCOMPAT_CHECK_*
 */
void check_caps(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		unsigned int flags);

/**
 * check_feature() - the finding of one feature, from what a host gives
 */
void check_feature(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		   const struct tapcompat_feature *f, unsigned int flags);

/**
 * check_emulable() - can tapcompat's shim carry it, with that backend?
 */
bool check_emulable(const struct tapcompat_check *c, const struct tapcompat_caps *caps,
		    const struct tapcompat_feature *f);

/**
 * check_conflicts() - do the findings go together?  check_conclude() asks
 *
 * Where tapcompat's device stands in for vhost-net, what that alone has is not to be had.
 */
void check_conflicts(struct tapcompat_check *c);

/**
 * check_way() - one more way out
 */
void check_way(struct tapcompat_check *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * check_ways() - add the ways out for finished findings
 * @caps: what the host provides
 * @flags: TAPCOMPAT_CHECK_*
 */
void check_ways(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		unsigned int flags);

/**
 * check_conclude() - all findings are in: check_conflicts(), then check_ways() if it fails
 * @caps: what the host provides
 * @flags: TAPCOMPAT_CHECK_*
 */
void check_conclude(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		    unsigned int flags);

#endif /* TAPCOMPAT_FEATURE_CHECK_H */
