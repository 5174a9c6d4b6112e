// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vm.c - create, update and check the record of a virtual machine
 */
#include "vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feature/require.h"
#include "ground/bytes.h"
#include "ground/extensible.h"
#include "ground/text.h"

struct tapcompat_mask tapcompat_vm_effective(const struct tapcompat_vm *vm)
{
	return vm->effective;
}

struct tapcompat_mask tapcompat_vm_requested(const struct tapcompat_vm *vm,
					     enum tapcompat_policy policy)
{
	struct tapcompat_mask none = { { 0, 0 } };

	return (unsigned int)policy < TAPCOMPAT_POLICIES ? vm->requested[policy] : none;
}

const char *tapcompat_vm_qemu(const struct tapcompat_vm *vm)
{
	return vm->qemu;
}

const char *tapcompat_vm_later(const struct tapcompat_vm *vm)
{
	return vm->later[0] ? vm->later : NULL;
}

const char *tapcompat_vm_unknown(const struct tapcompat_vm *vm)
{
	return vm->unknown[0] ? vm->unknown : NULL;
}

int tapcompat_vm_strict(const struct tapcompat_vm *vm)
{
	return vm->strict;
}

enum tapcompat_backend_type tapcompat_vm_backend(const struct tapcompat_vm *vm)
{
	return vm->backend;
}

/* All features that are switched on if available, by whatever policy. */
static struct tapcompat_mask vm_wanted(const struct tapcompat_mask *requested)
{
	return mask_or(mask_or(requested[TAPCOMPAT_POLICY_FORCE],
			       requested[TAPCOMPAT_POLICY_REQUIRE]),
		       requested[TAPCOMPAT_POLICY_OPTIONAL]);
}

/* A feature has one policy. */
static int requests_agree(const struct tapcompat_mask *requested, struct tapcompat_error *error)
{
	const struct tapcompat_feature *f;
	unsigned int i, first;

	for_each_feature(f) {
		for (i = first = 0; i < TAPCOMPAT_POLICIES; i++) {
			if (!i || !tapcompat_mask_test(&requested[i], f->bit))
				continue;
			if (first && error)
				text_set(error->text, sizeof(error->text), "%s has two policies, "
					 "%s and %s: give one", f->name,
					 tapcompat_policy_name((enum tapcompat_policy)first),
					 tapcompat_policy_name((enum tapcompat_policy)i));
			if (first)
				return -EINVAL;
			first = i;
		}
	}
	return 0;
}

/* What brings a feature along, and by which policy; NULL: nothing does. */
static const struct tapcompat_feature *request_reason(const struct tapcompat_mask *requested,
						      const struct tapcompat_feature *f,
						      enum tapcompat_policy *policy)
{
	static const enum tapcompat_policy by_weight[] = {
		TAPCOMPAT_POLICY_REQUIRE, TAPCOMPAT_POLICY_FORCE, TAPCOMPAT_POLICY_OPTIONAL,
	};
	const struct tapcompat_feature *reason = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(by_weight) && !reason; i++) {
		*policy = by_weight[i];
		reason = tapcompat_require_reason(&requested[*policy], f);
	}
	return reason;
}

/* What the wanted ones need is wanted as well, with the policy of what needs it. */
static int requests_complete_of(struct tapcompat_mask *requested, struct tapcompat_mask wanted,
				struct tapcompat_error *error)
{
	struct tapcompat_mask off = mask_or(requested[TAPCOMPAT_POLICY_DISABLE],
					    requested[TAPCOMPAT_POLICY_FORBID]);
	struct tapcompat_mask asked[TAPCOMPAT_POLICIES];
	const struct tapcompat_feature *f, *reason;
	enum tapcompat_policy policy;

	memcpy(asked, requested, sizeof(asked));
	for_each_feature(f) {
		if (!tapcompat_require_reason(&wanted, f))
			continue;
		reason = request_reason(asked, f, &policy);
		if (!tapcompat_mask_test(&off, f->bit)) {
			mask_clear(&requested[TAPCOMPAT_POLICY_OPTIONAL], f->bit);
			tapcompat_mask_set(&requested[policy], f->bit);
			continue;
		}
		if (error)
			text_set(error->text, sizeof(error->text), "%s needs %s, which is disabled "
				 "or forbidden: request only one of them",
				 reason ? reason->name : "a feature", f->name);
		return -EINVAL;
	}
	return 0;
}

/* An optional feature may not be there, so required ones must not depend on it. */
static int requests_complete(struct tapcompat_mask *requested, struct tapcompat_error *error)
{
	struct tapcompat_mask required = mask_or(requested[TAPCOMPAT_POLICY_REQUIRE],
						 requested[TAPCOMPAT_POLICY_FORCE]);
	int ret = requests_complete_of(requested, required, error);

	return ret ? ret : requests_complete_of(requested, vm_wanted(requested), error);
}

