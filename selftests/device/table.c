// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - the shim's descriptor table: numbers that are closed, reused, duplicated, large
 */
#include "kselftest_harness.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "frontend_fixture.h"
#include "ground/bytes.h"

#define HIGH 500		/* no other descriptor of this process is above it */
#define USO (TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6)
#define FRAME (VNET_MERGEABLE + 60)

FIXTURE(table) {
	FIXTURE_SKIP;
	int tap;
};

static int open_queue(const char *name)
{
	int fd = tap_open(name, true);
	int ret = fd < 0 ? fd : tap_header(fd, VNET_MERGEABLE);

	if (!ret)
		ret = tap_offload(fd, USO);
	return ret ? ret : fd;
}

FIXTURE_SETUP(table)
{
	memset(self, 0, sizeof(*self));
	NETNS_OR_SKIP();
	if (access("/dev/net/tun", R_OK | W_OK))
		SKIP_TEST("there is no /dev/net/tun");
	self->tap = open_queue("tap0");
	ASSERT_LE(0, self->tap);
}

FIXTURE_TEARDOWN(table)
{
	if (!self->skip)
		close(self->tap);
}

static uint64_t sent(int fd)
{
	return shim_tap(fd) ? shim_tap(fd)->stat->way[STAT_TRANSMIT].count[STAT_PACKETS] : 0;
}

/* A frame through the shim: it is counted. */
static bool emulates(int fd)
{
	static const uint8_t frame[FRAME] = { [12] = 2, [24] = 0x88, [25] = 0xb5 };
	uint64_t before = sent(fd);

	tap0_link(true);
	return write(fd, frame, sizeof(frame)) == sizeof(frame) && sent(fd) == before + 1;
}

/*
 * Does what is written to @fd arrive in a file that got this number behind the shim's back?
 * It is too short for a frame.
 */
static bool reaches_other_file(int fd)
{
	static const uint8_t data[8];
	int file = memfd_create("other", MFD_CLOEXEC);
	struct stat st = { 0 };

	syscall(SYS_dup3, file, fd, 0);
	if (write(fd, data, sizeof(data)) != sizeof(data))
		return false;
	fstat(file, &st);
	syscall(SYS_close, fd);
	close(file);
	return st.st_size == sizeof(data);
}

/* ---- Closed ------------------------------------------------------------------- */

static void by_close(int fd)
{
	close(fd);
}

static void by_dup2(int fd)
{
	dup2(STDERR_FILENO, fd);
}

static void by_dup3(int fd)
{
	dup3(STDERR_FILENO, fd, O_CLOEXEC);
}

static void by_range(int fd)
{
	close_range((unsigned int)fd, (unsigned int)fd, 0);
}

static void by_range_to_the_end(int fd)
{
	close_range((unsigned int)fd, ~0u, 0);
}

static void by_closefrom(int fd)
{
	closefrom(fd);
}

static void by_fclose(int fd)
{
	FILE *f = fdopen(fd, "r");

	if (f)
		fclose(f);
}

static void by_syscall(int fd)
{
	syscall(SYS_close, fd);
}

/* A number closed unnoticed by the shim, and reused by a function that the shim intercepts. */
static void by_dup_onto_it(int fd)
{
	syscall(SYS_close, fd);
	fcntl(STDERR_FILENO, F_DUPFD, fd);
}

static void by_open_onto_it(int fd)
{
	struct rlimit limit;
	int other = 0;

	syscall(SYS_close, fd);
	/* Some more are needed behind it. */
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = (rlim_t)fd + 64;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (other >= 0 && other != fd)
		other = open("/dev/null", O_RDWR);
}

TEST_F(table, closed)
{
	static const struct {
		const char *what;
		void (*close)(int fd);
		bool unseen;
	} way[] = {
		{ "close", by_close, false }, { "dup2", by_dup2, false },
		{ "dup3", by_dup3, false }, { "close_range", by_range, false },
		{ "close_range to ~0", by_range_to_the_end, false },
		{ "closefrom", by_closefrom, false }, { "fclose", by_fclose, false },
		{ "F_DUPFD", by_dup_onto_it, false }, { "syscall", by_syscall, true },
		{ "open", by_open_onto_it, false },
	};
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_LENGTH(way); i++) {
		int fd = fcntl(self->tap, F_DUPFD_CLOEXEC, HIGH);

		ASSERT_EQ(HIGH, fd);
		ASSERT_EQ(0, tap_offload(fd, USO));
		EXPECT_TRUE(emulates(fd));
		/* Unseen, it is noticed after a tick of the clock. */
		if (way[i].unseen)
			usleep(30000);
		way[i].close(fd);
		EXPECT_EQ(way[i].unseen, shim_tap(fd) != NULL) {
			TH_LOG("%s", way[i].what);
		}
		EXPECT_TRUE(reaches_other_file(fd)) {
			TH_LOG("%s", way[i].what);
		}
		ASSERT_NE(NULL, shim_tap(self->tap));
	}
}

