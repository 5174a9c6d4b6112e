/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tapcompat_fleet.h - features of a virtual machine on several hosts
 *
 * Works offline on documents of tapcompat_caps_json(): the local host is not probed unless
 * a function says so.  The conventions are those of tapcompat.h.
 */
#ifndef TAPCOMPAT_FLEET_H
#define TAPCOMPAT_FLEET_H

#include <tapcompat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Models ------------------------------------------------------------- */

/**
 * tapcompat_model_best() - the newest model all of whose features are in a mask
 * Return: a model, or NULL
 */
const struct tapcompat_model *tapcompat_model_best(const struct tapcompat_mask *mask);

#define TAPCOMPAT_NO_DEPRECATED	0x8	/* leave deprecated features out */

/**
 * tapcompat_models_json() - the models as a document, schema tapcompat-models
 * @model: one of them, with its features; NULL: all
 * @flags: TAPCOMPAT_PRETTY, TAPCOMPAT_NO_DEPRECATED
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_models_json(const struct tapcompat_model *model, unsigned int flags);

/* ---- Compare ------------------------------------------------------------ */

/*
 * One side of a comparison: the features of a host's document, a virtual machine's
 * record, a model or a mask.  Opaque.
 */
struct tapcompat_set;

#define TAPCOMPAT_SET_EMULATED	0x1	/* emulated features count as present */

/**
 * tapcompat_set_load() - create a set from user input
 * @what: "0x" and hexadecimal digits; a model's name; or the path of a document, "-"
 *	being standard input
 * @flags: TAPCOMPAT_SET_*
 * @set: set on success; release it with tapcompat_set_free()
 * @error: set on failure; may be NULL
 * Return: 0, -EINVAL where it is none of these, -EOPNOTSUPP for a record with what this
 *	version does not know, or another negative errno
 */
int tapcompat_set_load(const char *what, unsigned int flags, struct tapcompat_set **set,
		       struct tapcompat_error *error);

/**
 * tapcompat_set_of() - from capabilities
 * @name: of the host, for messages
 * @flags: TAPCOMPAT_SET_*
 * Return: to be released with tapcompat_set_free(); NULL: no memory
 */
struct tapcompat_set *tapcompat_set_of(const struct tapcompat_caps *caps, const char *name,
				       unsigned int flags);

/**
 * tapcompat_set_free() - release a set; comparisons that were made with it stay valid
 */
void tapcompat_set_free(struct tapcompat_set *set);

/* The first set relative to the second; the order is that of QEMU's CpuModelCompareResult. */
enum tapcompat_relation {
	TAPCOMPAT_INCOMPATIBLE,	/* each has features that the other lacks */
	TAPCOMPAT_IDENTICAL,
	TAPCOMPAT_SUPERSET,	/* it has all features of the second, and more */
	TAPCOMPAT_SUBSET,
};

/**
 * tapcompat_relation_name() - as in documents
 * Return: such as "superset"; "?" for values that this library does not know
 */
const char *tapcompat_relation_name(enum tapcompat_relation relation);

/**
 * struct tapcompat_difference - difference of two sets in one backend
 * @backend: such as "tap", or "" if neither side has backends
 * @more: features of the first only; @less: features of the second only
 * @unknown: unknown on one side; they count as missing there
 */
struct tapcompat_difference {
	const char *backend;
	enum tapcompat_relation relation;
	struct tapcompat_mask more, less, unknown;
};

/* Result of a comparison.  Opaque; returned by tapcompat_compare(). */
struct tapcompat_comparison;

/**
 * tapcompat_compare() - how is @a, seen from @b?
 * @comparison: set on success; release it with tapcompat_comparison_free()
 * @error: set on failure; may be NULL
 * @backends: bit set of 1 << enum tapcompat_backend_type; 0: tap and vhost-net; one that
 *	is not known on both sides is left out
 *
 * A feature that only QEMU decides with some backend does not count there.  Deprecated
 * features count like any other.
 *
 * Return: 0; -ENODATA if no backend is known on both sides, or a named one is not;
 *	-ENOMEM
 */
