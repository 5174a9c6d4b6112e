// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * command_line.c - what QEMU's command line says of a machine and its network cards
 *
 * It is a process's own claim: nothing in it is trusted, all of it is bounded, and it only
 * gives names to what the kernel shows.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <linux/virtio_config.h>

#include "audit.h"
#include "explain/explain.h"
#include "feature/flags.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "table/feature.h"

#define OPTION_TEXT 4096	/* bytes of an option's value; longer ones are left out */
#define BACKENDS_MOST 256

/* ---- One option: "driver,key=value" or JSON ---- */

/* The next part of "a,b=c": ",," is a comma in it.  Return: what is behind it, or NULL */
static const char *part_next(const char *p, char *part, size_t size)
{
	size_t n = 0;

	while (*p && !(p[0] == ',' && p[1] != ',')) {
		p += *p == ',';
		if (n + 1 < size)
			part[n++] = *p;
		p++;
	}
	part[n] = '\0';
	return *p ? p + 1 : NULL;
}

static void set_value(json_t *o, const char *key, const char *value)
{
	json_t *text = json_string(value);

	if (text)
		json_object_set_new(o, key, text);
}

/* @first: the key of a value without one in the first place */
static json_t *option_parse(const char *text, const char *first)
{
	char part[512], *value;
	json_t *o;

	if (strlen(text) > OPTION_TEXT)
		return NULL;
	if (*text == '{') {
		o = json_loads(text, 0, NULL);
		if (json_is_object(o))
			return o;
		json_decref(o);
		return NULL;
	}
	o = json_object();
	while (o && text) {
		text = part_next(text, part, sizeof(part));
		value = strchr(part, '=');
		if (value) {
			*value++ = '\0';
			set_value(o, part, value);
		} else if (*part) {
			set_value(o, first ? first : part, first ? part : "on");
		}
		first = NULL;
	}
	return o;
}

