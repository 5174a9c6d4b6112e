// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_edit.c - overrides for the interfaces of a domain, as edits of its text
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain_edit.h"
#include "ground/text.h"

#define ALIAS 80
#define INDENT EDIT_INDENT

void edit_add(struct editor *e, size_t at, size_t len, char *text)
{
	struct edit *more = realloc(e->edit, (e->edits + 1) * sizeof(*more));

	if (more)
		e->edit = more;
	if (!more || !text) {
		e->failed = true;
		free(text);
		return;
	}
	e->edit[e->edits] = (struct edit){ { at, len }, text, e->edits };
	e->edits++;
}

char *edit_print(struct editor *e, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0) {
		e->failed = true;
		text = NULL;
	}
	va_end(args);
	return text;
}

/* The white space in front of an element: "\n    "; "" if anything else is there. */
static void indent_of(const struct editor *e, int tag, char *indent)
{
	size_t at = e->tags.tag[tag].start, from = at;

	while (from && strchr(" \t\r\n", e->tags.text[from - 1]))
		from--;
	indent[0] = '\0';
	if (from && e->tags.text[from - 1] == '>' && at - from < INDENT)
		text_set(indent, INDENT, "%.*s", (int)(at - from), e->tags.text + from);
}

void edit_indent(const struct editor *e, int parent, char *indent)
{
	int last = tags_last_child(&e->tags, parent);

	indent_of(e, last >= 0 ? last : parent, indent);
	if (last < 0 && indent[0])
		text_add(indent, INDENT, "  ");
}

void edit_append(struct editor *e, int parent, char *xml)
{
	const struct tag *tag = &e->tags.tag[parent];
	int last = tags_last_child(&e->tags, parent);
	char outer[INDENT];

	if (!tag->empty) {
		edit_add(e, last >= 0 ? e->tags.tag[last].end : tag->inside, 0, xml);
		return;
	}
	indent_of(e, parent, outer);
	edit_add(e, tag->inside - 2, 2, xml ?
		 edit_print(e, ">%s%s</%.*s>", xml, outer, (int)tag->name,
			    e->tags.text + tag->start + 1) : NULL);
	free(xml);
}

/* ---- Overrides ----------------------------------------------------------- */

static char *properties(struct editor *e, const struct domain_set *set, const char *indent,
			const char *prefix)
{
	struct flag list[FEATURE_COUNT];
	unsigned int i, n = flags_list(set->flags, list);
	char *all = strdup(""), *more, *one;

	for (i = 0; all && i < n; i++) {
		more = edit_print(e, "%s%s<%sproperty name='%s' type='bool' value='%s'/>", all,
				  indent, prefix, list[i].feature->name,
				  list[i].on ? "true" : "false");
		free(all);
		all = more;
	}
	for (i = 0; all && i < NIC_PROPERTIES; i++) {
		if (!nic_knows(&set->nic, i) || !card_by_override(i))
			continue;
		one = card_property(e, i, set->nic.value[i], indent, prefix);
		more = one ? edit_print(e, "%s%s", all, one) : NULL;
		free(one);
		free(all);
		all = more;
	}
	return all;
}

/* The prefix that an element has itself. */
static void prefix_of(const struct editor *e, int tag, char *prefix, size_t size)
{
	const char *name = e->tags.text + e->tags.tag[tag].start + 1;
	const char *colon = memchr(name, ':', e->tags.tag[tag].name);

	text_set(prefix, size, "%.*s", colon ? (int)(colon - name) + 1 : 0, name);
}

/* The override of a feature. */
static bool correct_feature(struct editor *e, int property, const char *name,
			    const char *prefix, const struct domain_set *all,
			    struct domain_set *rest)
{
	const struct tapcompat_feature *f = tapcompat_feature_find(name);
	struct domain_set one = { .nic.known = 0 };
	const struct tag *tag = &e->tags.tag[property];

	if (!f || strcmp(f->name, name))
		return false;
	if (tapcompat_mask_test(&all->flags.on, f->bit))
		tapcompat_mask_set(&one.flags.on, f->bit);
	else if (tapcompat_mask_test(&all->flags.off, f->bit))
		tapcompat_mask_set(&one.flags.off, f->bit);
	else
		return true;
	mask_clear(&rest->flags.on, f->bit);
	mask_clear(&rest->flags.off, f->bit);
	edit_add(e, tag->start, tag->end - tag->start, properties(e, &one, "", prefix));
	return true;
}

/* The override of a property of the card wins over libvirt's elements. */
static void correct_card(struct editor *e, int property, const char *name, const char *prefix,
			 const struct domain_set *all, struct domain_set *rest)
{
	unsigned int p = nic_find(name);
	const struct tag *tag = &e->tags.tag[property];

	if (p == NIC_PROPERTIES || strcmp(nic_table[p].qemu, name) || !nic_knows(&all->nic, p))
		return;
	rest->nic.known &= ~(1u << p);
	edit_add(e, tag->start, tag->end - tag->start,
		 card_property(e, p, all->nic.value[p], "", prefix));
}

