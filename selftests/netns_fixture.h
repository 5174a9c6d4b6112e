/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns_fixture.h - a fixture whose tests each run in a network namespace
 *
 * Include it after kselftest_harness.h.  Not every harness lets a setup skip its
 * test, so the setup stores the reason and each test begins with NEEDS().
 */
#ifndef NETNS_FIXTURE_H
#define NETNS_FIXTURE_H

#include <sched.h>
#include <unistd.h>

/* In the fixture */
#define FIXTURE_SKIP const char *skip

/* In the setup: leave it, and skip the test for this reason. */
#define SKIP_TEST(reason) do { \
	self->skip = reason; \
	return; \
} while (0)

#define NETNS_OR_SKIP() do { \
	self->skip = NULL; \
	if (geteuid() != 0) \
		SKIP_TEST("needs root"); \
	ASSERT_EQ(0, unshare(CLONE_NEWNET)); \
} while (0)

/* First in the test */
#define NEEDS(self) do { \
	if ((self)->skip) \
		SKIP(return, "%s", (self)->skip); \
} while (0)

#endif /* NETNS_FIXTURE_H */
