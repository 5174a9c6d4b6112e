// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * steps.c - the helper, stopped at each of its system calls
 */
#include "kselftest_harness.h"

#include <dirent.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include "feature/caps.h"
#include "helper_fixture.h"
#include "netns_fixture.h"

FIXTURE(steps) {
	struct helper h;
	FIXTURE_SKIP;
};

FIXTURE_SETUP(steps)
{
	self->skip = helper_world(&self->h);
}

FIXTURE_TEARDOWN(steps)
{
	helper_forget(&self->h);
	links_close(self->h.nl);
}

struct steps {
	pid_t pid;
	int socket;		/* the end that takes the tap */
	int end;		/* the helper's end, if it is kept */
	bool nobody;		/* started by a user */
	bool odd;		/* started as in steps_be_odd() */
	int err;		/* a file for its stderr, or 0 */
};

/* With all signals blocked, SIGALRM ignored, an umask, and no standard descriptors. */
static void steps_be_odd(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGALRM, SIG_IGN);
	umask(0777);
	close_range(0, 2, 0);
}

/*
 * By PTRACE_SEIZE: a tracer that is root does not keep a set-user-ID bit from
 * counting, a tracee that asks to be traced does.
 */
static void steps_start(struct steps *s, struct helper *h, const char *more)
{
	int sv[2], go[2], status;
	char option[32];

	if (pipe2(go, O_CLOEXEC) || (s->nobody && seteuid(NOBODY)) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, sv) || seteuid(0))
		exit(99);
	snprintf(option, sizeof(option), "--fd=%d", sv[1]);
	s->pid = fork();
	if (s->pid == 0) {
		int null = open("/dev/null", O_RDWR);

		close(sv[0]);
		dup2(null, STDOUT_FILENO);
		dup2(s->err ? s->err : null, STDERR_FILENO);
		close(null);
		if (s->nobody)
			as_nobody(NULL);
		if (read(go[0], &status, 1) != 1)
			_exit(127);
		if (s->odd)
			steps_be_odd();
		execl(h->path, h->path, "--use-vnet", option, "--br=br0", more, NULL);
		_exit(127);
	}
	s->end = sv[1];
	if (!s->odd)
		close(sv[1]);
	s->socket = sv[0];
	ptrace(PTRACE_SEIZE, s->pid, NULL,
	       (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL));
	if (write(go[1], "", 1) != 1 || waitpid(s->pid, &status, 0) != s->pid)
		exit(99);
	close(go[0]);
	close(go[1]);
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

static bool steps_at(struct steps *s, unsigned long call)
{
	struct user_regs_struct regs;

	ptrace(PTRACE_GETREGS, s->pid, NULL, &regs);
	return regs.orig_rax == call;
}

