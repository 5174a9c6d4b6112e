// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hold.c - hold the interfaces of a libvirt domain to a set of features
 *
 * The result is read again: it is only returned if nothing is left to correct.
 */
#include "hold.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "document/domain.h"
#include "feature/machine.h"
#include "feature/require.h"
#include "ground/text.h"
#include "qemu/release.h"
#include "record/vm.h"

#define HOLD_CHANGE 1024

struct hold {
	struct hold_options *o;
	struct tapcompat_error *error;
	struct domain domain;
	struct tapcompat_mask has;
	bool keep;		/* what the domain has, except what is to be off */
	char qemu[VM_TEXT];	/* release of its QEMU, or "" if it is unknown */
	struct nic nic;		/* of the record */
	struct domain_set *set;	/* for each interface */
};

__attribute__((format(printf, 3, 4)))
static int fail(struct hold *h, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(h->error->text, sizeof(h->error->text), format, args);
	va_end(args);
	return code;
}

static int code_of(int ret)
{
	return ret == -ENOMEM ? TAPCOMPAT_EXIT_UNDECIDED : TAPCOMPAT_EXIT_USAGE;
}

/* ---- What the interfaces are to have -------------------------------------- */

static int from_record(struct hold *h)
{
	const char *text = h->domain.record;
	struct tapcompat_vm *vm;
	int ret = tapcompat_vm_parse(text, strlen(text), "the record in its metadata", &vm,
				     h->error);
	int code = ret ? code_of(ret) : TAPCOMPAT_EXIT_YES;

	if (ret)
		return code;
	h->has = vm->effective;
	h->nic = vm->nic;
	if (!h->qemu[0])
		text_set(h->qemu, sizeof(h->qemu), "%s", vm->qemu);
	if (vm->unknown[0])
		code = fail(h, TAPCOMPAT_EXIT_UNDECIDED, "the record in its metadata has %s, which "
			    "this tapcompat does not know: use a newer one", vm->unknown);
	else if (!vm->strict)
		code = fail(h, TAPCOMPAT_EXIT_LACKS, "the record in its metadata is not strict: it "
			    "does not say what the guest is to have");
	tapcompat_vm_free(vm);
	return code;
}

/* Those of a model, and those that are required in addition to it. */
static int from_model(struct hold *h, const struct tapcompat_model *m)
{
	struct tapcompat_mask more = MASK_NONE;
	struct tapcompat_error why;

	if (h->domain.require && tapcompat_require_parse(h->domain.require, &more, &why))
		return fail(h, TAPCOMPAT_EXIT_USAGE, "require in its metadata: %s", why.text);
	h->has = mask_or(tapcompat_model_features(m), more);
	tapcompat_require_complete(&h->has);
	return TAPCOMPAT_EXIT_YES;
}

static int from_metadata(struct hold *h)
{
	const struct tapcompat_model *m;

	if (h->domain.record)
		return from_record(h);
	h->keep = !h->domain.model && !mask_empty(&h->o->without);
	if (h->keep)
		h->has = MASK_ALL;
	if (h->keep)
		return TAPCOMPAT_EXIT_YES;
	if (!h->domain.model)
		return fail(h, TAPCOMPAT_EXIT_USAGE, "the domain has neither a record nor a model "
			    "in its metadata: give --model, --vm or --baseline");
	m = tapcompat_model_find(h->domain.model);
	if (!m || strcasecmp(m->name, h->domain.model))
		return fail(h, TAPCOMPAT_EXIT_USAGE, "model '%.64s' in its metadata is none of "
			    "'tapcompat models'", h->domain.model);
	return from_model(h, m);
}

/* ---- What is left to switch ----------------------------------------------- */

static bool is_held(const struct domain_interface *i)
{
	return i->link != DOMAIN_NOT_VIRTIO && i->link != DOMAIN_NOT_OURS;
}

/* Features of which it is certain that they are on if nothing is said. */
static struct tapcompat_mask on_by_default(const struct hold *h)
{
	struct tapcompat_mask on = features_by_default();
	char release[16];
	const struct tapcompat_feature *f;

	if (machine_release(h->domain.machine, release, sizeof(release))[0])
		return mask_minus(on, features_after(release));
	/* Other machine types may have off what is not in the first model. */
	for_each_feature(f)
		if (f->model != 1)
			mask_clear(&on, f->bit);
	return on;
}

