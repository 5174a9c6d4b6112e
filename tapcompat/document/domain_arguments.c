// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_arguments.c - network cards and switches in a domain's <qemu:commandline>
 *
 * In QEMU the options of a device win over -global of the PCI device, and that one over
 * -global virtio-net-device; -set changes the options.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "domain_xml.h"
#include "ground/bytes.h"
#include "ground/text.h"

#define ARGUMENT 4096		/* bytes of one; a longer one of these options is an error */
#define KEY 64

/* The cards that -global of a driver applies to, weakest first. */
static const struct {
	const char *driver;
	bool all;
	enum domain_variant variant;
} drivers[] = {
	{ "virtio-net-device", true, DOMAIN_GENERIC },
	{ "virtio-net-pci", false, DOMAIN_GENERIC },
	{ "virtio-net-pci-transitional", false, DOMAIN_TRANSITIONAL },
	{ "virtio-net-pci-non-transitional", false, DOMAIN_NON_TRANSITIONAL },
};

struct arguments {
	struct walk *w;
	struct domain *d;
	const xmlNode *root;
	struct domain_set global[ARRAY_LENGTH(drivers)];
};

/* ---- Options ------------------------------------------------------------- */

/* "tap,id=n1,vhost=on", where ",," is a comma in a value. */
struct option {
	const char *rest;
	char key[KEY], value[256];	/* @key is "" for a word alone at the beginning */
};

static bool option_next(struct option *o, bool first)
{
	const char *p = o->rest;
	char word[sizeof(o->value)];
	size_t n = 0;
	char *equal;

	if (!*p)
		return false;
	for (; *p && (*p != ',' || p[1] == ','); p++) {
		p += *p == ',';
		if (n + 1 < sizeof(word))
			word[n++] = *p;
	}
	word[n] = '\0';
	o->rest = p + (*p == ',');
	equal = strchr(word, '=');
	if (equal) {
		*equal = '\0';
		text_set(o->key, sizeof(o->key), "%s", word);
		memmove(o->value, equal + 1, strlen(equal + 1) + 1);
	} else {
		text_set(o->key, sizeof(o->key), "%s", first ? "" : word);
		text_set(o->value, sizeof(o->value), "%s", first ? word : "on");
	}
	return true;
}

static void add_value(char *text, size_t size, const char *value)
{
	size_t n;

	for (; *value; value += n) {
		n = strcspn(value, ",");
		text_add(text, size, "%.*s", (int)n, value);
		if (value[n] == ',') {
			text_add(text, size, ",,");
			n++;
		}
	}
}

/* QEMU takes JSON as well: as the words above. */
static void from_json(char *text, size_t size)
{
	json_t *o = json_loads(text, 0, NULL), *value;
	const char *key;

	if (!json_is_object(o)) {
		json_decref(o);
		return;
	}
	text[0] = '\0';
	json_object_foreach(o, key, value)
		if (json_is_integer(value)) {
			text_add(text, size, "%s%s=%lld", text[0] ? "," : "", key,
				 (long long)json_integer_value(value));
		} else if (json_is_string(value) || json_is_boolean(value)) {
			text_add(text, size, "%s%s=", text[0] ? "," : "", key);
			add_value(text, size, json_is_string(value) ? json_string_value(value) :
				  json_is_true(value) ? "on" : "off");
		}
	json_decref(o);
}

/* @implied: the key of a word alone at the beginning */
static void option_find(const char *text, const char *implied, const char *key, char *value,
			size_t size)
{
	struct option o = { .rest = text };
	bool first = true;

	value[0] = '\0';
	for (; option_next(&o, first); first = false)
		if (!strcmp(o.key[0] ? o.key : implied, key))
			text_set(value, size, "%s", o.value);
}

/* ---- Arguments ----------------------------------------------------------- */

/* "-device", "--device" */
static bool is_option(const char *word, const char *name)
{
	word += word[0] == '-' && word[1] == '-';
	return word[0] == '-' && !strcmp(word + 1, name);
}

static bool argument_fits(struct arguments *a, const xmlNode *n, const char *text)
{
	if (strlen(text) < ARGUMENT - sizeof("\\xHH"))
		return true;
	walk_fail(a->w, -EINVAL, xmlGetLineNo(n), "an argument of <qemu:commandline> is longer "
		  "than %d bytes", ARGUMENT - 6);
	return false;
}