static int steps_finish(struct steps *s)
{
	int status = 0;

	ptrace(PTRACE_DETACH, s->pid, NULL, NULL);
	waitpid(s->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The lines of /proc/PID/status that the helper must have while it makes the tap. */
static void expect_status(struct __test_metadata *_metadata, pid_t pid,
			  const char *const lines[])
{
	char path[64], text[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (; *lines; lines++)
		EXPECT_NE(NULL, strstr(text, *lines)) {
			TH_LOG("no %s in %s", *lines, text);
		}
}

/* Killed behind every so many steps, until it gets to its end. */
static int killed_at_steps(struct __test_metadata *_metadata, struct helper *h,
			   const char *more, int stride)
{
	struct steps s = { .nobody = false };
	int step, at;

	for (step = 0; step < 4000; step += stride) {
		bool alive = true;

		steps_start(&s, h, more);
		for (at = 0; alive && at < step; at++)
			alive = steps_next(&s);
		if (alive) {
			kill(s.pid, SIGKILL);
			waitpid(s.pid, NULL, 0);
		}
		/* Sent or not, with the socket ends the tap. */
		close(s.socket);
		EXPECT_EQ(2, links_count()) {
			TH_LOG("killed at step %d", step);
		}
		if (!alive)
			break;
	}
	return step;
}

TEST_F_TIMEOUT(steps, S9_killed_at_each_step, 120)
{
	NEEDS(self);
	int steps = killed_at_steps(_metadata, &self->h, NULL, 1);

	EXPECT_GT(steps, 50);
	EXPECT_LT(steps, 4000);
}

/* Processes whose parent is this one, or has gone meanwhile. */
static int helpers_running(const struct helper *h)
{
	char command[PATH_MAX + 64];

	/* Of this mount namespace only: others may run the same tests. */
	snprintf(command, sizeof(command), "pgrep -c --ns $$ --nslist mnt -f '^%s' >/dev/null",
		 h->path);
	return system(command) == 0;
}

/* Also during the verification: it does not outlive the helper. */
TEST_F_TIMEOUT(steps, S9_killed_while_it_proves, 120)
{
	NEEDS(self);
	int steps;

	helper_install(&self->h, 0755);
	steps = killed_at_steps(_metadata, &self->h, FEATURES, 7);
	EXPECT_GT(steps, 50);
	usleep(200000);
	EXPECT_FALSE(helpers_running(&self->h));
}

TEST_F(steps, S9_signals)
{
	NEEDS(self);
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGPIPE, SIGCHLD };
	struct steps s = { .nobody = false };
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

/* The limits of time and rights are the helper's own, whatever it was started with. */
TEST_F(steps, S9_odd_surroundings)
{
	NEEDS(self);
	struct steps s = { .odd = true };
	struct user_regs_struct regs;

	steps_start(&s, &self->h, NULL);
	ASSERT_TRUE(steps_to_ioctl(&s, TUNSETIFF));
	ASSERT_EQ(0, ptrace(PTRACE_GETREGS, s.pid, NULL, &regs));
	EXPECT_LT(2, regs.rdi);
	expect_status(_metadata, s.pid, (const char *const[]){
		"SigBlk:\t0000000000000000\n", "SigCgt:\t0000000000002000\n", "Umask:\t0022\n",
		NULL });
	EXPECT_EQ(0, steps_finish(&s));
	close(s.socket);
	close(s.end);
}

/* Nobody takes the tap: after its limit of time, made short here, the helper gives up. */
TEST_F(steps, S9_time_limit)
{
	NEEDS(self);
	struct steps s = { .odd = true };
	struct user_regs_struct regs;
	int status = 0, tries;
	static const char bytes[1024];

	steps_start(&s, &self->h, NULL);
	while (steps_next(&s) && !steps_at(&s, SYS_alarm))
		;
	ASSERT_EQ(0, ptrace(PTRACE_GETREGS, s.pid, NULL, &regs));
	EXPECT_EQ(30, regs.rdi);
	regs.rdi = 1;
	ASSERT_EQ(0, ptrace(PTRACE_SETREGS, s.pid, NULL, &regs));
	ASSERT_TRUE(steps_to_ioctl(&s, TUNGETIFF));
	while (send(s.end, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	ptrace(PTRACE_DETACH, s.pid, NULL, NULL);
	for (tries = 0; tries < 150 && waitpid(s.pid, &status, WNOHANG) != s.pid; tries++)
		usleep(100000);
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3 && tries < 150);
	if (tries == 150)
		kill(s.pid, SIGKILL);
	close(s.socket);
	close(s.end);
	waitpid(s.pid, NULL, 0);
	EXPECT_EQ(2, links_count());
}

/* Between the look at the bridge and the new port, the names are exchanged. */
TEST_F(steps, S11_bridge_renamed_meanwhile)
{
	NEEDS(self);
	struct link_info other, old;
	struct steps s = { .nobody = false };

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

/* CAP_NET_ADMIN is bit 12. */
#define STATUS_CAPABILITIES \
	"CapEff:\t0000000000001000\n", "CapPrm:\t0000000000001000\n", \
	"CapBnd:\t0000000000000000\n", "NoNewPrivs:\t1\n"

/* While it makes the tap, it has one capability and can get no more. */
TEST_F(steps, privileges_are_gone)
{
	NEEDS(self);
	struct steps s = { .nobody = false };

	steps_start(&s, &self->h, FEATURES);
	ASSERT_TRUE(steps_to_ioctl(&s, TUNSETIFF));
	expect_status(_metadata, s.pid, (const char *const[]){ STATUS_CAPABILITIES, NULL });
	steps_finish(&s);
	close(s.socket);
}

/* A user's, by setuid: and the ids are the user's. */
TEST_F(steps, privileges_of_users)
{
	NEEDS(self);
	struct steps s = { .nobody = true };

	helper_install(&self->h, 04755);
	steps_start(&s, &self->h, FEATURES);
	ASSERT_TRUE(steps_to_ioctl(&s, TUNSETIFF));
	expect_status(_metadata, s.pid, (const char *const[]){
		STATUS_CAPABILITIES,
		"Uid:\t65534\t65534\t65534\t65534\n", "Gid:\t65534\t65534\t65534\t65534\n",
		NULL });
	steps_finish(&s);
	close(s.socket);
}

/* To the process of the verification, at its start.  Return: it, or -1 */
static pid_t steps_proof(struct steps *s)
{
	unsigned long child = 0;
	int status;

	ptrace(PTRACE_SETOPTIONS, s->pid, NULL,
	       (void *)(PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	ptrace(PTRACE_CONT, s->pid, NULL, NULL);
	waitpid(s->pid, &status, 0);
	if (status >> 8 != (SIGTRAP | PTRACE_EVENT_FORK << 8))
		return -1;
	ptrace(PTRACE_GETEVENTMSG, s->pid, NULL, &child);
	waitpid((pid_t)child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, (pid_t)child, NULL, (void *)PTRACE_O_TRACESYSGOOD);
	return (pid_t)child;
}

/*
 * The process of the verification is one that its user may trace: when it goes into a user
 * namespace, it has a pipe and the three descriptors from its user, and no others.
 */
TEST_F(steps, proof_holds_nothing)
{
	NEEDS(self);
	struct steps s = { .nobody = true };
	char path[64], text[256];
	struct dirent *entry;
	ssize_t len;
	int n = 0;
	DIR *d;

	helper_install(&self->h, 04755);
	steps_start(&s, &self->h, FEATURES);
	s.pid = steps_proof(&s);
	ASSERT_LT(0, s.pid);
	while (steps_next(&s) && !steps_at(&s, SYS_unshare))
		;
	expect_status(_metadata, s.pid, (const char *const[]){
		"CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000000\n",
		"CapEff:\t0000000000000000\n", "CapBnd:\t0000000000000000\n",
		"CapAmb:\t0000000000000000\n", "NoNewPrivs:\t1\n",
		"Uid:\t65534\t65534\t65534\t65534\n", NULL });
	snprintf(path, sizeof(path), "/proc/%d/fd", s.pid);
	d = opendir(path);
	ASSERT_NE(NULL, d);
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		len = readlinkat(dirfd(d), entry->d_name, text, sizeof(text) - 1);
		text[len > 0 ? len : 0] = '\0';
		EXPECT_TRUE(atoi(entry->d_name) < 3 || !strncmp(text, "pipe:", 5)) {
			TH_LOG("%s is %s", entry->d_name, text);
		}
		n++;
	}
	closedir(d);
	EXPECT_EQ(4, n);
	kill(s.pid, SIGKILL);
	close(s.socket);
}

/* What comes out of the process of the verification. */
struct lie {
	uint8_t inside;		/* it got a namespace */
	uint8_t rest;		/* each byte of what follows: states, and texts without an end */
	bool available;		/* but the backend is there */
};

/* Overwrite what a process is about to write, if that is a report: see struct report. */
static bool corrupt_write(pid_t pid, const struct lie *lie)
{
	static uint8_t bytes[1 << 20];
	struct user_regs_struct regs;
	char path[64];
	bool done;
	int fd;

	ptrace(PTRACE_GETREGS, pid, NULL, &regs);
	if (regs.rdx < 1000 || regs.rdx > sizeof(bytes))
		return false;
	memset(bytes, lie->rest, regs.rdx);
	bytes[0] = lie->inside;
	if (lie->available)
		memset(bytes + (CAPS_DETAIL + 4) / 4 * 4, TAPCOMPAT_AVAILABLE, 4);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	done = pwrite(fd, bytes, regs.rdx, (off_t)regs.rsi) == (ssize_t)regs.rdx;
	close(fd);
	return done;
}

/* How often a byte follows itself. */
static size_t longest_run(const char *text, int byte)
{
	size_t n = 0, most = 0;

	for (; *text; text++) {
		n = *text == (char)byte ? n + 1 : 0;
		most = n > most ? n : most;
	}
	return most;
}

/* And what its user makes it report is sanitized. */
static void try_lie(struct __test_metadata *_metadata, struct helper *h, const struct lie *lie)
{
	struct steps helper = { .nobody = true, .err = memfd_create("stderr", MFD_CLOEXEC) };
	static char text[1 << 16];
	struct steps proof;
	bool lied = false;
	ssize_t n;

	steps_start(&helper, h, FEATURES);
	proof.pid = steps_proof(&helper);
	ASSERT_LT(0, proof.pid);
	ptrace(PTRACE_DETACH, helper.pid, NULL, NULL);
	while (!lied && steps_next(&proof))
		lied = steps_at(&proof, SYS_write) && corrupt_write(proof.pid, lie);
	ASSERT_TRUE(lied);
	ptrace(PTRACE_DETACH, proof.pid, NULL, NULL);
	EXPECT_EQ(helper.pid, waitpid(helper.pid, &proof.end, 0));
	n = pread(helper.err, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	/* Without a namespace the kernel's answer counts, and it provides the features. */
	EXPECT_TRUE(WIFEXITED(proof.end));
	EXPECT_EQ(lie->inside ? 3 : 0, WEXITSTATUS(proof.end)) {
		TH_LOG("%s", text);
	}
	EXPECT_EQ(NULL, strchr(text, '\033'));
	EXPECT_GT(CAPS_DETAIL, longest_run(text, lie->rest)) {
		TH_LOG("%s", text);
	}
	close(helper.err);
	close(helper.socket);
}

TEST_F(steps, proof_that_lies)
{
	static const uint8_t bytes[] = { '\033', 0xff, 'A', 5 };
	size_t i;

	NEEDS(self);
	helper_install(&self->h, 04755);
	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		try_lie(_metadata, &self->h, &(struct lie){ 1, bytes[i], false });
		try_lie(_metadata, &self->h, &(struct lie){ 1, bytes[i], true });
		try_lie(_metadata, &self->h, &(struct lie){ 0, bytes[i], true });
	}
}

TEST_HARNESS_MAIN
