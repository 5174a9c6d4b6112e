/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nic_choose.h - one of the network cards of a machine
 */
#ifndef TAPCOMPAT_FEATURE_NIC_CHOOSE_H
#define TAPCOMPAT_FEATURE_NIC_CHOOSE_H

#include "nic.h"

#define NIC_CARDS 64	/* of one machine */

/* @id: of QEMU's device, or the alias in a domain; escaped, "" if it has none */
struct nic_card {
	char id[64];
	struct nic nic;
};

/**
 * nic_choose() - find a card
 * @which: id, MAC address or number from 1; NULL if there is to be only one
 * Return: NULL, after setting @error, if there is none
 */
const struct nic_card *nic_choose(const struct nic_card *cards, unsigned int n,
				  const char *which, struct tapcompat_error *error);

#endif /* TAPCOMPAT_FEATURE_NIC_CHOOSE_H */
