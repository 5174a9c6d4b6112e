/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tapcompat_fleet.h - which features may a virtual machine have on several hosts?
 *
 * Works on documents of tapcompat_caps_json(), offline: nothing here looks at the
 * host it runs on, but where a function says so.  Conventions are those of tapcompat.h.
 */
#ifndef TAPCOMPAT_FLEET_H
#define TAPCOMPAT_FLEET_H

#include <tapcompat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Models ------------------------------------------------------------- */

/* The longest text of a fingerprint: 8 digits and the final NUL. */
#define TAPCOMPAT_FINGERPRINT_TEXT 9

/**
 * tapcompat_mask_fingerprint() - a mask in short, for labels
 * @text: TAPCOMPAT_FINGERPRINT_TEXT bytes
 *
 * The FNV-1a hash of 32 bits, over the mask's 16 bytes, lowest first.
 *
 * Return: @text
 */
char *tapcompat_mask_fingerprint(const struct tapcompat_mask *mask, char *text);

/**
 * tapcompat_model_best() - the newest model all of whose features are in a mask
 * Return: a model, or NULL
 */
const struct tapcompat_model *tapcompat_model_best(const struct tapcompat_mask *mask);

/* The features of a model that are not deprecated. */
struct tapcompat_mask tapcompat_model_current(const struct tapcompat_model *model);

#define TAPCOMPAT_NO_DEPRECATED	0x8	/* leave deprecated features out */

/**
 * tapcompat_models_print() - the models for eyes
 * @model: one of them, with its features; NULL: all
 * @flags: TAPCOMPAT_COLOUR; TAPCOMPAT_QUIET: names, or names of features, alone;
 *	TAPCOMPAT_NO_DEPRECATED
 */
void tapcompat_models_print(const struct tapcompat_model *model, FILE *out, unsigned int flags);

/* The same as a document, schema tapcompat-models; to be freed with free(). */
char *tapcompat_models_json(const struct tapcompat_model *model, unsigned int flags);

/* ---- Compare ------------------------------------------------------------ */

/*
 * What one side of a comparison has: a host's document, a virtual machine's record, a
 * model or a mask.  Opaque.
 */
struct tapcompat_set;

#define TAPCOMPAT_SET_EMULATED	0x1	/* what tapcompat's shim can carry counts */

/**
 * tapcompat_set_load() - from what a user typed
 * @what: "0x" and hexadecimal digits; a model's name; or the path of a document, "-"
 *	being standard input
 * @flags: TAPCOMPAT_SET_*
 * @set: set on success; release it with tapcompat_set_free()
 * Return: 0, -EINVAL where it is none of these, -EOPNOTSUPP for a record with what this
 *	version does not know, or another negative errno
 */
int tapcompat_set_load(const char *what, unsigned int flags, struct tapcompat_set **set,
		       struct tapcompat_error *error);

/**
 * tapcompat_set_of() - from capabilities
 * @name: for people
 * Return: to be released with tapcompat_set_free(); NULL: no memory
 */
struct tapcompat_set *tapcompat_set_of(const struct tapcompat_caps *caps, const char *name,
				       unsigned int flags);

void tapcompat_set_free(struct tapcompat_set *set);

/* Seen from the first of two; the order is that of QEMU's CpuModelCompareResult. */
enum tapcompat_relation {
	TAPCOMPAT_INCOMPATIBLE,	/* each has what the other one lacks */
	TAPCOMPAT_IDENTICAL,
	TAPCOMPAT_SUPERSET,	/* it has all that the second has, and more */
	TAPCOMPAT_SUBSET,
};

/* Such as "superset"; "?" for values that this library does not know. */
const char *tapcompat_relation_name(enum tapcompat_relation relation);

/**
 * struct tapcompat_difference - how two sets differ in one backend
 * @backend: as "tap", or "" where neither side is of a backend
 * @more: the first has them, the second does not; @less: the other way round
 * @unknown: could not be found out on one side; they count as missing there
 */
struct tapcompat_difference {
	const char *backend;
	enum tapcompat_relation relation;
	struct tapcompat_mask more, less, unknown;
};

/* The answer.  Opaque; made by tapcompat_compare(). */
struct tapcompat_comparison;

/**
 * tapcompat_compare() - how is @a, seen from @b?
 * @backends: bit set of 1 << enum tapcompat_backend_type; 0: tap and vhost-net; one that
 *	is not known on both sides is left out
 *
 * A feature that QEMU alone decides with some backend does not count there; whether a
 * feature is deprecated never does.
 *
 * Return: 0; -ENODATA where no backend, or one that was named, is not known on both
 *	sides; -ENOMEM
 */
