// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_xml.c - reading libxml2's tree
 */
#include "domain_xml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/text.h"

void walk_fail(struct walk *w, int ret, long line, const char *format, ...)
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
	/* Messages of libxml2 end with a newline and quote their input. */
	what[strcspn(what, "\n")] = '\0';
	text_escape(w->error->text + strlen(w->error->text),
		    sizeof(w->error->text) - strlen(w->error->text), what);
}

/* libvirt's own elements are in no namespace (@uri NULL). */
static bool in_namespace(const xmlNs *ns, const char *uri)
{
	return uri ? ns && ns->href && !strcmp((const char *)ns->href, uri) : !ns;
}

bool element_is(const xmlNode *n, const char *uri, const char *name)
{
	return n->type == XML_ELEMENT_NODE && in_namespace(n->ns, uri) &&
	       (!name || !strcmp((const char *)n->name, name));
}

const xmlNode *element_child(const xmlNode *parent, const char *name)
{
	const xmlNode *n;

	for (n = parent->children; n; n = n->next)
		if (element_is(n, NULL, name))
			return n;
	return NULL;
}

char *copy_of(struct walk *w, xmlChar *text)
{
	char *copy = strdup(text ? (const char *)text : "");

	xmlFree(text);
	if (!copy)
		walk_fail(w, -ENOMEM, 0, "out of memory");
	return copy;
}

char *value_of(struct walk *w, const xmlAttr *a)
{
	return copy_of(w, xmlNodeListGetString(a->doc, a->children, 1));
}

void attribute_of(struct walk *w, const xmlNode *n, const char *name, char *text, size_t size)
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

void content_of(struct walk *w, const xmlNode *n, char *text, size_t size)
{
	char *content = n ? copy_of(w, xmlNodeGetContent((xmlNode *)n)) : NULL;

	text_escape(text, size, content ? content : "");
	free(content);
}
