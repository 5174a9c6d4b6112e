// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * card.c - the section of a virtio-net device
 *
 * Some parts are there or not depending on what only the machine's command line says: how
 * long the PCI configuration is, and whether there are several queue pairs.  So each
 * possible shape is tried.  The real one can always be read; where a second one can be
 * read as well, with another result, neither is believed.
 */
#include "card.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"
#include "ground/mask.h"
#include "ground/text.h"
#include "format.h"

#define CARD_SUFFIX "virtio-net"
#define CARD_VERSION 11		/* since QEMU 0.12 */
#define QUEUES 1024ul		/* VIRTIO_QUEUE_MAX: tables have so many rows, used or not */
#define CONFIG_MAX 4096
#define MACS_MAX 65536
#define VLANS 512		/* bytes of the VLAN filter */
#define PCI_CAPABILITIES 0x34
#define PCI_MSIX 0x11
#define CTRL_GUEST_OFFLOADS 2	/* bit of the feature */

enum transport {
	TRANSPORT_PCI,		/* 256 bytes of configuration */
	TRANSPORT_PCIE,		/* 4096 */
	TRANSPORT_MMIO,
	TRANSPORTS,
};

/* What is left of a section; @failed once more was asked for than there is. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool failed;
};

/* The next @len bytes, or NULL. */
static const uint8_t *take(struct cursor *c, size_t len)
{
	const uint8_t *p = c->at;

	if (c->failed || len > c->left) {
		c->failed = true;
		return NULL;
	}
	c->at += len;
	c->left -= len;
	return p;
}

static uint8_t take_u8(struct cursor *c)
{
	const uint8_t *p = take(c, 1);

	return p ? *p : 0;
}

static uint16_t take_be16(struct cursor *c)
{
	const uint8_t *p = take(c, 2);

	return p ? get_be16(p) : 0;
}

static uint32_t take_be32(struct cursor *c)
{
	const uint8_t *p = take(c, 4);

	return p ? get_be32(p) : 0;
}

static uint64_t take_be64(struct cursor *c)
{
	const uint8_t *p = take(c, 8);

	return p ? get_be64(p) : 0;
}

/* Number of MSI-X vectors, from the PCI configuration; 0 if it has none. */
static unsigned int msix_vectors(const uint8_t *config)
{
	unsigned int at = config[PCI_CAPABILITIES] & ~3u, steps = 64;

	while (at >= 0x40 && at <= 0xfc && steps--) {
		if (config[at] == PCI_MSIX)
			return (get_le16(config + at + 2) & 0x7ff) + 1u;
		at = config[at + 1] & ~3u;
	}
	return 0;
}

/* Version, configuration, interrupt lines; MSI-X's table, pending bits and vector. */
static bool take_pci(struct cursor *c, size_t config_len)
{
	const uint8_t *config;
	unsigned int vectors;
	uint32_t version = take_be32(c);

	config = take(c, config_len);
	take(c, 16);
	if (!config || version != 2)
		return false;
	vectors = msix_vectors(config);
	if (vectors) {
		take(c, vectors * 16ul + (vectors + 7) / 8);
		take(c, 2);
	}
	return vectors;
}

static bool take_transport(struct cursor *c, enum transport transport)
{
	switch (transport) {
	case TRANSPORT_PCI:
		return take_pci(c, 256);
	case TRANSPORT_PCIE:
		return take_pci(c, 4096);
	default:
		/* Two selectors, the legacy page size. */
		take(c, 4 + 4 + 4);
		return false;
	}
}

/* What all virtio devices have. */
static void take_device(struct cursor *c, enum transport transport, struct state_card *card)
{
	bool msix = take_transport(c, transport);
	uint32_t i, n;

	card->status = take_u8(c);
	take(c, 1 + 2);
	card->acked.word[0] = take_be32(c);
	n = take_be32(c);
	if (n > CONFIG_MAX)
		c->failed = true;
	take(c, n);
	n = take_be32(c);
	if (n > QUEUES)
		c->failed = true;
	for (i = 0; i < n && !c->failed; i++) {
		uint32_t len = take_be32(c);

		if (transport == TRANSPORT_MMIO)
			take(c, 4);
		take(c, 8 + 2 + (msix ? 2 : 0));
		if (i == 0)
			card->rx_ring = len;
		if (i == 1)
			card->tx_ring = len;
	}
	card->rx_ring_default = card->rx_ring;
	card->tx_ring_default = card->tx_ring;
}

