// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * library.c - the probe as a function of somebody else's process
 */
#include "kselftest_harness.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <tapcompat_fleet.h>

#include "host_fixture.h"

static struct tapcompat_probe_options options = {
	.size = sizeof(options), .flags = TAPCOMPAT_PROBE_NO_VERIFY,
};

static int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	closedir(d);
	return n;
}

TEST(caller_keeps_all_that_is_its_own)
{
	struct tapcompat_caps *caps = NULL;
	struct stat before, after;
	int fds = descriptors();
	sigset_t mask;

	ASSERT_EQ(0, stat("/proc/self/ns/net", &before));
	ASSERT_EQ(0, tapcompat_probe(&options, &caps, NULL));
	ASSERT_NE(NULL, caps);
	ASSERT_EQ(0, stat("/proc/self/ns/net", &after));
	EXPECT_EQ(before.st_ino, after.st_ino);
	ASSERT_EQ(0, stat("/proc/self/ns/mnt", &before));
	EXPECT_EQ(fds, descriptors());
	EXPECT_EQ(-1, waitpid(-1, NULL, WNOHANG));
	EXPECT_EQ(ECHILD, errno);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	EXPECT_EQ(0, sigismember(&mask, SIGCHLD));
	tapcompat_caps_free(caps);
}

TEST(only_what_was_asked_for)
{
	struct tapcompat_probe_options o = options;
	const struct tapcompat_feature *f;
	struct tapcompat_caps *caps;
	unsigned int i;

	o.backends = 1u << TAPCOMPAT_EBPF_RSS;
	ASSERT_EQ(0, tapcompat_probe(&o, &caps, NULL));
	EXPECT_EQ(TAPCOMPAT_NOT_ASKED, tapcompat_caps_availability(caps, TAPCOMPAT_TAP));
	EXPECT_NE(TAPCOMPAT_NOT_ASKED, tapcompat_caps_availability(caps, TAPCOMPAT_EBPF_RSS));
	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		EXPECT_EQ(TAPCOMPAT_UNLISTED,
			  tapcompat_caps_report(caps, TAPCOMPAT_TAP, f).state);
	tapcompat_caps_free(caps);
}

TEST(options_it_does_not_know)
{
	struct tapcompat_error error;
	struct tapcompat_caps *caps;
	struct tapcompat_probe_options o;

	o = options;
	o.flags = 0x80;
	EXPECT_EQ(-EINVAL, tapcompat_probe(&o, &caps, &error));
	EXPECT_NE(0, error.text[0]);
	o = options;
	o.backends = 1u << TAPCOMPAT_BACKENDS;
	EXPECT_EQ(-EINVAL, tapcompat_probe(&o, &caps, NULL));
}

/*
 * Options of programs that were built for another version.  @tail is what a newer one has
 * behind the members of this one.
 */
union versions {
	size_t size;		/* the first member of each */
	struct {
		struct tapcompat_probe_options options;
		uint64_t tail[2];
	} probe;
	struct {
		struct tapcompat_offer_options options;
		uint64_t tail[2];
	} offer;
	struct {
		struct tapcompat_fleet_options options;
		uint64_t tail[2];
	} fleet;
	struct {
		struct tapcompat_vm_options options;
		uint64_t tail[2];
	} vm;
};

static int take_probe(union versions *v, struct tapcompat_error *error)
{
	struct tapcompat_caps *caps = NULL;
	int ret;

	v->probe.options.flags = TAPCOMPAT_PROBE_NO_VERIFY;
	v->probe.options.backends = 1u << TAPCOMPAT_TAP;
	ret = tapcompat_probe(&v->probe.options, &caps, error);
	tapcompat_caps_free(caps);
	return ret;
}

/* They are taken where it then looks for the program, which does not exist. */
static int take_offer(union versions *v, struct tapcompat_error *error)
{
	struct tapcompat_offer *offer = NULL;
	struct tapcompat_caps caps;
	int ret;

	host_full(&caps, "host");
	v->offer.options.qemu = "/nowhere/qemu";
	ret = tapcompat_offer(&caps, &v->offer.options, &offer, error);
	tapcompat_offer_free(offer);
	return ret == -ENOENT ? 0 : ret;
}

