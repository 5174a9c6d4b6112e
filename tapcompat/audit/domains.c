// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domains.c - libvirt's domains, over a read-only connection
 *
 * libvirt is loaded only if it is there, in a child process: it may hang, and what it does
 * to a process that loads it is not our caller's concern.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "audit.h"
#include "child.h"
#include "document/domain.h"
#include "evidence.h"
#include "ground/bytes.h"
#include "ground/text.h"

#define LIBVIRT_PATIENCE 10	/* seconds */

/* Of libvirt's public API, which does not change within libvirt.so.0. */
typedef void *virConnectPtr;
typedef void *virDomainPtr;

struct api {
	virConnectPtr (*open)(const char *uri);
	void (*quiet)(void *arg, void (*f)(void *arg, void *error));
	int (*list)(virConnectPtr c, virDomainPtr **domains, unsigned int flags);
	const char *(*name)(virDomainPtr d);
	int (*uuid)(virDomainPtr d, char *text);
	int (*state)(virDomainPtr d, int *state, int *reason, unsigned int flags);
	char *(*xml)(virDomainPtr d, unsigned int flags);
};

#define LIST_ACTIVE 1u

/* virDomainState */
enum { STATE_RUNNING = 1, STATE_BLOCKED, STATE_PAUSED, STATE_SHUTDOWN, STATE_OFF };

/* What the child writes in front of a domain's XML. */
struct header {
	char name[AUDIT_NAME], uuid[40];
	int state;
	uint32_t xml;
};

/* ---- In the child ---- */

static bool api_load(struct api *api)
{
	const struct {
		void **to;
		const char *name;
	} symbols[] = {
		{ (void **)&api->open, "virConnectOpenReadOnly" },
		{ (void **)&api->quiet, "virSetErrorFunc" },
		{ (void **)&api->list, "virConnectListAllDomains" },
		{ (void **)&api->name, "virDomainGetName" },
		{ (void **)&api->uuid, "virDomainGetUUIDString" },
		{ (void **)&api->state, "virDomainGetState" },
		{ (void **)&api->xml, "virDomainGetXMLDesc" },
	};
	void *library = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
	size_t i;

	for (i = 0; library && i < ARRAY_LENGTH(symbols); i++) {
		*symbols[i].to = dlsym(library, symbols[i].name);
		if (!*symbols[i].to)
			return false;
	}
	return library;
}

static void ignore(void *arg, void *error)
{
	(void)arg, (void)error;
}

static void domain_send(const struct api *api, virDomainPtr d, int fd)
{
	struct header h = { .xml = 0 };
	const char *name = api->name(d);
	char *xml = api->xml(d, 0);
	int reason;
	size_t len = xml ? strlen(xml) : 0;

	snprintf(h.name, sizeof(h.name), "%s", name ? name : "");
	if (api->uuid(d, h.uuid))
		h.uuid[0] = '\0';
	if (api->state(d, &h.state, &reason, 0))
		h.state = 0;
	h.xml = len <= DOMAIN_MAX ? (uint32_t)len : 0;
	child_write(fd, &h, sizeof(h));
	child_write(fd, xml, h.xml);
	free(xml);
}

/* The first byte: 'n' without libvirt, 'f' where it does not answer, 'y'. */
static void child_run(void *arg, int fd)
{
	const bool *all = arg;
	virDomainPtr *domains;
	struct api api;
	virConnectPtr c;
	int i, n;

	if (!api_load(&api)) {
		child_write(fd, "n", 1);
		return;
	}
	api.quiet(NULL, ignore);
	c = api.open("qemu:///system");
	n = c ? api.list(c, &domains, *all ? 0 : LIST_ACTIVE) : -1;
	child_write(fd, n < 0 ? "f" : "y", 1);
	for (i = 0; i < n; i++)
		domain_send(&api, domains[i], fd);
}

/* ---- In the parent ---- */

static struct audit_machine *machine_of(struct audit *a, const struct header *h, const char *name)
{
	size_t i;

	for (i = 0; i < a->machines; i++)
		if (a->machine[i].uuid[0] && !strcasecmp(a->machine[i].uuid, h->uuid))
			return &a->machine[i];
	for (i = 0; i < a->machines; i++)
		if (!a->machine[i].uuid[0] && !strcmp(a->machine[i].name, name))
			return &a->machine[i];
	return audit_machine(a);
}

enum audit_link audit_domain_link(enum domain_link link)
{
	switch (link) {
	case DOMAIN_TAP:
		return AUDIT_LINK_TAP;
	case DOMAIN_VHOST:
		return AUDIT_LINK_VHOST;
	case DOMAIN_MACVTAP:
		return AUDIT_LINK_MACVTAP;
	case DOMAIN_NOT_VIRTIO:
	case DOMAIN_NOT_OURS:
		return AUDIT_LINK_OTHER;
	default:
		return AUDIT_LINK_UNKNOWN;
	}
}