/* A value as text, "" if it is missing; JSON has numbers and booleans as well. */
static const char *get(const json_t *o, const char *key, char *text, size_t size)
{
	const json_t *value = json_object_get(o, key);

	text[0] = '\0';
	if (json_is_string(value))
		text_set(text, size, "%s", json_string_value(value));
	else if (json_is_integer(value))
		text_set(text, size, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		text_set(text, size, "%s", json_is_true(value) ? "on" : "off");
	return text;
}

static void get_escaped(const json_t *o, const char *key, char *text, size_t size)
{
	char raw[512];

	text_escape(text, size, get(o, key, raw, sizeof(raw)));
}

static long get_number(const json_t *o, const char *key)
{
	char text[32], *end;
	long n;

	if (!*get(o, key, text, sizeof(text)))
		return -1;
	n = strtol(text, &end, 10);
	return *end || n < 0 || n > 0x7fffffff ? -1 : n;
}

static bool is_on(const char *word)
{
	return !strcmp(word, "on") || !strcmp(word, "yes") || !strcmp(word, "true") ||
	       !strcmp(word, "y");
}

static bool is_off(const char *word)
{
	return !strcmp(word, "off") || !strcmp(word, "no") || !strcmp(word, "false") ||
	       !strcmp(word, "n");
}

/* ---- Backends ---- */

struct backend {
	char id[AUDIT_WORD], type[16], ifname[16];
	bool vhost;
	long queues;
	int fd;			/* the first one, or -1 */
	char name[AUDIT_WORD];	/* of its tap, or "#index" of a macvtap, or "" */
	bool nic, used;		/* it is a -nic; a card has it */
};

struct parse {
	struct audit_machine *m;
	const struct audit_fd *fds;
	size_t fd_count;
	struct tapcompat_mask off, on;	/* by -global */
	bool elsewhere;			/* options may also be in a file, or set afterwards */
	bool confidential;		/* QEMU then switches iommu_platform on */
	unsigned int backends;
	struct backend *backend;
	bool failed;
};

static void name_of_fd(const struct audit_fd *fd, char *name, size_t size)
{
	if (fd->index)
		text_set(name, size, "#%d", fd->index);
	else
		text_escape(name, size, fd->name);
}

static long words_of(const char *list)
{
	long n = *list != '\0';

	for (; *list; list++)
		n += *list == ':';
	return n;
}

static void backend_add(struct parse *p, const json_t *o, bool nic)
{
	struct backend *b;
	char text[512];

	if (p->backends == BACKENDS_MOST)
		return;
	b = &p->backend[p->backends++];
	memset(b, 0, sizeof(*b));
	b->nic = nic;
	get_escaped(o, "id", b->id, sizeof(b->id));
	text_set(b->type, sizeof(b->type), "%s", get(o, "type", text, sizeof(text)));
	text_set(b->ifname, sizeof(b->ifname), "%s", get(o, "ifname", text, sizeof(text)));
	b->vhost = is_on(get(o, "vhost", text, sizeof(text))) ||
		   *get(o, "vhostfd", text, sizeof(text)) ||
		   *get(o, "vhostfds", text, sizeof(text)) ||
		   is_on(get(o, "vhostforce", text, sizeof(text)));
	b->queues = get_number(o, "queues");
	if (b->queues < 0)
		b->queues = 1;
	if (*get(o, "fds", text, sizeof(text)))
		b->queues = words_of(text);
	if (!*text)
		get(o, "fd", text, sizeof(text));
	/* A name instead of a number came over QMP. */
	b->fd = *text >= '0' && *text <= '9' ? (int)strtol(text, NULL, 10) : -1;
}

/* By descriptor, else by name. */
static void backend_find(struct parse *p, struct backend *b)
{
	size_t i;

	for (i = 0; i < p->fd_count; i++) {
		const struct audit_fd *fd = &p->fds[i];

		if (!fd->vhost && ((b->fd >= 0 && fd->fd == b->fd) ||
				   (b->ifname[0] && !strcmp(fd->name, b->ifname)))) {
			name_of_fd(fd, b->name, sizeof(b->name));
			return;
		}
	}
}

static bool is_named(const struct parse *p, const char *name)
{
	unsigned int i;

	for (i = 0; i < p->backends; i++)
		if (!strcmp(p->backend[i].name, name))
			return true;
	return false;
}

static bool takes_tap(const struct backend *b)
{
	return !b->name[0] && (!strcmp(b->type, "tap") || !strcmp(b->type, "bridge"));
}

/* Of taps that QEMU or a helper made, the command line has no name: one is left for one. */
static void backends_rest(struct parse *p)
{
	struct backend *only = NULL;
	char name[AUDIT_WORD], last[AUDIT_WORD] = "";
	unsigned int i, wanting = 0, free_taps = 0;
	size_t j;

	for (i = 0; i < p->backends; i++)
		if (takes_tap(&p->backend[i])) {
			only = &p->backend[i];
			wanting++;
		}
	for (j = 0; j < p->fd_count; j++) {
		name_of_fd(&p->fds[j], name, sizeof(name));
		if (p->fds[j].vhost || is_named(p, name) || !strcmp(name, last))
			continue;
		text_set(last, sizeof(last), "%s", name);
		free_taps++;
	}
	if (wanting == 1 && free_taps == 1)
		text_set(only->name, sizeof(only->name), "%s", last);
}

/* ---- Cards ---- */

static const char *const virtio_models[] = {
	"virtio-net-pci", "virtio-net-pci-transitional", "virtio-net-pci-non-transitional",
	"virtio-net-device", "virtio-net-ccw", "virtio-net", "virtio",
};

static const char *const other_models[] = {
	"e1000", "e1000e", "e1000-82540em", "igb", "rtl8139", "vmxnet3", "ne2k_pci", "pcnet",
	"i82559er", "usb-net", "tulip", "lan9118",
};

static bool among(const char *word, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(word, list[i]))
			return true;
	return false;
}

static bool is_virtio(const char *model)
{
	return among(model, virtio_models, ARRAY_LENGTH(virtio_models));
}

static struct tapcompat_mask options_of(const json_t *o, bool (*is)(const char *word))
{
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;
	char text[64];

	for_each_feature(f)
		if (is(get(o, f->name, text, sizeof(text))))
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

/* A QEMU that does not have a property does not offer the feature. */
static void card_release(struct parse *p, struct audit_card *card)
{
	const struct flags_qemu qemu = flags_qemu(p->m->qemu);
	char detail[64];

	if (!qemu.known || mask_empty(&qemu.too_new))
		return;
	text_set(detail, sizeof(detail), "QEMU %s does not have them", p->m->qemu);
	audit_evidence(card, AUDIT_OPTIONS, MASK_NONE, qemu.too_new, detail);
}

/*
 * What QEMU does not offer, and so no guest holds: what options switch off, what is off by
 * default, and what a versioned machine type has off because it is newer.
 */
static void card_options(struct parse *p, const json_t *o, struct audit_card *card)
{
	struct tapcompat_mask off = mask_or(options_of(o, is_off), p->off), rest, on;
	const char *release = who_release(p->m->type);

	if (!mask_empty(&off))
		audit_evidence(card, AUDIT_OPTIONS, MASK_NONE, off, "off by options");
	if (p->elsewhere)
		return;
	on = mask_or(options_of(o, is_on), p->on);
	rest = mask_minus(features_all(), features_by_default());
	if (release[0])
		rest = mask_or(rest, features_after(release));
	if (p->confidential)
		mask_clear(&rest, VIRTIO_F_ACCESS_PLATFORM);
	audit_evidence(card, AUDIT_OPTIONS, MASK_NONE, mask_minus(rest, on),
		       "off by options, by default or by the machine type");
	card_release(p, card);
}

static struct backend *backend_of(struct parse *p, const char *id)
{
	unsigned int i;