/* Replace the properties that exist; @set then has those that do not. */
static void correct(struct editor *e, int frontend, struct domain_set *set)
{
	const char *uri = DOMAIN_QEMU_NAMESPACE;
	const struct domain_set all = *set;
	struct span name;
	char prefix[64], word[32];
	int p = -1;

	prefix_of(e, frontend, prefix, sizeof(prefix));
	while ((p = tags_child(&e->tags, frontend, uri, "property", p)) >= 0) {
		if (!tags_attribute(&e->tags, p, "name", &name) || name.len >= sizeof(word))
			continue;
		text_set(word, sizeof(word), "%.*s", (int)name.len, e->tags.text + name.at);
		if (!correct_feature(e, p, word, prefix, &all, set))
			correct_card(e, p, word, prefix, &all, set);
	}
}

/* The override of an alias: its <device>, or -1. */
static int device_find(const struct editor *e, const char *alias)
{
	const char *uri = DOMAIN_QEMU_NAMESPACE;
	int override = -1, device;
	struct span value;

	while ((override = tags_child(&e->tags, 0, uri, "override", override)) >= 0)
		for (device = -1; (device = tags_child(&e->tags, override, uri, "device",
						       device)) >= 0;)
			if (tags_attribute(&e->tags, device, "alias", &value) &&
			    value.len == strlen(alias) &&
			    !memcmp(e->tags.text + value.at, alias, value.len))
				return device;
	return -1;
}

/* Is anything left for overrides? */
static bool by_override(const struct domain_set *set)
{
	unsigned int i;

	for (i = 0; i < NIC_PROPERTIES; i++)
		if (nic_knows(&set->nic, i) && card_by_override(i))
			return true;
	return !mask_empty(&set->flags.on) || !mask_empty(&set->flags.off);
}

/* @set then has what is not set by overrides. */
static void device_change(struct editor *e, int device, struct domain_set *set)
{
	int frontend = tags_child(&e->tags, device, DOMAIN_QEMU_NAMESPACE, "frontend", -1);
	char indent[INDENT], inner[INDENT], prefix[64];
	char *list;

	prefix_of(e, device, prefix, sizeof(prefix));
	if (frontend >= 0) {
		correct(e, frontend, set);
		edit_indent(e, frontend, indent);
		list = properties(e, set, indent, prefix);
		if (list && list[0])
			edit_append(e, frontend, list);
		else
			free(list);
		return;
	}
	if (!by_override(set))
		return;
	edit_indent(e, device, indent);
	text_set(inner, sizeof(inner), "%s%s", indent, indent[0] ? "  " : "");
	list = properties(e, set, inner, prefix);
	edit_append(e, device, list ? edit_print(e, "%s<%sfrontend>%s%s</%sfrontend>", indent,
						 prefix, list, indent, prefix) : NULL);
	free(list);
}

/* A new one, at the end of all overrides. */
static void device_new(struct editor *e, const char *alias, const struct domain_set *set,
		       const char *indent, const char *prefix)
{
	const char *step = indent[0] ? "  " : "";
	char inner[INDENT], *list, *all;

	text_set(inner, sizeof(inner), "%s%s%s", indent, step, step);
	list = properties(e, set, inner, prefix);
	all = list ? edit_print(e, "%s%s<%sdevice alias='%s'>%s%s<%sfrontend>%s%s%s</%sfrontend>"
			   "%s</%sdevice>", e->devices ? e->devices : "", indent, prefix, alias,
			   indent, step, prefix, list, indent, step, prefix, indent, prefix) : NULL;
	free(list);
	free(e->devices);
	e->devices = all;
	e->failed |= !all;
}

/* ---- Aliases ------------------------------------------------------------- */

static bool alias_taken(const struct editor *e, const char *alias)
{
	unsigned int i;

	for (i = 0; i < e->d->interfaces; i++)
		if (!strcmp(e->d->interface[i].alias, alias))
			return true;
	return device_find(e, alias) >= 0;
}

/*
 * The interface's alias, or one that is added.  libvirt replaces aliases that do not begin
 * with "ua-" whenever the domain is defined.
 */
static void alias_set(struct editor *e, unsigned int n, int interface, char *alias)
{
	const char *old = e->d->interface[n].alias;
	int tag = tags_child(&e->tags, interface, NULL, "alias", -1);
	unsigned int i = n;
	char indent[INDENT];
	struct span value;

	text_set(alias, ALIAS, "%s", old);
	if (old[0] && (!strncmp(old, "ua-", 3) || device_find(e, old) >= 0))
		return;
	text_set(alias, ALIAS, "ua-%s", old);
	for (; !old[0] || alias_taken(e, alias); i++) {
		text_set(alias, ALIAS, "ua-net%u", i);
		if (!old[0] && !alias_taken(e, alias))
			break;
	}
	if (tag >= 0 && tags_attribute(&e->tags, tag, "name", &value)) {
		edit_add(e, value.at, value.len, strdup(alias));
		return;
	}
	edit_indent(e, interface, indent);
	edit_append(e, interface, edit_print(e, "%s<alias name='%s'/>", indent, alias));
}

