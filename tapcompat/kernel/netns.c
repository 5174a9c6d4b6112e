// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * netns.c - enter a new network namespace
 */
#include "netns.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"

static int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* The number in a file of /proc/sys, or -1. */
static long file_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? strtol(text, NULL, 10) : -1;
}

/* Settings that forbid user namespaces, and the value that does. */
static const struct {
	const char *path;
	long forbids;
	const char *setting;
} userns_limits[] = {
	{ "/proc/sys/user/max_user_namespaces", 0, "user.max_user_namespaces is 0" },
	{ "/proc/sys/kernel/unprivileged_userns_clone", 0,
	  "kernel.unprivileged_userns_clone is 0" },
	{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
	  "kernel.apparmor_restrict_unprivileged_userns is 1" },
};

static bool capable(unsigned int capability)
{
	return !capng_get_caps_process() &&
	       capng_have_capability(CAPNG_EFFECTIVE, capability);
}

/* @lacks: the missing capability that made a user namespace necessary. */
static void userns_explain(char *why, size_t size, const char *lacks, const char *what,
			   int error)
{
	size_t i;

	text_set(why, size, "%s is missing, and %s: %s", lacks, what, answer_errno(error));
	for (i = 0; i < ARRAY_LENGTH(userns_limits); i++)
		if (file_number(userns_limits[i].path) == userns_limits[i].forbids)
			text_add(why, size, " (%s)", userns_limits[i].setting);
	if (geteuid())
		text_add(why, size, "; run it as root");
	else
		text_add(why, size, "; add %s, as with docker run --cap-add", lacks);
}

static int userns_map(uid_t uid, gid_t gid)
{
	char map[64];
	int ret;

	file_write("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)uid);
	ret = file_write("/proc/self/uid_map", map);
	if (ret)
		return ret;
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)gid);
	return file_write("/proc/self/gid_map", map);
}

/* As root of a new user namespace, for callers without the capabilities. */
static int userns_enter(const char *lacks, char *why, size_t size)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int ret = 0;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		ret = -errno;
		userns_explain(why, size, lacks, "cannot create a user namespace: unshare", ret);
		return ret;
	}
	ret = userns_map(uid, gid);
	if (ret) {
		userns_explain(why, size, lacks,
			       "cannot set up the user namespace: uid_map", ret);
		return ret;
	}
	/* AppArmor may allow a user namespace but deny capabilities in it. */
	if (!capable(CAP_NET_ADMIN)) {
		userns_explain(why, size, lacks, "a user namespace does not provide it", -EPERM);
		return -EPERM;
	}
	return 0;
}

int netns_enter(char *why, size_t size)
{
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return userns_enter("CAP_SYS_ADMIN", why, size);
	if (!capable(CAP_NET_ADMIN))
		return userns_enter("CAP_NET_ADMIN", why, size);
	if (!unshare(CLONE_NEWNET))
		return 0;
	ret = -errno;
	text_set(why, size, "cannot create a network namespace: unshare: %s%s", answer_errno(ret),
		 ret == -EPERM ? " (a seccomp filter or a security module refuses)" : "");
	return ret;
}
