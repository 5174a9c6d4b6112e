// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hook.c - libvirt hook: refuse a guest that this host cannot run
 *
 * The operation is checked first, then the domain, then this host.  An operation that is
 * not refused, or a domain without tapcompat's metadata, returns before anything else is
 * read, so that an error in it cannot refuse the guest.
 */
#include "hook.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tapcompat_fleet.h>

#include "feature/check.h"
#include "feature/require.h"
#include "ground/bytes.h"
#include "ground/text.h"

#define HOOK_LINE 1024
#define HOOK_NAME 80
#define HOOK_CHECKS (2 * TAPCOMPAT_BACKENDS)	/* requirements and record, per backend */

/*
 * Operations that may be refused; all others succeed.  Never add "reconnect": if the hook
 * refuses it, libvirt kills the running guest.
 */
static const struct operation {
	const char *name, *phase;
	const char *refused;	/* completes "guest may not ..." */
	bool moves;		/* the guest is running already: its features must not change */
} operations[] = {
	{ "prepare", "begin", "start here", false },
	{ "start", "begin", "start here", false },
	{ "restore", "begin", "be restored here", true },
	{ "migrate", "begin", "migrate here", true },
};

struct hook {
	const struct hook_options *o;
	const struct operation *operation;
	char guest[HOOK_NAME];
	struct domain domain;
	struct tapcompat_mask require;
	struct tapcompat_vm *vm;	/* the guest's record, or NULL */
	unsigned int flags;		/* TAPCOMPAT_CHECK_* */
	const struct tapcompat_caps *caps;
	struct tapcompat_caps *own;	/* @caps if they must be freed, or NULL */
	bool fell_back;			/* to a tap without vhost-net, as libvirt does */
	unsigned int checks;
	struct tapcompat_check *check[HOOK_CHECKS];
	const char *subject[HOOK_CHECKS];	/* added to messages of that check */
	bool complete;			/* no check failed for lack of memory */
	unsigned int said;		/* number of reasons reported */
};