int tapcompat_compare(const struct tapcompat_set *a, const struct tapcompat_set *b,
		      unsigned int backends, struct tapcompat_comparison **comparison,
		      struct tapcompat_error *error);

void tapcompat_comparison_free(struct tapcompat_comparison *comparison);

/* Over all backends. */
enum tapcompat_relation
tapcompat_comparison_relation(const struct tapcompat_comparison *comparison);

/* Could what is not known, or a backend that was left out, change it? */
int tapcompat_comparison_doubtful(const struct tapcompat_comparison *comparison);

/* Walk the backends; NULL behind the last one. */
const struct tapcompat_difference *
tapcompat_comparison_at(const struct tapcompat_comparison *comparison, unsigned int index);

/* @flags: TAPCOMPAT_COLOUR; TAPCOMPAT_QUIET: the one word alone */
void tapcompat_comparison_print(const struct tapcompat_comparison *comparison, FILE *out,
				unsigned int flags);

/* Schema tapcompat-comparison; to be freed with free(). */
char *tapcompat_comparison_json(const struct tapcompat_comparison *comparison,
				unsigned int flags);

/* ---- Baseline ----------------------------------------------------------- */

#define TAPCOMPAT_FLEET_EMULATED	0x1	/* what tapcompat's shim can carry counts */
#define TAPCOMPAT_FLEET_SKIP_BAD	0x2	/* go on behind a bad document */
#define TAPCOMPAT_FLEET_NO_DEPRECATED	0x4	/* switch deprecated features off */

/**
 * struct tapcompat_fleet_options - what a virtual machine is to run on
 * @size: sizeof(struct tapcompat_fleet_options), for later growth
 * @flags: TAPCOMPAT_FLEET_*
 * @backends: that it is to move among, bit set of 1 << enum tapcompat_backend_type, and
 *	not TAPCOMPAT_EBPF_RSS; 0: tap, and vhost-net where every host has it
 * @qemu: release of the oldest QEMU, such as "8.2": flags of later ones are left out;
 *	NULL for any
 * @ask_for: features that QEMU has off and that are wanted on, where every host has them
 * @acked: features that a running virtual machine has already; all zero: none runs
 * @forced: of these, those that may be emulated
 * @progress: called now and then with the number of documents, or NULL; @arg for it
 * @complain: called with the words for each document that is skipped, or NULL
 */
struct tapcompat_fleet_options {
	size_t size;
	unsigned int flags;
	unsigned int backends;
	const char *qemu;
	struct tapcompat_mask ask_for;
	struct tapcompat_mask acked;
	struct tapcompat_mask forced;
	void (*progress)(void *arg, unsigned long documents);
	void (*complain)(void *arg, const char *text);
	void *arg;
};

/* Hosts, as far as they matter together.  Opaque. */
struct tapcompat_fleet;

/**
 * tapcompat_fleet_new() - a fleet of no hosts yet
 * @fleet: set on success; release it with tapcompat_fleet_free()
 * @error: set on failure; may be NULL
 * Return: 0; -EINVAL for options that make no sense; -ENOMEM
 */
int tapcompat_fleet_new(const struct tapcompat_fleet_options *options,
			struct tapcompat_fleet **fleet, struct tapcompat_error *error);