/* By its tap, else by its alias, else a new one. */
static struct audit_card *card_of(struct audit_machine *m, const struct domain_interface *i)
{
	unsigned int j;

	for (j = 0; j < m->cards; j++)
		if (m->card[j].tap && i->target[0] && !strcmp(m->card[j].tap->name, i->target))
			return &m->card[j];
	for (j = 0; j < m->cards; j++)
		if (i->alias[0] && !strcmp(m->card[j].alias, i->alias))
			return &m->card[j];
	return audit_card(m);
}

static int take_interface(struct audit_machine *m, const struct domain_interface *i)
{
	struct audit_card *card = card_of(m, i);

	if (!card)
		return m->cards < AUDIT_CARDS ? -ENOMEM : 0;
	if (!card->alias[0])
		text_set(card->alias, sizeof(card->alias), "%s", i->alias);
	if (card->link == AUDIT_LINK_UNKNOWN)
		card->link = audit_domain_link(i->link);
	if (!card->model[0])
		card->virtio = i->link != DOMAIN_NOT_VIRTIO;
	if (!mask_empty(&i->set.off))
		audit_evidence(card, AUDIT_OPTIONS, MASK_NONE, i->set.off, "off by options");
	if (card->tap || !i->target[0])
		return 0;
	if (!audit_card_tap(card))
		return -ENOMEM;
	text_set(card->tap->name, sizeof(card->tap->name), "%s", i->target);
	return 0;
}

static void take_xml(struct audit *a, struct audit_machine *m, const char *xml, size_t len)
{
	struct tapcompat_error error = { "" };
	struct domain d;
	unsigned int i;

	if (domain_parse_all(&d, xml, len, &error)) {
		audit_note(a, "domain %s: its XML was not read: %s", m->name, error.text);
	} else {
		for (i = 0; i < d.interfaces; i++)
			if (take_interface(m, &d.interface[i]))
				audit_note(a, "domain %s: out of memory", m->name);
		if (!m->type[0])
			text_set(m->type, sizeof(m->type), "%s", d.machine);
		if (d.record && evidence_record(m, d.record, strlen(d.record), m->name, &error))
			audit_note(a, "the record in the metadata is not used: %s", error.text);
	}
	domain_free(&d);
}

static int take_domain(struct audit *a, struct header *h, const char *xml)
{
	char name[AUDIT_NAME];
	struct audit_machine *m;

	h->name[sizeof(h->name) - 1] = h->uuid[sizeof(h->uuid) - 1] = '\0';
	m = machine_of(a, h, text_escape(name, sizeof(name), h->name));
	if (!m)
		return a->machines < AUDIT_MACHINES ? -ENOMEM : 0;
	text_set(m->name, sizeof(m->name), "%s", name);
	text_escape(m->uuid, sizeof(m->uuid), h->uuid);
	if (!m->manager[0])
		text_set(m->manager, sizeof(m->manager), "libvirt");
	m->run = h->state == STATE_RUNNING || h->state == STATE_BLOCKED ? AUDIT_RUNNING :
		 h->state == STATE_PAUSED ? AUDIT_PAUSED :
		 h->state == STATE_OFF ? AUDIT_OFF : AUDIT_RUN_UNKNOWN;
	take_xml(a, m, xml, h->xml);
	return 0;
}

static int take_domains(struct audit *a, struct child *c)
{
	struct header h;
	char *xml;
	int ret = 0;

	while (!ret && child_read(c, &h, sizeof(h)) && h.xml <= DOMAIN_MAX) {
		xml = malloc(h.xml + 1u);
		if (!xml)
			return -ENOMEM;
		if (h.xml && !child_read(c, xml, h.xml))
			h.xml = 0;
		xml[h.xml] = '\0';
		ret = take_domain(a, &h, xml);
		free(xml);
	}
	return ret;
}

/* Without a socket there is nobody to ask, and loading libvirt would be in vain. */
static bool libvirt_listens(void)
{
	static const char *const sockets[] = {
		"/run/libvirt/libvirt-sock-ro", "/run/libvirt/virtqemud-sock-ro",
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(sockets); i++)
		if (!access(sockets[i], F_OK))
			return true;
	return false;
}

int audit_domains(struct audit *a, bool all)
{
	struct child c;
	char first = 0;
	int ret;

	if (!libvirt_listens())
		return 0;
	ret = child_start(&c, child_run, &all, LIBVIRT_PATIENCE);
	if (ret) {
		audit_note(a, "libvirt was not asked: %s", strerror(-ret));
		return ret == -ENOMEM ? ret : 0;
	}
	child_read(&c, &first, 1);
	if (first == 'y')
		ret = take_domains(a, &c);
	else if (first == 'f')
		audit_note(a, "libvirtd refuses a read-only connection or has failed: see virsh "
			   "-r -c qemu:///system list");
	if (child_end(&c))
		audit_note(a, "libvirtd did not answer in %d seconds", LIBVIRT_PATIENCE);
	return ret;
}
