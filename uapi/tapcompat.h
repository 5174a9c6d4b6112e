/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tapcompat.h - public API of libtapcompat
 *
 * What a host's tap, macvtap, vhost-net, vhost-vdpa and eBPF steering really
 * give a virtio-net device.  Can be included alone, in C and in C++.
 *
 * Conventions for all functions:
 *  - a function that can fail returns 0 or a negative errno;
 *  - strings are NUL-terminated UTF-8.  Those that are returned as const belong to the
 *    object that they were asked of and are valid until it is released, or are constant;
 *    others say who frees them;
 *  - what has a function NAME_free() is released by it, which takes NULL too;
 *  - different objects may be used by several threads at once, one object may not, unless
 *    it is only read;
 *  - numbers are in the host's byte order; a feature's bit is counted as the
 *    virtio specification counts it, bit 0 being the least significant;
 *  - no function prints, exits, or changes a signal's disposition;
 *  - a struct of options begins with its size.  Set that to sizeof() and every member that
 *    is not used to 0.  As with openat2(2), a program may have been built for another
 *    version of the library: members that an older struct lacks count as 0, and those that
 *    a newer one has and this library does not know must be 0.  Else it is -E2BIG;
 *    -EINVAL where the size is below that of the first version, or was not set.
 */
#ifndef TAPCOMPAT_H
#define TAPCOMPAT_H

#include <stddef.h>
#include <stdint.h>

#include "tapcompat_feature.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAPCOMPAT_VERSION_MAJOR 0
#define TAPCOMPAT_VERSION_MINOR 1
#define TAPCOMPAT_VERSION_MICRO 0

/**
 * tapcompat_version() - version of the loaded library
 * Return: a string such as "0.1.0"
 */
const char *tapcompat_version(void);

/* ---- The probe ---------------------------------------------------------- */

enum tapcompat_backend_type {
	TAPCOMPAT_TAP,
	TAPCOMPAT_MACVTAP,
	TAPCOMPAT_VHOST_NET,
	TAPCOMPAT_VHOST_VDPA,
	TAPCOMPAT_EBPF_RSS,
	TAPCOMPAT_BACKENDS,	/* number of types */
};

enum tapcompat_availability {
	TAPCOMPAT_NOT_ASKED,	/* not requested */
	TAPCOMPAT_AVAILABLE,
	TAPCOMPAT_UNAVAILABLE,	/* known not to be available */
	TAPCOMPAT_UNDECIDED,	/* could not be determined */
};

enum tapcompat_state {
	TAPCOMPAT_UNLISTED,	/* this backend does not decide the feature */
	TAPCOMPAT_NATIVE,	/* provided by the kernel */
	TAPCOMPAT_EMULATED,	/* not by the kernel, but by tapcompat's shim */
	TAPCOMPAT_ABSENT,	/* neither */
	TAPCOMPAT_UNKNOWN,	/* could not be determined */
};

enum tapcompat_verified {
	TAPCOMPAT_UNTESTED,
	TAPCOMPAT_PASSED,	/* frames were sent and came out right */
	TAPCOMPAT_INEFFECTIVE,	/* frames are right, but never offloaded */
	TAPCOMPAT_FAILED,	/* accepted, but frames are lost or corrupted */
};

/**
 * tapcompat_backend_name(), tapcompat_state_name(), tapcompat_verified_name() - as in documents
 * Return: such as "vhost-net", "native" and "passed"; "?" for values that this library does
 *	not know
 */
const char *tapcompat_backend_name(enum tapcompat_backend_type type);
const char *tapcompat_state_name(enum tapcompat_state state);
const char *tapcompat_verified_name(enum tapcompat_verified verified);

/**
 * tapcompat_backend_find() - type of a backend by its name, such as "tap"
 * Return: the type, or -EINVAL
 */
int tapcompat_backend_find(const char *name);

#define TAPCOMPAT_PROBE_NO_VERIFY	0x1	/* do not send frames */
#define TAPCOMPAT_PROBE_LOAD_MODULES	0x2	/* load missing kernel modules */

/**
 * struct tapcompat_probe_options - what to probe, and how
 * @size: sizeof(struct tapcompat_probe_options)
 * @flags: TAPCOMPAT_PROBE_*
 * @backends: bit set of 1 << enum tapcompat_backend_type; 0 means all
 * @progress: called from time to time in the caller's thread, or NULL;
 *	@what names the current step
 * @arg: passed to @progress
 */
struct tapcompat_probe_options {
	size_t size;
	unsigned int flags;
	unsigned int backends;
	void (*progress)(void *arg, const char *what);
	void *arg;
};

/* Capabilities of a host.  Opaque; returned by tapcompat_probe(). */
struct tapcompat_caps;