static struct flags left_for(const struct hold *h, const struct domain_interface *i)
{
	struct tapcompat_mask on = mask_or(i->set.on, mask_minus(on_by_default(h), i->set.off));
	struct tapcompat_mask off = mask_or(i->set.off, machine_off(h->domain.machine));
	struct tapcompat_mask maybe = mask_minus(mask_or(i->set.on, features_by_default()),
						 mask_minus(off, i->set.on));
	const struct tapcompat_feature *f;
	struct flags left = {
		.on = mask_minus(mask_and(h->has, features_all()), on),
		.off = mask_minus(maybe, h->has),
	};

	if (h->keep)
		left.on = MASK_NONE;
	/* The number of queues switches it on, and an override cannot add queues. */
	for_each_feature(f)
		if (!strcmp(f->libvirt, "driver/queues"))
			mask_clear(&left.on, f->bit);
	return left;
}

/* Flags that the domain's QEMU knows: it has its machine type, so it is not older. */
static int keep_known(struct hold *h, struct flags *left)
{
	struct flags_qemu qemu = flags_qemu(h->qemu);
	struct tapcompat_mask known = MASK_NONE, too_new = mask_and(left->on, qemu.too_new);
	struct flags later;
	char text[FLAGS_TEXT], names[FLAGS_TEXT], release[16];

	mask_names(&too_new, names, sizeof(names));
	if (names[0])
		return fail(h, TAPCOMPAT_EXIT_LACKS, "QEMU %s does not have %s", h->qemu, names);
	if (machine_release(h->domain.machine, release, sizeof(release))[0])
		known = mask_minus(features_all(), features_after(release));
	*left = flags_known(*left, &qemu, known, &later);
	flags_later_text(later, text, sizeof(text));
	if (text[0])
		return fail(h, TAPCOMPAT_EXIT_UNDECIDED, "the domain's QEMU is unknown, and %s: "
			    "give --qemu-version=X.Y, or a machine type with a release", text);
	return TAPCOMPAT_EXIT_YES;
}

/* What of the card is to be changed, by interface. */
static int left_of_card(struct hold *h, unsigned int n, struct nic *left)
{
	const struct nic *is = &h->domain.interface[n].nic;
	bool argument = h->domain.interface[n].argument;
	char has[NIC_VALUE], ought[NIC_VALUE];
	unsigned int i;

	*left = (struct nic){ .known = 0 };
	for (i = 0; i < NIC_PROPERTIES; i++) {
		if (i == NIC_MAC || !nic_knows(&h->nic, i) || !nic_knows(is, i) ||
		    h->nic.value[i] == is->value[i])
			continue;
		if (domain_sets(i, h->nic.value[i]) || (argument && i != NIC_TX_QUEUE_SIZE))
			nic_set(left, i, h->nic.value[i]);
		else if (i != NIC_TX_QUEUE_SIZE)
			return fail(h, TAPCOMPAT_EXIT_LACKS, "interface %u: %s is %s in the "
				    "record and %s in the domain: correct %s by hand", n + 1,
				    nic_table[i].name,
				    nic_value_text(i, h->nic.value[i], ought, sizeof(ought)),
				    nic_value_text(i, is->value[i], has, sizeof(has)),
				    nic_table[i].libvirt);
	}
	/* They follow from the queues, unless the domain says otherwise. */
	if (!argument && nic_knows(left, NIC_QUEUE_PAIRS) && nic_knows(left, NIC_VECTORS) &&
	    left->value[NIC_VECTORS] == nic_vectors(left->value[NIC_QUEUE_PAIRS]))
		left->known &= ~(1u << NIC_VECTORS);
	return TAPCOMPAT_EXIT_YES;
}

