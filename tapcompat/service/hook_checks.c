// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hook_checks.c - does this host provide what the guest requires?
 */
#include <string.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "hook_state.h"

static void keep(struct hook *h, struct tapcompat_check *check, const char *subject)
{
	if (!check) {
		h->complete = false;
		return;
	}
	h->subject[h->checks] = subject;
	h->check[h->checks++] = check;
}

static void judge(struct hook *h, enum tapcompat_backend_type backend)
{
	static const unsigned int ways[] = {
		[HOOK_EDIT] = CHECK_LIBVIRT,
		[HOOK_RESTORE] = CHECK_LIBVIRT | CHECK_RESTORE,
		[HOOK_MIGRATE] = CHECK_LIBVIRT | CHECK_MIGRATE,
	};
	unsigned int flags = h->flags | ways[h->operation->way];

	if (!mask_empty(&h->require))
		keep(h, tapcompat_check(h->caps, backend, h->require, flags), "");
	if (h->vm)
		keep(h, tapcompat_vm_check_qemu(h->vm, h->caps, backend, h->qemu,
						flags),
		     ", by the guest's record");
}

/* The worst exit code of all checks, in the same order as within one check. */
static int worst_of(const struct hook *h)
{
	static const int by_weight[] = {
		TAPCOMPAT_EXIT_USAGE, TAPCOMPAT_EXIT_LACKS, TAPCOMPAT_EXIT_BROKEN,
		TAPCOMPAT_EXIT_UNDECIDED,
	};
	size_t i;
	unsigned int n;

	for (i = 0; i < ARRAY_LENGTH(by_weight); i++)
		for (n = 0; n < h->checks; n++)
			if (tapcompat_check_exit(h->check[n]) == by_weight[i])
				return by_weight[i];
	return TAPCOMPAT_EXIT_YES;
}

/* In the order in which they are reported. */
static const struct fault {
	int code;
	const char *verb;
} faults[] = {
	{ TAPCOMPAT_EXIT_LACKS, "lacks" },
	{ TAPCOMPAT_EXIT_BROKEN, "corrupts frames with" },
	{ TAPCOMPAT_EXIT_UNDECIDED, "could not be probed for" },
};

/* One line with all features that have a fault, and the reason of the first. */
static void say_fault(struct hook *h, unsigned int n, const struct fault *fault)
{
	const struct tapcompat_check *check = h->check[n];
	const struct tapcompat_finding *f, *first = NULL;
	char names[512] = "", why[HOOK_LINE];
	unsigned int i;

	for (i = 0; (f = tapcompat_check_at(check, i)); i++) {
		if (f->verdict != TAPCOMPAT_FAIL || f->exit != fault->code)
			continue;
		text_add(names, sizeof(names), "%s%s", first ? ", " : "", f->feature->name);
		if (f->needed_by[0])
			text_add(names, sizeof(names), " (which %s needs)", f->needed_by);
		first = first ? first : f;
	}
	if (!first)
		return;
	text_set(why, sizeof(why), "%s %s %s%s%s%s", check->subject, fault->verb, names,
		 h->subject[n], first->detail[0] ? ": " : "", first->detail);
	if (first->since[0] && fault->code == TAPCOMPAT_EXIT_LACKS)
		text_add(why, sizeof(why), "; %s %s has it",
			 strcmp(first->layer, CHECK_QEMU) ? "Linux" : CHECK_QEMU, first->since);
	hook_refuse(h, fault->code, why);
}

/* A record is often refused for the same reason on every backend: report it once. */
static void say_refusals(struct hook *h)
{
	const char *last = "";
	char why[HOOK_LINE];
	unsigned int n;

	for (n = 0; n < h->checks; n++) {
		if (!h->check[n]->refused || !strcmp(h->check[n]->refusal, last))
			continue;
		last = h->check[n]->refusal;
		text_set(why, sizeof(why), "refused by its record: %s", last);
		hook_refuse(h, h->check[n]->refused, why);
	}
	if (*last && !tapcompat_vm_strict(h->vm) && !(h->flags & TAPCOMPAT_CHECK_NON_STRICT))
		hook_say(h, TAPCOMPAT_FAIL, "way out: %s: allow-non-strict='yes' in its metadata",
			 h->operation->way == HOOK_RESTORE ?
			 "virsh save-image-edit or managedsave-edit" :
			 "virsh metadata --live --config");
}

static void say_faults(struct hook *h)
{
	unsigned int n;
	size_t i;

	say_refusals(h);
	for (i = 0; i < ARRAY_LENGTH(faults); i++)
		for (n = 0; n < h->checks; n++)
			say_fault(h, n, &faults[i]);
}

/* Has an earlier check suggested the same? */
static bool said_before(const struct hook *h, unsigned int check, const char *way)
{
	const char *other;
	unsigned int n, i;

	for (n = 0; n < check; n++)
		for (i = 0; (other = tapcompat_check_way(h->check[n], i)); i++)
			if (!strcmp(way, other))
				return true;
	return false;
}

static void say_ways(struct hook *h)
{
	const char *way;
	unsigned int n, i;

	/* Only checks with missing features have ways out. */
	for (n = 0; n < h->checks; n++)
		for (i = 0; !mask_empty(&h->check[n]->lacks) &&
			    (way = tapcompat_check_way(h->check[n], i)); i++)
			if (!said_before(h, n, way))
				hook_say(h, TAPCOMPAT_FAIL, "way out: %s", way);
}

void hook_warnings(struct hook *h)
{
	const struct tapcompat_finding *f;
	unsigned int n, i;

	for (n = 0; n < h->checks; n++)
		for (i = 0; (f = tapcompat_check_at(h->check[n], i)); i++)
			if (f->verdict == TAPCOMPAT_WARN ||
			    tapcompat_mask_test(&h->check[n]->emulated, f->feature->bit))
				hook_say(h, f->verdict, "guest '%s': %s: %s: %s", h->guest,
					 h->check[n]->subject, f->feature->name, f->detail);
	if (h->fell_back)
		hook_say(h, TAPCOMPAT_WARN, "guest '%s': this host has no vhost-net, so libvirt "
			 "uses the tap without it: set <driver name='vhost'/> to refuse instead",
			 h->guest);
}

/* The backends that the guest would use, bit set of 1 << type. */
static unsigned int backends_of(struct hook *h)
{
	unsigned int backends = 0, i;

	for (i = 0; i < DOMAIN_LINKS; i++)
		if (h->domain.links >> i & 1 && hook_judged((enum domain_link)i))
			backends |= 1u << hook_backend(h, (enum domain_link)i);
	return backends;
}

int hook_checks(struct hook *h)
{
	unsigned int backends = backends_of(h), i;
	int code;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (backends >> i & 1)
			judge(h, (enum tapcompat_backend_type)i);
	code = worst_of(h);
	if (code) {
		say_faults(h);
		say_ways(h);
	} else if (!h->complete) {
		code = hook_refuse(h, TAPCOMPAT_EXIT_UNDECIDED, "out of memory");
	}
	return code;
}
