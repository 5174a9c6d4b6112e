// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * privilege.c - giving up privileges, by libcap-ng
 */
#include "helper.h"

#include <cap-ng.h>
#include <sys/prctl.h>
#include <unistd.h>

static int add(unsigned int capability)
{
	return capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, capability) ||
	       capng_update(CAPNG_ADD, CAPNG_PERMITTED, capability);
}

/* Keep some capabilities, if present, and switch to the ids of the caller. */
static int keep(bool system)
{
	bool have_system = capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN);
	bool have_net = capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN);
	bool bounding = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);

	capng_clear(CAPNG_SELECT_BOTH);
	if ((have_net && add(CAP_NET_ADMIN)) || (system && have_system && add(CAP_SYS_ADMIN)))
		return -1;
	if (getuid() != geteuid() || getgid() != getegid())
		return capng_change_id((int)getuid(), (int)getgid(), CAPNG_CLEAR_BOUNDING);
	return capng_apply(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
}

int privilege_drop(void)
{
	if (!capng_get_caps_process() && !keep(getuid() == 0) &&
	    !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 0;
	helper_say("cannot drop privileges: refused by a seccomp filter or a security module");
	return TAPCOMPAT_EXIT_UNDECIDED;
}

int privilege_drop_namespaces(void)
{
	bool have_net = capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN);

	capng_clear(CAPNG_SELECT_CAPS);
	if (!(have_net && add(CAP_NET_ADMIN)) && !capng_apply(CAPNG_SELECT_CAPS))
		return 0;
	helper_say("cannot drop privileges: refused by a seccomp filter or a security module");
	return TAPCOMPAT_EXIT_UNDECIDED;
}

void privilege_drop_all(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS))
		_exit(TAPCOMPAT_EXIT_UNDECIDED);
	/* Its files in /proc are then owned by the user, as a user namespace needs. */
	prctl(PR_SET_DUMPABLE, 1);
}
