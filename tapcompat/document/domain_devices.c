// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_devices.c - a domain's interfaces, and what switches their features on and off
 *
 * libvirt makes options of QEMU's device of <driver>, and overrides replace them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "domain_xml.h"
#include "ground/bytes.h"
#include "ground/text.h"

/* ---- Switches ------------------------------------------------------------ */

static void switch_forget(struct flags *flags, const struct tapcompat_feature *f)
{
	mask_clear(&flags->on, f->bit);
	mask_clear(&flags->off, f->bit);
}

static void switch_set(struct flags *flags, const struct tapcompat_feature *f, bool on)
{
	switch_forget(flags, f);
	tapcompat_mask_set(on ? &flags->on : &flags->off, f->bit);
}

/* QEMU's words for a boolean. */
bool switch_is_off(const char *value)
{
	static const char *const off[] = { "off", "no", "false", "n" };
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(off); i++)
		if (!strcmp(value, off[i]))
			return true;
	return false;
}

/* By QEMU's own name of its property. */
static const struct tapcompat_feature *switch_find(const char *name)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

void property_read(struct flags *set, struct nic *nic, const char *name, const char *value)
{
	const struct tapcompat_feature *f = switch_find(name);
	unsigned int p = nic_find(name);

	if (f)
		switch_set(set, f, !switch_is_off(value));
	else if (p < NIC_PROPERTIES)
		nic_read(nic, p, value);
}

/* ---- <driver> ------------------------------------------------------------ */

/* "host/csum" is an attribute of <host> in <driver>, "driver/packed" one of <driver>. */
static void read_switch(struct walk *w, struct flags *set, const xmlNode *driver,
			const struct tapcompat_feature *f)
{
	const char *slash = strchr(f->libvirt, '/');
	char element[16], value[16];

	if (!slash)
		return;
	text_set(element, sizeof(element), "%.*s", (int)(slash - f->libvirt), f->libvirt);
	attribute_of(w, strcmp(element, "driver") ? element_child(driver, element) : driver,
		     slash + 1, value, sizeof(value));
	if (!strcmp(slash + 1, "queues") && value[0])
		switch_set(set, f, strcmp(value, "1") != 0);
	else if (value[0])
		switch_set(set, f, !switch_is_off(value));
}

static void read_driver(struct walk *w, struct flags *set, const xmlNode *driver)
{
	const struct tapcompat_feature *f;

	if (!driver)
		return;
	for_each_feature(f)
		read_switch(w, set, driver, f);
}

/* ---- Interfaces ---------------------------------------------------------- */

/* Types whose features the host's kernel decides; all others are DOMAIN_NOT_OURS. */
static const struct {
	const char *type;
	enum domain_link link;
} types[] = {
	{ "bridge", DOMAIN_EITHER }, { "ethernet", DOMAIN_EITHER }, { "network", DOMAIN_EITHER },
	{ "direct", DOMAIN_MACVTAP },
};

static const struct {
	const char *name;
	enum domain_link link;
} drivers[] = {
	{ "qemu", DOMAIN_TAP }, { "vhost", DOMAIN_VHOST },
};

static enum domain_link link_of(struct walk *w, const struct domain *d, const xmlNode *n,
				const char *type)
{
	enum domain_link link = DOMAIN_NOT_OURS;
	char word[32];
	size_t i;

	attribute_of(w, element_child(n, "model"), "type", word, sizeof(word));
	if (strncmp(word, "virtio", strlen("virtio")))
		return DOMAIN_NOT_VIRTIO;
	for (i = 0; i < ARRAY_LENGTH(types); i++)
		if (!strcmp(type, types[i].type))
			link = types[i].link;
	attribute_of(w, element_child(n, "driver"), "name", word, sizeof(word));
	for (i = 0; i < ARRAY_LENGTH(drivers); i++)
		if (link == DOMAIN_EITHER && !strcmp(word, drivers[i].name))
			link = drivers[i].link;
	if (!d->kvm && (link == DOMAIN_VHOST || link == DOMAIN_EITHER))
		link = DOMAIN_TAP;
	return link;
}

struct domain_interface *domain_interface_new(struct walk *w, struct domain *d)
{
	struct domain_interface *more;