/* What is not closed after all stays known. */
TEST_F(table, not_closed)
{
	unsigned int tap = (unsigned int)self->tap;

	NEEDS(self);
	EXPECT_EQ(0, close_range(tap, tap, CLOSE_RANGE_CLOEXEC));
	EXPECT_EQ(-1, close_range(tap + 1, tap, 0));
	EXPECT_EQ(-1, dup2(HIGH, self->tap));
	EXPECT_EQ(-1, dup3(self->tap, self->tap, 0));
	EXPECT_EQ(self->tap, dup2(self->tap, self->tap));
	EXPECT_TRUE(emulates(self->tap));
}

/* A number that became another tap unnoticed by the shim has no state of the former one. */
TEST_F(table, another_tap)
{
	int other;

	NEEDS(self);
	other = tap_open("tap1", true);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, tap_header(other, VNET_MERGEABLE));
	ASSERT_EQ(self->tap, syscall(SYS_dup3, other, self->tap, O_CLOEXEC));
	ASSERT_EQ(0, tap_offload(self->tap, TUN_F_CSUM));
	ASSERT_NE(NULL, shim_tap(self->tap));
	EXPECT_EQ(TUN_F_CSUM, shim_tap(self->tap)->interface->asked);
	close(other);
}

/* The same for a vhost-net: the number no longer is one, and the file itself is asked. */
TEST_F(table, not_a_frontend)
{
	uint64_t features;
	int fd, file;

	NEEDS(self);
	fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	file = memfd_create("other", MFD_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, VHOST_GET_FEATURES, &features));
	ASSERT_EQ(fd, syscall(SYS_dup3, file, fd, O_CLOEXEC));
	EXPECT_EQ(-1, ioctl(fd, VHOST_GET_FEATURES, &features));
	EXPECT_EQ(ENOTTY, errno);
	close(file);
	close(fd);
}

/* ---- Duplicated ---------------------------------------------------------------- */

static int from_dup(int fd)
{
	return dup(fd);
}

static int from_dup2(int fd)
{
	return dup2(fd, HIGH);
}

static int from_dup3(int fd)
{
	return dup3(fd, HIGH, O_CLOEXEC);
}

static int from_fcntl(int fd)
{
	return fcntl(fd, F_DUPFD, HIGH);
}

static int from_fcntl64(int fd)
{
	return fcntl64(fd, F_DUPFD_CLOEXEC, HIGH);
}

static const struct {
	const char *what;
	int (*copy)(int fd);
} copies[] = {
	{ "dup", from_dup }, { "dup2", from_dup2 }, { "dup3", from_dup3 },
	{ "F_DUPFD", from_fcntl }, { "F_DUPFD_CLOEXEC", from_fcntl64 },
};

/* The tap is known as long as one of its numbers is open. */
TEST_F(table, duplicated)
{
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_LENGTH(copies); i++) {
		int fd = copies[i].copy(self->tap);

		ASSERT_LE(0, fd);
		ASSERT_EQ(shim_tap(self->tap), shim_tap(fd)) {
			TH_LOG("%s", copies[i].what);
		}
		ASSERT_TRUE(emulates(self->tap));
		close(self->tap);
		ASSERT_NE(NULL, shim_tap(fd));
		EXPECT_TRUE(emulates(fd));
		EXPECT_EQ(0, tap_offload(fd, TUN_F_CSUM));
		EXPECT_EQ(TUN_F_CSUM, shim_tap(fd)->interface->offload);
		self->tap = dup(fd);
		close(fd);
		EXPECT_TRUE(emulates(self->tap));
	}
	close(self->tap);
	EXPECT_EQ(0, if_nametoindex("tap0"));
}

TEST_F(table, duplicated_frontend)
{
	uint64_t features = 0;
	size_t i;

	NEEDS(self);
	for (i = 0; i < ARRAY_LENGTH(copies); i++) {
		int fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
		int copy = copies[i].copy(fd);

		ASSERT_EQ(0, ioctl(fd, VHOST_SET_OWNER));
		close(fd);
		EXPECT_EQ(0, ioctl(copy, VHOST_GET_FEATURES, &features)) {
			TH_LOG("%s", copies[i].what);
		}
		EXPECT_EQ(-1, ioctl(copy, VHOST_SET_OWNER));
		EXPECT_EQ(EBUSY, errno);
		close(copy);
	}
}