/* ---- Effective features ---- */

static void judge_wanted(struct tapcompat_check *c, const struct tapcompat_vm_options *o,
			 const struct tapcompat_feature *f, unsigned int flags)
{
	struct tapcompat_mask too_new = features_after(o->qemu ? o->qemu : "");

	if (o->offer)
		offer_judge(o->offer, c, o->caps, f, flags);
	else if (tapcompat_mask_test(&too_new, f->bit))
		check_add(c, f, TAPCOMPAT_FAIL, TAPCOMPAT_EXIT_LACKS, CHECK_QEMU, f->qemu,
			  "QEMU %s has no such property", o->qemu);
	else
		check_feature(c, o->caps, f, flags);
}

/* A forbidden feature must not be offered. */
static void judge_forbidden(struct tapcompat_check *c, const struct tapcompat_feature *f,
			    const struct tapcompat_mask *given, unsigned int flags)
{
	if (!tapcompat_mask_test(given, f->bit))
		return;
	if (flags & CHECK_LIBVIRT)
		check_refuse(c, TAPCOMPAT_EXIT_LACKS, "%s is forbidden, but would be offered: "
			     "switch it off by <qemu:property name='%s' type='bool' "
			     "value='false'/> in its XML, and set its policy in the record to %s",
			     f->name, f->name,
			     tapcompat_policy_name(TAPCOMPAT_POLICY_DISABLE));
	else
		check_refuse(c, TAPCOMPAT_EXIT_LACKS, "%s is forbidden, but would be offered: "
			     "switch it off with -device virtio-net-pci,...,%s=off and set its "
			     "policy to %s", f->name, f->name,
			     tapcompat_policy_name(TAPCOMPAT_POLICY_DISABLE));
}

/* The features that QEMU offers by default. */
static struct tapcompat_mask default_given(const struct tapcompat_caps *caps,
					   enum tapcompat_backend_type backend)
{
	return mask_and(provided_of(caps, backend).accepted, features_by_default());
}

static struct tapcompat_mask vm_given(const struct tapcompat_vm_options *o)
{
	return o->offer ? tapcompat_offer_mask(o->offer) : default_given(o->caps, o->backend);
}

static void vm_judge(struct tapcompat_check *c, const struct tapcompat_mask *requested,
		     const struct tapcompat_vm_options *o)
{
	const struct tapcompat_mask *force = &requested[TAPCOMPAT_POLICY_FORCE];
	struct tapcompat_mask must = mask_or(*force, requested[TAPCOMPAT_POLICY_REQUIRE]);
	struct tapcompat_mask given = vm_given(o);
	const struct tapcompat_feature *f;

	check_start(c, tapcompat_backend_name(o->backend), o->backend, must);
	must = c->require;
	if (o->offer)
		c->offered = tapcompat_offer_mask(o->offer);
	for_each_feature(f) {
		if (tapcompat_mask_test(&must, f->bit))
			judge_wanted(c, o, f, tapcompat_mask_test(force, f->bit) ?
				     TAPCOMPAT_CHECK_ALLOW_EMULATED : 0);
		if (tapcompat_mask_test(&requested[TAPCOMPAT_POLICY_FORBID], f->bit))
			judge_forbidden(c, f, &given, 0);
	}
	check_conclude(c, o->caps, 0);
}

/*
 * With an offer: the features offered, less those that emulation loses.  Without: those
 * wanted and available, and the flags switch off all others.
 */
static struct vm_state vm_gets(const struct tapcompat_mask *requested,
			       const struct tapcompat_vm_options *o)
{
	struct provided provided = provided_of(o->caps, o->backend);
	struct flags_qemu qemu = flags_qemu(o->qemu ? o->qemu : "");
	struct landing l;
	struct tapcompat_mask forced = mask_and(requested[TAPCOMPAT_POLICY_FORCE],
						provided.emulated);
	struct vm_state state = {
		.strict = o->strict, .backend = o->backend, .emulated = forced,
		.qemu = o->offer ? o->offer->qemu : o->qemu,
		.machine = o->offer ? o->offer->machine : NULL,
	};

	provided_add_emulated(&provided, forced);
	state.effective = o->offer ? mask_and(tapcompat_offer_mask(o->offer), provided.accepted) :
				     mask_and(vm_wanted(requested), provided.counted);
	state.effective = mask_or(state.effective, forced);
	/* QEMU fails to start on a property that it does not know. */
	if (o->offer)
		qemu = (struct flags_qemu){
			true, mask_minus(features_all(), offer_properties(o->offer)),
		};
	else
		state.effective = mask_minus(state.effective, qemu.too_new);
	l = landing_at(state.effective, &provided, &qemu);
	state.flags = l.flags;
	state.later = l.later;
	return state;
}

