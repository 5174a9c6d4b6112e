// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain.c - libvirt domains, by libxml2
 *
 * The hook of libvirt runs as root and gets what a peer or a user wrote.  What is
 * wrong is said with its line, and nothing of it is used.
 */
#include "domain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "domain_scan.h"
#include "ground/bytes.h"
#include "ground/text.h"

#include <tapcompat_fleet.h>

struct walk {
	struct tapcompat_error *error;
	int ret;		/* of the first thing that went wrong */
};

/* @line: 0 where none is to be blamed. */
__attribute__((format(printf, 4, 5)))
static void walk_fail(struct walk *w, int ret, long line, const char *format, ...)
{
	char what[384], where[32] = "";
	va_list args;

	if (w->ret)
		return;
	w->ret = ret;
	if (!w->error)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (line > 0)
		snprintf(where, sizeof(where), "line %ld: ", line);
	text_set(w->error->text, sizeof(w->error->text), "the domain's XML: %s", where);
	/* What libxml2 says ends in a newline, and quotes what it was given. */
	what[strcspn(what, "\n")] = '\0';
	text_escape(w->error->text + strlen(w->error->text),
		    sizeof(w->error->text) - strlen(w->error->text), what);
}

/* ---- The tree ------------------------------------------------------------ */

/* Elements of libvirt's are in no namespace, whatever prefixes there are. */
static bool in_namespace(const xmlNs *ns, const char *uri)
{
	return uri ? ns && ns->href && !strcmp((const char *)ns->href, uri) : !ns;
}

static bool element_is(const xmlNode *n, const char *uri, const char *name)
{
	return n->type == XML_ELEMENT_NODE && in_namespace(n->ns, uri) &&
	       (!name || !strcmp((const char *)n->name, name));
}

static const xmlNode *child(const xmlNode *parent, const char *name)
{
	const xmlNode *n;

	for (n = parent->children; n; n = n->next)
		if (element_is(n, NULL, name))
			return n;
	return NULL;
}

/* What libxml2 gave, which is released, to be freed with free(); NULL: no memory. */
static char *copy_of(struct walk *w, xmlChar *text)
{
	char *copy = strdup(text ? (const char *)text : "");

	xmlFree(text);
	if (!copy)
		walk_fail(w, -ENOMEM, 0, "out of memory");
	return copy;
}

static char *value_of(struct walk *w, const xmlAttr *a)
{
	return copy_of(w, xmlNodeListGetString(a->doc, a->children, 1));
}

/* Of the element @name below @n, in short; "" where there is none. */
static void attribute_of(struct walk *w, const xmlNode *n, const char *name, char *text,
			 size_t size)
{
	const xmlAttr *a;
	char *value;

	text[0] = '\0';
	for (a = n ? n->properties : NULL; a; a = a->next) {
		if (a->ns || strcmp((const char *)a->name, name))
			continue;
		value = value_of(w, a);
		text_escape(text, size, value ? value : "");
		free(value);
	}
}

/* ---- Interfaces ---------------------------------------------------------- */

/* What is not here is not the kernel's to decide. */
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

static enum domain_link link_of(struct walk *w, const xmlNode *n, const char *type)
{
	enum domain_link link = DOMAIN_NOT_OURS;
	char word[32];
	size_t i;

	attribute_of(w, child(n, "model"), "type", word, sizeof(word));
	if (strncmp(word, "virtio", strlen("virtio")))
		return DOMAIN_NOT_VIRTIO;
	for (i = 0; i < ARRAY_LENGTH(types); i++)
		if (!strcmp(type, types[i].type))
			link = types[i].link;
	attribute_of(w, child(n, "driver"), "name", word, sizeof(word));
	for (i = 0; i < ARRAY_LENGTH(drivers); i++)
		if (link == DOMAIN_EITHER && !strcmp(word, drivers[i].name))
			link = drivers[i].link;
	return link;
}

