// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nic_arguments.c - the network cards on a QEMU command line
 *
 * Options of devices are "virtio-net-pci,host_mtu=1450" or JSON, as libvirt writes them.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <tapcompat_nic.h>

#include "feature/nic_choose.h"
#include "ground/bytes.h"
#include "ground/text.h"

#define ARGUMENTS_MAX 0x20000u	/* bytes of a command line */
#define WORDS 2048

struct words {
	char *text;
	char *word[WORDS];
	unsigned int count;
};

/* ---- Words --------------------------------------------------------------- */

/* One word, without its quotes, which is written over its own text. */
static char *word_end(char *from, char *to)
{
	char quote = '\0';

	for (; *from && (quote || !strchr(" \t\r\n", *from)); from++) {
		if (quote && *from == quote)
			quote = '\0';
		else if (!quote && (*from == '"' || *from == '\''))
			quote = *from;
		else if (*from == '\\' && !quote && from[1] == '\n')
			from++;
		else if (*from == '\\' && quote != '\'' && from[1] && (!quote || from[1] == quote))
			*to++ = *++from;
		else
			*to++ = *from;
	}
	if (*from)
		from++;
	*to = '\0';
	return quote ? NULL : from;
}

static int words_split(struct words *w, const char *arguments)
{
	char *at;

	w->count = 0;
	w->text = strlen(arguments) <= ARGUMENTS_MAX ? strdup(arguments) : NULL;
	for (at = w->text; at && *(at += strspn(at, " \t\r\n"));) {
		if (w->count == WORDS)
			return -EINVAL;
		w->word[w->count++] = at;
		at = word_end(at, at);
	}
	return at ? 0 : -EINVAL;
}

/* The value of an option that has one of these names, or NULL. */
static const char *option_value(const struct words *w, unsigned int i, const char *name)
{
	const char *word = w->word[i];

	if (i + 1 == w->count || !word || word[0] != '-')
		return NULL;
	word += 1 + (word[1] == '-');
	return strcmp(word, name) ? NULL : w->word[i + 1];
}

/* ---- Options of a device ------------------------------------------------- */

