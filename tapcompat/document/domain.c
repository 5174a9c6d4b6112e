// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain.c - parse libvirt domain XML with libxml2
 *
 * The libvirt hook runs as root, and the XML may come from a user or from a migration
 * source.  An error is reported with its line, and the whole document is rejected.
 */
#include "domain.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include <tapcompat_fleet.h>

#include "domain_scan.h"
#include "domain_xml.h"
#include "ground/text.h"

/* ---- tapcompat's metadata ------------------------------------------------ */

static void read_flag(struct walk *w, const xmlAttr *a, bool *flag, long line)
{
	char *value = value_of(w, a);

	*flag = value && !strcmp(value, "yes");
	if (value && !*flag && strcmp(value, "no"))
		walk_fail(w, -EINVAL, line, "%s is '%.40s', expected 'yes' or 'no'",
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
	/* Our attributes have no namespace. */
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

/* The text of the element is the record, unless it is blank. */
static void read_record(struct walk *w, struct domain *d, const xmlNode *n)
{
	const xmlNode *c;
	char *record;

	for (c = n->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE || c->type == XML_ENTITY_REF_NODE)
			walk_fail(w, -EINVAL, xmlGetLineNo(c), "unknown element <%s> in "
				  "tapcompat's <net>: it needs a newer tapcompat",
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

/* This version knows one element, <net>, and at most one of it. */
static void judge_ours(struct walk *w, const xmlNode *n, const xmlNode *first)
{
	if (strcmp((const char *)n->name, "net"))
		walk_fail(w, -EINVAL, xmlGetLineNo(n), "unknown element <%s> in tapcompat's "
			  "namespace: it needs a newer tapcompat", (const char *)n->name);
	else if (first)
		walk_fail(w, -EINVAL, xmlGetLineNo(n), "second <net> element of tapcompat: "
			  "remove one of them");
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

/* ---- Parsing ------------------------------------------------------------- */

#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | \
		       XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES | XML_PARSE_IGNORE_ENC)

/* Stop at <!DOCTYPE>, before any entity is declared. */
static void doctype_refuse(void *arg, const xmlChar *name, const xmlChar *external,
			   const xmlChar *system)
{
	xmlParserCtxtPtr context = arg;

	(void)name, (void)external, (void)system;
	*(bool *)context->_private = true;
	xmlStopParser(context);
}

static void parser_failed(struct walk *w, xmlParserCtxtPtr context)
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
		walk_fail(w, -EINVAL, 0, "a document type declaration (<!DOCTYPE>) is not "
			  "allowed in a domain");
	else if (!doc)
		parser_failed(w, context);
	xmlFreeParserCtxt(context);
	return doc;
}

static bool is_metadata(const xmlNode *root)
{
	return element_is(root, NULL, "net") || element_is(root, DOMAIN_NAMESPACE, "net");
}

static void read_document(struct walk *w, struct domain *d, const xmlNode *root)
{
	const xmlNode *ours;

	if (w->metadata && root && is_metadata(root)) {
		read_ours(w, d, root);
		return;
	}
	if (!root || !element_is(root, NULL, "domain")) {
		walk_fail(w, -EINVAL, root ? xmlGetLineNo(root) : 0,
			  "the root element is <%s>, expected libvirt's <domain>",
			  root ? (const char *)root->name : "");
		return;
	}
	ours = find_ours(w, root);
	if (!ours && (w->ret || !w->all))
		return;
	if (ours)
		read_ours(w, d, ours);
	domain_devices(w, d, root);
}

/* libxml2 2.12 made the handler's argument const. */
#if LIBXML_VERSION >= 21200
typedef const xmlError handled_error;
#else
typedef xmlError handled_error;
#endif

/*
 * Out of memory, libxml2 may return an incomplete tree; only this handler is told.  Errors
 * in the document itself are read from the parser context.
 */
static void handle_error(void *arg, handled_error *e)
{
	bool *no_memory = arg;

	if (e->code == XML_ERR_NO_MEMORY)
		*no_memory = true;
}

static void parse_and_read(struct walk *w, struct domain *d, const char *text, size_t len)
{
	xmlStructuredErrorFunc handler = xmlStructuredError;
	void *arg = xmlStructuredErrorContext;
	bool no_memory = false;
	xmlDocPtr doc;

	xmlSetStructuredErrorFunc(&no_memory, handle_error);
	doc = parse(w, text, len);
	if (!w->ret)
		read_document(w, d, xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
	/* Any other error may be a consequence of this one. */
	if (no_memory) {
		w->ret = 0;
		walk_fail(w, -ENOMEM, 0, "out of memory");
	}
	/* The handler and the last error are per thread: restore the caller's. */
	xmlSetStructuredErrorFunc(arg, handler);
	xmlResetLastError();
}

static int domain_take(struct domain *d, const char *text, size_t len, struct walk w)
{
	const char *why = NULL;

	memset(d, 0, sizeof(*d));
	if (len && len <= DOMAIN_MAX)
		why = domain_scan(text, len);
	if (len > DOMAIN_MAX)
		walk_fail(&w, -EINVAL, 0, "it is larger than %u bytes", DOMAIN_MAX);
	else if (!len)
		walk_fail(&w, -EINVAL, 0, "it is empty");
	else if (why)
		walk_fail(&w, -EINVAL, 0, "%s", why);
	else
		parse_and_read(&w, d, text, len);
	return w.ret;
}

int domain_parse(struct domain *d, const char *text, size_t len, struct tapcompat_error *error)
{
	return domain_take(d, text, len, (struct walk){ .error = error });
}

int domain_parse_all(struct domain *d, const char *text, size_t len,
		     struct tapcompat_error *error)
{
	return domain_take(d, text, len, (struct walk){ .error = error, .all = true });
}

int domain_parse_metadata(struct domain *d, const char *text, size_t len,
			  struct tapcompat_error *error)
{
	return domain_take(d, text, len, (struct walk){
		.error = error, .all = true, .metadata = true,
	});
}

void domain_free(struct domain *d)
{
	free(d->model);
	free(d->require);
	free(d->record);
	free(d->interface);
	d->model = d->require = d->record = NULL;
	d->interface = NULL;
	d->interfaces = 0;
}