static int take_fleet(union versions *v, struct tapcompat_error *error)
{
	struct tapcompat_fleet *fleet = NULL;
	int ret = tapcompat_fleet_new(&v->fleet.options, &fleet, error);

	tapcompat_fleet_free(fleet);
	return ret;
}

static int take_vm(union versions *v, struct tapcompat_error *error)
{
	struct tapcompat_caps caps;
	struct tapcompat_vm *vm = NULL;
	int ret;

	host_full(&caps, "host");
	v->vm.options.caps = &caps;
	ret = tapcompat_vm_new(&v->vm.options, &vm, NULL, error);
	tapcompat_vm_free(vm);
	return ret;
}

FIXTURE(versions)
{
	union versions v;
};

FIXTURE_VARIANT(versions)
{
	int (*take)(union versions *v, struct tapcompat_error *error);
	size_t size, first;	/* of the first version, if it was smaller */
};

FIXTURE_VARIANT_ADD(versions, probe)
{
	.take = take_probe, .size = sizeof(struct tapcompat_probe_options),
};

FIXTURE_VARIANT_ADD(versions, offer)
{
	.take = take_offer, .size = sizeof(struct tapcompat_offer_options),
};

FIXTURE_VARIANT_ADD(versions, fleet)
{
	.take = take_fleet, .size = sizeof(struct tapcompat_fleet_options),
	.first = offsetof(struct tapcompat_fleet_options, nic),
};

FIXTURE_VARIANT_ADD(versions, vm)
{
	.take = take_vm, .size = sizeof(struct tapcompat_vm_options),
	.first = offsetof(struct tapcompat_vm_options, nic),
};

FIXTURE_SETUP(versions)
{
	memset(&self->v, 0, sizeof(self->v));
}

FIXTURE_TEARDOWN(versions)
{
}

TEST_F(versions, own)
{
	struct tapcompat_error error;

	self->v.size = variant->size;
	EXPECT_EQ(0, variant->take(&self->v, &error)) {
		TH_LOG("%s", error.text);
	}
}

/* A size that was not set, and less than the first version had. */
TEST_F(versions, too_small)
{
	struct tapcompat_error error = { "" };

	EXPECT_EQ(-EINVAL, variant->take(&self->v, &error));
	EXPECT_NE(NULL, strstr(error.text, "size")) {
		TH_LOG("%s", error.text);
	}
	self->v.size = (variant->first ? variant->first : variant->size) - 8;
	EXPECT_EQ(-EINVAL, variant->take(&self->v, NULL));
}

/* A newer program that uses nothing new. */
TEST_F(versions, newer_with_zeros)
{
	struct tapcompat_error error;

	self->v.size = variant->size + 16;
	EXPECT_EQ(0, variant->take(&self->v, &error)) {
		TH_LOG("%s", error.text);
	}
}

TEST_F(versions, newer_with_something_new)
{
	struct tapcompat_error error = { "" };

	self->v.size = variant->size + 16;
	((uint8_t *)&self->v)[variant->size + 15] = 1;
	EXPECT_EQ(-E2BIG, variant->take(&self->v, &error));
	EXPECT_NE(NULL, strstr(error.text, "version")) {
		TH_LOG("%s", error.text);
	}
	/* Nothing beyond the caller's size is read. */
	self->v.size = variant->size + 8;
	EXPECT_EQ(0, variant->take(&self->v, NULL));
}

/* It is not read that far. */
TEST_F(versions, not_set)
{
	self->v.size = SIZE_MAX / 2;
	EXPECT_EQ(-E2BIG, variant->take(&self->v, NULL));
}