	if (d->interfaces == DOMAIN_INTERFACES) {
		walk_fail(w, -EINVAL, 0, "it has more than %d interfaces", DOMAIN_INTERFACES);
		return NULL;
	}
	/* Twice the room at each power of two. */
	if (!(d->interfaces & (d->interfaces - 1))) {
		more = realloc(d->interface, (2 * d->interfaces + 1) * sizeof(*more));
		if (!more) {
			walk_fail(w, -ENOMEM, 0, "out of memory");
			return NULL;
		}
		d->interface = more;
	}
	more = &d->interface[d->interfaces++];
	memset(more, 0, sizeof(*more));
	return more;
}

static enum domain_variant variant_of(const char *model)
{
	if (!strcmp(model, "virtio-transitional"))
		return DOMAIN_TRANSITIONAL;
	return strcmp(model, "virtio-non-transitional") ? DOMAIN_GENERIC : DOMAIN_NON_TRANSITIONAL;
}

static void read_interface(struct walk *w, struct domain *d, const xmlNode *n)
{
	struct domain_interface *i = domain_interface_new(w, d);
	char model[32];

	if (!i)
		return;
	attribute_of(w, n, "type", i->type, sizeof(i->type));
	attribute_of(w, element_child(n, "alias"), "name", i->alias, sizeof(i->alias));
	attribute_of(w, element_child(n, "target"), "dev", i->target, sizeof(i->target));
	attribute_of(w, element_child(n, "model"), "type", model, sizeof(model));
	i->variant = variant_of(model);
	i->link = link_of(w, d, n, i->type);
	d->links |= 1u << i->link;
	read_driver(w, &i->set, element_child(n, "driver"));
	domain_nic(w, &i->nic, n);
}

static void read_devices(struct walk *w, struct domain *d, const xmlNode *devices)
{
	const xmlNode *n;

	for (n = devices->children; n && !w->ret; n = n->next)
		if (element_is(n, NULL, "interface"))
			read_interface(w, d, n);
		else if (element_is(n, NULL, "emulator"))
			content_of(w, n, d->emulator, sizeof(d->emulator));
}

/* ---- <qemu:override> ----------------------------------------------------- */

static void read_property(struct walk *w, struct domain_interface *i, const xmlNode *n)
{
	const struct tapcompat_feature *f;
	char name[32], type[16], value[32];
	unsigned int p;

	attribute_of(w, n, "name", name, sizeof(name));
	attribute_of(w, n, "type", type, sizeof(type));
	attribute_of(w, n, "value", value, sizeof(value));
	f = switch_find(name);
	p = nic_find(name);
	if (strcmp(type, "remove"))
		property_read(&i->set, &i->nic, name, value);
	else if (f)
		switch_forget(&i->set, f);
	else if (p < NIC_PROPERTIES)
		i->nic.known &= ~(1u << p);
}

static void read_frontend(struct walk *w, struct domain_interface *i, const xmlNode *device)
{
	const xmlNode *frontend, *n;

	for (frontend = device->children; frontend; frontend = frontend->next)
		if (element_is(frontend, DOMAIN_QEMU_NAMESPACE, "frontend"))
			for (n = frontend->children; n; n = n->next)
				if (element_is(n, DOMAIN_QEMU_NAMESPACE, "property"))
					read_property(w, i, n);
}

static void read_override(struct walk *w, struct domain *d, const xmlNode *override)
{
	const xmlNode *n;
	char alias[64];
	unsigned int i;

	for (n = override->children; n; n = n->next) {
		if (!element_is(n, DOMAIN_QEMU_NAMESPACE, "device"))
			continue;
		attribute_of(w, n, "alias", alias, sizeof(alias));
		for (i = 0; alias[0] && i < d->interfaces; i++)
			if (!strcmp(d->interface[i].alias, alias))
				read_frontend(w, &d->interface[i], n);
	}
}

/* ---- The domain ---------------------------------------------------------- */

void domain_devices(struct walk *w, struct domain *d, const xmlNode *root)
{
	const xmlNode *n;
	char type[16];

	attribute_of(w, root, "type", type, sizeof(type));
	d->kvm = strcmp(type, "qemu") != 0;
	n = element_child(root, "name");
	if (n)
		content_of(w, n, d->name, sizeof(d->name));
	n = element_child(root, "uuid");
	if (n)
		content_of(w, n, d->uuid, sizeof(d->uuid));
	n = element_child(root, "os");
	attribute_of(w, n ? element_child(n, "type") : NULL, "machine", d->machine,
		     sizeof(d->machine));
	for_each_child(n, root, NULL, "devices")
		read_devices(w, d, n);
	for_each_child(n, root, DOMAIN_QEMU_NAMESPACE, "override")
		read_override(w, d, n);
	domain_arguments(w, d, root);
}
