// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hook.c - libvirt hook: refuse a guest that this host cannot run
 *
 * The operation is checked first, then the domain, then this host.  An operation that is
 * not refused, or a domain without tapcompat's metadata, returns before anything else is
 * read, so that an error in it cannot refuse the guest.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feature/require.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "hook_state.h"

/*
 * Operations that may be refused; all others succeed.  Never add "reconnect": if the hook
 * refuses it, libvirt kills the running guest.
 */
static const struct operation operations[] = {
	{ "prepare", "begin", "start here", false, HOOK_EDIT },
	{ "start", "begin", "start here", false, HOOK_EDIT },
	{ "restore", "begin", "be restored here", true, HOOK_RESTORE },
	{ "migrate", "begin", "migrate here", true, HOOK_MIGRATE },
};

void hook_say(struct hook *h, enum tapcompat_verdict verdict, const char *format, ...)
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
int hook_refuse(struct hook *h, int code, const char *why)
{
	if (!h->said++)
		hook_say(h, TAPCOMPAT_FAIL, "guest '%s' may not %s: %s", h->guest,
			 h->operation->refused, why);
	else
		hook_say(h, TAPCOMPAT_FAIL, "%s", why);
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
	return hook_refuse(h, TAPCOMPAT_EXIT_USAGE, error.text);
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
	return hook_refuse(h, TAPCOMPAT_EXIT_USAGE, why.text);
}

static int demand_record(struct hook *h)
{
	struct tapcompat_error error;
	int ret = tapcompat_vm_parse(h->domain.record, strlen(h->domain.record),
				     "the record in its metadata", &h->vm, &error);

	return ret ? hook_refuse(h, code_of(ret), error.text) : TAPCOMPAT_EXIT_YES;
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

/* ---- Remarks ------------------------------------------------------------- */

static void say_skipped(struct hook *h)
{
	const struct domain_interface *i;
	char name[128];
	unsigned int n;

	for (n = 0; n < h->domain.interfaces && n < DOMAIN_INTERFACES; n++) {
		i = &h->domain.interface[n];
		domain_interface_name(&h->domain, n, name, sizeof(name));
		if (i->link == DOMAIN_NOT_VIRTIO)
			hook_say(h, TAPCOMPAT_PASS, "guest '%s': %s is not checked: not virtio",
				 h->guest, name);
		else if (i->link == DOMAIN_NOT_OURS && i->argument)
			hook_say(h, TAPCOMPAT_PASS, "guest '%s': %s is not checked: its netdev is "
				 "not a tap", h->guest, name);
		else if (i->link == DOMAIN_NOT_OURS)
			hook_say(h, TAPCOMPAT_PASS, "guest '%s': %s is not checked: type '%s' is "
				 "not a tap of this host", h->guest, name, i->type);
	}
}

static void say_remarks(struct hook *h)
{
	const struct domain *d = &h->domain;

	if (d->unknown[0])
		hook_say(h, TAPCOMPAT_WARN, "guest '%s': unknown attributes in its metadata, for "
			 "which a newer tapcompat may be needed: %s", h->guest, d->unknown);
	if (mask_empty(&h->require) && !d->record)
		hook_say(h, TAPCOMPAT_WARN, "guest '%s': its metadata requires nothing: set model "
			 "or require, or add a record", h->guest);
	say_skipped(h);
}

/* ---- Hook ---------------------------------------------------------------- */

static bool any_judged(const struct hook *h)
{
	unsigned int i;

	for (i = 0; i < DOMAIN_LINKS; i++)
		if (h->domain.links >> i & 1 && hook_judged((enum domain_link)i))
			return true;
	return false;
}

static int judge_all(struct hook *h)
{
	int code;

	if (!any_judged(h)) {
		hook_say(h, TAPCOMPAT_WARN, "guest '%s': not checked: it has no virtio interface "
			 "on a tap or macvtap of this host", h->guest);
		return TAPCOMPAT_EXIT_YES;
	}
	code = hook_qemu(h);
	if (!code)
		code = hook_look_at_host(h);
	if (!code)
		code = hook_checks(h);
	if (!code)
		code = hook_emulator(h);
	if (!code)
		code = hook_settings(h);
	if (!code)
		code = hook_card(h);
	hook_warnings(h);
	return code;
}

static int look_at_domain(struct hook *h)
{
	struct tapcompat_error error;
	int code, ret = domain_parse(&h->domain, h->o->xml, h->o->len, &error);

	if (ret)
		return hook_refuse(h, code_of(ret), error.text);
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
