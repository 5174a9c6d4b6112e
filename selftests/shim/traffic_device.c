// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_device.c - the offloads of a guest's device, and a tap for a command
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>

#include "traffic.h"

#define TAP_FIRST_FD 10

static int ethtool(int fd, const char *name, void *what)
{
	struct ifreq ifr = { .ifr_data = what };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &ifr);
}

static uint32_t feature_count(int fd, const char *name)
{
	union {
		struct ethtool_sset_info info;
		uint32_t word[5];	/* the last one is the answer */
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1 << ETH_SS_FEATURES } };

	if (ethtool(fd, name, &set))
		die("%s: how many features", name);
	return set.info.data[0];
}

static struct ethtool_gstrings *feature_names(int fd, const char *name)
{
	uint32_t count = feature_count(fd, name);
	struct ethtool_gstrings *names;

	names = calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	if (!names)
		die("memory");
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = count;
	if (ethtool(fd, name, names))
		die("%s: names of features", name);
	return names;
}

/* One line for each that is on, by ethtool's name. */
int device_offloads(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ethtool_gstrings *names = feature_names(fd, name);
	uint32_t i, blocks = (names->len + 31) / 32;
	struct ethtool_gfeatures *features;

	features = calloc(1, sizeof(*features) + blocks * sizeof(features->features[0]));
	if (!features)
		die("memory");
	features->cmd = ETHTOOL_GFEATURES;
	features->size = blocks;
	if (ethtool(fd, name, features))
		die("%s: features", name);
	for (i = 0; i < names->len; i++)
		if (features->features[i / 32].active & 1u << i % 32)
			printf("%.*s\n", ETH_GSTRING_LEN,
			       (char *)names->data + (size_t)i * ETH_GSTRING_LEN);
	free(features);
	free(names);
	close(fd);
	return 0;
}

static uint32_t feature_number(int fd, const char *name, const char *feature, uint32_t *total)
{
	struct ethtool_gstrings *names = feature_names(fd, name);
	uint32_t i;

	for (i = 0; i < names->len; i++)
		if (!strncmp((char *)names->data + (size_t)i * ETH_GSTRING_LEN, feature,
			     ETH_GSTRING_LEN))
			break;
	*total = names->len;
	free(names);
	errno = ENOENT;
	if (i == *total)
		die("%s: %s", name, feature);
	return i;
}

int device_switch_on(const char *name, const char *feature)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint32_t total, number = feature_number(fd, name, feature, &total);
	struct ethtool_sfeatures *set;

	set = calloc(1, sizeof(*set) + (total + 31) / 32 * sizeof(set->features[0]));
	if (!set)
		die("memory");
	set->cmd = ETHTOOL_SFEATURES;
	set->size = (total + 31) / 32;
	set->features[number / 32].valid = 1u << number % 32;
	set->features[number / 32].requested = 1u << number % 32;
	if (ethtool(fd, name, set))
		die("%s: %s", name, feature);
	free(set);
	close(fd);
	return 0;
}

static void tap_open(const char *name, bool many, int as)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR |
					  (many ? IFF_MULTI_QUEUE : 0) };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		die("%s: a queue of the tap", name);
	if (fd != as && (dup2(fd, as) < 0 || close(fd)))
		die("descriptor %d", as);
}

/* Like programs that pass taps to QEMU by descriptor: 10, 11, … */
int device_tap(const char *name, int queues, char **command)
{
	int i;

	for (i = 0; i < queues; i++)
		tap_open(name, queues > 1, TAP_FIRST_FD + i);
	execvp(command[0], command);
	die("%s", command[0]);
}