/* More than one pair of queues is of no use without mq, unless that has a policy. */
static void request_queues(struct tapcompat_vm_options *o, const struct nic *nic)
{
	const struct tapcompat_feature *mq = &feature_table[FEATURE_mq];
	bool own = false;
	unsigned int i;

	for (i = TAPCOMPAT_POLICY_FORCE; i < TAPCOMPAT_POLICIES; i++)
		own |= tapcompat_mask_test(&o->requested[i], mq->bit);
	if (!own && nic_knows(nic, NIC_QUEUE_PAIRS) && nic->value[NIC_QUEUE_PAIRS] > 1)
		tapcompat_mask_set(&o->requested[TAPCOMPAT_POLICY_REQUIRE], mq->bit);
}

static const char *options_fault(const struct tapcompat_vm_options *o)
{
	if (o->qemu && !release_valid(o->qemu))
		return "the release of a QEMU is expected as numbers, such as 8.2";
	if (!o->caps || (unsigned int)o->backend >= TAPCOMPAT_BACKENDS)
		return "a record needs the capabilities of a host and a valid backend";
	if (o->backend == TAPCOMPAT_EBPF_RSS)
		return "ebpf-rss is a part of the tap backend and runs no machine: use vhost-net";
	return NULL;
}

/* The caller's options, which may be of another version. */
static int options_take(struct tapcompat_vm_options *o, const struct tapcompat_vm_options *given,
			struct tapcompat_error *error)
{
	int ret = struct_copy(o, sizeof(*o), STRUCT_END(struct tapcompat_vm_options, qemu), given,
			      given->size);
	const char *fault = ret ? struct_copy_fault(ret) : options_fault(o);
	struct nic nic = { .known = 0 };

	if (fault && error)
		text_set(error->text, sizeof(error->text), "%s", fault);
	if (fault)
		return ret ? ret : -EINVAL;
	if (o->nic)
		ret = nic_parse(&nic, o->nic, error);
	if (!ret)
		request_queues(o, &nic);
	return ret;
}

/* Check the requirements, and write the record if they are met or it is not strict. */
static int vm_make(struct tapcompat_vm *vm, const struct tapcompat_vm_options *o,
		   struct tapcompat_check **check, struct tapcompat_error *error)
{
	struct tapcompat_check *c = malloc(sizeof(*c));
	struct vm_state state = vm_gets(vm->requested, o);
	int ret = c ? vm_nic_of(vm, o->nic, &state.nic, NULL) : -ENOMEM;

	if (c)
		vm_judge(c, vm->requested, o);
	if (c && tapcompat_check_exit(c) && (o->strict || c->refused))
		ret = -ENODATA;
	else if (c)
		ret = vm_write(vm, &state);
	if (ret && error)
		text_set(error->text, sizeof(error->text), "%s", ret == -ENOMEM ?
			 "out of memory" : c->refused ? c->refusal :
			 "a required feature is missing: no record was made");
	if (check)
		*check = c;
	else
		free(c);
	return ret;
}

int tapcompat_vm_new(const struct tapcompat_vm_options *options, struct tapcompat_vm **vm,
		     struct tapcompat_check **check, struct tapcompat_error *error)
{
	struct tapcompat_vm_options o;
	int ret = options_take(&o, options, error);
	struct tapcompat_mask asked;
	unsigned int i;

	if (check)
		*check = NULL;
	if (!ret)
		ret = requests_agree(o.requested, error);
	*vm = ret ? NULL : calloc(1, sizeof(**vm));
	if (!ret && !*vm && error)
		text_set(error->text, sizeof(error->text), "out of memory");
	if (!*vm)
		return ret ? ret : -ENOMEM;
	for (i = TAPCOMPAT_POLICY_FORCE; i < TAPCOMPAT_POLICIES; i++)
		(*vm)->requested[i] = o.requested[i];
	asked = vm_wanted((*vm)->requested);
	ret = requests_complete((*vm)->requested, error);
	if (!ret)
		ret = vm_request(*vm, asked);
	if (!ret)
		ret = vm_make(*vm, &o, check, error);
	if (!ret)
		return 0;
	tapcompat_vm_free(*vm);
	*vm = NULL;
	return ret;
}

int tapcompat_vm_update(struct tapcompat_vm *vm, const struct tapcompat_vm_options *options,
			struct tapcompat_check **check, struct tapcompat_error *error)
{
	struct tapcompat_vm_options o;
	int ret;