void tapcompat_fleet_free(struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_add() - one more host
 * Return: 0 or -ENOMEM
 */
int tapcompat_fleet_add(struct tapcompat_fleet *fleet, const struct tapcompat_caps *caps);

/**
 * tapcompat_fleet_load() - one more host, from a file with one document
 * Return: as tapcompat_caps_load(); 0 where a bad one was skipped
 */
int tapcompat_fleet_load(struct tapcompat_fleet *fleet, const char *path,
			 struct tapcompat_error *error);

/**
 * tapcompat_fleet_read() - many hosts, from a descriptor with a document on each line
 * @name: of it, for messages
 *
 * Memory is bounded by the longest document and by what differs among the hosts.
 *
 * Return: as tapcompat_fleet_load()
 */
int tapcompat_fleet_read(struct tapcompat_fleet *fleet, int fd, const char *name,
			 struct tapcompat_error *error);

unsigned long tapcompat_fleet_hosts(const struct tapcompat_fleet *fleet);
unsigned long tapcompat_fleet_skipped(const struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_undecided() - can nothing be said of the backends that are wanted?
 * Return: NULL, or why not, valid until the next call
 */
const char *tapcompat_fleet_undecided(struct tapcompat_fleet *fleet);

/* Is there a host without a backend that was named?  NULL, or which; as above. */
const char *tapcompat_fleet_lacks(struct tapcompat_fleet *fleet);

/*
 * Ask the two above first: below, what is not known counts as missing, and a host
 * without a backend that was named leaves nothing.
 */

/* What a virtual machine started with the printed flags is offered on every host. */
struct tapcompat_mask tapcompat_fleet_mask(const struct tapcompat_fleet *fleet);

/* The features that the flags switch off. */
struct tapcompat_mask tapcompat_fleet_off(const struct tapcompat_fleet *fleet);

/* Of its mask, what some host emulates: there it is to be started by tapcompat run. */
struct tapcompat_mask tapcompat_fleet_emulated(const struct tapcompat_fleet *fleet);

/* @flags: TAPCOMPAT_COLOUR, TAPCOMPAT_QUIET */
void tapcompat_fleet_print(const struct tapcompat_fleet *fleet, FILE *out, unsigned int flags);

enum tapcompat_format {
	TAPCOMPAT_FORMAT_JSON,		/* schema tapcompat-baseline */
	TAPCOMPAT_FORMAT_QEMU,		/* -device */
	TAPCOMPAT_FORMAT_QEMU_GLOBAL,	/* -global, for all devices */
	TAPCOMPAT_FORMAT_LIBVIRT,	/* a domain with its <interface> and overrides */
	TAPCOMPAT_FORMAT_VIRT_XML,	/* virt-xml(1) */
	TAPCOMPAT_FORMAT_PROXMOX,	/* qm(1) */
	TAPCOMPAT_FORMATS,
};

/* The words of --format; "?" for values that this library does not know. */
const char *tapcompat_format_name(enum tapcompat_format format);

/**
 * tapcompat_fleet_format() - how to start a virtual machine on all of these hosts
 * @guest: its name, or NULL
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(); NULL: no memory, or no such format
 */
char *tapcompat_fleet_format(const struct tapcompat_fleet *fleet, enum tapcompat_format format,
			     const char *guest, unsigned int flags);

/**
 * tapcompat_device_options() - as QEMU's -device takes them
 * @text: @size bytes; set to such as "host_uso=off,queue_reset=off"
 */
void tapcompat_device_options(struct tapcompat_mask on, struct tapcompat_mask off, char *text,
			      size_t size);

/* ---- The record of a virtual machine ------------------------------------ */

/* libvirt's words. */
enum tapcompat_policy {
	TAPCOMPAT_POLICY_NONE,		/* nothing was said */
	TAPCOMPAT_POLICY_FORCE,		/* emulate where the kernel cannot */
	TAPCOMPAT_POLICY_REQUIRE,
	TAPCOMPAT_POLICY_OPTIONAL,
	TAPCOMPAT_POLICY_DISABLE,	/* off, whatever the host has */
	TAPCOMPAT_POLICY_FORBID,	/* do not run where it would be offered */
	TAPCOMPAT_POLICIES,
};

const char *tapcompat_policy_name(enum tapcompat_policy policy);

/* What was requested for a virtual machine and what it got: tapcompat-vm(5).  Opaque. */
struct tapcompat_vm;

/**
 * struct tapcompat_vm_options - what to make a record of
 * @size: sizeof(struct tapcompat_vm_options), for later growth
 * @requested: by policy; [TAPCOMPAT_POLICY_NONE] is not looked at
 * @strict: 0: made although something required is missing; such a machine's features
 *	may change with the host
 * @caps: what its host gives
 * @backend: that it runs on
 * @offer: what its QEMU offers on that host, or NULL
 */
struct tapcompat_vm_options {
	size_t size;
	struct tapcompat_mask requested[TAPCOMPAT_POLICIES];
	int strict;
	const struct tapcompat_caps *caps;
	enum tapcompat_backend_type backend;
	const struct tapcompat_offer *offer;
};

/**
 * tapcompat_vm_new() - the record of a virtual machine that starts
 * @vm: set on success; release it with tapcompat_vm_free()
 * @check: set, whatever happens to be missing, to be released with tapcompat_check_free();
 *	may be NULL
 * Return: 0; -ENODATA where something required is missing and it was to be strict;
 *	-EINVAL for options that contradict each other; -ENOMEM
 */
int tapcompat_vm_new(const struct tapcompat_vm_options *options, struct tapcompat_vm **vm,
		     struct tapcompat_check **check, struct tapcompat_error *error);

/**
 * tapcompat_vm_parse() - read a record
 *
 * What this version does not know is kept, and written again by tapcompat_vm_json().
 *
 * Return: as tapcompat_caps_parse()
 */
int tapcompat_vm_parse(const char *text, size_t len, const char *name, struct tapcompat_vm **vm,
		       struct tapcompat_error *error);
int tapcompat_vm_load(const char *path, struct tapcompat_vm **vm, struct tapcompat_error *error);
void tapcompat_vm_free(struct tapcompat_vm *vm);

/**
 * tapcompat_vm_update() - it has been started anew: what has it got now?
 * @options: @requested is not looked at: what was requested stays
 * Return: as tapcompat_vm_new(); -EOPNOTSUPP where tapcompat_vm_unknown() is something;
 *	the record is unchanged on error
 */
int tapcompat_vm_update(struct tapcompat_vm *vm, const struct tapcompat_vm_options *options,
			struct tapcompat_check **check, struct tapcompat_error *error);

struct tapcompat_mask tapcompat_vm_effective(const struct tapcompat_vm *vm);
struct tapcompat_mask tapcompat_vm_requested(const struct tapcompat_vm *vm,
					     enum tapcompat_policy policy);
int tapcompat_vm_strict(const struct tapcompat_vm *vm);

/* The first thing in it that this version cannot judge, such as "the feature 'x'"; or NULL. */
const char *tapcompat_vm_unknown(const struct tapcompat_vm *vm);

/* Release of the QEMU that it was started with, or "" where the record does not say. */
const char *tapcompat_vm_qemu(const struct tapcompat_vm *vm);

/* The backend that it ran on; TAPCOMPAT_TAP where the record does not say. */
enum tapcompat_backend_type tapcompat_vm_backend(const struct tapcompat_vm *vm);

/* Schema tapcompat-vm; to be freed with free(). */
char *tapcompat_vm_json(const struct tapcompat_vm *vm, unsigned int flags);

#define TAPCOMPAT_CHECK_NON_STRICT	0x2	/* take a record that guarantees nothing */

/**
 * tapcompat_vm_check() - may it move to this host?
 * @caps: what the destination gives
 * @backend: that it would have there
 * @flags: TAPCOMPAT_CHECK_*
 *
 * Every feature that it has must be there.  A way out that begins with "land" names
 * the flags to start the destination's QEMU with.
 *
 * Return: an answer to be released with tapcompat_check_free(); NULL: no memory
 */
struct tapcompat_check *tapcompat_vm_check(const struct tapcompat_vm *vm,
					   const struct tapcompat_caps *caps,
					   enum tapcompat_backend_type backend,
					   unsigned int flags);

/* ---- Explain ------------------------------------------------------------ */

/* What masks and messages mean.  Opaque. */
struct tapcompat_explanation;

/**
 * struct tapcompat_explain_options - what is known of the destination
 * @size: sizeof(struct tapcompat_explain_options), for later growth
 * @host: its document, or NULL
 * @offer: what its QEMU has, or NULL
 * @qemu: release of its QEMU, such as "8.2", where there is no @offer; or NULL
 * @machine: machine type, or NULL
 * @progress: called now and then with the number of bytes that were read, or NULL
 * @arg: for it
 */
struct tapcompat_explain_options {
	size_t size;
	const struct tapcompat_caps *host;
	const struct tapcompat_offer *offer;
	const char *qemu;
	const char *machine;
	void (*progress)(void *arg, unsigned long long bytes);
	void *arg;
};

/**
 * tapcompat_explain_masks() - bits in words
 * @acked: what the source had, or one mask to be decoded
 * @allowed: what the destination allows, or NULL
 * @options: or NULL
 * Return: to be released with tapcompat_explanation_free(); NULL: no memory
 */
struct tapcompat_explanation *
tapcompat_explain_masks(const struct tapcompat_mask *acked, const struct tapcompat_mask *allowed,
			const struct tapcompat_explain_options *options);

/* Logs that are looked through.  Opaque. */
struct tapcompat_explain_log;

/**
 * tapcompat_explain_log_new() - no log yet
 * @options: must outlive it; or NULL
 * @followed: hand out what was found as soon as a log says no more for the time being, and
 *	not only at its end
 * Return: to be released with tapcompat_explain_log_free(); NULL: no memory
 */
struct tapcompat_explain_log *
tapcompat_explain_log_new(const struct tapcompat_explain_options *options, int followed);
void tapcompat_explain_log_free(struct tapcompat_explain_log *log);

/**
 * tapcompat_explain_log_read() - look through a file, or go on
 * @name: of it: libvirt's logs are named after their machine
 * Return: 1 where there may be something to take, and more to read; 0 at the end; a negative
 *	errno
 */
int tapcompat_explain_log_read(struct tapcompat_explain_log *log, int fd, const char *name);

/**
 * tapcompat_explain_log_text() - look through a text, which is foreign
 * Return: 0; -E2BIG where it says more than is kept; -ENOMEM
 */
int tapcompat_explain_log_text(struct tapcompat_explain_log *log, const char *text, size_t len);

/**
 * tapcompat_explain_log_take() - what a log says, one after another
 * @ended: all was read
 * @explanation: to be released with tapcompat_explanation_free()
 * Return: 1; 0 where there is nothing; -ENOMEM
 *
 * The same message of the same machine is one explanation, which counts them; where
 * answers had to be handed out before the end, the last count comes then.
 */
int tapcompat_explain_log_take(struct tapcompat_explain_log *log, int ended,
			       struct tapcompat_explanation **explanation);

/* Does it say anything of a network card's features? */
int tapcompat_explanation_informs(const struct tapcompat_explanation *explanation);

void tapcompat_explanation_free(struct tapcompat_explanation *explanation);

/*
 * @flags: TAPCOMPAT_COLOUR; TAPCOMPAT_QUIET: the names of the features alone, where it is sure
 * that these are the cause
 */
void tapcompat_explanation_print(const struct tapcompat_explanation *explanation, FILE *out,
				 unsigned int flags);

/**
 * tapcompat_explanations_json() - schema tapcompat-explanation
 * @list: @n of them
 * Return: to be freed with free()
 */
char *tapcompat_explanations_json(struct tapcompat_explanation *const list[], size_t n,
				  unsigned int flags);

/* ---- What clusters read ------------------------------------------------- */

enum tapcompat_cluster {
	TAPCOMPAT_CLUSTER_NFD,		/* Node Feature Discovery, features.d */
	TAPCOMPAT_CLUSTER_PROMETHEUS,	/* node_exporter's textfile collector */
	TAPCOMPAT_CLUSTER_NOVA,		/* provider.yaml of nova-compute */
	TAPCOMPAT_CLUSTERS,
};

const char *tapcompat_cluster_name(enum tapcompat_cluster format);

/**
 * tapcompat_caps_cluster() - a host's features, as schedulers read them
 * @backend: whose features they are; macvtap, tap or vhost-net
 * Return: a string that the caller frees with free(); NULL: no memory, or no such format
 */
char *tapcompat_caps_cluster(const struct tapcompat_caps *caps,
			     enum tapcompat_backend_type backend, enum tapcompat_cluster format);

/* ---- Doors -------------------------------------------------------------- */

/**
 * tapcompat_qmp_serve() - answer one QMP client
 * @in, @out: descriptors, which may be the same
 * Return: 1 after "quit"; 0 where the client has gone; a negative errno
 *
 * Probes this host for query-tap.
 */
int tapcompat_qmp_serve(int in, int out);

/* The longest domain that is looked at, in bytes. */
#define TAPCOMPAT_HOOK_MAX 0x800000u

/**
 * struct tapcompat_hook_options - a call of libvirt's hook
 * @size: sizeof(struct tapcompat_hook_options), for later growth
 * @guest, @operation, @phase: as libvirt's hook gets them, such as "prepare", "begin"
 * @xml: the domain, @len bytes
 * @caps: of this host, or NULL
 * @document: path of a document with them, read where they are needed; NULL: probe
 *	this host then, and let the kernel load what the guest would have it load
 * @say: called for each line that is to be said, why it refuses before all else, or NULL:
 *	TAPCOMPAT_FAIL why it refuses, and the ways out; TAPCOMPAT_WARN what is not as it
 *	should be; TAPCOMPAT_PASS what else there is to say
 * @arg: handed to @say
 */
struct tapcompat_hook_options {
	size_t size;
	const char *guest, *operation, *phase;
	const char *xml;
	size_t len;
	const struct tapcompat_caps *caps;
	const char *document;
	void (*say)(void *arg, enum tapcompat_verdict verdict, const char *line);
	void *arg;
};

/**
 * tapcompat_hook() - what libvirt's hook script is to say, line by line
 * Return: enum tapcompat_exit: TAPCOMPAT_EXIT_YES, or why it refuses
 */
int tapcompat_hook(const struct tapcompat_hook_options *options);

#ifdef __cplusplus
}
#endif

#endif /* TAPCOMPAT_FLEET_H */
