// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * faults.c - hosts that lack or refuse something
 */
#include "kselftest_harness.h"

#include <grp.h>
#include <jansson.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <linux/if_tun.h>

#include "run.h"

static struct run r;

/* ---- The device node ---- */

/* Where all users can start it, although this tree may be below a directory of root's. */
#define PROGRAM_FOR_ALL "/dev/net/bin/tapcompat"

static void program_for_all(void)
{
	char *directory = strdup(run_tapcompat());

	if (!directory || mkdir("/dev/net/bin", 0755) ||
	    mount(dirname(directory), "/dev/net/bin", NULL, MS_BIND, NULL))
		_exit(99);
	free(directory);
}

/* A private /dev/net, without a node or with one of a given mode. */
static void node(void *arg)
{
	mode_t *mode = arg;

	/* In a chroot, "/" is no mount, but /dev is one then. */
	if (unshare(CLONE_NEWNS) || (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
				     mount(NULL, "/dev", NULL, MS_REC | MS_PRIVATE, NULL)) ||
	    mount("tmpfs", "/dev/net", "tmpfs", 0, "mode=755"))
		_exit(99);
	umask(0);
	if (*mode && mknod("/dev/net/tun", S_IFCHR | *mode, makedev(10, 200)))
		_exit(99);
}

static void nobody(void)
{
	if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
		_exit(99);
	prctl(PR_SET_DUMPABLE, 1);
}

static void node_and_nobody(void *arg)
{
	node(arg);
	program_for_all();
	nobody();
}

#define NEEDS_ROOT_AND_TUN() do { \
	struct stat st; \
	if (geteuid() != 0) \
		SKIP(return, "needs root"); \
	if (stat("/dev/net/tun", &st)) \
		SKIP(return, "there is no /dev/net/tun"); \
} while (0)

static bool json_valid(const char *text)
{
	json_error_t e;
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &e);
	bool ok = o != NULL;

	json_decref(o);
	return ok;
}

/* The first feature of the document with this name, of any backend. */
static bool feature_is(const char *text, const char *backend, const char *name,
		       const char *state)
{
	json_error_t e;
	json_t *o = json_loads(text, 0, &e), *b, *f;
	bool is = false;
	size_t i, n;

	json_array_foreach(json_object_get(o, "backends"), i, b) {
		if (strcmp(json_string_value(json_object_get(b, "type")), backend))
			continue;
		json_array_foreach(json_object_get(b, "features"), n, f)
			if (!strcmp(json_string_value(json_object_get(f, "name")), name))
				is = !strcmp(json_string_value(json_object_get(f, "state")), state);
	}
	json_decref(o);
	return is;
}

static bool backend_is(const char *text, const char *backend, const char *state)
{
	json_error_t e;
	json_t *o = json_loads(text, 0, &e), *b;
	bool is = false;
	size_t i;

	json_array_foreach(json_object_get(o, "backends"), i, b)
		if (!strcmp(json_string_value(json_object_get(b, "type")), backend)) {
			json_t *s = json_object_get(b, "state");

			is = !strcmp(s ? json_string_value(s) : "available", state);
		}
	json_decref(o);
	return is;
}

/* Without a result there is still a capability document, with the reason. */
static bool says_why(const char *text)
{
	json_error_t e;
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &e), *error;
	const char *schema = json_string_value(json_object_get(o, "schema"));
	bool ok;

	error = json_object_get(o, "error");
	ok = schema && !strcmp(schema, "tapcompat-capabilities") &&
	     json_integer_value(json_object_get(error, "exit")) == 3 &&
	     json_is_string(json_object_get(error, "desc"));
	json_decref(o);
	return ok;
}

TEST(no_node)
{
	mode_t none = 0;

	NEEDS_ROOT_AND_TUN();
	r.prepare = node;
	r.arg = &none;
	RUN(&r, "probe");
	EXPECT_EQ(3, r.status);
	EXPECT_NE(NULL, strstr(r.err, "/dev/net/tun: No such file or directory"));
	EXPECT_NE(NULL, strstr(r.err, "mknod /dev/net/tun c 10 200"));
	RUN(&r, "probe", "-j");
	EXPECT_EQ(3, r.status);
	EXPECT_TRUE(says_why(r.out));
}

static const char *const for_all[] = { PROGRAM_FOR_ALL, "probe", "-j", NULL };

TEST(node_of_root_alone)
{
	mode_t mode = 0600;

	NEEDS_ROOT_AND_TUN();
	r.prepare = node_and_nobody;
	r.arg = &mode;
	run(&r, for_all);
	EXPECT_EQ(3, r.status);
	EXPECT_TRUE(json_valid(r.out));
	EXPECT_TRUE(strstr(r.err, "/dev/net/tun: Permission denied") ||
		    strstr(r.err, "CAP_SYS_ADMIN is missing")) {
		TH_LOG("%s", r.err);
	}
}