static void read_interface(struct walk *w, struct domain *d, const xmlNode *n)
{
	struct domain_interface i;

	attribute_of(w, n, "type", i.type, sizeof(i.type));
	i.link = link_of(w, n, i.type);
	d->links |= 1u << i.link;
	if (d->interfaces < DOMAIN_INTERFACES)
		d->interface[d->interfaces] = i;
	d->interfaces++;
}

static void read_interfaces(struct walk *w, struct domain *d, const xmlNode *root)
{
	const xmlNode *devices, *n;

	for (devices = root->children; devices; devices = devices->next) {
		if (!element_is(devices, NULL, "devices"))
			continue;
		for (n = devices->children; n; n = n->next)
			if (element_is(n, NULL, "interface"))
				read_interface(w, d, n);
	}
}

/* ---- Our metadata -------------------------------------------------------- */

static void read_flag(struct walk *w, const xmlAttr *a, bool *flag, long line)
{
	char *value = value_of(w, a);

	*flag = value && !strcmp(value, "yes");
	if (value && !*flag && strcmp(value, "no"))
		walk_fail(w, -EINVAL, line, "%s is '%.40s', and must be yes or no",
			  (const char *)a->name, value);
	free(value);
}

static void read_unknown(struct domain *d, const char *name)
{
	char safe[64];

	text_escape(safe, sizeof(safe), name);
	text_add(d->unknown, sizeof(d->unknown), "%s%s", d->unknown[0] ? ", " : "", safe);
}

static void read_attribute(struct walk *w, struct domain *d, const xmlAttr *a, long line)
{
	/* In another's namespace no name is ours. */
	const char *name = a->ns ? "" : (const char *)a->name;

	if (!strcmp(name, "model"))
		d->model = value_of(w, a);
	else if (!strcmp(name, "require"))
		d->require = value_of(w, a);
	else if (!strcmp(name, "allow-emulated"))
		read_flag(w, a, &d->allow_emulated, line);
	else if (!strcmp(name, "allow-non-strict"))
		read_flag(w, a, &d->allow_non_strict, line);
	else
		read_unknown(d, (const char *)a->name);
}

/* The text is the record, if there is more to it than blanks. */
static void read_record(struct walk *w, struct domain *d, const xmlNode *n)
{
	const xmlNode *c;
	char *record;

	for (c = n->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE || c->type == XML_ENTITY_REF_NODE)
			walk_fail(w, -EINVAL, xmlGetLineNo(c), "<%s> inside of tapcompat's "
				  "<net>: a newer tapcompat wrote it, use that",
				  (const char *)c->name);
	record = copy_of(w, xmlNodeGetContent((xmlNode *)n));
	if (record && !record[strspn(record, " \t\r\n")]) {
		free(record);
		record = NULL;
	}
	d->record = record;
}

static void read_ours(struct walk *w, struct domain *d, const xmlNode *n)
{
	const xmlAttr *a;

	d->marked = true;
	for (a = n->properties; a; a = a->next)
		read_attribute(w, d, a, xmlGetLineNo(n));
	read_record(w, d, n);
}

/* Is it the one that this version knows, and the only one? */
static void judge_ours(struct walk *w, const xmlNode *n, const xmlNode *first)
{
	if (strcmp((const char *)n->name, "net"))
		walk_fail(w, -EINVAL, xmlGetLineNo(n), "<%s> of tapcompat's: a newer tapcompat "
			  "wrote it, use that", (const char *)n->name);
	else if (first)
		walk_fail(w, -EINVAL, xmlGetLineNo(n), "a second <net> of tapcompat's: keep one "
			  "of them");
}

static const xmlNode *find_ours(struct walk *w, const xmlNode *root)
{
	const xmlNode *metadata, *n, *ours = NULL;

	for (metadata = root->children; metadata; metadata = metadata->next) {
		if (!element_is(metadata, NULL, "metadata"))
			continue;
		for (n = metadata->children; n; n = n->next) {
			if (!element_is(n, DOMAIN_NAMESPACE, NULL))
				continue;
			judge_ours(w, n, ours);
			ours = n;
		}
	}
	return w->ret ? NULL : ours;
}

/* ---- The text ------------------------------------------------------------ */