/* A duplicate made behind the shim's back is the same tap when it is asked for offloads. */
TEST_F(table, duplicated_unseen)
{
	int fd;

	NEEDS(self);
	fd = (int)syscall(SYS_dup, self->tap);
	ASSERT_EQ(0, tap_offload(fd, TUN_F_CSUM));
	EXPECT_EQ(shim_tap(self->tap), shim_tap(fd));
	EXPECT_EQ(TUN_F_CSUM, shim_tap(self->tap)->interface->offload);
	close(fd);
	EXPECT_TRUE(emulates(self->tap));
}

/* ---- A child that has its parent's memory ----------------------------------------- */

static int child(void *arg)
{
	int tap = *(int *)arg;

	close(tap);
	dup2(STDERR_FILENO, tap);
	return reaches_other_file(tap) ? 0 : 1;
}

static void closes_in_vfork(int tap)
{
	if (!vfork()) {
		close(tap);
		close_range(3, ~0u, 0);
		_exit(0);
	}
}

TEST_F(table, vfork_child)
{
	static uint8_t stack[1 << 16] __attribute__((aligned(16)));
	int status;
	pid_t pid;

	NEEDS(self);
	closes_in_vfork(self->tap);
	ASSERT_LT(0, wait(&status));
	ASSERT_NE(NULL, shim_tap(self->tap));
	EXPECT_TRUE(emulates(self->tap));
	pid = clone(child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &self->tap);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_NE(NULL, shim_tap(self->tap));
	EXPECT_TRUE(emulates(self->tap));
}

/* ---- Large numbers, little memory --------------------------------------------------- */

/* Raise the limit if that is permitted.  Return: the highest descriptor */
static int highest(void)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return (int)limit.rlim_cur - 1;
}

TEST_F(table, large_numbers)
{
	int number[] = { SHIM_CHUNK - 1, SHIM_CHUNK, 65536, 70000, 0 };
	size_t i;

	NEEDS(self);
	number[ARRAY_LENGTH(number) - 1] = highest();
	for (i = 0; i < ARRAY_LENGTH(number); i++) {
		int fd = (int)syscall(SYS_fcntl, self->tap, F_DUPFD_CLOEXEC, number[i]);

		if (number[i] > highest())
			continue;
		ASSERT_EQ(number[i], fd);
		EXPECT_EQ(0, tap_offload(fd, USO));
		EXPECT_EQ(shim_tap(self->tap), shim_tap(fd));
		EXPECT_TRUE(emulates(fd));
		close(fd);
		EXPECT_EQ(NULL, shim_tap(fd));
	}
}

/* No more memory until the limit is raised again. */
static void use_up_memory(struct rlimit *before)
{
	struct rlimit none = { 1 << 12, RLIM_INFINITY };
	size_t size;

	getrlimit(RLIMIT_AS, before);
	none.rlim_max = before->rlim_max;
	setrlimit(RLIMIT_AS, &none);
	for (size = 4096; size; size /= 2)
		while (malloc(size))
			;
}

/* For a tap, for its place in the table, for a vhost-net: QEMU gets an error, and no features. */
TEST_F(table, no_memory)
{
	int tap, high, vhost, copy, ret[2], error[2];
	struct rlimit before;

	NEEDS(self);
	tap = tap_open("tap1", false);
	ASSERT_LE(0, tap);
	if (highest() < (int)SHIM_CHUNK)
		SKIP(return, "no descriptor is beyond the first chunk of the table");
	high = (int)syscall(SYS_fcntl, self->tap, F_DUPFD_CLOEXEC, SHIM_CHUNK);
	ASSERT_EQ((int)SHIM_CHUNK, high);
	use_up_memory(&before);
	ret[0] = tap_offload(tap, USO);
	ret[1] = tap_offload(high, USO);
	vhost = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	error[0] = errno;
	copy = fcntl(self->tap, F_DUPFD_CLOEXEC, SHIM_CHUNK);
	error[1] = errno;
	setrlimit(RLIMIT_AS, &before);
	EXPECT_EQ(-ENOMEM, ret[0]);
	EXPECT_EQ(-ENOMEM, ret[1]);
	EXPECT_EQ(-1, vhost);
	EXPECT_EQ(ENOMEM, error[0]);
	EXPECT_EQ(-1, copy);
	EXPECT_EQ(ENOMEM, error[1]);
	EXPECT_EQ(0, tap_offload(tap, USO));
	close(tap);
	close(high);
}

/* ---- open(2) -------------------------------------------------------------------------- */

TEST(open_mode)
{
	EXPECT_TRUE(shim_open_has_mode(O_CREAT | O_WRONLY));
	EXPECT_TRUE(shim_open_has_mode(O_TMPFILE | O_RDWR));
	EXPECT_FALSE(shim_open_has_mode(O_DIRECTORY | O_CLOEXEC));
	EXPECT_FALSE(shim_open_has_mode(O_RDWR));
}

TEST_HARNESS_MAIN
