// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * format.c - a baseline as options of QEMU, libvirt, virt-xml and Proxmox
 *
 * Each output is usable as printed.  libvirt sets some features by attributes below
 * <driver>, which the feature table lists.  All others are passed to QEMU: as overrides if
 * the whole interface is printed, as -global if only a command line is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline_json.h"
#include "document/domain.h"
#include "ground/bytes.h"

#define QEMU_NS "http://libvirt.org/schemas/domain/qemu/1.0"

struct sheet {
	FILE *out;
	const struct baseline *b;
	const struct tapcompat_fleet *fleet;
	const char *guest;
	struct flag flag[FEATURE_COUNT];
	unsigned int flags;
	bool vhost;
};

static const char *on_off(const struct flag *f)
{
	return f->on ? "on" : "off";
}

/* The machine's card, as "-global virtio-net-pci.vectors=10". */
static void print_card_globals(const struct sheet *s, const char *separator)
{
	char text[FLEET_FLAGS];
	const char *item = text;

	fleet_flags(s->fleet, (struct flags){ MASK_NONE, MASK_NONE }, text);
	while (*item) {
		int n = (int)strcspn(item, ",");

		fprintf(s->out, "%s-global virtio-net-pci.%.*s", separator, n, item);
		item += n + (item[n] == ',');
		separator = " ";
	}
}

/* -global applies to every device of the machine, including those plugged in later. */
static void print_globals(const struct sheet *s)
{
	unsigned int i;

	for (i = 0; i < s->flags; i++)
		fprintf(s->out, "%s-global virtio-net-device.%s=%s", i ? " " : "",
			s->flag[i].feature->name, on_off(&s->flag[i]));
	print_card_globals(s, s->flags ? " " : "");
}

static void format_qemu(const struct sheet *s)
{
	char text[FLEET_FLAGS];

	fleet_flags(s->fleet, s->b->flags, text);
	fprintf(s->out, "-device virtio-net-pci,netdev=net0%s%s\n", text[0] ? "," : "", text);
}

static void format_qemu_global(const struct sheet *s)
{
	print_globals(s);
	fputc('\n', s->out);
}

/* ---- libvirt ---- */

/* "host/csum" is attribute csum of <host>, "driver/packed" attribute packed of <driver>. */
static const char *libvirt_attribute(const struct flag *f, const char *element)
{
	const char *where = f->feature->libvirt, *slash = strchr(where, '/');
	size_t n = strlen(element);

	return slash && (size_t)(slash - where) == n && !strncmp(where, element, n) ? slash + 1 :
										       NULL;
}

/* mq is set by the number of queues: two switch it on, one off. */
static const char *attribute_value(const char *attribute, const struct flag *f)
{
	return strcmp(attribute, "queues") ? on_off(f) : f->on ? "2" : "1";
}

static bool libvirt_knows(const struct flag *f)
{
	return f->feature->libvirt[0] != '-';
}

static void print_attributes(const struct sheet *s, const char *element)
{
	unsigned int i;

	for (i = 0; i < s->flags; i++) {
		const char *attribute = libvirt_attribute(&s->flag[i], element);

		if (attribute)
			fprintf(s->out, " %s='%s'", attribute, attribute_value(attribute,
									       &s->flag[i]));
	}
}

static bool has_attributes(const struct sheet *s, const char *element)
{
	unsigned int i;

	for (i = 0; i < s->flags; i++)
		if (libvirt_attribute(&s->flag[i], element))
			return true;
	return false;
}

static void print_driver(const struct sheet *s)
{
	static const char *const inner[] = { "host", "guest" };
	unsigned int i;

	fprintf(s->out, "      <driver name='%s'", s->vhost ? "vhost" : "qemu");
	print_attributes(s, "driver");
	if (!has_attributes(s, inner[0]) && !has_attributes(s, inner[1])) {
		fputs("/>\n", s->out);
		return;
	}
	fputs(">\n", s->out);
	for (i = 0; i < ARRAY_LENGTH(inner); i++) {
		if (!has_attributes(s, inner[i]))
			continue;
		fprintf(s->out, "        <%s", inner[i]);
		print_attributes(s, inner[i]);
		fputs("/>\n", s->out);
	}
	fputs("      </driver>\n", s->out);
}