/* Call @take for the argument of each option of that name. */
static void for_each_argument(struct arguments *a, const char *name,
			      void (*take)(struct arguments *a, char *text))
{
	char text[ARGUMENT];
	const xmlNode *commandline, *n;
	bool wanted;

	for_each_child(commandline, a->root, DOMAIN_QEMU_NAMESPACE, "commandline") {
		wanted = false;
		for_each_child(n, commandline, DOMAIN_QEMU_NAMESPACE, "arg") {
			attribute_of(a->w, n, "value", text, sizeof(text));
			if (!wanted) {
				wanted = is_option(text, name);
				continue;
			}
			wanted = false;
			if (text[0] == '{' && argument_fits(a, n, text))
				from_json(text, sizeof(text));
			if (!argument_fits(a, n, text))
				return;
			take(a, text);
		}
	}
}

/* ---- Network cards ------------------------------------------------------- */

static enum domain_link link_of_netdev(const char *text)
{
	char type[32], vhost[16], vhostfd[16];

	option_find(text, "type", "type", type, sizeof(type));
	option_find(text, "type", "vhost", vhost, sizeof(vhost));
	option_find(text, "type", "vhostfd", vhostfd, sizeof(vhostfd));
	if (!strcmp(type, "bridge"))
		return DOMAIN_TAP;
	if (strcmp(type, "tap"))
		return DOMAIN_NOT_OURS;
	return vhostfd[0] || (vhost[0] && !switch_is_off(vhost)) ? DOMAIN_VHOST : DOMAIN_TAP;
}

/* Those of its queues, or of its descriptors: "fds=3:4". */
static void read_pairs(struct nic *nic, const char *text)
{
	char queues[16], fds[256];
	unsigned int k, n = 1;

	option_find(text, "type", "queues", queues, sizeof(queues));
	option_find(text, "type", "fds", fds, sizeof(fds));
	for (k = 0; fds[k]; k++)
		n += fds[k] == ':';
	if (queues[0])
		nic_read(nic, NIC_QUEUE_PAIRS, queues);
	else
		nic_set(nic, NIC_QUEUE_PAIRS, n);
}

/* Cards whose alias is still the name of this netdev get its type. */
static void take_netdev(struct arguments *a, char *text)
{
	struct domain_interface *i;
	unsigned int n;
	char id[32];

	option_find(text, "type", "id", id, sizeof(id));
	for (n = 0; id[0] && n < a->d->interfaces; n++) {
		i = &a->d->interface[n];
		if (!i->argument || i->link != DOMAIN_EITHER || strcmp(i->type, id))
			continue;
		i->link = link_of_netdev(text);
		read_pairs(&i->nic, text);
	}
}

static void read_options(struct domain_interface *i, const char *text)
{
	struct option o = { .rest = text };
	bool first = true;

	if (i->variant != DOMAIN_GENERIC)
		nic_set(&i->nic, NIC_DISABLE_LEGACY, i->variant == DOMAIN_NON_TRANSITIONAL);
	for (; option_next(&o, first); first = false)
		property_read(&i->set, &i->nic, o.key, o.value);
}

/* The type is the name of the netdev until take_netdev(); one that is not found may be any. */
static void take_device(struct arguments *a, char *text)
{
	struct domain_interface *i;
	char driver[64];
	size_t k;

	option_find(text, "driver", "driver", driver, sizeof(driver));
	for (k = 0; k < ARRAY_LENGTH(drivers); k++)
		if (!strcmp(driver, drivers[k].driver))
			break;
	if (k == ARRAY_LENGTH(drivers) && strcmp(driver, "virtio-net"))
		return;
	i = domain_interface_new(a->w, a->d);
	if (!i)
		return;
	i->argument = true;
	i->variant = k < ARRAY_LENGTH(drivers) ? drivers[k].variant : DOMAIN_GENERIC;
	option_find(text, "driver", "id", i->alias, sizeof(i->alias));
	option_find(text, "driver", "netdev", i->type, sizeof(i->type));
	i->link = i->type[0] ? DOMAIN_EITHER : DOMAIN_NOT_OURS;
	read_options(i, text);
}

static void conclude_cards(struct arguments *a)
{
	struct domain_interface *i;
	unsigned int n;

	for (n = 0; n < a->d->interfaces; n++) {
		i = &a->d->interface[n];
		if (!i->argument)
			continue;
		text_set(i->type, sizeof(i->type), "-device");
		a->d->links |= 1u << i->link;
	}
}

