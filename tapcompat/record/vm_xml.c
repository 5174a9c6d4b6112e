// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vm_xml.c - the record of a virtual machine in the metadata of a libvirt domain
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/document.h"
#include "document/domain.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "vm.h"

/* ---- Reading ---- */

bool vm_is_xml(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && (text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r')))
		i++;
	return i < len && text[i] == '<';
}

static void print_xml(FILE *out, const char *text)
{
	static const char *const entity[] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['\''] = "&apos;",
	};

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < sizeof(entity) / sizeof(entity[0]) && entity[c])
			fputs(entity[c], out);
		else
			fputc(c, out);
	}
}

static void print_attribute(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, " %s='", name);
	print_xml(out, value);
	fputc('\'', out);
}

/* NULL: no memory */
static char *attributes_of(const struct domain *d)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_attribute(out, "model", d->model);
	print_attribute(out, "require", d->require);
	print_attribute(out, "allow-emulated", d->allow_emulated ? "yes" : NULL);
	print_attribute(out, "allow-non-strict", d->allow_non_strict ? "yes" : NULL);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int read_domain(struct reader *r, const struct domain *d, struct tapcompat_vm **vm)
{
	char *attributes = attributes_of(d);
	int ret = attributes ? 0 : -ENOMEM;

	if (!attributes)
		reader_fail(r, "out of memory");
	else if (!d->record)
		reader_fail(r, "it has no record: run tapcompat record, and add its output with "
			    "virsh metadata");
	else
		ret = vm_read(r, d->record, strlen(d->record), vm);
	if (!*vm) {
		free(attributes);
		return ret ? ret : r->ret;
	}
	(*vm)->attributes = attributes;
	text_set((*vm)->emulator, sizeof((*vm)->emulator), "%s", d->emulator);
	if (d->unknown[0])
		vm_unknown(*vm, "the attribute", d->unknown);
	return 0;
}

int vm_read_any(struct reader *r, const char *text, size_t len, struct tapcompat_vm **vm)
{
	struct tapcompat_error error;
	struct domain d;
	int ret;

	*vm = NULL;
	if (!vm_is_xml(text, len))
		return vm_read(r, text, len, vm);
	ret = domain_parse_metadata(&d, text, len, &error);
	if (ret)
		reader_fail(r, "%s", error.text);
	else
		ret = read_domain(r, &d, vm);
	domain_free(&d);
	return ret;
}

const char *tapcompat_vm_emulator(const struct tapcompat_vm *vm)
{
	return vm->emulator;
}

/* ---- Writing ---- */

/*
 * What gives an interface the features of the record on any host: a kernel that lacks a feature
 * today is not the only one that the guest runs on.
 */
static struct flags flags_anywhere(const struct tapcompat_vm *vm, struct flags *later)
{
	const struct flags_qemu qemu = flags_qemu(vm->qemu);
	struct tapcompat_mask defaults = features_by_default();
	struct flags flags = {
		.on = mask_minus(mask_and(vm->effective, features_all()), defaults),
		.off = mask_minus(defaults, vm->effective),
	};

	return flags_known(flags, &qemu, vm->effective, later);
}

static void print_properties(FILE *out, struct flags flags)
{
	struct flag list[FEATURE_COUNT];
	unsigned int n = flags_list(flags, list), i;

	for (i = 0; i < n; i++)
		fprintf(out, "      <qemu:property name='%s' type='bool' value='%s'/>\n",
			list[i].feature->name, list[i].on ? "true" : "false");
}

#define PROPERTY "      <qemu:property name='%s' type='%s' value='"

/* What of a card libvirt has no element for; it sets the vectors of several queues itself. */
static void card_properties(const struct nic *nic, char *text, size_t size)
{
	static const unsigned int numbers[] = { NIC_VECTORS, NIC_SPEED };
	uint64_t pairs = nic_knows(nic, NIC_QUEUE_PAIRS) ? nic->value[NIC_QUEUE_PAIRS] : 1;
	unsigned int i, p;

	text[0] = '\0';
	for (i = 0; i < ARRAY_LENGTH(numbers); i++) {
		p = numbers[i];
		if (nic_knows(nic, p) &&
		    nic->value[p] != (p == NIC_VECTORS ? nic_vectors(pairs) : 0))
			text_add(text, size, PROPERTY "%llu'/>\n", nic_table[p].qemu, "unsigned",
				 (unsigned long long)nic->value[p]);
	}
	if (nic_knows(nic, NIC_DUPLEX) && nic->value[NIC_DUPLEX])
		text_add(text, size, PROPERTY "%s'/>\n", nic_table[NIC_DUPLEX].qemu, "string",
			 nic_word(nic->value[NIC_DUPLEX]));
}

/* The elements of an interface. */
static void print_card(FILE *out, const struct nic *nic)
{
	struct nic set = *nic;
	char xml[256];

	if (!domain_sets(NIC_TX_QUEUE_SIZE, set.value[NIC_TX_QUEUE_SIZE]))
		set.known &= ~(1u << NIC_TX_QUEUE_SIZE);
	domain_nic_xml(&set, xml, sizeof(xml));
	if (xml[0])
		fprintf(out, "<!-- Each interface also needs the following, which 'tapcompat "
			"domain' adds:\n%s\n-->\n", xml + 1);
}

/* "--" may not be in it: it is a comment. */
static void print_overrides(FILE *out, struct flags flags, struct flags later,
			    const struct nic *nic)
{
	char text[FLAGS_TEXT], card[256];

	flags_later_text(later, text, sizeof(text));
	card_properties(nic, card, sizeof(card));
	if (mask_empty(&flags.on) && mask_empty(&flags.off) && !card[0]) {
		fputs("<!-- No overrides are needed for the interfaces. -->\n", out);
		return;
	}
	fputs("<!-- Each interface needs the following, which 'tapcompat domain' adds: an alias,\n"
	      "     in <domain xmlns:qemu='" DOMAIN_QEMU_NAMESPACE "'>:\n"
	      "<alias name='ua-net0'/>\n"
	      "     and before </domain>:\n"
	      "<qemu:override>\n  <qemu:device alias='ua-net0'>\n    <qemu:frontend>\n", out);
	print_properties(out, flags);
	fprintf(out, "%s    </qemu:frontend>\n  </qemu:device>\n</qemu:override>\n", card);
	if (*text)
		fprintf(out, "     %s.\n", text);
	fputs("-->\n", out);
}

char *tapcompat_vm_libvirt(const struct tapcompat_vm *vm)
{
	struct flags later, flags = flags_anywhere(vm, &later);
	char *json = tapcompat_vm_json(vm, 0), *text = NULL;
	size_t size;
	FILE *out = json ? open_memstream(&text, &size) : NULL;

	if (out) {
		fprintf(out, "<net%s>", vm->attributes ? vm->attributes : "");
		print_xml(out, json);
		fputs("</net>\n", out);
		print_overrides(out, flags, later, &vm->nic);
		print_card(out, &vm->nic);
	}
	free(json);
	if (out && !fclose(out))
		return text;
	free(text);
	return NULL;
}
