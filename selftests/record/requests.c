// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * requests.c - what a record requests, with what that needs
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <string.h>

#include "host_fixture.h"
#include "record/vm.h"

/* Dependencies of a request are added with the same policy, and the record lists them. */
static const struct {
	const char *asked[TAPCOMPAT_POLICIES];	/* by policy; NULL: nothing */
	const char *becomes[TAPCOMPAT_POLICIES];
	const char *added;			/* a part of the document; NULL: nothing was */
} requests[] = {
#define FORCE [TAPCOMPAT_POLICY_FORCE]
#define REQUIRE [TAPCOMPAT_POLICY_REQUIRE]
#define OPTIONAL [TAPCOMPAT_POLICY_OPTIONAL]
	{ { REQUIRE = "host_uso" }, { REQUIRE = "csum,host_uso" },
	  "\"added\":[{\"name\":\"csum\",\"for\":\"host_uso\"}]" },
	{ { FORCE = "host_uso" }, { FORCE = "csum,host_uso" }, "\"for\":\"host_uso\"" },
	{ { OPTIONAL = "host_ecn" }, { OPTIONAL = "csum,host_tso4,host_ecn" },
	  "\"name\":\"host_tso4\",\"for\":\"host_ecn\"" },
	{ { REQUIRE = "host_tso6", OPTIONAL = "host_ecn" },
	  { REQUIRE = "csum,host_tso6", OPTIONAL = "host_ecn" },
	  "\"added\":[{\"name\":\"csum\",\"for\":\"host_tso6\"}]" },
	{ { FORCE = "host_tso6", REQUIRE = "host_uso" },
	  { FORCE = "host_tso6", REQUIRE = "csum,host_uso" }, "\"name\":\"csum\"" },
	{ { REQUIRE = "csum", OPTIONAL = "host_uso" },
	  { REQUIRE = "csum", OPTIONAL = "host_uso" }, NULL },
};

static struct tapcompat_mask mask_of(const char *list)
{
	return host_mask(list ? list : "");
}

static bool document_agrees(const struct tapcompat_vm *vm, const char *added)
{
	char *text = tapcompat_vm_json(vm, 0);
	bool agrees = text && (added ? strstr(text, added) != NULL : !strstr(text, "added"));

	free(text);
	return agrees;
}

TEST(completed)
{
	struct tapcompat_caps caps;
	struct tapcompat_vm_options o = { .size = sizeof(o), .strict = 1, .caps = &caps };
	struct tapcompat_error error;
	struct tapcompat_vm *vm;
	size_t i;
	int p;

	memset(&caps, 0, sizeof(caps));
	host_full(&caps, "node1");
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		for (p = TAPCOMPAT_POLICY_FORCE; p < TAPCOMPAT_POLICIES; p++)
			o.requested[p] = mask_of(requests[i].asked[p]);
		ASSERT_EQ(0, tapcompat_vm_new(&o, &vm, NULL, &error)) {
			TH_LOG("case %zu: %s", i, error.text);
		}
		for (p = TAPCOMPAT_POLICY_FORCE; p < TAPCOMPAT_POLICIES; p++) {
			struct tapcompat_mask is = tapcompat_vm_requested(vm, p);
			struct tapcompat_mask ought = mask_of(requests[i].becomes[p]);

			EXPECT_TRUE(mask_equal(&is, &ought)) {
				TH_LOG("case %zu, %s", i, tapcompat_policy_name(p));
			}
		}
		EXPECT_TRUE(document_agrees(vm, requests[i].added)) {
			TH_LOG("case %zu", i);
		}
		tapcompat_vm_free(vm);
	}
}

TEST_HARNESS_MAIN