int tapcompat_compare(const struct tapcompat_set *a, const struct tapcompat_set *b,
		      unsigned int backends, struct tapcompat_comparison **comparison,
		      struct tapcompat_error *error);

/**
 * tapcompat_comparison_free() - release a comparison, with its differences
 */
void tapcompat_comparison_free(struct tapcompat_comparison *comparison);

/**
 * tapcompat_comparison_relation() - the answer over all backends
 */
enum tapcompat_relation
tapcompat_comparison_relation(const struct tapcompat_comparison *comparison);

/**
 * tapcompat_comparison_doubtful() - could the answer be another one?
 * Return: 1 where it depends on what is not known or on a backend that was left out, or 0
 */
int tapcompat_comparison_doubtful(const struct tapcompat_comparison *comparison);

/**
 * tapcompat_comparison_at() - walk the backends
 * Return: how the sets differ in one, or NULL behind the last one
 */
const struct tapcompat_difference *
tapcompat_comparison_at(const struct tapcompat_comparison *comparison, unsigned int index);

/**
 * tapcompat_comparison_json() - the answer as a document, schema tapcompat-comparison
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_comparison_json(const struct tapcompat_comparison *comparison,
				unsigned int flags);

/* ---- Baseline ----------------------------------------------------------- */

#define TAPCOMPAT_FLEET_EMULATED	0x1	/* emulated features count as present */
#define TAPCOMPAT_FLEET_SKIP_BAD	0x2	/* go on behind a bad document */
#define TAPCOMPAT_FLEET_NO_DEPRECATED	0x4	/* switch deprecated features off */

/**
 * struct tapcompat_fleet_options - what a virtual machine is to run on
 * @size: sizeof(struct tapcompat_fleet_options)
 * @flags: TAPCOMPAT_FLEET_*
 * @backends: that it may use, bit set of 1 << enum tapcompat_backend_type, without
 *	TAPCOMPAT_EBPF_RSS; 0: tap, and vhost-net if every host has it
 * @qemu: release of the oldest QEMU, such as "8.2": flags of later ones are omitted;
 *	NULL if it is unknown: see tapcompat_fleet_later()
 * @ask_for: features that are off by default, to be enabled if every host has them
 * @acked: features acked by the guest of a running virtual machine; empty: none is running
 * @forced: of these, those that may be emulated
 * @progress: called from time to time with the number of documents, or NULL; gets @arg
 * @complain: called with the message for each document that is skipped, or NULL
 * @without: features to be switched off, with those that need them
 * @nic: what else of its network card must match, as for tapcompat_vm_new(), or NULL
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
	struct tapcompat_mask without;
	const char *nic;
};

/* A set of hosts.  Opaque. */
struct tapcompat_fleet;

/**
 * tapcompat_fleet_new() - create a fleet without hosts
 * @fleet: set on success; release it with tapcompat_fleet_free()
 * @error: set on failure; may be NULL
 * Return: 0; -EINVAL for invalid options; -ENOMEM
 */
int tapcompat_fleet_new(const struct tapcompat_fleet_options *options,
			struct tapcompat_fleet **fleet, struct tapcompat_error *error);

/**
 * tapcompat_fleet_free() - release a fleet
 */