/* ---- Switches ------------------------------------------------------------ */

/* @above wins over what is set already. */
static void flags_over(struct flags *flags, const struct flags *above)
{
	struct tapcompat_mask set = mask_or(above->on, above->off);

	flags->on = mask_or(mask_minus(flags->on, set), above->on);
	flags->off = mask_or(mask_minus(flags->off, set), above->off);
}

static void nic_over(struct nic *nic, const struct nic *above)
{
	unsigned int p;

	for (p = 0; p < NIC_PROPERTIES; p++)
		if (nic_knows(above, p))
			nic_set(nic, p, above->value[p]);
}

static void global_set(struct arguments *a, const char *driver, const char *property,
		       const char *value)
{
	size_t k;

	for (k = 0; k < ARRAY_LENGTH(drivers); k++)
		if (!strcmp(driver, drivers[k].driver))
			property_read(&a->global[k].flags, &a->global[k].nic, property, value);
}

/* "virtio-net-pci.host_uso=off" or "driver=virtio-net-pci,property=host_uso,value=off" */
static void take_global(struct arguments *a, char *text)
{
	char driver[64], property[64], value[64];
	size_t dot = strcspn(text, ".="), equal = strcspn(text, "=");

	if (text[dot] == '.' && text[equal]) {
		text_set(driver, sizeof(driver), "%.*s", (int)dot, text);
		text_set(property, sizeof(property), "%.*s", (int)(equal - dot - 1),
			 text + dot + 1);
		text_set(value, sizeof(value), "%s", text + equal + 1);
	} else {
		option_find(text, "", "driver", driver, sizeof(driver));
		option_find(text, "", "property", property, sizeof(property));
		option_find(text, "", "value", value, sizeof(value));
	}
	global_set(a, driver, property, value);
}

/* "device.net0.host_uso=off" */
static void take_set(struct arguments *a, char *text)
{
	static const char device[] = "device.";
	struct domain_interface *i;
	const char *value = strchr(text, '='), *dot;
	char alias[64], name[32];
	unsigned int n;

	if (strncmp(text, device, strlen(device)) || !value)
		return;
	text += strlen(device);
	dot = memrchr(text, '.', (size_t)(value - text));
	if (!dot)
		return;
	text_set(alias, sizeof(alias), "%.*s", (int)(dot - text), text);
	text_set(name, sizeof(name), "%.*s", (int)(value - dot - 1), dot + 1);
	for (n = 0; n < a->d->interfaces; n++) {
		i = &a->d->interface[n];
		if (!strcmp(i->alias, alias))
			property_read(&i->set, &i->nic, name, value + 1);
	}
}

static void apply_globals(struct arguments *a)
{
	struct domain_interface *i;
	struct domain_set set;
	unsigned int n;
	size_t k;

	for (n = 0; n < a->d->interfaces; n++) {
		i = &a->d->interface[n];
		set = (struct domain_set){ .nic.known = 0 };
		for (k = 0; k < ARRAY_LENGTH(drivers); k++) {
			if (!drivers[k].all && i->variant != drivers[k].variant)
				continue;
			flags_over(&set.flags, &a->global[k].flags);
			nic_over(&set.nic, &a->global[k].nic);
		}
		flags_over(&set.flags, &i->set);
		i->set = set.flags;
		domain_nic_complete(i, &set.nic, a->d->machine);
	}
}

void domain_arguments(struct walk *w, struct domain *d, const xmlNode *root)
{
	struct arguments a = { .w = w, .d = d, .root = root };

	for_each_argument(&a, "device", take_device);
	for_each_argument(&a, "netdev", take_netdev);
	conclude_cards(&a);
	for_each_argument(&a, "set", take_set);
	for_each_argument(&a, "global", take_global);
	apply_globals(&a);
}

const char *domain_interface_name(const struct domain *d, unsigned int number, char *text,
				  size_t size)
{
	const struct domain_interface *i = &d->interface[number];

	if (!i->argument)
		text_set(text, size, "interface %u", number + 1);
	else
		text_set(text, size, "-device virtio-net-pci%s%s of <qemu:commandline>",
			 i->alias[0] ? ",id=" : "", i->alias);
	return text;
}
