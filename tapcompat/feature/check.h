/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check.h - are the required features available, and if not, what can be done?
 *
 * A check is a flat structure without allocations, so that the privileged helper
 * can use it as well.  First one finding for each required feature is added; then
 * check_conclude() adds the ways out.
 */
#ifndef TAPCOMPAT_FEATURE_CHECK_H
#define TAPCOMPAT_FEATURE_CHECK_H

#include "caps.h"
#include "flags.h"
#include "nic.h"

#define CHECK_WAYS 6
#define CHECK_WAY 512
#define CHECK_START (FLAGS_TEXT + NIC_TEXT)
#define CHECK_SUBJECT 64

/* The kernel's layers, as messages name them. */
#define CHECK_TAP "kernel tap"
#define CHECK_VHOST "vhost-net"
#define CHECK_STEERING "eBPF steering"

/* Replaces vhost-net; has fewer features. */
#define CHECK_DEVICE "tapcompat's device"

/* Layers above the host. */
#define CHECK_QEMU "QEMU"	/* "since" is a release of QEMU */
#define CHECK_MACHINE "machine type"
#define CHECK_DEFAULT "default"	/* QEMU has it, but off by default */

struct tapcompat_check {
	char subject[CHECK_SUBJECT];	/* what is checked, such as "tap" */
	enum tapcompat_backend_type backend;
	struct tapcompat_mask asked;	/* features that the caller asked for */
	struct tapcompat_mask require;	/* these, and what they need */
	struct tapcompat_mask lacks;	/* required ones that failed */
	struct tapcompat_mask emulated;	/* required ones that passed by emulation */
	struct tapcompat_mask offered;	/* by the QEMU that is checked, else all bits */
	bool running;			/* the machine is running and has acked them */
	int refused;			/* enum tapcompat_exit: refused regardless of features */
	char refusal[CAPS_DETAIL];	/* why */
	char start[CHECK_START];		/* -device options for starting it here, or "" */
	struct flags later;		/* what newer QEMUs need in addition */
	unsigned int queues;		/* of the netdev to start it with, or 0 */
	unsigned int findings, ways, nics;
	struct tapcompat_finding finding[FEATURE_COUNT];
	char detail[FEATURE_COUNT][CAPS_DETAIL];
	char way[CHECK_WAYS][CHECK_WAY];
	struct nic_difference nic[NIC_PROPERTIES];	/* from a record's card */
};

/* Ways out are for a reader who edits a libvirt domain; in addition to TAPCOMPAT_CHECK_*. */
#define CHECK_LIBVIRT 0x10000000
#define CHECK_RESTORE 0x20000000	/* the domain is restored here */
#define CHECK_MIGRATE 0x40000000	/* the domain migrates here */

/**
 * check_start() - an empty check
 * @subject: what is checked, for messages
 * @require: features; the check adds what they need
 */
void check_start(struct tapcompat_check *c, const char *subject,
		 enum tapcompat_backend_type backend, struct tapcompat_mask require);

/**
 * check_add() - add a finding
 * @code: exit status for this finding alone, of enum tapcompat_exit
 * @layer: the layer that lacks it, or ""; a string constant
 * @since: first release of that layer with it, or ""; a string constant
 * @detail: printf format
 */
void check_add(struct tapcompat_check *c, const struct tapcompat_feature *f,
	       enum tapcompat_verdict verdict, int code, const char *layer, const char *since,
	       const char *detail, ...) __attribute__((format(printf, 7, 8)));

/**
 * check_refuse() - refuse regardless of the features
 * @code: exit status, of enum tapcompat_exit
 */
void check_refuse(struct tapcompat_check *c, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * check_caps() - check all required features against a host, and conclude
 * @flags: TAPCOMPAT_CHECK_*
 */
void check_caps(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		unsigned int flags);

/**
 * check_feature() - add the finding of one feature, from a host's capabilities
 */
void check_feature(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		   const struct tapcompat_feature *f, unsigned int flags);

/**
 * check_emulable() - can tapcompat's shim emulate it with that backend?
 */
bool check_emulable(const struct tapcompat_check *c, const struct tapcompat_caps *caps,
		    const struct tapcompat_feature *f);

/**
 * check_conflicts() - fail findings that exclude each other
 *
 * Emulation replaces vhost-net by tapcompat's device, so features that only vhost-net has
 * fail where another one is emulated.
 */
void check_conflicts(struct tapcompat_check *c);

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