static unsigned int overrides(const struct sheet *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < s->flags; i++)
		n += !libvirt_knows(&s->flag[i]);
	return n;
}

static void print_overrides(const struct sheet *s)
{
	unsigned int i;

	if (!overrides(s))
		return;
	fputs("  <qemu:override>\n    <qemu:device alias='ua-net0'>\n      <qemu:frontend>\n",
	      s->out);
	for (i = 0; i < s->flags; i++) {
		if (libvirt_knows(&s->flag[i]))
			continue;
		fprintf(s->out, "        <qemu:property name='%s' type='bool' value='%s'/>\n",
			s->flag[i].feature->name, s->flag[i].on ? "true" : "false");
	}
	fputs("      </qemu:frontend>\n    </qemu:device>\n  </qemu:override>\n", s->out);
}

/* The guest's name is not trusted: escape it for XML, quote it for shells. */
static void print_xml(FILE *out, const char *text)
{
	static const char *const entity[] = { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;" };

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ARRAY_LENGTH(entity) && entity[c])
			fputs(entity[c], out);
		else if (c >= 0x20)
			fputc(c, out);
	}
}

static void print_shell(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++)
		fputs(*text == '\'' ? "'\\''" : (char[]){ *text, '\0' }, out);
	fputc('\'', out);
}

