// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port.c - the bridge, and the tap that becomes its port
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "ground/answer.h"
#include "kernel/link.h"
#include "kernel/tap.h"

bool bridge_name_right(const char *name)
{
	const char *p;

	if (!name[0] || name[0] == '-' || strlen(name) >= IFNAMSIZ || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return false;
	for (p = name; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr("/:%", *p))
			return false;
	return true;
}

/* Closed again at once, so that the process in proof.c has no netlink socket. */
static int bridge_info(const char *name, struct link_info *info)
{
	struct nl_sock *nl;
	int ret = links_open(&nl);

	if (!ret)
		ret = link_info(nl, 0, name, info);
	links_close(nl);
	return ret;
}

int bridge_find(const char *name, struct bridge *b)
{
	struct link_info info;
	int ret = bridge_info(name, &info);

	if (ret == -ENODEV || ret == -ENOENT) {
		helper_say("no bridge %s exists here: ip link add %s type bridge; "
			   "ip link set %s up", name, name, name);
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	if (ret) {
		helper_say("netlink cannot query the bridge %s: %s", name,
			   answer_errno(ret));
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	if (strcmp(info.kind, "bridge")) {
		helper_say("%s is not a bridge but %s", name,
			   info.kind[0] ? info.kind : "a device of another kind");
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	/* The list of allowed bridges was checked by this name. */
	if (strcmp(info.name, name)) {
		helper_say("%s is an alternative name of %s: use that name", name, info.name);
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	*b = (struct bridge){ .index = info.index, .mtu = info.mtu };
	return 0;
}

static int tap_refused(const char *what, int error)
{
	if (error == EPERM)
		helper_say("%s: CAP_NET_ADMIN is missing: run QEMU as root, or setcap "
			   "cap_net_admin+ep on this program; if that was done, something "
			   "keeps it from taking effect, such as no_new_privs", what);
	else
		helper_say("%s: %s", what, strerror(error));
	return TAPCOMPAT_EXIT_UNDECIDED;
}

/* The kernel chooses the name, so that no existing device is opened. */
static int tap_make(bool vnet, struct ifreq *ifr, int *tap)
{
	short want = (short)(IFF_TAP | IFF_NO_PI | (vnet ? IFF_VNET_HDR : 0));

	*tap = open(TAP_NODE, O_RDWR | O_CLOEXEC);
	if (*tap < 0)
		return tap_refused(TAP_NODE, errno);
	memset(ifr, 0, sizeof(*ifr));
	ifr->ifr_flags = want;
	strcpy(ifr->ifr_name, "tap%d");
	if (ioctl(*tap, TUNSETIFF, ifr))
		return tap_refused("cannot create a tap: TUNSETIFF", errno);
	if (ioctl(*tap, TUNGETIFF, ifr))
		return tap_refused("cannot query the new tap: TUNGETIFF", errno);
	if ((ifr->ifr_flags & want) != want) {
		helper_say("the kernel created a tap with other flags than requested");
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	return 0;
}

/* Is the bridge still the one that may be used, and the tap on it? */
static int port_confirm(struct nl_sock *nl, const struct request *r, const struct bridge *b,
			const char *tap)
{
	struct link_info bridge, port;
	int ret = link_info(nl, b->index, NULL, &bridge);

	if (!ret)
		ret = link_info(nl, 0, tap, &port);
	if (!ret && !strcmp(bridge.name, r->bridge) && port.master == b->index)
		return 0;
	helper_say("the bridge %s was changed in the meantime: try again", r->bridge);
	return TAPCOMPAT_EXIT_UNDECIDED;
}

static int port_join(struct nl_sock *nl, const struct request *r, const struct bridge *b,
		     const char *tap)
{
	int ret = link_join(nl, tap, b->index, b->mtu);

	if (!ret)
		return port_confirm(nl, r, b, tap);
	helper_say("cannot add %s to the bridge %s: %s", tap, r->bridge, answer_errno(ret));
	return TAPCOMPAT_EXIT_UNDECIDED;
}

int port_make(const struct request *r, const struct bridge *b, int *tap)
{
	struct nl_sock *nl;
	struct ifreq ifr;
	int ret = tap_make(r->vnet, &ifr, tap);

	if (ret)
		return ret;
	ret = links_open(&nl);
	if (ret) {
		helper_say("cannot use netlink: %s", answer_errno(ret));
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	ret = port_join(nl, r, b, ifr.ifr_name);
	links_close(nl);
	return ret;
}
