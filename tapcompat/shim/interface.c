// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * interface.c - which descriptors are queues of one interface
 *
 * A name is not enough: it can be changed, and each network namespace has its own "tap0".  The
 * index of the interface cannot be read from a descriptor, and all taps have the inode of
 * /dev/net/tun.  What can be read: the name (TUNGETIFF), the MAC address (SIOCGIFHWADDR), and
 * the network namespace (TUNGETDEVNETNS: Linux 5.2; not macvtap, and only with CAP_NET_ADMIN
 * there, which a QEMU of libvirt's does not have).  A macvtap has a device number of its own.
 *
 * Two descriptors are compared by what is read from both at the same time, so neither a new
 * name nor a new MAC address matters.  Where the namespace cannot be read, the MAC address has
 * to be the same: only two taps of one name, one MAC address and two namespaces, in a QEMU
 * without privileges, are taken for one interface.
 */
#include "shim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "ground/bytes.h"

/* The namespace, as /proc/PID/ns/net would show it. */
static void read_netns(int fd, struct interface_id *id)
{
	int netns = tap_ioctl(fd, TUNGETDEVNETNS, 0);
	struct stat st;

	if (netns < 0)
		return;
	if (!fstat(netns, &st)) {
		id->netns_dev = st.st_dev;
		id->netns_ino = st.st_ino;
	}
	syscall(SYS_close, netns);
}

int interface_identify(int fd, struct interface_id *id)
{
	struct ifreq ifr = { 0 };
	struct stat st;
	int ret = tap_ioctl(fd, TUNGETIFF, (unsigned long)&ifr);

	if (ret)
		return ret;
	memset(id, 0, sizeof(*id));
	memcpy(id->name, ifr.ifr_name, sizeof(id->name) - 1);
	id->flags = ifr.ifr_flags;
	if (!fstat(fd, &st))
		id->node = st.st_rdev;
	memset(&ifr, 0, sizeof(ifr));
	if (!tap_ioctl(fd, SIOCGIFHWADDR, (unsigned long)&ifr))
		memcpy(id->mac, ifr.ifr_hwaddr.sa_data, sizeof(id->mac));
	read_netns(fd, id);
	return 0;
}

static bool same_name(const struct interface_id *a, const struct interface_id *b)
{
	return !strncmp(a->name, b->name, sizeof(a->name));
}

static bool same_mac(const struct interface_id *a, const struct interface_id *b)
{
	return !memcmp(a->mac, b->mac, sizeof(a->mac));
}

static bool same_netns(const struct interface_id *a, const struct interface_id *b)
{
	return a->netns_ino == b->netns_ino && a->netns_dev == b->netns_dev;
}

bool interface_is_same(const struct interface_id *a, const struct interface_id *b)
{
	if (a->node != b->node || !same_name(a, b) || !same_netns(a, b))
		return false;
	return a->netns_ino || same_mac(a, b);
}

/* Any one of them may have changed since, but another interface would differ in two. */
bool interface_refresh(struct interface *i, const struct interface_id *id)
{
	bool netns = !i->id.netns_ino || !id->netns_ino || same_netns(&i->id, id);

	if (i->id.node != id->node ||
	    same_name(&i->id, id) + same_mac(&i->id, id) + netns < 2)
		return false;
	i->id = *id;
	return true;
}

/* ---- Its taps ------------------------------------------------------------------ */

struct interface *interface_get(struct interface *i, const struct interface_id *id)
{
	if (!i) {
		i = calloc(1, sizeof(*i));
		if (!i)
			return NULL;
		i->id = *id;
	}
	__atomic_add_fetch(&i->users, 1, __ATOMIC_RELAXED);
	return i;
}

void interface_put(struct interface *i)
{
	if (!__atomic_sub_fetch(&i->users, 1, __ATOMIC_ACQ_REL))
		free(i);
}

uint32_t interface_number(struct interface *i)
{
	uint32_t n;

	for (n = 0; n < INTERFACE_QUEUES - 1; n++) {
		uint64_t bit = 1ull << n % 64;

		if (!(__atomic_fetch_or(&i->queues[n / 64], bit, __ATOMIC_RELAXED) & bit))
			break;
	}
	return n;
}

void interface_release(struct interface *i, uint32_t number)
{
	__atomic_fetch_and(&i->queues[number / 64], ~(1ull << number % 64), __ATOMIC_RELAXED);
}