static void take_pairs(struct cursor *c, bool pairs, struct state_card *card)
{
	card->queue_pairs_max = 1;
	card->queue_pairs = 1;
	if (!pairs)
		return;
	card->queue_pairs_max = take_be16(c);
	card->queue_pairs = take_be16(c);
	if (card->queue_pairs_max < 2 || card->queue_pairs_max > QUEUES / 2 ||
	    !card->queue_pairs || card->queue_pairs > card->queue_pairs_max)
		c->failed = true;
	else
		take(c, (card->queue_pairs - 1ul) * 4);
}

/* Offloads have the bits of their features, except those of tunnels: 46, 47 for 65, 66. */
static struct tapcompat_mask offload_features(uint64_t offloads)
{
	const uint64_t tunnels = 3ull << 46;

	return (struct tapcompat_mask){ { offloads & ~tunnels, (offloads & tunnels) >> 45 } };
}

/* What a network card has. */
static void take_net(struct cursor *c, bool pairs, struct state_card *card)
{
	const uint8_t *mac = take(c, sizeof(card->mac));
	uint32_t macs;

	if (mac)
		memcpy(card->mac, mac, sizeof(card->mac));
	/* Waiting, mergeable buffers, status, two modes. */
	take(c, 4 + 4 + 2 + 1 + 1);
	macs = take_be32(c);
	if (macs > MACS_MAX)
		c->failed = true;
	take(c, macs * sizeof(card->mac));
	take(c, VLANS);
	card->vnet_hdr = take_be32(c);
	take(c, 6);
	card->ufo = take_u8(c);
	take_pairs(c, pairs, card);
	card->offloads_known = card->acked.word[0] & 1u << CTRL_GUEST_OFFLOADS;
	if (card->offloads_known)
		card->offloads = offload_features(take_be64(c));
}

/* ---- Subsections ---------------------------------------------------------- */

enum part {
	PART_SKIP,		/* @len bytes */
	PART_LOW,		/* features 0 to 63 */
	PART_HIGH,		/* features 64 to 127 */
	PART_RINGS,		/* lengths of rings without a driver */
	PART_RSS,
	PART_BACKEND,		/* chunks, the last of which is empty */
	PART_EXTRA,		/* the transport's, whose parts follow */
};

struct part_kind {
	const char *name;
	enum part part;
	size_t len;
};

static const struct part_kind part_kinds[] = {
	{ "virtio-net-device/rss", PART_RSS, 0 },
	{ "virtio-net-device/backend", PART_BACKEND, 0 },
	{ "virtio/device_endian", PART_SKIP, 1 },
	{ "virtio/128bit_features", PART_HIGH, 8 },
	{ "virtio/64bit_features", PART_LOW, 8 },
	{ "virtio/virtqueues", PART_SKIP, QUEUES * 16 },
	{ "virtio/ringsize", PART_RINGS, QUEUES * 4 },
	{ "virtio/broken", PART_SKIP, 1 },
	{ "virtio/extra_state", PART_EXTRA, 0 },
	{ "virtio/started", PART_SKIP, 1 },
	{ "virtio/packed_virtqueues", PART_SKIP, QUEUES * 10 },
	{ "virtio/disabled", PART_SKIP, 1 },
	{ "virtio_pci/modern_state", PART_SKIP, 4 + 4 + 8 + QUEUES * 28 },
	{ "virtio_mmio/state", PART_SKIP, 8 + QUEUES * 27 },
};

static void take_rss(struct cursor *c)
{
	size_t entries;

	/* Three switches, types of hashes. */
	take(c, 3 + 4);
	entries = take_be16(c);
	/* Default queue, key, table. */
	take(c, 2 + 40 + 2 * entries);
}

static void take_backend(struct cursor *c, struct state_card *card)
{
	uint32_t len;

	card->backend_state = true;
	do {
		len = take_be32(c);
		take(c, len);
	} while (len && !c->failed);
}

static void take_part(struct cursor *c, const struct part_kind *kind, struct state_card *card)
{
	const uint8_t *p = take(c, kind->len);

	switch (kind->part) {
	case PART_LOW:
		card->acked.word[0] = p ? get_be64(p) : 0;
		break;
	case PART_HIGH:
		card->acked.word[1] = p ? get_be64(p) : 0;
		break;
	case PART_RINGS:
		card->rx_ring_default = p ? get_be32(p) : 0;
		card->tx_ring_default = p ? get_be32(p + 4) : 0;
		break;
	case PART_RSS:
		take_rss(c);
		break;
	case PART_BACKEND:
		take_backend(c, card);
		break;
	case PART_SKIP:
	case PART_EXTRA:
		break;
	}
}

