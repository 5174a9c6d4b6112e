// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * macvtap.c - the node of the right macvtap is opened
 */
#include "kselftest_harness.h"
#include "netns_fixture.h"

#include <errno.h>
#include <sys/stat.h>

#include "kernel/link.h"
#include "kernel/macvtap.h"
#include "kernel/module.h"
#include "kernel/tap.h"

#define INDEX 77

/* A macvtap of a given index on a tap, in a new namespace. */
static int make(struct nl_sock **nl, int *lower)
{
	int ret = links_open(nl);

	*lower = tap_open("lower", false);
	if (!ret)
		ret = *lower < 0 ? *lower : 0;
	return ret ? ret : link_add_macvlan(*nl, "mv", "lower", true, INDEX);
}

/* Two namespaces use the same index; the host has one node of that name. */
TEST(same_index_in_two_namespaces)
{
	struct macvtap_nodes nodes;
	struct nl_sock *nl[2];
	struct stat node, own;
	int lower[2], fd;
	char why[160] = "";

	if (geteuid() != 0)
		SKIP(return, "needs root");
	if (module_state("macvtap") != MODULE_READY)
		SKIP(return, "the module macvtap is not loaded");
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = make(&nl[0], &lower[0]);
	if (fd == -ENOENT || fd == -EOPNOTSUPP)
		SKIP(return, "this kernel has no macvtap");
	ASSERT_EQ(0, fd);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, make(&nl[1], &lower[1]));

	ASSERT_EQ(0, macvtap_nodes_open(&nodes, why, sizeof(why))) {
		TH_LOG("%s", why);
	}
	fd = macvtap_open(&nodes, "mv", INDEX, false);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, fstat(fd, &own));
	/* The one in /dev, if any, belongs to the first namespace. */
	if (!stat("/dev/tap77", &node))
		EXPECT_NE(node.st_rdev, own.st_rdev);
	EXPECT_EQ(0, tap_offload(fd, 0));
	EXPECT_EQ(0, tap_header(fd, 12));
	EXPECT_GE(macvtap_open(&nodes, "mv", INDEX, true), 0);
	EXPECT_EQ(-ENOENT, macvtap_open(&nodes, "mv2", INDEX + 1, false));
	close(fd);
	macvtap_nodes_close(&nodes);
	links_close(nl[0]);
	links_close(nl[1]);
	close(lower[0]);
	close(lower[1]);
}

/* The mounts are this process's own. */
TEST(host_sees_no_mount)
{
	struct macvtap_nodes nodes;
	struct stat before, after;
	char why[160];
	int status;
	pid_t pid;

	if (geteuid() != 0)
		SKIP(return, "needs root");
	ASSERT_EQ(0, stat("/sys/kernel", &before));
	pid = fork();
	if (pid == 0)
		_exit(unshare(CLONE_NEWNET) || macvtap_nodes_open(&nodes, why, sizeof(why)));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, stat("/sys/kernel", &after));
	EXPECT_EQ(before.st_dev, after.st_dev);
}

TEST_HARNESS_MAIN
