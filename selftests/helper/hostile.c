// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostile.c - the rows S of the hostile inputs: a helper that nobody may trip up
 */
#include "kselftest_harness.h"

#include <seccomp.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/user.h>

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
		EXPECT_REFUSED(&self->h, 2, "a bridge's name has");
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
	EXPECT_REFUSED(&self->h, 2, "nobody but root");
	chmod(ACL, 0644);
	ASSERT_EQ(0, chown(ACL, NOBODY, 0));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "must belong to root");
	ASSERT_EQ(0, chown(ACL, 0, 0));
	chmod("/etc/qemu", 0775);
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "/etc/qemu: nobody but root");
	chmod("/etc/qemu", 0755);
	ASSERT_EQ(0, chown("/etc/qemu", NOBODY, 0));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "/etc/qemu: it must belong to root");
	ASSERT_EQ(0, chown("/etc/qemu", 0, 0));
	unlink(ACL);
	ASSERT_EQ(0, mkdir(ACL, 0755));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "it is no file");
	rmdir(ACL);
	ASSERT_EQ(0, mkfifo(ACL, 0644));
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 2, "it is no file");
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
		{ TEXT("allow br0"), "cut off" },
		{ TEXT("allow br0\nallow\n"), "line 2: " },
		{ TEXT("allow br0\npermit br1\n"), "line 2: " },
		{ TEXT("allow br0 # for all\n"), "line 1: " },
		{ TEXT("allow br0\nallow sixteencharacter\n"), "line 2: " },
		{ TEXT("allow br0\ninclude more.conf\n"), "by its whole path" },
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
	EXPECT_REFUSED(&self->h, 3, "lo is no bridge");
	HELPER(&self->h, "--br=br9");
	EXPECT_REFUSED(&self->h, 3, "there is no bridge br9 here: ip link add br9");
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

	/* Whoever opens one of these waits for ever. */
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
	EXPECT_STREQ("", self->h.run.err);
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
		EXPECT_REFUSED(&self->h, 2, "is no descriptor's number");
	}
	HELPER_ALONE(&self->h, "--use-vnet", "--fd=999");
	EXPECT_REFUSED(&self->h, 2, "is no stream socket");
	fd = open(ACL, O_RDONLY);
	snprintf(option, sizeof(option), "--fd=%d", fd);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_REFUSED(&self->h, 2, "is no stream socket");
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	snprintf(option, sizeof(option), "--fd=%d", fd);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_REFUSED(&self->h, 2, "is no stream socket");
	close(fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	snprintf(option, sizeof(option), "--fd=%d", sv[1]);
	HELPER_ALONE(&self->h, "--use-vnet", option);
	EXPECT_REFUSED(&self->h, 2, "is no stream socket");
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
	EXPECT_REFUSED(&self->h, 3, "cannot be handed over: Broken pipe");
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

/* ---- Step by step ---- */

struct steps {
	pid_t pid;
	int socket;		/* the end that takes the tap */
};

static void steps_start(struct steps *s, struct helper *h, const char *more)
{
	int sv[2], status;
	char option[32];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
		exit(99);
	snprintf(option, sizeof(option), "--fd=%d", sv[1]);
	s->pid = fork();
	if (s->pid == 0) {
		int null = open("/dev/null", O_RDWR);

		close(sv[0]);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl(h->path, h->path, "--use-vnet", option, "--br=br0", more, NULL);
		_exit(127);
	}
	close(sv[1]);
	s->socket = sv[0];
	waitpid(s->pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, s->pid, NULL, (void *)PTRACE_O_TRACESYSGOOD);
}

/* To the next entry or exit of a system call; false: it has ended. */
static bool steps_next(struct steps *s)
{
	int status = 0, signal_number = 0;

	do {
		ptrace(PTRACE_SYSCALL, s->pid, NULL, (void *)(long)signal_number);
		if (waitpid(s->pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return false;
		signal_number = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
	} while (signal_number);
	return true;
}

/* To a certain ioctl's entry. */
static bool steps_to_ioctl(struct steps *s, unsigned long request)
{
	struct user_regs_struct regs;

	while (steps_next(s)) {
		ptrace(PTRACE_GETREGS, s->pid, NULL, &regs);
		if (regs.orig_rax == SYS_ioctl && (regs.rsi & 0xffffffff) == request)
			return true;
	}
	return false;
}

static int steps_finish(struct steps *s)
{
	int status = 0;

	ptrace(PTRACE_DETACH, s->pid, NULL, NULL);
	waitpid(s->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F_TIMEOUT(hostile, S9_killed_at_each_step, 120)
{
	NEEDS(self);
	struct steps s;
	int step, at;

	for (step = 0; step < 2000; step++) {
		bool alive = true;

		steps_start(&s, &self->h, NULL);
		for (at = 0; alive && at < step; at++)
			alive = steps_next(&s);
		if (alive) {
			kill(s.pid, SIGKILL);
			waitpid(s.pid, NULL, 0);
		}
		/* Sent or not, with the socket ends the tap. */
		close(s.socket);
		ASSERT_EQ(2, links_count()) {
			TH_LOG("killed at step %d", step);
		}
		if (!alive)
			break;
	}
	EXPECT_GT(step, 50);
	EXPECT_LT(step, 2000);
}

TEST_F(hostile, S9_signals)
{
	NEEDS(self);
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGPIPE, SIGCHLD };
	struct steps s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		steps_start(&s, &self->h, NULL);
		ASSERT_TRUE(steps_to_ioctl(&s, TUNGETIFF));
		kill(s.pid, signals[i]);
		ptrace(PTRACE_DETACH, s.pid, NULL, (void *)(long)signals[i]);
		waitpid(s.pid, NULL, 0);
		close(s.socket);
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

/* Between the look at the bridge and the new port, the names are exchanged. */
TEST_F(hostile, S11_bridge_renamed_meanwhile)
{
	NEEDS(self);
	struct link_info other, old;
	struct steps s;

	ASSERT_EQ(0, link_add_bridge(self->h.nl, "br1"));
	steps_start(&s, &self->h, NULL);
	ASSERT_TRUE(steps_to_ioctl(&s, TUNSETIFF));
	ASSERT_EQ(0, system("ip link set br0 down; ip link set br0 name old && "
			    "ip link set br1 down; ip link set br1 name br0"));
	EXPECT_EQ(3, steps_finish(&s));
	helper_receive(&self->h, s.socket);
	EXPECT_EQ(-1, self->h.received);
	close(s.socket);
	ASSERT_EQ(0, link_info(self->h.nl, 0, "br0", &other));
	ASSERT_EQ(0, link_info(self->h.nl, 0, "old", &old));
	EXPECT_EQ(3, links_count());
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

/* While it makes the tap, it has two capabilities and can get no more. */
TEST_F(hostile, privileges_are_gone)
{
	NEEDS(self);
	char path[64], line[256];
	bool effective = false, bounding = false, locked = false;
	struct steps s;
	FILE *f;

	steps_start(&s, &self->h, NULL);
	ASSERT_TRUE(steps_to_ioctl(&s, TUNSETIFF));
	snprintf(path, sizeof(path), "/proc/%d/status", s.pid);
	f = fopen(path, "r");
	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f)) {
		/* CAP_NET_ADMIN is 12, CAP_SYS_ADMIN is 21. */
		effective |= !strcmp(line, "CapEff:\t0000000000201000\n");
		bounding |= !strcmp(line, "CapBnd:\t0000000000000000\n");
		locked |= !strcmp(line, "NoNewPrivs:\t1\n");
	}
	fclose(f);
	EXPECT_TRUE(effective);
	EXPECT_TRUE(bounding);
	EXPECT_TRUE(locked);
	steps_finish(&s);
	close(s.socket);
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
