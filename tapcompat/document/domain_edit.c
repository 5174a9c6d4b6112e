// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_edit.c - overrides for the interfaces of a domain, as edits of its text
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "domain_tags.h"
#include "ground/text.h"

#define ALIAS 80
#define INDENT 128

/* Replaces @span by @text. */
struct edit {
	struct span span;
	char *text;
	size_t order;
};

struct editor {
	struct tags tags;
	size_t len;
	const struct domain *d;
	struct edit *edit;
	size_t edits;
	char prefix[64];	/* of new elements, with its colon */
	char *devices;		/* new ones, for the end of <override> */
	bool failed;		/* out of memory */
};

/* @text: freed later; NULL: out of memory */
static void edit_add(struct editor *e, size_t at, size_t len, char *text)
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

__attribute__((format(printf, 2, 3)))
static char *print(struct editor *e, const char *format, ...)
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

/* The indentation of a child of @parent; further in than the parent if it has none. */
static void indent_in(const struct editor *e, int parent, char *indent)
{
	int last = tags_last_child(&e->tags, parent);

	indent_of(e, last >= 0 ? last : parent, indent);
	if (last < 0 && indent[0])
		text_add(indent, INDENT, "  ");
}

/* Add XML, which begins with its indentation, behind the last child of an element. */
static void append(struct editor *e, int parent, char *xml)
{
	const struct tag *tag = &e->tags.tag[parent];
	int last = tags_last_child(&e->tags, parent);
	char outer[INDENT];

	if (!tag->empty) {
		edit_add(e, last >= 0 ? e->tags.tag[last].end : tag->inside, 0, xml);
		return;
	}
	indent_of(e, parent, outer);
	edit_add(e, tag->inside - 2, 2, xml ? print(e, ">%s%s</%.*s>", xml, outer, (int)tag->name,
						    e->tags.text + tag->start + 1) : NULL);
	free(xml);
}

/* ---- Overrides ----------------------------------------------------------- */

static char *properties(struct editor *e, const struct flags *set, const char *indent,
			const char *prefix)
{
	struct flag list[FEATURE_COUNT];
	unsigned int i, n = flags_list(*set, list);
	char *all = strdup(""), *more;

	for (i = 0; all && i < n; i++) {
		more = print(e, "%s%s<%sproperty name='%s' type='bool' value='%s'/>", all, indent,
			     prefix, list[i].feature->name, list[i].on ? "true" : "false");
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

/* Replace the properties that exist; @set then has those that do not. */
static void correct(struct editor *e, int frontend, struct flags *set)
{
	const char *uri = DOMAIN_QEMU_NAMESPACE;
	const struct flags all = *set;
	const struct tapcompat_feature *f;
	struct span name;
	char prefix[64], word[32];
	int p = -1;

	prefix_of(e, frontend, prefix, sizeof(prefix));
	while ((p = tags_child(&e->tags, frontend, uri, "property", p)) >= 0) {
		const struct tag *tag = &e->tags.tag[p];
		struct flags one = { MASK_NONE, MASK_NONE };

		if (!tags_attribute(&e->tags, p, "name", &name) || name.len >= sizeof(word))
			continue;
		text_set(word, sizeof(word), "%.*s", (int)name.len, e->tags.text + name.at);
		f = tapcompat_feature_find(word);
		if (!f || strcmp(f->name, word))
			continue;
		if (tapcompat_mask_test(&all.on, f->bit))
			tapcompat_mask_set(&one.on, f->bit);
		else if (tapcompat_mask_test(&all.off, f->bit))
			tapcompat_mask_set(&one.off, f->bit);
		else
			continue;
		mask_clear(&set->on, f->bit);
		mask_clear(&set->off, f->bit);
		edit_add(e, tag->start, tag->end - tag->start, properties(e, &one, "", prefix));
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

static void device_change(struct editor *e, int device, struct flags set)
{
	int frontend = tags_child(&e->tags, device, DOMAIN_QEMU_NAMESPACE, "frontend", -1);
	char indent[INDENT], inner[INDENT], prefix[64];
	char *list;

	prefix_of(e, device, prefix, sizeof(prefix));
	if (frontend >= 0) {
		correct(e, frontend, &set);
		indent_in(e, frontend, indent);
		list = properties(e, &set, indent, prefix);
		if (list && list[0])
			append(e, frontend, list);
		else
			free(list);
		return;
	}
	indent_in(e, device, indent);
	text_set(inner, sizeof(inner), "%s%s", indent, indent[0] ? "  " : "");
	list = properties(e, &set, inner, prefix);
	append(e, device, list ? print(e, "%s<%sfrontend>%s%s</%sfrontend>", indent, prefix, list,
				       indent, prefix) : NULL);
	free(list);
}

/* A new one, at the end of all overrides. */
static void device_new(struct editor *e, const char *alias, const struct flags *set,
		       const char *indent, const char *prefix)
{
	const char *step = indent[0] ? "  " : "";
	char inner[INDENT], *list, *all;

	text_set(inner, sizeof(inner), "%s%s%s", indent, step, step);
	list = properties(e, set, inner, prefix);
	all = list ? print(e, "%s%s<%sdevice alias='%s'>%s%s<%sfrontend>%s%s%s</%sfrontend>"
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
	indent_in(e, interface, indent);
	append(e, interface, print(e, "%s<alias name='%s'/>", indent, alias));
}

/* ---- The document -------------------------------------------------------- */

static void edit_interface(struct editor *e, unsigned int n, int interface, int override,
			   const struct flags *set)
{
	char alias[ALIAS], indent[INDENT], prefix[64];
	int device;

	alias_set(e, n, interface, alias);
	device = device_find(e, alias);
	if (device >= 0) {
		device_change(e, device, *set);
		return;
	}
	text_set(prefix, sizeof(prefix), "%s", e->prefix);
	if (override >= 0) {
		prefix_of(e, override, prefix, sizeof(prefix));
		indent_in(e, override, indent);
	} else {
		indent_in(e, 0, indent);
		if (indent[0])
			text_add(indent, sizeof(indent), "  ");
	}
	device_new(e, alias, set, indent, prefix);
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
	edit_add(e, root->start + 1 + root->name, 0, print(e, " xmlns:%.*s='%s'",
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
		append(e, override, devices);
		return;
	}
	indent_in(e, 0, indent);
	append(e, 0, print(e, "%s<%soverride>%s%s</%soverride>", indent, e->prefix, devices,
			   indent, e->prefix));
	free(devices);
}

static bool set_any(const struct flags *set)
{
	return !mask_empty(&set->on) || !mask_empty(&set->off);
}

static void edit_all(struct editor *e, const struct flags *set)
{
	int override = tags_child(&e->tags, 0, DOMAIN_QEMU_NAMESPACE, "override", -1);
	int devices = -1, interface;
	unsigned int n = 0;
	bool any = false;

	for (n = 0; n < e->d->interfaces; n++)
		any |= set_any(&set[n]);
	if (!any)
		return;
	if (override < 0)
		edit_namespace(e);
	n = 0;
	while ((devices = tags_child(&e->tags, 0, NULL, "devices", devices)) >= 0)
		for (interface = -1; n < e->d->interfaces &&
		     (interface = tags_child(&e->tags, devices, NULL, "interface",
					     interface)) >= 0; n++)
			if (set_any(&set[n]))
				edit_interface(e, n, interface, override, &set[n]);
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

char *domain_edit(const char *text, size_t len, const struct domain *d, const struct flags *set)
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