/* libvirt accepts no other aliases, and they are copied into XML. */
static bool alias_valid(const char *alias)
{
	return !alias[strspn(alias, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789_-.")];
}

/* An override is for an interface: what is on QEMU's command line has to be changed there. */
static int no_override(struct hold *h, unsigned int n)
{
	char name[128], change[HOLD_CHANGE];

	if (!domain_argument_text(&h->set[n], change, sizeof(change))[0])
		return TAPCOMPAT_EXIT_YES;
	domain_interface_name(&h->domain, n, name, sizeof(name));
	return fail(h, TAPCOMPAT_EXIT_LACKS, "an override cannot correct %s: %s", name, change);
}

static int find_left(struct hold *h, bool *any)
{
	unsigned int n;
	int code = TAPCOMPAT_EXIT_YES;

	*any = false;
	h->o->held = 0;
	free(h->set);
	h->set = calloc(h->domain.interfaces + 1, sizeof(*h->set));
	if (!h->set)
		return fail(h, TAPCOMPAT_EXIT_UNDECIDED, "out of memory");
	for (n = 0; n < h->domain.interfaces && !code; n++) {
		const struct domain_interface *i = &h->domain.interface[n];

		if (!is_held(i))
			continue;
		h->o->held++;
		if (!i->argument && !alias_valid(i->alias))
			return fail(h, TAPCOMPAT_EXIT_USAGE, "interface %u has an alias that "
				    "libvirt does not accept", n + 1);
		h->set[n].flags = left_for(h, i);
		code = keep_known(h, &h->set[n].flags);
		if (!code)
			code = left_of_card(h, n, &h->set[n].nic);
		if (!code && i->argument)
			code = no_override(h, n);
		*any |= h->set[n].nic.known || !mask_empty(&h->set[n].flags.on) ||
			!mask_empty(&h->set[n].flags.off);
	}
	return code;
}

/* ---- The domain ------------------------------------------------------------ */

static int read_again(struct hold *h, const char *text, bool *any)
{
	int ret;

	domain_free(&h->domain);
	ret = domain_parse_all(&h->domain, text, strlen(text), h->error);
	return ret ? code_of(ret) : find_left(h, any);
}

/* A second round, because vectors may be left when the queues have been corrected. */
#define ROUNDS 2

static int edit(struct hold *h, char **text)
{
	bool any = true;
	unsigned int i;
	char *next;
	int code = TAPCOMPAT_EXIT_YES;

	for (i = 0; i < ROUNDS && any && !code; i++) {
		next = domain_edit(*text ? *text : h->o->xml, *text ? strlen(*text) : h->o->len,
				   &h->domain, h->set);
		free(*text);
		*text = next;
		if (!next)
			return fail(h, TAPCOMPAT_EXIT_UNDECIDED, "out of memory");
		code = read_again(h, next, &any);
	}
	if (!code && any)
		code = fail(h, TAPCOMPAT_EXIT_LACKS, "an override cannot correct an interface: "
			    "look for -set, or for several overrides of one alias");
	return code;
}

/* What needs the excluded features is off as well. */
static int exclude(struct hold *h)
{
	struct tapcompat_mask off = mask_and(h->has, h->o->without), before;
	const struct tapcompat_feature *f;
	char names[FLAGS_TEXT];

	mask_names(&off, names, sizeof(names));
	if (names[0] && !h->o->given && h->domain.record)
		return fail(h, TAPCOMPAT_EXIT_LACKS, "the record in its metadata has %s: replace "
			    "it by one of tapcompat record --without", names);
	h->has = mask_minus(h->has, h->o->without);
	do {
		before = h->has;
		for_each_feature(f)
			if (tapcompat_mask_test(&before, f->bit) && !feature_satisfied(f, &before))
				mask_clear(&h->has, f->bit);
	} while (!mask_equal(&before, &h->has));
	return TAPCOMPAT_EXIT_YES;
}

static int hold(struct hold *h, char **text)
{
	int ret = domain_parse_all(&h->domain, h->o->xml, h->o->len, h->error);
	int code = ret ? code_of(ret) : TAPCOMPAT_EXIT_YES;
	bool any;

	/* The program here comes before the record, which may be of an older QEMU. */
	if (!code && !h->qemu[0])
		qemu_release(h->domain.emulator, h->qemu);
	if (!code && !h->o->given)
		code = from_metadata(h);
	if (!code && !h->qemu[0])
		text_set(h->qemu, sizeof(h->qemu), "%s", h->o->recorded);
	if (!code)
		code = exclude(h);
	if (h->o->common)
		h->has = mask_minus(h->has, features_after(h->qemu));
	if (!code)
		code = find_left(h, &any);
	return code ? code : edit(h, text);
}

int hold_domain(struct hold_options *options, char **text, struct tapcompat_error *error)
{
	struct hold h = { .o = options, .error = error, .has = options->has };
	int code;

	*text = NULL;
	/* It comes from a record that was read. */
	if (options->nic)
		nic_parse(&h.nic, options->nic, NULL);
	text_set(h.qemu, sizeof(h.qemu), "%s", options->qemu ? options->qemu : "");
	code = hold(&h, text);
	if (code) {
		free(*text);
		*text = NULL;
	}
	free(h.set);
	domain_free(&h.domain);
	return code;
}