static bool json_get(const char *options, const char *key, char *text, size_t size)
{
	json_t *o = json_loads(options, 0, NULL), *value = json_object_get(o, key);

	text[0] = '\0';
	if (json_is_integer(value))
		text_set(text, size, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		text_set(text, size, "%s", json_is_true(value) ? "on" : "off");
	else if (json_is_string(value))
		text_set(text, size, "%s", json_string_value(value));
	json_decref(o);
	return text[0];
}

/* @implied: the key of a first item without one. */
static bool list_get(const char *options, const char *implied, const char *key, char *text,
		     size_t size)
{
	size_t n = strlen(key);
	const char *item;

	text[0] = '\0';
	for (item = options; item; item = strchr(item, ',')) {
		item += *item == ',';
		if (item == options && !strcmp(key, implied) &&
		    strcspn(item, "=") >= strcspn(item, ","))
			text_set(text, size, "%.*s", (int)strcspn(item, ","), item);
		else if (!strncmp(item, key, n) && item[n] == '=')
			text_set(text, size, "%.*s", (int)strcspn(item + n + 1, ","),
				 item + n + 1);
	}
	return text[0];
}

static bool option_get(const char *options, const char *implied, const char *key, char *text,
		       size_t size)
{
	return options[0] == '{' ? json_get(options, key, text, size) :
				   list_get(options, implied, key, text, size);
}

static int value_fault(struct tapcompat_error *error, const char *name, const char *value)
{
	char safe[64];

	if (error)
		text_set(error->text, sizeof(error->text), "the arguments of QEMU: %s=%s is not a "
			 "valid value", name, text_escape(safe, sizeof(safe), value));
	return -EINVAL;
}

static int read_properties(struct nic *nic, const char *device, struct tapcompat_error *error)
{
	char value[64];
	unsigned int i;

	for (i = 0; i < NIC_PROPERTIES; i++) {
		const char *name = nic_table[i].qemu;

		if (!name[0] || !option_get(device, "driver", name, value, sizeof(value)) ||
		    !strcmp(value, "auto"))
			continue;
		if (!nic_read(nic, i, value))
			return value_fault(error, name, value);
	}
	return 0;
}

/* The number of pairs is that of the netdev's queues, or of its descriptors: "fds=3:4". */
static bool read_pairs(struct nic *nic, const struct words *w, const char *id)
{
	char value[512];
	const char *netdev;
	unsigned int i, k, n;

	for (i = 0; i < w->count; i++) {
		netdev = option_value(w, i, "netdev");
		if (!netdev || !option_get(netdev, "type", "id", value, sizeof(value)) ||
		    strcmp(value, id))
			continue;
		if (option_get(netdev, "type", "queues", value, sizeof(value)))
			return nic_read(nic, NIC_QUEUE_PAIRS, value);
		n = 1;
		if (option_get(netdev, "type", "fds", value, sizeof(value)))
			for (k = 0; value[k]; k++)
				n += value[k] == ':';
		nic_set(nic, NIC_QUEUE_PAIRS, n);
	}
	return true;
}

/* "virtio-net-pci.rx_queue_size=1024" behind -global, where the device does not say. */
static void read_globals(struct nic *nic, const struct words *w)
{
	static const char *const of[] = { "virtio-net-pci.", "virtio-net-device." };
	const char *value;
	unsigned int i, k, p;
	char name[64];

	for (i = 0; i < w->count; i++)
		for (k = 0; k < ARRAY_LENGTH(of); k++) {
			value = option_value(w, i, "global");
			if (!value || strncmp(value, of[k], strlen(of[k])) || !strchr(value, '='))
				continue;
			value += strlen(of[k]);
			text_set(name, sizeof(name), "%.*s", (int)strcspn(value, "="), value);
			p = nic_find(name);
			if (p < NIC_PROPERTIES && !nic_knows(nic, p))
				nic_read(nic, p, value + strcspn(value, "=") + 1);
		}
}

/* ---- Cards --------------------------------------------------------------- */

static bool is_card(const char *device, struct nic *nic)
{
	char driver[64];

	option_get(device, "driver", "driver", driver, sizeof(driver));
	if (!strcmp(driver, "virtio-net-pci-non-transitional"))
		nic_set(nic, NIC_DISABLE_LEGACY, 1);
	else if (!strcmp(driver, "virtio-net-pci-transitional"))
		nic_set(nic, NIC_DISABLE_LEGACY, 0);
	else
		return !strcmp(driver, "virtio-net-pci") || !strcmp(driver, "virtio-net");
	return true;
}

static const char *machine_of(const struct words *w, char *type, size_t size)
{
	const char *machine;
	unsigned int i;

	type[0] = '\0';
	for (i = 0; i < w->count; i++) {
		machine = option_value(w, i, "machine");
		machine = machine ? machine : option_value(w, i, "M");
		if (machine)
			option_get(machine, "type", "type", type, size);
	}
	return type;
}

static int read_card(struct nic_card *card, const struct words *w, const char *device,
		     struct tapcompat_error *error)
{
	char id[64], machine[64];
	int ret = read_properties(&card->nic, device, error);

	if (ret)
		return ret;
	if (option_get(device, "driver", "id", id, sizeof(id)))
		text_escape(card->id, sizeof(card->id), id);
	option_get(device, "driver", "netdev", id, sizeof(id));
	if (!read_pairs(&card->nic, w, id))
		return value_fault(error, "queues", "...");
	read_globals(&card->nic, w);
	/* The option alone: only the vectors tell how many pairs mq=on is about. */
	if (w->count == 1 && option_get(device, "driver", "mq", id, sizeof(id)) &&
	    strcmp(id, "off")) {
		if (!nic_knows(&card->nic, NIC_VECTORS) || card->nic.value[NIC_VECTORS] < 4)
			return value_fault(error, "mq", "on without vectors or a -netdev");
		nic_set(&card->nic, NIC_QUEUE_PAIRS, card->nic.value[NIC_VECTORS] / 2 - 1);
	}
	nic_complete(&card->nic, machine_of(w, machine, sizeof(machine)));
	return 0;
}

static int read_cards(const struct words *w, struct nic_card *cards, unsigned int *n,
		      struct tapcompat_error *error)
{
	const char *device;
	unsigned int i;
	int ret = 0;

	*n = 0;
	for (i = 0; i < w->count && !ret && *n < NIC_CARDS; i++) {
		struct nic_card card = { .id = "" };

		device = w->count == 1 ? w->word[0] : option_value(w, i, "device");
		if (!device || !is_card(device, &card.nic))
			continue;
		ret = read_card(&card, w, device, error);
		cards[(*n)++] = card;
	}
	return ret;
}

int tapcompat_nic_of_arguments(const char *arguments, const char *which, char *text, size_t size,
			       struct tapcompat_error *error)
{
	struct nic_card *cards = calloc(NIC_CARDS, sizeof(*cards));
	struct words *w = calloc(1, sizeof(*w));
	const struct nic_card *card = NULL;
	unsigned int n;
	int ret = cards && w ? words_split(w, arguments) : -ENOMEM;

	if (ret && error)
		text_set(error->text, sizeof(error->text), "%s", ret == -ENOMEM ?
			 "out of memory" : "the arguments of QEMU: a quote has no end, or they are "
			 "too long");
	if (!ret)
		ret = read_cards(w, cards, &n, error);
	if (!ret)
		card = nic_choose(cards, n, which, error);
	if (card)
		nic_list(&card->nic, text, size);
	else if (!ret)
		ret = -ENODEV;
	free(w ? w->text : NULL);
	free(w);
	free(cards);
	return ret;
}
