// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hook_card.c - is the network card in the guest's XML the one of its record?
 */
#include <string.h>

#include "ground/text.h"
#include "hook_state.h"

/* All interfaces are held to one record, and each has an address of its own. */
static unsigned int differences(const struct hook *h, const struct domain_interface *i,
				struct nic_difference list[NIC_PROPERTIES])
{
	struct nic recorded = h->vm->nic;

	recorded.known &= ~(1u << NIC_MAC);
	return nic_compare(&recorded, &i->nic, list);
}

static void say_difference(struct hook *h, unsigned int n, const struct nic_difference *d)
{
	char why[HOOK_LINE], name[128];

	domain_interface_name(&h->domain, n, name, sizeof(name));
	text_set(why, sizeof(why), "%s is %s in its record and %s in its XML for %s: %s",
		 d->row->name, d->from, d->to, name, d->why);
	if (d->verdict == TAPCOMPAT_FAIL)
		hook_refuse(h, TAPCOMPAT_EXIT_LACKS, why);
	else
		hook_say(h, TAPCOMPAT_WARN, "guest '%s': %s", h->guest, why);
}

/* Of a card in <qemu:commandline>, which has no elements. */
static void say_argument(struct hook *h, unsigned int n, const struct nic_difference *list,
			 unsigned int count)
{
	struct domain_set set = { .nic.known = 0 };
	char name[128], change[HOOK_LINE];
	unsigned int k, p;

	for (k = 0; k < count; k++) {
		p = nic_find(list[k].row->name);
		if (list[k].verdict == TAPCOMPAT_FAIL)
			nic_set(&set.nic, p, h->vm->nic.value[p]);
	}
	domain_interface_name(&h->domain, n, name, sizeof(name));
	hook_say(h, TAPCOMPAT_FAIL, "for %s: %s", name,
		 domain_argument_text(&set, change, sizeof(change)));
}

/* What libvirt has elements for, as XML; the rest by QEMU's names. */
static void say_correction(struct hook *h, unsigned int n, const struct nic_difference *list,
			   unsigned int count)
{
	struct nic set = { .known = 0 };
	char xml[256], rest[128] = "";
	unsigned int k, p;

	for (k = 0; k < count; k++) {
		if (list[k].verdict != TAPCOMPAT_FAIL)
			continue;
		p = nic_find(list[k].row->name);
		if (list[k].row->libvirt[0] && domain_sets(p, h->vm->nic.value[p]))
			nic_set(&set, p, h->vm->nic.value[p]);
		else if (list[k].row->libvirt[0])
			text_add(rest, sizeof(rest), " %s", list[k].row->libvirt);
		else if (p != NIC_VECTORS || !nic_knows(&set, NIC_QUEUE_PAIRS))
			text_add(rest, sizeof(rest), " <qemu:property name='%s'/>",
				 list[k].row->qemu);
	}
	domain_nic_xml(&set, xml, sizeof(xml));
	if (xml[0])
		hook_say(h, TAPCOMPAT_FAIL, "in interface %u:%s", n + 1, xml);
	if (rest[0])
		hook_say(h, TAPCOMPAT_FAIL, "in interface %u correct:%s", n + 1, rest);
}

static void say_how(struct hook *h)
{
	static const char *const how[] = {
		[HOOK_EDIT] = "way out: define the output of 'virsh dumpxml --inactive | tapcompat "
			"domain', or with virsh edit:",
		[HOOK_RESTORE] = "way out: correct it with virsh save-image-edit, or for a managed "
			"save with virsh managedsave-edit:",
		[HOOK_MIGRATE] = "way out: virsh migrate --xml and --persistent-xml, with this "
			"corrected:",
	};

	hook_say(h, TAPCOMPAT_FAIL, "%s", how[h->operation->way]);
}

static bool any_fails(const struct nic_difference *list, unsigned int count)
{
	unsigned int k;

	for (k = 0; k < count; k++)
		if (list[k].verdict == TAPCOMPAT_FAIL)
			return true;
	return false;
}

int hook_card(struct hook *h)
{
	struct nic_difference list[NIC_PROPERTIES];
	unsigned int i, k, count;
	int pass, code = TAPCOMPAT_EXIT_YES;

	if (!h->vm || !h->vm->strict)
		return code;
	for (pass = 0; pass < 2; pass++) {
		if (pass && code)
			say_how(h);
		for (i = 0; i < h->domain.interfaces; i++) {
			if (!hook_judged(h->domain.interface[i].link))
				continue;
			count = differences(h, &h->domain.interface[i], list);
			for (k = 0; !pass && k < count; k++)
				say_difference(h, i, &list[k]);
			if (!any_fails(list, count))
				continue;
			code = TAPCOMPAT_EXIT_LACKS;
			if (pass)
				(h->domain.interface[i].argument ? say_argument : say_correction)
					(h, i, list, count);
		}
	}
	return code;
}