void tapcompat_fleet_free(struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_add() - add a host
 * Return: 0 or -ENOMEM
 */
int tapcompat_fleet_add(struct tapcompat_fleet *fleet, const struct tapcompat_caps *caps);

/**
 * tapcompat_fleet_load() - add the hosts of a file with one document or several
 * Return: as tapcompat_caps_load(); 0 if an invalid one was skipped
 */
int tapcompat_fleet_load(struct tapcompat_fleet *fleet, const char *path,
			 struct tapcompat_error *error);

/**
 * tapcompat_fleet_read() - add hosts from a descriptor with documents one after another
 * @name: of the descriptor, for messages
 *
 * A document may extend over several lines.  Memory is bounded by the longest document and
 * the number of different hosts.
 *
 * Return: as tapcompat_fleet_load()
 */
int tapcompat_fleet_read(struct tapcompat_fleet *fleet, int fd, const char *name,
			 struct tapcompat_error *error);

/**
 * tapcompat_fleet_hosts() - how many hosts it has
 * tapcompat_fleet_skipped() - how many documents were skipped: TAPCOMPAT_FLEET_SKIP_BAD
 */
unsigned long tapcompat_fleet_hosts(const struct tapcompat_fleet *fleet);
unsigned long tapcompat_fleet_skipped(const struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_undecided() - are the requested backends unknown on some host?
 * Return: NULL, or a message, valid until the next call
 */
const char *tapcompat_fleet_undecided(struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_lacks() - is there a host without a backend that was named?
 * Return: NULL, or which, valid until the next call
 */
const char *tapcompat_fleet_lacks(struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_fallback() - is vhost-net left out, because it was not named and a host has none?
 * Return: NULL, or why and what to do, valid until the next call
 */
const char *tapcompat_fleet_fallback(struct tapcompat_fleet *fleet);

/*
 * Call the two above first.  In the functions below, unknown features count as missing, and
 * a host without a named backend leaves no features.
 */

/**
 * tapcompat_fleet_mask() - what a virtual machine with the baseline's flags has on every host
 */
struct tapcompat_mask tapcompat_fleet_mask(const struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_off() - the features that must be off
 *
 * The flags switch off those of them that QEMU knows.
 */
struct tapcompat_mask tapcompat_fleet_off(const struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_later() - flags that are not printed because the QEMU is unknown
 *
 * QEMU does not start with a flag that it does not know.  Each QEMU from 7.2 on, or from
 * the newest feature on that is switched on, starts with the printed flags.
 *
 * Return: NULL, or such as "QEMU 8.2 and later also need host_uso=off", valid until the
 *	next call
 */
const char *tapcompat_fleet_later(struct tapcompat_fleet *fleet);

/**
 * tapcompat_fleet_emulated() - of tapcompat_fleet_mask(), what some host emulates
 *
 * On such a host QEMU must be started with 'tapcompat run'.
 */
struct tapcompat_mask tapcompat_fleet_emulated(const struct tapcompat_fleet *fleet);

enum tapcompat_format {
	TAPCOMPAT_FORMAT_JSON,		/* schema tapcompat-baseline */
	TAPCOMPAT_FORMAT_QEMU,		/* -device */
	TAPCOMPAT_FORMAT_QEMU_GLOBAL,	/* -global, for all devices */
	TAPCOMPAT_FORMAT_LIBVIRT,	/* a domain with its <interface> and overrides */
	TAPCOMPAT_FORMAT_VIRT_XML,	/* virt-xml(1) */
	TAPCOMPAT_FORMAT_PROXMOX,	/* qm(1) */
	TAPCOMPAT_FORMATS,
};

/**
 * tapcompat_format_name() - the word of tapcompat baseline --format
 * Return: such as "qemu"; "?" for values that this library does not know
 */
const char *tapcompat_format_name(enum tapcompat_format format);

/**
 * tapcompat_fleet_format() - options to start a virtual machine on all of these hosts
 * @guest: name of the machine, or NULL
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(); NULL: no memory, or no such format
 */
char *tapcompat_fleet_format(const struct tapcompat_fleet *fleet, enum tapcompat_format format,
			     const char *guest, unsigned int flags);

/**
 * tapcompat_device_options() - features as QEMU's -device takes them
 * @on, @off: to be switched on, and off
 * @text: @size bytes; set to such as "host_uso=off,queue_reset=off"
 */
void tapcompat_device_options(struct tapcompat_mask on, struct tapcompat_mask off, char *text,
			      size_t size);

/* ---- The record of a virtual machine ------------------------------------ */

/* Policies as in libvirt. */
enum tapcompat_policy {
	TAPCOMPAT_POLICY_NONE,		/* not specified */
	TAPCOMPAT_POLICY_FORCE,		/* emulate if the kernel does not have it */
	TAPCOMPAT_POLICY_REQUIRE,
	TAPCOMPAT_POLICY_OPTIONAL,
	TAPCOMPAT_POLICY_DISABLE,	/* off on any host */
	TAPCOMPAT_POLICY_FORBID,	/* refuse to run if it would be offered */
	TAPCOMPAT_POLICIES,
};

/**
 * tapcompat_policy_name() - as in documents
 * Return: such as "require"; "?" for values that this library does not know
 */
const char *tapcompat_policy_name(enum tapcompat_policy policy);

/* Requested and effective features of a virtual machine: tapcompat-vm(5).  Opaque. */
struct tapcompat_vm;

/**
 * struct tapcompat_vm_options - what to make a record of
 * @size: sizeof(struct tapcompat_vm_options)
 * @requested: by policy; [TAPCOMPAT_POLICY_NONE] is not looked at
 * @strict: 0: made although something required is missing; such a machine's features
 *	may change with the host
 * @caps: what its host provides
 * @backend: that it runs on
 * @offer: what its QEMU offers on that host, or NULL
 * @qemu: without an offer, the release of its QEMU, such as "8.2", or NULL
 * @nic: its network card as a list, see tapcompat_nic.h; NULL: nothing is known of it, or
 *	for tapcompat_vm_update(), what the record says
 */
struct tapcompat_vm_options {
	size_t size;
	struct tapcompat_mask requested[TAPCOMPAT_POLICIES];
	int strict;
	const struct tapcompat_caps *caps;
	enum tapcompat_backend_type backend;
	const struct tapcompat_offer *offer;
	const char *qemu;
	const char *nic;
};

/**
 * tapcompat_vm_new() - create the record of a virtual machine that is starting
 * @vm: set on success; release it with tapcompat_vm_free()
 * @check: set to the check of the requirements, also if some are missing; release it with
 *	tapcompat_check_free(); may be NULL
 * Return: 0; -ENODATA if required features are missing and @strict is set;
 *	-EINVAL for options that contradict each other; -ENOMEM
 */
int tapcompat_vm_new(const struct tapcompat_vm_options *options, struct tapcompat_vm **vm,
		     struct tapcompat_check **check, struct tapcompat_error *error);

/**
 * tapcompat_vm_parse() - read a record
 *
 * Items that this version does not know are kept and written by tapcompat_vm_json().
 *
 * Return: as tapcompat_caps_parse()
 */
int tapcompat_vm_parse(const char *text, size_t len, const char *name, struct tapcompat_vm **vm,
		       struct tapcompat_error *error);

/**
 * tapcompat_vm_load() - the same, from a file
 * @path: of a file, or "-" for standard input; also of XML with the record in tapcompat's
 *	metadata: the element <net> that virsh metadata prints, or a libvirt domain
 *
 * Return: as tapcompat_caps_load()
 */
int tapcompat_vm_load(const char *path, struct tapcompat_vm **vm, struct tapcompat_error *error);

/**
 * tapcompat_vm_free() - release a record
 */
void tapcompat_vm_free(struct tapcompat_vm *vm);

/**
 * tapcompat_vm_update() - update a record after the virtual machine was restarted
 * @options: @requested is ignored, because it never changes
 * Return: as tapcompat_vm_new(); -EOPNOTSUPP if tapcompat_vm_unknown() is not NULL;
 *	the record is unchanged on error
 */
int tapcompat_vm_update(struct tapcompat_vm *vm, const struct tapcompat_vm_options *options,
			struct tapcompat_check **check, struct tapcompat_error *error);

/**
 * tapcompat_vm_effective() - the features that it got
 * tapcompat_vm_requested() - those requested with a policy; none for TAPCOMPAT_POLICY_NONE
 * tapcompat_vm_strict() - 1 or 0, as @strict of the options it was made with
 */
struct tapcompat_mask tapcompat_vm_effective(const struct tapcompat_vm *vm);
struct tapcompat_mask tapcompat_vm_requested(const struct tapcompat_vm *vm,
					     enum tapcompat_policy policy);
int tapcompat_vm_strict(const struct tapcompat_vm *vm);

/**
 * tapcompat_vm_unknown() - the first item in it that this version cannot evaluate
 * Return: such as "the feature 'x'"; NULL where all of it is known
 */
const char *tapcompat_vm_unknown(const struct tapcompat_vm *vm);

/**
 * tapcompat_vm_qemu() - release of the QEMU that it was started with
 * Return: such as "8.2.0"; "" where the record does not say
 */
const char *tapcompat_vm_qemu(const struct tapcompat_vm *vm);

/**
 * tapcompat_vm_later() - flags missing in a record just made, because its QEMU is unknown
 * Return: NULL, or such as "QEMU 8.2 and later also need host_uso=off"
 */
const char *tapcompat_vm_later(const struct tapcompat_vm *vm);

/**
 * tapcompat_vm_backend() - the backend that it ran on
 * Return: TAPCOMPAT_TAP where the record does not say
 */
enum tapcompat_backend_type tapcompat_vm_backend(const struct tapcompat_vm *vm);

/**
 * tapcompat_vm_json() - the record as a document, schema tapcompat-vm
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_vm_json(const struct tapcompat_vm *vm, unsigned int flags);

/**
 * tapcompat_vm_libvirt() - the record as metadata of a libvirt domain
 *
 * That is the element <net>, as virsh metadata --set takes it, with the attributes of the one
 * that the record was read from.  Comments behind it have what an interface needs.
 *
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_vm_libvirt(const struct tapcompat_vm *vm);

/**
 * tapcompat_vm_emulator() - the emulator of the domain that a record was read from
 * Return: its path, or "" if the record was not in a domain
 */
const char *tapcompat_vm_emulator(const struct tapcompat_vm *vm);

#define TAPCOMPAT_CHECK_NON_STRICT	0x2	/* accept a record that is not strict */

/**
 * tapcompat_vm_check() - can a virtual machine migrate to a host?
 * @caps: capabilities of the destination
 * @backend: backend that it would use there
 * @flags: TAPCOMPAT_CHECK_*
 *
 * The destination must have every feature of the machine.  A way out that begins with
 * "land" has the flags to start the destination's QEMU with.
 *
 * Return: an answer to be released with tapcompat_check_free(); NULL: no memory
 */
struct tapcompat_check *tapcompat_vm_check(const struct tapcompat_vm *vm,
					   const struct tapcompat_caps *caps,
					   enum tapcompat_backend_type backend,
					   unsigned int flags);

/**
 * tapcompat_vm_check_qemu() - the same, with the QEMU of the destination
 * @qemu: its release, such as "8.2", or "" if it is unknown
 */
struct tapcompat_check *tapcompat_vm_check_qemu(const struct tapcompat_vm *vm,
						const struct tapcompat_caps *caps,
						enum tapcompat_backend_type backend,
						const char *qemu, unsigned int flags);

/* ---- Explain ------------------------------------------------------------ */

/* Explanation of masks or a log message.  Opaque. */
struct tapcompat_explanation;

/**
 * struct tapcompat_explain_options - what is known of the destination
 * @size: sizeof(struct tapcompat_explain_options)
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
 * @options: copied, but what they point to must outlive it; or NULL
 * @followed: hand out what was found as soon as a log says no more for the time being, and
 *	not only at its end
 * Return: to be released with tapcompat_explain_log_free(); NULL: no memory, or options of a
 *	newer version
 */
struct tapcompat_explain_log *
tapcompat_explain_log_new(const struct tapcompat_explain_options *options, int followed);
/**
 * tapcompat_explain_log_free() - release it
 */
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

/**
 * tapcompat_explanation_informs() - is it about the features of a network card?
 * Return: 1 or 0
 */
int tapcompat_explanation_informs(const struct tapcompat_explanation *explanation);

/**
 * tapcompat_explanation_free() - release an explanation
 */
void tapcompat_explanation_free(struct tapcompat_explanation *explanation);

/**
 * tapcompat_explanations_json() - several as one document, schema tapcompat-explanation
 * @list: @n of them
 * @flags: TAPCOMPAT_PRETTY
 * Return: a string that the caller frees with free(), or NULL: no memory
 */
char *tapcompat_explanations_json(struct tapcompat_explanation *const list[], size_t n,
				  unsigned int flags);

#ifdef __cplusplus
}
#endif

#endif /* TAPCOMPAT_FLEET_H */