/* ---- The document -------------------------------------------------------- */

static void edit_overrides(struct editor *e, unsigned int n, int interface, int override,
			   struct domain_set *set)
{
	char alias[ALIAS], indent[INDENT], prefix[64];
	int device;

	alias_set(e, n, interface, alias);
	device = device_find(e, alias);
	if (device >= 0) {
		device_change(e, device, set);
		return;
	}
	text_set(prefix, sizeof(prefix), "%s", e->prefix);
	if (override >= 0) {
		prefix_of(e, override, prefix, sizeof(prefix));
		edit_indent(e, override, indent);
	} else {
		edit_indent(e, 0, indent);
		if (indent[0])
			text_add(indent, sizeof(indent), "  ");
	}
	device_new(e, alias, set, indent, prefix);
}

static void edit_interface(struct editor *e, unsigned int n, int interface, int override,
			   struct domain_set set)
{
	const char *alias = e->d->interface[n].alias;

	/* An override of the card may be there although no element needs one. */
	if (by_override(&set) || (alias[0] && device_find(e, alias) >= 0))
		edit_overrides(e, n, interface, override, &set);
	edit_card(e, interface, &set.nic);
}

/* Declare QEMU's namespace where the root does not. */
static void edit_namespace(struct editor *e)
{
	const struct tag *root = &e->tags.tag[0];
	struct span value;

	if (tags_prefix(&e->tags, 0, DOMAIN_QEMU_NAMESPACE, e->prefix, sizeof(e->prefix)))
		return;
	text_set(e->prefix, sizeof(e->prefix), "%s:",
		 tags_attribute(&e->tags, 0, "xmlns:qemu", &value) ? "libvirt-qemu" : "qemu");
	edit_add(e, root->start + 1 + root->name, 0, edit_print(e, " xmlns:%.*s='%s'",
		 (int)strlen(e->prefix) - 1, e->prefix, DOMAIN_QEMU_NAMESPACE));
}

static void edit_devices(struct editor *e, int override)
{
	char indent[INDENT];
	char *devices = e->devices;

	e->devices = NULL;
	if (!devices)
		return;
	if (override >= 0) {
		edit_append(e, override, devices);
		return;
	}
	edit_indent(e, 0, indent);
	edit_append(e, 0, edit_print(e, "%s<%soverride>%s%s</%soverride>", indent, e->prefix,
				     devices, indent, e->prefix));
	free(devices);
}

static bool set_any(const struct domain_set *set)
{
	return set->nic.known || by_override(set);
}

static void edit_all(struct editor *e, const struct domain_set *set)
{
	int override = tags_child(&e->tags, 0, DOMAIN_QEMU_NAMESPACE, "override", -1);
	int devices = -1, interface;
	unsigned int n = 0;
	bool any = false;

	for (n = 0; n < e->d->interfaces; n++)
		any |= by_override(&set[n]);
	if (any && override < 0)
		edit_namespace(e);
	n = 0;
	while ((devices = tags_child(&e->tags, 0, NULL, "devices", devices)) >= 0)
		for (interface = -1; n < e->d->interfaces &&
		     (interface = tags_child(&e->tags, devices, NULL, "interface",
					     interface)) >= 0; n++)
			if (set_any(&set[n]))
				edit_interface(e, n, interface, override, set[n]);
	edit_devices(e, override);
}

static int by_place(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->span.at != y->span.at)
		return x->span.at < y->span.at ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static char *edited(struct editor *e)
{
	char *text = NULL;
	size_t size, at = 0, i;
	FILE *out = e->failed ? NULL : open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (e->edits)
		qsort(e->edit, e->edits, sizeof(*e->edit), by_place);
	for (i = 0; i < e->edits; i++) {
		fwrite(e->tags.text + at, 1, e->edit[i].span.at - at, out);
		fputs(e->edit[i].text, out);
		at = e->edit[i].span.at + e->edit[i].span.len;
	}
	fwrite(e->tags.text + at, 1, e->len - at, out);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

char *domain_edit(const char *text, size_t len, const struct domain *d,
		  const struct domain_set *set)
{
	struct editor e = { .len = len, .d = d };
	char *result;
	size_t i;

	e.failed = tags_read(&e.tags, text, len) != 0;
	if (!e.failed)
		edit_all(&e, set);
	result = edited(&e);
	for (i = 0; i < e.edits; i++)
		free(e.edit[i].text);
	free(e.edit);
	free(e.devices);
	tags_free(&e.tags);
	return result;
}
