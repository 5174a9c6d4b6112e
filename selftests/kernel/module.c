// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * module.c - state of modules, and loading one
 *
 * On a kernel without modules, none can be loaded and none is missing.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/module.h"

/* A module of all distributions that is not loaded. */
static const char *unloaded(char *path, size_t size)
{
	static const char *const candidates[] = { "dummy", "ifb", "nlmon", "vcan" };
	struct utsname u;
	size_t i;

	uname(&u);
	for (i = 0; i < ARRAY_SIZE(candidates); i++) {
		char loaded[64];

		snprintf(loaded, sizeof(loaded), "/sys/module/%s", candidates[i]);
		snprintf(path, size, "/lib/modules/%s/modules.dep", u.release);
		if (access(loaded, F_OK) && !access(path, R_OK))
			return candidates[i];
	}
	return NULL;
}

TEST(no_such_module)
{
	EXPECT_EQ(MODULE_READY, module_state("there-is-no-such-module"));
	EXPECT_EQ(-ENOENT, module_load("there-is-no-such-module"));
}

TEST(unloaded_then_loaded)
{
	char path[128];
	const char *name = unloaded(path, sizeof(path));

	if (!name)
		SKIP(return, "this kernel has no module that could be loaded");
	if (geteuid() != 0)
		SKIP(return, "needs root");
	if (module_state(name) != MODULE_LOADABLE)
		SKIP(return, "its modules are not installed");
	ASSERT_EQ(0, module_load(name));
	EXPECT_EQ(MODULE_READY, module_state(name));
	EXPECT_EQ(0, module_load(name));
}

TEST_HARNESS_MAIN
