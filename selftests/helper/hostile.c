// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostile.c - rows S of the hostile inputs: attacks on the helper
 */
#include "kselftest_harness.h"

#include <seccomp.h>
#include <sys/resource.h>

#include "helper_fixture.h"
#include "netns_fixture.h"

FIXTURE(hostile) {
	struct helper h;
	FIXTURE_SKIP;
};

FIXTURE_SETUP(hostile)
{
	self->skip = helper_world(&self->h);
}

FIXTURE_TEARDOWN(hostile)
{
	helper_forget(&self->h);
	links_close(self->h.nl);
}

TEST_F(hostile, S1_names)
{
	NEEDS(self);
	static const char *const names[] = {
		"", ".", "..", "sixteencharacter", "a/b", "../br0", "/proc/1/ns/net", "%d", "br%d",
		"a b", " br0", "br0 ", "br:0", "br0\n", "br0\t", "br\xc3\xb6", "\xff", "-br0",
		"--help", "\033[31m",
	};
	char option[64];
	size_t i;

	helper_allow("allow all\n");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(option, sizeof(option), "--br=%s", names[i]);
		HELPER(&self->h, option);
		EXPECT_REFUSED(&self->h, 2, "the name of a bridge has");
		EXPECT_EQ(NULL, strchr(self->h.run.err, '\033'));
	}
}

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	fwrite(text, 1, len, f);
	fclose(f);
}

TEST_F(hostile, S2_links_and_owners)
{
	NEEDS(self);
	static const char allow[] = "allow br0\n";

	rename(ACL, "/etc/qemu/real.conf");
	ASSERT_EQ(0, symlink("/etc/qemu/real.conf", ACL));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "symbolic link");
	unlink(ACL);
	ASSERT_EQ(0, link("/etc/qemu/real.conf", ACL));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "hard link");
	unlink("/etc/qemu/real.conf");
	HELPER(&self->h, "--br=br0");
	EXPECT_SERVED(&self->h);
	helper_forget(&self->h);
	chmod(ACL, 0664);
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "only root may");
	chmod(ACL, 0644);
	ASSERT_EQ(0, chown(ACL, NOBODY, 0));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "must be owned by root");
	ASSERT_EQ(0, chown(ACL, 0, 0));
	chmod("/etc/qemu", 0775);
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "/etc/qemu: only root may");
	chmod("/etc/qemu", 0755);
	ASSERT_EQ(0, chown("/etc/qemu", NOBODY, 0));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "/etc/qemu: it must be owned by root");
	ASSERT_EQ(0, chown("/etc/qemu", 0, 0));
	unlink(ACL);
	ASSERT_EQ(0, mkdir(ACL, 0755));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "it is not a regular file");
	rmdir(ACL);
	ASSERT_EQ(0, mkfifo(ACL, 0644));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "it is not a regular file");
	unlink(ACL);
	write_file(ACL, allow, sizeof(allow) - 1);
}

TEST_F(hostile, S3_contents)
{
	NEEDS(self);
	static char big[1024 * 1024];
	static const struct {
		const char *text;
		size_t len;
		const char *says;
	} cases[] = {
#define TEXT(text) text, sizeof(text) - 1
		{ TEXT("include " ACL "\nallow br0\n"), "include each other" },
		{ TEXT("allow br0\0\n"), "NUL" },
		{ TEXT("allow br0\r\n"), "CR LF" },
		{ TEXT("allow br0"), "truncated" },
		{ TEXT("allow br0\nallow\n"), "line 2: " },
		{ TEXT("allow br0\npermit br1\n"), "line 2: " },
		{ TEXT("allow br0 # for all\n"), "line 1: " },
		{ TEXT("allow br0\nallow sixteencharacter\n"), "line 2: " },
		{ TEXT("allow br0,br1\n"), "lists, patterns" },
		{ TEXT("allow br*\n"), "lists, patterns" },
		{ TEXT("allow br0\ninclude more.conf\n"), "absolute path" },
		{ TEXT("allow br0\ninclude /nonexistent\n"), "/nonexistent: No such file" },
		{ TEXT("allow br0\ninclude /etc/qemu/../qemu/bridge.conf\n"), "" },
#undef TEXT
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		write_file(ACL, cases[i].text, cases[i].len);
		HELPER(&self->h, "--br=br0");
		EXPECT_REFUSED(&self->h, 2, cases[i].says);
	}
	memset(big, 'a', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	write_file(ACL, big, sizeof(big));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "larger than 64 KiB");
	memcpy(big, "allow br0\n", 10);
	big[400] = '\n';
	write_file(ACL, big, 401);
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "line 2: it is longer than 255");
	/* 256 characters, and 255. */
	big[10 + 256] = '\n';
	write_file(ACL, big, 10 + 257);
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "line 2: it is longer than 255");
	big[10] = '#';
	big[10 + 255] = '\n';
	write_file(ACL, big, 10 + 256);
	HELPER(&self->h, "--br=br0");
	EXPECT_SERVED(&self->h);
}