/**
 * struct tapcompat_error - message that says why a function failed
 * @text: what is wrong, where, and what to do; one line, no final newline
 */
struct tapcompat_error {
	char text[512];
};

/**
 * tapcompat_probe() - determine the capabilities of this host
 * @options: NULL for everything, with frames
 * @caps: set on success; release it with tapcompat_caps_free()
 * @error: set on failure; may be NULL
 *
 * Works in a child process with its own network namespace, on devices that
 * vanish with it; the caller's process keeps its namespaces,
 * descriptors, signals and credentials.  The child dies with the thread that
 * calls.  It is made by fork(2) alone: do not call while another thread may hold a
 * lock of malloc or stdio.  Takes below 0.2 s without frames and about a second with.
 *
 * Success means that the result is complete: an unavailable backend is a result,
 * too.  Check tapcompat_caps_availability() for each.
 *
 * Return: 0; -EINVAL for options this library does not know; -ENOMEM;
 *	another negative errno if the child could not be started or died
 */
int tapcompat_probe(const struct tapcompat_probe_options *options,
		    struct tapcompat_caps **caps, struct tapcompat_error *error);

/**
 * tapcompat_caps_free() - release capabilities
 */
void tapcompat_caps_free(struct tapcompat_caps *caps);

/**
 * struct tapcompat_host - host and time of a probe
 * @name: of the host, escaped
 * @kernel: its release, as by uname(2)
 * @machine: such as "x86_64"
 * @probed_at: seconds since 1970
 */
struct tapcompat_host {
	const char *name;
	const char *kernel;
	const char *machine;
	int64_t probed_at;
};

/**
 * tapcompat_caps_host() - which host it was
 * Return: its strings are valid until @caps is released
 */
struct tapcompat_host tapcompat_caps_host(const struct tapcompat_caps *caps);

/**
 * tapcompat_caps_undecided() - could no backend be probed?
 *
 * Return: NULL if a requested backend is available, or if all of them are known to
 *	be unavailable; else why the first one could not be probed
 */
const char *tapcompat_caps_undecided(const struct tapcompat_caps *caps);

/**
 * tapcompat_caps_availability() - does the host have a backend?
 */
enum tapcompat_availability
tapcompat_caps_availability(const struct tapcompat_caps *caps,
			    enum tapcompat_backend_type type);

/**
 * tapcompat_caps_detail() - why a backend is not available
 * Return: one line, or ""
 */
const char *tapcompat_caps_detail(const struct tapcompat_caps *caps,
				  enum tapcompat_backend_type type);

/**
 * tapcompat_caps_headers() - vnet header sizes that a tap or macvtap supports
 * @sizes: set to the sizes, in bytes, ascending
 * Return: number of sizes
 */
unsigned int tapcompat_caps_headers(const struct tapcompat_caps *caps,
				    enum tapcompat_backend_type type,
				    const unsigned int **sizes);

/**
 * tapcompat_caps_multi_queue() - does it support several queues?
 * Return: 1 or 0
 */
int tapcompat_caps_multi_queue(const struct tapcompat_caps *caps,
			       enum tapcompat_backend_type type);

/**
 * struct tapcompat_report - state of a feature with a backend
 * @detail: what was observed, or why it is unknown; or ""
 */
struct tapcompat_report {
	enum tapcompat_state state;
	enum tapcompat_verified verified;
	const char *detail;
};

/**
 * tapcompat_caps_report() - state of a feature with a backend
 * @feature: a row of the table
 *
 * A feature that failed verification is not native even if the kernel accepts it:
 * @verified is TAPCOMPAT_FAILED, and @state TAPCOMPAT_EMULATED or TAPCOMPAT_ABSENT.
 */
struct tapcompat_report
tapcompat_caps_report(const struct tapcompat_caps *caps,
		      enum tapcompat_backend_type type,
		      const struct tapcompat_feature *feature);

/**
 * tapcompat_caps_mask() - the features of a backend that are in one state
 */
struct tapcompat_mask
tapcompat_caps_mask(const struct tapcompat_caps *caps,
		    enum tapcompat_backend_type type,
		    enum tapcompat_state state);

#define TAPCOMPAT_PRETTY	0x1	/* JSON: indented */

/**
 * tapcompat_caps_json() - the capability document, tapcompat-capabilities(5)
 * @flags: TAPCOMPAT_PRETTY
 *
 * If nothing could be determined (tapcompat_caps_undecided()) it has a member "error", as the
 * documents of schema tapcompat-error have it.
 *
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_caps_json(const struct tapcompat_caps *caps, unsigned int flags);

/* ---- Requirements and models -------------------------------------------- */