__attribute__((format(printf, 3, 4)))
static void say(struct hook *h, enum tapcompat_verdict verdict, const char *format, ...)
{
	char line[HOOK_LINE], safe[HOOK_LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (h->o->say)
		h->o->say(h->o->arg, verdict, text_escape(safe, sizeof(safe), line));
}

/* Only the first line names the guest: libvirt may truncate the output. */
static int refuse(struct hook *h, int code, const char *why)
{
	if (!h->said++)
		say(h, TAPCOMPAT_FAIL, "guest '%s' may not %s: %s", h->guest,
		    h->operation->refused, why);
	else
		say(h, TAPCOMPAT_FAIL, "%s", why);
	return code;
}

static int code_of(int ret)
{
	return ret == -EINVAL ? TAPCOMPAT_EXIT_USAGE : TAPCOMPAT_EXIT_UNDECIDED;
}

/* ---- Metadata ------------------------------------------------------------ */

static int demand_model(struct hook *h)
{
	const char *name = h->domain.model;
	const struct tapcompat_model *m = tapcompat_model_find(name);
	struct tapcompat_error error;

	/* Refuse the alias: in a later release it is another model. */
	if (m && !strcasecmp(name, m->name)) {
		h->require = mask_or(h->require, tapcompat_model_features(m));
		return TAPCOMPAT_EXIT_YES;
	}
	if (m)
		text_set(error.text, sizeof(error.text), "model='%s' in its metadata is an alias "
			 "for the newest model, which changes between releases: use model='%s'",
			 name, m->name);
	else
		text_set(error.text, sizeof(error.text), "unknown model '%.64s' in its metadata: "
			 "see 'tapcompat models', or use a newer tapcompat", name);
	return refuse(h, TAPCOMPAT_EXIT_USAGE, error.text);
}

static int demand_features(struct hook *h)
{
	struct tapcompat_mask more;
	struct tapcompat_error error, why;

	if (!tapcompat_require_parse(h->domain.require, &more, &error)) {
		h->require = mask_or(h->require, more);
		return TAPCOMPAT_EXIT_YES;
	}
	text_set(why.text, sizeof(why.text), "require in its metadata: %s", error.text);
	return refuse(h, TAPCOMPAT_EXIT_USAGE, why.text);
}

static int demand_record(struct hook *h)
{
	struct tapcompat_error error;
	int ret = tapcompat_vm_parse(h->domain.record, strlen(h->domain.record),
				     "the record in its metadata", &h->vm, &error);

	return ret ? refuse(h, code_of(ret), error.text) : TAPCOMPAT_EXIT_YES;
}

static int demands(struct hook *h)
{
	const struct domain *d = &h->domain;
	int code = TAPCOMPAT_EXIT_YES;

	if (d->model)
		code = demand_model(h);
	if (!code && d->require)
		code = demand_features(h);
	if (!code && d->record)
		code = demand_record(h);
	if (d->allow_emulated)
		h->flags |= TAPCOMPAT_CHECK_ALLOW_EMULATED;
	/* A guest that is starting has no features yet that could change. */
	if (d->allow_non_strict || !h->operation->moves)
		h->flags |= TAPCOMPAT_CHECK_NON_STRICT;
	return code;
}

/* ---- This host ----------------------------------------------------------- */

/* The backends to be probed for each type of interface. */
static const unsigned int wanted[] = {
	[DOMAIN_TAP] = 1u << TAPCOMPAT_TAP,
	[DOMAIN_VHOST] = 1u << TAPCOMPAT_VHOST_NET | 1u << TAPCOMPAT_TAP,
	[DOMAIN_EITHER] = 1u << TAPCOMPAT_VHOST_NET | 1u << TAPCOMPAT_TAP,
	[DOMAIN_MACVTAP] = 1u << TAPCOMPAT_MACVTAP | 1u << TAPCOMPAT_TAP,
};

static bool has_link(const struct hook *h, enum domain_link link)
{
	return h->domain.links >> link & 1;
}

/* Probe only the backends that the guest uses: others take time and decide nothing. */
static int probe(struct hook *h)
{
	struct tapcompat_probe_options options = {
		.size = sizeof(options),
		/* QEMU is about to load the same modules. */
		.flags = TAPCOMPAT_PROBE_LOAD_MODULES,
	};
	struct tapcompat_error error;
	unsigned int i;

	for (i = 0; i < ARRAY_LENGTH(wanted); i++)
		if (has_link(h, (enum domain_link)i))
			options.backends |= wanted[i];
	if (!tapcompat_probe(&options, &h->own, &error))
		return TAPCOMPAT_EXIT_YES;
	return refuse(h, TAPCOMPAT_EXIT_UNDECIDED, error.text);
}

static int look_at_host(struct hook *h)
{
	struct tapcompat_error error;
	int code = TAPCOMPAT_EXIT_YES, ret;

	h->caps = h->o->caps;
	if (h->caps)
		return code;
	if (!h->o->document) {
		code = probe(h);
	} else {
		ret = tapcompat_caps_load(h->o->document, &h->own, &error);
		if (ret)
			code = refuse(h, ret == -ENOMEM ? TAPCOMPAT_EXIT_UNDECIDED :
				      TAPCOMPAT_EXIT_USAGE, error.text);
	}
	h->caps = h->own;
	return code;
}

/* The backends that the guest would use, bit set of 1 << type. */
static unsigned int backends_of(struct hook *h)
{
	unsigned int backends = 0;

	if (has_link(h, DOMAIN_TAP))
		backends |= 1u << TAPCOMPAT_TAP;
	if (has_link(h, DOMAIN_VHOST))
		backends |= 1u << TAPCOMPAT_VHOST_NET;
	if (has_link(h, DOMAIN_MACVTAP))
		backends |= 1u << TAPCOMPAT_MACVTAP;
	if (!has_link(h, DOMAIN_EITHER))
		return backends;
	h->fell_back = tapcompat_caps_availability(h->caps, TAPCOMPAT_VHOST_NET) ==
		       TAPCOMPAT_UNAVAILABLE;
	return backends | 1u << (h->fell_back ? TAPCOMPAT_TAP : TAPCOMPAT_VHOST_NET);
}

/* ---- Checks -------------------------------------------------------------- */

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
	if (!mask_empty(&h->require))
		keep(h, tapcompat_check(h->caps, backend, h->require, h->flags), "");
	if (h->vm)
		keep(h, tapcompat_vm_check(h->vm, h->caps, backend, h->flags),
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
	refuse(h, fault->code, why);
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
		refuse(h, h->check[n]->refused, why);
	}
	if (*last && !tapcompat_vm_strict(h->vm) && !(h->flags & TAPCOMPAT_CHECK_NON_STRICT))
		say(h, TAPCOMPAT_FAIL, "way out: allow-non-strict='yes' in its metadata");
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
				say(h, TAPCOMPAT_FAIL, "way out: %s", way);
}