TEST_F(hostile, S4_other_devices)
{
	NEEDS(self);
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI }, got = { 0 };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	/* Somebody's tap has the name that would be the next. */
	strcpy(ifr.ifr_name, "tap0");
	ASSERT_EQ(0, ioctl(fd, TUNSETIFF, &ifr));
	HELPER(&self->h, "--br=br0");
	EXPECT_SERVED(&self->h);
	ASSERT_EQ(0, ioctl(self->h.received, TUNGETIFF, &got));
	EXPECT_STRNE("tap0", got.ifr_name);
	helper_forget(&self->h);
	close(fd);
	/* What is no bridge. */
	helper_allow("allow all\n");
	HELPER(&self->h, "--br=lo");
	EXPECT_REFUSED(&self->h, 3, "lo is not a bridge");
	HELPER(&self->h, "--br=br9");
	EXPECT_REFUSED(&self->h, 3, "no bridge br9 exists here: ip link add br9");
}

TEST_F(hostile, S5_environment)
{
	NEEDS(self);
	static char big[120000];
	static char *environment[16] = {
		"LD_PRELOAD=/nonexistent.so", "LD_LIBRARY_PATH=/nonexistent",
		"GCONV_PATH=/nonexistent", "LOCPATH=/nonexistent", "TMPDIR=/nonexistent",
		"PATH=/nonexistent", "NLDBG=9", "NLCB=debug", "NLSYSCONFDIR=/etc/pipes",
	};
	size_t i;

	/* A program that opens one of these blocks forever. */
	mkdir("/etc/pipes", 0755);
	ASSERT_EQ(0, mkfifo("/etc/pipes/classid", 0644));
	memset(big, 'x', sizeof(big) - 1);
	big[1] = '=';
	for (i = 10; i < 15; i++)
		environment[i] = big;
	self->h.run.environment = environment;
	helper_install(&self->h, 04755);
	self->h.run.prepare = as_nobody;
	HELPER(&self->h, "--br=br0", FEATURES);
	EXPECT_SERVED(&self->h);
	/* No library looked at it, and said so. */
	EXPECT_EQ(NULL, strstr(self->h.run.err, "DBG<"));
	EXPECT_EQ(NULL, strstr(self->h.run.err, "-- Debug"));
}

/* The kernel is asked, not what answers for it in a QEMU that tapcompat run has started. */
TEST_F(hostile, preloaded_answers)
{
	static char preload[PATH_MAX + 16] = "LD_PRELOAD=";
	static char *environment[] = { preload, NULL };
	struct ifreq got = { 0 };
	size_t n = strlen(preload);
	ssize_t len = readlink("/proc/self/exe", preload + n, PATH_MAX);

	NEEDS(self);
	ASSERT_LT(0, len);
	preload[n + (size_t)len] = '\0';
	strcpy(strrchr(preload, '/'), "/liar.so");
	ASSERT_EQ(0, access(preload + n, R_OK));
	self->h.run.environment = environment;
	HELPER(&self->h, "--br=br0", FEATURES);
	EXPECT_SERVED(&self->h);
	/* It is a complete tap, whatever the preloaded library did. */
	EXPECT_EQ(0, ioctl(self->h.received, TUNGETIFF, &got));
	EXPECT_STRNE("", got.ifr_name);
}

static void close_standard(void *arg)
{
	close(*(int *)arg);
	if (*(int *)arg == 3)
		close(0), close(1), close(2);
}

TEST_F(hostile, S6_no_standard_descriptors)
{
	NEEDS(self);
	static int which;

	self->h.run.prepare = close_standard;
	self->h.run.arg = &which;
	for (which = 0; which < 3; which++) {
		HELPER(&self->h, "--br=br0", FEATURES);
		EXPECT_SERVED(&self->h);
	}
}