	if (check)
		*check = NULL;
	if (vm->unknown[0] && error)
		text_set(error->text, sizeof(error->text), "the record has %s, which this "
			 "tapcompat does not know: use a newer one", vm->unknown);
	if (vm->unknown[0])
		return -EOPNOTSUPP;
	ret = options_take(&o, options, error);
	if (ret)
		return ret;
	return vm_make(vm, &o, check, error);
}

/* ---- Checks against a destination ---- */

static void check_record(struct tapcompat_check *c, const struct tapcompat_vm *vm,
			 unsigned int flags)
{
	if (vm->unknown[0])
		check_refuse(c, TAPCOMPAT_EXIT_UNDECIDED, "it has %s, which this tapcompat does "
			     "not know: use a newer one", vm->unknown);
	else if (!vm->strict && !(flags & TAPCOMPAT_CHECK_NON_STRICT))
		check_refuse(c, TAPCOMPAT_EXIT_LACKS, "it is not strict: the machine was started "
			     "without required features and its features are not guaranteed; %s",
			     flags & CHECK_LIBVIRT ? "shut it down and start it with a strict "
			     "record" : "restart it strictly, or give --allow-non-strict");
}

/* A QEMU that does not have the machine's features cannot load its state. */
static void check_qemu(struct tapcompat_check *c, const struct tapcompat_vm *vm, const char *qemu)
{
	struct tapcompat_mask lacks = mask_and(vm->effective, features_after(qemu));
	char names[FLAGS_TEXT];

	mask_names(&lacks, names, sizeof(names));
	if (names[0])
		check_refuse(c, TAPCOMPAT_EXIT_LACKS, "QEMU %s does not have %s: move the machine "
			     "to a newer QEMU", qemu, names);
}

/*
 * The flags for the destination's QEMU: without them, the guest would gain features there
 * when it restarts.  Features newer than the QEMU that started the machine need no flag,
 * because its machine type has them off.
 */
static void check_landing(struct tapcompat_check *c, const struct tapcompat_vm *vm,
			  const struct tapcompat_caps *caps, const char *there,
			  unsigned int flags)
{
	const char *oldest = !vm->qemu[0] || (there[0] && release_above(vm->qemu, there)) ?
			     there : vm->qemu;
	struct flags_qemu qemu = flags_qemu(oldest);
	struct provided provided = provided_of(caps, c->backend);
	struct landing l;

	provided_add_emulated(&provided, flags & TAPCOMPAT_CHECK_ALLOW_EMULATED ? MASK_ALL :
		       vm->requested[TAPCOMPAT_POLICY_FORCE]);
	l = landing_at(vm->effective, &provided, &qemu);
	if (!mask_empty(&l.lacks) || !mask_empty(&l.unknown) || c->refused)
		return;
	flags_text(l.flags, c->start, sizeof(c->start));
	vm_nic_flags(&vm->nic, c->backend, c->start, sizeof(c->start));
	if (nic_knows(&vm->nic, NIC_QUEUE_PAIRS) && vm->nic.value[NIC_QUEUE_PAIRS] > 1)
		c->queues = (unsigned int)vm->nic.value[NIC_QUEUE_PAIRS];
	c->later = l.later;
}

struct tapcompat_check *tapcompat_vm_check(const struct tapcompat_vm *vm,
					   const struct tapcompat_caps *caps,
					   enum tapcompat_backend_type backend,
					   unsigned int flags)
{
	return tapcompat_vm_check_qemu(vm, caps, backend, "", flags);
}

struct tapcompat_check *tapcompat_vm_check_qemu(const struct tapcompat_vm *vm,
						const struct tapcompat_caps *caps,
						enum tapcompat_backend_type backend,
						const char *qemu, unsigned int flags)
{
	struct tapcompat_check *c = malloc(sizeof(*c));
	const struct tapcompat_mask *force = &vm->requested[TAPCOMPAT_POLICY_FORCE];
	const struct tapcompat_feature *f;
	struct tapcompat_mask given;

	if (!c)
		return NULL;
	check_start(c, tapcompat_backend_name(backend), backend, vm->effective);
	c->running = true;
	check_record(c, vm, flags);
	check_qemu(c, vm, qemu);
	given = default_given(caps, backend);
	for_each_feature(f) {
		unsigned int allow = tapcompat_mask_test(force, f->bit) ?
				     TAPCOMPAT_CHECK_ALLOW_EMULATED : 0;

		if (tapcompat_mask_test(&vm->effective, f->bit))
			check_feature(c, caps, f, flags | allow);
		else if (tapcompat_mask_test(&vm->requested[TAPCOMPAT_POLICY_FORBID], f->bit))
			judge_forbidden(c, f, &given, flags);
	}
	check_landing(c, vm, caps, qemu, flags);
	check_conclude(c, caps, flags);
	return c;
}
