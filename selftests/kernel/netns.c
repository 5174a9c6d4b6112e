// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netns.c - a new namespace, with and without privilege
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <grp.h>
#include <net/if.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cap-ng.h>

#include "kernel/netns.h"

static ino_t namespace_of(const char *which)
{
	struct stat st;

	return stat(which, &st) ? 0 : st.st_ino;
}

static void become_nobody(struct __test_metadata *_metadata)
{
	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setgid(65534));
	ASSERT_EQ(0, setuid(65534));
	/* After changing its user a process is not dumpable, and root owns its /proc. */
	prctl(PR_SET_DUMPABLE, 1);
}

TEST(as_root)
{
	ino_t net = namespace_of("/proc/self/ns/net"), user = namespace_of("/proc/self/ns/user");
	char why[256] = "";

	if (geteuid() != 0)
		SKIP(return, "needs root");
	ASSERT_EQ(0, netns_enter(why, sizeof(why)));
	EXPECT_NE(net, namespace_of("/proc/self/ns/net"));
	EXPECT_EQ(user, namespace_of("/proc/self/ns/user"));
	EXPECT_NE(0, if_nametoindex("lo"));
	EXPECT_EQ(0, if_nametoindex("eth0"));
}

TEST(as_nobody_by_a_user_namespace)
{
	ino_t user = namespace_of("/proc/self/ns/user");
	char why[256] = "";
	int ret;

	if (geteuid() == 0)
		become_nobody(_metadata);
	ret = netns_enter(why, sizeof(why));
	if (ret)
		SKIP(return, "this host does not allow unprivileged user namespaces");
	EXPECT_NE(user, namespace_of("/proc/self/ns/user"));
	EXPECT_EQ(0, geteuid());
	capng_get_caps_process();
	EXPECT_TRUE(capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN));
}

/* If user namespaces are refused, the message says what is missing. */
TEST(as_nobody_where_that_is_refused)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	char why[256] = "";

	if (geteuid() == 0)
		become_nobody(_metadata);
	ASSERT_EQ(0, seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0));
	ASSERT_EQ(0, seccomp_load(ctx));
	EXPECT_EQ(-EPERM, netns_enter(why, sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "CAP_SYS_ADMIN is missing"));
	EXPECT_NE(NULL, strstr(why, "EPERM"));
	EXPECT_NE(NULL, strstr(why, "run it as root"));
}

TEST(as_root_where_that_is_refused)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	char why[256] = "";

	if (geteuid() != 0)
		SKIP(return, "needs root");
	ASSERT_EQ(0, seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0));
	ASSERT_EQ(0, seccomp_load(ctx));
	EXPECT_EQ(-EPERM, netns_enter(why, sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "seccomp"));
}

/* Root of a container without CAP_NET_ADMIN. */
TEST(without_one_capability)
{
	char why[256] = "";

	if (geteuid() != 0)
		SKIP(return, "needs root");
	capng_get_caps_process();
	capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN);
	ASSERT_EQ(0, capng_apply(CAPNG_SELECT_CAPS));
	EXPECT_TRUE(!netns_enter(why, sizeof(why)) || strstr(why, "CAP_NET_ADMIN is missing"));
}

TEST_HARNESS_MAIN
