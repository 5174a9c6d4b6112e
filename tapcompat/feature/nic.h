/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nic.h - a network card: what else than its features must match in a migration
 */
#ifndef TAPCOMPAT_FEATURE_NIC_H
#define TAPCOMPAT_FEATURE_NIC_H

#include <stddef.h>

#include <tapcompat.h>

#include "table/nic.h"

#define NIC_VALUE 24	/* bytes for a value as text */
#define NIC_TEXT 384	/* for all of them as a list */
#define NIC_WHY 160

/* What is known of a card. */
struct nic {
	uint32_t known;		/* bit set of 1 << enum nic_property */
	uint64_t value[NIC_PROPERTIES];
};

static inline bool nic_knows(const struct nic *nic, unsigned int property)
{
	return nic->known >> property & 1;
}

static inline void nic_set(struct nic *nic, unsigned int property, uint64_t value)
{
	nic->known |= 1u << property;
	nic->value[property] = value;
}

/**
 * nic_read() - set a property from text, with the words of QEMU and of libvirt
 * Return: false if it is no value of this property
 */
bool nic_read(struct nic *nic, unsigned int property, const char *text);

/* A value as text. */
const char *nic_value_text(unsigned int property, uint64_t value, char *text, size_t size);

/**
 * nic_parse() - read a list such as "host-mtu=1450,queue-pairs=4"
 * @nic: the properties in the list are set in addition
 * Return: 0 or -EINVAL
 */
int nic_parse(struct nic *nic, const char *list, struct tapcompat_error *error);

/**
 * nic_list() - the same list, of what is known
 */
void nic_list(const struct nic *nic, char *text, size_t size);

/**
 * nic_complete() - set QEMU's defaults where nothing was said
 * @machine: type; those before 6.1 have fewer vectors
 *
 * The address and disable-legacy, which depend on more than the options, stay unknown.
 */
void nic_complete(struct nic *nic, const char *machine);

/**
 * nic_flags() - append the properties to options of -device, such as "host_uso=off"
 * @most_tx: largest transmit ring of the backend: QEMU does not start with a larger one
 */
void nic_flags(const struct nic *nic, uint64_t most_tx, char *text, size_t size);

#define NIC_TX_TAP 256u

/* A property that differs. */
struct nic_difference {
	const struct nic_row *row;
	enum tapcompat_verdict verdict;	/* FAIL: QEMU may refuse it; WARN: it lands */
	char from[NIC_VALUE], to[NIC_VALUE];
	char why[NIC_WHY];
};

/**
 * nic_compare() - what of a machine's card does not match the destination's?
 * @list: set to the differences between what is known on both sides
 * Return: how many there are
 */
unsigned int nic_compare(const struct nic *from, const struct nic *to,
			 struct nic_difference list[NIC_PROPERTIES]);

#endif /* TAPCOMPAT_FEATURE_NIC_H */
