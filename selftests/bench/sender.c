// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sender.c - what the stack of a guest does with one large send
 */
#include "sender.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "bench.h"
#include "kernel/link.h"
#include "packets.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define FEATURES_MAX 256	/* names of offloads that are looked at */

static int add_dummy(struct nl_sock *nl, const char *name)
{
	struct rtnl_link *link = rtnl_link_alloc();
	int ret;

	rtnl_link_set_name(link, name);
	ret = rtnl_link_set_type(link, "dummy");
	if (!ret)
		ret = rtnl_link_add(nl, link, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_link_put(link);
	return ret ? -EOPNOTSUPP : 0;
}

static int ethtool(int fd, const char *name, void *command)
{
	struct ifreq ifr = { .ifr_data = command };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &ifr) < 0 ? -errno : 0;
}

/* Return: the bit of an offload, or a negative errno */
static int feature_bit(int fd, const char *device, const char *feature)
{
	struct ethtool_gstrings *s = bench_take(sizeof(*s) + FEATURES_MAX * ETH_GSTRING_LEN);
	int ret, bit = -ENOENT;
	uint32_t i;

	s->cmd = ETHTOOL_GSTRINGS;
	s->string_set = ETH_SS_FEATURES;
	ret = ethtool(fd, device, s);
	for (i = 0; !ret && i < s->len && i < FEATURES_MAX; i++)
		if (!strncmp((char *)s->data + i * ETH_GSTRING_LEN, feature, ETH_GSTRING_LEN))
			bit = (int)i;
	free(s);
	return ret ? ret : bit;
}

static int switch_off(const char *device, const char *feature)
{
	struct ethtool_sfeatures *set;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int bit = feature_bit(fd, device, feature), ret = bit;

	if (bit >= 0) {
		set = bench_take(sizeof(*set) + FEATURES_MAX / 32 * sizeof(set->features[0]));
		set->cmd = ETHTOOL_SFEATURES;
		set->size = (uint32_t)bit / 32 + 1;
		set->features[bit / 32].valid = 1u << bit % 32;
		ret = ethtool(fd, device, set);
		free(set);
	}
	close(fd);
	return ret;
}

static int open_device(unsigned int number, const char *name)
{
	const uint8_t here[] = { 198, 19, (uint8_t)number, 1 };
	const uint8_t there[] = { 198, 19, (uint8_t)number, 2 };
	const uint8_t mac[] = { 2, 0, 0, 1, (uint8_t)number, 1 };
	struct nl_sock *nl;
	int ret = links_open(&nl);

	if (ret)
		return ret;
	ret = add_dummy(nl, name);
	if (!ret)
		ret = link_set(nl, name, mac, NULL);
	if (!ret)
		ret = link_address(nl, name, 4, here, 24);
	if (!ret)
		ret = link_neighbour(nl, name, 4, there, mac);
	links_close(nl);
	return ret;
}

static int open_socket(unsigned int number)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(SINK_PORT),
		.sin_addr.s_addr = htonl(198u << 24 | 19u << 16 | number << 8 | 2),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = SEGMENT_BYTES;

	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		bench_die("sender", errno);
	return fd;
}

int sender_open(unsigned int number, bool uso)
{
	char name[IFNAMSIZ];
	int ret;

	snprintf(name, sizeof(name), "dummy%u", number);
	ret = open_device(number, name);
	if (!ret && !uso)
		ret = switch_off(name, "tx-udp-segmentation");
	if (ret)
		bench_die(name, ret);
	return open_socket(number);
}

void sender_send(int fd)
{
	static uint8_t payload[PAYLOAD];

	if (send(fd, payload, sizeof(payload), 0) != sizeof(payload))
		bench_die("send", errno);
}