/* Warnings, and emulated features. */
static void say_warnings(struct hook *h)
{
	const struct tapcompat_finding *f;
	unsigned int n, i;

	for (n = 0; n < h->checks; n++)
		for (i = 0; (f = tapcompat_check_at(h->check[n], i)); i++)
			if (f->verdict == TAPCOMPAT_WARN ||
			    tapcompat_mask_test(&h->check[n]->emulated, f->feature->bit))
				say(h, f->verdict, "guest '%s': %s: %s: %s", h->guest,
				    h->check[n]->subject, f->feature->name, f->detail);
	if (h->fell_back)
		say(h, TAPCOMPAT_WARN, "guest '%s': this host has no vhost-net, so libvirt uses "
		    "the tap without it: set <driver name='vhost'/> to refuse instead", h->guest);
}

/* ---- Remarks ------------------------------------------------------------- */

static void say_skipped(struct hook *h)
{
	const struct domain_interface *i;
	unsigned int n;

	for (n = 0; n < h->domain.interfaces && n < DOMAIN_INTERFACES; n++) {
		i = &h->domain.interface[n];
		if (i->link == DOMAIN_NOT_VIRTIO)
			say(h, TAPCOMPAT_PASS, "guest '%s': interface %u is not checked: not "
			    "virtio", h->guest, n + 1);
		else if (i->link == DOMAIN_NOT_OURS)
			say(h, TAPCOMPAT_PASS, "guest '%s': interface %u is not checked: type "
			    "'%s' is not a tap of this host", h->guest, n + 1, i->type);
	}
}

static void say_remarks(struct hook *h)
{
	const struct domain *d = &h->domain;

	if (d->unknown[0])
		say(h, TAPCOMPAT_WARN, "guest '%s': unknown attributes in its metadata, for which "
		    "a newer tapcompat may be needed: %s", h->guest, d->unknown);
	if (mask_empty(&h->require) && !d->record)
		say(h, TAPCOMPAT_WARN, "guest '%s': its metadata requires nothing: set model or "
		    "require, or add a record", h->guest);
	say_skipped(h);
}

/* ---- Hook ---------------------------------------------------------------- */

static int conclude(struct hook *h)
{
	int code = worst_of(h);

	if (code) {
		say_faults(h);
		say_ways(h);
	} else if (!h->complete) {
		code = refuse(h, TAPCOMPAT_EXIT_UNDECIDED, "out of memory");
	}
	say_warnings(h);
	return code;
}

static int judge_all(struct hook *h)
{
	unsigned int links = 0, backends, i;
	int code;

	for (i = 0; i < ARRAY_LENGTH(wanted); i++)
		links |= wanted[i] && has_link(h, (enum domain_link)i);
	if (!links) {
		say(h, TAPCOMPAT_WARN, "guest '%s': not checked: it has no virtio interface on a "
		    "tap or macvtap of this host", h->guest);
		return TAPCOMPAT_EXIT_YES;
	}
	code = look_at_host(h);
	if (code)
		return code;
	backends = backends_of(h);
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (backends >> i & 1)
			judge(h, (enum tapcompat_backend_type)i);
	return conclude(h);
}

static int look_at_domain(struct hook *h)
{
	struct tapcompat_error error;
	int code, ret = domain_parse(&h->domain, h->o->xml, h->o->len, &error);

	if (ret)
		return refuse(h, code_of(ret), error.text);
	if (!h->domain.marked)
		return TAPCOMPAT_EXIT_YES;
	code = demands(h);
	if (!code && (!mask_empty(&h->require) || h->vm))
		code = judge_all(h);
	say_remarks(h);
	return code;
}

static void release(struct hook *h)
{
	unsigned int n;

	for (n = 0; n < h->checks; n++)
		tapcompat_check_free(h->check[n]);
	tapcompat_vm_free(h->vm);
	tapcompat_caps_free(h->own);
	domain_free(&h->domain);
}

static const struct operation *operation_find(const char *name, const char *phase)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(operations); i++)
		if (!strcmp(operations[i].name, name) && !strcmp(operations[i].phase, phase))
			return &operations[i];
	return NULL;
}

int hook_judge(const struct hook_options *options)
{
	struct hook h = { .o = options, .complete = true };
	int code;

	h.operation = operation_find(options->operation, options->phase);
	if (!h.operation)
		return TAPCOMPAT_EXIT_YES;
	text_escape(h.guest, sizeof(h.guest), options->guest);
	code = look_at_domain(&h);
	release(&h);
	return code;
}
