// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * macvtap.c - the device node of a macvtap
 */
#include "macvtap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ground/answer.h"
#include "ground/text.h"
#include "tap.h"

/* A detached mount of a new file system: return a descriptor of its root. */
static int mount_detached(const char *type)
{
	int context = fsopen(type, FSOPEN_CLOEXEC), fd = -1, error;

	if (context < 0)
		return -errno;
	if (!fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = fsmount(context, FSMOUNT_CLOEXEC, 0);
	error = errno;
	close(context);
	return fd < 0 ? -error : fd;
}

int macvtap_nodes_open(struct macvtap_nodes *v, char *why, size_t size)
{
	int ret;

	v->nodes = -1;
	ret = v->sysfs = mount_detached("sysfs");
	if (ret >= 0)
		ret = v->nodes = mount_detached("tmpfs");
	if (ret >= 0)
		return 0;
	text_set(why, size, "cannot create a node for a macvtap: mounting %s: %s",
		 v->sysfs < 0 ? "sysfs" : "tmpfs", answer_errno(ret));
	macvtap_nodes_close(v);
	return ret;
}

void macvtap_nodes_close(struct macvtap_nodes *v)
{
	if (v->sysfs >= 0)
		close(v->sysfs);
	if (v->nodes >= 0)
		close(v->nodes);
	v->sysfs = v->nodes = -1;
}

/* Device number of a macvtap, from sysfs: "MAJOR:MINOR". */
static int macvtap_number(const struct macvtap_nodes *v, int index, dev_t *dev)
{
	char text[32] = "", path[64], *end;
	unsigned long major_number;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "class/macvtap/tap%d/dev", index);
	fd = openat(v->sysfs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	major_number = strtoul(text, &end, 10);
	if (n <= 0 || *end != ':')
		return -EIO;
	*dev = makedev((unsigned int)major_number, (unsigned int)strtoul(end + 1, NULL, 10));
	return 0;
}

int macvtap_open(const struct macvtap_nodes *v, const char *name, int index,
		 bool multi_queue)
{
	dev_t dev = 0;
	int ret, fd;

	ret = macvtap_number(v, index, &dev);
	if (ret)
		return ret;
	if (mknodat(v->nodes, name, S_IFCHR | 0600, dev) && errno != EEXIST)
		return -errno;
	fd = openat(v->nodes, name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : tap_attach(fd, name, multi_queue);
}