	for (i = 0; i < p->backends; i++)
		if (*id && !strcmp(p->backend[i].id, id))
			return &p->backend[i];
	return NULL;
}

static void card_link(struct audit_card *card, struct backend *b)
{
	b->used = true;
	card->nic.queue_pairs = b->queues;
	if (strcmp(b->type, "tap") && strcmp(b->type, "bridge"))
		card->link = AUDIT_LINK_OTHER;
	else if (b->name[0] == '#')
		card->link = b->vhost ? AUDIT_LINK_VHOST : AUDIT_LINK_MACVTAP;
	else
		card->link = b->vhost ? AUDIT_LINK_VHOST : AUDIT_LINK_TAP;
	if (!b->name[0])
		return;
	if (audit_card_tap(card))
		text_set(card->tap->name, sizeof(card->tap->name), "%s", b->name);
}

static void card_add(struct parse *p, const json_t *o, struct backend *b)
{
	struct audit_card *card = audit_card(p->m);
	char text[64];

	if (!card) {
		p->failed = p->m->cards < AUDIT_CARDS;
		return;
	}
	get_escaped(o, "id", card->alias, sizeof(card->alias));
	get_escaped(o, "netdev", card->netdev, sizeof(card->netdev));
	get_escaped(o, "mac", card->mac, sizeof(card->mac));
	get_escaped(o, json_object_get(o, "driver") ? "driver" : "model", card->model,
		    sizeof(card->model));
	card->virtio = is_virtio(card->model);
	if (b)
		card_link(card, b);
	card->nic.host_mtu = get_number(o, "host_mtu");
	card->nic.rx_queue_size = get_number(o, "rx_queue_size");
	card->nic.tx_queue_size = get_number(o, "tx_queue_size");
	card->nic.failover = is_on(get(o, "failover", text, sizeof(text)));
	if (card->virtio)
		card_options(p, o, card);
}

static void take_device(struct parse *p, const json_t *o)
{
	char model[AUDIT_WORD], id[AUDIT_WORD];

	get(o, "driver", model, sizeof(model));
	if (!is_virtio(model) && !among(model, other_models, ARRAY_LENGTH(other_models)))
		return;
	get_escaped(o, "netdev", id, sizeof(id));
	card_add(p, o, backend_of(p, id));
}

/* -nic is a backend and a card; its model is another one unless it is given. */
static void take_nic(struct parse *p, const json_t *o)
{
	unsigned int i = 0;

	while (i < p->backends && (p->backend[i].used || !p->backend[i].nic))
		i++;
	card_add(p, o, i < p->backends ? &p->backend[i] : NULL);
}

/* "virtio-net-pci.host_uso=off", or "driver=…,property=…,value=…" */
static void take_global(struct parse *p, const char *text)
{
	char driver[AUDIT_WORD], property[AUDIT_WORD], value[AUDIT_WORD];
	const struct tapcompat_feature *f;
	json_t *o = option_parse(text, NULL);
	const char *dot = strchr(text, '.'), *is = dot ? strchr(dot, '=') : NULL;

	get(o, "driver", driver, sizeof(driver));
	get(o, "property", property, sizeof(property));
	get(o, "value", value, sizeof(value));
	json_decref(o);
	if (is && !driver[0]) {
		text_set(driver, sizeof(driver), "%.*s", (int)(dot - text < 60 ? dot - text : 60),
			 text);
		text_set(property, sizeof(property), "%.*s",
			 (int)(is - dot - 1 < 60 ? is - dot - 1 : 60), dot + 1);
		text_set(value, sizeof(value), "%s", is + 1);
	}
	f = is_virtio(driver) ? tapcompat_feature_find(property) : NULL;
	if (f && is_off(value))
		tapcompat_mask_set(&p->off, f->bit);
	else if (f)
		tapcompat_mask_set(&p->on, f->bit);
}

/* ---- The machine ---- */

static void take_name(struct audit_machine *m, const char *text)
{
	json_t *o = option_parse(text, "guest");

	if (o)
		get_escaped(o, "guest", m->name, sizeof(m->name));
	json_decref(o);
}

/* Who started it, as far as the command line shows it. */
static void take_manager(struct audit_machine *m, const char *option, const char *value)
{
	const char *under;

	if (!strcmp(option, "name") && strstr(value, "guest=") == value &&
	    strstr(value, "debug-threads=") && !m->manager[0])
		text_set(m->manager, sizeof(m->manager), "libvirt");
	if (!strcmp(option, "id") || strstr(value, "/var/run/qemu-server/") ||
	    strstr(value, "/etc/pve/"))
		text_set(m->manager, sizeof(m->manager), "proxmox");
	if (strstr(value, "/run/kubevirt") || strstr(value, "manufacturer=KubeVirt"))
		text_set(m->manager, sizeof(m->manager), "kubevirt");
	under = strchr(m->name, '_');
	if (!strcmp(m->manager, "kubevirt") && under && !strchr(m->name, '/'))
		m->name[under - m->name] = '/';
}

static void take_machine(struct parse *p, const char *text)
{
	json_t *o = option_parse(text, "type");
	char type[AUDIT_WORD];

	/* There may be several, each with some of the options. */
	if (o && *get(o, "type", type, sizeof(type)))
		text_escape(p->m->type, sizeof(p->m->type), type);
	json_decref(o);
	p->confidential |= strstr(text, "confidential-guest-support") ||
			   strstr(text, "memory-encryption");
}

/* The option at @arg without its dashes, and its value; NULL: it is none, or it has none. */
static const char *option_at(const char *arg, const char *end, const char **value)
{
	size_t n = strnlen(arg, (size_t)(end - arg));

	if (*arg != '-' || arg + n + 1 >= end)
		return NULL;
	*value = arg + n + 1;
	/* The last argument may have been cut. */
	if (memchr(*value, '\0', (size_t)(end - *value)) == NULL)
		return NULL;
	return arg + 1 + (arg[1] == '-');
}

static void take_backend(struct parse *p, const char *option, const char *value)
{
	json_t *o = option_parse(value, "type");
	char type[16];

	if (o && strcmp(get(o, "type", type, sizeof(type)), "none"))
		backend_add(p, o, !strcmp(option, "nic"));
	json_decref(o);
}

static void take_card(struct parse *p, const char *option, const char *value)
{
	bool device = !strcmp(option, "device");
	json_t *o = option_parse(value, device ? "driver" : "type");
	char type[16];

	if (o && device)
		take_device(p, o);
	else if (o && strcmp(get(o, "type", type, sizeof(type)), "none"))
		take_nic(p, o);
	json_decref(o);
}

/* Walks the arguments; cards come last, for they refer to what stands behind them as well. */
static void walk(struct parse *p, const char *text, size_t len, int turn)
{
	const char *arg = text, *end = text + len, *value, *option;

	for (; arg < end; arg += strnlen(arg, (size_t)(end - arg)) + 1) {
		option = option_at(arg, end, &value);
		if (!option)
			continue;
		if (turn == 0 && !strcmp(option, "name"))
			take_name(p->m, value);
		else if (turn == 0 && !strcmp(option, "uuid"))
			text_escape(p->m->uuid, sizeof(p->m->uuid), value);
		else if (turn == 0 && (!strcmp(option, "machine") || !strcmp(option, "M")))
			take_machine(p, value);
		else if (!strcmp(option, "readconfig") || !strcmp(option, "set"))
			p->elsewhere = true;
		else if (turn == 0 && !strcmp(option, "global"))
			take_global(p, value);
		else if (turn == 0 && (!strcmp(option, "netdev") || !strcmp(option, "nic")))
			take_backend(p, option, value);
		else if (turn == 2 && (!strcmp(option, "device") || !strcmp(option, "nic")))
			take_card(p, option, value);
		if (turn == 1)
			take_manager(p->m, option, value);
	}
}

/* A tap that no card on the command line has: it was plugged in later. */
static void rest_cards(struct parse *p)
{
	char name[AUDIT_WORD];
	struct audit_card *card;
	unsigned int i;
	size_t j;

	for (j = 0; j < p->fd_count; j++) {
		name_of_fd(&p->fds[j], name, sizeof(name));
		if (p->fds[j].vhost)
			continue;
		for (i = 0; i < p->m->cards; i++)
			if (p->m->card[i].tap && !strcmp(p->m->card[i].tap->name, name))
				break;
		if (i < p->m->cards)
			continue;
		card = audit_card(p->m);
		if (!card || !audit_card_tap(card))
			return;
		card->virtio = true;
		text_set(card->tap->name, sizeof(card->tap->name), "%s", name);
	}
}

int audit_command_line(struct audit_machine *m, const char *text, size_t len,
		       const struct audit_fd *fds, size_t n)
{
	struct parse p = { .m = m, .fds = fds, .fd_count = n };
	unsigned int i;

	p.backend = calloc(BACKENDS_MOST, sizeof(*p.backend));
	if (!p.backend)
		return -ENOMEM;
	walk(&p, text, len, 0);
	walk(&p, text, len, 1);
	for (i = 0; i < p.backends; i++)
		backend_find(&p, &p.backend[i]);
	backends_rest(&p);
	walk(&p, text, len, 2);
	rest_cards(&p);
	free(p.backend);
	return p.failed ? -ENOMEM : 0;
}
