// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_edit_card.c - properties of a network card in the XML of a domain
 */
#include <stdlib.h>
#include <string.h>

#include "domain_edit.h"
#include "ground/bytes.h"
#include "ground/text.h"

/* Elements of an interface that are edited; all others describe more than the card. */
static const char *const elements[] = { "mtu", "driver" };

/* The attribute of an element that sets a property, or NULL. */
static const char *attribute_in(const char *element, unsigned int property)
{
	const char *where = nic_table[property].libvirt;
	size_t n = strlen(element);

	return !strncmp(where, element, n) && where[n] == '/' ? where + n + 1 : NULL;
}

bool card_by_override(unsigned int property)
{
	return property == NIC_VECTORS || property == NIC_SPEED || property == NIC_DUPLEX;
}

bool domain_sets(unsigned int property, uint64_t value)
{
	size_t i;

	/* QEMU does not start a tap with a larger one. */
	if (property == NIC_TX_QUEUE_SIZE && value > NIC_TX_TAP)
		return false;
	for (i = 0; i < ARRAY_LENGTH(elements); i++)
		if (attribute_in(elements[i], property))
			return true;
	return card_by_override(property);
}

char *card_property(struct editor *e, unsigned int property, uint64_t value, const char *indent,
		    const char *prefix)
{
	static const char *const types[] = {
		[NIC_NUMBER] = "unsigned", [NIC_SWITCH] = "bool", [NIC_WORD] = "string",
		[NIC_ADDRESS] = "string",
	};
	const struct nic_row *row = &nic_table[property];
	char text[NIC_VALUE];

	/* QEMU has no value for a speed or a duplex that is not offered. */
	if (card_by_override(property) && property != NIC_VECTORS && !value)
		return edit_print(e, "%s<%sproperty name='%s' type='remove'/>", indent, prefix,
				  row->qemu);
	nic_value_text(property, value, text, sizeof(text));
	return edit_print(e, "%s<%sproperty name='%s' type='%s' value='%s'/>", indent, prefix,
			  row->qemu, types[row->kind], row->kind != NIC_SWITCH ? text :
			  value ? "true" : "false");
}

/* The attributes of an element for what is known, such as " queues='4'". */
static void attributes(const struct nic *nic, const char *element, char *text, size_t size)
{
	const char *attribute;
	char value[NIC_VALUE];
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < NIC_PROPERTIES; i++) {
		attribute = attribute_in(element, i);
		if (attribute && nic_knows(nic, i))
			text_add(text, size, " %s='%s'", attribute,
				 nic_value_text(i, nic->value[i], value, sizeof(value)));
	}
}

static void change(struct editor *e, int tag, const char *element, const struct nic *nic)
{
	const struct tag *t = &e->tags.tag[tag];
	char value[NIC_VALUE];
	struct span old;
	unsigned int i;

	for (i = 0; i < NIC_PROPERTIES; i++) {
		const char *attribute = attribute_in(element, i);

		if (!attribute || !nic_knows(nic, i))
			continue;
		nic_value_text(i, nic->value[i], value, sizeof(value));
		if (i == NIC_HOST_MTU && !nic->value[i])
			edit_add(e, t->start, t->end - t->start, strdup(""));
		else if (tags_attribute(&e->tags, tag, attribute, &old))
			edit_add(e, old.at, old.len, strdup(value));
		else
			edit_add(e, t->start + 1 + t->name, 0,
				 edit_print(e, " %s='%s'", attribute, value));
	}
}

void edit_card(struct editor *e, int interface, const struct nic *nic)
{
	char indent[EDIT_INDENT], list[128];
	size_t i;
	int tag;

	for (i = 0; i < ARRAY_LENGTH(elements); i++) {
		attributes(nic, elements[i], list, sizeof(list));
		if (!list[0])
			continue;
		tag = tags_child(&e->tags, interface, NULL, elements[i], -1);
		if (tag >= 0) {
			change(e, tag, elements[i], nic);
			continue;
		}
		edit_indent(e, interface, indent);
		edit_append(e, interface, edit_print(e, "%s<%s%s/>", indent, elements[i], list));
	}
}

void domain_nic_xml(const struct nic *nic, char *text, size_t size)
{
	struct nic rest = *nic;
	char list[128];
	size_t i;

	text[0] = '\0';
	if (nic_knows(nic, NIC_HOST_MTU) && !nic->value[NIC_HOST_MTU]) {
		text_add(text, size, " (no <mtu>)");
		rest.known &= ~(1u << NIC_HOST_MTU);
	}
	for (i = 0; i < ARRAY_LENGTH(elements); i++) {
		attributes(&rest, elements[i], list, sizeof(list));
		if (list[0])
			text_add(text, size, " <%s%s/>", elements[i], list);
	}
}

/* An option that cannot be overridden by a later one; QEMU has no value for its default. */
static bool option_removed(const struct nic *nic, unsigned int p)
{
	return (p == NIC_SPEED || p == NIC_DUPLEX) && !nic->value[p];
}

static void add_options(const struct nic *nic, char *list, size_t size)
{
	char value[NIC_VALUE];
	unsigned int p;

	/* QEMU's device does not take several queues without it. */
	if (nic_knows(nic, NIC_QUEUE_PAIRS) && nic->value[NIC_QUEUE_PAIRS] > 1)
		text_add(list, size, ",mq=on");
	for (p = 0; p < NIC_PROPERTIES; p++)
		if (nic_knows(nic, p) && nic_table[p].qemu[0] && !option_removed(nic, p))
			text_add(list, size, ",%s=%s", nic_table[p].qemu,
				 nic_value_text(p, nic->value[p], value, sizeof(value)));
}

const char *domain_argument_text(const struct domain_set *set, char *text, size_t size)
{
	const struct nic *nic = &set->nic;
	char flags[FLAGS_TEXT], list[FLAGS_TEXT + NIC_TEXT] = "";
	unsigned int p;

	text[0] = '\0';
	flags_text(set->flags, flags, sizeof(flags));
	if (flags[0])
		text_set(list, sizeof(list), ",%s", flags);
	add_options(nic, list, sizeof(list));
	if (list[0])
		text_add(text, size, "add %s to its value", list);
	if (nic_knows(nic, NIC_QUEUE_PAIRS))
		text_add(text, size, "%sadd ,queues=%llu to the value of its -netdev",
			 text[0] ? "; " : "", (unsigned long long)nic->value[NIC_QUEUE_PAIRS]);
	for (p = 0; p < NIC_PROPERTIES; p++)
		if (nic_knows(nic, p) && option_removed(nic, p))
			text_add(text, size, "%sremove %s from its value", text[0] ? "; " : "",
				 nic_table[p].qemu);
	return text;
}