#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | \
		       XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES | XML_PARSE_IGNORE_ENC)

/* Before an entity is so much as declared. */
static void doctype_refuse(void *arg, const xmlChar *name, const xmlChar *external,
			   const xmlChar *system)
{
	xmlParserCtxtPtr context = arg;

	(void)name, (void)external, (void)system;
	*(bool *)context->_private = true;
	xmlStopParser(context);
}

/* Its own words, or that there were none. */
static void say_parser_failed(struct walk *w, xmlParserCtxtPtr context)
{
	const xmlError *e = xmlCtxtGetLastError(context);

	walk_fail(w, -EINVAL, e ? e->line : 0, "%s",
		  e && e->message ? e->message : "it is not well-formed");
}

static xmlDocPtr parse(struct walk *w, const char *text, size_t len)
{
	xmlParserCtxtPtr context = xmlNewParserCtxt();
	bool doctype = false;
	xmlDocPtr doc;

	if (!context) {
		walk_fail(w, -ENOMEM, 0, "out of memory");
		return NULL;
	}
	context->_private = &doctype;
	context->sax->internalSubset = doctype_refuse;
	doc = xmlCtxtReadMemory(context, text, (int)len, NULL, NULL, PARSE_OPTIONS);
	if (doctype)
		walk_fail(w, -EINVAL, 0, "it has a document type (<!DOCTYPE>), and a domain "
			  "has none");
	else if (!doc)
		say_parser_failed(w, context);
	xmlFreeParserCtxt(context);
	return doc;
}

static void read_document(struct walk *w, struct domain *d, const xmlNode *root)
{
	const xmlNode *ours;

	if (!root || !element_is(root, NULL, "domain")) {
		walk_fail(w, -EINVAL, root ? xmlGetLineNo(root) : 0,
			  "its root is <%s>, and must be libvirt's <domain>",
			  root ? (const char *)root->name : "");
		return;
	}
	ours = find_ours(w, root);
	if (!ours)
		return;
	read_ours(w, d, ours);
	read_interfaces(w, d, root);
}

/* Newer ones call with what is const. */
#if LIBXML_VERSION >= 21200
typedef const xmlError heard_error;
#else
typedef xmlError heard_error;
#endif

/*
 * Without memory libxml2 makes a tree that lacks something, and tells nobody but this.
 * What is wrong with the document the parser keeps.
 */
static void hear(void *arg, heard_error *e)
{
	bool *starved = arg;

	if (e->code == XML_ERR_NO_MEMORY)
		*starved = true;
}

static void parse_and_read(struct walk *w, struct domain *d, const char *text, size_t len)
{
	xmlStructuredErrorFunc handler = xmlStructuredError;
	void *arg = xmlStructuredErrorContext;
	bool starved = false;
	xmlDocPtr doc;

	xmlSetStructuredErrorFunc(&starved, hear);
	doc = parse(w, text, len);
	if (!w->ret)
		read_document(w, d, xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
	/* Whatever else is wrong then may be so for that. */
	if (starved) {
		w->ret = 0;
		walk_fail(w, -ENOMEM, 0, "out of memory");
	}
	/* The handler and the last error are the thread's. */
	xmlSetStructuredErrorFunc(arg, handler);
	xmlResetLastError();
}

int domain_parse(struct domain *d, const char *text, size_t len, struct tapcompat_error *error)
{
	struct walk w = { .error = error };
	const char *why = NULL;

	memset(d, 0, sizeof(*d));
	if (len && len <= DOMAIN_MAX)
		why = domain_scan(text, len);
	if (len > DOMAIN_MAX)
		walk_fail(&w, -EINVAL, 0, "it is larger than %u bytes", DOMAIN_MAX);
	else if (!len)
		walk_fail(&w, -EINVAL, 0, "there is none");
	else if (why)
		walk_fail(&w, -EINVAL, 0, "%s", why);
	else
		parse_and_read(&w, d, text, len);
	return w.ret;
}

void domain_free(struct domain *d)
{
	free(d->model);
	free(d->require);
	free(d->record);
	d->model = d->require = d->record = NULL;
}
