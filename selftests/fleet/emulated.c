// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emulated.c - fleets and records of hosts that emulate something
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <string.h>

#include "fleet/fleet.h"
#include "host_fixture.h"
#include "record/vm.h"
#include "report/report.h"

FIXTURE(emulated) {
	struct tapcompat_caps caps;
	struct tapcompat_fleet_options options;
	struct tapcompat_fleet *fleet;
	struct baseline b;
	struct tapcompat_vm_options vm_options;
	struct tapcompat_vm *vm;
};

FIXTURE_SETUP(emulated)
{
	self->options.size = sizeof(self->options);
	self->vm_options.size = sizeof(self->vm_options);
	self->vm_options.strict = 1;
	self->vm_options.caps = &self->caps;
}

FIXTURE_TEARDOWN(emulated)
{
	tapcompat_fleet_free(self->fleet);
	tapcompat_vm_free(self->vm);
}

/* Two hosts; the second emulates features that the first has. */
static void add_emulating(struct _test_data_emulated *self, const char *list)
{
	tapcompat_fleet_free(self->fleet);
	if (tapcompat_fleet_new(&self->options, &self->fleet, NULL))
		abort();
	host_full(&self->caps, "a");
	if (tapcompat_fleet_add(self->fleet, &self->caps))
		abort();
	host_full(&self->caps, "b");
	host_set_all(&self->caps, list, TAPCOMPAT_EMULATED);
	if (tapcompat_fleet_add(self->fleet, &self->caps))
		abort();
}

/* Hosts that need tapcompat run are listed, with the features they emulate. */
TEST_F(emulated, where)
{
	struct tapcompat_mask uso = host_mask(USO), said;
	char *text = NULL;
	size_t size;
	FILE *out;

	self->options.flags = TAPCOMPAT_FLEET_EMULATED;
	add_emulating(self, USO ",in_order");
	said = tapcompat_fleet_emulated(self->fleet);
	EXPECT_TRUE(mask_equal(&uso, &said));
	out = open_memstream(&text, &size);
	fleet_print(self->fleet, out, REPORT_QUIET);
	fclose(out);
	EXPECT_NE(NULL, strstr(text, "with 'tapcompat run' on hosts that emulate features:\n"
				     "  b: guest_uso4,guest_uso6,host_uso\n"));
	free(text);
	text = tapcompat_fleet_format(self->fleet, TAPCOMPAT_FORMAT_JSON, NULL, 0);
	EXPECT_NE(NULL, strstr(text, "\"names\":[\"a\"],\"loses\":[],\"emulates\":[]"));
	EXPECT_NE(NULL, strstr(text, "\"emulates\":[\"guest_uso4\",\"guest_uso6\",\"host_uso\"]"));
	free(text);
	/* If emulation does not count, no host needs the shim. */
	self->options.flags = 0;
	add_emulating(self, USO);
	said = tapcompat_fleet_emulated(self->fleet);
	EXPECT_TRUE(mask_empty(&said));
}

/* A machine with forced features lands on a host that emulates them, with any backend. */
TEST_F(emulated, lands_by_emulation)
{
	struct landing l;
	char *text = NULL;
	size_t size;
	FILE *out;

	self->options.acked = host_mask("csum,host_uso,queue_reset");
	self->options.forced = host_mask("host_uso,queue_reset");
	self->options.backends = 1u << TAPCOMPAT_TAP | 1u << TAPCOMPAT_VHOST_NET;
	add_emulating(self, "host_uso,queue_reset");
	baseline_of(self->fleet, &self->b);
	l = group_landing(self->fleet, &self->fleet->group[1], &self->b);
	EXPECT_TRUE(mask_empty(&l.lacks) && mask_empty(&l.unknown));
	out = open_memstream(&text, &size);
	fleet_print(self->fleet, out, REPORT_QUIET);
	fclose(out);
	EXPECT_NE(NULL, strstr(text, "  b: lands, with 'tapcompat run' and -device "));
	EXPECT_NE(NULL, strstr(text, "  a: lands, with -device "));
	free(text);
	text = tapcompat_fleet_format(self->fleet, TAPCOMPAT_FORMAT_JSON, NULL, 0);
	EXPECT_NE(NULL, strstr(text, "\"lands\":true,\"lacks\":[],\"unknown\":[],"
				     "\"emulates\":[\"queue_reset\",\"host_uso\"]"));
	free(text);
	self->options.forced = MASK_NONE;
	add_emulating(self, "host_uso,queue_reset");
	l = group_landing(self->fleet, &self->fleet->group[1], &self->b);
	EXPECT_FALSE(mask_empty(&l.lacks));
}

/* Force also emulates what the kernel corrupts; features of vhost-net alone are lost. */
TEST_F(emulated, by_force)
{
	const struct tapcompat_feature *uso = tapcompat_feature_find("host_uso");
	struct tapcompat_mask *requested = self->vm_options.requested;
	struct tapcompat_check *check;
	char *text = NULL;
	size_t size;
	FILE *out;
	int type;

	host_full(&self->caps, "a");
	for (type = 0; type <= TAPCOMPAT_VHOST_NET; type++)
		caps_verdict(&self->caps.backend[type], uso, TAPCOMPAT_FAILED, "%s", "lost");
	caps_emulate(&self->caps);
	requested[TAPCOMPAT_POLICY_FORCE] = host_mask("csum,host_uso");
	requested[TAPCOMPAT_POLICY_OPTIONAL] = host_mask("iommu_platform");
	self->vm_options.backend = TAPCOMPAT_VHOST_NET;
	ASSERT_EQ(0, tapcompat_vm_new(&self->vm_options, &self->vm, NULL, NULL));
	EXPECT_TRUE(mask_equal(&(struct tapcompat_mask){ { 1ull << 56, 0 } }, &self->vm->emulated));
	EXPECT_FALSE(tapcompat_mask_test(&self->vm->effective, 33));
	check = tapcompat_vm_check(self->vm, &self->caps, TAPCOMPAT_VHOST_NET, 0);
	EXPECT_EQ(0, tapcompat_check_exit(check));
	out = open_memstream(&text, &size);
	check_print(check, out, 0);
	fclose(out);
	tapcompat_check_free(check);
	EXPECT_NE(NULL, strstr(text, "Start it here with 'tapcompat run' and -device"));
	free(text);
	tapcompat_vm_free(self->vm);
	requested[TAPCOMPAT_POLICY_OPTIONAL] = MASK_NONE;
	requested[TAPCOMPAT_POLICY_REQUIRE] = host_mask("iommu_platform");
	EXPECT_EQ(-ENODATA, tapcompat_vm_new(&self->vm_options, &self->vm, NULL, NULL));
}

TEST_HARNESS_MAIN