/* The name of the subsection that comes next; false at the end. */
static bool take_name(struct cursor *c, char *name)
{
	const uint8_t *text;
	uint8_t len;

	if (c->failed || !c->left)
		return false;
	if (take_u8(c) != STREAM_SUBSECTION)
		c->failed = true;
	len = take_u8(c);
	text = take(c, len);
	take(c, 4);
	if (c->failed)
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	return true;
}

static const struct part_kind *part_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(part_kinds); i++)
		if (!strcmp(part_kinds[i].name, name))
			return &part_kinds[i];
	return NULL;
}

/*
 * All of them, to the end.  What a newer QEMU adds comes after the features, and stops
 * the reading there; before them it makes the card unreadable, and @unknown has its name.
 */
static void take_parts(struct cursor *c, struct state_card *card, char *unknown)
{
	bool features = false;
	char name[256];

	while (take_name(c, name)) {
		const struct part_kind *kind = part_find(name);

		if (kind) {
			features |= kind->part == PART_LOW;
			take_part(c, kind, card);
		} else if (features && !strncmp(name, "virtio", 6)) {
			return;
		} else {
			memcpy(unknown, name, sizeof(name));
			c->failed = true;
		}
	}
}

/* ---- Shapes ---------------------------------------------------------------- */

static bool card_try(struct state_card *card, const uint8_t *data, size_t len,
		     enum transport transport, bool pairs, char *unknown)
{
	struct cursor c = { .at = data, .left = len };

	take_device(&c, transport, card);
	take_net(&c, pairs, card);
	take_parts(&c, card, unknown);
	if (c.failed)
		return false;
	card->driver = card->status & STATE_DRIVER_OK;
	card->known = true;
	return true;
}

static void card_unknown(struct state_card *card, const char *unknown)
{
	char safe[64];

	if (unknown[0])
		text_set(card->why, sizeof(card->why), "its part \"%s\" is not known: its QEMU is "
			 "newer than this tapcompat", text_escape(safe, sizeof(safe), unknown));
	else
		text_set(card->why, sizeof(card->why), "its layout is not known: neither PCI nor "
			 "MMIO, or of another QEMU than 2.4 to 11.1");
}

void card_read(struct state_card *card, const uint8_t *data, size_t len)
{
	const struct state_card blank = *card;
	char unknown[256] = "";
	unsigned int shape, found = 0;

	for (shape = 0; shape < 2 * TRANSPORTS; shape++) {
		struct state_card try = blank;

		if (card_try(&try, data, len, shape / 2, shape % 2, unknown)) {
			*card = try;
			found++;
		}
	}
	if (found == 1)
		return;
	*card = blank;
	if (found)
		text_set(card->why, sizeof(card->why), "it can be read in %u ways", found);
	else
		card_unknown(card, unknown);
}

/* "0000:00:03.0/virtio-net" or "virtio-net": the path is what is before it. */
static bool card_path(const char *name, char *path, size_t size)
{
	size_t len = strlen(name), suffix = strlen(CARD_SUFFIX);
	char before[256] = "";

	if (len < suffix || strcmp(name + len - suffix, CARD_SUFFIX))
		return false;
	if (len > suffix && name[len - suffix - 1] != '/')
		return false;
	if (len > suffix)
		memcpy(before, name, len - suffix - 1);
	text_escape(path, size, before);
	return true;
}

int card_take(struct state *state, const struct device *device)
{
	struct state_card *card, new = {
		.instance = device->instance, .offset = device->offset,
	};

	if (!card_path(device->name, new.path, sizeof(new.path)))
		return 0;
	if (state->cards == STATE_CARDS)
		return -EBADMSG;
	card = realloc(state->card, (state->cards + 1) * sizeof(*card));
	if (!card)
		return -ENOMEM;
	state->card = card;
	if (device->version == CARD_VERSION)
		card_read(&new, device->data, device->len);
	else
		text_set(new.why, sizeof(new.why), "version %u of its section is not known",
			 device->version);
	card[state->cards++] = new;
	return 0;
}
