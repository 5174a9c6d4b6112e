// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * macvtap.c - the device node of a macvtap
 */
#include "macvtap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ground/answer.h"
#include "ground/text.h"
#include "tap.h"

/* Any directory that every sysfs has will do to carry the nodes. */
#define SYSFS "/sys"
#define NODES "/sys/kernel"

/* A file system that only this mount namespace sees: a descriptor of its root. */
static int mount_here(const char *type, const char *where)
{
	int fd = -1;

	if (!mount(type, where, type, MS_NOSUID | MS_NOEXEC, NULL))
		fd = open(where, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int mounts_make_private(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return 0;
}

int macvtap_nodes_open(struct macvtap_nodes *v, char *why, size_t size)
{
	const char *step = "a mount namespace";
	int ret = mounts_make_private();

	v->sysfs = v->nodes = -1;
	if (!ret) {
		step = "mounting sysfs";
		ret = v->sysfs = mount_here("sysfs", SYSFS);
	}
	if (ret >= 0) {
		step = "mounting tmpfs";
		ret = v->nodes = mount_here("tmpfs", NODES);
	}
	if (ret >= 0)
		return 0;
	text_set(why, size, "no node can be made for a macvtap: %s: %s", step,
		 answer_errno(ret));
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

/* Device number of a macvtap, as its class tells it: "MAJOR:MINOR". */
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
	if (fd < 0)
		return -errno;
	ret = tap_attach(fd, name, multi_queue);
	if (!ret)
		ret = tap_endian(fd, true, true);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}
