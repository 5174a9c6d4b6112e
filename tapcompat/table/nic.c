// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nic.c - properties of a network card, beside its features
 */
#include "nic.h"

#include <string.h>

#include "ground/bytes.h"

#define CONFIG "Bad config data"
#define FEATURES "Features 0x... unsupported"

const struct nic_row nic_table[NIC_PROPERTIES] = {
	[NIC_HOST_MTU] = { "host-mtu", "host_mtu", "mtu/size", NIC_NUMBER, NIC_BIT,
			   0, 65535, 0, 3, FEATURES },
	[NIC_QUEUE_PAIRS] = { "queue-pairs", "", "driver/queues", NIC_NUMBER, NIC_EQUAL,
			      1, 511, 1, 0, "Failed to load virtio-net-device:max_queue_pairs" },
	[NIC_VECTORS] = { "vectors", "vectors", "", NIC_NUMBER, NIC_EQUAL,
			  0, 2048, 0, 0, CONFIG },
	[NIC_RX_QUEUE_SIZE] = { "rx-queue-size", "rx_queue_size", "driver/rx_queue_size",
				NIC_NUMBER, NIC_RESET, 256, 1024, 256, 0, "" },
	[NIC_TX_QUEUE_SIZE] = { "tx-queue-size", "tx_queue_size", "driver/tx_queue_size",
				NIC_NUMBER, NIC_RESET, 256, 1024, 256, 0, "" },
	[NIC_FAILOVER] = { "failover", "failover", "teaming/type", NIC_SWITCH, NIC_BIT,
			   0, 1, 0, 62, FEATURES },
	[NIC_SPEED] = { "speed", "speed", "", NIC_NUMBER, NIC_BIT,
			0, 0x7fffffff, 0, 63, FEATURES },
	[NIC_DUPLEX] = { "duplex", "duplex", "", NIC_WORD, NIC_BIT, 0, 2, 0, 63, FEATURES },
	[NIC_PAGE_PER_VQ] = { "page-per-vq", "page-per-vq", "driver/page_per_vq",
			      NIC_SWITCH, NIC_EQUAL, 0, 1, 0, 0, CONFIG },
	[NIC_DISABLE_LEGACY] = { "disable-legacy", "disable-legacy", "model/type",
				 NIC_SWITCH, NIC_EQUAL, 0, 1, 0, 0, CONFIG },
	[NIC_MAC] = { "mac", "mac", "mac/address", NIC_ADDRESS, NIC_RESET,
		      0, 0xffffffffffff, 0, 0, "" },
};

const char *nic_word(uint64_t value)
{
	static const char *const words[] = { "unknown", "half", "full" };

	return value < ARRAY_LENGTH(words) ? words[value] : NULL;
}

enum nic_property nic_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < NIC_PROPERTIES; i++)
		if (!strcmp(nic_table[i].name, name) ||
		    (nic_table[i].qemu[0] && !strcmp(nic_table[i].qemu, name)))
			break;
	return (enum nic_property)i;
}
