// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hook_settings.c - does the guest's XML give it the features of its record?
 *
 * A guest that gains a feature when it starts cannot migrate back to where its record was
 * made.  So each feature that the record has off must be off in the XML, or by the machine
 * type, on every host: a guest that comes from another one may have what this one lacks.
 */
#include <string.h>

#include "feature/machine.h"
#include "feature/require.h"
#include "ground/text.h"
#include "hook_state.h"

#define QEMU_XMLNS "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'"

/* What the XML gets wrong for an interface. */
struct wrong {
	struct tapcompat_mask gains, misses;
};

/*
 * Features that the machine type has off.  The record's own one has all off that its QEMU
 * did not have yet.
 */
static struct tapcompat_mask off_by_machine(const struct hook *h)
{
	const char *machine = h->domain.machine;
	struct tapcompat_mask off = machine_off(machine);

	if (machine[0] && !strcmp(machine, h->vm->machine))
		off = mask_or(off, mask_and(features_after(h->vm->qemu), features_by_default()));
	return off;
}

/* What a QEMU offers on this backend if nothing is switched off. */
static struct tapcompat_mask offered(const struct hook *h, enum tapcompat_backend_type backend)
{
	struct provided provided = provided_of(h->caps, backend);

	if (h->flags & TAPCOMPAT_CHECK_ALLOW_EMULATED)
		provided_add_emulated(&provided, MASK_ALL);
	else
		provided_add_emulated(&provided, h->vm->requested[TAPCOMPAT_POLICY_FORCE]);
	return provided.offered;
}

/* Is it certain which features the machine type has on? */
static bool machine_known(const struct hook *h)
{
	const char *machine = h->domain.machine;
	char release[16];

	return machine_release(machine, release, sizeof(release))[0] ||
	       (machine[0] && h->vm->qemu[0] && !strcmp(machine, h->vm->machine));
}

/*
 * Of the features that are not off, those that the guest may have.  If the machine type may
 * have more of them off, only what this host offers counts.
 */
static struct tapcompat_mask may_have(struct hook *h, const struct domain_interface *i,
				      struct tapcompat_mask on)
{
	return machine_known(h) ? on : mask_and(on, offered(h, hook_backend(h, i->link)));
}

static struct wrong wrong_with(struct hook *h, const struct domain_interface *i)
{
	struct tapcompat_mask has = h->vm->effective;
	struct tapcompat_mask by_default = mask_minus(features_by_default(),
						      features_after(h->qemu));
	struct tapcompat_mask machine = mask_minus(off_by_machine(h), i->set.on);
	struct tapcompat_mask off = mask_or(i->set.off, machine);
	struct tapcompat_mask on = mask_minus(mask_or(i->set.on, by_default), off);

	return (struct wrong){
		.gains = mask_minus(may_have(h, i, on), has),
		.misses = mask_and(has, off),
	};
}

/* ---- Messages ------------------------------------------------------------ */

static const char *alias_of(const struct domain_interface *i, unsigned int number, char *text,
			    size_t size)
{
	if (i->alias[0])
		text_set(text, size, "%s", i->alias);
	else
		text_set(text, size, "ua-net%u", number);
	return text;
}

static void say_wrong(struct hook *h, unsigned int n, const struct wrong *wrong)
{
	char names[512], name[128], why[HOOK_LINE];

	domain_interface_name(&h->domain, n, name, sizeof(name));
	mask_names(&wrong->gains, names, sizeof(names));
	if (names[0]) {
		text_set(why, sizeof(why), "its record has %s off, but its XML does not switch "
			 "that off for %s", names, name);
		hook_refuse(h, TAPCOMPAT_EXIT_LACKS, why);
	}
	mask_names(&wrong->misses, names, sizeof(names));
	if (names[0]) {
		text_set(why, sizeof(why), "its record has %s on, but its XML or machine type "
			 "switches that off for %s", names, name);
		hook_refuse(h, TAPCOMPAT_EXIT_LACKS, why);
	}
}

static void add_properties(char *xml, size_t size, struct flags flags)
{
	struct flag list[FEATURE_COUNT];
	unsigned int k, n = flags_list(flags, list);

	for (k = 0; k < n; k++)
		text_add(xml, size, "<qemu:property name='%s' type='bool' value='%s'/>",
			 list[k].feature->name, list[k].on ? "true" : "false");
}