/**
 * tapcompat_require_parse() - read a list of features
 * @list: names as tapcompat_feature_find() takes them, separated by commas or, where
 *	a comma has another meaning, as in QEMU's options, by colons
 * @mask: set on success
 * @error: set on failure; may be NULL
 * Return: 0, or -EINVAL for an unknown name
 */
int tapcompat_require_parse(const char *list, struct tapcompat_mask *mask,
			    struct tapcompat_error *error);

/**
 * tapcompat_require_complete() - add what the features need
 * @mask: changed in place
 *
 * Where one of several features is enough and none is there, the one that all kernels have
 * is added.
 */
void tapcompat_require_complete(struct tapcompat_mask *mask);

/**
 * tapcompat_require_reason() - why did tapcompat_require_complete() add a feature?
 * @asked: the features before
 * Return: one of @asked that needs it; NULL: it is among them, or was not added
 */
const struct tapcompat_feature *
tapcompat_require_reason(const struct tapcompat_mask *asked,
			 const struct tapcompat_feature *feature);

/**
 * struct tapcompat_model - a named set of features that never changes
 * @name: such as "tapnet-v2"
 * @version: the number in it
 * @status: "stable" or "announced"; the alias "tapnet" is the newest stable one, and a
 *	model becomes stable two releases after it was announced
 * @linux_release: first Linux release with all of its features
 * @qemu: first QEMU release with all of them
 * @about: one-line description
 */
struct tapcompat_model {
	const char *name;
	unsigned int version;
	const char *status;
	const char *linux_release;
	const char *qemu;
	const char *about;
};

/**
 * tapcompat_model_at() - walk the models, oldest first
 * Return: a model, or NULL behind the last one
 */
const struct tapcompat_model *tapcompat_model_at(unsigned int index);

/**
 * tapcompat_model_find() - look a model up by its name or by the alias "tapnet"
 * Return: a model, or NULL
 */
const struct tapcompat_model *tapcompat_model_find(const char *name);

/**
 * tapcompat_model_features() - the features of a model, deprecated ones included
 */
struct tapcompat_mask tapcompat_model_features(const struct tapcompat_model *model);

/**
 * struct tapcompat_exclusion - a named set of features that must be off; it never changes
 * @name: such as "xdp-v1"
 * @linux_release: first Linux release of the guest that it is for
 * @features: their names, separated by commas
 * @about: one-line description
 */
struct tapcompat_exclusion {
	const char *name;
	const char *linux_release;
	const char *features;
	const char *about;
};

/**
 * tapcompat_exclusion_at() - walk the exclusions, oldest first
 * tapcompat_exclusion_find() - look one up by its name
 * Return: an exclusion, or NULL
 */
const struct tapcompat_exclusion *tapcompat_exclusion_at(unsigned int index);
const struct tapcompat_exclusion *tapcompat_exclusion_find(const char *name);

/**
 * tapcompat_exclusion_features() - the features that must be off
 */
struct tapcompat_mask
tapcompat_exclusion_features(const struct tapcompat_exclusion *exclusion);

/* ---- Check -------------------------------------------------------------- */

enum tapcompat_verdict {
	TAPCOMPAT_PASS,
	TAPCOMPAT_WARN,		/* available, but see the detail */
	TAPCOMPAT_FAIL,
};

/* Exit status of programs. */
enum tapcompat_exit {
	TAPCOMPAT_EXIT_YES = 0,
	TAPCOMPAT_EXIT_LACKS = 1,	/* a required feature is missing */
	TAPCOMPAT_EXIT_USAGE = 2,	/* wrong usage or malformed input */
	TAPCOMPAT_EXIT_UNDECIDED = 3,	/* could not find out */
	TAPCOMPAT_EXIT_BROKEN = 4,	/* accepted by the kernel, but frames are corrupted */
};

/**
 * struct tapcompat_finding - what became of one required feature
 * @exit: enum tapcompat_exit that it alone leads to
 * @layer: what lacks it, such as "kernel tap" or "machine type"; "" if nothing does
 * @since: the release of Linux or QEMU, by @layer, that brought it, or ""
 * @detail: what was seen, or ""
 * @needed_by: if it was not asked for, a feature that was and needs it, else ""
 *
 * Findings may grow at the end; only the library makes them.
 */
struct tapcompat_finding {
	const struct tapcompat_feature *feature;
	enum tapcompat_verdict verdict;
	int exit;
	const char *layer;
	const char *since;
	const char *detail;
	const char *needed_by;
};

#define TAPCOMPAT_CHECK_ALLOW_EMULATED	0x1	/* emulated features count as present */

/* Result of a check.  Opaque; returned by tapcompat_check(). */
struct tapcompat_check;

/**
 * tapcompat_check() - are the required features there?
 * @caps: what a host provides
 * @backend: which backend is to give them
 * @require: the features; what they need is required as well
 * @flags: TAPCOMPAT_CHECK_*
 * Return: an answer to be released with tapcompat_check_free(); NULL: no memory
 */