/* Without privilege the probe does what it can; the rest is unknown. */
TEST(nobody_by_a_user_namespace)
{
	mode_t mode = 0666;

	NEEDS_ROOT_AND_TUN();
	r.prepare = node_and_nobody;
	r.arg = &mode;
	run(&r, for_all);
	if (r.status == 3 && strstr(r.err, "user namespace"))
		SKIP(return, "this host does not allow unprivileged user namespaces");
	EXPECT_EQ(0, r.status) {
		TH_LOG("%s", r.err);
	}
	EXPECT_TRUE(feature_is(r.out, "tap", "csum", "native"));
	EXPECT_TRUE(feature_is(r.out, "tap", "guest_tso4", "native"));
	EXPECT_TRUE(backend_is(r.out, "macvtap", "unknown") ||
		    backend_is(r.out, "macvtap", "absent"));
	EXPECT_TRUE(backend_is(r.out, "ebpf-rss", "unknown") ||
		    backend_is(r.out, "ebpf-rss", "available"));
}

/* ---- Filters ---- */

struct rule {
	int call;
	uint32_t action;
	unsigned long second;	/* argument, 0: any */
};

static void filter(void *arg)
{
	const struct rule *rule = arg;
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int ret;

	if (rule->second)
		ret = seccomp_rule_add(ctx, rule->action, rule->call, 1,
				       SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, rule->second));
	else
		ret = seccomp_rule_add(ctx, rule->action, rule->call, 0);
	if (ret || seccomp_load(ctx))
		_exit(99);
}

static void run_filtered(struct rule rule)
{
	r.prepare = filter;
	r.arg = &rule;
	RUN(&r, "probe", "-j");
}

TEST(no_namespace)
{
	NEEDS_ROOT_AND_TUN();
	run_filtered((struct rule){ SCMP_SYS(unshare), SCMP_ACT_ERRNO(EPERM), 0 });
	EXPECT_EQ(3, r.status);
	EXPECT_TRUE(json_valid(r.out));
	EXPECT_NE(NULL, strstr(r.err, "cannot create a network namespace"));
}

/* Row F15: without bpf(2) one feature is unknown, and the others are tested. */
TEST(no_bpf_allowed)
{
	NEEDS_ROOT_AND_TUN();
	run_filtered((struct rule){ SCMP_SYS(bpf), SCMP_ACT_ERRNO(EPERM), 0 });
	EXPECT_EQ(0, r.status);
	EXPECT_TRUE(backend_is(r.out, "ebpf-rss", "unknown"));
	EXPECT_TRUE(feature_is(r.out, "tap", "csum", "native"));
}

TEST(no_bpf_at_all)
{
	NEEDS_ROOT_AND_TUN();
	run_filtered((struct rule){ SCMP_SYS(bpf), SCMP_ACT_ERRNO(ENOSYS), 0 });
	EXPECT_EQ(0, r.status);
	EXPECT_TRUE(backend_is(r.out, "ebpf-rss", "absent"));
}

/* The probe needs no io_uring. */
TEST(no_io_uring)
{
	NEEDS_ROOT_AND_TUN();
	run_filtered((struct rule){ SCMP_SYS(io_uring_setup), SCMP_ACT_KILL_PROCESS, 0 });
	EXPECT_EQ(0, r.status);
	EXPECT_TRUE(feature_is(r.out, "tap", "csum", "native"));
}

/* EINVAL means absent and can be emulated, EPERM means unknown. */
TEST(offload_refused_or_forbidden)
{
	NEEDS_ROOT_AND_TUN();
	run_filtered((struct rule){ SCMP_SYS(ioctl), SCMP_ACT_ERRNO(EINVAL), TUNSETOFFLOAD });
	EXPECT_EQ(0, r.status);
	EXPECT_TRUE(feature_is(r.out, "tap", "guest_tso4", "emulated"));
	run_filtered((struct rule){ SCMP_SYS(ioctl), SCMP_ACT_ERRNO(EPERM), TUNSETOFFLOAD });
	EXPECT_EQ(0, r.status);
	EXPECT_TRUE(feature_is(r.out, "tap", "guest_tso4", "unknown"));
	EXPECT_NE(NULL, strstr(r.out, "TUNSETOFFLOAD 0: EPERM"));
	run_filtered((struct rule){ SCMP_SYS(ioctl), SCMP_ACT_ERRNO(ENOMEM), TUNSETOFFLOAD });
	EXPECT_TRUE(feature_is(r.out, "tap", "guest_tso4", "unknown"));
}

/* A tap without larger header sizes has no tunnel offload. */
TEST(header_sizes_refused)
{
	NEEDS_ROOT_AND_TUN();
	run_filtered((struct rule){ SCMP_SYS(ioctl), SCMP_ACT_ERRNO(EINVAL), TUNSETVNETHDRSZ });
	EXPECT_EQ(0, r.status);
	EXPECT_NE(NULL, strstr(r.out, "\"vnet-hdr-sizes\":[]"));
	EXPECT_TRUE(feature_is(r.out, "tap", "guest_tunnel", "emulated"));
}

