// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ask_query.c - ask a QEMU that runs by x-query-virtio-status
 *
 * The guest does not notice, but some releases abort: only those are asked on which it has
 * been tried.  What it answers are names, one of which is wrong.
 */
#include "ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "table/bit.h"

#define BACKEND "/virtio-backend"

/* Releases that have been seen to survive it; 11.1.2 and 11.1.3 do not. */
static const char *const survivors[] = { "7.2.", "10.0." };

/* What QEMU calls otherwise than the specification. */
static const struct {
	const char *words;
	unsigned int bit;
} misnamed[] = {
	{ "VIRTIO_NET_F_GUEST_USO4: Driver can receive USOv6", 55 },
	{ "VIRTIO_F_IOMMU_PLATFORM: ", 33 },
};

static bool survives(const char *version)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(survivors); i++)
		if (!strncmp(version, survivors[i], strlen(survivors[i])))
			return true;
	return false;
}

/* The bit of "VIRTIO_NET_F_MQ: Multiqueue with …", or -1. */
static int bit_parse(const char *words)
{
	size_t i, len = strcspn(words, ":");
	unsigned int bit;

	for (i = 0; i < ARRAY_LENGTH(misnamed); i++)
		if (!strncmp(words, misnamed[i].words, strlen(misnamed[i].words)))
			return (int)misnamed[i].bit;
	for (bit = 0; bit < 128; bit++)
		if (strlen(bit_spec(bit)) == len && !strncmp(bit_spec(bit), words, len))
			return (int)bit;
	return -1;
}

/* A list of names; false if one of them is not known. */
static bool names_parse(const json_t *list, struct state_card *card)
{
	char safe[96];
	json_t *name;
	size_t i;

	json_array_foreach(list, i, name) {
		const char *words = json_string_value(name);
		int bit = words ? bit_parse(words) : -1;

		if (bit < 0) {
			text_set(card->why, sizeof(card->why), "feature \"%s\" is not known",
				 text_escape(safe, sizeof(safe), words ? words : ""));
			return false;
		}
		tapcompat_mask_set(&card->acked, (unsigned int)bit);
	}
	return true;
}

static uint8_t status_parse(const json_t *list)
{
	static const struct {
		const char *name;
		uint8_t bit;
	} names[] = {
		{ "VIRTIO_CONFIG_S_ACKNOWLEDGE:", STATE_ACKNOWLEDGE },
		{ "VIRTIO_CONFIG_S_DRIVER:", STATE_DRIVER },
		{ "VIRTIO_CONFIG_S_DRIVER_OK:", STATE_DRIVER_OK },
		{ "VIRTIO_CONFIG_S_FEATURES_OK:", STATE_FEATURES_OK },
		{ "VIRTIO_CONFIG_S_NEEDS_RESET:", STATE_NEEDS_RESET },
		{ "VIRTIO_CONFIG_S_FAILED:", STATE_FAILED },
	};
	uint8_t status = 0;
	json_t *item;
	size_t i, j;

	json_array_foreach(list, i, item) {
		const char *words = json_string_value(item);

		for (j = 0; words && j < ARRAY_LENGTH(names); j++)
			if (!strncmp(words, names[j].name, strlen(names[j].name)))
				status |= names[j].bit;
	}
	return status;
}

static void card_parse(const json_t *o, struct state_card *card)
{
	const json_t *acked = json_object_get(o, "guest-features");
	const json_t *status = json_object_get(o, "status");

	if (!json_is_object(acked) || !json_is_object(status)) {
		text_set(card->why, sizeof(card->why), "its features are not in QEMU's answer");
		return;
	}
	if (!names_parse(json_object_get(acked, "dev-features"), card) ||
	    !names_parse(json_object_get(acked, "transports"), card)) {
		card->acked = (struct tapcompat_mask){ { 0, 0 } };
		return;
	}
	/* Bits that this QEMU has no name for, such as ring reset in 7.2. */
	card->acked.word[0] |=
		(uint64_t)json_integer_value(json_object_get(acked, "unknown-dev-features"));
	card->status = status_parse(json_object_get(status, "statuses"));
	card->driver = card->status & STATE_DRIVER_OK;
	card->known = card->partial = true;
}

static void mac_parse(const char *text, uint8_t *mac)
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		char *end;
		unsigned long v = strtoul(text, &end, 16);

		if (end != text + 2 || *end != (i < 5 ? ':' : '\0')) {
			memset(mac, 0, 6);
			return;
		}
		mac[i] = (uint8_t)v;
		text = end + 1;
	}
}

static int ask_card(struct asking *a, const char *path, struct state *s)
{
	struct state_card *card = realloc(s->card, (s->cards + 1) * sizeof(*card));
	json_t *o;
	int ret;

	if (!card)
		return ask_fail(a, -ENOMEM, "out of memory");
	s->card = card;
	card += s->cards++;
	*card = (struct state_card){ .known = false };
	text_escape(card->path, sizeof(card->path), path);
	if (strlen(card->path) > strlen(BACKEND))
		card->path[strlen(card->path) - strlen(BACKEND)] = '\0';
	ret = ask_command(a, "x-query-virtio-status", json_pack("{s:s}", "path", path), -1, &o);
	if (ret)
		return ret;
	card_parse(o, card);
	json_decref(o);
	ret = ask_command(a, "qom-get", json_pack("{s:s,s:s}", "path", path, "property", "mac"),
			  -1, &o);
	if (ret)
		return ret;
	if (json_is_string(o))
		mac_parse(json_string_value(o), card->mac);
	json_decref(o);
	return 0;
}

static int ask_cards(struct asking *a, const json_t *list, struct state *s)
{
	json_t *item;
	size_t i;
	int ret = 0;

	json_array_foreach(list, i, item) {
		const char *name = json_string_value(json_object_get(item, "name"));
		const char *path = json_string_value(json_object_get(item, "path"));

		if (!name || !path || strcmp(name, "virtio-net"))
			continue;
		if (s->cards == STATE_CARDS)
			return ask_fail(a, -EPROTO, "more network cards than a machine can have");
		ret = ask_card(a, path, s);
		if (ret)
			break;
	}
	return ret;
}

int ask_query(struct asking *a, struct state **state)
{
	struct state *s;
	json_t *list;
	int ret;

	if (!survives(a->qmp.version))
		return ask_fail(a, -EOPNOTSUPP, "QEMU %s is not asked for its devices' features: "
				"some releases abort; --ask-qemu takes them from its device state, "
				"for which it stops the guest for a moment", a->qmp.version);
	ret = ask_command(a, "x-query-virtio", NULL, -1, &list);
	if (ret)
		return ret;
	s = calloc(1, sizeof(*s));
	if (!s) {
		json_decref(list);
		return ask_fail(a, -ENOMEM, "out of memory");
	}
	ret = ask_cards(a, list, s);
	json_decref(list);
	if (ret) {
		state_free(s);
		return ret;
	}
	s->compression = "";
	*state = s;
	return 0;
}
