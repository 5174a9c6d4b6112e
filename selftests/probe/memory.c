// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memory.c - allocation failures at each place in turn
 *
 * In all cases the program exits with one of its exit codes, and stdout is complete JSON:
 * an answer or an error.
 */
#include "kselftest_harness.h"

#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/resource.h>

#include "run.h"

static struct run r;

static char *preload(void)
{
	static char text[PATH_MAX];
	char path[PATH_MAX - 64];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = '\0';
	snprintf(text, sizeof(text), "LD_PRELOAD=%s/failmalloc.so", dirname(path));
	return text;
}

static bool whole(const char *text)
{
	json_error_t e;
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &e);
	bool ok = o && json_object_get(o, "schema");

	json_decref(o);
	return ok;
}

/* @how: --no-verify, or an option without effect on it. */
static void fail_at(struct __test_metadata *_metadata, int at, char *child, const char *how)
{
	char number[32];
	char *environment[] = { preload(), number, child, NULL };

	snprintf(number, sizeof(number), "FAIL_AT=%d", at);
	r.environment = environment;
	RUN(&r, "probe", how, "-j");
	EXPECT_TRUE(r.status == 0 || r.status == 3) {
		TH_LOG("allocation %d %s: status %d: %s", at, child, r.status, r.err);
	}
	/* If not even the JSON error can be built, it is on stderr only. */
	EXPECT_TRUE(whole(r.out) || (r.status == 3 && !r.out[0] && r.err[0])) {
		TH_LOG("allocation %d %s: %s", at, child, r.out);
	}
}

FIXTURE(memory) {
	int unused;
};

FIXTURE_SETUP(memory)
{
}

FIXTURE_TEARDOWN(memory)
{
}

/* Row F12, in the caller: before the child, and when the document is made. */
TEST_F_TIMEOUT(memory, in_the_caller, 120)
{
	int at;

	for (at = 1; at < 1200; at += at < 40 ? 1 : 37)
		fail_at(_metadata, at, "NONE=1", "--no-verify");
}

TEST_F_TIMEOUT(memory, in_the_child, 120)
{
	int at;

	for (at = 1; at < 2000; at += at < 60 ? 1 : 41)
		fail_at(_metadata, at, "FAIL_CHILD=1", "--no-verify");
}

/* While frames are sent: our failure must not count as the kernel's. */
TEST_F_TIMEOUT(memory, among_the_frames, 120)
{
	int at;

	for (at = 3; at < 200; at += 9) {
		fail_at(_metadata, at, "FAIL_CHILD=1", "--backend=tap");
		EXPECT_EQ(NULL, strstr(r.out, "\"failed\"")) {
			TH_LOG("allocation %d: %s", at, r.out);
		}
	}
}

static void limit(void *arg)
{
	struct rlimit l = { *(rlim_t *)arg, *(rlim_t *)arg };

	setrlimit(RLIMIT_AS, &l);
}

TEST_F_TIMEOUT(memory, address_space, 120)
{
	static rlim_t size;

	r.prepare = limit;
	r.arg = &size;
	for (size = 12 << 20; size < 40 << 20; size += 2 << 20) {
		RUN(&r, "probe", "--no-verify", "-j");
		/* 127: not even the loader could start. */
		EXPECT_TRUE(r.status == 0 || r.status == 3 || r.status == 127) {
			TH_LOG("%lu MiB: status %d: %s", (unsigned long)size >> 20, r.status,
			       r.err);
		}
		EXPECT_TRUE(r.status == 127 || whole(r.out) || !r.out[0]);
	}
}

TEST_HARNESS_MAIN