/* The <interface> for a machine on these backends; the sources are examples. */
static const char *libvirt_interface(unsigned int backends)
{
	static const struct {
		unsigned int backends;
		const char *text;
	} interfaces[] = {
		{ 1u << TAPCOMPAT_MACVTAP,
		  "    <interface type='direct'>\n      <source dev='eth0' mode='bridge'/>\n" },
		{ 1u << TAPCOMPAT_VHOST_VDPA,
		  "    <interface type='vdpa'>\n      <source dev='/dev/vhost-vdpa-0'/>\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(interfaces); i++)
		if (backends == interfaces[i].backends)
			return interfaces[i].text;
	return "    <interface type='bridge'>\n      <source bridge='br0'/>\n";
}

static void format_libvirt(const struct sheet *s)
{
	fprintf(s->out, "<domain type='kvm' xmlns:qemu='%s'>\n  <name>", QEMU_NS);
	print_xml(s->out, s->guest ? s->guest : "guest");
	fputs("</name>\n  <memory unit='MiB'>1024</memory>\n"
	      "  <os>\n    <type arch='x86_64'>hvm</type>\n  </os>\n  <devices>\n"
	      "    <!-- for virsh edit: this interface", s->out);
	fputs(overrides(s) ? ", the qemu:override below, and xmlns:qemu above -->\n" : " -->\n",
	      s->out);
	fputs(libvirt_interface(s->b->backends), s->out);
	fputs("      <model type='virtio'/>\n", s->out);
	print_driver(s);
	fputs("      <alias name='ua-net0'/>\n    </interface>\n  </devices>\n", s->out);
	print_overrides(s);
	fputs("</domain>\n", s->out);
}

/* ---- Command lines ---- */

/* If no flags are needed, say so in a comment that a shell ignores. */
static bool nothing_to_do(const struct sheet *s)
{
	struct flags later = s->b->later, next;
	const char *release = flags_next(&later, &next);
	char text[FLEET_FLAGS];

	fleet_flags(s->fleet, s->b->flags, text);
	if (!text[0])
		fprintf(s->out, "# no flags are needed%s%s\n", release ? " before QEMU " : "",
			release ? release : "");
	return !text[0];
}

static void format_virt_xml(const struct sheet *s)
{
	if (nothing_to_do(s))
		return;
	fputs("virt-xml ", s->out);
	print_shell(s->out, s->guest ? s->guest : "DOMAIN");
	fputs(" --edit --qemu-commandline='", s->out);
	print_globals(s);
	fputs("'\n", s->out);
}

/* The arguments that the machine has, without those that are set here. */
static void print_proxmox_args(const struct sheet *s, const char *guest)
{
	unsigned int i;

	fputs("$(qm config ", s->out);
	print_shell(s->out, guest);
	fputs(" | sed -nE 's/-global virtio-net-device\\.(", s->out);
	for (i = 0; i < s->flags; i++)
		fprintf(s->out, "%s%s", i ? "|" : "", s->flag[i].feature->name);
	fputs(")=(on|off)( |$)//g; s/^args: *(.*[^ ]) *$/\\1 /p')", s->out);
}

/* qm set replaces arguments, which may be there for other reasons. */
static void format_proxmox(const struct sheet *s)
{
	const char *guest = s->guest ? s->guest : "VMID";

	if (nothing_to_do(s))
		return;
	fputs("qm set ", s->out);
	print_shell(s->out, guest);
	fputs(" --args \"", s->out);
	print_proxmox_args(s, guest);
	print_globals(s);
	fputs("\"\n", s->out);
}

static const struct {
	const char *name;
	void (*print)(const struct sheet *s);
} formats[] = {
	[TAPCOMPAT_FORMAT_JSON] = { "json", NULL },
	[TAPCOMPAT_FORMAT_QEMU] = { "qemu", format_qemu },
	[TAPCOMPAT_FORMAT_QEMU_GLOBAL] = { "qemu-global", format_qemu_global },
	[TAPCOMPAT_FORMAT_LIBVIRT] = { "libvirt", format_libvirt },
	[TAPCOMPAT_FORMAT_VIRT_XML] = { "virt-xml", format_virt_xml },
	[TAPCOMPAT_FORMAT_PROXMOX] = { "proxmox", format_proxmox },
};
_Static_assert(ARRAY_LENGTH(formats) == TAPCOMPAT_FORMATS, "each has a row");

const char *tapcompat_format_name(enum tapcompat_format format)
{
	return (unsigned int)format < TAPCOMPAT_FORMATS ? formats[format].name : "?";
}

/* The machine's card in the domain that was printed; takes over @text. */
static char *with_card(const struct tapcompat_fleet *fleet, char *text)
{
	struct domain_set set = { .nic.known = 0 };
	struct domain d;
	char *more = NULL;
	unsigned int i;

	if (!fleet->nic.known)
		return text;
	if (!domain_parse_all(&d, text, strlen(text), NULL) && d.interfaces == 1) {
		for (i = 0; i < NIC_PROPERTIES; i++)
			if (nic_knows(&fleet->nic, i) && domain_sets(i, fleet->nic.value[i]) &&
			    nic_knows(&d.interface[0].nic, i) &&
			    d.interface[0].nic.value[i] != fleet->nic.value[i])
				nic_set(&set.nic, i, fleet->nic.value[i]);
		/* As libvirt sets them itself. */
		if (nic_knows(&set.nic, NIC_VECTORS) &&
		    set.nic.value[NIC_VECTORS] == nic_vectors(fleet_queues(fleet)))
			set.nic.known &= ~(1u << NIC_VECTORS);
		more = domain_edit(text, strlen(text), &d, &set);
	}
	domain_free(&d);
	free(text);
	return more;
}

char *tapcompat_fleet_format(const struct tapcompat_fleet *fleet, enum tapcompat_format format,
			     const char *guest, unsigned int flags)
{
	struct baseline b;
	struct sheet s = { .b = &b, .fleet = fleet, .guest = guest };
	char *text = NULL;
	size_t size;

	if ((unsigned int)format >= TAPCOMPAT_FORMATS)
		return NULL;
	baseline_of(fleet, &b);
	if (!formats[format].print)
		return baseline_json(fleet, &b, flags);
	s.flags = flags_list(b.flags, s.flag);
	s.vhost = b.backends >> TAPCOMPAT_VHOST_NET & 1;
	s.out = open_memstream(&text, &size);
	if (!s.out)
		return NULL;
	formats[format].print(&s);
	if (fclose(s.out)) {
		free(text);
		return NULL;
	}
	return format == TAPCOMPAT_FORMAT_LIBVIRT ? with_card(fleet, text) : text;
}
