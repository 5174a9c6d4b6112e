/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper_fixture.h - the helper, started as QEMU starts it, in a network and with an
 * /etc of the test's own
 */
#ifndef HELPER_FIXTURE_H
#define HELPER_FIXTURE_H

#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <linux/if_tun.h>

#include "kernel/link.h"
#include "run.h"

#define NOBODY 65534
#define ACL "/etc/qemu/bridge.conf"
#define FEATURES "--require=csum,guest_csum,host_tso4,guest_tso4"

struct helper {
	struct run run;
	char path[PATH_MAX];
	struct nl_sock *nl;
	int received;		/* what came over the socket: -1 nothing, else a descriptor */
	ssize_t bytes;
};

static inline const char *helper_program(struct helper *h)
{
	strcpy(h->path, run_tapcompat());
	strcat(h->path, "-helper");
	return h->path;
}

static inline void helper_allow(const char *text)
{
	FILE *f = fopen(ACL, "w");

	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

/* Users may open taps where udev says so; here, whatever this machine says. */
static inline int helper_open_tun(void)
{
	return mknod("/etc/tun", S_IFCHR | 0666, makedev(10, 200)) || chmod("/etc/tun", 0666) ||
		mount("/etc/tun", "/dev/net/tun", NULL, MS_BIND, NULL);
}

/* 0, or why it cannot be: a network, an /etc, and a bridge of its own. */
static inline const char *helper_world(struct helper *h)
{
	struct stat st;

	if (geteuid() != 0)
		return "needs root";
	if (stat("/dev/net/tun", &st))
		return "there is no /dev/net/tun";
	helper_program(h);
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	     mount(NULL, "/etc", NULL, MS_REC | MS_PRIVATE, NULL)) ||
	    mount("tmpfs", "/etc", "tmpfs", 0, "mode=755") || mkdir("/etc/qemu", 0755) ||
	    helper_open_tun())
		return "no namespaces can be made";
	umask(022);
	helper_allow("allow br0\n");
	if (links_open(&h->nl) || link_add_bridge(h->nl, "br0"))
		return "no bridge can be made";
	h->received = -1;
	return NULL;
}

static inline unsigned int links_count(void)
{
	struct if_nameindex *list = if_nameindex();
	unsigned int n = 0;

	while (list && list[n].if_index)
		n++;
	if_freenameindex(list);
	return n;
}

/* What the socket's other end holds. */
static inline void helper_receive(struct helper *h, int fd)
{
	char control[CMSG_SPACE(4 * sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	h->received = -1;
	h->bytes = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	c = h->bytes > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&h->received, CMSG_DATA(c), sizeof(int));
}

static inline void helper_forget(struct helper *h)
{
	if (h->received >= 0)
		close(h->received);
	h->received = -1;
}

/* With the options that QEMU gives, and @more. */
static inline int helper_run(struct helper *h, const char *more[], bool as_qemu)
{
	const char *args[24] = { h->path };
	char number[16];
	int sv[2], n = 1;

	helper_forget(h);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
		return -1;
	fcntl(sv[0], F_SETFD, FD_CLOEXEC);
	snprintf(number, sizeof(number), "--fd=%d", sv[1]);
	if (as_qemu) {
		args[n++] = "--use-vnet";
		args[n++] = number;
	}
	while (*more)
		args[n++] = *more++;
	run(&h->run, args);
	close(sv[1]);
	helper_receive(h, sv[0]);
	close(sv[0]);
	return h->run.status;
}

#define HELPER(h, ...) helper_run(h, (const char *[]){ __VA_ARGS__, NULL }, true)
#define HELPER_ALONE(h, ...) helper_run(h, (const char *[]){ __VA_ARGS__, NULL }, false)

static inline void as_nobody(void *arg)
{
	(void)arg;
	if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
		_exit(99);
	prctl(PR_SET_DUMPABLE, 1);
}

/* Install it as an administrator would, where users may start it: @mode 04755 */
static inline void helper_install(struct helper *h, mode_t mode)
{
	char copy[PATH_MAX + 64];

	snprintf(copy, sizeof(copy), "cp %s /etc/tapcompat-helper", h->path);
	if (system(copy))
		exit(99);
	strcpy(h->path, "/etc/tapcompat-helper");
	chmod(h->path, mode);
}

/* Refused: nothing was sent, nothing is left, and it was said why. */
#define EXPECT_REFUSED(h, code, says) do { \
	EXPECT_EQ(code, (h)->run.status) { \
		TH_LOG("%s", (h)->run.err); \
	} \
	EXPECT_EQ(-1, (h)->received); \
	EXPECT_LE((h)->bytes, 0); \
	EXPECT_EQ(2, links_count()); \
	EXPECT_NE(NULL, strstr((h)->run.err, says)) { \
		TH_LOG("%s", (h)->run.err); \
	} \
} while (0)

#define EXPECT_SERVED(h) do { \
	EXPECT_EQ(0, (h)->run.status) { \
		TH_LOG("%s", (h)->run.err); \
	} \
	EXPECT_EQ(1, (h)->bytes); \
	EXPECT_GE((h)->received, 0); \
} while (0)

#endif /* HELPER_FIXTURE_H */
