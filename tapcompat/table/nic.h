/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nic.h - properties of a network card, beside its features, that matter in a migration
 *
 * selftests/qemu/card.py holds the rules against QEMU itself.
 */
#ifndef TAPCOMPAT_TABLE_NIC_H
#define TAPCOMPAT_TABLE_NIC_H

#include <stdbool.h>
#include <stdint.h>

enum nic_property {
	NIC_HOST_MTU,
	NIC_QUEUE_PAIRS,
	NIC_VECTORS,
	NIC_RX_QUEUE_SIZE,
	NIC_TX_QUEUE_SIZE,
	NIC_FAILOVER,
	NIC_SPEED,
	NIC_DUPLEX,
	NIC_PAGE_PER_VQ,
	NIC_DISABLE_LEGACY,
	NIC_MAC,
	NIC_PROPERTIES
};

enum nic_kind {
	NIC_NUMBER,
	NIC_SWITCH,	/* on and off */
	NIC_WORD,	/* "unknown", "half", "full" */
	NIC_ADDRESS,	/* a MAC address */
};

/* What happens to a machine that migrates to a card with another value. */
enum nic_rule {
	NIC_EQUAL,	/* QEMU refuses it */
	NIC_BIT,	/* the device offers a feature bit, whatever the value, unless it is 0 */
	NIC_RESET,	/* it lands, and the guest finds the other value when it resets the card */
};

/**
 * struct nic_row - a property
 * @name: in documents and lists
 * @qemu: property of QEMU's device; "" for queue-pairs, which are those of its netdev
 * @libvirt: "element/attribute" below <interface>, or "" if libvirt has none
 * @least, @most: of a number
 * @usual: QEMU's default; vectors depend on the queue pairs, and a MAC address has none
 * @bit: NIC_BIT: feature bit that QEMU offers with it
 * @message: of QEMU, when it refuses; "" if it does not
 */
struct nic_row {
	const char *name, *qemu, *libvirt;
	enum nic_kind kind;
	enum nic_rule rule;
	uint64_t least, most, usual;
	unsigned int bit;
	const char *message;
};

extern const struct nic_row nic_table[NIC_PROPERTIES];

/* The word of a NIC_WORD; NULL behind the last one. */
const char *nic_word(uint64_t value);

/**
 * nic_find() - by name, or by the name of QEMU's property
 * Return: its index; NIC_PROPERTIES if there is none
 */
enum nic_property nic_find(const char *name);

/* Without one of their own, QEMU gives a card 2 vectors for each pair, and 2 more. */
static inline uint64_t nic_vectors(uint64_t pairs)
{
	return 2 * pairs + 2;
}

#endif /* TAPCOMPAT_TABLE_NIC_H */
