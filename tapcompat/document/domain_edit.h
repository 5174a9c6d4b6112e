/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * domain_edit.h - edits of a domain's text
 */
#ifndef TAPCOMPAT_DOCUMENT_DOMAIN_EDIT_H
#define TAPCOMPAT_DOCUMENT_DOMAIN_EDIT_H

#include "domain.h"
#include "domain_tags.h"

#define EDIT_INDENT 128

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

/**
 * edit_add() - replace @len bytes at @at
 * @text: freed later; NULL: out of memory
 */
void edit_add(struct editor *e, size_t at, size_t len, char *text);

/**
 * edit_print() - text for edit_add()
 */
char *edit_print(struct editor *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The indentation of a child of @parent; further in than the parent if it has none. */
void edit_indent(const struct editor *e, int parent, char *indent);

/* Add XML, which begins with its indentation, behind the last child of an element. */
void edit_append(struct editor *e, int parent, char *xml);

/**
 * edit_card() - set the properties of a card that libvirt has elements for
 * @interface: its tag
 */
void edit_card(struct editor *e, int interface, const struct nic *nic);

/**
 * card_property() - a property of a card as an override
 * @indent: in front of it; @prefix: of the element
 * Return: to be freed; NULL: out of memory
 */
char *card_property(struct editor *e, unsigned int property, uint64_t value, const char *indent,
		    const char *prefix);

/* Is it set by an override? */
bool card_by_override(unsigned int property);

#endif /* TAPCOMPAT_DOCUMENT_DOMAIN_EDIT_H */
