// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * backend_vdpa.c - vhost-vdpa: what netlink reports about the host's devices
 *
 * Read-only: a vDPA device is hardware, and a guest may be using it.
 */
#include "ask.h"

#include <errno.h>
#include <unistd.h>

#include "backend.h"
#include "ground/answer.h"
#include "kernel/vdpa.h"

void backend_vdpa(struct probe *p)
{
	struct caps_backend *b = &p->backend[TAPCOMPAT_VHOST_VDPA];
	int ret;

	if (backend_module_missing(p, b, MODULE_VDPA))
		return;
	ret = vdpa_list(b);
	if (ret == -ENOENT && !access("/sys/bus/vdpa", F_OK)) {
		caps_available(b, TAPCOMPAT_UNDECIDED,
			       "only the initial network namespace shows vdpa: run it there");
	} else if (ret == -ENOENT) {
		caps_available(b, TAPCOMPAT_UNAVAILABLE, "this kernel has no vdpa");
	} else if (ret) {
		caps_available(b, TAPCOMPAT_UNDECIDED, "cannot list vdpa devices by netlink: %s",
			       answer_errno(ret));
	} else if (!b->devices && b->managers) {
		caps_available(b, TAPCOMPAT_UNAVAILABLE,
			       "no vdpa network device: run vdpa dev add name NAME mgmtdev %s",
			       b->manager[0].name);
	} else if (!b->devices) {
		caps_available(b, TAPCOMPAT_UNAVAILABLE,
			       "no vdpa network device, and no management device to create one");
	} else {
		caps_available(b, TAPCOMPAT_AVAILABLE, "%s", "");
		ask_vdpa(b);
	}
}