/* A killing filter ends only the child; the program reports it. */
TEST(killed_by_a_filter)
{
	NEEDS_ROOT_AND_TUN();
	run_filtered((struct rule){ SCMP_SYS(ioctl), SCMP_ACT_KILL_PROCESS, TUNSETOFFLOAD });
	EXPECT_EQ(3, r.status);
	EXPECT_TRUE(json_valid(r.out));
	EXPECT_NE(NULL, strstr(r.err, "seccomp"));
	EXPECT_NE(NULL, strstr(r.err, "tap"));
}

/* If frames cannot be sent, accepted features are native and untested. */
TEST(no_frames)
{
	NEEDS_ROOT_AND_TUN();
	run_filtered((struct rule){ SCMP_SYS(writev), SCMP_ACT_ERRNO(EIO), 0 });
	EXPECT_EQ(0, r.status);
	EXPECT_TRUE(feature_is(r.out, "tap", "guest_tso4", "native"));
	EXPECT_EQ(NULL, strstr(r.out, "\"passed\"")) {
		TH_LOG("%s", r.out);
	}
	EXPECT_EQ(NULL, strstr(r.out, "\"failed\""));
}

/* A system call forbidden by a filter is no failure of the kernel. */
TEST(no_sockets_calls)
{
	static const int calls[] = {
		SCMP_SYS(accept4), SCMP_SYS(listen), SCMP_SYS(bind), SCMP_SYS(sendto),
		SCMP_SYS(recvfrom), SCMP_SYS(connect),
	};
	static const int errors[] = { EPERM, ENOSYS, ENOMEM };
	size_t i, n;

	NEEDS_ROOT_AND_TUN();
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		for (n = 0; n < ARRAY_SIZE(errors); n++) {
			run_filtered((struct rule){ calls[i], SCMP_ACT_ERRNO(errors[n]), 0 });
			EXPECT_TRUE(r.status == 0 || r.status == 3);
			EXPECT_EQ(NULL, strstr(r.out, "\"failed\"")) {
				TH_LOG("call %d, error %d: %s", calls[i], errors[n], r.out);
			}
		}
}

/* A usage error keeps its status even if stderr cannot be written. */
TEST(usage_without_output)
{
	r.out_fd = open("/dev/full", O_WRONLY);
	ASSERT_GE(r.out_fd, 0);
	RUN(&r, "probe", "-j", "--nonsense");
	EXPECT_EQ(2, r.status);
}

static void small_files(void *arg)
{
	struct rlimit l = { 1, 1 };

	setrlimit(RLIMIT_FSIZE, &l);
}

TEST(output_too_large)
{
	r.out_fd = memfd_create("output", 0);
	ASSERT_GE(r.out_fd, 0);
	r.prepare = small_files;
	RUN(&r, "probe", "--no-verify");
	EXPECT_EQ(3, r.status);
	EXPECT_NE(NULL, strstr(r.err, "File too large"));
}

/* ---- Limits ---- */

static void descriptors(void *arg)
{
	struct rlimit l = { *(rlim_t *)arg, *(rlim_t *)arg };

	setrlimit(RLIMIT_NOFILE, &l);
}

TEST(few_descriptors)
{
	static rlim_t n;

	NEEDS_ROOT_AND_TUN();
	r.prepare = descriptors;
	r.arg = &n;
	for (n = 5; n < 24; n++) {
		RUN(&r, "probe", "-j");
		/* 127: not even the loader could start. */
		EXPECT_TRUE(r.status == 0 || r.status == 3 || r.status == 127) {
			TH_LOG("%lu descriptors: status %d: %s", (unsigned long)n, r.status,
			       r.err);
		}
		EXPECT_TRUE(r.status == 127 || json_valid(r.out));
		/* Lack of resources is no failure of the kernel. */
		EXPECT_EQ(NULL, strstr(r.out, "\"failed\"")) {
			TH_LOG("%lu descriptors: %s", (unsigned long)n, r.out);
		}
	}
}

/* ---- The output ---- */

/* Row F7: the disk is full. */
TEST(output_full)
{
	r.out_fd = open("/dev/full", O_WRONLY);
	ASSERT_GE(r.out_fd, 0);
	RUN(&r, "probe", "--no-verify");
	EXPECT_EQ(3, r.status);
	EXPECT_NE(NULL, strstr(r.err, "standard output: No space left on device"));
	RUN(&r, "probe", "--no-verify", "-j");
	EXPECT_EQ(3, r.status);
	RUN(&r, "--help");
	EXPECT_EQ(3, r.status);
}

static void close_output(void *arg)
{
	(void)arg;
	close(STDOUT_FILENO);
}

/* Row F8: standard output is closed. */
TEST(output_closed)
{
	r.prepare = close_output;
	RUN(&r, "probe", "--no-verify");
	EXPECT_EQ(3, r.status);
	EXPECT_NE(NULL, strstr(r.err, "standard output"));
}

TEST(output_to_one_who_has_gone)
{
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	close(fd[0]);
	r.out_fd = fd[1];
	RUN(&r, "probe", "--no-verify");
	EXPECT_EQ(3, r.status);
	EXPECT_NE(NULL, strstr(r.err, "standard output: Broken pipe"));
}

TEST_HARNESS_MAIN
