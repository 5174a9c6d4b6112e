// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * signals.c - a probe that is interrupted leaves nothing behind
 */
#include "kselftest_harness.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

static void pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* The only child of a process, or 0. */
static pid_t child_of(pid_t pid)
{
	char path[64], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	f = fopen(path, "r");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return atoi(text);
}

static ino_t namespace_of(pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	return stat(path, &st) ? 0 : st.st_ino;
}

/* Does any process live in this network namespace? */
static bool inhabited(ino_t ns)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool found = false;

	while (d && (e = readdir(d)))
		if (atoi(e->d_name) && namespace_of(atoi(e->d_name)) == ns)
			found = true;
	closedir(d);
	return found;
}

static int nodes(void)
{
	DIR *d = opendir("/dev");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += !strncmp(e->d_name, "tap", 3);
	closedir(d);
	return n;
}

/* Start a probe and wait until it has its own namespace. */
static pid_t start(pid_t *child, ino_t *ns)
{
	ino_t own = namespace_of(getpid());
	pid_t pid = fork();
	int i;

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		setpgid(0, 0);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl(run_tapcompat(), "tapcompat", "probe", NULL);
		_exit(127);
	}
	for (i = 0; i < 20000; i++) {
		*child = child_of(pid);
		*ns = *child ? namespace_of(*child) : 0;
		if (*ns && *ns != own)
			return pid;
		usleep(200);
	}
	return -1;
}

static void end_by(struct __test_metadata *_metadata, int sig, bool group, long delay)
{
	int before = nodes(), status, i;
	pid_t pid, child = 0;
	ino_t ns = 0;

	pid = start(&child, &ns);
	ASSERT_GT(pid, 0);
	pause_ms(delay);
	kill(group ? -pid : pid, sig);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	/* The child ends by itself, and the kernel removes devices with a delay. */
	for (i = 0; i < 5000 && (inhabited(ns) || nodes() != before); i++)
		pause_ms(1);
	EXPECT_FALSE(inhabited(ns));
	EXPECT_EQ(before, nodes());
	if (WIFSIGNALED(status))
		EXPECT_EQ(sig, WTERMSIG(status));
}

#define NEEDS_ROOT() do { \
	if (geteuid() != 0) \
		SKIP(return, "needs root"); \
	if (access("/dev/net/tun", R_OK | W_OK)) \
		SKIP(return, "there is no /dev/net/tun"); \
} while (0)

/* As from the terminal: the whole group gets it. */
TEST(interrupted)
{
	long delay;

	NEEDS_ROOT();
	for (delay = 0; delay < 300; delay += 60)
		end_by(_metadata, SIGINT, true, delay);
}

TEST(interrupt_of_the_parent_alone)
{
	long delay;

	NEEDS_ROOT();
	for (delay = 0; delay < 300; delay += 60)
		end_by(_metadata, SIGINT, false, delay);
}

TEST(terminated)
{
	NEEDS_ROOT();
	end_by(_metadata, SIGTERM, false, 50);
}

TEST(killed)
{
	long delay;

	NEEDS_ROOT();
	for (delay = 0; delay < 300; delay += 60)
		end_by(_metadata, SIGKILL, false, delay);
}

/* If the child is killed, the program reports it. */
TEST(child_killed)
{
	pid_t pid, child = 0;
	int status;
	ino_t ns = 0;

	NEEDS_ROOT();
	pid = start(&child, &ns);
	ASSERT_GT(pid, 0);
	kill(child, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(3, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