TEST(mask_is_the_sum_of_the_reports)
{
	const struct tapcompat_feature *f;
	struct tapcompat_mask m;
	struct tapcompat_caps *caps;
	unsigned int i;

	ASSERT_EQ(0, tapcompat_probe(&options, &caps, NULL));
	m = tapcompat_caps_mask(caps, TAPCOMPAT_TAP, TAPCOMPAT_NATIVE);
	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		EXPECT_EQ(tapcompat_caps_report(caps, TAPCOMPAT_TAP, f).state ==
				  TAPCOMPAT_NATIVE,
			  tapcompat_mask_test(&m, f->bit));
	tapcompat_caps_free(caps);
}

/* A caller with threads, and one that ignores its children. */
static void *probe_thread(void *arg)
{
	struct tapcompat_caps *caps;
	int *ret = arg;

	*ret = tapcompat_probe(&options, &caps, NULL);
	if (!*ret)
		tapcompat_caps_free(caps);
	return NULL;
}

TEST(several_at_once)
{
	pthread_t thread[4];
	int ret[4], i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, probe_thread, &ret[i]));
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		EXPECT_EQ(0, ret[i]);
	}
}

TEST(caller_that_ignores_its_children)
{
	struct tapcompat_caps *caps;

	signal(SIGCHLD, SIG_IGN);
	ASSERT_EQ(0, tapcompat_probe(&options, &caps, NULL));
	tapcompat_caps_free(caps);
}

struct calls {
	int number;
	bool elsewhere;		/* in another thread than the caller's */
	pthread_t caller;
};

static void count(void *arg, const char *what)
{
	struct calls *calls = arg;

	if (what[0])
		calls->number++;
	calls->elsewhere |= !pthread_equal(calls->caller, pthread_self());
}

TEST(progress_is_told_in_the_callers_thread)
{
	struct calls calls = { .caller = pthread_self() };
	struct tapcompat_probe_options o = options;
	struct tapcompat_caps *caps;

	o.flags = 0;
	o.progress = count;
	o.arg = &calls;
	ASSERT_EQ(0, tapcompat_probe(&o, &caps, NULL));
	if (tapcompat_caps_availability(caps, TAPCOMPAT_TAP) == TAPCOMPAT_AVAILABLE)
		EXPECT_GT(calls.number, 0);
	EXPECT_FALSE(calls.elsewhere);
	tapcompat_caps_free(caps);
}

static void interrupted(int signal_number)
{
	(void)signal_number;
}

/* A profiler's signals, a thousand in a second. */
TEST(caller_with_many_signals)
{
	struct sigaction action = { .sa_handler = interrupted };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct tapcompat_probe_options o = options;
	struct tapcompat_caps *caps;
	char *text;

	o.flags = 0;
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
	ASSERT_EQ(0, tapcompat_probe(&o, &caps, NULL));
	setitimer(ITIMER_REAL, &never, NULL);
	text = tapcompat_caps_json(caps, 0);
	EXPECT_EQ(NULL, strstr(text, "\"failed\"")) {
		TH_LOG("%s", text);
	}
	free(text);
	tapcompat_caps_free(caps);
}

/* Numbers of a later library. */
TEST(backends_that_are_none)
{
	const struct tapcompat_feature *f = tapcompat_feature_at(0);
	enum tapcompat_backend_type none = (enum tapcompat_backend_type)5000;
	const unsigned int *sizes;
	struct tapcompat_caps *caps;

	ASSERT_EQ(0, tapcompat_probe(&options, &caps, NULL));
	EXPECT_EQ(TAPCOMPAT_NOT_ASKED, tapcompat_caps_availability(caps, none));
	EXPECT_STREQ("", tapcompat_caps_detail(caps, none));
	EXPECT_EQ(0, tapcompat_caps_headers(caps, none, &sizes));
	EXPECT_EQ(0, tapcompat_caps_multi_queue(caps, none));
	EXPECT_EQ(TAPCOMPAT_UNLISTED, tapcompat_caps_report(caps, none, f).state);
	EXPECT_EQ(0, tapcompat_caps_mask(caps, none, TAPCOMPAT_NATIVE).word[0]);
	EXPECT_STREQ("?", tapcompat_backend_name(none));
	tapcompat_caps_free(caps);
}

TEST_HARNESS_MAIN