struct tapcompat_check *tapcompat_check(const struct tapcompat_caps *caps,
					enum tapcompat_backend_type backend,
					struct tapcompat_mask require, unsigned int flags);

/**
 * tapcompat_check_free() - release an answer, with its findings
 */
void tapcompat_check_free(struct tapcompat_check *check);

/**
 * tapcompat_check_exit() - exit status for a check
 *
 * Missing features take precedence over broken ones, and these over unknown ones.
 */
int tapcompat_check_exit(const struct tapcompat_check *check);

/**
 * tapcompat_check_at() - iterate over the findings, in the order of the bits
 * Return: a finding, or NULL after the last one
 */
const struct tapcompat_finding *tapcompat_check_at(const struct tapcompat_check *check,
						   unsigned int index);

/**
 * tapcompat_check_way() - walk the ways out, each of which is enough alone
 * Return: one line, or NULL behind the last one
 */
const char *tapcompat_check_way(const struct tapcompat_check *check, unsigned int index);

/**
 * tapcompat_check_json() - the result as a document, schema tapcompat-check
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_check_json(const struct tapcompat_check *check, unsigned int flags);

/* ---- Offer -------------------------------------------------------------- */

/* Features that a QEMU would offer to a guest.  Opaque; returned by tapcompat_offer(). */
struct tapcompat_offer;

/**
 * struct tapcompat_offer_options - which QEMU, and how it would be started
 * @size: sizeof(struct tapcompat_offer_options)
 * @qemu: the program
 * @machine: machine type, or NULL for QEMU's default
 * @device: further options of -device virtio-net-pci, or NULL
 * @vhost: 1 for vhost=on, 0 for vhost=off
 */
struct tapcompat_offer_options {
	size_t size;
	const char *qemu;
	const char *machine;
	const char *device;
	int vhost;
};

/**
 * tapcompat_offer() - query a QEMU over QMP, without running a guest
 * @caps: capabilities of the host: tap and, with vhost=on, vhost-net
 * @offer: set on success; release it with tapcompat_offer_free()
 * @error: set on failure; may be NULL
 * Return: 0; -EINVAL: no such machine type or option; -ENOENT, -EACCES, -ENOEXEC: no
 *	such program; another negative errno on failure
 */
int tapcompat_offer(const struct tapcompat_caps *caps,
		    const struct tapcompat_offer_options *options,
		    struct tapcompat_offer **offer, struct tapcompat_error *error);

/**
 * tapcompat_offer_free() - release an offer, with its findings
 */
void tapcompat_offer_free(struct tapcompat_offer *offer);

/**
 * tapcompat_offer_at() - iterate over the features: TAPCOMPAT_PASS if offered, else with
 *	the layer that removed it
 * Return: a finding, or NULL after the last one
 */
const struct tapcompat_finding *tapcompat_offer_at(const struct tapcompat_offer *offer,
						   unsigned int index);

/**
 * tapcompat_offer_mask() - the features that are offered
 */
struct tapcompat_mask tapcompat_offer_mask(const struct tapcompat_offer *offer);

/**
 * tapcompat_offer_check() - are the required features offered?
 * @caps: those that the offer was made with
 * @require, @flags: as for tapcompat_check()
 * Return: an answer to be released with tapcompat_check_free(); NULL: no memory
 */
struct tapcompat_check *tapcompat_offer_check(const struct tapcompat_offer *offer,
					      const struct tapcompat_caps *caps,
					      struct tapcompat_mask require, unsigned int flags);

/**
 * tapcompat_offer_json() - the answer as a document, schema tapcompat-offer
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_offer_json(const struct tapcompat_offer *offer, unsigned int flags);

/* ---- Documents ---------------------------------------------------------- */

/**
 * tapcompat_caps_parse() - read a capability document
 * @text: @len bytes of JSON, at most 1 MiB
 * @name: of the document, for messages
 * @caps: set on success; release it with tapcompat_caps_free()
 * @error: set on failure to the reason and the place; may be NULL
 *
 * Items that the library does not know are skipped and never count as present.
 *
 * Return: 0; -EINVAL for an invalid document; -ENOMEM
 */
int tapcompat_caps_parse(const char *text, size_t len, const char *name,
			 struct tapcompat_caps **caps, struct tapcompat_error *error);

/**
 * tapcompat_caps_load() - the same, from a file
 * @path: of a file, or "-" for standard input
 * Return: as tapcompat_caps_parse(); another negative errno if it cannot be read
 */
int tapcompat_caps_load(const char *path, struct tapcompat_caps **caps,
			struct tapcompat_error *error);

#ifdef __cplusplus
}
#endif

#endif /* TAPCOMPAT_H */