TEST_F(hostile, S7_sockets)
{
	NEEDS(self);
	static const char *const numbers[] = {
		"--fd=-1", "--fd=", "--fd=x", "--fd=3x", "--fd=99999999999", "--fd=0x3", "--fd= 3",
		"--fd=+3", "--fd=2147483648",
	};
	int sv[2], fd;
	char option[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		HELPER_ALONE(&self->h, "--use-vnet", numbers[i]);
		EXPECT_REFUSED(&self->h, 2, "is not the number of a descriptor");
	}
	HELPER_ALONE(&self->h, "--use-vnet", "--fd=999");
	EXPECT_REFUSED(&self->h, 2, "is not a UNIX stream socket");
	fd = open(ACL, O_RDONLY);
	snprintf(option, sizeof(option), "--fd=%d", fd);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_REFUSED(&self->h, 2, "is not a UNIX stream socket");
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	snprintf(option, sizeof(option), "--fd=%d", fd);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_REFUSED(&self->h, 2, "is not a UNIX stream socket");
	close(fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	snprintf(option, sizeof(option), "--fd=%d", sv[1]);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_REFUSED(&self->h, 2, "is not a UNIX stream socket");
	/* One that was connected to nobody. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(option, sizeof(option), "--fd=%d", fd);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_NE(0, self->h.run.status);
	EXPECT_EQ(2, links_count());
	close(fd);
}

/* The other end was made by another user: by whom does a credential say. */
TEST_F(hostile, S7_peer_of_another_user)
{
	NEEDS(self);
	char option[32];
	int sv[2];

	helper_install(&self->h, 04755);
	ASSERT_EQ(0, seteuid(1234));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ASSERT_EQ(0, seteuid(0));
	snprintf(option, sizeof(option), "--fd=%d", sv[1]);
	self->h.run.prepare = as_nobody;
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_REFUSED(&self->h, 2, "belongs to another user");
}

TEST_F(hostile, S7_nobody_receives)
{
	NEEDS(self);
	char option[32];
	int sv[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	close(sv[0]);
	snprintf(option, sizeof(option), "--fd=%d", sv[1]);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_REFUSED(&self->h, 3, "cannot send the tap: Broken pipe");
}

struct limit {
	int what;
	rlim_t value;
};

static void limits(void *arg)
{
	struct limit *l = arg;
	struct rlimit r = { l->value, l->value };

	if (l->what < 0)
		umask(0777);
	else
		setrlimit((__rlimit_resource_t)l->what, &r);
}

static void limits_of_nobody(void *arg)
{
	as_nobody(NULL);
	limits(arg);
}

TEST_F(hostile, S8_limits)
{
	NEEDS(self);
	static const struct limit harmless[] = {
		{ RLIMIT_FSIZE, 0 }, { -1, 0 }, { RLIMIT_CPU, 1 }, { RLIMIT_CORE, 0 },
	};
	static struct limit l;
	size_t i;

	self->h.run.prepare = limits;
	self->h.run.arg = &l;
	for (i = 0; i < ARRAY_SIZE(harmless); i++) {
		l = harmless[i];
		HELPER(&self->h, "--br=br0", FEATURES);
		EXPECT_SERVED(&self->h);
	}
	/* Too little to work with: refused, or served, and nothing in between. */
	for (i = 3; i < 24; i++) {
		l = (struct limit){ RLIMIT_NOFILE, i };
		HELPER(&self->h, "--br=br0", FEATURES);
		EXPECT_EQ(self->h.run.status == 0, self->h.received >= 0);
		EXPECT_EQ(self->h.run.status == 0 ? 3 : 2, links_count());
		helper_forget(&self->h);
	}
	for (i = 1; i < 12; i++) {
		l = (struct limit){ RLIMIT_AS, i << 20 };
		HELPER(&self->h, "--br=br0", FEATURES);
		EXPECT_EQ(self->h.run.status == 0, self->h.received >= 0);
		helper_forget(&self->h);
		EXPECT_EQ(2, links_count());
	}
}

TEST_F(hostile, S10_no_arguments)
{
	NEEDS(self);
	char *none[] = { NULL }, *environment[] = { NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDERR_FILENO);
		execve(self->h.path, none, environment);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(2, WEXITSTATUS(status));
	EXPECT_EQ(2, links_count());
}

/* The socket comes from another network namespace; the tap does not go there. */
TEST_F(hostile, S12_own_namespace)
{
	NEEDS(self);
	struct ifreq ifr = { 0 };
	struct link_info port;
	char option[32];
	int sv[2], here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	EXPECT_EQ(1, links_count());
	ASSERT_EQ(0, setns(here, CLONE_NEWNET));
	snprintf(option, sizeof(option), "--fd=%d", sv[1]);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_EQ(0, self->h.run.status);
	helper_receive(&self->h, sv[0]);
	ASSERT_GE(self->h.received, 0);
	ASSERT_EQ(0, ioctl(self->h.received, TUNGETIFF, &ifr));
	EXPECT_EQ(0, link_info(self->h.nl, 0, ifr.ifr_name, &port));
}

/* A bridge that is denied is denied by its other names as well. */
TEST_F(hostile, other_names_of_a_bridge)
{
	NEEDS(self);
	if (system("ip link property add dev br0 altname pub0 2>/dev/null"))
		SKIP(return, "this kernel or ip(8) knows no other names");
	helper_allow("allow all\ndeny br0\n");
	HELPER(&self->h, "--br=pub0");
	EXPECT_REFUSED(&self->h, 3, "pub0 is an alternative name of br0");
}

/* A verification that cannot be run is reported. */
TEST_F(hostile, no_process_for_the_proof)
{
	NEEDS(self);
	static struct limit none = { RLIMIT_NPROC, 0 };

	helper_install(&self->h, 04755);
	self->h.run.prepare = limits_of_nobody;
	self->h.run.arg = &none;
	HELPER(&self->h, "--br=br0", FEATURES);
	EXPECT_REFUSED(&self->h, 3, "cannot test the features: fork");
	HELPER(&self->h, "--br=br0");
	EXPECT_SERVED(&self->h);
}

/* Netlink that takes a request and never answers. */
static void deaf(void *arg)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	(void)arg;
	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(0), SCMP_SYS(sendmsg), 0) || seccomp_load(ctx))
		_exit(99);
}

TEST_F(hostile, netlink_that_hangs)
{
	NEEDS(self);
	self->h.run.prepare = deaf;
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 3, "netlink");
}

TEST_HARNESS_MAIN