/* Of a card in <qemu:commandline>, which no override is for. */
static void say_argument(struct hook *h, unsigned int n, struct flags flags, const char *when)
{
	char text[FLAGS_TEXT], name[128];

	flags_text(flags, text, sizeof(text));
	domain_interface_name(&h->domain, n, name, sizeof(name));
	hook_say(h, TAPCOMPAT_FAIL, "%sappend to the value of %s: ,%s", when, name, text);
}

/* The XML that corrects an interface, in one line. */
static void say_override(struct hook *h, unsigned int n, struct flags flags, const char *when)
{
	const struct domain_interface *i = &h->domain.interface[n];
	char xml[HOOK_LINE], alias[80];

	alias_of(i, n, alias, sizeof(alias));
	text_set(xml, sizeof(xml), "%s<qemu:override><qemu:device alias='%s'><qemu:frontend>", when,
		 alias);
	add_properties(xml, sizeof(xml), flags);
	text_add(xml, sizeof(xml), "</qemu:frontend></qemu:device></qemu:override>");
	hook_say(h, TAPCOMPAT_FAIL, "%s", xml);
	if (!i->alias[0])
		hook_say(h, TAPCOMPAT_FAIL, "and in interface %u: <alias name='%s'/>", n + 1,
			 alias);
}

static void say_flags(struct hook *h, unsigned int n, struct flags flags, const char *when)
{
	if (mask_empty(&flags.on) && mask_empty(&flags.off))
		return;
	(h->domain.interface[n].argument ? say_argument : say_override)(h, n, flags, when);
}

/* QEMU has what its guest and its machine type have. */
static struct tapcompat_mask had_by_qemu(const struct hook *h)
{
	struct tapcompat_mask has = h->vm->effective;
	char release[16];

	if (machine_release(h->domain.machine, release, sizeof(release))[0])
		has = mask_or(has, mask_minus(features_all(), features_after(release)));
	return has;
}

/* QEMU does not start with a property that it does not know. */
static void say_xml(struct hook *h, unsigned int n, const struct wrong *wrong)
{
	struct flags_qemu qemu = flags_qemu(h->qemu);
	struct flags later, next, now = flags_known((struct flags){ wrong->misses, wrong->gains },
						    &qemu, had_by_qemu(h), &later);
	const char *release;
	char when[64];

	say_flags(h, n, now, "");
	while ((release = flags_next(&later, &next))) {
		now.on = mask_or(now.on, next.on);
		now.off = mask_or(now.off, next.off);
		text_set(when, sizeof(when), "or, if its QEMU is %s or later: ", release);
		say_flags(h, n, now, when);
	}
}

static void say_how(struct hook *h)
{
	static const char *const how[] = {
		[HOOK_EDIT] = "way out: define the output of 'virsh dumpxml --inactive | tapcompat "
			"domain'; or virsh edit: in <domain " QEMU_XMLNS "> add, before </domain>:",
		[HOOK_RESTORE] = "ways out: if the guest was saved without these features, add "
			"the following with virsh save-image-edit, or for a managed save with "
			"virsh managedsave-edit; else discard the saved state with virsh "
			"managedsave-remove and add it with virsh edit.  In <domain " QEMU_XMLNS
			">, before </domain>:",
		[HOOK_MIGRATE] = "ways out: if the guest does not have these features yet, give "
			"virsh migrate --xml and --persistent-xml the output of 'virsh dumpxml "
			"--migratable | tapcompat domain'; else shut it down, define the output of "
			"'virsh dumpxml --inactive | tapcompat domain', start it and migrate.  "
			"What is added, in <domain " QEMU_XMLNS ">, before </domain>:",
	};

	hook_say(h, TAPCOMPAT_FAIL, "%s", how[h->operation->way]);
}

int hook_settings(struct hook *h)
{
	struct wrong wrong;
	unsigned int i;
	int pass, code = TAPCOMPAT_EXIT_YES;

	/* A record that is not strict guarantees nothing. */
	if (!h->vm || !h->vm->strict)
		return code;
	for (pass = 0; pass < 2; pass++) {
		if (pass && code)
			say_how(h);
		for (i = 0; i < h->domain.interfaces; i++) {
			if (!hook_judged(h->domain.interface[i].link))
				continue;
			wrong = wrong_with(h, &h->domain.interface[i]);
			if (mask_empty(&wrong.gains) && mask_empty(&wrong.misses))
				continue;
			code = TAPCOMPAT_EXIT_LACKS;
			(pass ? say_xml : say_wrong)(h, i, &wrong);
		}
	}
	return code;
}
